//! What Unbroken adds to what it watches: a hop, a journey and a cold start, each against the same
//! client code without it, in one run and side by side. The ratios are what counts.

use std::cell::RefCell;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode};
use tokio::runtime::Runtime;
use unbroken::stage::{Options, Stage};
use unbroken_adapters::{Boundary, Broker, Medium};

#[path = "support/bare.rs"]
mod bare;
#[path = "support/cold.rs"]
mod cold;
#[path = "support/crossing.rs"]
mod crossing;
#[path = "support/journey.rs"]
mod journey;
#[path = "support/ratio.rs"]
mod ratio;
#[path = "support/table.rs"]
mod table;

use bare::{BareHttp, BareKafka};
use crossing::{Hop, Raw, Way, timed};
use journey::Took;
use ratio::Ratio;
use table::{Table, median};

/// In the order of the journey.
const BOUNDARIES: [&str; 5] = ["HTTP", "gRPC", "Kafka", "AMQP", "SQS"];
const COLD_STARTS: usize = 3;

fn main() -> ExitCode {
    if let Some(code) = unbroken::role::play().or_else(cold::play) {
        return code;
    }
    let mut criterion = Criterion::default()
        .with_measurement(Ratio)
        .without_plots()
        .configure_from_args();
    let runtime = Runtime::new().expect("a runtime");
    let (untapped, tapped) = (stage(false), stage(true));
    let wanted: Vec<_> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    let wants = |part: &str| wanted.is_empty() || wanted.iter().any(|w| w.starts_with(part));

    if wants("cold") {
        cold_start(&untapped);
    }
    if wants("hop") {
        hops(&mut criterion, &runtime, &untapped);
    }
    if wants("journey") {
        journeys(&mut criterion, &runtime, &untapped, &tapped);
    }
    runtime.block_on(async move {
        futures::join!(untapped.close(), tapped.close());
        drop((untapped, tapped));
    });
    runtime.shutdown_background();
    ExitCode::SUCCESS
}

fn stage(taps: bool) -> Stage {
    Stage::new(Options {
        taps,
        ..Options::default()
    })
}

fn boundaries(stage: &Stage) -> Vec<Arc<dyn Boundary>> {
    let named = |name| stage.boundaries().named(name).expect("it exists");
    BOUNDARIES.map(|name| Arc::clone(named(name))).to_vec()
}

fn broker(boundary: &dyn Boundary) -> Option<&'static Broker> {
    match boundary.descriptor().medium {
        Medium::Broker(broker) => Some(broker),
        Medium::Direct | Medium::Process => None,
    }
}

/// Where hops over a boundary are: at its broker, or at any free port.
async fn endpoint(stage: &Stage, boundary: &dyn Boundary) -> String {
    match broker(boundary) {
        Some(broker) => stage.broker(broker).await.expect("a broker"),
        None => "127.0.0.1:0".to_owned(),
    }
}

/// The ways over one boundary that are compared, and how long each crossing took, in seconds.
struct Compared {
    ways: Vec<Box<dyn Way>>,
    took: Vec<Vec<f64>>,
}

impl Compared {
    /// Crosses on every way in turn, and each time begins with another.
    async fn round(&mut self, number: usize) {
        let count = self.ways.len();
        for at in (0..count).map(|at| (at + number) % count) {
            let took = timed(&mut *self.ways[at]).await;
            self.took[at].push(took.as_secs_f64());
        }
    }

    fn since(&self, way: usize, from: usize) -> f64 {
        median(&mut self.took[way][from..].to_vec())
    }
}

const RAW: usize = 0;
const UNTAPPED: usize = 1;
const TAPPED: usize = 2;
const BARE: usize = 3;

fn hops(criterion: &mut Criterion<Ratio>, runtime: &Runtime, stage: &Stage) {
    let heads = [
        "a warm hop",
        "taps off",
        "taps on",
        "boundary ÷ bare client",
        "raw, µs",
    ];
    let mut table = Table::new(heads);
    let mut group = criterion.benchmark_group("hop");
    group
        .sampling_mode(SamplingMode::Flat)
        .sample_size(20)
        .warm_up_time(Duration::from_secs(2))
        .measurement_time(Duration::from_secs(6));
    for boundary in boundaries(stage) {
        let name = boundary.descriptor().name;
        let compared = RefCell::new(runtime.block_on(compared(stage, &boundary)));
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter_custom(|rounds| {
                let compared = &mut *compared.borrow_mut();
                let from = compared.took[RAW].len();
                runtime.block_on(async {
                    for number in 0..rounds {
                        compared.round(usize::try_from(number).unwrap_or(0)).await;
                    }
                });
                let (raw, with) = (compared.since(RAW, from), compared.since(UNTAPPED, from));
                with / raw * count(rounds)
            });
        });
        let compared = compared.into_inner();
        // The first half warmed things up.
        let from = compared.took[RAW].len() / 4;
        if from == 0 {
            continue;
        }
        let raw = compared.since(RAW, from);
        let ratio = |way| format!("{:.2}×", compared.since(way, from) / raw);
        let bare = match compared.ways.len() > BARE {
            true => format!("{:.2}×", raw / compared.since(BARE, from)),
            false => "–".to_owned(),
        };
        let raw = format!("{:.0}", raw * 1e6);
        table.row(vec![
            name.to_owned(),
            ratio(UNTAPPED),
            ratio(TAPPED),
            bare,
            raw,
        ]);
        let _inside = runtime.enter();
        drop(compared);
    }
    group.finish();
    table.print();
}

async fn compared(stage: &Stage, boundary: &Arc<dyn Boundary>) -> Compared {
    let endpoint = endpoint(stage, &**boundary).await;
    let all = stage.boundaries();
    let mut ways: Vec<Box<dyn Way>> = vec![
        Box::new(Raw::over(boundary, &endpoint).await),
        Box::new(Hop::over(all, boundary, &endpoint, false).await),
        Box::new(Hop::over(all, boundary, &endpoint, true).await),
    ];
    match boundary.descriptor().name {
        "HTTP" => ways.push(Box::new(BareHttp::start().await)),
        "Kafka" => ways.push(Box::new(BareKafka::start(&**boundary, &endpoint).await)),
        _ => {}
    }
    let took = vec![Vec::new(); ways.len()];
    Compared { ways, took }
}

fn journeys(criterion: &mut Criterion<Ratio>, runtime: &Runtime, untapped: &Stage, tapped: &Stage) {
    let places = runtime.block_on(async {
        let mut places = Vec::new();
        for boundary in boundaries(untapped) {
            let endpoint = endpoint(untapped, &*boundary).await;
            places.push((boundary, endpoint));
        }
        // Nothing is to be started while time is taken.
        for boundary in boundaries(tapped) {
            endpoint(tapped, &*boundary).await;
        }
        places
    });
    let plan = journey::plan(untapped, &boundaries(untapped));
    let took: RefCell<[Vec<Took>; 3]> = RefCell::default();
    let mut group = criterion.benchmark_group("journey");
    group
        .sampling_mode(SamplingMode::Flat)
        .sample_size(10)
        .warm_up_time(Duration::from_secs(3))
        .measurement_time(Duration::from_secs(10));
    group.bench_function("five hops", |bencher| {
        bencher.iter_custom(|rounds| {
            let took = &mut *took.borrow_mut();
            let from = took[0].len();
            runtime.block_on(async {
                for _ in 0..rounds {
                    took[0].push(journey::raw(&places).await);
                    took[1].push(journey::performed(untapped, &plan).await);
                    took[2].push(journey::performed(tapped, &plan).await);
                }
            });
            let [raw, with, _] = &took;
            whole(&with[from..]) / whole(&raw[from..]) * count(rounds)
        });
    });
    group.finish();
    let took = took
        .into_inner()
        .map(|took| took[took.len() / 4..].to_vec());
    let [raw, off, on] = &took;
    if raw.is_empty() {
        return;
    }
    let heads = [
        "a warm journey of five hops",
        "taps off",
        "taps on",
        "raw, ms",
    ];
    let mut table = Table::new(heads);
    for (what, of) in [
        ("set-up, crossings and verdict", whole as fn(&[Took]) -> f64),
        ("the crossings alone", crossings),
    ] {
        let ratio = |with: &[Took]| format!("{:.2}×", of(with) / of(raw));
        let raw = format!("{:.1}", of(raw) * 1e3);
        table.row(vec![what.to_owned(), ratio(off), ratio(on), raw]);
    }
    table.print();
}

fn whole(took: &[Took]) -> f64 {
    let mut seconds: Vec<_> = took.iter().map(|took| took.whole.as_secs_f64()).collect();
    median(&mut seconds)
}

fn crossings(took: &[Took]) -> f64 {
    let mut seconds: Vec<_> = took
        .iter()
        .map(|took| took.crossing.as_secs_f64())
        .collect();
    median(&mut seconds)
}

/// Nothing may run meanwhile: this comes before the brokers of the other parts.
fn cold_start(stage: &Stage) {
    let brokers = boundaries(stage)
        .iter()
        .filter_map(|b| broker(&**b))
        .collect::<Vec<_>>();
    let (mut slowest, mut together) = (Vec::new(), Vec::new());
    let (mut verdicts, mut ends) = (Vec::new(), Vec::new());
    for _ in 0..COLD_STARTS {
        let alone = brokers.iter().map(|&broker| cold::brokers(&[broker])[0]);
        slowest.push(alone.max().unwrap_or_default().as_secs_f64());
        let side_by_side = cold::brokers(&brokers).into_iter().max();
        together.push(side_by_side.unwrap_or_default().as_secs_f64());
        let (verdict, end) = cold::run();
        verdicts.push(verdict.as_secs_f64());
        ends.push(end.as_secs_f64());
    }
    let [slowest, together, verdict, end] =
        [slowest, together, verdicts, ends].map(|mut seconds| median(&mut seconds));
    let heads = [
        "journey.feature from nothing",
        "÷ slowest broker alone",
        "÷ all side by side",
    ];
    let mut table = Table::new(heads);
    for (what, took) in [
        ("to the verdict", verdict),
        ("to the end, all removed", end),
    ] {
        let ratio = |broker: f64| format!("{:.2}×", took / broker);
        table.row(vec![what.to_owned(), ratio(slowest), ratio(together)]);
    }
    table.print();
    println!(
        "\nbrokers: {slowest:.2} s alone, {together:.2} s side by side; verdict: {verdict:.2} s"
    );
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a count of rounds is far below 2^52"
)]
fn count(rounds: u64) -> f64 {
    rounds as f64
}
