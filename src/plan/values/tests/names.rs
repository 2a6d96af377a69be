//! Names that the author chooses.

use super::{accepts, refuses};
use crate::plan::values::{JobName, KeyFileName, LabelKey, PlanName, SecretName, ServiceName};

#[test]
fn a_plan_name_becomes_part_of_engine_names() {
    accepts::<PlanName>(&["shop", "a", "mail-archive2", "abbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"]);
    refuses::<PlanName>(&[
        (
            "Shop",
            "LF020 plan name `Shop` is not a name | a letter a-z, then up to 30 of a-z, 0-9 and `-`, the last of them not `-` | write `shop`",
        ),
        (
            "my_shop",
            "LF020 plan name `my_shop` is not a name | a letter a-z, then up to 30 of a-z, 0-9 and `-`, the last of them not `-` | write `my-shop`",
        ),
        (
            "9lives",
            "LF020 plan name `9lives` is not a name | a letter a-z, then up to 30 of a-z, 0-9 and `-`, the last of them not `-`",
        ),
        (
            "-x",
            "LF020 plan name `-x` is not a name | a letter a-z, then up to 30 of a-z, 0-9 and `-`, the last of them not `-` | write `x`",
        ),
        (
            "x-",
            "LF020 plan name `x-` is not a name | a letter a-z, then up to 30 of a-z, 0-9 and `-`, the last of them not `-` | write `x`",
        ),
        (
            "",
            "LF020 plan name `` is not a name | a letter a-z, then up to 30 of a-z, 0-9 and `-`, the last of them not `-`",
        ),
        (
            "abbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
            "LF020 plan name `abbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb` is not a name | a letter a-z, then up to 30 of a-z, 0-9 and `-`, the last of them not `-`",
        ),
        ("podman", "LF021 plan name `podman` is taken | engines use this name themselves | choose another name"),
        ("ns", "LF021 plan name `ns` is taken | engines use this name themselves | choose another name"),
        (
            "wëb",
            "LF020 plan name `wëb` is not a name | a letter a-z, then up to 30 of a-z, 0-9 and `-`, the last of them not `-`",
        ),
    ]);
}

#[test]
fn a_service_name_is_a_host_name_in_containers() {
    accepts::<ServiceName>(&["web", "db-1", "localhosts"]);
    refuses::<ServiceName>(&[
        (
            "localhost",
            "LF021 service name `localhost` is taken | in every container this name means the container itself | choose another name",
        ),
        ("docker", "LF021 service name `docker` is taken | engines use this name themselves | choose another name"),
        (
            "Web",
            "LF020 service name `Web` is not a name | a letter a-z, then up to 30 of a-z, 0-9 and `-`, the last of them not `-` | write `web`",
        ),
        (
            "web.1",
            "LF020 service name `web.1` is not a name | a letter a-z, then up to 30 of a-z, 0-9 and `-`, the last of them not `-` | write `web-1`",
        ),
        (
            "web\n",
            "LF020 service name `web\\n` is not a name | a letter a-z, then up to 30 of a-z, 0-9 and `-`, the last of them not `-`",
        ),
    ]);
}

#[test]
fn a_job_name_is_none_of_our_own_jobs() {
    accepts::<JobName>(&["dump", "podman", "backup"]);
    refuses::<JobName>(&[
        (
            "cleanup",
            "LF021 job name `cleanup` is taken | Landfall uses this name for a job of its own | choose another name",
        ),
        (
            "recover",
            "LF021 job name `recover` is taken | Landfall uses this name for a job of its own | choose another name",
        ),
        (
            "Dump DB",
            "LF020 job name `Dump DB` is not a name | a letter a-z, then up to 30 of a-z, 0-9 and `-`, the last of them not `-` | write `dump-db`",
        ),
    ]);
}

#[test]
fn a_secret_name_is_a_key_of_the_secrets_file() {
    accepts::<SecretName>(&[
        "db_password",
        "_x",
        "API.key-2",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ]);
    refuses::<SecretName>(&[
        (
            "1st",
            "LF020 secret name `1st` is not a name | a letter or `_`, then up to 62 letters, digits, `_`, `.` and `-`",
        ),
        (
            "a b",
            "LF020 secret name `a b` is not a name | a letter or `_`, then up to 62 letters, digits, `_`, `.` and `-` | write `a_b`",
        ),
        ("", "LF020 secret name `` is not a name | a letter or `_`, then up to 62 letters, digits, `_`, `.` and `-`"),
        (
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "LF020 secret name `AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA` is not a name | a letter or `_`, then up to 62 letters, digits, `_`, `.` and `-`",
        ),
        ("é", "LF020 secret name `é` is not a name | a letter or `_`, then up to 62 letters, digits, `_`, `.` and `-`"),
    ]);
}

#[test]
fn a_key_file_replaces_no_file_of_ssh() {
    accepts::<KeyFileName>(&["id_rsa", "id_ed25519", "deploy.key"]);
    refuses::<KeyFileName>(&[
        (
            "authorized_keys",
            "LF021 key file name `authorized_keys` is taken | SSH uses this file for something else | choose another name",
        ),
        (
            "config",
            "LF021 key file name `config` is taken | SSH uses this file for something else | choose another name",
        ),
        (
            "id_rsa.pub",
            "LF021 key file name `id_rsa.pub` is that of a public key | the private key's file is named here | write `id_rsa`",
        ),
        (
            ".hidden",
            "LF020 key file name `.hidden` is not a file name | a letter or digit, then up to 62 letters, digits, `_`, `.` and `-` | write the name of a file in `/root/.ssh`, such as `id_ed25519`",
        ),
        (
            "../x",
            "LF020 key file name `../x` is not a file name | a letter or digit, then up to 62 letters, digits, `_`, `.` and `-` | write the name of a file in `/root/.ssh`, such as `id_ed25519`",
        ),
        (
            "",
            "LF020 key file name `` is not a file name | a letter or digit, then up to 62 letters, digits, `_`, `.` and `-` | write the name of a file in `/root/.ssh`, such as `id_ed25519`",
        ),
    ]);
}

#[test]
fn a_label_keeps_off_what_engines_and_landfall_use() {
    accepts::<LabelKey>(&["org.example.team", "traefik/x", "landfalls"]);
    refuses::<LabelKey>(&[
        (
            "landfall.plan",
            "LF021 label `landfall.plan` is taken | `landfall.*` has a meaning of its own | choose another key",
        ),
        (
            "io.containers.autoupdate",
            "LF021 label `io.containers.autoupdate` is taken | `io.containers.*` has a meaning of its own | choose another key",
        ),
        (
            "",
            "LF020 label `` is not a label's key | a letter or digit, then up to 127 letters, digits, `.`, `_`, `/` and `-`",
        ),
        (
            ".a",
            "LF020 label `.a` is not a label's key | a letter or digit, then up to 127 letters, digits, `.`, `_`, `/` and `-`",
        ),
        (
            "a=b",
            "LF020 label `a=b` is not a label's key | a letter or digit, then up to 127 letters, digits, `.`, `_`, `/` and `-`",
        ),
        (
            "a b",
            "LF020 label `a b` is not a label's key | a letter or digit, then up to 127 letters, digits, `.`, `_`, `/` and `-`",
        ),
    ]);
}
