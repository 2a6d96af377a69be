//! A clock that is set while Landfall works, or between its runs.

use pretty_assertions::assert_eq;

use super::start_second_deployment;
use crate::plans::small;
use crate::support::{Crontab, Vsn};

#[test]
fn a_run_that_was_killed_is_finished_although_the_clock_was_set_back_before_it() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    let first = vsn.runs("shop").pop().unwrap();
    vsn.must(["mv", &first, "/var/lib/landfall/shop/runs/20991231t000000"]);
    let deployment = start_second_deployment(&vsn);
    deployment.signal("KILL");
    deployment.wait();
    vsn.reboot();
    assert_eq!(vsn.states(), (Some(8), [("shop".to_owned(), "interrupted".to_owned())].into()));

    assert_eq!(vsn.landfall(["recover"]).status, Some(0));

    assert_eq!(vsn.containers(), [] as [&str; 0]);
    assert_eq!(vsn.crontab(), Crontab::Absent);
}
