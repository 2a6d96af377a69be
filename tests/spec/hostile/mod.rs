//! What people, clocks and disks do to a server behind Landfall's back.

mod crontab;
mod files;
mod others;
mod process;
mod records;
mod secrets;
mod time;

use crate::plans::small;
use crate::support::{Process, Trouble, Vsn, eventually};

/// Deploys the plan, and deploys it again up to the moment at which the new container would start.
fn start_second_deployment(vsn: &Vsn) -> Process {
    vsn.must_deploy(&small());
    vsn.trouble_at("start shop-web", Trouble::Hangs);
    let deployment = vsn.start_deploy();
    eventually("the container is about to start", || vsn.engine_was_told("start shop-web"));
    deployment
}
