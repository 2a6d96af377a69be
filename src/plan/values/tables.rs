//! Tables of right and wrong values of every kind.
