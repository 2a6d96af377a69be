//! Root's crontab, which its owner changes while Landfall does.

use pretty_assertions::assert_eq;

use super::start_second_deployment;
use crate::support::{Crontab, Vsn};

#[test]
fn marks_in_the_crontab_that_somebody_breaks_during_a_run_keep_no_container_from_being_removed() {
    let vsn = Vsn::start();
    let deployment = start_second_deployment(&vsn);
    let Crontab::Present(crontab) = vsn.crontab() else { panic!("the plan has jobs") };
    let broken = crontab.replace("# END landfall shop\n", "");
    vsn.run_with_input(["crontab", "-"], &broken);
    deployment.signal("KILL");
    deployment.wait();

    let output = vsn.landfall(["recover"]);

    assert_eq!(output.status, Some(5));
    let left = "What is left:\n  could not remove the jobs from the crontab: line 1 of root's crontab begins the block of `shop`, but \
                nothing ends it: remove the line, or put `# END landfall shop` after the block\n";
    assert!(output.stderr.ends_with(left), "{output:?}");
    assert_eq!(vsn.containers(), [] as [&str; 0]);
    assert_eq!(vsn.crontab(), Crontab::Present(broken));
    vsn.must(["crontab", "-r"]);
    assert_eq!(vsn.landfall(["recover"]).status, Some(0));
    assert_eq!(vsn.states(), (Some(8), [("shop".to_owned(), "failed".to_owned())].into()));
}
