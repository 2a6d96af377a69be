//! What there is of a plan on this server.

use super::{Node, state, stopped};
use crate::facts::Observed;
use crate::run::Failure;

impl Node {
    pub(super) fn observe_plan(&self) -> Result<Observed, Failure> {
        let look = self.engine.look()?;
        let healthy = self.still_healthy(&look.containers);
        let plan = self.layout.plan().as_str();
        let has_network = look.networks.iter().any(|network| network.name == plan);
        Ok(Observed {
            monitors: self.engine.lost_monitors(&look.containers)?,
            look,
            network_remains: !has_network && self.engine.network_has_remains(plan)?,
            paths: self.leftover_paths()?,
            keys: self.layout.keys().exists(),
            crontab_block: self.crontab_block_to_change(),
            saved: state::read_saved(&self.layout.saved())?,
            stopped: stopped::read(&self.layout)?,
            guarded: stopped::guarded(&self.layout),
            healthy,
        })
    }
}
