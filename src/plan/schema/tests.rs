use super::{Schema, complete};
use crate::{
    diagnostics::{
        Document,
        report::{Report, Style, human},
    },
    plan::text::read,
};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

/// A schema with every shape that the plan's has.
#[allow(clippy::too_many_lines, reason = "it is one value")]
fn schema() -> Value {
    let mut schema = json!({
        "type": "object", "additionalProperties": false, "required": ["version", "services"],
        "properties": {
            "version": { "type": "integer", "const": 1 },
            "engine": { "oneOf": [
                { "description": "Podman", "type": "string", "const": "podman" },
                { "description": "Docker", "type": "string", "const": "docker" }
            ] },
            "services": {
                "type": "object", "minProperties": 1,
                "propertyNames": { "type": "string", "format": "landfall-service-name", "pattern": "^[a-z]" },
                "additionalProperties": { "$ref": "#/$defs/Service" }
            },
            "cleanup": { "anyOf": [{ "$ref": "#/$defs/Cleanup" }, { "type": "null" }] }
        },
        "$defs": {
            "Cleanup": { "type": "object", "additionalProperties": false, "required": ["keep"],
                "properties": { "keep": { "type": "string", "description": "How long entries stay.", "pattern": "^[0-9]+d$",
                    "patternErrorMessage": "a number and `d`", "examples": ["7d", "30d"] } } },
            "Service": { "type": "object", "additionalProperties": false, "required": ["image"], "properties": {
                "image": { "$ref": "#/$defs/Image" },
                "command": { "type": "array", "minItems": 1, "items": { "type": "string" } },
                "init": { "type": "boolean" },
                "restart": { "type": "string", "enum": ["no", "on-failure", "always"] },
                "memory": { "type": "string", "format": "landfall-size", "pattern": "B$" },
                "aliases": { "type": "array", "uniqueItems": true, "items": { "type": "string", "format": "landfall-service-name" } },
                "healthcheck": { "$ref": "#/$defs/Check" },
                "environment": { "type": "object", "additionalProperties": { "anyOf": [
                    { "type": "string" },
                    { "type": "object", "additionalProperties": false, "required": ["secret"],
                      "properties": { "secret": { "type": "string" } } },
                    { "type": "object", "additionalProperties": false, "required": ["template"],
                      "properties": { "template": { "type": "string" } } }
                ] } }
            } },
            "Check": { "type": "object", "additionalProperties": false,
                "oneOf": [{ "required": ["exec"] }, { "required": ["tcp"] }],
                "properties": { "exec": { "type": "array", "items": { "type": "string" } }, "tcp": { "type": "string" },
                    "retries": { "type": "integer", "format": "uint32", "minimum": 1, "maximum": 1000 } } },
            "Image": { "description": "An image.", "anyOf": [
                { "$ref": "#/$defs/Reference" }, { "$ref": "#/$defs/Source" }
            ] },
            "Reference": { "type": "string", "minLength": 1 },
            "Source": { "anyOf": [
                { "type": "object", "additionalProperties": false, "required": ["registry"],
                  "properties": { "registry": { "type": "string" }, "id": { "type": "string" } } },
                { "type": "object", "additionalProperties": false, "required": ["archive"],
                  "properties": { "archive": { "type": "string" }, "sha256": { "type": "string" }, "id": { "type": "string" } } },
                { "type": "object", "additionalProperties": false, "required": ["ssh", "key"],
                  "properties": { "ssh": { "type": "string" }, "key": { "type": "string" }, "sha256": { "type": "string" } } },
                { "type": "object", "additionalProperties": false, "required": ["url", "sha256"],
                  "properties": { "url": { "type": "string" }, "sha256": { "type": "string" } } }
            ] }
        }
    });
    complete(&mut schema);
    schema
}

/// The whole report on a text in which `service` is the service `web`, on a line of its own.
fn said_of_service(service: &str) -> String {
    said(&format!("{{\"version\": 1, \"services\": {{\"web\":\n{service}\n}}}}"), Document::Plan)
}

fn said(text: &str, document: Document) -> String {
    let reading = read("plan.json", text.as_bytes(), document);
    let schema = Schema::compile(schema()).unwrap();
    let mut findings = reading.findings.clone();
    findings.extend(reading.value.iter().flat_map(|value| schema.findings(value, document)));
    let source = Some(&reading.source);
    let report = match document {
        Document::Plan => Report { plan: source, secrets: None, findings: &findings },
        Document::Secrets | Document::Host => Report { plan: None, secrets: source, findings: &findings },
    };
    human(&report, &Style { width: 100, drawn: false, colour: false })
}

#[test]
fn a_right_value_has_no_findings_and_own_keys_are_allowed() {
    let report =
        said_of_service(r#"{"image": "x", "x-note": 1, "environment": {"A": "1", "B": {"secret": "s", "x-why": 2}}}"#);
    assert_eq!(report, "");
}

#[test]
fn an_unknown_field_is_one_finding_and_says_what_was_meant() {
    let report = said_of_service(r#"{"imgae": "x", "env": {}, "privileged": true}"#);
    assert_eq!(
        report,
        r#"error[LF005]: unknown field `imgae`
 --> plan.json:2:2
  |
2 | {"imgae": "x", "env": {}, "privileged": true}
  |  ^^^^^^^ did you mean `image`?
  = help: known here: `aliases`, `command`, `environment`, `healthcheck`, `image`, `init`, `memory`
          and `restart`

error[LF005]: unknown field `env`
 --> plan.json:2:16
  |
2 | {"imgae": "x", "env": {}, "privileged": true}
  |                ^^^^^ did you mean `environment`?
  = help: known here: `aliases`, `command`, `environment`, `healthcheck`, `image`, `init`, `memory`
          and `restart`

error[LF005]: unknown field `privileged`
 --> plan.json:2:27
  |
2 | {"imgae": "x", "env": {}, "privileged": true}
  |                           ^^^^^^^^^^^^ not known here
  = help: known here: `aliases`, `command`, `environment`, `healthcheck`, `image`, `init`, `memory`
          and `restart`

3 errors in plan.json
"#
    );
}

#[test]
fn a_scalar_of_the_wrong_type_is_told_with_its_replacement() {
    let report = said_of_service(
        r#"{"image": 5, "init": "yes", "command": "nginx -g x", "healthcheck": {"tcp": "b:1", "retries": "3"}}"#,
    );
    assert_eq!(
        report,
        r#"error[LF007]: `image` is the number 5, not a string or an object
 --> plan.json:2:11
  |
2 | {"image": 5, "init": "yes", "command": "nginx -g x", "healthcheck": {"tcp": "b:1", "retrie…
  |           ^ write "5"

error[LF007]: `init` is the string "yes", not true or false
 --> plan.json:2:22
  |
2 | {"image": 5, "init": "yes", "command": "nginx -g x", "healthcheck": {"tcp": "b:1", "retrie…
  |                      ^^^^^ write true

error[LF007]: `command` is the string "nginx -g x", not a list
 --> plan.json:2:40
  |
2 | {"image": 5, "init": "yes", "command": "nginx -g x", "healthcheck": {"tcp": "b:1", "retrie…
  |                                        ^^^^^^^^^^^^ write ["nginx", "-g", "x"]

error[LF007]: `retries` is the string "3", not a whole number
 --> plan.json:2:95
  |
2 | … 5, "init": "yes", "command": "nginx -g x", "healthcheck": {"tcp": "b:1", "retries": "3"}}
  |                                                                                       ^^^
  = write 3

4 errors in plan.json
"#
    );
    let report = said_of_service(r#"{"image": "x", "memory": 512, "restart": true, "command": ["a", 1, true, null]}"#);
    assert_eq!(
        report,
        r#"error[LF007]: `memory` is the number 512, not a string
 --> plan.json:2:26
  |
2 | {"image": "x", "memory": 512, "restart": true, "command": ["a", 1, true, null]}
  |                          ^^^ a string is expected
  = help: write `512MiB`, or `512B` for bytes

error[LF007]: `restart` is true, not a string
 --> plan.json:2:42
  |
2 | {"image": "x", "memory": 512, "restart": true, "command": ["a", 1, true, null]}
  |                                          ^^^^ a string is expected
  = help: it is one of "no", "on-failure", "always"

error[LF007]: an element of `command` is the number 1, not a string
 --> plan.json:2:65
  |
2 | {"image": "x", "memory": 512, "restart": true, "command": ["a", 1, true, null]}
  |                                                                 ^ write "1"

error[LF007]: an element of `command` is true, not a string
 --> plan.json:2:68
  |
2 | {"image": "x", "memory": 512, "restart": true, "command": ["a", 1, true, null]}
  |                                                                    ^^^^ write "true"

error[LF007]: an element of `command` is null, not a string
 --> plan.json:2:74
  |
2 | {"image": "x", "memory": 512, "restart": true, "command": ["a", 1, true, null]}
  |                                                                          ^^^^ no value
  = help: leave the field out where it is not needed

5 errors in plan.json
"#
    );
}

#[test]
fn a_value_that_is_not_listed_says_which_was_meant() {
    let report = said_of_service(r#"{"image": "x", "restart": "alway"}"#);
    assert_eq!(
        report,
        r#"error[LF008]: `restart` can't be "alway"
 --> plan.json:2:27
  |
2 | {"image": "x", "restart": "alway"}
  |                           ^^^^^^^ did you mean "always"?
  = help: it is one of "no", "on-failure", "always"

1 error in plan.json
"#
    );
}

#[test]
fn a_text_of_the_wrong_form_is_told_by_its_format() {
    let report = said_of_service(r#"{"image": "x", "memory": "512m", "aliases": ["A"]}"#);
    assert_eq!(
        report,
        r#"error[LF023]: size `512m` has no known unit
 --> plan.json:2:26
  |
2 | {"image": "x", "memory": "512m", "aliases": ["A"]}
  |                          ^^^^^^ units are B, KiB, MiB, GiB, TiB
  = help: write `512MiB`

error[LF020]: service name `A` is not a name
 --> plan.json:2:46
  |
2 | {"image": "x", "memory": "512m", "aliases": ["A"]}
  |                                              ^^^
  = a letter a-z, then up to 30 of a-z, 0-9 and `-`, the last of them not `-`
  = help: write `a`

2 errors in plan.json
"#
    );
}

#[test]
fn what_is_outside_its_limits_is_told_with_the_limit() {
    let report = said_of_service(
        r#"{"image": "", "command": [], "aliases": ["a", "b", "a"], "healthcheck": {"tcp": "b:1", "retries": 1001}}"#,
    );
    assert_eq!(
        report,
        r#"error[LF011]: `image` is empty
 --> plan.json:2:11
  |
2 | {"image": "", "command": [], "aliases": ["a", "b", "a"], "healthcheck": {"tcp": "b:1", "re…
  |           ^^ at least 1 character

error[LF011]: `command` is empty
 --> plan.json:2:26
  |
2 | {"image": "", "command": [], "aliases": ["a", "b", "a"], "healthcheck": {"tcp": "b:1", "re…
  |                          ^^ at least 1 element

error[LF011]: `aliases` has "a" twice
 --> plan.json:2:52
  |
2 | …"command": [], "aliases": ["a", "b", "a"], "healthcheck": {"tcp": "b:1", "retries": 1001}}
  |                                       ^^^ here again
  |                             --- first here
  = help: remove one of them

error[LF011]: `retries` is 1001
 --> plan.json:2:99
  |
2 | …"command": [], "aliases": ["a", "b", "a"], "healthcheck": {"tcp": "b:1", "retries": 1001}}
  |                                                                                      ^^^^
  = at most 1000

4 errors in plan.json
"#
    );
}

#[test]
fn two_sources_are_one_too_many() {
    let report = said_of_service(r#"{"image": {"archive": "a", "url": "b", "sha256": "c"}}"#);
    assert_eq!(
        report,
        r#"error[LF009]: `image` needs exactly one of `registry`, `archive`, `ssh` and `url`; this has
              `archive` and `url`
 --> plan.json:2:12
  |
2 | {"image": {"archive": "a", "url": "b", "sha256": "c"}}
  |            ^^^^^^^^^ one
  |                            ----- another
  = help: keep one of them

1 error in plan.json
"#
    );
}

#[test]
fn no_source_is_told_with_all_of_them_or_with_the_one_that_was_meant() {
    let report = said_of_service(r#"{"image": {"sha256": "c"}}"#);
    assert_eq!(
        report,
        r#"error[LF009]: `image` needs one of `registry`, `archive`, `ssh` and `url`
 --> plan.json:2:2
  |
2 | {"image": {"sha256": "c"}}
  |  ^^^^^^^ has none of them

1 error in plan.json
"#
    );
    let report = said_of_service(r#"{"image": {"archve": "a", "sha256": "c"}}"#);
    assert_eq!(
        report,
        r#"error[LF005]: unknown field `archve`
 --> plan.json:2:12
  |
2 | {"image": {"archve": "a", "sha256": "c"}}
  |            ^^^^^^^^ did you mean `archive`?
  = help: known here: `registry`, `archive`, `ssh` and `url`

1 error in plan.json
"#
    );
}

#[test]
fn only_the_mistakes_of_the_alternative_that_was_meant_are_told() {
    let report = said_of_service(r#"{"image": {"archive": "a", "id": 5}}"#);
    assert_eq!(
        report,
        r#"error[LF007]: `id` is the number 5, not a string
 --> plan.json:2:34
  |
2 | {"image": {"archive": "a", "id": 5}}
  |                                  ^ write "5"

1 error in plan.json
"#
    );
    let report = said_of_service(r#"{"image": {"ssh": "a"}}"#);
    assert_eq!(
        report,
        r#"error[LF006]: `image` has no `key`
 --> plan.json:2:2
  |
2 | {"image": {"ssh": "a"}}
  |  ^^^^^^^ `key` is missing

1 error in plan.json
"#
    );
    let report = said_of_service(r#"{"image": {"archive": "a", "key": "c"}}"#);
    assert_eq!(
        report,
        r#"error[LF005]: `key` does not go with `archive`
 --> plan.json:2:28
  |
2 | {"image": {"archive": "a", "key": "c"}}
  |                            ^^^^^ goes with `ssh`
  = help: known here: `archive`, `id` and `sha256`

1 error in plan.json
"#
    );
}

#[test]
fn exactly_one_of_several_fields_is_needed() {
    let report = said_of_service(r#"{"image": "x", "healthcheck": {}}"#);
    assert_eq!(
        report,
        r#"error[LF009]: `healthcheck` needs one of `exec` and `tcp`
 --> plan.json:2:16
  |
2 | {"image": "x", "healthcheck": {}}
  |                ^^^^^^^^^^^^^ has none of them

1 error in plan.json
"#
    );
    let report = said_of_service(r#"{"image": "x", "healthcheck": {"exce": ["a"]}}"#);
    assert_eq!(
        report,
        r#"error[LF005]: unknown field `exce`
 --> plan.json:2:32
  |
2 | {"image": "x", "healthcheck": {"exce": ["a"]}}
  |                                ^^^^^^ did you mean `exec`?
  = help: known here: `exec`, `retries` and `tcp`

1 error in plan.json
"#
    );
    let report = said_of_service(r#"{"image": "x", "healthcheck": {"exec": ["a"], "tcp": "b:1"}}"#);
    assert_eq!(
        report,
        r#"error[LF009]: `healthcheck` needs exactly one of `exec` and `tcp`; this has `exec` and `tcp`
 --> plan.json:2:32
  |
2 | {"image": "x", "healthcheck": {"exec": ["a"], "tcp": "b:1"}}
  |                                ^^^^^^ one
  |                                               ----- another
  = help: keep one of them

1 error in plan.json
"#
    );
}

#[test]
fn each_entry_of_a_map_is_told_by_its_own_type_and_keys() {
    let report = said_of_service(
        r#"{"image": "x", "environment": {"A": 8080, "B": null, "C": {"secret": 5}, "D": {"secrte": "x"}, "E": []}}"#,
    );
    assert_eq!(
        report,
        r#"error[LF007]: `A` is the number 8080, not a string or an object
 --> plan.json:2:37
  |
2 | {"image": "x", "environment": {"A": 8080, "B": null, "C": {"secret": 5}, "D": {"secrte": "…
  |                                     ^^^^ write "8080"

error[LF007]: `B` is null, not a string or an object
 --> plan.json:2:48
  |
2 | … "environment": {"A": 8080, "B": null, "C": {"secret": 5}, "D": {"secrte": "x"}, "E": []}}
  |                                   ^^^^ no value
  = help: leave the field out where it is not needed

error[LF007]: `secret` is the number 5, not a string
 --> plan.json:2:70
  |
2 | … "environment": {"A": 8080, "B": null, "C": {"secret": 5}, "D": {"secrte": "x"}, "E": []}}
  |                                                         ^ write "5"

error[LF005]: unknown field `secrte`
 --> plan.json:2:80
  |
2 | … "environment": {"A": 8080, "B": null, "C": {"secret": 5}, "D": {"secrte": "x"}, "E": []}}
  |                                                                   ^^^^^^^^
  = did you mean `secret`?
  = help: known here: `secret` and `template`

error[LF007]: `E` is a list, not a string or an object
 --> plan.json:2:101
  |
2 | … "environment": {"A": 8080, "B": null, "C": {"secret": 5}, "D": {"secrte": "x"}, "E": []}}
  |                                                                                        ^^
  = a string or an object is expected

5 errors in plan.json
"#
    );
}

#[test]
fn a_wrong_name_is_underlined_where_it_stands() {
    let report = said(
        "{\"version\": 2, \"engine\": \"dockr\", \"services\": {\"Web\": {\"image\": \"x\"}},\n\"cleanup\": {}}",
        Document::Plan,
    );
    assert_eq!(
        report,
        r#"error[LF008]: `version` can't be 2
 --> plan.json:1:13
  |
1 | {"version": 2, "engine": "dockr", "services": {"Web": {"image": "x"}},
  |             ^ write 1

error[LF008]: `engine` can't be "dockr"
 --> plan.json:1:26
  |
1 | {"version": 2, "engine": "dockr", "services": {"Web": {"image": "x"}},
  |                          ^^^^^^^ did you mean "docker"?
  = help: it is one of "podman", "docker"

error[LF020]: service name `Web` is not a name
 --> plan.json:1:48
  |
1 | {"version": 2, "engine": "dockr", "services": {"Web": {"image": "x"}},
  |                                                ^^^^^
  = a letter a-z, then up to 30 of a-z, 0-9 and `-`, the last of them not `-`
  = help: write `web`

error[LF006]: `cleanup` has no `keep`
 --> plan.json:2:1
  |
2 | "cleanup": {}}
  | ^^^^^^^^^ `keep` is missing
  = help: `keep`: how long entries stay

4 errors in plan.json
"#
    );
}

#[test]
fn what_should_be_a_listed_word_is_told_with_the_list() {
    let report = said(r#"{"version": "1", "engine": 1, "services": {}, "cleanup": {"keep": "5"}}"#, Document::Plan);
    assert_eq!(
        report,
        r#"error[LF007]: `version` is the string "1", not a whole number
 --> plan.json:1:13
  |
1 | {"version": "1", "engine": 1, "services": {}, "cleanup": {"keep": "5"}}
  |             ^^^ write 1

error[LF007]: `engine` is the number 1, not a string
 --> plan.json:1:28
  |
1 | {"version": "1", "engine": 1, "services": {}, "cleanup": {"keep": "5"}}
  |                            ^ a string is expected
  = help: it is one of "podman", "docker"

error[LF011]: `services` is empty
 --> plan.json:1:43
  |
1 | {"version": "1", "engine": 1, "services": {}, "cleanup": {"keep": "5"}}
  |                                           ^^ at least 1 entry

error[LF010]: `keep` can't be "5"
 --> plan.json:1:67
  |
1 | {"version": "1", "engine": 1, "services": {}, "cleanup": {"keep": "5"}}
  |                                                                   ^^^ a number and `d`
  = help: for example `7d` or `30d`

4 errors in plan.json
"#
    );
}

#[test]
fn a_plan_that_is_not_an_object_is_one_finding() {
    let report = said(r#"[]"#, Document::Plan);
    assert_eq!(
        report,
        r#"error[LF007]: the plan is a list, not an object
 --> plan.json:1:1
  |
1 | []
  | ^^ an object is expected

1 error in plan.json
"#
    );
}

#[test]
fn an_empty_plan_lacks_its_required_fields() {
    let report = said(r#"{}"#, Document::Plan);
    assert_eq!(
        report,
        r#"error[LF006]: the plan has no `version`
 --> plan.json:1:1
  |
1 | {}
  | ^ `version` is missing

error[LF006]: the plan has no `services`
 --> plan.json:1:1
  |
1 | {}
  | ^ `services` is missing

2 errors in plan.json
"#
    );
}

#[test]
fn findings_about_secrets_quote_no_value() {
    let report = said(
        r#"{"version": "hunter2", "engine": "hunter2", "services": {"hunter": 2}, "cleanup": {"keep": "hunter2"}}"#,
        Document::Secrets,
    );
    assert_eq!(
        report,
        r#"error[LF007]: `version` is a string, not a whole number
 --> plan.json:1:13
  = a whole number is expected

error[LF008]: `engine` has a value that is not allowed
 --> plan.json:1:34
  = not one of those allowed
  = help: it is one of "podman", "docker"

error[LF007]: `hunter` is a whole number, not an object
 --> plan.json:1:68
  = an object is expected

error[LF010]: `keep` is not of the required form
 --> plan.json:1:92
  = a number and `d`
  = help: for example `7d` or `30d`

4 errors in plan.json
"#
    );
}
