//! What is left of ours, held against what was said to be.

use super::{Container, Look, engine, records};
use crate::fault::Work;
use crate::scene::KNOWN_HOST;
use crate::support::{Crontab, Ended, Output};

/// What a run that ended with status 5 says is left, a line each.
fn said(work: Work, ended: &Output) -> Vec<String> {
    match work {
        Work::Deploy => Ended::of(ended).left,
        Work::Teardown | Work::Recover => {
            let lines = ended.stderr.lines().skip_while(|line| !line.ends_with("What is left:")).skip(1);
            lines.take_while(|line| line.starts_with("  ")).map(|line| line.trim().to_owned()).collect()
        }
    }
}

/// What is wrong about what a run said is left, where nothing may be: what is there and not named, and what is named and not there.
pub fn wrong(work: Work, ended: &Output, look: &Look, before: &Look) -> Vec<String> {
    let (there, said) = (there(look, before), said(work, ended));
    // Where it could not look, it says that.
    let is_blind = said.iter().any(|line| line.starts_with("could not see what is left: "));
    let unnamed = there.iter().filter(|thing| !is_blind && !said.iter().any(|line| line.contains(*thing)));
    let mut wrong: Vec<String> = unnamed.map(|thing| format!("{thing} is left, and not named")).collect();
    let is_there = |line: &str| there.iter().any(|thing| line.contains(thing));
    let gone = said.iter().filter(|line| !line.starts_with("could not see what is left: ") && !is_there(line));
    wrong.extend(gone.map(|line| format!("it is named, and not left: {line}")));
    wrong
}

/// What is there of ours, in the words of the operation that removes it.
fn there(look: &Look, before: &Look) -> Vec<String> {
    let mut there: Vec<String> = look
        .containers
        .iter()
        .filter(|container| container.is_ours())
        .map(|Container { name, .. }| format!("the container {name}:"))
        .collect();
    let new = |now: Vec<String>, before: Vec<String>| now.into_iter().filter(move |line| !before.contains(line));
    let networks = new(engine::names(&look.networks), engine::names(&before.networks));
    there.extend(networks.map(|network| format!("the network {network}:")));
    let secrets = new(look.secrets.clone(), before.secrets.clone());
    there.extend(secrets.map(|secret| format!("the secret {} from", secret.split(' ').next().unwrap())));
    let images = new(look.images.clone(), before.images.clone());
    there.extend(images.map(|image| match image.split_once(' ').unwrap() {
        ("<none>:<none>", id) => format!("the image {}", id.trim_start_matches("sha256:")),
        (tag, _) => format!("the image {tag}:"),
    }));
    if look.crontab != before.crontab {
        assert!(matches!(look.crontab, Crontab::Present(_)), "{:?}", look.crontab);
        there.push("the jobs from the crontab:".to_owned());
    }
    let knows = |look: &Look| look.known_hosts.as_ref().is_some_and(|lines| lines.contains(KNOWN_HOST));
    if look.entry("/root/.ssh/id_images").is_some() || knows(look) {
        there.push("the keys that were installed in /root/.ssh:".to_owned());
    }
    let tops = records::beside_runs(look).into_iter().filter(|path| !path.contains('/') && path != "keys.json");
    there.extend(tops.map(|path| format!("remove /var/lib/landfall/shop/{path}:")));
    if look.volatile.iter().any(|path| path == "landfall/shop") {
        there.push("remove /run/landfall/shop:".to_owned());
    }
    there
}
