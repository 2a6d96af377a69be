//! Schedules, held against another library.
