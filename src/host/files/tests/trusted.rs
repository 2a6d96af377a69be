//! What root may believe.

use super::*;
use pretty_assertions::assert_eq;

#[test]
fn a_file_that_only_we_can_write_is_opened_and_read() {
    let (folder, _guard) = folder();
    let path = folder.join("plan.json");
    write(&path, 0o644);
    let mut file = open_trusted(&path, &owners()).unwrap();
    assert_eq!((file.size, file.path.clone()), (7, path.clone()));
    assert_eq!(file.read(7).unwrap(), b"content");
    let problem = open_trusted(&path, &owners()).unwrap().read(6).unwrap_err();
    assert_eq!(problem, FileProblem::TooLarge { path, limit: 6 });
}

#[test]
fn the_file_that_was_judged_is_the_one_that_is_read() {
    let (folder, _guard) = folder();
    let path = folder.join("plan.json");
    write(&path, 0o644);
    let mut file = open_trusted(&path, &owners()).unwrap();
    fs::remove_file(&path).unwrap();
    fs::write(&path, "another").unwrap();
    assert_eq!(file.read(100).unwrap(), b"content");
}

#[test]
fn a_file_that_strangers_can_write_is_refused_with_the_cure() {
    let (folder, _guard) = folder();
    let path = folder.join("my plan.json");
    write(&path, 0o646);
    let problem = open_trusted(&path, &owners()).unwrap_err();
    assert_eq!(problem, writable(&path, Stranger::Everyone));
    let name = path.display();
    assert_eq!(
        problem.to_string(),
        format!("`{name}` can be written by everyone, who could so become root: `chmod go-w '{name}'`")
    );
    chmod(&path, 0o664);
    let gid = fs::metadata(&path).unwrap().gid();
    assert_eq!(open_trusted(&path, &owners()).unwrap_err(), writable(&path, Stranger::Group(gid)));
    let uid = fs::metadata(&path).unwrap().uid();
    let problem = open_trusted(&path, &[uid + 1]).unwrap_err();
    assert_eq!(problem, writable(Path::new("/"), Stranger::Owner(fs::metadata("/").unwrap().uid())));
}

#[test]
fn a_folder_on_the_way_that_strangers_can_write_is_refused_unless_it_is_sticky() {
    let (folder, _guard) = folder();
    let inner = folder.join("inner");
    fs::create_dir(&inner).unwrap();
    let path = inner.join("plan.json");
    write(&path, 0o644);
    chmod(&inner, 0o777);
    assert_eq!(open_trusted(&path, &owners()).unwrap_err(), writable(&inner, Stranger::Everyone));
    chmod(&inner, 0o1777);
    open_trusted(&path, &owners()).unwrap();
    let second = folder.join("second");
    fs::hard_link(&path, second).unwrap();
    assert_eq!(open_trusted(&path, &owners()).unwrap_err(), FileProblem::SecondName { path: path.clone() });
    chmod(&inner, 0o755);
    open_trusted(&path, &owners()).unwrap();
}

#[test]
fn who_may_rename_what_is_on_the_way_could_exchange_it_and_who_owns_only_the_end_could_not() {
    let (folder, _guard) = folder();
    let inner = folder.join("inner");
    let data = inner.join("data");
    fs::create_dir_all(&data).unwrap();
    chmod(&data, 0o777);
    let who = |path: &Path| who_could_exchange(path, &owners()).unwrap();
    assert_eq!(who(&data), None);
    assert_eq!(who(&inner.join("missing/too")), None);
    chmod(&inner, 0o777);
    assert_eq!(who(&data), Some((inner.clone(), Stranger::Everyone)));
    assert_eq!(who(&inner.join("missing/too")), Some((inner.clone(), Stranger::Everyone)));
    chmod(&inner, 0o1777);
    assert_eq!(who(&data), None);
    assert_eq!(who(&data.join("missing")), Some((data.clone(), Stranger::Everyone)));
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let stranger = owners().iter().max().unwrap() + 1;
    std::os::unix::fs::chown(&data, Some(stranger), None).unwrap();
    assert_eq!(who(&data), Some((data.clone(), Stranger::Owner(stranger))));
    chmod(&inner, 0o755);
    assert_eq!(who(&data), None);
}

#[test]
fn where_a_link_leads_is_judged_too() {
    let (folder, _guard) = folder();
    let (open, closed) = (folder.join("open"), folder.join("closed"));
    fs::create_dir(&open).unwrap();
    fs::create_dir(&closed).unwrap();
    write(&open.join("plan.json"), 0o644);
    symlink("../open/plan.json", closed.join("plan.json")).unwrap();
    let link = closed.join("plan.json");
    assert_eq!(open_trusted(&link, &owners()).unwrap().read(7).unwrap(), b"content");
    chmod(&open, 0o777);
    assert_eq!(open_trusted(&link, &owners()).unwrap_err(), writable(&open, Stranger::Everyone));
    symlink("loop", folder.join("loop")).unwrap();
    let problem = open_trusted(&folder.join("loop"), &owners()).unwrap_err();
    assert_eq!(problem, FileProblem::TooManyLinks { path: folder.join("loop") });
}

#[test]
fn only_regular_files_are_opened_and_nothing_hangs() {
    let (folder, _guard) = folder();
    let (fifo, missing) = (folder.join("fifo"), folder.join("missing"));
    mkfifo(&fifo);
    let refused = |path: &Path| open_trusted(path, &owners()).unwrap_err();
    let problem = |path: &Path, kind| FileProblem::NotARegularFile { path: path.to_path_buf(), kind };
    assert_eq!(refused(&fifo), problem(&fifo, "a named pipe"));
    assert_eq!(refused(&folder), problem(&folder, "a folder"));
    assert_eq!(refused(Path::new("/dev/null")), problem(Path::new("/dev/null"), "a device"));
    assert_eq!(refused(&missing), FileProblem::Missing { path: missing });
}

#[test]
fn secrets_are_no_link_and_nobody_elses_to_read() {
    let (folder, _guard) = folder();
    let (path, link) = (folder.join("secrets.json"), folder.join("link"));
    write(&path, 0o600);
    symlink(&path, &link).unwrap();
    assert_eq!(open_secret(&path, &owners()).unwrap().read(7).unwrap(), b"content");
    assert_eq!(open_secret(&link, &owners()).unwrap_err(), FileProblem::SymbolicLink { path: link });
    chmod(&path, 0o640);
    let problem = open_secret(&path, &owners()).unwrap_err();
    assert_eq!(problem, FileProblem::ReadableByOthers { path, mode: 0o640 });
}

#[test]
fn a_build_context_is_copied_with_modes_times_and_links() {
    let (folder, _guard) = folder();
    let (source, copy) = (folder.join("context"), folder.join("copy"));
    fs::create_dir_all(source.join("bin")).unwrap();
    fs::create_dir(&copy).unwrap();
    write(&source.join("bin/run"), 0o755);
    write(&source.join("Containerfile"), 0o600);
    symlink("bin/run", source.join("start")).unwrap();
    chmod(&source.join("bin"), 0o511);
    let copied = copy_context(&source, &copy, &owners()).unwrap();
    let sha256 = context_sha256(&source, None).unwrap();
    assert_eq!(copied, CopiedContext { files: 2, bytes: 14, sha256 });
    assert_eq!(fs::read_link(copy.join("start")).unwrap(), Path::new("bin/run"));
    assert_eq!(fs::read(copy.join("bin/run")).unwrap(), b"content");
    for name in ["bin", "bin/run", "Containerfile"] {
        let (old, new) = (fs::metadata(source.join(name)).unwrap(), fs::metadata(copy.join(name)).unwrap());
        let times = |found: &fs::Metadata| (found.mode(), found.mtime(), found.mtime_nsec());
        assert_eq!(times(&new), times(&old), "{name}");
    }
}

#[test]
fn a_build_context_that_strangers_can_change_or_that_holds_a_pipe_is_refused() {
    let (folder, _guard) = folder();
    let (source, copy) = (folder.join("context"), folder.join("copy"));
    fs::create_dir_all(source.join("bin")).unwrap();
    fs::create_dir(&copy).unwrap();
    write(&source.join("bin/run"), 0o757);
    let refused = |source: &Path| copy_context(source, &copy, &owners()).unwrap_err();
    assert_eq!(refused(&source), writable(&source.join("bin/run"), Stranger::Everyone));
    let other = folder.join("other");
    fs::create_dir(&other).unwrap();
    mkfifo(&other.join("pipe"));
    assert_eq!(refused(&other), FileProblem::NotARegularFile { path: other.join("pipe"), kind: "a named pipe" });
    chmod(&other, 0o770);
    let gid = fs::metadata(&other).unwrap().gid();
    assert_eq!(refused(&other), writable(&other, Stranger::Group(gid)));
}

#[test]
fn a_strangers_link_in_a_build_context_is_refused() {
    let (folder, _guard) = folder();
    if fs::metadata(&folder).unwrap().uid() != 0 {
        return;
    }
    let (source, copy) = (folder.join("context"), folder.join("copy"));
    fs::create_dir(&source).unwrap();
    fs::create_dir(&copy).unwrap();
    let link = source.join("link");
    symlink("/etc/shadow", &link).unwrap();
    std::os::unix::fs::lchown(&link, Some(999), None).unwrap();
    let problem = copy_context(&source, &copy, &owners()).unwrap_err();
    assert_eq!(problem, writable(&link, Stranger::Owner(999)));
}

/// A context with two files, a folder and a link, the file `run` with this mode.
fn context(folder: &Path, run: u32) -> String {
    fs::create_dir_all(folder.join("bin")).unwrap();
    write(&folder.join("bin/run"), run);
    write(&folder.join("Containerfile"), 0o644);
    symlink("bin/run", folder.join("start")).unwrap();
    context_sha256(folder, None).unwrap()
}

#[test]
fn the_hash_of_a_context_is_what_is_in_it_wherever_it_lies_and_whatever_the_umask() {
    let (folder, _guard) = folder();
    let before = context(&folder.join("one"), 0o755);
    let copy = folder.join("two");
    assert_eq!(context(&copy, 0o700), before);
    chmod(&copy.join("Containerfile"), 0o664);
    chmod(&copy.join("bin"), 0o775);
    fs::File::open(copy.join("start")).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(context_sha256(&copy, None).unwrap(), before);
    // Written out by hand from what the documentation says.
    let sha = |text: &str| {
        use sha2::Digest;
        sha2::Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let records =
        [("f", "content", "Containerfile"), ("d", "", "bin"), ("x", "content", "bin/run"), ("l", "bin/run", "start")];
    let records = records.map(|(letter, content, path)| format!("{letter} {} {path}\0", sha(content)));
    assert_eq!(before, sha(&records.concat()));
}

#[test]
fn the_hash_of_a_context_tells_every_change_that_a_build_could_see() {
    let (folder, _guard) = folder();
    let before = context(&folder.join("before"), 0o755);
    let change = |name: &str, change: &dyn Fn(&Path)| {
        let copy = folder.join(name);
        context(&copy, 0o755);
        change(&copy);
        assert_ne!(context_sha256(&copy, None).unwrap(), before, "{name}");
    };
    change("content", &|copy| fs::write(copy.join("bin/run"), "Content").unwrap());
    change("executable", &|copy| chmod(&copy.join("bin/run"), 0o644));
    change("name", &|copy| fs::rename(copy.join("bin/run"), copy.join("bin/ran")).unwrap());
    change("place", &|copy| fs::rename(copy.join("bin/run"), copy.join("run")).unwrap());
    change("new", &|copy| fs::write(copy.join("new"), "").unwrap());
    change("empty folder", &|copy| fs::create_dir(copy.join("new")).unwrap());
    change("ignored", &|copy| fs::write(copy.join(".containerignore"), "*").unwrap());
    change("gone", &|copy| fs::remove_file(copy.join("Containerfile")).unwrap());
    change("link", &|copy| {
        fs::remove_file(copy.join("start")).unwrap();
        symlink("bin/other", copy.join("start")).unwrap();
    });
    change("file for link", &|copy| {
        fs::remove_file(copy.join("start")).unwrap();
        write(&copy.join("start"), 0o755);
    });
}
