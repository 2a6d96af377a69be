//! A disk that is not there after a boot must not be taken for an empty one.

use std::time::Duration;

use pretty_assertions::assert_eq;
use serde_json::json;

use super::{NOTHING, mailed, must_deploy, subjects, vsn_with_tiny, web};
use crate::support::{eventually, eventually_within};

#[test]
fn an_absent_disk_keeps_everything_down_with_one_mail_and_its_return_brings_everything_up() {
    let vsn = vsn_with_tiny();
    let mount = ["mount", "--bind", "/srv/the-disk", "/srv/data"];
    vsn.must(["mkdir", "-p", "/srv/the-disk", "/srv/data"]);
    vsn.must(mount);
    vsn.write("/srv/the-disk/row", "kept", 0o600);
    let mut index = web(8080);
    index["volumes"] = json!([{ "source": "/srv/data", "target": "/data", "mountpoint": true }]);
    let mut front = web(8081);
    front["depends_on"] = json!(["index"]);
    let sink = vsn.mail_sink();
    must_deploy(
        &vsn,
        &mailed(json!({ "version": 1, "name": "archive", "services": { "index": index, "front": front } })),
    );
    drop(sink);

    vsn.reboot();
    let sink = vsn.mail_sink();
    let _cron = vsn.cron();
    eventually_within(Duration::from_secs(150), "a mail about the absent disk", || sink.mails().len() == 1);
    assert_eq!(subjects(&sink), ["archive on vsn: a disk is not mounted, nothing is started"]);
    assert!(sink.mails()[0].text.contains("\n  /srv/data\n"), "{}", sink.mails()[0].text);
    assert_eq!(vsn.running_containers(), NOTHING);
    assert_eq!(vsn.manifest("/srv/data").len(), 1, "nothing is in the empty directory");
    assert_eq!(vsn.landfall(["status", "archive"]).status, Some(8));

    vsn.must(mount);
    eventually("all services are back", || vsn.landfall(["status", "archive"]).status == Some(0));
    assert_eq!(vsn.must([vsn.engine(), "exec", "archive-index", "cat", "/data/row"]), "kept");
    assert_eq!(sink.mails().len(), 1);
}
