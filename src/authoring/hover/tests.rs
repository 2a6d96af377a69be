//! What is said about each place of a plan.

use crate::authoring::{Document, File, Texts};
use pretty_assertions::assert_eq;

const PLAN: &str = r#"{
  "name": "shop",
  "services": {
    "db": {
      "image": { "archive": "images/postgres.tar" },
      "volumes": [{ "source": "/srv/shop/db", "target": "/data" }],
      "secrets": [{ "secret": "db_password", "target": "/run/secrets/db" }]
    },
    "web": {
      "image": "docker.io/library/nginx:1.27",
      "ports": ["8080:80"],
      "depends_on": ["db"],
      "restart": "no",
      "environment": { "URL": { "template": "postgres://shop:{{url db_password}}@db/shop" }, "KEY": { "secret": "missing" } },
      "healthcheck": { "http": "http://web:80/", "retries": 3 }
    }
  },
  "ssh_keys": { "id_rsa": { "private_key": { "secret": "key" } } },
  "maintenance": { "cleanup": { "schedule": "30 3 * * 1" } }
}"#;

/// The hover in the middle of `within`'s first occurrence that is followed by the rest of the mark.
fn hover_at(offset: usize) -> Option<(String, String)> {
    let (plan, secrets) = (Document::parse(PLAN), Document::parse(r#"{"db_password": "hunter2"}"#));
    let texts = Texts { plan: Some(&plan), secrets: Some(&secrets) };
    let hover = texts.hover(File::Plan, offset, Some(jiff::civil::date(2026, 3, 1).at(12, 0, 0, 0)))?;
    Some((plan.slice(&hover.range).to_owned(), hover.markdown))
}

fn hover(before: &str, at: &str) -> (String, String) {
    hover_at(PLAN.find(&format!("{before}{at}")).unwrap() + before.len()).unwrap()
}

fn own(range: &str, markdown: &str) -> (String, String) {
    (range.to_owned(), markdown.to_owned())
}

#[test]
fn a_field_is_told_by_the_schema() {
    let restart = [
        "**`restart`** · string",
        "What happens when the service's process ends. At boot, Landfall starts everything but one-shots itself, in order.",
        "Default: `\"always\"`",
        "Example: `\"no\"`",
        "- `\"no\"`: Nothing: the service is a one-shot, done when it ends with 0, and not run again at boot.\n\
         - `\"on-failure\"`: It is started again unless it ended with 0.\n\
         - `\"always\"`: It is started again.",
    ];
    assert_eq!(hover("", "\"restart\""), own("\"restart\"", &restart.join("\n\n")));
    let value = format!(
        "`\"no\"`: {}\n\n{}",
        "Nothing: the service is a one-shot, done when it ends with 0, and not run again at boot.",
        restart.join("\n\n")
    );
    assert_eq!(hover("\"restart\": ", "\"no\""), own("\"no\"", &value));
    let (range, words) = hover("\"image\": { ", "\"archive");
    assert_eq!((range.as_str(), words.lines().next()), ("\"archive\"", Some("**`archive`** · string, required")));
}

#[test]
fn a_service_is_told_by_what_it_is_wherever_it_is_named() {
    let web = "**service `web`** · container `shop-web`\n- image `docker.io/library/nginx:1.27`\n\
               - a one-shot: done when it ends with 0\n- ports `8080:80`\n- starts after `db`";
    assert_eq!(hover("\"", "web\": {"), own("web", web));
    let db = "**service `db`** · container `shop-db`\n- image `archive images/postgres.tar`\n- data in `/srv/shop/db`\n\
              - needed by `web`";
    for (before, at) in [("[\"", "db\"]"), ("@", "db/")] {
        let (range, words) = hover(before, at);
        assert_eq!((range.as_str(), words.split("\n\n").next()), ("db", Some(db)));
    }
}

#[test]
fn a_secret_is_told_by_where_it_is_used_and_never_by_its_value() {
    let (range, words) = hover("url ", "db_password");
    let expected = "**secret `db_password`**\n- in the secrets file\n- used by `db`, `web`";
    assert_eq!((range.as_str(), words.split("\n\n").next()), ("db_password", Some(expected)));
    let (_, words) = hover("\"secret\": \"", "missing");
    let expected = "**secret `missing`**\n- not in the secrets file\n- used by `web`";
    assert_eq!(words.split("\n\n").next(), Some(expected));
    assert_eq!(hover("\"", "id_rsa"), own("id_rsa", "**SSH key `id_rsa`** · `/root/.ssh/id_rsa`"));
    let (plan, secrets) = (Document::parse(PLAN), Document::parse(r#"{"db_password": "hunter2", "old": "x"}"#));
    let texts = Texts { plan: Some(&plan), secrets: Some(&secrets) };
    let told = |offset| texts.hover(File::Secrets, offset, None).map(|hover| hover.markdown);
    assert_eq!(told(28).as_deref(), Some("**secret `old`**\n- in the secrets file\n- the plan doesn't use it"));
    let all: Vec<_> = (0..secrets.text().len()).filter_map(told).collect();
    assert!(all.len() > 20 && all.iter().all(|words| !words.contains("hunter2")));
}

#[test]
fn a_schedule_is_told_by_its_next_firings() {
    let (_, words) = hover("\"schedule\": ", "\"30");
    let expected = "Next, by this clock: Mon 2026-03-02 03:30 · Mon 2026-03-09 03:30 · Mon 2026-03-16 03:30";
    assert_eq!(words.split("\n\n").next(), Some(expected));
}

#[test]
fn between_the_values_nothing_is_told() {
    assert_eq!([hover_at(PLAN.len()), hover_at(PLAN.len() + 7), hover_at(3)], [None, None, None]);
}
