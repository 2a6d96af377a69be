//! Texts with secrets in them, right and wrong.

use super::{NoSuchSecret, Template};
use crate::plan::secrets::Secrets;
use crate::plan::values::SecretName;
use handlebars::{Context, Handlebars, Helper, HelperResult, Output, RenderContext};
use pretty_assertions::assert_eq;
use proptest::prelude::*;
use secrecy::ExposeSecret;
use serde_json::json;

const NASTY: &str = "p<@>'s \"wörd\"/:?#[]&=+%\\\n\u{1}~-._ {{other}}";

fn secrets() -> Secrets {
    Secrets::of(&json!({"name": NASTY, "_other-1": "plain"}))
}

fn rendered(template: &str) -> String {
    Template::parse(template).unwrap().render(&secrets()).unwrap().expose_secret().to_owned()
}

/// What the `handlebars` crate makes of it: strict, nothing escaped, with the two helpers.
fn rendered_by_handlebars(template: &str) -> String {
    fn url(
        helper: &Helper<'_>,
        _: &Handlebars<'_>,
        _: &Context,
        _: &mut RenderContext<'_, '_>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let value = helper.param(0).unwrap().value().as_str().unwrap();
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let encoded = |byte: u8| if unreserved(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
        Ok(out.write(&value.bytes().map(encoded).collect::<String>())?)
    }
    fn json(
        helper: &Helper<'_>,
        _: &Handlebars<'_>,
        _: &Context,
        _: &mut RenderContext<'_, '_>,
        out: &mut dyn Output,
    ) -> HelperResult {
        Ok(out.write(&serde_json::to_string(helper.param(0).unwrap().value()).unwrap())?)
    }
    let mut handlebars = Handlebars::new();
    handlebars.set_strict_mode(true);
    handlebars.register_escape_fn(handlebars::no_escape);
    handlebars.register_helper("url", Box::new(url));
    handlebars.register_helper("json", Box::new(json));
    handlebars.render_template(template, &json!({"name": NASTY, "_other-1": "plain"})).unwrap()
}

fn refusal(template: &str) -> (String, String) {
    let problem = Template::parse(template).unwrap_err();
    (problem.message, problem.help)
}

#[test]
fn a_secret_is_filled_in_as_it_stands_or_for_a_url_or_for_json() {
    assert_eq!(rendered("{{name}}"), NASTY);
    assert_eq!(rendered("[{{ json   name }}]"), format!("[{}]", json!(NASTY)));
    assert_eq!(
        rendered("x://{{url name}}@h"),
        "x://p%3C%40%3E%27s%20%22w%C3%B6rd%22%2F%3A%3F%23%5B%5D%26%3D%2B%25%5C%0A%01~-._%20%7B%7Bother%7D%7D@h"
    );
}

#[test]
fn braces_are_written_with_a_backslash() {
    assert_eq!(
        rendered("{\"a\":{\"b\":{{json _other-1}}}} \\{{ .Go }} }} {"),
        "{\"a\":{\"b\":\"plain\"}} {{ .Go }} }} {"
    );
}

#[test]
fn the_secrets_that_it_names_are_known() {
    let names = Template::parse("{{b}} {{url a}} {{b}} \\{{c}}").unwrap().secrets();
    assert_eq!(names.iter().map(SecretName::as_str).collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn a_secret_without_a_value_is_an_error() {
    let outcome = Template::parse("{{name}}{{absent}}").unwrap().render(&secrets()).map(|_| ());
    assert_eq!(outcome, Err(NoSuchSecret(SecretName::parse("absent").unwrap())));
}

#[test]
fn everything_else_of_handlebars_is_refused() {
    let told = [
        ("{{#if name}}x{{/if}}", "the template has a block"),
        ("{{#name}}x{{/name}}", "the template has a block"),
        ("{{^}}", "the template has a block"),
        ("{{> name}}", "the template has a partial"),
        ("{{>name}}", "the template has a partial"),
        ("{{! name}}", "the template has a comment"),
        ("{{!-- name --}}", "the template has a comment"),
        ("{{*inline name}}", "the template has a decorator"),
        ("{{@root}}", "the template has a variable of Handlebars"),
        ("{{&name}}", "the template has `&`, and nothing is escaped"),
        ("{{~name}}", "the template has `~`, which would remove white space"),
        ("{{name~}}", "the template has `~`, which would remove white space"),
        ("{{url name~}}", "the template has `~`, which would remove white space"),
        ("{{{name}}}", "the template has three braces in a row"),
        ("{{{{raw}}}} {{{{/raw}}}}", "the template has three braces in a row"),
        ("{{name", "the template has `{{` without `}}`"),
        ("{{}}", "the template has nothing between `{{` and `}}`"),
        ("{{ url }}", "the template has `{{ url }}` without a name"),
        ("{{upper name}}", "the template has the unknown helper `upper`"),
        ("{{json name name}}", "the template has the unknown helper `json`"),
        ("{{a.b}}", "the template has `{{a.b}}`, which Handlebars does not read as a name"),
        ("{{url this}}", "the template has `{{this}}`, which Handlebars does not read as a name"),
        ("{{a/b}}", "the template has `{{a/b}}`, which is not a secret's name"),
        // White space to us, not to Handlebars.
        ("{{\u{c}name}}", "the template has `{{\u{c}name}}`, which is not a secret's name"),
        ("{{\"name\"}}", "the template has `{{\"name\"}}`, which is not a secret's name"),
        ("\\\\{{name}}", "the template has more than one `\\` in front of `{{`"),
    ];
    for (template, message) in told {
        assert_eq!((template, refusal(template).0), (template, message.to_owned()));
    }
    assert_eq!(
        refusal("{{{name}}}").1,
        "write `{{name}}`; where a brace stands before it, put a space between: `{ {{name}}`"
    );
}

proptest! {
    #[test]
    fn what_is_accepted_means_what_it_means_to_handlebars(
        parts in proptest::collection::vec(prop_oneof![
            Just("{{name}}"), Just("{{ _other-1 }}"), Just("{{url name}}"), Just("{{json name}}"), Just("{{json _other-1}}"),
            Just("\\{{"), Just("{{"), Just("}}"), Just("{"), Just("}"), Just("\\"), Just("\n"), Just(" "), Just("\u{c}"), Just("é"), Just("name"),
        ], 0..12)
    ) {
        let text = parts.concat();
        // The parts also make names that no secret has.
        let rendered = Template::parse(&text).ok().and_then(|template| template.render(&secrets()).ok());
        if let Some(ours) = rendered {
            prop_assert_eq!(ours.expose_secret(), rendered_by_handlebars(&text));
        }
    }
}
