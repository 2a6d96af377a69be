//! What a deployment looks like that nothing ever disturbed, on a server of its own.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

use super::differences::differences as listed;
use super::look::Look;
use super::{crontab, engine, network, records, volatile};
use crate::scene::{self, Scene};
use crate::support::Ended;

/// One version, deployed.
struct Twin {
    /// By name.
    containers: BTreeMap<String, String>,
    images: Vec<String>,
    networks: Vec<String>,
    secrets: Vec<String>,
    /// The lines of the crontab.
    jobs: Vec<String>,
    /// What lies in the state folder, but for what each run leaves.
    state: Vec<String>,
    /// How many more rules, interfaces, listeners, mounts, paths in `/run` and processes of each kind there are than with nothing of ours.
    more: BTreeMap<String, i64>,
}

/// What came of the jobs that cron has run by now: after a boot, and every minute.
const JOBS_RAN: [&str; 2] = ["health/_boot", "health/_healthcheck"];

/// What differs in a deployment of `version` from what it must be; `before` is what this server looked like with nothing of ours.
pub fn differences(look: &Look, before: &Look, version: &str) -> Vec<String> {
    let twin = &twins()[version];
    let seen = Twin::of(look, before);
    let lacks = |name: &&String| *name == "shop-migrate" && !seen.containers.contains_key(*name);
    let may_lack = |name: &&String| lacks(name) && may_lack_the_one_shot(look);
    let mut differences = Vec::new();
    for (name, made_from) in &twin.containers {
        match seen.containers.get(name) {
            None if may_lack(&name) => {}
            None => differences.push(format!("no container {name}")),
            Some(seen) => differences.extend(lines_that_differ(name, made_from, seen)),
        }
    }
    differences.extend(look.containers.iter().filter_map(stopped));
    let names = |twin: &Twin| twin.containers.keys().filter(|name| !may_lack(name)).cloned().collect::<Vec<_>>();
    differences.extend(listed("container of ours", &names(twin), &names(&seen)));
    differences.extend(listed("image of ours", &twin.images, &seen.images));
    differences.extend(listed("network of ours", &twin.networks, &seen.networks));
    differences.extend(listed("secret of ours", &twin.secrets, &seen.secrets));
    differences.extend(listed("line of our jobs", &twin.jobs, &seen.jobs));
    differences.extend(listed("record of ours", &twin.state, &seen.state));
    let more = |twin: &Twin| twin.more.iter().map(|(what, count)| format!("{what} ({count} more)")).collect::<Vec<_>>();
    differences.extend(listed("of ours", &more(twin), &more(&seen)));
    differences
}

/// As [`records::breaches`] has it.
fn may_lack_the_one_shot(look: &Look) -> bool {
    let saved: Value = serde_json::from_slice(look.saved.as_deref().unwrap_or(b"{}")).unwrap_or_default();
    saved["services"]["migrate"]["run"].is_string()
}

/// What lies in the state folder whatever jobs have run.
fn standing(look: &Look, run: &str) -> Vec<String> {
    let records = records::beside_runs(look);
    let standing = records.iter().filter(|path| !JOBS_RAN.contains(&path.as_str()));
    standing.map(|path| masked(path, run)).collect()
}

/// A service runs and was never restarted; a one-shot has ended well.
fn stopped(container: &engine::Container) -> Option<String> {
    let code = container.described.pointer("/State/ExitCode").and_then(Value::as_i64);
    let wrong = match container.name.as_str() {
        "shop-migrate" => container.state != "exited" || code != Some(0),
        name if name.starts_with("shop-") => container.state != "running" || container.restarts != 0,
        _ => false,
    };
    wrong.then(|| format!("{}, exit code {code:?}", container.life()))
}

fn lines_that_differ(name: &str, one: &str, other: &str) -> Vec<String> {
    // The engine lists mounts in any order, so the comma of the last one moves.
    let lines = |text: &str| text.lines().map(|line| line.trim_end_matches(',').to_owned()).collect::<Vec<_>>();
    listed(&format!("in what {name} was made from"), &lines(one), &lines(other))
}

impl Twin {
    fn of(look: &Look, before: &Look) -> Self {
        let saved: Value = serde_json::from_slice(look.saved.as_deref().unwrap_or(b"{}")).unwrap_or_default();
        let run = saved["run"].as_str().unwrap_or_default();
        // What was deployed again has containers of a later run.
        let creators =
            saved["services"].as_object().into_iter().flatten().filter_map(|(_, saved)| saved["run"].as_str());
        let runs: Vec<&str> = creators.chain([run]).collect();
        let ours = look.containers.iter().filter(|container| container.is_ours());
        let new = |now: &[String], before: &[String]| -> Vec<String> {
            now.iter().filter(|line| !before.contains(line)).map(|line| masked(line, run)).collect()
        };
        let programs = |look: &Look| -> BTreeMap<String, i64> {
            look.programs().into_iter().map(|(program, count)| (program.to_owned(), count as i64)).collect()
        };
        let beside = |look: &Look, paths: &[String]| volatile::kinds(paths, &look.containers);
        let mut more = BTreeMap::new();
        for (what, now, then) in [
            ("rule", network::kinds(&look.rules), network::kinds(&before.rules)),
            ("interface", network::kinds(&look.interfaces), network::kinds(&before.interfaces)),
            ("listener", network::kinds(&look.listeners), network::kinds(&before.listeners)),
            ("mount", beside(look, &look.mounts), beside(before, &before.mounts)),
            ("shared memory", beside(look, &look.shared_memory), beside(before, &before.shared_memory)),
            ("path in /run", beside(look, &look.volatile), beside(before, &before.volatile)),
            ("process", programs(look), programs(before)),
        ] {
            for kind in now.keys().chain(then.keys()) {
                let count = |kinds: &BTreeMap<String, i64>| kinds.get(kind).copied().unwrap_or_default();
                if count(&now) != count(&then) {
                    more.insert(masked(&format!("{what} {kind}"), run), count(&now) - count(&then));
                }
            }
        }
        Self {
            containers: ours.map(|container| (container.name.clone(), container.made_from(&runs))).collect(),
            images: new(&look.images, &before.images),
            networks: engine::names(&look.networks).into_iter().collect(),
            secrets: new(&look.secrets, &before.secrets).into_iter().map(|line| first_word(&line)).collect(),
            jobs: crontab::of_the_plan(&look.crontab),
            state: standing(look, run),
            more,
        }
    }
}

fn masked(line: &str, run: &str) -> String {
    if run.is_empty() { line.to_owned() } else { line.replace(run, "<run>") }
}

fn first_word(line: &str) -> String {
    line.split(' ').next().unwrap().to_owned()
}

fn twins() -> &'static BTreeMap<&'static str, Twin> {
    static TWINS: OnceLock<BTreeMap<&'static str, Twin>> = OnceLock::new();
    TWINS.get_or_init(|| {
        let scene = Scene::new();
        let vsn = scene::server(&scene);
        let before = Look::at(&vsn, &scene.canaries);
        let deployed = |version: &'static str| {
            vsn.write_plan(&scene::plan(version));
            assert_eq!(vsn.deploy(), Ended::deployed());
            (version, Twin::of(&Look::at(&vsn, &scene.canaries), &before))
        };
        ["v1", "v2"].into_iter().map(deployed).collect()
    })
}
