//! Where names are made and used, and giving them others.

use super::{Document, File, Location, NotRenamed, Texts};
use pretty_assertions::assert_eq;

const PLAN: &str = r#"{
  "services": {
    "db": { "image": "x/db:1", "volumes": [{ "source": "/srv/db", "target": "/db" }], "aliases": ["db-old"] },
    "web": {
      "image": { "ssh": "u@db:/x", "key": "id_rsa" },
      "depends_on": { "db": { "condition": "service_healthy" } },
      "environment": {
        "URL": { "template": "postgres://db:{{url token}}@db:5432/db?host=db" },
        "TEXT": "say \"hi\" to http://db/ and http://db.example/",
        "HOST": "db", "ADDRESS": "db:5432", "TOKEN": { "secret": "token" }
      },
      "command": ["--upstream=http://db:80", "db"],
      "healthcheck": { "http": { "url": "http://db:80/db" } }
    },
    "queue": { "depends_on": ["db"], "healthcheck": { "tcp": "db:5432" } }
  },
  "maintenance": { "jobs": { "db": { "service": "db", "exec": ["curl", "http://db/"] } } },
  "ssh_keys": { "id_rsa": { "private_key": { "secret": "token" } } }
}"#;

const SECRETS: &str = r#"{ "token": "hunter2", "other": "x" }"#;

fn with_texts<T>(ask: impl Fn(&Texts<'_>) -> T) -> T {
    let (plan, secrets) = (Document::parse(PLAN), Document::parse(SECRETS));
    ask(&Texts { plan: Some(&plan), secrets: Some(&secrets) })
}

/// The lines of the file with what stands at the locations in `‹›`.
fn shown(file: File, locations: &[Location]) -> Vec<String> {
    let mut text = if file == File::Plan { PLAN } else { SECRETS }.to_owned();
    for Location { file: _, range } in locations.iter().filter(|location| location.file == file).rev() {
        text.insert(range.end, '›');
        text.insert(range.start, '‹');
    }
    text.lines().filter(|line| line.contains('‹')).map(|line| line.trim().to_owned()).collect()
}

fn at(mark: &str) -> usize {
    PLAN.find(mark).unwrap() + 1
}

#[test]
fn a_service_is_renamed_wherever_it_is_certainly_meant_and_what_is_left_is_listed() {
    let renaming = with_texts(|texts| texts.rename(File::Plan, at("\"db\": { \"image"), "store").unwrap());
    let changed: Vec<Location> = renaming.edits.iter().map(|edit| edit.location.clone()).collect();
    assert!(renaming.edits.iter().all(|edit| edit.text == "store"));
    let expected = [
        r#""‹db›": { "image": "x/db:1", "volumes": [{ "source": "/srv/db", "target": "/db" }], "aliases": ["db-old"] },"#,
        r#""depends_on": { "‹db›": { "condition": "service_healthy" } },"#,
        r#""URL": { "template": "postgres://db:{{url token}}@‹db›:5432/db?host=db" },"#,
        r#""TEXT": "say \"hi\" to http://‹db›/ and http://db.example/","#,
        r#""command": ["--upstream=http://‹db›:80", "db"],"#,
        r#""healthcheck": { "http": { "url": "http://‹db›:80/db" } }"#,
        r#""queue": { "depends_on": ["‹db›"], "healthcheck": { "tcp": "‹db›:5432" } }"#,
        r#""maintenance": { "jobs": { "db": { "service": "‹db›", "exec": ["curl", "http://‹db›/"] } } },"#,
    ];
    assert_eq!(shown(File::Plan, &changed), expected);
    let expected = [
        r#""HOST": "‹db›", "ADDRESS": "‹db›:5432", "TOKEN": { "secret": "token" }"#,
        r#""command": ["--upstream=http://db:80", "‹db›"],"#,
    ];
    assert_eq!(shown(File::Plan, &renaming.left), expected);
}

#[test]
fn a_secret_is_renamed_in_both_files_from_either() {
    let expected = [
        r#""URL": { "template": "postgres://db:{{url ‹token›}}@db:5432/db?host=db" },"#,
        r#""HOST": "db", "ADDRESS": "db:5432", "TOKEN": { "secret": "‹token›" }"#,
        r#""ssh_keys": { "id_rsa": { "private_key": { "secret": "‹token›" } } }"#,
    ];
    for (file, offset) in [(File::Plan, at("token}}")), (File::Secrets, 4)] {
        let renaming = with_texts(|texts| texts.rename(file, offset, "key").unwrap());
        let changed: Vec<Location> = renaming.edits.iter().map(|edit| edit.location.clone()).collect();
        assert_eq!(shown(File::Plan, &changed), expected);
        assert_eq!(shown(File::Secrets, &changed), [r#"{ "‹token›": "hunter2", "other": "x" }"#]);
    }
}

#[test]
fn a_new_name_that_is_wrong_or_taken_is_refused() {
    let refused =
        |file, offset, new: &str| with_texts(|texts| texts.rename(file, offset, new).unwrap_err().to_string());
    assert_eq!(
        refused(File::Plan, at("web\": {"), "Web"),
        "service name `Web` is not a name: a letter a-z, then up to 30 of a-z, 0-9 and `-`, the last of them not `-`: write `web`"
    );
    assert_eq!(refused(File::Plan, at("web\": {"), "db"), "there is a service `db` already: choose another name");
    assert_eq!(refused(File::Plan, at("token}}"), "other"), "there is a secret `other` already: choose another name");
    let nowhere = with_texts(|texts| texts.rename(File::Plan, at("volumes"), "x").unwrap_err());
    assert_eq!(nowhere, NotRenamed::NoName);
    // The name that it has.
    assert_eq!(with_texts(|texts| texts.rename(File::Plan, at("id_rsa\": {"), "id_rsa").unwrap().edits.len()), 2);
}

#[test]
fn what_is_named_leads_to_where_it_is_made() {
    let definition = |mark: &str| {
        with_texts(|texts| {
            let found = texts.definition(File::Plan, at(mark))?;
            let text = texts.document(found.location.file)?;
            let member = text.slice(&found.member).chars().take(12).collect::<String>();
            Some((text.slice(&found.location.range).to_owned(), found.location.file, member))
        })
    };
    let made = |name: &str, file, member: &str| Some((name.to_owned(), file, member.to_owned()));
    assert_eq!(definition("db\": { \"cond"), made("db", File::Plan, "\"db\": { \"ima"));
    assert_eq!(definition("db:80/db"), made("db", File::Plan, "\"db\": { \"ima"));
    assert_eq!(definition("id_rsa\" }"), made("id_rsa", File::Plan, "\"id_rsa\": { "));
    assert_eq!(definition("token}}"), made("token", File::Secrets, "\"token\": \"hu"));
    assert_eq!(definition("db\": { \"image"), None);
    assert_eq!(definition("db-old"), None);
}

#[test]
fn references_come_with_or_without_where_the_name_is_made() {
    let count = |with| with_texts(|texts| texts.references(File::Plan, at("db\": { \"image"), with).len());
    assert_eq!((count(true), count(false)), (10, 9));
    let name = with_texts(|texts| texts.renameable(File::Plan, at("db:80/db")));
    assert_eq!(name, Some(at("db:80/db") - 1..at("db:80/db") + 1));
}

#[test]
fn of_a_broken_plan_what_is_there_is_renamed() {
    let plan = Document::parse("{\"services\": {\"web\": {\"depends_on\": [\"db\", \n \"image\": \n}, \"db\": {\"im");
    let texts = Texts { plan: Some(&plan), secrets: None };
    let edits = texts.rename(File::Plan, 38, "store").unwrap().edits;
    assert_eq!(edits.iter().map(|edit| edit.location.range.clone()).collect::<Vec<_>>(), [38..40, 59..61]);
}

#[test]
fn a_variable_that_happens_to_be_called_template_names_no_secret() {
    let plan = Document::parse(
        r#"{"services": {"web": {"environment": {"template": "{{token}}", "A": {"template": "{{token}}"}}}}}"#,
    );
    let texts = Texts { plan: Some(&plan), secrets: None };
    let named: Vec<_> = (20..plan.text().len()).filter_map(|offset| texts.renameable(File::Plan, offset)).collect();
    let second = plan.text().rfind("token").unwrap();
    assert_eq!(named, vec![second..second + 5; 6]);
}
