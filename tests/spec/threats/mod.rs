//! What each of those that `SECURITY.md` names can try, and what stops them: who writes plans, what runs in a container, a local
//! user, somebody on the network.

mod containers;
mod network;
mod policy;
mod users;
