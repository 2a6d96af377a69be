//! What people type between two deployments, on either engine.

mod bad_input;
mod exec;
mod health;
mod history;
mod jobs;
mod logs;
mod status;

use serde_json::{Value, json};

use crate::plans::web;
use crate::support::{Output, Vsn};

/// A service that runs this shell script, which must not end by itself.
fn scripted(script: &str) -> Value {
    json!({
        "image": { "archive": "images/tiny-v1.docker.tar" },
        "command": ["sh", "-c", script],
        "stop_grace_period": "1s",
        "memory": "64MiB",
    })
}

/// The plan `shop` with these services.
fn plan(services: &[(&str, Value)]) -> Value {
    let services: serde_json::Map<_, _> =
        services.iter().map(|(name, service)| ((*name).to_owned(), service.clone())).collect();
    json!({ "version": 1, "name": "shop", "services": services })
}

/// A command that was refused: its exit status and what it said.
fn refused(vsn: &Vsn, arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = vsn.landfall(arguments.iter().copied());
    assert_eq!(stdout, "", "{arguments:?}");
    (status, stderr)
}

/// What every command says of a plan or a service that isn't there.
#[test]
fn what_is_not_there_is_told_with_the_next_command_to_type() {
    let vsn = &Vsn::start();
    let no_plan = "there is no plan called shop here: `landfall status` lists those that there are\n".to_owned();
    let commands: [&[&str]; 3] = [&["logs", "shop"], &["health", "shop"], &["exec", "shop", "web", "--", "true"]];
    for command in commands {
        assert_eq!(refused(vsn, command), (Some(3), no_plan.clone()));
    }
    vsn.must_deploy(&plan(&[("web", web())]));
    let no_service = "shop has no service called db: it has web\n".to_owned();
    let commands: [&[&str]; 3] =
        [&["logs", "shop", "db"], &["health", "shop", "db"], &["exec", "shop", "db", "--", "true"]];
    for command in commands {
        assert_eq!(refused(vsn, command), (Some(3), no_service.clone()));
    }
    vsn.must([vsn.engine(), "rm", "--force", "shop-web"]);
    let gone = format!(
        "the service web is on record, but {} does not have its container shop-web any more: `landfall status shop` tells \
         how the others are, and `landfall remake shop` makes it anew\n",
        vsn.engine()
    );
    assert_eq!(refused(vsn, &["logs", "shop"]), (Some(1), gone.clone()));
    assert_eq!(refused(vsn, &["exec", "shop", "web", "--", "true"]), (Some(3), gone));
    assert_eq!(
        vsn.landfall(["health", "shop"]).stdout,
        "web: unhealthy: its container is gone\n  asked: http://localhost:8080/version, 0 ms\n"
    );
    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));
    let (status, said) = refused(vsn, &["health", "shop"]);
    assert_eq!(status, Some(3));
    assert!(said.starts_with("shop was torn down, on 20"), "{said}");
    assert!(said.ends_with("Z: `landfall deploy PLAN` deploys it again\n"), "{said}");
}
