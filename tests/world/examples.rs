//! The plans that are tried: every example, and a large one.

use landfall::plan::model::Plan;
use std::fs;
use std::path::Path;

/// A plan with its text.
#[derive(Clone)]
pub struct Example {
    pub name: String,
    pub text: String,
    pub plan: Plan,
}

impl Example {
    pub fn of(name: &str, text: &str) -> Self {
        let checked = landfall::check((name, text.as_bytes()), None);
        let plan = checked.plan.unwrap_or_else(|| panic!("{name}: {:?}", checked.findings));
        Self { name: name.to_owned(), text: text.to_owned(), plan }
    }

    /// The plan with something else in its text.
    pub fn with(&self, old: &str, new: &str) -> Self {
        assert!(self.text.contains(old), "{}: no {old}", self.name);
        Self::of(&format!("{} with {new}", self.name), &self.text.replace(old, new))
    }
}

/// Every plan that stands as an example.
pub fn in_the_folder() -> Vec<Example> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let is_plan = |path: &&std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.ends_with(".json") && !name.ends_with(".secrets.json")
    };
    let plans = paths.iter().filter(is_plan);
    plans
        .map(|path| Example::of(&path.file_name().unwrap().to_string_lossy(), &fs::read_to_string(path).unwrap()))
        .collect()
}

/// A plan with something of everything: twelve services in layers, one-shots, keys, secrets, configs, jobs, new directories.
pub fn large() -> Example {
    Example::of("large.json", include_str!("large.json"))
}

/// The large plan as an earlier version had it: other images, a service more, a service less, other dependencies.
pub fn large_before() -> Example {
    large()
        .with("\"images/app-v2.tar\"", "\"images/app-v1.tar\"")
        .with("\"search\": {", "\"finder\": {")
        .with("\"depends_on\": [\"api\", \"search\"]", "\"depends_on\": [\"api\", \"finder\"]")
}
