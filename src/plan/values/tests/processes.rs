//! What a process is started with.

use pretty_assertions::assert_eq;

use super::{accepts, reads_as, refuses};
use crate::plan::values::{Capability, CommandName, EnvironmentName, Signal, SysctlName, User};

#[test]
fn an_environment_variable_has_a_portable_name() {
    accepts::<EnvironmentName>(&["POSTGRES_USER", "_x", "a1"]);
    refuses::<EnvironmentName>(&[
        ("1A", "LF020 environment variable `1A` is not a name | a letter or `_`, then letters, digits and `_`"),
        (
            "A-B",
            "LF020 environment variable `A-B` is not a name | a letter or `_`, then letters, digits and `_` | write `A_B`",
        ),
        ("A=B", "LF020 environment variable `A=B` is not a name | a letter or `_`, then letters, digits and `_`"),
        ("", "LF020 environment variable `` is not a name | a letter or `_`, then letters, digits and `_`"),
        (
            "a b",
            "LF020 environment variable `a b` is not a name | a letter or `_`, then letters, digits and `_` | write `a_b`",
        ),
    ]);
}

#[test]
fn a_command_is_a_bare_name() {
    accepts::<CommandName>(&["curl", "x86_64-linux-gnu-gcc", "g++", "7z"]);
    refuses::<CommandName>(&[
        (
            "/usr/bin/curl",
            "LF020 command `/usr/bin/curl` is not a program's name | a bare name: no folder, no arguments | write `curl`",
        ),
        ("curl -s", "LF020 command `curl -s` is not a program's name | a bare name: no folder, no arguments"),
        ("-x", "LF020 command `-x` is not a program's name | a bare name: no folder, no arguments"),
        ("", "LF020 command `` is not a program's name | a bare name: no folder, no arguments"),
        ("a/b c", "LF020 command `a/b c` is not a program's name | a bare name: no folder, no arguments"),
    ]);
}

#[test]
fn a_user_is_a_name_or_a_number() {
    accepts::<User>(&["postgres", "999", "999:999", "www-data:www-data", "0:docker"]);
    refuses::<User>(&[
        ("", "LF024 user `` is neither a name nor a number | `user` or `user:group`, each a name or a number"),
        ("999:", "LF024 user `999:` is neither a name nor a number | `user` or `user:group`, each a name or a number"),
        ("a b", "LF024 user `a b` is neither a name nor a number | `user` or `user:group`, each a name or a number"),
        ("-1", "LF024 user `-1` is neither a name nor a number | `user` or `user:group`, each a name or a number"),
        (
            "4294967295",
            "LF024 user `4294967295` is neither a name nor a number | `user` or `user:group`, each a name or a number",
        ),
        (
            "a:b:c",
            "LF024 user `a:b:c` is neither a name nor a number | `user` or `user:group`, each a name or a number",
        ),
        ("01", "LF024 user `01` is neither a name nor a number | `user` or `user:group`, each a name or a number"),
    ]);
}

#[test]
fn a_signal_has_a_name_that_linux_knows() {
    accepts::<Signal>(&["SIGTERM", "SIGRTMIN+3", "SIGRTMAX-14", "SIGKILL"]);
    reads_as::<Signal>(&[("TERM", "SIGTERM"), ("RTMIN", "SIGRTMIN")]);
    refuses::<Signal>(&[
        (
            "sigterm",
            "LF036 signal `sigterm` is not known | a name such as `SIGTERM`, `SIGINT`, `SIGQUIT`, `SIGRTMIN+3` | write `SIGTERM`",
        ),
        (
            "15",
            "LF036 signal `15` is not known | a name such as `SIGTERM`, `SIGINT`, `SIGQUIT`, `SIGRTMIN+3` | write `SIGTERM`",
        ),
        ("77", "LF036 signal `77` is not known | a name such as `SIGTERM`, `SIGINT`, `SIGQUIT`, `SIGRTMIN+3`"),
        ("SIGFOO", "LF036 signal `SIGFOO` is not known | a name such as `SIGTERM`, `SIGINT`, `SIGQUIT`, `SIGRTMIN+3`"),
        (
            "SIGRTMIN+16",
            "LF036 signal `SIGRTMIN+16` is not known | a name such as `SIGTERM`, `SIGINT`, `SIGQUIT`, `SIGRTMIN+3`",
        ),
        (
            "SIGRTMAX-0",
            "LF036 signal `SIGRTMAX-0` is not known | a name such as `SIGTERM`, `SIGINT`, `SIGQUIT`, `SIGRTMIN+3`",
        ),
        (
            "SIGRTMIN+03",
            "LF036 signal `SIGRTMIN+03` is not known | a name such as `SIGTERM`, `SIGINT`, `SIGQUIT`, `SIGRTMIN+3`",
        ),
        (
            "TERM ",
            "LF036 signal `TERM ` is not known | a name such as `SIGTERM`, `SIGINT`, `SIGQUIT`, `SIGRTMIN+3` | write `SIGTERM`",
        ),
        ("", "LF036 signal `` is not known | a name such as `SIGTERM`, `SIGINT`, `SIGQUIT`, `SIGRTMIN+3`"),
    ]);
}

#[test]
fn a_capability_is_one_that_linux_knows() {
    accepts::<Capability>(&["NET_ADMIN", "ALL"]);
    reads_as::<Capability>(&[("CAP_NET_ADMIN", "NET_ADMIN")]);
    refuses::<Capability>(&[
        (
            "net_admin",
            "LF037 capability `net_admin` is not known | a name of capabilities(7), in capitals | write `NET_ADMIN`",
        ),
        ("CAP_ALL", "LF037 capability `CAP_ALL` is not known | a name of capabilities(7), in capitals | write `ALL`"),
        (
            "NET_ADMN",
            "LF037 capability `NET_ADMN` is not known | a name of capabilities(7), in capitals | write `NET_ADMIN`",
        ),
        (
            "cap_sys_tim",
            "LF037 capability `cap_sys_tim` is not known | a name of capabilities(7), in capitals | write `SYS_TIME`",
        ),
        ("FOO", "LF037 capability `FOO` is not known | a name of capabilities(7), in capitals"),
        ("", "LF037 capability `` is not known | a name of capabilities(7), in capitals"),
    ]);
}

#[test]
fn a_sysctl_is_one_that_containers_have_for_themselves() {
    accepts::<SysctlName>(&["net.core.somaxconn", "kernel.shmmax", "fs.mqueue.msg_max"]);
    refuses::<SysctlName>(&[
        (
            "vm.overcommit_memory",
            "LF040 sysctl `vm.overcommit_memory` belongs to the whole server | containers have `net.*`, `fs.mqueue.*` and the IPC settings for themselves | set it on the VSN, in `/etc/sysctl.d`",
        ),
        (
            "kernel.hostname",
            "LF040 sysctl `kernel.hostname` belongs to the whole server | containers have `net.*`, `fs.mqueue.*` and the IPC settings for themselves | set it on the VSN, in `/etc/sysctl.d`",
        ),
        (
            "net/core/somaxconn",
            "LF040 sysctl `net/core/somaxconn` is not a kernel setting | names joined by dots: `net.core.somaxconn` | write `net.core.somaxconn`",
        ),
        (
            "/proc/sys/net/core/somaxconn",
            "LF040 sysctl `/proc/sys/net/core/somaxconn` is not a kernel setting | names joined by dots: `net.core.somaxconn` | write `net.core.somaxconn`",
        ),
        ("net", "LF040 sysctl `net` is not a kernel setting | names joined by dots: `net.core.somaxconn`"),
        ("net..x", "LF040 sysctl `net..x` is not a kernel setting | names joined by dots: `net.core.somaxconn`"),
        (
            "net.core.somaxconn=1",
            "LF040 sysctl `net.core.somaxconn=1` is not a kernel setting | names joined by dots: `net.core.somaxconn`",
        ),
        ("", "LF040 sysctl `` is not a kernel setting | names joined by dots: `net.core.somaxconn`"),
    ]);
}

#[test]
fn a_user_comes_apart_into_user_and_group() {
    let parts = |text| {
        let user = User::parse(text).unwrap();
        (user.user().to_owned(), user.group().map(str::to_owned))
    };
    assert_eq!(parts("www-data"), ("www-data".to_owned(), None));
    assert_eq!(parts("999:docker"), ("999".to_owned(), Some("docker".to_owned())));
}

#[test]
fn every_capability_is_said_in_one_word() {
    assert_eq!(Capability::parse("ALL").unwrap().is_all(), true);
    assert_eq!(Capability::parse("CHOWN").unwrap().is_all(), false);
}
