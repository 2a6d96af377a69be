//! Databases that the whole network could ask. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place};
use crate::plan::model::Plan;
use crate::plan::values::{Port, Protocol};
use crate::rules::place::element;

/// The ports that databases, caches and the like listen on in their containers, with what is known by them.
const DATABASES: &[(u16, &str)] = &[
    (1433, "SQL Server"),
    (1521, "Oracle"),
    (2379, "etcd"),
    (3050, "Firebird"),
    (3306, "MySQL and MariaDB"),
    (5432, "PostgreSQL"),
    (5984, "CouchDB"),
    (6379, "Redis"),
    (7687, "Neo4j"),
    (8086, "InfluxDB"),
    (8123, "ClickHouse"),
    (9042, "Cassandra"),
    (9200, "Elasticsearch"),
    (9300, "Elasticsearch"),
    (11211, "memcached"),
    (26257, "CockroachDB"),
    (27017, "MongoDB"),
    (28015, "RethinkDB"),
    (33060, "MySQL"),
];

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        for (index, port) in service.ports.iter().enumerate() {
            let Some(known) = database(*port) else { continue };
            let host = port.host();
            let message = format!("port {host}/tcp leads to a database ({known}) and is published on every interface");
            findings.push(
                Finding::warning(Code::DatabasePortOnAllInterfaces, element(name, "ports", index), message)
                    .label("the whole network may try its passwords, past firewalld's zones")
                    .help(format!(
                        "write `127.0.0.1:{host}:{}`, or the address that it is meant for; \
                        services of the plan reach `{name}` without a published port",
                        port.container()
                    ))
                    .fix(
                        format!("write `127.0.0.1:{host}:{}`", port.container()),
                        Place::Value(element(name, "ports", index)),
                        format!("\"127.0.0.1:{host}:{}\"", port.container()),
                    ),
            );
        }
    }
    findings
}

/// The database that a port leads to, if it is published on every interface. The port in the container tells: the
/// server's own can be any.
pub(super) fn database(port: Port) -> Option<&'static str> {
    let everywhere = port.address().is_none_or(|address| address.is_unspecified());
    if !everywhere || port.protocol() != Protocol::Tcp {
        return None;
    }
    let in_container = port.container().numbers();
    DATABASES.iter().find(|(number, _)| in_container.contains(number)).map(|(_, known)| *known)
}
