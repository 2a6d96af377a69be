//! What is said about each place of a plan.
