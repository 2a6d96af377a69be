//! The throw-away VSN itself: what every other sentence takes for granted.

use pretty_assertions::assert_eq;

use crate::support::{Crontab, Vsn};

#[test]
fn a_reboot_ends_every_process_and_keeps_the_containers_and_the_disk() {
    let vsn = Vsn::start();
    let archive = vsn.image("tiny", "tiny-v1.docker.tar");
    vsn.must(["podman", "load", "--input", &archive]);
    vsn.must([
        "podman",
        "run",
        "--detach",
        "--name",
        "web",
        "--volume",
        "/srv:/srv",
        "tiny:v1",
        "sh",
        "-c",
        "echo kept > /srv/row; serve",
    ]);
    vsn.run_with_input(["crontab", "-"], "# mine\n@daily true\n");
    vsn.must(["touch", "/run/gone"]);
    let first_boot = vsn.must(["cat", "/proc/sys/kernel/random/boot_id"]);
    assert_eq!(vsn.running_containers(), ["web"]);

    vsn.reboot();

    assert_ne!(vsn.must(["cat", "/proc/sys/kernel/random/boot_id"]), first_boot);
    assert_eq!(vsn.running_containers(), [] as [&str; 0]);
    assert_eq!(vsn.containers(), ["web"]);
    assert_eq!(vsn.run(["test", "-e", "/run/gone"]).status, Some(1));
    assert_eq!(vsn.read("/srv/row").unwrap(), b"kept\n");
    let Crontab::Present(crontab) = vsn.crontab() else { panic!("the crontab is gone") };
    assert!(crontab.ends_with("# mine\n@daily true\n"), "{crontab}");
}

#[test]
fn two_vsns_side_by_side_see_nothing_of_one_another() {
    let (one, other) = (Vsn::start_named("one"), Vsn::start_named("other"));
    for vsn in [&one, &other] {
        let archive = vsn.image("tiny", "tiny-v2.oci.tar.zst");
        vsn.must(["podman", "load", "--input", &archive]);
        vsn.must(["podman", "run", "--detach", "--name", "web", "--publish", "8080:80", "tiny:v2"]);
    }
    one.must(["podman", "rm", "--force", "--time", "0", "web"]);
    assert_eq!(one.must(["hostname"]), "one\n");
    assert_eq!(other.must(["hostname"]), "other\n");
    assert_eq!(one.containers(), [] as [&str; 0]);
    assert_eq!(other.running_containers(), ["web"]);
    assert_eq!(other.must(["curl", "--silent", "http://localhost:8080/version"]), "v2\n");
}
