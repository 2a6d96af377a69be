//! A small program in the place of `crontab`, with a file for a spool.

use super::check::Checking;
use super::*;
use pretty_assertions::assert_eq;

/// Behaves as Debian's; `meanwhile` is Bash that runs before each replacement.
fn fake(meanwhile: &str) -> (Crontab, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("crontab");
    let script = format!(
        r#"#!/bin/bash
spool=${{0%/*}}/spool
usage() {{ printf '\t-n\t(dry run: checks the syntax, then bails out)\n' >&2; exit 1; }}
accept() {{ [ -z "$(tail -c1 "$1")" ] || {{ echo 'new crontab file is missing newline before EOF' >&2; exit 1; }}
  ! grep -n bad "$1" >&2 || exit 1; }}
case $* in
-l) [ -e "$spool" ] || {{ echo 'no crontab for root' >&2; exit 1; }}; cat "$spool" ;;
-r) rm "$spool" ;;
-) cat >"$spool.new"; accept "$spool.new"; {meanwhile}
  mv "$spool.new" "$spool" ;;
"-n "*) accept "$2" ;;
*) usage ;;
esac
"#
    );
    // Written by another process: a program that this one has open for writing, if only in a fork of another test, is
    // "text file busy".
    let write = Command::new(Path::new("/bin/bash")).args(["-c", "cat >\"$0\"; chmod 755 \"$0\""]).arg(&program);
    write.stdin_bytes(script).run().unwrap();
    (Crontab::at(program), folder)
}

fn job() -> Vec<String> {
    vec!["@daily /x/cleanup".to_owned()]
}

const BLOCK: &str = "# BEGIN landfall shop\n@daily /x/cleanup\n# END landfall shop\n";

#[test]
fn an_absent_crontab_gets_the_block_and_is_absent_again_without_it() {
    let (crontab, _folder) = fake("");
    assert_eq!(crontab.read().unwrap(), None);
    assert_eq!(crontab.install("shop", Some(&job())).unwrap(), Changed { before: None, written: true });
    let now = crontab.read().unwrap();
    assert_eq!(
        now.as_deref().map(String::from_utf8_lossy).as_deref(),
        Some(BLOCK.replacen("shop\n", "shop (no crontab before)\n", 1).as_str())
    );
    assert_eq!(crontab.install("shop", Some(&job())).unwrap(), Changed { before: now.clone(), written: false });
    assert_eq!(crontab.install("shop", None).unwrap(), Changed { before: now, written: true });
    assert_eq!(crontab.read().unwrap(), None);
    assert_eq!(crontab.install("shop", None).unwrap(), Changed { before: None, written: false });
}

#[test]
fn when_our_write_is_lost_to_someone_elses_it_is_done_again_on_top_of_theirs() {
    let (crontab, folder) = fake("[ -e $spool.once ] || { touch $spool.once; echo '@daily you' >$spool.new; }");
    let spool = folder.path().join("spool");
    std::fs::write(&spool, "@daily me\n").unwrap();
    let changed = crontab.install("shop", Some(&job())).unwrap();
    assert_eq!(changed, Changed { before: Some(b"@daily you\n".to_vec()), written: true });
    assert_eq!(std::fs::read_to_string(&spool).unwrap(), format!("@daily you\n{BLOCK}"));
}

#[test]
fn someone_who_never_stops_changing_it_is_a_problem_and_not_a_hang() {
    let (crontab, folder) = fake("echo '@daily you' >$spool.new");
    std::fs::write(folder.path().join("spool"), "@daily me\n").unwrap();
    let problem = crontab.install("shop", Some(&job())).unwrap_err();
    assert!(matches!(problem, CrontabProblem::Contended), "{problem}");
}

#[test]
fn a_refused_crontab_is_as_before_and_the_refusal_is_told() {
    let (crontab, folder) = fake("");
    let spool = folder.path().join("spool");
    std::fs::write(&spool, "@daily me\n").unwrap();
    let problem = crontab.install("shop", Some(&["bad".to_owned()])).unwrap_err();
    assert_eq!(problem.to_string(), "`crontab` refuses the new crontab: 3:bad");
    assert_eq!(std::fs::read_to_string(&spool).unwrap(), "@daily me\n");
}

#[test]
fn a_missing_newline_that_crontab_refuses_to_restore_stays_added() {
    let (crontab, folder) = fake("");
    let spool = folder.path().join("spool");
    std::fs::write(&spool, "@daily me").unwrap();
    crontab.install("shop", Some(&job())).unwrap();
    let changed = crontab.install("shop", None).unwrap();
    assert!(changed.written);
    assert_eq!(std::fs::read_to_string(&spool).unwrap(), "@daily me\n");
}

#[test]
fn lines_are_checked_the_way_this_crontab_says_it_does() {
    let (crontab, folder) = fake("");
    assert_eq!(crontab.check(&job()).unwrap(), Some(()));
    let problem = crontab.check(&["bad".to_owned()]).unwrap_err();
    assert_eq!(problem.to_string(), "`crontab` refuses the new crontab: 2:bad");
    assert!(!folder.path().join("spool").exists());
}

#[test]
fn the_option_that_checks_is_told_from_the_one_that_changes_the_cluster() {
    let debian = "usage:\tcrontab [-u user] [-n] file\n\n\t-n\t(dry run: checks the syntax, then bails out)\n";
    let cronie = "Usage:\n crontab -n [hostname]\n -n <host>  set host in cluster to run users' crontabs\n \
        -T <file>  test a crontab file syntax\n";
    let old_cronie = "Usage:\n crontab -n [hostname]\n -n <host>  set host in cluster to run users' crontabs\n";
    let found = [debian, cronie, old_cronie, ""].map(Checking::from_usage);
    assert_eq!(found, [Checking::DryRun, Checking::Test, Checking::Unknown, Checking::Unknown]);
}
