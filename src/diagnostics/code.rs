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
                match self { $(Self::$name => const { concat!($($doc,)+).trim_ascii() },)+ }
            }

            /// `explained/CODE.md` of all codes in order: without one of them this does not compile. The program has them packed.
            #[cfg_attr(not(test), expect(dead_code, reason = "only what is packed is to be in the program"))]
            pub(super) const FILES: &'static [&'static str] = &[$(include_str!(concat!("explained/", $text, ".md")),)+];
        }
    };
}

// 001-019 text and structure, 020-099 values and rules, 100-139 the server, 140-149 what is better done otherwise, 150-169 the site's policy, 170-179 staging, 190-194 not yet, 195-199 `--expect`.
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
    /// More mistakes than are told.
    TooManyFindings = "LF018",
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
    /// A health check of a port of the server that nobody publishes.
    CheckOfUnpublishedPort = "LF082",
    /// A port that is published where nobody can reach it.
    PortOutOfReach = "LF083",
    /// Landfall does not run as root.
    NotRoot = "LF100",
    /// There is no container engine.
    NoEngine = "LF101",
    /// The container engine does not answer as it must.
    EngineProblem = "LF102",
    /// The container engine is too old.
    EngineTooOld = "LF103",
    /// Containers would not find one another by name.
    NoNameResolution = "LF104",
    /// A command that is needed is not installed.
    CommandMissing = "LF105",
    /// The server is not the one that the plan is for.
    WrongServer = "LF106",
    /// Too little free disk space.
    NotEnoughDisk = "LF107",
    /// Too little available memory.
    NotEnoughMemory = "LF108",
    /// A port that something else holds.
    PortHeld = "LF109",
    /// A container of somebody else's with one of the plan's names.
    ForeignContainer = "LF110",
    /// A container of somebody else's on the plan's network.
    ForeignOnNetwork = "LF111",
    /// A network of somebody else's with the plan's name.
    ForeignNetwork = "LF112",
    /// Addresses that something else on the server uses.
    SubnetHeld = "LF113",
    /// A data directory that is reached through a symbolic link.
    DirectoryIsSymlink = "LF114",
    /// A data directory that is something else than a directory.
    NotADirectory = "LF115",
    /// A disk that is not mounted.
    NotMounted = "LF116",
    /// A data directory whose SELinux label containers can't use.
    LabelNotUsable = "LF117",
    /// Data of another deployed plan.
    DataOfAnotherPlan = "LF118",
    /// Another deployed plan cleans the log.
    CleanupOwned = "LF119",
    /// A server that is to be dedicated, and is not.
    NotDedicated = "LF120",
    /// A key of somebody else's with the same name.
    ForeignKey = "LF121",
    /// A crontab that can't be used.
    CrontabUnusable = "LF122",
    /// No way for mail to leave.
    NoMailPath = "LF123",
    /// A program that others than root can change.
    ProgramNotTrusted = "LF124",
    /// A file of the plan that is not there.
    FileMissing = "LF125",
    /// A file of the plan that can't be used.
    FileUnusable = "LF126",
    /// A logging driver, or an option of it, that the engine does not have.
    LoggingNotAvailable = "LF127",
    /// A saved plan that can't be read.
    SavedPlanUnreadable = "LF128",
    /// A field that this server's engine does not have.
    OptionNotAvailable = "LF129",
    /// A field that this server's engine has, with an effect that an author may not expect.
    OptionSurprises = "LF130",
    /// A state folder that can't be written to, or from which cron can't start scripts.
    StateFolderUnusable = "LF131",
    /// A data directory that somebody besides root could put something else in the place of.
    DirectoryWithinReach = "LF132",
    /// An image that no archive of a folder has, or that several have.
    NotInFolder = "LF133",
    /// A plan that is deployed on another engine than the one that it asks for now.
    DeployedOnOtherEngine = "LF134",
    /// A registry that Docker does not verify, although the plan says nothing of that.
    RegistryNotVerified = "LF135",
    /// An image by a tag that is meant to move.
    MovableTag = "LF140",
    /// A service that may take all memory.
    NoMemoryLimit = "LF141",
    /// A service without a health check.
    NoHealthcheck = "LF142",
    /// A database's port that is published on every interface.
    DatabasePortOnAllInterfaces = "LF143",
    /// A schedule in hours that daylight saving skips or repeats.
    ScheduleInClockChange = "LF144",
    /// A certificate that is not verified.
    NotVerified = "LF145",
    /// A service that was replaced since the last deployment, and that this one makes as it was.
    HotfixUndone = "LF149",
    /// A policy of the site that can't be trusted or read.
    PolicyUnusable = "LF150",
    /// A directory of the server that the site's policy lets no plan have.
    DirectoryNotAllowed = "LF151",
    /// A privilege that the site's policy lets no container have.
    PrivilegeNotAllowed = "LF152",
    /// A device that the site's policy lets no container have.
    DeviceNotAllowed = "LF153",
    /// A port, or addresses, that the site's policy keeps for others.
    PortNotAllowed = "LF154",
    /// An image from where the site's policy lets none come from.
    ImageNotAllowed = "LF155",
    /// An image that can be another one next time, where the site's policy wants to know which one runs.
    UnpinnedNotAllowed = "LF156",
    /// A plan's name, or what it does to the server as a whole, that the site's policy does not allow.
    ScopeNotAllowed = "LF157",
    /// A key in root's folder, where the site's policy allows none.
    KeyNotAllowed = "LF158",
    /// A server that the site's policy lets no plan have asked or written to, or that is not to be believed unverified.
    ReachNotAllowed = "LF159",
    /// A limit that is missing or too high for the site's policy.
    LimitNotAllowed = "LF160",
    /// A file of the server that the site's policy lets no plan read.
    FileNotAllowed = "LF161",
    // LF190 was: fetching an image by ssh is not available yet. LF191: downloading an image is not.
    // LF192 was: logging in to a registry is not available yet.
    // LF193 was: Docker is not available yet.
    // LF194 was: going back to the previous plan is not available yet.
    /// An image that can be another one than was reviewed.
    ImageNotPinned = "LF195",
    /// A plan, or a file that it names, that is not what was reviewed.
    NotAsReviewed = "LF196",
    /// Old images that go before the new ones come, in a plan that goes back to them.
    NoRoomToGoBack = "LF197",
    /// A file beside an accepted plan that is not what it was when the plan was accepted.
    NotAsAccepted = "LF198",
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
