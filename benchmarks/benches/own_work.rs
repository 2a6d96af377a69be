//! How long Landfall takes for what it does by itself: `check`, reading, rendering, steps, and the journal.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use landfall::diagnostics::Document;
use landfall::diagnostics::report::{Style, human, sarif};
use landfall::facts::{EngineKind, Facts, RunKind};
use landfall::journal::{Journal, Record};
use landfall::operation::{Layout, OperationId};
use landfall::plan::model::Plan;
use landfall::plan::values::{PlanName, RunId};
use landfall::{script, steps};
use serde_json::json;
use std::hint::black_box;
use std::path::Path;

/// A plan with so many services, each with what services usually have; with a mistake in each, if asked for.
fn plan(services: usize, wrong: bool) -> String {
    let service = |number: usize| {
        let needed: Vec<String> = (1..number).rev().take(1).map(|before| format!("s{before}")).collect();
        json!({
            "image": { "archive": "images/tiny.tar", "sha256": "9".repeat(64) },
            "environment": { "GREETING": "hello", "NUMBER": number.to_string() },
            "ports": [format!("127.0.0.1:{}:80", 20_000 + number)],
            "volumes": [{ "source": format!("/srv/shop/s{number}"), "target": "/data" }],
            "depends_on": needed,
            "healthcheck": { "http": format!("http://127.0.0.1:{}/", 20_000 + number) },
            "memory": if wrong { "64 potatoes" } else { "64MiB" },
        })
    };
    let services: serde_json::Map<_, _> =
        (1..=services).map(|number| (format!("s{number}"), service(number))).collect();
    format!("{:#}", json!({ "version": 1, "name": "shop", "services": services }))
}

fn parsed(services: usize) -> Plan {
    serde_json::from_str(&plan(services, false)).expect("the plan is one")
}

fn check(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("check");
    for (name, services, wrong) in
        [("right", 1, false), ("right", 100, false), ("right", 1000, false), ("wrong", 1000, true)]
    {
        let text = plan(services, wrong);
        group.throughput(Throughput::Bytes(text.len() as u64));
        let id = BenchmarkId::new(name, services);
        group.bench_with_input(id, &text, |bencher, text| {
            bencher.iter(|| landfall::check(("plan.json", black_box(text.as_bytes())), None));
        });
    }
    group.finish();
}

fn parsers(criterion: &mut Criterion) {
    let text = plan(100, false);
    let mut group = criterion.benchmark_group("parsers");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("text with places", |bencher| {
        bencher.iter(|| landfall::plan::text::read("plan.json", black_box(text.as_bytes()), Document::Plan));
    });
    group.bench_function("plan from JSON", |bencher| {
        bencher.iter(|| serde_json::from_str::<Plan>(black_box(&text)).expect("the plan is one"));
    });
    group.finish();
}

fn rendering(criterion: &mut Criterion) {
    let text = plan(1000, true);
    let checked = landfall::check(("plan.json", text.as_bytes()), None);
    let drawn = Style { width: 100, drawn: true, colour: true };
    let plain = Style { width: 100, drawn: false, colour: false };
    let mut group = criterion.benchmark_group("rendering of 1000 findings");
    group.bench_function("drawn", |bencher| bencher.iter(|| human(black_box(&checked.report()), &drawn)));
    group.bench_function("plain", |bencher| bencher.iter(|| human(black_box(&checked.report()), &plain)));
    group.bench_function("SARIF", |bencher| bencher.iter(|| sarif(black_box(&[checked.report()]))));
    group.finish();
    let (plan, layout) = (parsed(100), layout());
    criterion.bench_function("scripts of 100 services", |bencher| {
        bencher.iter(|| script::scripts(black_box(&plan), &layout, EngineKind::Podman).expect("scripts can be made"));
    });
}

fn layout() -> Layout {
    Layout::new(Path::new("/var/lib/landfall"), &PlanName::parse("shop").expect("it is a name"))
}

fn program(criterion: &mut Criterion) {
    let (layout, facts) = (layout(), Facts::of_an_empty_host(&[]));
    let mut group = criterion.benchmark_group("operations of a deployment");
    for services in [1, 100] {
        let plan = parsed(services);
        group.bench_with_input(BenchmarkId::from_parameter(services), &plan, |bencher, plan| {
            bencher.iter(|| steps::deployment(black_box(plan), &facts, &layout).expect("there is a program"));
        });
    }
    group.finish();
}

fn records(operations: usize) -> Vec<Record> {
    let began = Record::Began {
        run: RunId::parse("20261121t101112").expect("it is a name"),
        plan: PlanName::parse("shop").expect("it is a name"),
        kind: RunKind::Deploy,
        at: jiff::Timestamp::UNIX_EPOCH,
        landfall: "0.1.0".to_owned(),
        plan_sha256: None,
        goes_back: false,
        rollback_to: None,
    };
    let intent = |number: usize| Record::Intent { operation: OperationId::of(number), objects: Vec::new() };
    std::iter::once(began).chain((0..operations).map(intent)).collect()
}

fn journal(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("journal");
    let mut group = criterion.benchmark_group("journal of 500 records");
    // With what the disk takes for one sync: without it, it would be no journal.
    group.bench_function("written and synced at the end", |bencher| {
        bencher.iter_batched(
            || {
                // None is there the first time.
                let _ = std::fs::remove_file(&path);
                (Journal::create(&path, 500).expect("there is room"), records(500))
            },
            |(mut journal, records)| journal.append_durably(records).expect("the records are in order"),
            criterion::BatchSize::PerIteration,
        );
    });
    group.bench_function("read", |bencher| bencher.iter(|| Journal::story(black_box(&path)).expect("it is in order")));
    group.finish();
}

criterion_group!(own_work, check, parsers, rendering, program, journal);
criterion_main!(own_work);
