//! A server that lives through runs: its state, its journals, and how its last run ended.

use crate::examples::Example;
use crate::fault::Fault;
use crate::model::{Deployed, Memory, Model, Operator, PANIC, State, Violation, in_force};
use landfall::facts::{
    ContainerFact, CrontabFact, DirectoryFact, Facts, FallsTo, KeyFact, NetworkFact, Observed, Outcome, RunKind, Saved,
};
use landfall::journal::{Journal, Record, Story};
use landfall::operation::{Known, Layout, OperationId, Program};
use landfall::plan::model::{Image, OnFailure, Plan};
use landfall::plan::values::{ImageId, KeyFileName, RunId, ServiceName};
use landfall::run::{self, Back, Cancel, Ending, Event, Fallen, Floors, Kept, Listener, Reason, Silence, Stage};
use landfall::steps::{
    self, Accepted, Interrupted, Previous, Remake, Replaced, Replacement, Services,
    floor::{self, Concerned, Names},
};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, Once};

/// How a journal looks that a power cut ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tear {
    /// Everything that was written is there.
    Whole,
    /// The last line is there to its half, if nobody had waited for it.
    HalfALine,
    /// Only what was waited for is there: everything up to the last intent.
    OnlyTheIntents,
}

/// What a run came to.
#[derive(Debug)]
pub struct Told {
    /// How it ended; none if the program was ended.
    pub ending: Option<Ending>,
    /// The operations that were performed, in order.
    pub performed: Vec<OperationId>,
    pub violations: Vec<Violation>,
    /// How often the whole host was looked at.
    pub looks: usize,
    /// How much whoever listens has heard.
    pub heard: usize,
    /// Every container, by its ID, that was stopped or removed while it ran.
    pub interrupted: BTreeSet<String>,
}

/// What a recovery came to.
#[derive(Debug)]
pub struct Recovered {
    pub outcome: Outcome,
    pub left: Vec<String>,
    pub told: Told,
}

/// A server.
pub struct Server {
    pub layout: Layout,
    pub state: State,
    pub last: Option<(RunId, RunKind, Outcome)>,
    /// The event, counted from 1, at which whoever listens to a run panics; none if nobody does.
    pub listener_panics_at: Option<usize>,
    runs: Vec<RunId>,
    tear: Tear,
    /// How the operator of the next runs asks for their end; none: by their flag.
    pub operator: Option<Operator>,
    folder: tempfile::TempDir,
}

/// The folder of temporary folders: memory where there is some, for the sake of thousands of journals.
fn memory() -> &'static Path {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory } else { Path::new("/tmp") }
}

impl Server {
    /// A server on which strangers have something of every kind, with names that resemble ours.
    pub fn new(example: &Example) -> Self {
        silence_the_panics_that_are_asked_for();
        let folder = tempfile::Builder::new().prefix("landfall-world-").tempdir_in(memory()).unwrap();
        let layout = Layout::new(Path::new(Layout::STATE), &example.plan.name);
        let mut server = Self {
            layout,
            state: State::default(),
            last: None,
            listener_panics_at: None,
            runs: Vec::new(),
            tear: Tear::Whole,
            operator: None,
            folder,
        };
        server.strangers();
        server
    }

    /// Where the plan of this server was deployed already.
    pub fn with_deployed(example: &Example) -> Self {
        let mut server = Self::new(example);
        let told = server.deploy(example, &[]);
        assert!(matches!(told.ending, Some(Ending::Done { .. })), "{}: {:?}", example.name, told.ending);
        server
    }

    /// The same server once more: with a copy of its journals.
    pub fn again(&self) -> Self {
        let folder = tempfile::Builder::new().prefix("landfall-world-").tempdir_in(memory()).unwrap();
        let copy = Self {
            layout: self.layout.clone(),
            state: self.state.clone(),
            last: self.last.clone(),
            listener_panics_at: self.listener_panics_at,
            runs: self.runs.clone(),
            tear: self.tear,
            operator: self.operator.clone(),
            folder,
        };
        for run in &self.runs {
            fs::copy(self.journal(run), copy.journal(run)).unwrap();
        }
        copy
    }

    /// The journal of a run. Everything else that the layout names is in the model only.
    fn journal(&self, run: &RunId) -> PathBuf {
        self.folder.path().join(run.to_string())
    }

    /// A server whose journals are torn by what ends the program.
    pub fn torn(mut self, tear: Tear) -> Self {
        self.tear = tear;
        self
    }

    fn strangers(&mut self) {
        let plan = self.layout.plan().to_string();
        let other = format!("{plan}-2");
        let container = |name: &str, labels: BTreeMap<String, String>, network: &str| ContainerFact {
            name: name.to_owned(),
            id: format!("{:0>64}", name.len()),
            image_id: "f".repeat(64),
            labels,
            networks: vec![network.to_owned()],
            ports: Vec::new(),
            running: true,
            storage_only: false,
            exit_code: None,
            restarts: 0,
            address: None,
        };
        let label = BTreeMap::from([(ContainerFact::PLAN.to_owned(), other.clone())]);
        let strangers = [
            container("somebody", BTreeMap::new(), "bridge"),
            container(&format!("{plan}-somebody"), BTreeMap::new(), "bridge"),
            container(&format!("{other}-web"), label.clone(), &other),
        ];
        let State {
            containers,
            networks,
            secrets,
            images,
            paths: _,
            keys: _,
            crontab,
            data,
            saved: _,
            previous: _,
            stopped: _,
        } = &mut self.state;
        containers.extend(strangers.map(|container| (container.name.clone(), container)));
        for (name, labels) in [(other.clone(), label), ("bridge".to_owned(), BTreeMap::new())] {
            networks.insert(name.clone(), NetworkFact { name, labels, subnets: Vec::new() });
        }
        secrets.extend(["password".to_owned(), format!("landfall.{other}.20261121t101112.0")]);
        let tags = ["docker.io/library/web:1".to_owned(), format!("localhost/landfall/{other}/web:ffffffffffff")];
        images.insert("f".repeat(64), tags.into());
        images.insert("e".repeat(64), ["localhost/web:1".to_owned()].into());
        crontab.others = Some(vec!["# mine".to_owned(), "0 1 * * * true".to_owned()]);
        data.extend(["/srv/other".into(), format!("/srv/{plan}/db").into(), "/mnt/index".into()]);
    }

    fn begin(&mut self, kind: RunKind, operations: usize) -> (RunId, Journal) {
        self.begin_to((kind, false), operations)
    }

    fn begin_to(&mut self, (kind, goes_back): (RunKind, bool), operations: usize) -> (RunId, Journal) {
        let run = RunId::parse(&format!("20261121t{:06}", self.runs.len())).unwrap();
        let mut journal = Journal::create(&self.journal(&run), operations).unwrap();
        let began = Record::Began {
            run: run.clone(),
            plan: self.layout.plan().clone(),
            kind,
            at: jiff::Timestamp::UNIX_EPOCH,
            landfall: "test".to_owned(),
            plan_sha256: None,
            goes_back,
            rollback_to: None,
        };
        journal.append_durably(vec![began]).unwrap();
        self.runs.push(run.clone());
        (run, journal)
    }

    /// What a deployment depends on.
    pub fn facts(&self, example: &Example) -> Facts {
        let mut facts = Facts::of_an_empty_host(&[]);
        facts.look = self.state.look();
        facts.crontab = CrontabFact::Present { plans: Vec::new() };
        facts.saved.extend(self.state.saved.clone().map(|saved| (self.layout.plan().clone(), saved)));
        let ours = |file: &String| (KeyFileName::parse(file).unwrap(), KeyFact::Ours);
        facts.keys.extend(self.state.keys.iter().map(ours));
        let volumes = example.plan.services.values().flat_map(|service| &service.volumes);
        facts.directories = volumes
            .map(|volume| match self.state.data.contains(volume.source.as_path()) {
                true => (volume.source.clone(), DirectoryFact::Present { mountpoint: false, label_usable: true }),
                false => (volume.source.clone(), DirectoryFact::Missing),
            })
            .collect();
        facts
    }

    /// The program of a deployment. Most end states resemble one another, and generating scripts takes its time.
    pub fn program(&self, example: &Example) -> Program {
        static KNOWN: Mutex<BTreeMap<(String, String), Program>> = Mutex::new(BTreeMap::new());
        let facts = self.facts(example);
        let key = (example.name.clone(), format!("{facts:?}"));
        if let Some(program) = KNOWN.lock().unwrap().get(&key) {
            return program.clone();
        }
        let program = steps::deployment(&example.plan, &facts, &self.layout).unwrap();
        KNOWN.lock().unwrap().insert(key, program.clone());
        program
    }

    /// Deploys, after having finished what an earlier run left, as the command does.
    pub fn deploy(&mut self, example: &Example, faults: &[Fault]) -> Told {
        self.recover(&[]);
        let program = self.program(example);
        let accepted = accepted(example);
        let deployed =
            Deployed { plan: example.plan.clone(), program: program.clone(), accepted, replaced: None, remade: None };
        let names = self.names(&[], true).and_of(&example.plan, &self.layout);
        self.perform(RunKind::Deploy, (&program, Some(deployed)), &names, faults)
    }

    /// Tears the plan down, as the command does.
    pub fn teardown(&mut self, faults: &[Fault]) -> Told {
        self.recover(&[]);
        let names = self.names(&[], false);
        self.perform(RunKind::Teardown, (&steps::departure(), None), &names, faults)
    }

    /// Starts, stops or restarts services, as the command does; all of them where none is named.
    pub fn change(&mut self, kind: RunKind, named: &[&str], faults: &[Fault]) -> Told {
        self.recover(&[]);
        let plan = in_force(&self.state).unwrap();
        let (concerned, then, program) = self.asked(kind, named);
        assert_eq!(program.defect(), None);
        let (run, mut journal) = self.begin(kind, program.operations().count());
        let layout = self.layout.clone();
        let mut model = Model::new(&layout, self.journal(&run), None, self.state.clone(), faults);
        if let Some(operator) = &self.operator {
            model.operator = operator.clone();
        }
        let concerned = Concerned::of(&plan, concerned);
        let kept = Kept {
            floor: &|observed| floor::as_saved(&layout, &concerned, observed),
            as_asked: &|observed| kind != RunKind::Restart && observed.stopped == then,
        };
        let stage =
            Stage { world: &model, listener: &Silence, layout: &layout, interrupted: &model.operator.interrupted };
        let ending = run::run_and_keep(&program, &kept, &stage, &mut journal, Known::at_start(run.clone()));
        drop(journal);
        self.ended(kind, run, ending, model)
    }

    /// Replaces a service, as the command does.
    pub fn replace(&mut self, example: &Example, hotfix: &Hotfix, faults: &[Fault]) -> Told {
        self.recover(&[]);
        let plan = in_force(&self.state).unwrap();
        let (saved, service) = (self.state.saved.clone().unwrap(), hotfix.service.clone());
        let program = self.program_of(example, hotfix);
        assert_eq!(program.defect(), None);
        let concerned = Concerned::of(&plan, self.concerned(example, hotfix));
        let (run, mut journal) = self.begin(RunKind::Replace, program.operations().count());
        let replaced = Replaced {
            saved: saved.clone(),
            service: service.clone(),
            plan: plan.clone(),
            by: "a test".to_owned(),
            landfall: "test".to_owned(),
            secrets: hotfix.anew,
            folder: None,
        };
        let deployed = Deployed {
            plan: hotfix.applied_to(&plan),
            program: program.clone(),
            accepted: accepted(example),
            replaced: Some(replaced),
            remade: None,
        };
        let layout = self.layout.clone();
        let model = Model::new(&layout, self.journal(&run), Some(deployed), self.state.clone(), faults);
        let by_this = run.clone();
        let kept = Kept {
            floor: &|observed| floor::as_saved(&layout, &concerned, observed),
            as_asked: &move |observed| {
                let there = observed.saved.as_ref().and_then(|saved| saved.services.get(&service));
                there.is_some_and(|there| there.run.as_ref() == Some(&by_this))
            },
        };
        let stage =
            Stage { world: &model, listener: &Silence, layout: &layout, interrupted: &model.operator.interrupted };
        let mut known = Known::at_start(run.clone());
        let image = saved.services[&hotfix.service].image_id.clone();
        known.images.extend(hotfix.image.is_none().then(|| (hotfix.service.clone(), image)));
        let ending = run::run_and_keep(&program, &kept, &stage, &mut journal, known);
        drop(journal);
        self.ended(RunKind::Replace, run, ending, model)
    }

    /// Makes anew what is lost, as the command does; `starts` where that is not left to a boot job.
    pub fn remake(&mut self, example: &Example, starts: bool, faults: &[Fault]) -> Told {
        self.recover(&[]);
        let plan = in_force(&self.state).unwrap();
        let saved = self.state.saved.clone().unwrap();
        let (lost, program, here) = self.lost(example, starts);
        assert_eq!(program.defect(), None);
        let (run, mut journal) = self.begin(RunKind::Remake, program.operations().count());
        let deployed = Deployed {
            plan: plan.clone(),
            program: program.clone(),
            accepted: accepted(example),
            replaced: None,
            remade: Some(saved),
        };
        let layout = self.layout.clone();
        let model = Model::new(&layout, self.journal(&run), Some(deployed), self.state.clone(), faults);
        let concerned = Concerned::of(&plan, lost.clone()).by(RunKind::Remake);
        let by_this = run.clone();
        let kept = Kept {
            floor: &|observed| floor::as_saved(&layout, &concerned, observed),
            as_asked: &move |observed| {
                let there = |name| observed.saved.as_ref()?.services.get(name)?.run.as_ref();
                lost.iter().all(|name| there(name) == Some(&by_this))
            },
        };
        let stage =
            Stage { world: &model, listener: &Silence, layout: &layout, interrupted: &model.operator.interrupted };
        let mut known = Known::at_start(run.clone());
        known.images.extend(here);
        let ending = run::run_and_keep(&program, &kept, &stage, &mut journal, known);
        drop(journal);
        self.ended(RunKind::Remake, run, ending, model)
    }

    /// What is lost, the program that makes it anew, and the images that are here.
    pub fn lost(
        &self,
        example: &Example,
        starts: bool,
    ) -> (BTreeSet<ServiceName>, Program, BTreeMap<ServiceName, ImageId>) {
        let plan = in_force(&self.state).unwrap();
        let (saved, facts) = (self.state.saved.as_ref().unwrap(), self.facts(example));
        let pinned = steps::as_on_record(plan.clone(), saved);
        let (layout, stopped) = (&self.layout, &self.state.stopped);
        let remake = Remake { plan: &plan, pinned: &pinned, saved, layout, facts: &facts, stopped, starts };
        let lost = steps::lost(saved, &facts.look);
        assert_eq!(lost.iter().filter_map(|name| remake.obstacle(name)).collect::<Vec<_>>(), [] as [String; 0]);
        (lost.clone(), remake.program(&lost).unwrap(), remake.images_here(&lost))
    }

    /// The engine's store is emptied: of ours, everything but the secrets is gone.
    pub fn emptied(mut self) -> Self {
        let plan = self.layout.plan().to_string();
        self.state.containers.retain(|_, container| container.plan() != Some(plan.as_str()));
        self.state.networks.remove(&plan);
        let prefix = self.layout.repositories();
        self.state.images.retain(|_, tags| !tags.iter().any(|tag| tag.starts_with(&prefix)));
        self
    }

    /// The program of that.
    pub fn program_of(&self, example: &Example, hotfix: &Hotfix) -> Program {
        self.with_replacement(example, hotfix, |replacement| replacement.program().unwrap())
    }

    /// The services that it is about.
    pub fn concerned(&self, example: &Example, hotfix: &Hotfix) -> BTreeSet<ServiceName> {
        self.with_replacement(example, hotfix, |replacement| replacement.concerned())
    }

    fn with_replacement<T>(&self, example: &Example, hotfix: &Hotfix, act: impl Fn(&Replacement<'_>) -> T) -> T {
        let plan = hotfix.applied_to(&in_force(&self.state).unwrap());
        let Hotfix { service, image, anew, dependents } = hotfix;
        act(&Replacement {
            plan: &plan,
            service,
            saved: self.state.saved.as_ref().unwrap(),
            layout: &self.layout,
            facts: &self.facts(example),
            image: image.is_some(),
            secrets: *anew,
            configs: *anew,
            dependents: *dependents,
        })
    }

    /// The last run that was begun.
    pub fn newest_run(&self) -> RunId {
        self.runs.last().unwrap().clone()
    }

    /// What such a run is about, what is stopped on purpose after it, and its program.
    pub fn asked(&self, kind: RunKind, named: &[&str]) -> (BTreeSet<ServiceName>, BTreeSet<ServiceName>, Program) {
        let plan = in_force(&self.state).unwrap();
        let containers: Vec<_> = self.state.containers.values().cloned().collect();
        let services =
            Services { plan: &plan, layout: &self.layout, containers: &containers, stopped: &self.state.stopped };
        let named = named.iter().map(|name| ServiceName::parse(name).unwrap()).collect();
        let concerned = services.concerned(kind, &named);
        let then = services.stopped_then(kind, &concerned);
        let program = services.program(kind, &concerned);
        (concerned, then, program)
    }

    fn ended(&mut self, kind: RunKind, run: RunId, ending: Ending, model: Model) -> Told {
        let outcome = ending.outcome();
        let (memory, lives) = self.after(model, &run);
        if lives {
            self.last = Some((run, kind, outcome));
        }
        told(lives.then_some(ending), memory)
    }

    fn perform(
        &mut self,
        kind: RunKind,
        (program, deployed): (&Program, Option<Deployed>),
        names: &Names,
        faults: &[Fault],
    ) -> Told {
        let goes_back = deployed.as_ref().is_some_and(|it| it.plan.on_failure == OnFailure::Previous);
        let previous = self.state.saved.clone().filter(|_| goes_back).map(|saved| previous(saved, &self.layout));
        let (run, mut journal) = self.begin_to((kind, previous.is_some()), program.operations().count());
        let layout = self.layout.clone();
        let mut model = Model::new(&layout, self.journal(&run), deployed, self.state.clone(), faults);
        if let Some(operator) = &self.operator {
            model.operator = operator.clone();
        }
        let to = previous.as_ref();
        let again = to.map(|to| model.of_the_previous(to.plan()));
        let before_the_previous =
            |observed: &Observed| floor::before_the_previous(&layout, names, to.unwrap().saved(), observed);
        let program_back = |observed: &Observed| to.unwrap().program(observed, true);
        let floors = Floors {
            previous: to.zip(again.as_ref()).map(|(to, world)| Back {
                world,
                floor: &before_the_previous,
                program: &program_back,
                known: to.known(&run),
            }),
            before_uncommit: &|observed| floor::as_before(&layout, observed),
            after_uncommit: &|observed| floor::containerless(&layout, names, observed),
            on_purpose: kind == RunKind::Teardown,
        };
        let listener = Listening { panics_at: self.listener_panics_at.take(), heard: AtomicUsize::new(0) };
        let stage =
            Stage { world: &model, listener: &listener, layout: &layout, interrupted: &model.operator.interrupted };
        let ending = run::run(program, &floors, &stage, &mut journal, Known::at_start(run.clone()));
        drop(journal);
        drop(again);
        let outcome = ending.outcome();
        let (memory, lives) = self.after(model, &run);
        if lives {
            self.last = Some((run, kind, outcome));
        }
        Told { heard: listener.heard.into_inner(), ..told(lives.then_some(ending), memory) }
    }

    /// Takes the state over, and the journal as it was when the program was ended, if it was.
    fn after(&mut self, model: Model, run: &RunId) -> (Memory, bool) {
        let (state, memory) = model.into_parts();
        self.state = state;
        let power_goes = memory.ended.as_ref().is_some_and(|(kind, _)| kind.ends_the_power());
        if power_goes {
            self.state.boot(&self.layout);
        } else {
            // What was killed and is still at work goes on without the program.
            for container in &memory.late {
                self.state.containers.entry(container.name.clone()).or_insert_with(|| container.clone());
            }
        }
        let Some((_, journal)) = &memory.ended else { return (memory, true) };
        fs::write(self.journal(run), torn(journal, self.tear)).unwrap();
        (memory, false)
    }

    fn names(&self, stories: &[Story], keep_logs: bool) -> Names {
        let objects = stories.iter().flat_map(|story| &story.objects);
        Names::on_record(&self.layout, objects, self.state.saved.iter().chain(&self.state.previous), keep_logs)
    }

    /// Finishes what the last run left; none if it left nothing.
    pub fn recover(&mut self, faults: &[Fault]) -> Option<Recovered> {
        let newest = self.runs.last()?.clone();
        let story = Journal::story(&self.journal(&newest)).unwrap().unwrap();
        let incomplete = self.last.clone().filter(|(_, _, outcome)| *outcome == Outcome::RollbackIncomplete);
        let earlier = incomplete.as_ref().map(|(run, _, _)| Journal::story(&self.journal(run)).unwrap().unwrap());
        let idle = story.falls_to.is_none() && story.open.is_empty() && story.done.is_empty();
        let (of, run, mut journal) = if story.ended() {
            let earlier = earlier.clone()?;
            let (run, journal) = self.begin(earlier.kind, 0);
            (earlier, run, journal)
        } else {
            let journal = Journal::resume(&self.journal(&newest)).unwrap();
            (earlier.clone().filter(|_| idle).unwrap_or(story.clone()), newest, journal)
        };
        let interrupted = Interrupted {
            run: of.known.run.clone(),
            kind: of.kind,
            falls_to: of.falls_to,
            done: of.done.clone(),
            goes_back: of.goes_back,
        };
        let stories: Vec<_> = [story].into_iter().chain(earlier).collect();
        let names = self.names(&stories, true);
        let to = interrupted.falls_to(self.state.saved.as_ref());
        let plan = in_force(&self.state);
        let objects = stories.iter().flat_map(|story| &story.objects);
        let concerned =
            plan.as_ref().map(|plan| Concerned::on_record(plan, &self.layout, objects).by(interrupted.kind));
        let layout = self.layout.clone();
        let model = Model::new(&layout, self.journal(&run), None, self.state.clone(), faults);
        let returning = self.state.previous.clone().filter(|_| to == FallsTo::Previous);
        let returning = returning.map(|saved| previous(saved, &self.layout));
        let falls = (&names, concerned.as_ref(), returning.as_ref().map(Previous::saved));
        let (outcome, left) = establish(&model, (&run, to), falls, &mut journal);
        let is_back = |to: &&Previous| self.state.saved.as_ref().is_some_and(|saved| saved.run == to.saved().run);
        let (outcome, left) = match (outcome, returning.as_ref().filter(|to| !is_back(to))) {
            (None, Some(returning)) => {
                let ending = finish_going_back(returning, (&model, &names, &run), &mut journal);
                (ending.outcome(), ending.left().to_vec())
            }
            (outcome, _) => (outcome.unwrap_or_else(|| interrupted.outcome(to, self.state.saved.as_ref())), left),
        };
        run::end(&mut journal, outcome, &left);
        drop(journal);
        let (memory, lives) = self.after(model, &run);
        if lives {
            self.last = Some((run, interrupted.kind, outcome));
        }
        Some(Recovered { outcome, left, told: told(None, memory) })
    }
}

/// What one service is replaced by.
#[derive(Debug, Clone)]
pub struct Hotfix {
    pub service: ServiceName,
    /// The reference of its new image, if it gets one.
    pub image: Option<String>,
    /// Whether it gets its secrets and configs anew.
    pub anew: bool,
    /// Whether what depends on it is restarted.
    pub dependents: bool,
}

impl Hotfix {
    fn applied_to(&self, plan: &Plan) -> Plan {
        let mut plan = plan.clone();
        if let Some(image) = &self.image {
            plan.services.get_mut(&self.service).unwrap().image = Image::Reference(image.parse().unwrap());
        }
        plan
    }
}

fn accepted(example: &Example) -> Accepted {
    Accepted {
        text: example.text.clone(),
        sha256: String::new(),
        hash: None,
        files: BTreeMap::new(),
        by: "a test".to_owned(),
        landfall: "test".to_owned(),
        git_commit: None,
        beneath: None,
    }
}

/// Listens, and panics at some event.
struct Listening {
    panics_at: Option<usize>,
    heard: AtomicUsize,
}

impl Listener for Listening {
    fn hear(&self, _: Event<'_>) {
        let number = 1 + self.heard.fetch_add(1, Ordering::SeqCst);
        assert!(self.panics_at != Some(number), "{PANIC}");
    }
}

/// The plan that was deployed before, from its record.
fn previous(saved: Saved, layout: &Layout) -> Previous {
    let plan = serde_json::from_str(&saved.plan).unwrap();
    Previous::of(saved, plan, layout)
}

/// Deploys the previous plan again, as a recovery does.
fn finish_going_back(
    returning: &Previous,
    (model, names, run): (&Model, &Names, &RunId),
    journal: &mut Journal,
) -> Ending {
    let (layout, never) = (&model.layout, Cancel::never());
    let stage = Stage { world: model, listener: &Silence, layout, interrupted: &never };
    let again = model.of_the_previous(returning.plan());
    let back = Back {
        world: &again,
        floor: &|observed| floor::before_the_previous(layout, names, returning.saved(), observed),
        program: &|observed| returning.program(observed, returning.may_start(observed)),
        known: returning.known(run),
    };
    let containerless = |observed: &Observed| floor::containerless(layout, names, observed);
    let known = Known::at_start(run.clone());
    run::go_back("the run was interrupted", (&back, &containerless), &stage, journal, &known)
}

fn establish(
    model: &Model,
    (run, to): (&RunId, FallsTo),
    falls: (&Names, Option<&Concerned<'_>>, Option<&Saved>),
    journal: &mut Journal,
) -> (Option<Outcome>, Vec<String>) {
    let layout = &model.layout;
    let never = Cancel::never();
    let stage = Stage { world: model, listener: &Silence, layout, interrupted: &never };
    let reason = Reason { cause: "the run was interrupted", to, lingering: true };
    let floor = |observed: &Observed| steps::operations_of_fall(to, layout, falls, observed);
    match run::establish(&floor, &stage, journal, &Known::at_start(run.clone()), reason) {
        Fallen::Reached => (None, Vec::new()),
        Fallen::Incomplete(left) => (Some(Outcome::RollbackIncomplete), left),
    }
}

fn told(ending: Option<Ending>, memory: Memory) -> Told {
    let Memory { faults: _, late: _, performed, looks, violations, unconfirmed: _, ended: _, healthy: _, interrupted } =
        memory;
    Told { ending, performed, violations, looks, heard: 0, interrupted }
}

/// The journal as the disk has it after it was torn. The beginning of the run was waited for, so it is always there.
fn torn(journal: &[u8], tear: Tear) -> Vec<u8> {
    let written = journal.iter().position(|byte| *byte == 0).unwrap_or(journal.len());
    let lines: Vec<&[u8]> = journal[..written].split_inclusive(|byte| *byte == b'\n').collect();
    let waited_for = |line: &&[u8]| {
        let line = String::from_utf8_lossy(line);
        !line.contains("{\"record\":\"done\"") && !line.contains("{\"record\":\"failed\"")
    };
    let keep = match tear {
        Tear::Whole => written,
        Tear::HalfALine => {
            let last = lines.last().filter(|line| !waited_for(line)).map_or(0, |line| line.len());
            written - last + last / 2
        }
        Tear::OnlyTheIntents => {
            let last = lines.iter().rposition(waited_for).unwrap_or(0);
            lines[..=last].iter().map(|line| line.len()).sum()
        }
    };
    let mut torn = journal.to_vec();
    torn[keep..].fill(0);
    torn
}

fn silence_the_panics_that_are_asked_for() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let asked_for = panic.payload().downcast_ref::<String>().is_some_and(|text| text == PANIC);
            if !asked_for && panic.payload().downcast_ref::<&str>() != Some(&PANIC) {
                usual(panic);
            }
        }));
    });
}
