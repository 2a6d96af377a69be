//! What must be up before a service starts. Reads nothing, changes nothing.

use crate::plan::values::{Duration, ServiceName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What must be up before a service starts: the services and what is expected of each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(from = "Written", into = "BTreeMap<ServiceName, Dependency>")]
pub struct Dependencies(BTreeMap<ServiceName, Dependency>);

/// What is expected of another service.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Dependency {
    /// The state that it must reach.
    #[serde(default)]
    pub condition: Condition,
    /// How long a one-shot may run; an hour unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
}

/// The state that another service must reach.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It passes its health check.
    #[default]
    ServiceHealthy,
    /// It is a one-shot (`restart: "no"`) and has ended with 0.
    ServiceCompletedSuccessfully,
}

/// What must be up before this service starts: names, or names with conditions.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Written {
    /// Each must be healthy.
    Names(#[schemars(extend("uniqueItems" = true))] Vec<ServiceName>),
    /// Each must reach its condition.
    Conditions(
        #[schemars(extend("propertyNames" = {"format": "landfall-service-name"}))] BTreeMap<ServiceName, Dependency>,
    ),
}

impl Dependencies {
    /// The services and what is expected of each, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&ServiceName, &Dependency)> {
        self.0.iter()
    }

    /// Whether nothing must be up before.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Written> for Dependencies {
    fn from(written: Written) -> Self {
        match written {
            Written::Names(names) => {
                let healthy = || Dependency { condition: Condition::ServiceHealthy, timeout: None };
                Self(names.into_iter().map(|name| (name, healthy())).collect())
            }
            Written::Conditions(conditions) => Self(conditions),
        }
    }
}

impl From<Dependencies> for BTreeMap<ServiceName, Dependency> {
    fn from(dependencies: Dependencies) -> Self {
        dependencies.0
    }
}

impl JsonSchema for Dependencies {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Dependencies".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Written::json_schema(generator)
    }
}
