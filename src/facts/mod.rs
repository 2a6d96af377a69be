//! What a host looks like, as plain data. Reads nothing, changes nothing.
