//! What a server runs beside its containers: cron and syslog, the real ones.

use super::eventually::eventually;
use super::process::Process;
use super::vsn::Vsn;

impl Vsn {
    /// Starts the real cron, as a boot does; after a reboot it runs the `@reboot` lines. Dropping it stops it.
    pub fn cron(&self) -> Process {
        // Debian's name for the program, and cronie's.
        let foreground = "if command -v cron > /dev/null; then exec cron -f; else exec crond -n; fi";
        let cron = self.start_process(["bash", "-c", foreground]);
        eventually("cron runs", || self.run(["test", "-s", "/run/crond.pid"]).status == Some(0));
        cron
    }

    /// Starts the real rsyslog, which writes to `/var/log` as the distribution configured it. Dropping it stops it.
    pub fn syslog(&self) -> Process {
        let syslog = self.start_process(["rsyslogd", "-n"]);
        eventually("syslog listens", || self.run(["test", "-S", "/dev/log"]).status == Some(0));
        syslog
    }

    /// The lines of a file in `/var/log` that contain `word`; none when there is no such file.
    pub fn log_lines(&self, file: &str, word: &str) -> Vec<String> {
        let text = self.read(&format!("/var/log/{file}")).unwrap_or_default();
        String::from_utf8_lossy(&text).lines().filter(|line| line.contains(word)).map(str::to_owned).collect()
    }
}
