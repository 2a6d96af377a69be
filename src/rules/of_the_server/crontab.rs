//! The crontab of root. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding};
use crate::facts::{CrontabFact, Facts};
use crate::plan::model::Plan;

pub(super) fn findings(_: &Plan, facts: &Facts) -> Vec<Finding> {
    match &facts.crontab {
        CrontabFact::Absent | CrontabFact::Present { plans: _ } => Vec::new(),
        CrontabFact::Unusable(reason) => {
            let message = format!("the crontab of root can't be used: {reason}");
            vec![Finding::host(Code::CrontabUnusable, message).help("look at it with `crontab -e` as root")]
        }
    }
}
