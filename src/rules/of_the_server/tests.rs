//! The rules that a plan is judged by on a server.
