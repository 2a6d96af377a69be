//! How long log entries are kept. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place, Pointer};
use crate::plan::model::{Cleanup, Plan};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let Some(Cleanup { schedule: _, keep: Some(keep), include_auth: _ }) = &plan.maintenance.cleanup else {
        return Vec::new();
    };
    if keep.as_std() >= DAY {
        return Vec::new();
    }
    let at = Pointer::of(["maintenance", "cleanup", "keep"]);
    let place = Place::Value(at.clone());
    let finding = Finding::error(Code::DurationUnsuitable, at, format!("log entries would be kept for {keep} only"));
    vec![
        finding
            .label("at least `1d`")
            .help("write `1d` or more, or leave it out: then it follows the schedule")
            .fix("write `1d`", place.clone(), "\"1d\"")
            .fix_by_removing("remove `keep`", place),
    ]
}
