//! Turns a plan into the Bash scripts that cron runs. Reads nothing, changes nothing.
