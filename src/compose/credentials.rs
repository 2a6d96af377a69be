//! Tells what is a secret, and gives each a name. Reads nothing, changes nothing.

use super::tree::Node;
use super::{Conversion, Fate};
use crate::few::Few;
use crate::plan::model::Plan;
use crate::plan::secrets::{Secrets, names_secrets};
use crate::plan::template::Template;
use crate::plan::values::SecretName;
use crate::plan::written::Written;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

/// Words in a variable's name that say that its value is a secret.
const WORDS: [&str; 10] =
    ["PASSWORD", "PASSWD", "PASSPHRASE", "PASS", "PWD", "SECRET", "SECRETS", "TOKEN", "APIKEY", "CREDENTIALS"];

/// What a `KEY` is of, where it is a secret.
const KEYS_OF: [&str; 12] =
    ["API", "ACCESS", "PRIVATE", "SECRET", "ENCRYPTION", "SIGNING", "MASTER", "AUTH", "APP", "JWT", "SESSION", "ADMIN"];

/// Last words that say that the value is about the secret, and not the secret.
const ABOUT: [&str; 18] = [
    "FILE",
    "PATH",
    "TTL",
    "EXPIRY",
    "EXPIRATION",
    "EXPIRES",
    "LIFETIME",
    "LENGTH",
    "ENABLED",
    "TYPE",
    "NAME",
    "ID",
    "POLICY",
    "URL",
    "ISSUER",
    "HEADER",
    "ALGORITHM",
    "TIMEOUT",
];

/// Whether the value of this variable should be known to nobody.
pub fn is_secret(variable: &str, value: &str) -> bool {
    let upper = variable.to_ascii_uppercase();
    let words: Vec<_> = upper.split(['_', '-', '.']).filter(|word| !word.is_empty()).collect();
    let about = words.last().is_none_or(|last| ABOUT.contains(last)) || matches!(upper.as_str(), "PWD" | "OLDPWD");
    let key = words.windows(2).any(|pair| matches!(pair, [of, "KEY"] if KEYS_OF.contains(of)));
    let says = key || words.iter().any(|word| WORDS.contains(word));
    let is_setting =
        matches!(value.to_ascii_lowercase().as_str(), "true" | "false" | "yes" | "no" | "on" | "off" | "0" | "1");
    says && !about && !is_setting && !value.starts_with('/')
}

/// A text with a password in it, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub struct Address<'a> {
    before: &'a str,
    password: &'a str,
    after: &'a str,
}

/// The password in `scheme://user:password@host`, if the text is one.
pub fn address(text: &str) -> Option<Address<'_>> {
    let scheme_end = text.find("://")? + 3;
    let authority_end = text.get(scheme_end..)?.find(['/', '?', '#']).map_or(text.len(), |end| scheme_end + end);
    let authority = text.get(scheme_end..authority_end)?;
    let (user, _) = authority.rsplit_once('@')?;
    let colon = user.find(':')?;
    let (start, end) = (scheme_end + colon + 1, scheme_end + user.len());
    let password = text.get(start..end).filter(|password| !password.is_empty())?;
    Some(Address { before: text.get(..start)?, password, after: text.get(end..)? })
}

/// The password in an address, if the text is one that has one.
pub fn password_in(text: &str) -> Option<&str> {
    address(text).map(|Address { before: _, password, after: _ }| password)
}

/// The secrets that were found, each by one name.
#[derive(Default)]
pub struct Credentials(Vec<(SecretName, Option<SecretString>)>);

impl Credentials {
    /// The name of this value: of one that is known already, or the first of `wanted` that is free. `None` is a value that is not known.
    pub fn name(&mut self, wanted: &[String], value: Option<&str>) -> Option<SecretName> {
        let same = |known: &Option<SecretString>| {
            known.as_ref().map(|known| known.expose_secret()) == value && value.is_some()
        };
        if let Some((name, _)) = self.0.iter().find(|(_, known)| same(known)) {
            return Some(name.clone());
        }
        self.further(wanted, value)
    }

    /// A name of its own, whether or not the value is known already.
    pub fn further(&mut self, wanted: &[String], value: Option<&str>) -> Option<SecretName> {
        let value = value.map(SecretString::from);
        let numbered = (2..1000).flat_map(|number| wanted.iter().map(move |name| format!("{name}_{number}")));
        let mut names = wanted.iter().cloned().chain(numbered).filter_map(|name| SecretName::parse(&name).ok());
        let free = names.find(|name| !self.0.iter().any(|(known, _)| known == name))?;
        self.0.push((free.clone(), value));
        Some(free)
    }

    /// The secret of this name, known or not, where a file declares it.
    pub fn declared(&mut self, name: &str, value: Option<&str>) -> Option<SecretName> {
        let parsed = SecretName::parse(name).ok()?;
        if !self.0.iter().any(|(known, _)| *known == parsed) {
            self.0.push((parsed.clone(), value.map(SecretString::from)));
        }
        Some(parsed)
    }

    /// A template that says the same as an address with a password in it; `None` if it can't be written as one.
    pub fn template(&mut self, wanted: &str, text: &str) -> Option<String> {
        let Address { before, password, after } = address(text)?;
        let decoded = percent_encoding::percent_decode_str(password).decode_utf8().ok()?.into_owned();
        let name = self.name(&[wanted.to_owned()], Some(&decoded))?;
        let templates = [format!("{before}{{{{url {name}}}}}{after}"), format!("{before}{{{{{name}}}}}{after}")];
        templates.into_iter().find(|template| self.says(template, text))
    }

    /// A template that says the same as a text that has the value of a known secret in it.
    pub fn with_known(&self, text: &str) -> Option<String> {
        let (name, value) = self.exposed(text)?;
        let (before, after) = text.split_once(value)?;
        let template = format!("{before}{{{{{name}}}}}{after}");
        self.says(&template, text).then_some(template)
    }

    /// The known secret whose value stands in a text, and that value. Words that may stand there by chance don't count.
    pub fn exposed(&self, text: &str) -> Option<(&SecretName, &str)> {
        let random = |value: &str| value.len() >= 6 && value.chars().any(|c| !c.is_ascii_alphabetic());
        let known = self.0.iter().filter_map(|(name, value)| Some((name, value.as_ref()?.expose_secret())));
        known.into_iter().find(|(_, value)| random(value) && text.contains(value))
    }

    fn says(&self, template: &str, text: &str) -> bool {
        let filled = Template::parse(template).ok().and_then(|parsed| parsed.render(&self.values()).ok());
        filled.is_some_and(|filled| filled.expose_secret() == text)
    }

    fn values(&self) -> Secrets {
        let known = self.0.iter().filter_map(|(name, value)| Some((name.to_string(), value.as_ref()?)));
        let known = known.map(|(name, value)| (name, Value::from(value.expose_secret())));
        Secrets::of(&Value::Object(known.gathered()))
    }

    /// Those that the plan names.
    pub fn named_in(self, plan: &Written) -> Vec<(SecretName, Option<SecretString>)> {
        let plan = serde_json::from_str::<Value>(&plan.laid_out()).and_then(|plan| Plan::deserialize(&plan));
        let named = plan.map(|plan| names_secrets(&plan)).unwrap_or_default();
        self.0.into_iter().filter(|(name, _)| named.contains_key(name)).collect()
    }
}

/// Tells where the value of a secret stands in the plan, because no template can stand there.
pub fn tell(conversion: &mut Conversion<'_>) {
    for planned in conversion.services.clone() {
        let fields =
            planned.node.members().iter().filter(|(name, _)| !matches!(name.as_str(), "environment" | "env_file"));
        for (_, node) in fields {
            tell_below(conversion, node);
        }
    }
}

fn tell_below(conversion: &mut Conversion<'_>, node: &Node) {
    let secret = node.text().and_then(|text| conversion.credentials.exposed(text)).map(|(name, _)| name.clone());
    if let Some(secret) = secret {
        let message = format!("the value of the secret `{secret}` stands in the plan, where everybody reads it");
        let help = format!("let the program read it from a file, such as `/run/secrets/{secret}`");
        conversion.ledger.remark(node, Fate::Changed, message, help);
    }
    node.members()
        .iter()
        .map(|(_, value)| value)
        .chain(node.elements())
        .for_each(|value| tell_below(conversion, value));
}

#[cfg(test)]
mod tests {
    use super::{Address, Credentials, address, is_secret};
    use pretty_assertions::assert_eq;

    #[test]
    fn a_variables_name_says_whether_its_value_is_a_secret() {
        let secret = [
            "POSTGRES_PASSWORD",
            "db_pass",
            "SECRET_KEY_BASE",
            "AWS_SECRET_ACCESS_KEY",
            "JWT_SECRET",
            "API_KEY",
            "GITHUB_TOKEN",
        ];
        assert_eq!(secret.map(|name| is_secret(name, "x")), [true; 7]);
        let no_secret =
            ["POSTGRES_USER", "PWD", "DB_PASSWORD_FILE", "TOKEN_TTL", "KEYCLOAK_HOSTNAME", "PUBLIC_KEY", "COMPASS"];
        assert_eq!(no_secret.map(|name| is_secret(name, "x")), [false; 7]);
        let settings = ["true", "yes", "1", "/run/secrets/db"];
        assert_eq!(settings.map(|value| is_secret("ALLOW_EMPTY_PASSWORD", value)), [false; 4]);
    }

    #[test]
    fn the_password_in_an_address_is_found() {
        let found = address("postgres://shop:p@ss:w@db:5432/shop?x=1");
        assert_eq!(found, Some(Address { before: "postgres://shop:", password: "p@ss:w", after: "@db:5432/shop?x=1" }));
        let none = ["http://db/x:y@z", "http://user@db", "http://user:@db", "a:b@c", "http://host:80/"];
        assert_eq!(none.map(address), [const { None }; 5]);
    }

    #[test]
    fn an_address_becomes_a_template_that_says_the_same() {
        let mut credentials = Credentials::default();
        let mut template = |text| credentials.template("url_password", text);
        assert_eq!(template("redis://:abc@r:1/0"), Some("redis://:{{url url_password}}@r:1/0".to_owned()));
        assert_eq!(template("redis://:p%40c@r"), Some("redis://:{{url url_password_2}}@r".to_owned()));
        assert_eq!(template("redis://:a!c@r"), Some("redis://:{{url_password_3}}@r".to_owned()));
        assert_eq!(template("redis://:x@r/{{y"), None);
    }
}
