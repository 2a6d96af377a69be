//! A real small program in front of the engine, or of another program that Landfall calls, which counts its calls and makes trouble at
//! one of them.

use super::vsn::Vsn;

/// What happens at the chosen call of a program; every other call goes through as it is.
#[derive(Debug, PartialEq, Eq, Clone, Copy, PartialOrd, Ord)]
pub enum Trouble {
    /// None: the calls are only counted.
    None,
    /// It exits 125 without having done anything.
    Fails,
    /// As it fails, so does every call that counts after it.
    FailsFromNowOn,
    /// It does what it was asked, then exits 125.
    FailsAfterwards,
    /// It exits 0 without having done anything.
    Lies,
    /// As it lies, so does every call that counts after it.
    LiesFromNowOn,
    /// It never returns, and has not done anything.
    Hangs,
    /// It does what it was asked, then never returns, whoever asks it to end.
    HangsAfterwards,
    /// Somebody kills it half-way, at a moment that its number decides.
    IsKilled,
    /// The first of them that puts a file in its place so many times is killed right before the last one.
    IsKilledAtRename(u32),
    /// There is no room for this file, which it puts in its place.
    HasNoRoomFor(&'static str),
    /// It waits for [`Vsn::go_on`], then does what it was asked.
    Waits,
    /// It does what it was asked, then waits for [`Vsn::go_on`].
    WaitsAfterwards,
    /// Its caller gets a signal; then it does what it was asked, as an orphan where that killed the caller.
    Signals(Signal),
    /// It does what it was asked, then its caller gets a signal.
    SignalsAfterwards(Signal),
    /// It empties Podman's lists of secrets, as Podman does before it writes them anew, and ends there, as on a full disk; or its caller
    /// is killed in that moment.
    LosesSecrets { kills: bool },
}

/// What the caller gets.
#[derive(Debug, PartialEq, Eq, Clone, Copy, PartialOrd, Ord)]
pub enum Signal {
    Kill,
    Terminate,
    Interrupt,
    HangUp,
}

/// Which call it is.
#[derive(Debug, Clone, Copy)]
pub enum At<'a> {
    /// The one with this number, from 1, counted from now on.
    Call(u32),
    /// Every one whose command line contains these words.
    Words(&'a str),
    /// The one with this number, counted from the first one whose command line contains these words; what runs commands in containers
    /// is not counted.
    CallFrom(&'a str, u32),
}

const FOLDER: &str = "/srv/front";

/// Podman's store of them.
const SECRETS: &str = "/var/lib/containers/storage/secrets";

impl Trouble {
    /// Each way in which a call can go wrong.
    pub const ALL: [Self; 16] = [
        Self::Fails,
        Self::FailsFromNowOn,
        Self::FailsAfterwards,
        Self::Lies,
        Self::LiesFromNowOn,
        Self::Hangs,
        Self::HangsAfterwards,
        Self::IsKilled,
        Self::Signals(Signal::Kill),
        Self::SignalsAfterwards(Signal::Kill),
        Self::Signals(Signal::Terminate),
        Self::SignalsAfterwards(Signal::Terminate),
        Self::Signals(Signal::Interrupt),
        Self::SignalsAfterwards(Signal::Interrupt),
        Self::Signals(Signal::HangUp),
        Self::SignalsAfterwards(Signal::HangUp),
    ];

    /// Whether the call never returns.
    pub fn hangs(self) -> bool {
        matches!(self, Self::Hangs | Self::HangsAfterwards)
    }

    /// Whether calls go on going wrong.
    fn lasts(self) -> bool {
        matches!(self, Self::FailsFromNowOn | Self::LiesFromNowOn)
    }

    /// In Bash, before the call goes through; `$real` is the program.
    fn acts(self) -> String {
        let fails = "echo 'Error: it fails on purpose' >&2; exit 125";
        match self {
            Self::None => String::new(),
            Self::Fails | Self::FailsFromNowOn => fails.to_owned(),
            Self::FailsAfterwards => format!("\"$real\" \"$@\"; {fails}"),
            Self::Lies | Self::LiesFromNowOn => "exit 0".to_owned(),
            Self::Hangs => "exec sleep infinity".to_owned(),
            Self::HangsAfterwards => "trap '' TERM; \"$real\" \"$@\"; exec sleep infinity".to_owned(),
            Self::LosesSecrets { kills } => {
                let kill = if kills { "kill -KILL $PPID" } else { ":" };
                format!("truncate --size 0 {{{SECRETS},{SECRETS}/filedriver}}/*.json; {kill}; {fails}")
            }
            // Who waits for it must see a signal, as if nothing stood in between.
            Self::IsKilled => "\"$real\" \"$@\" <&0 & child=$!; sleep \"0.$(printf %03d $((number * 97 % 400)))\"
                kill -KILL $child; wait $child; code=$?; [ $code != 137 ] || kill -KILL $$; exit $code"
                .to_owned(),
            Self::IsKilledAtRename(number) => format!(
                "mkdir {FOLDER}/killing 2> /dev/null || exec \"$real\" \"$@\"
                strace -f -qq -o /dev/null -e trace=/^rename -e inject=/^rename:signal=KILL:when={number} \"$real\" \"$@\" <&0
                code=$?; [ $code = 137 ] || rmdir {FOLDER}/killing; [ $code != 137 ] || kill -KILL $$; exit $code"
            ),
            Self::HasNoRoomFor(file) => format!(
                "exec strace -f -qq -o /dev/null -P {file} -e trace=/^rename -e inject=/^rename:error=ENOSPC \"$real\" \"$@\""
            ),
            Self::Waits => format!("until [ -e {FOLDER}/goes-on ]; do sleep 0.05; done"),
            Self::WaitsAfterwards => {
                format!("\"$real\" \"$@\"; code=$?; until [ -e {FOLDER}/goes-on ]; do sleep 0.05; done; exit \"$code\"")
            }
            Self::Signals(signal) => format!("kill -{} $PPID", signal.name()),
            Self::SignalsAfterwards(signal) => {
                format!("\"$real\" \"$@\"; code=$?; kill -{} $PPID; exit \"$code\"", signal.name())
            }
        }
    }
}

impl At<'_> {
    /// In Bash, with `$number` of the calls that counted before: whether this one counts, and whether one that counts is chosen.
    fn in_bash(self, lasts: bool) -> (String, String) {
        let reached = |call: u32| format!("[ \"$number\" {} {call} ]", if lasts { "-ge" } else { "=" });
        let says = |words: &str| format!("[[ $* == *{words:?}* ]]");
        match self {
            Self::Call(call) => ("true".to_owned(), reached(call)),
            Self::Words(words) => (says(words), "true".to_owned()),
            Self::CallFrom(words, call) => {
                let first = says(words);
                let counts = format!("if [ \"$number\" = 0 ]; then {first}; else [ \"$1\" != exec ]; fi");
                (counts, reached(call))
            }
        }
    }
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Kill => "KILL",
            Self::Terminate => "TERM",
            Self::Interrupt => "INT",
            Self::HangUp => "HUP",
        }
    }
}

impl Vsn {
    /// Puts trouble in front of the engine, at call number `call` (from 1, counted from now on). A reboot ends it.
    pub fn trouble_at_call(&self, call: u32, trouble: Trouble) {
        self.put_in_front_of(self.engine(), At::Call(call), trouble);
    }

    /// Puts trouble in front of the engine, at every call whose command line contains `words`. A reboot ends it.
    pub fn trouble_at(&self, words: &str, trouble: Trouble) {
        self.put_in_front_of(self.engine(), At::Words(words), trouble);
    }

    /// Whether a call has come whose command line contains `words`, since trouble was put in front of the engine.
    pub fn engine_was_told(&self, words: &str) -> bool {
        self.engine_calls().iter().any(|call| call.replace('\'', "").contains(words))
    }

    /// Puts trouble in front of a program, in the place of what stood there. A reboot ends it.
    pub fn put_in_front_of(&self, program: &str, at: At<'_>, trouble: Trouble) {
        let folder = format!("{FOLDER}/{program}");
        let (counts, chosen) = at.in_bash(trouble.lasts());
        let acts = trouble.acts();
        let text = format!(
            "#!/bin/bash\nreal={folder}/real/{program}\nexec 9>> {folder}/calls\nflock 9\nprintf '%s\\n' \"${{*@Q}}\" >&9\n\
             number=$(wc -c < {folder}/counted)\ncounts=false\n\
             if {counts}; then counts=true number=$((number + 1)); printf . >> {folder}/counted; fi\nexec 9>&-\n\
             if $counts && {chosen}; then {acts}\n:; fi\nexec \"$real\" \"$@\"\n"
        );
        self.write(&format!("{folder}/{program}"), text, 0o755);
        for file in ["calls", "counted"] {
            self.write(&format!("{folder}/{file}"), "", 0o600);
        }
        self.write(&format!("{folder}/real/{program}"), "", 0o755);
        let in_front = format!(
            "rm -rf {FOLDER}/killing; mountpoint -q {folder}/real/{program} && exit; found=$(command -v {program})
             mount --bind \"$found\" {folder}/real/{program} && mount --bind {folder}/{program} \"$found\""
        );
        self.must(["bash", "-c", &in_front]);
    }

    /// Lets every call go on that waits, and those that come.
    pub fn go_on(&self) {
        self.write(&format!("{FOLDER}/goes-on"), "", 0o600);
    }

    /// How many calls of a program were counted since trouble was put in front of it.
    pub fn counted_calls(&self, program: &str) -> u32 {
        let counted = self.read(&format!("{FOLDER}/{program}/counted")).unwrap_or_default();
        u32::try_from(counted.len()).unwrap()
    }

    /// The calls of the engine since [`Vsn::trouble_at_call`], in order, one quoted command line each.
    pub fn engine_calls(&self) -> Vec<String> {
        self.calls_of(self.engine())
    }

    /// The calls of a program since trouble was put in front of it, in order, one quoted command line each.
    pub fn calls_of(&self, program: &str) -> Vec<String> {
        let calls = self.read(&format!("{FOLDER}/{program}/calls")).unwrap_or_default();
        String::from_utf8_lossy(&calls).lines().map(str::to_owned).collect()
    }
}
