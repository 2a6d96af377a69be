//! What is offered at each place of a plan.

use super::{Completion, Entry};
use crate::authoring::{Document, File, Texts};
use pretty_assertions::assert_eq;

const SECRETS: &str = r#"{"db_password": "hunter2", "smtp_password": "x"}"#;

/// The text without its cursor mark, and where that was.
fn marked(text: &str) -> (Document, usize) {
    let offset = text.find('‸').unwrap();
    (Document::parse(text.replace('‸', "")), offset)
}

fn completions_beside(text: &str, entries: &[(&str, bool)]) -> (Document, Vec<Completion>) {
    let (plan, offset) = marked(text);
    let secrets = Document::parse(SECRETS);
    let texts = Texts { plan: Some(&plan), secrets: Some(&secrets) };
    let entry = |(name, is_folder): &(&str, bool)| Entry { name: (*name).to_owned(), is_folder: *is_folder };
    let entries: Vec<Entry> = entries.iter().map(entry).collect();
    let completions = texts.completions(File::Plan, offset, &entries);
    (plan, completions)
}

fn offered(text: &str) -> Vec<String> {
    completions_beside(text, &[]).1.into_iter().map(|completion| completion.label).collect()
}

fn applied(plan: &Document, completion: &Completion, inserted: &str) -> String {
    let mut text = plan.text().to_owned();
    let mut edits: Vec<_> =
        completion.also.iter().map(|edit| (edit.location.range.clone(), edit.text.as_str())).collect();
    edits.push((completion.range.clone(), inserted));
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    for (range, inserted) in edits {
        text.replace_range(range, inserted);
    }
    text
}

/// The text after the completion of this label was accepted, as a snippet where it is one.
fn accepted(text: &str, label: &str) -> String {
    let (plan, completions) = completions_beside(text, &[]);
    let labels: Vec<_> = completions.iter().map(|completion| completion.label.as_str()).collect();
    let completion = completions.iter().find(|completion| completion.label == label);
    let completion = completion.unwrap_or_else(|| panic!("`{label}` is not in {labels:?}"));
    applied(&plan, completion, completion.snippet.as_ref().unwrap_or(&completion.plain))
}

/// A service, with something written in it.
fn in_service(inside: &str) -> String {
    format!(r#"{{"services": {{"web": {{{inside}}}, "db": {{"image": "x"}}, "cache": {{"depends_on": ["web"]}}}}}}"#)
}

#[test]
fn fields_that_must_be_there_come_first_and_those_that_are_there_do_not_come_again() {
    assert_eq!(offered("{‸}")[..4], ["version", "name", "services", "$schema"]);
    assert_eq!(offered(r#"{"version": 1, ‸ "services": {}}"#)[..3], ["name", "$schema", "engine"]);
    assert_eq!(
        offered(r#"{"services": {"web": {"volumes": [{"source": "/a", ‸}]}}}"#),
        ["target", "mode", "mountpoint", "owner", "read_only"]
    );
}

#[test]
fn of_fields_that_exclude_one_another_only_those_of_the_chosen_one_are_offered() {
    let check = |inside: &str| offered(&in_service(&format!("\"healthcheck\": {{{inside}}}")));
    let others = ["interval", "retries", "stable_for", "start_period", "timeout"];
    assert_eq!(check("\"http\": \"http://x/\", ‸"), others);
    assert_eq!(check("‸")[..3], ["exec", "http", "tcp"]);
    let image = |inside: &str| offered(&in_service(&format!("\"image\": {{{inside}}}")));
    assert_eq!(image("\"archive\": \"x\", ‸"), ["id", "reference", "sha256"]);
    assert_eq!(image("‸")[..5], ["registry", "archive", "ssh", "url", "build"]);
    // Each of them can be missing, so none is required.
    let (_, completions) = completions_beside(&in_service("\"healthcheck\": {‸}"), &[]);
    assert_eq!(completions[0].detail, "array");
    // The field under the cursor is not yet what was chosen.
    assert_eq!(image("\"archive‸\": \"x\"")[..5], ["registry", "archive", "ssh", "url", "build"]);
}

/// What the text becomes when each completion of this label is accepted.
fn all_accepted<const N: usize>(cases: [(&str, &str); N]) -> [String; N] {
    cases.map(|(text, label)| accepted(text, label))
}

#[test]
fn commas_are_written_where_they_are_missing() {
    let texts = all_accepted([
        (r#"{‸}"#, "version"),
        (r#"{"name": "x" ‸}"#, "version"),
        (r#"{"name": "x", ‸}"#, "version"),
        (r#"{"name": "x" ‸, "engine": "auto"}"#, "version"),
        ("{\n  ‸\n  \"name\": \"x\"\n}", "version"),
        ("{\"name\": \"x\"\n  ‸\n  \"engine\": \"auto\"\n}", "version"),
        (r#"{"services": {"a": {"depends_on": ["b" ‸ "c"]}, "b": {}, "c": {}, "d": {}}}"#, "d"),
    ]);
    let expected = [
        r#"{"version": 1}"#,
        r#"{"name": "x", "version": 1}"#,
        r#"{"name": "x", "version": 1}"#,
        r#"{"name": "x", "version": 1, "engine": "auto"}"#,
        "{\n  \"version\": 1,\n  \"name\": \"x\"\n}",
        "{\"name\": \"x\",\n  \"version\": 1,\n  \"engine\": \"auto\"\n}",
        r#"{"services": {"a": {"depends_on": ["b", "d", "c"]}, "b": {}, "c": {}, "d": {}}}"#,
    ];
    assert_eq!(texts, expected);
}

#[test]
fn what_is_typed_already_is_replaced_and_a_value_that_is_there_stays() {
    let texts = all_accepted([
        ("{\n  \"vers‸\n}", "version"),
        ("{\n  \"vers‸\n  \"name\": \"x\"\n}", "version"),
        ("{\n  vers‸\n}", "version"),
        ("{\n  \"vers‸\"\n}", "version"),
        ("{ \"nam‸\": \"x\" }", "version"),
        ("{ \"nam‸: \"x\" }", "version"),
        ("{ \"‸\", \"name\": \"x\" }", "version"),
        (r#"{"engine": "pod‸"}"#, "docker"),
        (r#"{"engine": po‸}"#, "docker"),
        ("{\"engine\": ‸\n \"name\": \"x\"}", "docker"),
        ("{\"engine\": \"po‸\n \"name\": \"x\"}", "docker"),
        ("{\"engine\": ‸", "docker"),
        ("{\"engine\": \"‸", "docker"),
    ]);
    let expected = [
        "{\n  \"version\": 1\n}",
        "{\n  \"version\": 1,\n  \"name\": \"x\"\n}",
        "{\n  \"version\": 1\n}",
        "{\n  \"version\": 1\n}",
        "{ \"version\": \"x\" }",
        "{ \"version\": \"x\" }",
        "{ \"version\": 1, \"name\": \"x\" }",
        "{\"engine\": \"docker\"}",
        "{\"engine\": \"docker\"}",
        "{\"engine\": \"docker\",\n \"name\": \"x\"}",
        "{\"engine\": \"docker\",\n \"name\": \"x\"}",
        "{\"engine\": \"docker\"",
        "{\"engine\": \"docker\"",
    ];
    assert_eq!(texts, expected);
}

#[test]
fn services_are_offered_that_a_service_can_wait_for() {
    // Not itself, not what waits for it, and none twice.
    let plan = |inside: &str| {
        let others = r#""db": {"restart": "no"}, "cache": {"depends_on": ["web"]}, "edge": {"depends_on": {"cache": {}}}, "log": {}"#;
        format!(
            r#"{{"services": {{"web": {{"depends_on": {inside}}}, {others}}}, "maintenance": {{"jobs": {{"x": {{"service": {inside}}}}}}}}}"#
        )
    };
    assert_eq!(offered(&plan("[‸]")), ["db", "log"]);
    assert_eq!(offered(&plan("[\"log\", \"‸\"]")), ["db"]);
    let object = ["db", "db: healthy", "db: completed"];
    assert_eq!(offered(&plan("{\"log\": {}, ‸}")), object);
    assert_eq!(offered(&plan("{\"‸\": {}, \"log\": {}}")), ["db"]);
    let completed = accepted(r#"{"services": {"web": {"depends_on": {‸}}, "db": {}}}"#, "db: completed");
    let expected = r#""db": { "condition": "service_completed_successfully", "timeout": "${1:5m}" }"#;
    assert_eq!(completed, format!(r#"{{"services": {{"web": {{"depends_on": {{{expected}}}}}, "db": {{}}}}}}"#));
    let job = r#"{"services": {"web": {}, "db": {}}, "maintenance": {"jobs": {"x": {"service": "‸"}}}}"#;
    assert_eq!(offered(job), ["web", "db"]);
}

#[test]
fn secrets_are_offered_by_their_names_and_never_with_their_values() {
    let places = [
        in_service(r#""secrets": [{"secret": ‸}]"#),
        in_service(r#""environment": {"A": {"secret": "‸"}, "B": {"template": "{{used}}"}}"#),
        r#"{"registries": {"docker.io": {"password": {"secret": ‸}}}}"#.to_owned(),
        r#"{"ssh_keys": {"id": {"private_key": {"secret": ‸}}}}"#.to_owned(),
    ];
    let both = ["db_password", "smtp_password"];
    let expected = [both.to_vec(), vec!["used", both[0], both[1]], both.to_vec(), both.to_vec()];
    assert_eq!(places.each_ref().map(|place| offered(place)).to_vec(), expected);
    let all = places.iter().flat_map(|place| completions_beside(place, &[]).1);
    assert_eq!(all.filter(|completion| format!("{completion:?}").contains("hunter2")).count(), 0);
}

#[test]
fn in_a_template_secrets_and_helpers_are_offered_between_the_braces() {
    let template = |text: &str| in_service(&format!(r#""environment": {{"A": {{"template": "{text}"}}}}"#));
    assert_eq!(offered(&template("x{{‸")), ["db_password", "smtp_password", "url", "json"]);
    assert_eq!(offered(&template("x{{url ‸}}")), ["db_password", "smtp_password"]);
    assert_eq!(offered(&template("‸")), ["{{db_password}}", "{{smtp_password}}"]);
    let cases = [
        ("x{{d‸", "db_password", "x{{db_password}}"),
        ("x{{u‸}}", "url", "x{{url }}"),
        ("\\\"x\\\": {{json d‸b}}", "db_password", "\\\"x\\\": {{json db_password}}"),
        ("postgres://u:‸@db/", "{{url db_password}}", "postgres://u:{{url db_password}}@db/"),
    ];
    for (text, label, expected) in cases {
        assert_eq!(accepted(&template(text), label), template(expected));
    }
    // An environment variable that happens to be called so.
    assert_eq!(offered(&in_service(r#""environment": {"template": "{{‸"}"#)), Vec::<String>::new());
}

#[test]
fn the_values_of_a_list_come_with_their_words_and_others_with_examples() {
    let told = |text: &str| {
        let one = |completion: Completion| (completion.plain, completion.detail, completion.documentation);
        completions_beside(text, &[]).1.into_iter().map(one).collect::<Vec<_>>()
    };
    let own = |plain: &str, detail: &str, words: &str| (plain.to_owned(), detail.to_owned(), words.to_owned());
    assert_eq!(
        told("{\"staging\": ‸}"),
        [
            own(
                "\"before\"",
                "",
                "Retrieved and verified before anything is stopped: if that fails, the old services run on."
            ),
            own("\"after\"", "", "Retrieved after the old images were dropped, for a disk that can't hold both.")
        ]
    );
    assert_eq!(told(&in_service("\"read_only\": ‸")), [own("true", "", ""), own("false", "", "")]);
    let period = told(&in_service("\"stop_grace_period\": \"‸\""));
    assert_eq!(period[..2], [own("\"10s\"", "the default", ""), own("\"30s\"", "for example", "")]);
}

#[test]
fn files_and_folders_beside_the_plan_are_offered_where_a_path_is_written() {
    let entries = [("notes.txt", false), ("old", true), (".git", true), ("a.tar.zst", false), ("\"odd\".tar", false)];
    let written = |text: &str| {
        let (plan, completions) = completions_beside(text, &entries);
        let wanted = super::wanted_folder(&plan, marked(text).1);
        (
            wanted,
            completions
                .into_iter()
                .map(|completion| completion.snippet.unwrap_or(completion.plain))
                .collect::<Vec<_>>(),
        )
    };
    let own = |wanted: &str, written: &[&str]| {
        (Some(wanted.to_owned()), written.iter().map(|text| (*text).to_owned()).collect())
    };
    assert_eq!(
        written(&in_service("\"image\": {\"archive\": ‸}")),
        own("", &[r#""\"odd\".tar""#, "\"a.tar.zst\"", "\"old/$1\"", "\"notes.txt\""])
    );
    assert_eq!(
        written(&in_service("\"image\": {\"archive\": \"images/o‸\"}")),
        own(
            "images/",
            &[r#""images/\"odd\".tar""#, "\"images/a.tar.zst\"", "\"images/old/$1\"", "\"images/notes.txt\""]
        )
    );
    assert_eq!(written(&in_service("\"image\": {\"build\": \"‸\"}")), own("", &["\"old\""]));
    let (wanted, _) = written(&in_service("\"image\": {\"build\": \"app\", \"file\": \"docker/‸\"}"));
    assert_eq!(wanted, Some("app/docker/".to_owned()));
    assert_eq!(written(&in_service("\"hostname\": \"‸\"")).0, None);
}

#[test]
fn a_new_service_begins_with_one_of_the_schemas_snippets() {
    let labels = offered("{\"services\": {\n    ‸\n  }}");
    assert_eq!(labels[0], "web service");
    let expected = r#"{"services": {
    "${1:web}": {
      "image": "${2:docker.io/library/nginx:1.27}",
      "ports": ["127.0.0.1:${3:8080}:${4:80}"],
      "healthcheck": { "http": "http://localhost:${3:8080}/" }
    }
  }}"#;
    assert_eq!(accepted("{\"services\": {\n    ‸\n  }}", "web service"), expected);
    // The name that is typed already stays.
    let expected = "{\"services\": {\"${1:cache}\": ";
    assert!(accepted("{\"services\": {\"cache‸\"}}", "one-shot").starts_with(expected));
    let forms = offered(&in_service("\"environment\": {‸}"));
    assert_eq!(forms, ["a new name", "secret", "template"]);
    // One that is named and missing is offered by its name.
    assert_eq!(offered(r#"{"services": {"web": {"depends_on": ["queue"]}, ‸}}"#)[0], "queue");
}

#[test]
fn a_secret_that_the_plan_names_is_offered_in_the_secrets_file() {
    let plan =
        Document::parse(in_service(r#""environment": {"A": {"secret": "db_password"}, "B": {"secret": "token"}}"#));
    let (secrets, offset) = marked(r#"{"db_password": "hunter2", ‸}"#);
    let texts = Texts { plan: Some(&plan), secrets: Some(&secrets) };
    let completions = texts.completions(File::Secrets, offset, &[]);
    let labels: Vec<_> = completions.iter().map(|completion| completion.label.as_str()).collect();
    assert_eq!(labels, ["token", "$schema", "a new name"]);
    assert_eq!(completions[0].snippet.as_deref(), Some("\"token\": \"$1\""));
}
