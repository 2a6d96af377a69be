//! Looks at the engine, the processes, the firewall, the files and the crontab, and doesn't trust Landfall.

use std::collections::BTreeMap;

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::scene::{CANARY, CRONTAB, OUR_PORT, RUNNING, THEIR_PORT};
use crate::support::{Crontab, Entry, Output, Vsn};

/// What is not Landfall's: it must never differ, whatever happens.
#[derive(Debug, PartialEq, Eq)]
pub struct Others {
    /// Name, ID, state and start of each container.
    containers: Vec<String>,
    images: Vec<String>,
    networks: Vec<String>,
    secrets: Vec<String>,
    volumes: String,
    /// Every file in `/srv` but the plans: the data of the plan, and files of others.
    files: Vec<Entry>,
}

impl Others {
    pub fn of(vsn: &Vsn) -> Self {
        let is_ours = |line: &String| line.contains("\"shop-") || line.contains("landfall");
        let theirs = |lines: Vec<String>| lines.into_iter().filter(|line| !is_ours(line)).collect();
        let is_data = |entry: &Entry| ["shop", "theirs"].iter().any(|folder| entry.path.starts_with(folder));
        Self {
            containers: theirs(vsn.described_containers()),
            images: theirs(vsn.images()),
            networks: vsn.networks().into_iter().filter(|name| name != "shop").collect(),
            secrets: theirs(vsn.secrets()),
            volumes: vsn.must(["podman", "volume", "ls", "--quiet"]),
            files: vsn.manifest("/srv").into_iter().filter(is_data).collect(),
        }
    }
}

/// What the server looks like with none of our containers, to be found again whenever it is containerless.
#[derive(Debug, PartialEq, Eq)]
pub struct Floor {
    /// Rules that translate addresses, sorted, without counters.
    rules: Vec<String>,
    listeners: Vec<String>,
    /// How many processes run of each program.
    processes: BTreeMap<String, usize>,
}

impl Floor {
    pub fn of(vsn: &Vsn) -> Self {
        Self { rules: rules(vsn), listeners: listeners(vsn), processes: processes(vsn) }
    }
}

/// The translations of addresses. Of netavark's own chains nothing is left but the empty ones that it never removes.
fn rules(vsn: &Vsn) -> Vec<String> {
    let saved = vsn.must(["iptables-save", "--table", "nat"]);
    let mut rules: Vec<String> = saved.lines().filter(|line| line.starts_with("-A")).map(str::to_owned).collect();
    rules.sort();
    rules
}

/// The TCP sockets that listen in the VSN itself.
fn listeners(vsn: &Vsn) -> Vec<String> {
    let tables = vsn.must(["cat", "/proc/net/tcp", "/proc/net/tcp6"]);
    let listening = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        (fields.get(3) == Some(&"0A")).then(|| fields[1].to_owned())
    };
    let mut listeners: Vec<String> = tables.lines().filter_map(listening).collect();
    listeners.sort();
    listeners
}

/// How many processes run of each program, without those by which we look and the VSN's own.
fn processes(vsn: &Vsn) -> BTreeMap<String, usize> {
    let listed = vsn.must(["ps", "-eo", "pid=,ppid=,comm="]);
    let mut processes = BTreeMap::new();
    for line in listed.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let ours = fields[0] == "1" || fields[1] == "1" && fields[2] == "sleep" || fields[2] == "ps";
        if !ours {
            *processes.entry(fields[2].to_owned()).or_default() += 1;
        }
    }
    processes
}

/// The state that `landfall status` says the plan is in; `None` when there is no plan.
pub fn state(vsn: &Vsn) -> Option<String> {
    let (_, plans) = vsn.status();
    let plans = plans.as_array().unwrap().clone();
    assert!(plans.len() <= 1, "{plans:?}");
    plans.first().map(|plan| plan["state"].as_str().unwrap().to_owned())
}

/// What is promised of every moment, also before anything was recovered.
#[track_caller]
pub fn assert_untouched(vsn: &Vsn, others: &Others) {
    assert_eq!(Others::of(vsn), *others, "what is not ours");
    assert_eq!(without_our_block(&vsn.crontab()), CRONTAB, "the lines of others in the crontab");
    assert_eq!(holding_the_secret(vsn), [] as [&str; 0], "files that hold the secret");
}

/// What is promised of the end: the state, and that everything looks so. The version is what answers.
#[track_caller]
pub fn assert_settled(vsn: &Vsn, others: &Others, floor: &Floor, versions: &[&str]) -> String {
    assert_untouched(vsn, others);
    assert_eq!(vsn.run(["flock", "--nonblock", "/run/landfall.lock", "true"]).status, Some(0), "the lock is free");
    assert_eq!(open_to_others(vsn), [] as [&str; 0], "state that is not root's alone");
    let state = state(vsn);
    match state.as_deref() {
        Some("deployed") => assert_deployed(vsn, versions),
        Some("failed" | "containerless") | None => assert_containerless(vsn, floor),
        Some(other) => panic!("{other} is no end"),
    }
    state.unwrap_or_else(|| "containerless".to_owned())
}

/// A recovery has nothing to do, says nothing and changes nothing.
#[track_caller]
pub fn assert_nothing_to_recover(vsn: &Vsn) {
    let before = vsn.snapshot();
    assert_eq!(vsn.landfall(["recover"]), Output { status: Some(0), stdout: String::new(), stderr: String::new() });
    assert_eq!(vsn.snapshot(), before);
}

/// Each service once, running, of the image that the plan says, answering; and no more of ours than they need.
#[track_caller]
fn assert_deployed(vsn: &Vsn, versions: &[&str]) {
    let answered = vsn.must(["curl", "--silent", "--fail", &format!("http://127.0.0.1:{OUR_PORT}/version")]);
    let version = answered.trim();
    assert!(versions.contains(&version), "{version} answers, expected is one of {versions:?}");
    let image = vsn.image_id(&format!("tiny-{version}.docker.tar"));
    let ours = |service: &&str| {
        let container = vsn.inspect(&format!("shop-{service}"));
        let of = |pointer: &str| container.pointer(pointer).cloned().unwrap_or(Value::Null);
        json!([of("/State/Running"), of("/Image"), of("/RestartCount"), of("/Config/Labels/landfall.plan")])
    };
    let expected = RUNNING.map(|_| json!([true, image, 0, "shop"]));
    assert_eq!(RUNNING.iter().map(ours).collect::<Vec<_>>(), expected, "what runs of ours");
    assert_eq!(ours_of(&vsn.containers()), ["shop-db", "shop-migrate", "shop-web"]);
    let tags: Vec<String> = ours_of(&vsn.images());
    let short: String = image.chars().take(12).collect();
    let tag = |service: &str| format!("localhost/landfall/shop/{service}:{short} sha256:{image}");
    assert_eq!(tags, ["db", "migrate", "web"].map(tag), "our images");
    assert_eq!(vsn.secrets().len(), 3, "the strangers' secret and our two: {:?}", vsn.secrets());
    let Crontab::Present(crontab) = vsn.crontab() else { panic!("there is a crontab") };
    let block = [
        "# BEGIN landfall shop",
        "/var/lib/landfall/shop/recover",
        "/var/lib/landfall/shop/jobs/",
        "# END landfall shop",
    ];
    assert!(block.iter().all(|line| crontab.contains(line)), "the jobs are installed: {crontab}");
}

/// Nothing of ours anywhere.
#[track_caller]
fn assert_containerless(vsn: &Vsn, floor: &Floor) {
    assert_eq!(ours_of(&vsn.containers()), [] as [&str; 0], "containers");
    assert_eq!(ours_of(&vsn.images()), [] as [&str; 0], "images");
    assert_eq!(vsn.networks(), ["theirs"], "networks");
    assert_eq!(vsn.secrets(), ["theirs"], "secrets");
    assert_eq!(vsn.crontab(), Crontab::Present(CRONTAB.to_owned()));
    assert_eq!(Floor::of(vsn), *floor);
}

fn ours_of(lines: &[String]) -> Vec<String> {
    let is_ours = |line: &&String| line.starts_with("shop-") || line.contains("landfall");
    lines.iter().filter(is_ours).cloned().collect()
}

/// Whether a boot would do something for the plan.
pub fn acts_at_boot(vsn: &Vsn) -> bool {
    matches!(vsn.crontab(), Crontab::Present(text) if text.contains("@reboot /var/lib/landfall/shop/recover"))
}

/// The crontab without the plan's block, which has both of its marks or none.
fn without_our_block(crontab: &Crontab) -> String {
    let Crontab::Present(text) = crontab else { return String::new() };
    let mut kept = String::new();
    let mut inside = false;
    for line in text.split_inclusive('\n') {
        match line {
            "# BEGIN landfall shop\n" => inside = true,
            "# END landfall shop\n" => inside = false,
            line if !inside => kept.push_str(line),
            _ => {}
        }
    }
    assert!(!inside, "a block without an end: {text}");
    kept
}

/// Files that hold the value of the secret as it is, in base64 or in hexadecimal, where it must not be.
fn holding_the_secret(vsn: &Vsn) -> Vec<String> {
    // Where it may be: the engine's store, and what it mounts from there into the containers.
    let search = "
        value=$(cat)
        printf '%s\\n' \"$value\" \"$(printf %s \"$value\" | base64 -w 0)\" \"$(printf %s \"$value\" | od -An -vtx1 | tr -d ' \\n')\" \\
          | grep -rlF --devices=skip -f - /var/lib/landfall /var/log /var/tmp /var/spool /run /root/.ssh /etc/cron.d 2> /dev/null \\
          | grep -v '^/run/containers/storage/.*/userdata/.*secrets\\|^/var/lib/landfall/shop/configs/'
        true";
    let found = vsn.run_with_input(["bash", "-c", search], CANARY);
    assert_eq!(found.status, Some(0), "{found:?}");
    found.stdout.lines().map(str::to_owned).collect()
}

/// Parts of the state folder that somebody other than root could read or change.
fn open_to_others(vsn: &Vsn) -> Vec<String> {
    let entries = vsn.manifest("/var/lib/landfall");
    // The folder that holds the plans' own is the VSN's.
    let open = |entry: &Entry| !entry.path.is_empty() && (entry.owner != (0, 0) || entry.mode & 0o077 != 0);
    entries.into_iter().filter(open).map(|entry| format!("{} {:o}", entry.path, entry.mode)).collect()
}

/// That the strangers' server answers.
#[track_caller]
pub fn assert_strangers_answer(vsn: &Vsn) {
    assert_eq!(vsn.must(["curl", "--silent", &format!("http://127.0.0.1:{THEIR_PORT}/version")]), "v1\n");
}
