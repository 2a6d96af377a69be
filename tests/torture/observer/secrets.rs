//! Where pieces of the secrets are, and where they may be.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::look::System;
use super::volatile::descend;
use crate::canaries::{Canaries, Way};
use crate::support::Vsn;

/// A piece of a secret came to light.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// A path on the server, or what was asked: `look/described`, `look/environment-container-12-sh`.
    pub place: String,
    pub way: Way,
}

/// When something may be somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Always,
    /// From the beginning of a deployment until its containers are gone.
    WhileDeployed,
}

use Way::{Binary, Config, File, Key, Mail, TemplatedVariable, Variable};

/// What the containers' files are made of, and what the author was warned of: the engine shows variables to root.
const FILES: &[Way] = &[File, Binary, Config];
const VARIABLES: &[Way] = &[Variable, TemplatedVariable];
const ALL: &[Way] = &[File, Binary, Config, Variable, TemplatedVariable, Key, Mail];
const ENGINES: &[Way] = &[File, Binary, Config, Variable, TemplatedVariable];

/// The only places: what a path begins with and holds, the ways whose secrets may be there, and when.
const ALLOWED: [(&str, &str, &[Way], When); 16] = [
    ("/srv/secrets.json", "", ALL, When::Always),
    // The engine's store of secrets, from which it makes the files and variables of containers.
    ("/var/lib/containers/storage/secrets/filedriver/", "", ENGINES, When::WhileDeployed),
    // What is mounted into a container.
    ("/var/lib/containers/storage/overlay-containers/", "/userdata/secrets/landfall.shop.", FILES, When::WhileDeployed),
    // The engine's own record of what a container was started with, and the container itself.
    ("/var/lib/containers/storage/overlay-containers/", "/userdata/config.json", VARIABLES, When::WhileDeployed),
    // Docker has no store: they are files of ours, for root alone, and in memory where they are mounted; its client has in its
    // environment what becomes variables.
    ("/var/lib/landfall/shop/secrets/landfall.shop.", "", ENGINES, When::WhileDeployed),
    ("/run/landfall/shop/secrets/landfall.shop.", "", FILES, When::WhileDeployed),
    ("look/environment-server-", "-docker", VARIABLES, When::WhileDeployed),
    ("/var/lib/docker/containers/", "/config.v2.json", VARIABLES, When::WhileDeployed),
    (
        "/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/",
        "/config.json",
        VARIABLES,
        When::WhileDeployed,
    ),
    // What Docker's containerd frees in its database, which is root's alone, stays there until it writes something else over it.
    ("/var/lib/docker/containerd/daemon/io.containerd.metadata.v1.bolt/meta.db", "", VARIABLES, When::Always),
    ("look/described-shop-web", "", VARIABLES, When::WhileDeployed),
    ("look/environment-container-", "", VARIABLES, When::WhileDeployed),
    ("/root/.ssh/id_images", "", &[Key], When::WhileDeployed),
    ("/var/lib/landfall/shop/jobs/smtp.netrc", "", &[Mail], When::WhileDeployed),
    // What a run that goes back keeps of the plan before. That nothing of it is there in the end is told by what must lie in these folders.
    ("/run/landfall/shop/keys/id_images", "", &[Key], When::WhileDeployed),
    ("/var/lib/landfall/shop/jobs.aside/smtp.netrc", "", &[Mail], When::WhileDeployed),
];

impl Found {
    /// Whether it may be there.
    pub fn is_allowed(&self, deployed: bool) -> bool {
        ALLOWED.iter().any(|(begins, holds, ways, when)| {
            self.place.starts_with(begins)
                && self.place.contains(holds)
                && ways.contains(&self.way)
                && (deployed || *when == When::Always)
        })
    }
}

/// Searches the disk, `/run`, the memory that processes share, and what was asked.
pub fn search(vsn: &Vsn, system: &System, look: &Path, canaries: &Canaries) -> Vec<Found> {
    let mut tops: Vec<(PathBuf, String)> =
        vsn.mounted().into_iter().map(|folder| (vsn.as_it_sees(&folder), folder)).collect();
    tops.push((vsn.on_disk("/"), "/".to_owned()));
    tops.push((system.path("/dev/shm"), "/dev/shm".to_owned()));
    tops.push((look.to_owned(), "look".to_owned()));
    let mut where_to: Vec<PathBuf> = tops.iter().map(|(top, _)| top.clone()).collect();
    let (run, mut paths) = (system.path("/run"), Vec::new());
    descend(&run, &run, &mut paths);
    where_to.extend(paths.iter().map(|path| run.join(path)).filter(|path| path.is_file()));
    tops.push((run, "/run".to_owned()));
    let place = |path: &str| {
        let within = |(top, name): &(PathBuf, String)| {
            Path::new(path).strip_prefix(top).ok().map(|rest| Path::new(name).join(rest).display().to_string())
        };
        tops.iter().find_map(within).unwrap()
    };
    let mut found = pieces_in(&where_to, &vsn.folder().join("pieces"), canaries);
    // What lies below a mount is not there for anybody.
    let covered: Vec<PathBuf> =
        vsn.mounted().iter().map(|folder| vsn.folder().join("disk").join(&folder[1..])).collect();
    found.retain(|found| !covered.iter().any(|below| Path::new(&found.place).starts_with(below)));
    found.into_iter().map(|Found { place: path, way }| Found { place: place(&path), way }).collect()
}

/// The files in these folders that hold a piece of a secret, each with the way that it is for.
pub fn pieces_in(folders: &[PathBuf], list: &Path, canaries: &Canaries) -> Vec<Found> {
    if !list.exists() {
        std::fs::write(list, canaries.pieces().collect::<Vec<_>>().join(&b'\n')).unwrap();
    }
    let mut grep = Command::new("grep");
    grep.args([
        "--recursive",
        "--text",
        "--only-matching",
        "--with-filename",
        "--null",
        "--fixed-strings",
        "--devices=skip",
    ]);
    grep.arg("--file").arg(list).args(folders).env("LC_ALL", "C").stdin(Stdio::null());
    let searched = grep.output().unwrap();
    // 2: a file went meanwhile.
    assert!(matches!(searched.status.code(), Some(0..=2)), "{searched:?}");
    let lines = searched.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let found: BTreeSet<Found> = lines
        .map(|line| {
            let at = line.iter().position(|byte| *byte == 0).unwrap();
            let way = canaries.way_of(&line[at + 1..]).unwrap();
            Found { place: String::from_utf8_lossy(&line[..at]).into_owned(), way }
        })
        .collect();
    found.into_iter().collect()
}
