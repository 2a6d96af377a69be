//! What an editor offers to write for the author: pieces of a plan with places to fill in. Reads nothing, changes nothing.
//!
//! The notation is that of VS Code's `defaultSnippets`: `${1:web}` is the first place, with what stands there until it is
//! filled in. They are texts, not values, because an author reads `image` before `healthcheck`.

use serde_json::{Value, json};

/// A label, what is said about it, and the text.
type Snippet<'a> = (&'a str, &'a str, &'a str);

fn snippets(all: &[Snippet<'_>]) -> Value {
    let one = |(label, description, body): &Snippet<'_>| json!({ "label": label, "description": description, "bodyText": body.replace("    ", "\t") });
    all.iter().map(one).collect()
}

/// A new plan.
pub(super) fn plan() -> Value {
    let body = r#"{
    "\$schema": "plan.v1.json",
    "version": 1,
    "name": "${1:shop}",
    "services": {
        "${2:web}": {
            "image": "${3:docker.io/library/nginx:1.27}",
            "ports": ["127.0.0.1:${4:8080}:${5:80}"],
            "healthcheck": { "http": "http://localhost:${4:8080}/" }
        }
    }
}"#;
    snippets(&[("new plan", "A plan with one service, its published port and its health check.", body)])
}

/// The first service of a plan.
pub(super) fn services() -> Value {
    let body = r#"{
    "${1:web}": {
        "image": "${2:docker.io/library/nginx:1.27}",
        "ports": ["127.0.0.1:${3:8080}:${4:80}"],
        "healthcheck": { "http": "http://localhost:${3:8080}/" }
    }
}"#;
    snippets(&[("new service", "A service with a published port and a health check.", body)])
}

/// A service of each usual kind.
pub(super) fn service() -> Value {
    let web = r#"{
    "image": "${1:docker.io/library/nginx:1.27}",
    "ports": ["127.0.0.1:${2:8080}:${3:80}"],
    "healthcheck": { "http": "http://localhost:${2:8080}/" }
}"#;
    let database = r#"{
    "image": "${1:docker.io/library/postgres:16}",
    "environment": { "POSTGRES_PASSWORD_FILE": "/run/secrets/${2:db_password}" },
    "secrets": [{ "secret": "${2:db_password}", "target": "/run/secrets/${2:db_password}", "owner": "${3:999:999}" }],
    "volumes": [
        { "source": "/srv/${4:shop}/db", "target": "/var/lib/postgresql/data", "owner": "${3:999:999}", "mode": "0700" }
    ],
    "healthcheck": { "exec": ["pg_isready", "-h", "127.0.0.1"], "interval": "2s", "retries": ${5:30} },
    "stop_grace_period": "${6:30s}"
}"#;
    let once = r#"{
    "image": "${1:registry.example:5000/shop/app:1.0}",
    "command": ["${2:migrate}"],
    "restart": "no",
    "depends_on": ["${3:db}"]
}"#;
    snippets(&[
        ("web service", "A service with a published port and a health check.", web),
        ("database", "A service with a data directory, a password and a health check.", database),
        ("one-shot", "A service that is done when its process ends with 0: a migration, for example.", once),
    ])
}

/// An image from each of the sources that there are today.
pub(super) fn images() -> Value {
    snippets(&[
        ("from a registry", "A reference, the registry included.", r#""${1:docker.io/library/nginx:1.27}""#),
        ("from an archive", "A file beside the plan.", r#"{ "archive": "${1:images/app.tar.zst}" }"#),
        ("built on the server", "A folder with a Containerfile.", r#"{ "build": "${1:app}" }"#),
    ])
}

/// A health check of each kind.
pub(super) fn healthchecks() -> Value {
    let exec = r#"{ "exec": ["${1:pg_isready}"], "interval": "${2:5s}", "retries": ${3:3} }"#;
    snippets(&[
        (
            "http check",
            "A URL that is asked from the server.",
            r#"{ "http": "http://localhost:${1:8080}/${2:healthz}" }"#,
        ),
        ("exec check", "A command in the container that ends with 0.", exec),
        ("tcp check", "A port that must accept connections.", r#"{ "tcp": "localhost:${1:8080}" }"#),
    ])
}

/// A data directory.
pub(super) fn volumes() -> Value {
    let directory =
        r#"{ "source": "/srv/${1:shop}/${2:data}", "target": "${3:/data}", "owner": "${4:0:0}", "mode": "${5:0750}" }"#;
    let disk = r#"{ "source": "/mnt/${1:archive}", "target": "${2:/archive}", "mountpoint": true }"#;
    snippets(&[
        ("data directory", "A directory that is created where it is missing, and kept.", directory),
        ("disk", "A directory on a disk that must be mounted.", disk),
    ])
}

/// A published port.
pub(super) fn ports() -> Value {
    snippets(&[
        ("port for this server only", "A port that the server itself can reach.", r#""127.0.0.1:${1:8080}:${2:80}""#),
        ("port for everybody", "A port on all interfaces, past the firewall.", r#""${1:8080}:${2:80}""#),
    ])
}

/// A secret as a file.
pub(super) fn secret_files() -> Value {
    let body = r#"{ "secret": "${1:db_password}", "target": "/run/secrets/${1:db_password}", "owner": "${2:0:0}" }"#;
    snippets(&[("secret as a file", "A secret that the container reads from a file.", body)])
}

/// The name of a secret, where nothing else is possible.
pub(super) fn secret() -> Value {
    snippets(&[("secret", "A secret, by its name in the secrets file.", r#"{ "secret": "${1:password}" }"#)])
}

/// The value of an environment variable.
pub(super) fn variables() -> Value {
    let template = r#"{ "template": "postgres://${1:shop}:{{url ${2:db_password}}}@${3:db}/${1:shop}" }"#;
    snippets(&[
        ("secret", "The value of a secret, by its name.", r#"{ "secret": "${1:db_password}" }"#),
        ("template", "A text with secrets in it.", template),
    ])
}

/// A config of each kind.
pub(super) fn configs() -> Value {
    let template = r#"{ "template": "${1:token} = {{json ${2:api_token}}}\\n", "target": "${3:/etc/app/app.conf}", "mode": "0400" }"#;
    snippets(&[
        (
            "config from a file",
            "A file beside the plan.",
            r#"{ "file": "${1:app.conf}", "target": "${2:/etc/app/app.conf}" }"#,
        ),
        (
            "config in the plan",
            "The content itself.",
            r#"{ "content": "${1:a = 1}\\n", "target": "${2:/etc/app/app.conf}" }"#,
        ),
        ("config with secrets", "The content with secrets in it.", template),
    ])
}

/// What is expected of another service.
pub(super) fn dependencies() -> Value {
    let completed = r#"{ "condition": "service_completed_successfully", "timeout": "${1:5m}" }"#;
    snippets(&[
        ("healthy", "The other service passes its health check.", r#"{ "condition": "service_healthy" }"#),
        ("completed", "The other service is a one-shot and has ended with 0.", completed),
    ])
}

/// The jobs that a server usually has.
pub(super) fn maintenance() -> Value {
    let body = r#"{
    "cleanup": { "schedule": "${1:@weekly}" },
    "healthcheck": { "schedule": "${2:*/5 * * * *}" },
    "mail": { "to": ["${3:ops@example.org}"], "from": "${4:vsn@example.org}" }
}"#;
    snippets(&[("cleanup, health checks and mail", "What most servers need.", body)])
}

/// A command in a service's container.
pub(super) fn jobs() -> Value {
    let body = r#"{
    "schedule": "${1:0 2 * * *}",
    "service": "${2:db}",
    "exec": ["${3:program}"],
    "timeout": "${4:1h}"
}"#;
    snippets(&[("job", "A command that is run in a service's container on a schedule.", body)])
}

/// Where mail goes.
pub(super) fn mail() -> Value {
    let body = r#"{ "to": ["${1:ops@example.org}"], "from": "${2:vsn@example.org}" }"#;
    snippets(&[("mail by sendmail", "Mail that the server's own sendmail delivers.", body)])
}

/// The mail server.
pub(super) fn smtp() -> Value {
    let body = r#"{
    "host": "${1:mail.example.org}",
    "username": "${2:vsn}",
    "password": { "secret": "${3:smtp_password}" }
}"#;
    snippets(&[("mail server", "A mail server with an account.", body)])
}
