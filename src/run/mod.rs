//! The only loop: forward, backward, recover, interrupt.
