//! What a service is to be replaced by, as the command line says, judged like a deployment. Changes nothing.

use crate::Checked;
use crate::cli::arguments::Replace;
use crate::cli::inputs::{self, Trust, folder_of};
use crate::cli::keeping::{self, Deployed, Refusal};
use crate::cli::screen::Screen;
use crate::cli::site::{self, Found};
use crate::diagnostics::{Code, report};
use crate::facts::{Facts, FileFact, Saved};
use crate::few::Few;
use crate::host::files;
use crate::host::node::{Deployment, stopped};
use crate::host::sources::{self, Sources};
use crate::host::survey::{self, Looked};
use crate::operation::{Layout, Program};
use crate::plan::model::{Image, ImageSource, Maintenance, Plan, Requires, Service};
use crate::plan::secrets::Secrets;
use crate::plan::values::{ArchivePath, ImageReference, ServiceName};
use crate::rules;
use crate::steps::{Accepted, Replacement};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a service is to be replaced by.
pub struct Candidate {
    /// The plan as it is to be in force.
    pub plan: Plan,
    /// The service.
    pub service: ServiceName,
    /// Whether its image is retrieved.
    pub image: bool,
    /// Whether its secrets are made anew.
    pub secrets_anew: bool,
    /// Whether its configs are written anew.
    configs_anew: bool,
    /// The folder of the plan file that describes it, where that is another one.
    pub folder: Option<PathBuf>,
    dependents: bool,
    secrets: Secrets,
    sources: Sources,
    facts: Facts,
}

impl Candidate {
    /// What the command line asks for, if nothing speaks against it.
    pub fn of(
        arguments: &Replace,
        deployed: &Deployed<'_>,
        state_dir: &Path,
        screen: &Screen,
    ) -> Result<Self, Refusal> {
        let Deployed { layout, saved, plan, .. } = deployed;
        let name = &arguments.service;
        let now = plan.services.get(name).ok_or_else(|| keeping::no_such_service(plan, name))?;
        may_be_replaced(deployed, name, now)?;
        let (mut checked, folder) = judged_texts(arguments, saved)?;
        let given = arguments.secrets.is_some();
        let described = described(arguments, &checked, now)?;
        only_what_a_hotfix_changes(name, now, &described)?;
        let same_secrets = secrets_of(now) == secrets_of(&described);
        let secrets_anew = given || !same_secrets;
        let configs_anew = arguments.from.is_some();
        let image = arguments.image.is_some() || arguments.from.is_some();
        let narrow = narrowed(plan, name, &described, (image, configs_anew));
        if let Some(secret) = crate::names_secrets(&alone(plan, name, &described, image)).into_keys().next()
            && !given
            && (secrets_anew || needs_secrets_to_retrieve(&narrow, &described, image))
        {
            return Err(Refusal::Refused(format!(
                "the secret `{secret}` is needed, and no secrets file was given: `--secrets FILE`, or `--secrets -` for standard input"
            )));
        }
        let owners = sources::Trust::Owners(files::trusted_owners());
        let (sources, found) = Sources::open(&narrow, &folder, owners);
        let site = Found::here();
        site.told_in(&mut checked);
        let lies_in = files::where_it_leads(&folder);
        checked.findings.extend(site.judge(&narrow, &site::places(lies_in, &sources, true)));
        let secrets = checked.secrets.clone().unwrap_or_default();
        let mut facts = facts(&narrow, (&secrets, &sources), layout, state_dir, found)?;
        checked.findings.extend(rules::of_the_server(&narrow, &facts));
        // Of those, a replacement undoes none.
        checked.findings.retain(|finding| finding.code != Code::HotfixUndone);
        if !checked.report().is_valid() {
            screen.tell(&report::human(&checked.report(), &screen.style()));
            return Err(Refusal::Refused(format!("{name} is not replaced")));
        }
        // The content of the configs that stay is on record.
        for (path, sha256) in &saved.files {
            facts.files.entry(path.clone()).or_insert(FileFact::File { sha256: Some(sha256.clone()), size: 0 });
        }
        image_is_there(saved, name, image, &facts)?;
        let mut plan = (*plan).clone();
        plan.services.insert(name.clone(), described);
        let (service, dependents) = (name.clone(), arguments.restart_dependents);
        let folder = arguments.from.is_some().then(|| std::path::absolute(&folder).ok()).flatten();
        Ok(Self { plan, service, image, secrets_anew, configs_anew, folder, dependents, secrets, sources, facts })
    }

    /// What the steps are made from.
    pub fn replacement<'a>(&'a self, deployed: &'a Deployed<'_>) -> Replacement<'a> {
        Replacement {
            plan: &self.plan,
            service: &self.service,
            saved: deployed.saved,
            layout: deployed.layout,
            facts: &self.facts,
            image: self.image,
            secrets: self.secrets_anew,
            configs: self.configs_anew,
            dependents: self.dependents,
        }
    }

    /// What the run is performed with.
    pub fn into_deployment(self, saved: &Saved, program: &Arc<Program>) -> Deployment {
        let Saved { plan, plan_sha256, hash, files, deployed_by, landfall, git_commit, beneath, .. } = saved.clone();
        let (text, sha256, by) = (plan, plan_sha256, deployed_by);
        let accepted = Accepted { text, sha256, hash, files, by, landfall, git_commit, beneath };
        let Self { plan, secrets, sources, .. } = self;
        Deployment { plan: Arc::new(plan), secrets, accepted, program: Arc::clone(program), sources }
    }
}

fn may_be_replaced(deployed: &Deployed<'_>, name: &ServiceName, now: &Service) -> Result<(), Refusal> {
    let plan = deployed.layout.plan();
    if now.one_shot() {
        return Err(Refusal::Refused(format!(
            "{name} is a one-shot, which a deployment runs: deploy the plan with what is to change, with `landfall deploy PLAN`"
        )));
    }
    let failed = |failure: crate::run::Failure| Refusal::Failed(failure.message);
    if stopped::read(deployed.layout).map_err(failed)?.contains(name) {
        return Err(Refusal::Refused(format!("{name} is stopped on purpose: `landfall start {plan} {name}` first")));
    }
    let there = deployed.engine.containers_named(&[deployed.layout.container(name)]).map_err(failed)?;
    if there.is_empty() { Err(keeping::container_gone(deployed, name)) } else { Ok(()) }
}

/// The plan that says what the service is to be, with the secrets, as `check` judges them; and the folder of its files.
fn judged_texts(arguments: &Replace, saved: &Saved) -> Result<(Checked, PathBuf), Refusal> {
    let secrets = arguments.secrets.as_deref().map(|path| inputs::read_secrets(path, Trust::OwnersOnly));
    let (checked, folder) = match &arguments.from {
        Some(path) => {
            let (checked, _) = inputs::check_with(path, secrets.as_ref(), Trust::OwnersOnly);
            (checked, folder_of(path).to_owned())
        }
        None => {
            let mut checked = inputs::both("the plan that is deployed", saved.plan.as_bytes(), secrets.as_ref());
            // What was accepted with warnings was accepted.
            checked.findings.retain(|finding| finding.severity == crate::diagnostics::Severity::Error);
            (checked, PathBuf::from("/"))
        }
    };
    if checked.report().is_valid() {
        return Ok((checked, folder));
    }
    let style = report::Style { width: 100, drawn: false, colour: false };
    Err(Refusal::Refused(report::human(&checked.report(), &style).trim_end().to_owned()))
}

/// The service as it is to be.
fn described(arguments: &Replace, checked: &Checked, now: &Service) -> Result<Service, Refusal> {
    let Replace { name, service, image, from, .. } = arguments;
    if let (Some(path), Some(other)) = (from, &checked.plan) {
        if other.name != *name {
            return Err(Refusal::Refused(format!("{} describes the plan {}, not {name}", path.display(), other.name)));
        }
        let described = other.services.get(service);
        return described.cloned().ok_or_else(|| keeping::no_such_service(other, service));
    }
    match image {
        Some(source) => Ok(Service { image: image_of(source)?, ..now.clone() }),
        None => Ok(now.clone()),
    }
}

/// An archive where there is such a file, or what looks like a path; else a reference.
fn image_of(source: &str) -> Result<Image, Refusal> {
    let path = Path::new(source);
    let is_path = source.starts_with(['/', '.']) || files::where_it_leads(path).is_file();
    if is_path {
        let absolute = std::path::absolute(path).map_err(|error| Refusal::Failed(format!("{source}: {error}")))?;
        let archive = ArchivePath::parse(&absolute.display().to_string())
            .map_err(|problem| Refusal::Refused(format!("{source} is no path of an archive: {problem}")))?;
        return Ok(Image::Source(ImageSource::Archive { archive, sha256: None, reference: None, id: None }));
    }
    let reference = ImageReference::parse(source);
    reference.map(Image::Reference).map_err(|problem| {
        Refusal::Refused(format!(
            "`{source}` is neither an archive nor a reference: {problem}. Write a path such as ./app.tar, or registry/repository:tag"
        ))
    })
}

/// A hotfix changes what a container is made from, and nothing that jobs, other services or the data depend on.
fn only_what_a_hotfix_changes(name: &ServiceName, now: &Service, then: &Service) -> Result<(), Refusal> {
    let kept = [
        ("volumes", now.volumes == then.volumes),
        ("ports", now.ports == then.ports),
        ("aliases", now.aliases == then.aliases),
        ("depends_on", now.depends_on == then.depends_on),
        ("healthcheck", now.healthcheck == then.healthcheck),
        ("restart", now.restart == then.restart),
    ];
    let differ: Vec<_> = kept.iter().filter(|(_, same)| !same).map(|(field, _)| format!("`{field}`")).collect();
    if differ.is_empty() {
        return Ok(());
    }
    Err(Refusal::Refused(format!(
        "a hotfix keeps {} of {name}, and the plan has other ones: deploy the plan, with `landfall deploy PLAN`",
        differ.join(", ")
    )))
}

/// What a service's secrets are made from.
fn secrets_of(service: &Service) -> serde_json::Value {
    let Service { secrets, environment, configs, .. } = service;
    let late = environment.iter().filter(|(_, value)| !matches!(value, crate::plan::model::Environment::Text(_)));
    let templates =
        configs.iter().filter(|config| matches!(config.source, crate::plan::model::ConfigSource::Template(_)));
    serde_json::json!([secrets, late.gathered::<BTreeMap<_, _>>(), templates.collect::<Vec<_>>()])
}

/// A plan with what the replacement alone takes from the server and from others.
fn narrowed(plan: &Plan, name: &ServiceName, described: &Service, (image, configs): (bool, bool)) -> Plan {
    let mut narrow = alone(plan, name, described, image);
    for service in narrow.services.values_mut() {
        service.healthcheck = None;
        if !configs {
            service.configs.clear();
        }
    }
    if !image {
        narrow.services.clear();
    }
    narrow
}

/// The plan with this service alone, and with the keys that its image takes.
fn alone(plan: &Plan, name: &ServiceName, described: &Service, image: bool) -> Plan {
    let service = Service { depends_on: crate::plan::model::Dependencies::default(), ..described.clone() };
    let by_ssh = image && matches!(described.image, Image::Source(ImageSource::Ssh { .. }));
    let host = described.image.reference().map(|reference| reference.registry().clone());
    let mut alone = Plan {
        services: BTreeMap::from([(name.clone(), service)]),
        maintenance: Maintenance::default(),
        requires: Requires::default(),
        ..plan.clone()
    };
    alone.ssh_keys.retain(|_, _| by_ssh);
    alone.registries.retain(|registry, _| image && Some(registry) == host.as_ref());
    alone
}

/// Whether the image comes from where a password or a key is asked for.
fn needs_secrets_to_retrieve(narrow: &Plan, described: &Service, image: bool) -> bool {
    let by_ssh = matches!(described.image, Image::Source(ImageSource::Ssh { .. }));
    image && (by_ssh || narrow.registries.values().any(|registry| registry.password.is_some()))
}

fn facts(
    narrow: &Plan,
    (secrets, sources): (&Secrets, &Sources),
    layout: &Layout,
    state_dir: &Path,
    files: BTreeMap<crate::plan::values::PlanPath, FileFact>,
) -> Result<Facts, Refusal> {
    let commands = rules::needed_commands(narrow).into_keys().collect();
    let archives = sources.found_in_folders(narrow, &|| false);
    let engine = survey::chosen_engine(narrow, layout).map_err(|failure| Refusal::Failed(failure.message))?;
    let looked = Looked { engine: engine.as_ref(), sources, files, archives, commands };
    survey::facts(narrow, secrets, layout, state_dir, &looked).map_err(|failure| Refusal::Failed(failure.message))
}

/// Without a new image, the one that it has must still be there.
fn image_is_there(saved: &Saved, name: &ServiceName, image: bool, facts: &Facts) -> Result<(), Refusal> {
    let Some(id) = saved.services.get(name).map(|service| &service.image_id).filter(|_| !image) else { return Ok(()) };
    if facts.look.images.iter().any(|there| there.id == id.hex()) {
        return Ok(());
    }
    Err(Refusal::Refused(format!(
        "the image {id} of {name} is not here any more: name one to replace it by, with `--image`"
    )))
}
