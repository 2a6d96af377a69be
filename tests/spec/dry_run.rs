//! The dry run prints what a deployment performs: no more, no less, and needs neither root nor engine for it.

use pretty_assertions::assert_eq;
use serde_json::Value;

use crate::plans::{second_version, secrets, shop, small};
use crate::support::{Ended, PLAN, SECRETS, Vsn, document};

/// What the newest run of the shop put on record before it began.
fn performed(vsn: &Vsn) -> Value {
    let run = vsn.runs("shop").pop().unwrap();
    serde_json::from_slice(&vsn.read(&format!("{run}/program.json")).unwrap()).unwrap()
}

fn identifiers(program: &Value) -> Vec<String> {
    let steps = program["steps"].as_array().unwrap().iter();
    let operations = steps.flat_map(|step| step["operations"].as_array().unwrap());
    operations.map(|operation| operation["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_dry_run_here_prints_the_very_operations_that_the_deployment_performs() {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    let mut seen = Vec::new();
    for plan in [shop(), second_version(&shop())] {
        vsn.write_plan(&plan);
        let before = vsn.snapshot();
        let here = vsn.landfall(["deploy", PLAN, "--secrets", SECRETS, "--dry-run", "--here", "--format", "json"]);
        assert_eq!(here.status, Some(0), "{here:?}");
        assert_eq!(vsn.snapshot(), before, "it only reads");

        assert_eq!(vsn.deploy(), Ended::deployed());

        assert_eq!(document(&here), performed(&vsn));
        // Each of them was performed, and no other.
        let run = vsn.runs("shop").pop().unwrap();
        let journal = String::from_utf8_lossy(&vsn.read(&format!("{run}/journal")).unwrap()).into_owned();
        for id in identifiers(&performed(&vsn)) {
            assert!(journal.contains(&format!("{id:?}")), "{id} is not in the journal");
        }
        seen.push(identifiers(&document(&here)));
    }
    let drops = |ids: &[String]| ids.iter().filter(|id| id.starts_with("drop ")).cloned().collect::<Vec<_>>();
    assert_eq!(drops(&seen[0]), [] as [&str; 0]);
    assert!(drops(&seen[1]).len() >= 4, "three containers and the network: {:?}", drops(&seen[1]));
}

#[test]
fn an_offline_dry_run_needs_no_root_no_engine_and_no_secrets_and_prints_the_first_deployment() {
    let vsn = Vsn::start();
    vsn.write_plan(&shop());
    vsn.must(["chmod", "0644", PLAN]);
    vsn.write("/srv/nothing", "", 0o644);
    let before = vsn.snapshot();
    vsn.must(["sh", "-c", "mount --bind /srv/nothing \"$(command -v podman)\""]);
    let program = env!("CARGO_BIN_EXE_landfall");
    let nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "env", "-i", program];
    let offline = vsn.run(nobody.into_iter().chain(["deploy", PLAN, "--dry-run", "--format", "json"]));
    let told = vsn.run(nobody.into_iter().chain(["deploy", PLAN, "--dry-run"]));
    vsn.must(["umount", "/usr/bin/podman"]);
    assert_eq!((offline.status, told.status), (Some(0), Some(0)), "{offline:?}");
    assert_eq!(vsn.snapshot(), before);

    vsn.write_secrets(&secrets());
    assert_eq!(vsn.deploy(), Ended::deployed());

    assert_eq!(document(&offline), performed(&vsn));
    // For people, the same operations in the same order.
    let mut lines = told.stdout.lines();
    for step in performed(&vsn)["steps"].as_array().unwrap() {
        for operation in step["operations"].as_array().unwrap() {
            let description = operation["description"].as_str().unwrap();
            assert!(lines.any(|line| line.trim() == description), "{description}: {}", told.stdout);
        }
    }
}

/// A refusal is the same in a dry run.
#[test]
fn a_dry_run_of_a_plan_that_can_t_be_deployed_is_refused() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["requires"] = serde_json::json!({ "hostname": "vsn7" });
    vsn.write_plan(&plan);
    assert_eq!(vsn.landfall(["deploy", PLAN, "--dry-run"]).status, Some(0), "no server is looked at");
    let here = vsn.landfall(["deploy", PLAN, "--dry-run", "--here", "--format", "json"]);
    assert_eq!(Ended::of(&here).word(), (Some(3), "refused"));
    assert_eq!(document(&here)["findings"][0]["code"], "LF106");
    assert_eq!(vsn.landfall(["deploy", PLAN, "--here"]).status, Some(2));
}
