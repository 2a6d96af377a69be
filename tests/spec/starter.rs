//! The first plan that `landfall init` writes, and one that `landfall import` makes of a Compose file, deployed.

use pretty_assertions::assert_eq;

use crate::support::{Ended, PLAN, Vsn};

#[test]
fn a_starter_plan_can_be_deployed_as_it_was_written() {
    let vsn = Vsn::start();
    vsn.image("tiny", "tiny-v1.docker.tar");
    let options = [
        "init",
        "/srv/shop",
        "--image",
        "../images/tiny-v1.docker.tar",
        "--health",
        "http://localhost:8080/version",
        "--data",
        "/data",
        "--secret",
        "password",
        "--memory",
        "64MiB",
    ];
    let written = vsn.landfall(options);
    assert_eq!(written.status, Some(0), "{written:?}");
    vsn.give_its_engine_to("/srv/shop/plan.json");
    let deployed =
        vsn.landfall(["deploy", "/srv/shop/plan.json", "--secrets", "/srv/shop/secrets.json", "--format", "json"]);
    assert_eq!(Ended::of(&deployed), Ended::deployed());
    let secret = vsn.must([vsn.engine(), "exec", "shop-web", "cat", "/run/secrets/password"]);
    assert_eq!(secret.len(), 32);
}

#[test]
fn a_compose_file_can_be_deployed_as_it_was_imported() {
    let vsn = Vsn::start();
    vsn.image("tiny", "tiny-v1.docker.tar");
    vsn.must(["mkdir", "-p", "/srv/shop/app"]);
    vsn.load("/srv/images/tiny-v1.docker.tar");
    let image = vsn.must([vsn.engine(), "images", "--quiet", "--no-trunc"]);
    let containerfile = format!("FROM {}\n", image.trim());
    vsn.write("/srv/shop/app/Dockerfile", containerfile, 0o600);
    let compose = "services:\n  setup:\n    build: app\n    command: echo set up\n  web:\n    build: app\n    ports: ['127.0.0.1:8080:80']\n    \
        environment: { PASSWORD: hunter2 }\n    volumes: ['data:/data']\n    healthcheck: { test: test -d /data, interval: 1s }\n    \
        depends_on: { setup: { condition: service_completed_successfully } }\nvolumes: { data: }\n";
    vsn.write("/srv/shop/compose.yaml", compose, 0o600);
    let imported =
        ["import", "/srv/shop/compose.yaml", "--output", "/srv/plan.json", "--secrets-output", "/srv/secrets.json"];
    let imported = vsn.landfall(imported);
    assert_eq!(imported.status, Some(0), "{imported:?}");
    vsn.give_its_engine_to(PLAN);
    let deployed = vsn.landfall(["deploy", PLAN, "--secrets", "/srv/secrets.json", "--format", "json"]);
    assert_eq!(Ended::of(&deployed), Ended::deployed());
    assert_eq!(vsn.must([vsn.engine(), "exec", "shop-web", "sh", "-c", "echo $PASSWORD"]), "hunter2\n");
    assert_eq!(vsn.must([vsn.engine(), "logs", "shop-setup"]), "set up\n");
}
