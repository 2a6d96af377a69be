//! The rules that a schema can't say, one file each. Reads nothing, changes nothing.
