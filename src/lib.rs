//! Landfall interprets a deployment plan on one Linux server.
//!
//! A step never acts: it returns operations. One runner performs them, one journal records them, one printer
//! previews them. `ARCHITECTURE.md` tells who may use whom.

pub mod cli;
pub mod diagnostics;
pub mod facts;
pub mod host;
pub mod journal;
pub mod operation;
pub mod plan;
pub mod rules;
pub mod run;
pub mod script;
pub mod steps;
