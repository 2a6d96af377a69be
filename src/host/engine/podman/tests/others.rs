//! What Podman is told about networks, secrets and running containers, as lists.

use super::*;
use pretty_assertions::assert_eq;

#[test]
fn a_container_is_stopped_with_its_own_grace_period_unless_another_is_said() {
    let drop = |grace_seconds| {
        told(&EngineChange::DropContainer(DroppedContainer { container: "shop-web".to_owned(), grace_seconds }))
    };
    assert_eq!(drop(None), ["rm", "--force", "shop-web"]);
    assert_eq!(drop(Some(0)), ["rm", "--force", "--time", "0", "shop-web"]);
}

/// With `--force` Podman would remove every container on it, strangers included.
#[test]
fn a_network_is_never_removed_by_force() {
    assert_eq!(told(&EngineChange::DropNetwork { network: "shop".to_owned() }), ["network", "rm", "shop"]);
    assert_eq!(
        super::super::disconnect("other", "shop").iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["network", "disconnect", "--force", "shop", "other"]
    );
}

#[test]
fn a_network_has_ipv6_only_where_the_plan_gives_it_a_range() {
    let network = |subnets: &[&str]| {
        let subnets = subnets.iter().map(|subnet| subnet.parse().unwrap()).collect();
        told(&EngineChange::CreateNetwork { network: "shop".parse().unwrap(), subnets })[2..].join(" ")
    };
    let start = "--driver bridge --label landfall.plan=shop";
    assert_eq!(network(&[]), format!("{start} shop"));
    assert_eq!(network(&["10.90.0.0/24"]), format!("{start} --subnet 10.90.0.0/24 shop"));
    assert_eq!(
        network(&["10.90.0.0/24", "fd00:90::/64"]),
        format!("{start} --ipv6 --subnet 10.90.0.0/24 --subnet fd00:90::/64 shop")
    );
}

#[test]
fn a_secret_is_given_on_standard_input() {
    let secret = NewSecret {
        name: layout().secret(3),
        text: SecretText::Value { secret: "db_password".parse().unwrap(), decode: None },
    };
    assert_eq!(told(&EngineChange::CreateSecret(secret)), ["secret", "create", "landfall.shop.<run>.3", "-"]);
    let gone = EngineChange::DropSecret { secret: "landfall.shop.20261121t101112.3".to_owned() };
    assert_eq!(told(&gone), ["secret", "rm", "landfall.shop.20261121t101112.3"]);
}

#[test]
fn other_calls_are_as_short_as_they_look() {
    let tag = "localhost/landfall/shop/web:9f86d081884c".to_owned();
    assert_eq!(told(&EngineChange::DropTag { tag: tag.clone(), unless_image_of: Some(web()) }), ["rmi", &tag]);
    assert_eq!(told(&EngineChange::DropImage { id: "9f86".to_owned() }), ["rmi", "--force", "9f86"]);
    let start = EngineChange::StartContainer {
        service: web(),
        container: "shop-web".to_owned(),
        boot_guard: PathBuf::from("/run/landfall/shop/boot/web"),
    };
    assert_eq!(told(&start), ["start", "shop-web"]);
    assert_eq!(texts(&logs("shop-web")), ["logs", "shop-web"]);
    assert_eq!(
        exec("MARK=1", "shop-web", ["sh", "-c", "a b"]),
        ["exec", "--env", "MARK=1", "shop-web", "sh", "-c", "a b"].map(Argument::literal)
    );
}

#[test]
fn a_container_that_makes_room_for_another_one_is_renamed_and_stopped_with_its_own_grace_period() {
    let (container, to) = ("shop-web".to_owned(), "shop-web.before".to_owned());
    let rename = EngineChange::RenameContainer { container: container.clone(), to };
    assert_eq!(told(&rename), ["rename", "shop-web", "shop-web.before"]);
    assert_eq!(told(&EngineChange::StopContainer { container }), ["stop", "shop-web"]);
}
