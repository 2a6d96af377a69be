//! The only folder that touches the system.
