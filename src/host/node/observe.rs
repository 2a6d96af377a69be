//! What there is of a plan on this server.

use super::{Node, state};
use crate::facts::Observed;
use crate::run::Failure;

impl Node {
    pub(super) fn observe_plan(&self) -> Result<Observed, Failure> {
        Ok(Observed {
            look: self.engine.look()?,
            paths: self.leftover_paths()?,
            keys: self.layout.keys().exists(),
            crontab_block: self.crontab_block_to_change(),
            saved: state::read_saved(&self.layout.saved())?,
        })
    }
}
