//! Every code, once. Codes are a contract: never renumbered, never used again. Reads nothing, changes nothing.

use std::fmt;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+) => {
        /// The stable name of a kind of mistake.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[doc = $doc])+ $name,)+ }

        impl Code {
            /// All codes, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// `LF001` and so on.
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// One sentence that says what the code stands for.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc,)+).trim_ascii(),)+ }
            }
        }
    };
}

// 001-019 text and structure, 020-099 values and rules, 100-149 the server, 150-179 staging, 190-199 not yet.
codes! {
    /// The file is not JSON.
    NotJson = "LF001",
    /// A key stands twice in one object.
    DuplicateKey = "LF002",
    /// The file is too large or too deep.
    TooLarge = "LF003",
    /// The file is not UTF-8, or begins with a byte order mark.
    NotUtf8 = "LF004",
    /// A field that the format does not know.
    UnknownField = "LF005",
    /// A required field is missing.
    MissingField = "LF006",
    /// A value of the wrong type.
    WrongType = "LF007",
    /// A value that is none of those allowed.
    NotAllowed = "LF008",
    /// None or more than one of several alternatives.
    NotExactlyOne = "LF009",
    /// A text that is not of the required form.
    WrongForm = "LF010",
    /// A number, list or text outside its limits.
    OutOfBounds = "LF011",
    /// A name with characters that such a name can't have, or of the wrong length.
    BadName = "LF020",
    /// A name that means something else already.
    ReservedName = "LF021",
    /// A length of time that is not one number and one unit.
    BadDuration = "LF022",
    /// A size that is not one number and one binary unit, or that is zero.
    BadSize = "LF023",
    /// An owner or user that is not written as such.
    BadOwner = "LF024",
    /// Permissions that are not three octal digits.
    BadMode = "LF025",
    /// A path that is relative, ambiguous, too long, or that engines can't be told.
    BadPath = "LF026",
    /// A published port that is not written as such.
    BadPort = "LF027",
    /// A subnet that is not a network's address with a usable length.
    BadSubnet = "LF028",
    /// A host name, an address, or the two with a port, that is not written as such.
    BadAddress = "LF029",
    /// A web address that is not written as such, or that carries a user.
    BadUrl = "LF030",
    /// A mail address that is not written as such, or that would need quoting.
    BadEmail = "LF031",
    /// An image reference or a registry that is not written as such.
    BadImageReference = "LF032",
    /// An image reference that doesn't say which registry.
    ShortImageName = "LF033",
    /// A hash, a digest or an image ID that is not written as such.
    BadDigest = "LF034",
    /// A place to fetch an image archive from that is not written as such.
    BadLocation = "LF035",
    /// A signal that Linux doesn't know.
    UnknownSignal = "LF036",
    /// A capability that Linux doesn't know.
    UnknownCapability = "LF037",
    /// A schedule that is not five crontab fields or a known word.
    BadSchedule = "LF038",
    /// A schedule that never fires.
    NeverFires = "LF039",
    /// A kernel setting that is not written as such, or that containers share with the server.
    BadSysctl = "LF040",
    /// A device that is not written as such.
    BadDevice = "LF041",
    /// A template that is not one.
    BadTemplate = "LF050",
    /// A field that has no effect where it stands.
    NoEffect = "LF051",
    /// A port of the server that is published twice.
    PortUsedTwice = "LF052",
    /// A port that is published on every interface.
    PortOnAllInterfaces = "LF053",
    /// A directory that several services would write to.
    SharedVolume = "LF054",
    /// A directory of the system, or of Landfall, as a volume.
    SystemDirectory = "LF055",
    /// A mount at or below another one's target.
    MountInMount = "LF056",
    /// A mount that would hide what a container can't be without.
    TargetReserved = "LF057",
    /// A working directory below a mount, which would be created in the data.
    WorkingDirectoryInMount = "LF058",
    /// A service that the plan does not have.
    UnknownService = "LF059",
    /// Services that wait for one another.
    DependencyCycle = "LF060",
    /// A condition that the service can never reach, or a use that it can't serve.
    ConditionNeverMet = "LF061",
    /// An SSH key that the plan does not have.
    UnknownKey = "LF062",
    /// A line for `known_hosts` that names no host, or that trusts too much.
    BadKnownHosts = "LF063",
    /// A password that would be sent without encryption.
    PasswordWithoutTls = "LF064",
    /// An account without its password, or the reverse.
    HalfALogin = "LF065",
    /// A secret that the secrets file does not have.
    SecretMissing = "LF066",
    /// A secret that the plan never uses.
    SecretNeverUsed = "LF067",
    /// A secret in an environment variable, where root's `inspect` shows it.
    SecretInEnvironment = "LF068",
    /// A secret's value that can't be used.
    BadSecret = "LF069",
    /// A name that already means something else on the plan's network.
    NameUsedTwice = "LF070",
    /// Subnets of the same family, or that overlap.
    SubnetsConflict = "LF071",
    /// A capability that is added and dropped at once.
    CapabilityTwice = "LF072",
    /// A soft limit above its hard limit.
    SoftAboveHard = "LF073",
    /// Two digests that disagree.
    DigestsDisagree = "LF074",
    /// A value below what a container can work with.
    TooLittle = "LF075",
    /// A length of time that makes no sense where it stands.
    DurationUnsuitable = "LF076",
    /// A NUL character, which no program can be given.
    NulCharacter = "LF077",
    /// A thing that is listed twice.
    ListedTwice = "LF078",
    /// A path that leads out of where it must stay.
    PathEscapes = "LF079",
    /// Findings of a job that nobody would be told.
    NobodyIsTold = "LF080",
    /// A plan that the schema allows and the program can't read.
    NotUnderstood = "LF081",
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn codes_are_distinct_and_in_order() {
        let texts: Vec<_> = Code::ALL.iter().map(|code| code.text()).collect();
        let mut sorted = texts.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(texts, sorted);
    }
}
