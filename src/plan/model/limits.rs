//! Bounds of a container: processor, resource limits, output. Reads nothing, changes nothing.

use crate::plan::values::Size;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Processor time in cores, kept in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Cpus(u32);

impl Cpus {
    /// The bound in thousandths of a core.
    pub fn thousandths(self) -> u32 {
        self.0
    }
}

impl TryFrom<f64> for Cpus {
    type Error = &'static str;

    fn try_from(cores: f64) -> Result<Self, Self::Error> {
        let thousandths = (cores * 1000.0).round();
        if (10.0..=1_024_000.0).contains(&thousandths) {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was just checked")]
            Ok(Self(thousandths as u32))
        } else {
            Err("`cpus` is from 0.01 to 1024")
        }
    }
}

impl From<Cpus> for f64 {
    fn from(cpus: Cpus) -> Self {
        Self::from(cpus.0) / 1000.0
    }
}

impl JsonSchema for Cpus {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Cpus".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "number", "minimum": 0.01, "maximum": 1024,
            "description": "Processor time in cores, from 0.01 to 1024.", "examples": [1.5]
        })
    }
}

/// A resource limit: one number for both limits, or `soft` and `hard`. `-1` is unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(deny_unknown_fields, extend("examples" = [65536, {"soft": 1024, "hard": 65536}]))]
pub enum Ulimit {
    /// One number for both.
    Both(#[schemars(range(min = -1, max = 9_007_199_254_740_991_i64))] i64),
    /// Soft and hard limit apart.
    Apart {
        /// The limit that the process starts with; `-1` is unlimited.
        #[schemars(example = 1024, range(min = -1, max = 9_007_199_254_740_991_i64))]
        soft: i64,
        /// The limit that the process may raise the soft one to; `-1` is unlimited.
        #[schemars(example = 65536, range(min = -1, max = 9_007_199_254_740_991_i64))]
        hard: i64,
    },
}

/// The resource limits that both engines know, and what each bounds.
const NAMES: [(&str, &str); 14] = [
    ("core", "The size of a core dump, in bytes."),
    ("cpu", "Processor time, in seconds."),
    ("data", "The process's data segment, in bytes."),
    ("fsize", "The size of a file that the process writes, in bytes."),
    ("locks", "File locks."),
    ("memlock", "Memory that is locked into RAM, in bytes."),
    ("msgqueue", "POSIX message queues, in bytes."),
    ("nice", "How far the nice value can be lowered: 20 minus the limit."),
    ("nofile", "Open files and sockets."),
    ("nproc", "Processes and threads of the user."),
    ("rss", "Resident memory, in bytes; Linux ignores it."),
    ("rtprio", "Real-time priority."),
    ("sigpending", "Signals that wait to be delivered."),
    ("stack", "The process's stack, in bytes."),
];

/// The names of the resource limits, as a schema.
pub(super) fn names() -> Value {
    let (names, said): (Vec<_>, Vec<_>) = NAMES.into_iter().unzip();
    json!({ "enum": names, "enumDescriptions": said, "markdownEnumDescriptions": said })
}

/// Where a container's output goes, and how much of it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Logging")]
pub struct Logging {
    /// What takes the output.
    #[serde(default)]
    #[schemars(example = LoggingDriver::Journald)]
    pub driver: LoggingDriver,
    /// The name that each line carries in the log, for `journald` and `syslog`. Without it, the engine's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"), example = &"shop-web")]
    #[schemars(extend("patternErrorMessage" = "a letter or digit, then up to 63 letters, digits, _, . and -"))]
    pub tag: Option<String>,
    /// How large a log file may grow before it is rotated, for `file`.
    #[serde(default = "ten_mebibytes")]
    #[schemars(example = &"5MiB", example = &"50MiB")]
    pub max_size: Size,
    /// How many log files are kept, for `file`, from 1 to 100. Without it, as many as the engine keeps. Podman keeps one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = 3, range(min = 1, max = 100))]
    pub max_files: Option<u32>,
}

/// What takes a container's output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LoggingDriver {
    /// The systemd journal.
    Journald,
    /// The system's log daemon. Podman does not have it: a plan that asks for it is refused there.
    Syslog,
    /// A file of the engine's, bounded by `max_size`.
    #[default]
    File,
    /// Nothing: the output is thrown away.
    None,
}

fn ten_mebibytes() -> Size {
    Size::mebibytes(10)
}

impl Default for Logging {
    fn default() -> Self {
        Self { driver: LoggingDriver::File, tag: None, max_size: ten_mebibytes(), max_files: None }
    }
}
