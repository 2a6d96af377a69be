//! Fields of a plan that need more than one container to be seen at work: checks, names, restarts, and how it all is told.

mod checks;
mod container;
mod restarts;
mod telling;
