//! What a killed pull leaves.

use pretty_assertions::assert_eq;
use serde_json::json;

use crate::plans::small;
use crate::support::{Signal, Trouble, Vsn, eventually};

#[test]
fn a_name_of_a_strangers_that_a_killed_pull_took_is_put_back() {
    let vsn = Vsn::start();
    let registry = vsn.registry();
    let pushed = registry.push("tiny", "tiny-v1.docker.tar", "shop/app:v1");
    let pull = vsn.either("pull --quiet", "pull localhost");
    vsn.load(&vsn.image("tiny", "tiny-v2.docker.tar"));
    let mut plan = small();
    plan["services"]["web"]["image"] = json!({ "registry": pushed.reference, "tls_verify": false });
    vsn.write_plan(&plan);
    for stranger in [true, false] {
        if stranger {
            vsn.must([vsn.engine(), "tag", "localhost/tiny:v2", &pushed.reference]);
        }
        let before = vsn.images();
        vsn.trouble_at(pull, Trouble::Signals(Signal::Kill));
        assert_eq!(vsn.start_deploy().wait().status, None);
        eventually("the orphan has pulled", || {
            vsn.images().contains(&format!("{} sha256:{}", pushed.reference, pushed.id))
        });
        vsn.trouble_at(pull, Trouble::None);

        assert_eq!(vsn.landfall(["recover"]).status, Some(0));

        assert_eq!(vsn.images(), before);
        vsn.run([vsn.engine(), "rmi", &pushed.reference]);
    }
}
