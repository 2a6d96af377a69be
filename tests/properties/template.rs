//! A template with secrets that is accepted means what it means to Handlebars.

use handlebars::{Context, Handlebars, Helper, HelperResult, Output, RenderContext};
use landfall::plan::secrets::Secrets;
use landfall::plan::template::Template;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::sync::LazyLock;

const NASTY: &str = "p<@>'s \"wörd\"/:?#[]&=+%\\\n\u{1}~-._ {{other}}";

static VALUES: LazyLock<Value> =
    LazyLock::new(|| json!({"name": NASTY, "_other-1": "plain", "a": "", "url": "u", "json": "j"}));
static SECRETS: LazyLock<Secrets> = LazyLock::new(|| Secrets::of(&VALUES));
static HANDLEBARS: LazyLock<Handlebars<'static>> = LazyLock::new(|| {
    let mut handlebars = Handlebars::new();
    handlebars.set_strict_mode(true);
    handlebars.register_escape_fn(handlebars::no_escape);
    handlebars.register_helper("url", Box::new(url));
    handlebars.register_helper("json", Box::new(as_json));
    handlebars
});

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

fn as_json(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    Ok(out.write(&serde_json::to_string(helper.param(0).unwrap().value()).unwrap())?)
}

pub fn holds(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let parsed = Template::parse(text);
    if !text.contains("{{") {
        assert_eq!(parsed.as_ref().unwrap().render(&SECRETS).unwrap().expose_secret(), text);
    }
    let Ok(template) = parsed else { return };
    match template.render(&SECRETS) {
        Ok(ours) => {
            let theirs = HANDLEBARS.render_template(text, &*VALUES);
            assert_eq!(theirs.map_err(|error| error.to_string()).as_deref(), Ok(ours.expose_secret()), "{text:?}");
        }
        Err(missing) => assert!(!SECRETS.has(&missing.0) && template.secrets().contains(&missing.0), "{missing}"),
    }
}
