//! Larger examples for the schema, of what is more than one word. Reads nothing, changes nothing.

use serde_json::{Value, json};

const REFERENCE: &str = "docker.io/library/nginx:1.27";

/// A whole plan, as small as it can be and still useful.
pub(super) fn plan() -> Value {
    json!({
        "version": 1,
        "name": "hello",
        "services": {
            "web": {
                "image": REFERENCE, "ports": ["127.0.0.1:8080:80"],
                "healthcheck": { "http": "http://localhost:8080/" }
            }
        }
    })
}

/// The services of a plan.
pub(super) fn services() -> Value {
    json!([{ "web": service() }])
}

/// One service.
pub(super) fn service() -> Value {
    json!({ "image": REFERENCE, "ports": ["8080:80"], "healthcheck": { "http": "http://localhost:8080/" } })
}

/// Images from each of the sources that there are today.
pub(super) fn images() -> Value {
    json!([REFERENCE, { "archive": "images/postgres.oci.tar.zst" }, { "build": "app" }])
}

/// Health checks of each kind.
pub(super) fn healthchecks() -> Value {
    json!([
        { "http": "http://localhost:8080/healthz" },
        { "exec": ["pg_isready", "-U", "shop"], "interval": "2s", "retries": 30 },
        { "tcp": "db:5432" }
    ])
}

/// Values of environment variables of each kind.
pub(super) fn variables() -> Value {
    json!(["Europe/Vienna", { "secret": "db_password" }, { "template": "postgres://shop:{{url db_password}}@db/shop" }])
}

/// Secrets as files.
pub(super) fn secret_files() -> Value {
    json!([
        { "secret": "db_password", "target": "/run/secrets/db", "owner": "999:999" },
        { "secret": "certificate", "target": "/etc/app/certificate.p12", "decode": "base64" }
    ])
}

/// Configs of each kind.
pub(super) fn configs() -> Value {
    json!([
        { "file": "nginx.conf", "target": "/etc/nginx/nginx.conf" },
        { "content": "colour = blue\n", "target": "/etc/app/colour.conf" },
        { "template": "token = {{json api_token}}\n", "target": "/etc/app/token.conf", "mode": "0400" }
    ])
}

/// Data directories.
pub(super) fn volumes() -> Value {
    json!([
        { "source": "/srv/shop/db", "target": "/var/lib/postgresql/data", "owner": "999:999", "mode": "0700" },
        { "source": "/mnt/archive", "target": "/archive", "mountpoint": true }
    ])
}

/// A job that backs a database up.
pub(super) fn job() -> Value {
    json!({
        "schedule": "0 2 * * *", "service": "db", "exec": ["pg_dump", "-U", "shop", "-f", "/backup/shop.sql", "shop"],
        "timeout": "1h"
    })
}

/// A mail server with an account.
pub(super) fn smtp() -> Value {
    json!({ "host": "mail.example.org", "username": "vsn", "password": { "secret": "smtp_password" } })
}
