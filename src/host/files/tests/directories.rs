//! Data folders, and trees that go.

use super::*;
use pretty_assertions::assert_eq;

#[test]
fn missing_folders_are_created_with_their_mode_whatever_the_umask() {
    let (folder, _guard) = folder();
    let me = fs::metadata(&folder).unwrap();
    if me.uid() != 0 {
        return;
    }
    let path = folder.join("a/b/data");
    let created = create_directories(&path, Owner { uid: 999, gid: 998 }, 0o3770).unwrap();
    assert_eq!(created, [folder.join("a"), folder.join("a/b"), path.clone()]);
    let looks: Vec<(u32, u32, u32)> = created
        .iter()
        .map(|path| fs::metadata(path).map(|found| (found.uid(), found.gid(), found.mode() & 0o7777)).unwrap())
        .collect();
    assert_eq!(looks, [(0, 0, 0o755), (0, 0, 0o755), (999, 998, 0o3770)]);
    let nothing: Vec<PathBuf> = Vec::new();
    assert_eq!(create_directories(&path, Owner::ROOT, 0o700).unwrap(), nothing);
    assert_eq!((mode(&path), fs::metadata(&path).unwrap().uid()), (0o3770, 999));
    assert_eq!(fs::read_dir(folder.join("a/b")).unwrap().count(), 1);
}

#[test]
fn what_an_interrupted_creation_left_is_in_nobodys_way() {
    let (folder, _guard) = folder();
    if fs::metadata(&folder).unwrap().uid() != 0 {
        return;
    }
    fs::create_dir(folder.join(".landfall-new-data")).unwrap();
    create_directories(&folder.join("data"), Owner::ROOT, 0o711).unwrap();
    let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["data"]);
    assert_eq!(mode(&folder.join("data")), 0o711);
}

#[test]
fn regression_077_a_recovery_removes_what_a_killed_creation_left_and_nothing_else() {
    let (folder, _guard) = folder();
    fs::create_dir_all(folder.join("a/.landfall-new-data")).unwrap();
    fs::create_dir_all(folder.join(".landfall-new-a/somebodys")).unwrap();
    fs::create_dir(folder.join("a/.landfall-new-other")).unwrap();
    symlink("a", folder.join("link")).unwrap();
    remove_unfinished_directories(&folder.join("link/data")).unwrap();
    assert!(folder.join("a/.landfall-new-data").exists(), "nothing is removed through a link");
    remove_unfinished_directories(&folder.join("a/data/deep")).unwrap();
    let left = |folder: &Path| {
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(left(&folder.join("a")), [".landfall-new-other"]);
    assert_eq!(left(&folder), [".landfall-new-a", "a", "link"]);
}

#[test]
fn no_folder_is_created_through_a_link_or_a_file() {
    let (folder, _guard) = folder();
    fs::create_dir(folder.join("real")).unwrap();
    symlink("real", folder.join("link")).unwrap();
    fs::write(folder.join("file"), "").unwrap();
    let create = |path: &Path| create_directories(path, Owner::ROOT, 0o700).unwrap_err();
    assert_eq!(create(&folder.join("link/data")), FileProblem::SymbolicLink { path: folder.join("link") });
    assert_eq!(create(&folder.join("link")), FileProblem::SymbolicLink { path: folder.join("link") });
    let kind = "a regular file";
    assert_eq!(create(&folder.join("file/data")), FileProblem::NotADirectory { path: folder.join("file"), kind });
    for path in ["relative/data", "/srv/../etc/data"].map(PathBuf::from) {
        assert_eq!(create(&path), FileProblem::NotAbsolute { path });
    }
    assert_eq!(fs::read_dir(folder.join("real")).unwrap().count(), 0);
}

#[test]
fn a_folder_that_can_not_be_created_says_why() {
    let path = Path::new("/proc/landfall-data");
    let problem = create_directories(path, Owner::ROOT, 0o700).unwrap_err();
    let FileProblem::System { path: at, action, reason: _ } = problem else { panic!("{problem}") };
    assert_eq!((at.as_path(), action), (path, "created"));
}

#[test]
fn a_data_folder_is_looked_at_without_following_links() {
    let (folder, _guard) = folder();
    let real = folder.join("real");
    fs::create_dir(&real).unwrap();
    chmod(&real, 0o1750);
    symlink("real", folder.join("link")).unwrap();
    mkfifo(&folder.join("fifo"));
    let found = fs::metadata(&real).unwrap();
    let look = |path: &str| observe_directory(&folder.join(path)).unwrap();
    let directory = DirectoryLook::Directory {
        uid: found.uid(),
        gid: found.gid(),
        mode: 0o1750,
        device: found.dev(),
        mountpoint: false,
    };
    assert_eq!(look("real"), directory);
    assert_eq!(look("real/a/b"), DirectoryLook::Missing { nearest_existing: real });
    assert_eq!(look("link/a"), DirectoryLook::SymbolicLink { at: folder.join("link") });
    assert_eq!(look("fifo"), DirectoryLook::NotADirectory { at: folder.join("fifo"), kind: "a named pipe" });
    let DirectoryLook::Directory { mountpoint, .. } = observe_directory(Path::new("/proc")).unwrap() else {
        panic!("/proc is a folder");
    };
    assert!(mountpoint);
}

#[test]
fn a_tree_goes_and_what_its_links_point_to_stays() {
    let (folder, _guard) = folder();
    let (tree, kept) = (folder.join("tree"), folder.join("kept"));
    fs::create_dir_all(tree.join("a/b")).unwrap();
    fs::create_dir(&kept).unwrap();
    fs::write(kept.join("data"), "precious").unwrap();
    fs::write(tree.join("a/b/file"), "").unwrap();
    symlink(&kept, tree.join("a/link")).unwrap();
    symlink(&kept, folder.join("link")).unwrap();
    chmod(&tree.join("a/b"), 0o500);
    assert_eq!(remove_tree(&tree).unwrap(), true);
    assert_eq!(remove_tree(&tree).unwrap(), false);
    assert_eq!(remove_tree(&folder.join("link")).unwrap(), true);
    assert_eq!(remove_tree(&folder.join("missing/tree")).unwrap(), false);
    let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["kept"]);
    assert_eq!(fs::read_to_string(kept.join("data")).unwrap(), "precious");
}

#[test]
fn a_tree_with_something_mounted_in_it_is_left_whole() {
    let problem = remove_tree(Path::new("/proc")).unwrap_err();
    assert_eq!(problem, FileProblem::MountPoint { path: PathBuf::from("/proc") });
}

#[test]
fn regression_063_a_folder_that_somebody_exchanges_for_a_link_all_the_time_is_one_or_the_other() {
    use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
    use std::sync::atomic::{AtomicBool, Ordering};
    let (folder, _guard) = folder();
    let (data, other) = (folder.join("data"), folder.join("other"));
    fs::create_dir(&data).unwrap();
    symlink("nowhere", &other).unwrap();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                renameat2(AT_FDCWD, &data, AT_FDCWD, &other, RenameFlags::RENAME_EXCHANGE).unwrap();
            }
        });
        let looks: Vec<_> = (0..20_000).map(|_| observe_directory(&data)).collect();
        over.store(true, Ordering::Relaxed);
        let wrong: Vec<_> = looks
            .into_iter()
            .filter(|look| !matches!(look, Ok(DirectoryLook::Directory { .. } | DirectoryLook::SymbolicLink { .. })))
            .collect();
        assert_eq!(wrong, []);
    });
}

/// Two services may keep their data in the same folder, which nobody has made yet.
#[test]
fn regression_080_folders_of_several_services_are_created_at_once_in_one_that_is_missing_too() {
    let (folder, _guard) = folder();
    if fs::metadata(&folder).unwrap().uid() != 0 {
        return;
    }
    let begin = std::sync::Barrier::new(8);
    let created = std::thread::scope(|scope| {
        let create = |number: usize| {
            let (path, begin) = (folder.join(format!("a/b/c/{number}")), &begin);
            scope.spawn(move || {
                begin.wait();
                create_directories(&path, Owner::ROOT, 0o700).map(drop)
            })
        };
        let threads: Vec<_> = (0..8).map(create).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(created, vec![Ok(()); 8]);
}
