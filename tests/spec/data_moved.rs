//! The way to a data directory is changed by somebody else, between the check of it and its use.

use pretty_assertions::assert_eq;
use serde_json::json;

use crate::plans::small;
use crate::support::{Ended, Vsn, eventually};

#[test]
fn regression_078_a_container_does_not_start_with_data_that_a_link_leads_elsewhere_since_the_check() {
    let vsn = Vsn::start();
    vsn.must(["mkdir", "-p", "/srv/shop/late", "/srv/other/late", "/srv/gate"]);
    vsn.write("/srv/shop/late/row", "ours\n", 0o600);
    vsn.write("/srv/other/late/row", "another's\n", 0o600);
    let before = vsn.manifest("/srv/other");
    let mut plan = small();
    plan["services"]["web"]["command"] = json!(["sh", "-c", "until [ -e /gate/open ]; do sleep 0.1; done; exec serve"]);
    plan["services"]["web"]["volumes"] = json!([{ "source": "/srv/gate", "target": "/gate" }]);
    plan["services"]["web"]["healthcheck"]["retries"] = json!(60);
    plan["services"]["late"] = json!({
        "image": { "archive": "images/tiny-v1.docker.tar" },
        "command": ["sh", "-c", "echo late > /data/row; exec serve"],
        "volumes": [{ "source": "/srv/shop/late", "target": "/data" }],
        "depends_on": ["web"],
    });
    vsn.write_plan(&plan);
    let run = vsn.start_deploy();
    eventually("the first service waits, and the second is created", || {
        vsn.run([vsn.engine(), "container", "inspect", "shop-late"]).status == Some(0)
            && vsn.run([vsn.engine(), "exec", "shop-web", "true"]).status == Some(0)
    });

    vsn.must(["mv", "/srv/shop", "/srv/moved"]);
    vsn.must(["ln", "-s", "/srv/other", "/srv/shop"]);
    vsn.write("/srv/gate/open", "", 0o644);

    let ended = Ended::of(&run.wait());
    assert_eq!(ended.word(), (Some(4), "rolled_back"));
    let cause = "could not start the container shop-late: the data directory /srv/shop/late was changed meanwhile: \
                 /srv/shop is a symbolic link now";
    assert_eq!(ended.cause.as_deref(), Some(cause));
    assert_eq!(vsn.manifest("/srv/other"), before);
    assert_eq!(vsn.read("/srv/moved/late/row").unwrap(), b"ours\n");
}
