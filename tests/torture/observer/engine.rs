//! What the engine has: containers, and what was made for them.

use serde_json::{Value, json};

/// One container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    pub name: String,
    pub id: String,
    /// `storage` where the engine knows nothing more of it.
    pub state: String,
    pub image: String,
    pub started: String,
    pub restarts: u64,
    /// The plan's name in its label.
    pub plan: Option<String>,
    /// All that the engine says of it.
    pub described: Value,
}

impl Container {
    /// From what the engine lists and how it describes it.
    pub fn all(listed: &[Value], described: &[Value]) -> Vec<Self> {
        let mut containers: Vec<Self> = listed.iter().map(|container| Self::of(container, described)).collect();
        containers.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
        containers
    }

    fn of(listed: &Value, described: &[Value]) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let id = text(&listed["Id"]);
        let described = described.iter().find(|described| described["Id"] == listed["Id"]).cloned().unwrap_or_default();
        let known = |pointer: &str, otherwise: Value| described.pointer(pointer).cloned().unwrap_or(otherwise);
        Self {
            name: text(&listed["Names"][0]),
            state: text(&known("/State/Status", json!("storage"))),
            image: text(&known("/Image", json!(""))),
            started: text(&known("/State/StartedAt", json!(""))),
            restarts: known("/RestartCount", json!(0)).as_u64().unwrap(),
            plan: listed["Labels"]["landfall.plan"].as_str().map(str::to_owned),
            id,
            described,
        }
    }

    pub fn is_ours(&self) -> bool {
        self.plan.is_some() || self.name.starts_with("shop-")
    }

    /// What a look must find again: which, its state, since when, and how often it was restarted.
    pub fn life(&self) -> String {
        let Self { name, id, state, image, started, restarts, plan: _, described: _ } = self;
        let address = self.described.pointer("/NetworkSettings/Networks").map(addresses).unwrap_or_default();
        format!("{name} {id} {state} since {started}, {restarts} restarts, image {image}, {address}")
    }

    /// All that the engine says of it but what changes while it runs, as lines.
    pub fn whole(&self) -> Vec<String> {
        let mut described = self.described.clone();
        if let Some(state) = described.get_mut("State").and_then(Value::as_object_mut) {
            // Of a container's checks, and where its processes are.
            state.retain(|name, _| {
                ["Status", "ExitCode", "Error", "Paused", "OOMKilled", "Dead"].contains(&name.as_str())
            });
        }
        format!("{described:#}").lines().map(str::to_owned).collect()
    }

    /// What it was made from, without what differs from one run, and from one server, to another.
    pub fn made_from(&self, runs: &[&str]) -> String {
        let all = &self.described;
        let parts = [
            "/Name",
            "/Image",
            "/Config/Hostname",
            "/Config/User",
            "/Config/Env",
            "/Config/Cmd",
            "/Config/Entrypoint",
            "/Config/WorkingDir",
            "/Config/Labels",
            "/Config/StopSignal",
            "/Config/StopTimeout",
            "/Config/Healthcheck",
            "/Config/Secrets",
            "/HostConfig",
            "/Mounts",
            "/NetworkSettings/Ports",
        ];
        let made: serde_json::Map<String, Value> = parts
            .into_iter()
            .map(|part| (part.to_owned(), all.pointer(part).cloned().unwrap_or(Value::Null)))
            .collect();
        let mut made = Value::Object(made);
        // What was put into variables has values of this server's own.
        if let Some(variables) = made["/Config/Env"].as_array_mut() {
            variables.retain(|variable| !variable.as_str().unwrap().starts_with(['P', 'A']) || is_path(variable));
        }
        if let Some(secrets) = made["/Config/Secrets"].as_array_mut() {
            secrets.iter_mut().for_each(|secret| secret["ID"] = Value::Null);
        }
        let text = format!("{made:#}").replace(&self.id, "<id>");
        runs.iter().filter(|run| !run.is_empty()).fold(text, |text, run| text.replace(run, "<run>"))
    }
}

fn is_path(variable: &Value) -> bool {
    variable.as_str().unwrap().starts_with("PATH=")
}

fn addresses(networks: &Value) -> String {
    let address = |(name, network): (&String, &Value)| format!("{} in {name}", network["IPAddress"]);
    networks.as_object().into_iter().flatten().map(address).collect::<Vec<_>>().join(", ")
}

/// The names of the bridges of networks that were not there before, where the engine gives them names of their own.
pub fn bridges_beside(described: &[String], before: &[String]) -> Vec<String> {
    let new = described.iter().filter(|network| !before.contains(network));
    let id = |network: &String| serde_json::from_str::<Value>(network).ok()?["Id"].as_str().map(str::to_owned);
    new.filter_map(id).map(|id| format!("br-{}", &id[..12])).collect()
}

/// The names in lists of networks or volumes as the engine describes them.
pub fn names(described: &[String]) -> Vec<String> {
    let name = |described: &String| {
        let described: Value = serde_json::from_str(described).unwrap();
        described.get("name").or(described.get("Name")).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    described.iter().map(name).collect()
}
