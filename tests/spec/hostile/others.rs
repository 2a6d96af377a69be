//! Containers of others that stand where ours stood or will stand.

use pretty_assertions::assert_eq;
use serde_json::json;

use crate::plans::small;
use crate::support::Vsn;

#[test]
fn a_container_of_another_plan_with_the_name_of_one_that_is_gone_is_told_before_anything_is_touched() {
    let vsn = Vsn::start();
    let plan = |name: &str, service: &str, port: u16| {
        let mut plan = small();
        plan["name"] = json!(name);
        let mut web = plan["services"]["web"].take();
        web["ports"] = json!([format!("127.0.0.1:{port}:80")]);
        web["healthcheck"]["http"] = json!(format!("http://localhost:{port}/version"));
        plan["services"] = json!({ service: web });
        plan
    };
    let mut shop = plan("shop", "a-b", 8080);
    shop["services"]["other"] = json!({ "image": { "archive": "images/tiny-v1.docker.tar" } });
    vsn.must_deploy(&shop);
    vsn.must([vsn.engine(), "rm", "--force", "shop-a-b"]);
    vsn.must_deploy(&plan("shop-a", "b", 8081));
    let before = vsn.snapshot();
    vsn.write_plan(&shop);

    let ended = vsn.deploy();

    assert_eq!(ended.word(), (Some(3), "refused"));
    assert_eq!(ended.cause.unwrap(), "LF110 there is a container `shop-a-b` of the plan `shop-a` already");
    assert_eq!(vsn.snapshot().containers, before.containers);
}
