//! Something goes wrong in a run, something else in its fall, and something else in two recoveries, any of them.

use crate::examples::Example;
use crate::fault::{Fault, Kind};
use crate::faults_of_a_run::{side_by_side, situations, tell, thorough};
use crate::promise;
use crate::server::{Server, Tear};
use fastrand::Rng;
use landfall::operation::OperationId;

/// Any fault at any of these operations; none where there is no operation.
fn any(random: &mut Rng, operations: &[OperationId]) -> Option<Fault> {
    let operation = random.choice(operations)?;
    let kind = random.choice(Kind::ALL)?;
    Some(Fault { each_time: random.u8(0..4) == 0, ..Fault::once(operation, kind) })
}

fn any_tear(random: &mut Rng) -> Tear {
    random.choice([Tear::Whole, Tear::HalfALine, Tear::OnlyTheIntents]).unwrap_or(Tear::Whole)
}

/// A deployment or a teardown with two faults, two recoveries with one each, all of them at random.
fn try_any(seed: u64, deployed: &Server, example: &Example) {
    let mut random = Rng::with_seed(seed);
    let mut server = deployed.again().torn(any_tear(&mut random));
    let before = server.state.clone();
    let tears_down = before.saved.is_some() && random.u8(0..4) == 0;
    let work = |server: &mut Server, faults: &[Fault]| match tears_down {
        true => server.teardown(faults),
        false => server.deploy(example, faults),
    };
    // What the run performs without a fault, and what it performs with the first one: its fall.
    let performed = work(&mut server.again(), &[]).performed;
    let mut faults: Vec<Fault> = any(&mut random, &performed).into_iter().collect();
    let performed = work(&mut server.again(), &faults).performed;
    faults.extend(any(&mut random, &performed));
    let told = work(&mut server, &faults);
    for _ in 0..2 {
        let performed = server.again().recover(&[]).map(|recovered| recovered.told.performed).unwrap_or_default();
        let Some(fault) = any(&mut random, &performed) else { break };
        server = server.torn(any_tear(&mut random));
        let recovered = server.recover(std::slice::from_ref(&fault));
        faults.push(fault);
        let violations = recovered.map(|recovered| recovered.told.violations).unwrap_or_default();
        assert_eq!(violations, Vec::<String>::new(), "seed {seed}: {faults:?}");
    }
    promise::hold(&mut server, &told, &before, example, &(seed, faults));
}

#[test]
fn any_faults_of_a_run_of_its_fall_and_of_its_recoveries_end_deployed_or_containerless_or_with_nothing_changed() {
    let situations = situations();
    let seeds: Vec<u64> = (0..if thorough() { 200_000 } else { 1_000 }).collect();
    side_by_side(&seeds, |seed| {
        let situation = &situations[usize::try_from(*seed).unwrap() % situations.len()];
        try_any(*seed, &situation.server, &situation.example);
    });
    tell(seeds.len(), "faults at random in a run, its fall and two recoveries");
}
