//! What somebody else does between the look of step 1 and the moment at which the plan needs it.

use pretty_assertions::assert_eq;

use crate::plans::{second_version, small};
use crate::support::{Ended, Vsn};

/// A VSN with `small` deployed, and an image for somebody else's containers.
fn with_small_deployed() -> Vsn {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    vsn.load(&vsn.image("tiny", "tiny-v2.docker.tar"));
    vsn
}

/// Deploys the second version while somebody does this just before the first such call of the engine.
fn deployed_while(vsn: &Vsn, words: &str, script: &str) -> Ended {
    vsn.write_plan(&second_version(&small()));
    vsn.just_before(words, script);
    let ended = vsn.deploy();
    assert!(vsn.it_happened(), "{ended:?}");
    vsn.nobody_meanwhile();
    ended
}

#[test]
fn a_container_that_takes_our_name_meanwhile_stays_and_takes_the_deployment_down() {
    let vsn = with_small_deployed();

    let ended = deployed_while(
        &vsn,
        "create --name shop-web",
        &format!("{} run --detach --name shop-web --network none localhost/tiny:v2", vsn.engine()),
    );

    let theirs = vsn.inspect("shop-web")["Id"].as_str().unwrap().to_owned();
    let (podman, docker) = (
        format!(
            "creating container storage: the container name \"shop-web\" is already in use by {theirs}. You have to remove that \
             container to be able to reuse that name: that name is already in use"
        ),
        format!(
            "Error response from daemon: Conflict. The container name \"/shop-web\" is already in use by container \"{theirs}\". \
             You have to remove (or rename) that container to be able to reuse that name."
        ),
    );
    let engine = vsn.engine();
    let cause =
        format!("could not create the container shop-web: `{engine} create` failed: {}", vsn.either(&podman, &docker));
    let expected = Ended { status: Some(4), outcome: "rolled_back".to_owned(), cause: Some(cause), left: Vec::new() };
    assert_eq!(ended, expected);
    assert_eq!(vsn.running_containers(), ["shop-web"], "it runs on");
    assert_eq!((vsn.networks(), vsn.landfall(["recover"]).stdout), (Vec::new(), String::new()));
    vsn.must([vsn.engine(), "rename", "shop-web", "theirs"]);
    assert_eq!(vsn.deploy(), Ended::deployed());
}

#[test]
fn a_container_that_joins_our_network_meanwhile_keeps_it_from_being_removed_and_is_told() {
    let vsn = with_small_deployed();
    let engine = vsn.engine();
    let join =
        &format!("{engine} run --detach --name guest --network shop localhost/tiny:v2\n{engine} rm --force shop-web");

    let Ended { status, outcome, cause: _, left } = deployed_while(&vsn, "start shop-web", join);

    assert_eq!((status, outcome.as_str()), (Some(5), "rollback_incomplete"));
    let guest = vsn.inspect("guest")["Id"].as_str().unwrap().to_owned();
    let told = format!(
        "could not remove the network shop: the container guest is on it, and does not belong to this plan: take it off with \
         `{engine} network disconnect shop guest`, then run `landfall recover`"
    );
    let last = ["the jobs from the crontab", "/var/lib/landfall/shop/recover"]
        .map(|what| format!("could not remove {what}: it goes last, for with it the next boot tries again"));
    assert_eq!(left, [told.as_str(), &last[0], &last[1]]);
    assert_eq!((vsn.containers(), vsn.running_containers()), (vec!["guest".to_owned()], vec!["guest".to_owned()]));
    assert_eq!(vsn.inspect("guest")["Id"], guest);

    vsn.must([vsn.engine(), "network", "disconnect", "shop", "guest"]);
    assert_eq!(vsn.landfall(["recover"]).status, Some(0));
    assert_eq!((vsn.networks(), vsn.containers()), (Vec::new(), vec!["guest".to_owned()]));
    assert_eq!(vsn.deploy(), Ended::deployed());
}

#[test]
fn a_port_that_is_taken_meanwhile_takes_the_deployment_down_and_is_told() {
    let vsn = with_small_deployed();
    let take = "setsid /usr/bin/python3 -m http.server --bind 127.0.0.1 8080 > /dev/null 2>&1 &
        until (exec 3<> /dev/tcp/127.0.0.1/8080) 2> /dev/null; do sleep 0.05; done";

    let ended = deployed_while(&vsn, "start shop-web", take);

    assert_eq!((ended.word(), &ended.left), ((Some(4), "rolled_back"), &Vec::new()), "{ended:?}");
    let cause = ended.cause.unwrap();
    let told =
        format!("could not start the container shop-web: `{}` failed: ", vsn.either("podman start", "docker start"));
    assert!(cause.starts_with(&told) && cause.contains("127.0.0.1:8080: bind: address already in use"), "{cause}");
    assert_eq!((vsn.containers(), vsn.networks()), (Vec::new(), Vec::new()));
    assert!(vsn.listens("127.0.0.1", 8080), "whoever has it keeps it");
    vsn.must(["pkill", "-f", "http.server"]);
    assert_eq!(vsn.deploy(), Ended::deployed());
}
