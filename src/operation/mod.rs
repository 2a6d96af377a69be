//! The vocabulary of change, and the one sentence that describes each. Reads nothing, changes nothing.
