//! Turns a plan and facts into operations. Reads nothing, changes nothing.
