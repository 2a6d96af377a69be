//! What must be up before a service starts. Reads nothing, changes nothing.

use super::snippets;
use crate::few::Few;
use crate::plan::values::{Duration, ServiceName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What must be up before a service starts: the services and what is expected of each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(from = "Written", into = "BTreeMap<ServiceName, Dependency>")]
pub struct Dependencies(BTreeMap<ServiceName, Dependency>);

/// What another service must have reached before this one starts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Dependency")]
#[schemars(extend("defaultSnippets" = snippets::dependencies()))]
#[schemars(extend("examples" = [{"condition": "service_healthy"}, {"condition": "service_completed_successfully", "timeout": "5m"}]))]
pub struct Dependency {
    /// The state that the other service must have reached.
    #[serde(default)]
    #[schemars(example = Condition::ServiceCompletedSuccessfully)]
    pub condition: Condition,
    /// How long the one-shot may run before the deployment fails. Only with `service_completed_successfully`.
    ///
    /// Where several services wait for the same one-shot, the longest time that is written counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"5m", example = &"2h", extend("default" = Dependency::longest()))]
    pub timeout: Option<Duration>,
}

/// The state that another service must reach.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It runs and passes its health check; without one, it has run for three seconds without a restart.
    #[default]
    ServiceHealthy,
    /// It is a one-shot (`"restart": "no"`) and its process has ended with 0.
    ServiceCompletedSuccessfully,
}

/// What must be up before this service starts: a list of names, or names with conditions.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(extend("examples" = [["db"], {"db": {"condition": "service_healthy"}}]))]
enum Written {
    /// A list: each must be healthy.
    Names(#[schemars(extend("uniqueItems" = true))] Vec<ServiceName>),
    /// By name: each must have reached its condition.
    Conditions(
        #[schemars(extend("propertyNames" = {"format": "landfall-service-name"}))] BTreeMap<ServiceName, Dependency>,
    ),
}

impl Dependency {
    /// How long a one-shot may run where no service that waits for it says.
    pub fn longest() -> Duration {
        Duration::seconds(3600)
    }
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
                Self(names.into_iter().map(|name| (name, healthy())).gathered())
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
