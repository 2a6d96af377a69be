//! The dry run prints what a deployment performs: no more, no less, and needs neither root nor engine for it.

use pretty_assertions::assert_eq;
use serde_json::Value;

use crate::plans::{second_version, secrets, shop, small};
use crate::support::{Ended, PLAN, SECRETS, Trouble, Vsn, document};

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
    let before = vsn.snapshot();
    let program = env!("CARGO_BIN_EXE_landfall");
    let nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "env", "-i", program];
    let dry_run =
        |more: &[&str]| vsn.run(nobody.into_iter().chain(["deploy", PLAN, "--dry-run"]).chain(more.iter().copied()));
    let (offline, told) = vsn.without_its_engine(|| (dry_run(&["--format", "json"]), dry_run(&[])));
    assert_eq!((offline.status, told.status), (Some(0), Some(0)), "{offline:?}");
    assert_eq!(vsn.snapshot(), before);

    vsn.write_secrets(&secrets());
    assert_eq!(vsn.deploy(), Ended::deployed());

    assert_eq!(document(&offline), performed(&vsn));
    // For people, the same operations in the same order, each with what a shell takes for it.
    let mut lines = told.stdout.lines();
    for step in performed(&vsn)["steps"].as_array().unwrap() {
        for operation in step["operations"].as_array().unwrap() {
            let description = operation["description"].as_str().unwrap();
            assert!(lines.any(|line| line.trim().starts_with(description)), "{description}: {}", told.stdout);
            for shell in operation["shell"].as_array().unwrap() {
                let shell = shell.as_str().unwrap();
                assert!(lines.next().is_some_and(|line| line.trim() == shell), "{shell}: {}", told.stdout);
            }
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

/// A command of the program with what became known later.
fn resolved(command: &Value, run: &str, image_id: &str) -> Vec<String> {
    let argument = |argument: &Value| {
        let text = argument.as_str().unwrap().replace("<run>", run);
        let late = ["db", "migrate", "web"].map(|service| format!("<image of {service}>"));
        if late.contains(&text) { image_id.to_owned() } else { text }
    };
    command.as_array().unwrap().iter().skip(1).map(argument).collect()
}

#[test]
fn each_engine_command_of_the_dry_run_is_one_that_the_engine_is_given() {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    vsn.must_deploy(&shop());
    vsn.write_plan(&second_version(&shop()));
    let here = vsn.landfall(["deploy", PLAN, "--secrets", SECRETS, "--dry-run", "--here", "--format", "json"]);
    vsn.trouble_at("no such call", Trouble::None);

    assert_eq!(vsn.deploy(), Ended::deployed());

    let calls: Vec<Vec<String>> = vsn.engine_calls().iter().map(|call| shlex::split(call).unwrap()).collect();
    let run = vsn.runs("shop").pop().unwrap();
    let (run, id) = (run.rsplit_once('/').unwrap().1, vsn.image_id("tiny-v2.docker.tar"));
    let mut count = 0;
    for step in document(&here)["steps"].as_array().unwrap() {
        for operation in
            step["operations"].as_array().unwrap().iter().filter(|operation| !operation["command"].is_null())
        {
            // What an image is, is asked of all at once.
            if operation["id"].as_str().unwrap().starts_with("verify ") {
                continue;
            }
            let command = resolved(&operation["command"], run, &id);
            // Tags that are dropped at the same time are dropped by one call.
            let is_it = |call: &Vec<String>| match command.as_slice() {
                [drop, tag] if drop == "rmi" => call.first() == Some(drop) && call.contains(tag),
                _ => *call == command,
            };
            assert!(calls.iter().any(is_it), "{}: {command:?} is not among {calls:#?}", operation["id"]);
            count += 1;
        }
    }
    // The network stays, which takes no command.
    assert!(count >= 13, "{count}");
}

/// Everything that the engine has made of a container, but for the names of the run and of the container itself.
fn made(vsn: &Vsn, container: &str) -> Value {
    let mut inspected = vsn.inspect(container);
    inspected["Config"]["Labels"].as_object_mut().unwrap().remove("landfall.run");
    // Podman keeps no order among them.
    inspected["Config"]["Env"].as_array_mut().unwrap().sort_by_key(ToString::to_string);
    // The name that its image has, and when it was made.
    for differs in ["CreateCommand", "Image"] {
        inspected["Config"].as_object_mut().unwrap().remove(differs);
    }
    if let Some(annotations) = inspected["Config"]["Annotations"].as_object_mut() {
        annotations.remove("io.kubernetes.cri-o.Created");
    }
    let parts = ["Config", "HostConfig", "Mounts", "Image", "Name", "Args", "Path"];
    let mut made: Value = parts.map(|part| (part.to_owned(), inspected[part].take())).into_iter().collect();
    made["HostConfig"]["LogConfig"]["Path"].take();
    made["HostConfig"]["LogConfig"]["Size"].take();
    made
}

#[test]
fn the_lines_of_a_dry_run_can_be_copied_to_a_shell_and_make_what_a_deployment_makes() {
    let vsn = Vsn::start();
    let mut plan: Value = serde_json::from_str(include_str!("../../plans/minimal.json")).unwrap();
    plan["services"]["web"]["environment"] = serde_json::json!({ "GREETING": "it's $HOME \"now\"\n`id` \u{1b}[1m*" });
    vsn.write_plan(&plan);
    let told = vsn.landfall(["deploy", PLAN, "--dry-run"]).stdout;
    let (_, program) = told.split_once("1. validate").unwrap();
    let (program, _) = program.split_once("\ndestroyed\n").unwrap();
    let lines: Vec<&str> = program.lines().filter_map(|line| line.strip_prefix("     ")).collect();
    let words: Vec<&str> = lines.iter().map(|line| line.split_whitespace().take(2).last().unwrap()).collect();
    assert_eq!(words, ["load", "image", "network", "-D", "create", "start"], "{told}");

    let load = lines[0];
    let script = format!(
        "set -eu\ncd /srv\nrun=20261121t101112\nloaded=$({} | sed 's/^[^:]*: *//')\n\
         image_of_web=$({} image inspect --format '{{{{.Id}}}}' \"$loaded\")\n{}\n",
        load.split_once('#').unwrap().0,
        vsn.engine(),
        lines[1..].join("\n")
    );
    let copied = vsn.run_with_input(["bash", "-s"], &script);

    assert_eq!(copied.status, Some(0), "{copied:?}");
    assert_eq!(
        (vsn.running_containers(), vsn.networks()),
        (vec!["minimal-web".to_owned()], vec!["minimal".to_owned()])
    );
    let by_hand = made(&vsn, "minimal-web");
    vsn.remove_by_hand("minimal-web");
    vsn.must([vsn.engine(), "network", "rm", "minimal"]);
    assert_eq!(vsn.deploy(), Ended::deployed());
    assert_eq!(made(&vsn, "minimal-web"), by_hand);
}

#[test]
fn a_secret_is_shown_by_its_name_only() {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    vsn.write_plan(&shop());
    let told = vsn.landfall(["deploy", PLAN, "--secrets", SECRETS, "--dry-run"]).stdout;
    assert!(told.contains("password") && !told.contains("hunter2"), "{told}");
}

#[test]
fn what_goes_what_stays_and_how_long_it_takes_is_told_for_this_server() {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    vsn.must_deploy(&shop());
    vsn.load(&vsn.image("tiny", "tiny-v1.docker.tar"));
    let mut plan = second_version(&small());
    plan["services"]["web"]["volumes"] = serde_json::json!([{ "source": "/srv/new", "target": "/data" }]);
    vsn.write_plan(&plan);
    let here = document(&vsn.landfall(["deploy", PLAN, "--dry-run", "--here", "--format", "json"]));
    let (containers, images, secrets) = (vsn.containers(), vsn.images(), vsn.secrets());
    let data = vsn.manifest("/srv/shop");
    vsn.must_deploy(&plan);

    // What was told to go is gone, what was told to stay is there.
    let destroyed = |kind: &str| -> Vec<String> {
        let all = here["destroyed"].as_array().unwrap().iter();
        let mut names: Vec<_> =
            all.filter(|one| one["kind"] == kind).map(|one| one["name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!((destroyed("container"), destroyed("secret")), (containers, secrets));
    let later = |path: &str, later: &str| serde_json::json!({ "path": path, "later": later });
    assert_eq!(
        here["kept"]["directories"],
        serde_json::json!([later("/srv/new", "created"), later("/srv/shop/db", "unused")])
    );
    assert_eq!(vsn.manifest("/srv/shop"), data);
    let name = |image: &String| image.split_once(' ').unwrap().0.to_owned();
    let left: Vec<String> = vsn.images().iter().map(name).collect();
    for image in images.iter().map(name) {
        let goes = destroyed("image").contains(&image);
        assert_ne!(goes, left.contains(&image), "{image}");
    }
    // `web` may take 1 s to stop, then 0 s to 3 × (1 s + 30 s) to be healthy; `db` takes its 1 s after it.
    let downtime = &here["downtime"];
    assert_eq!(downtime["services"], serde_json::json!([{ "name": "web", "at_least": 0.0, "at_most": 95.0 }]));
    let operations: Vec<_> =
        downtime["shares"].as_array().unwrap().iter().map(|share| share["operation"].clone()).collect();
    assert_eq!(operations, ["drop shop-web", "drop shop-db", "await web"]);
}
