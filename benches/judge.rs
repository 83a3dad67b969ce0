//! Assembling a story and judging it, in spans per second on one core.

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput};
use unbroken::rules;

#[path = "support/shapes.rs"]
mod shapes;
#[path = "support/table.rs"]
mod table;

use shapes::SHAPES;
use table::{Table, median};

const SIZES: [usize; 5] = [100, 1_000, 10_000, 100_000, 1_000_000];

fn main() {
    let mut criterion = Criterion::default().without_plots().configure_from_args();
    let mut table = Table::new([
        "assemble + judge, spans/s",
        "10²",
        "10³",
        "10⁴",
        "10⁵",
        "10⁶",
    ]);
    for (shape, make) in SHAPES {
        let mut group = criterion.benchmark_group(shape);
        group
            .sampling_mode(SamplingMode::Flat)
            .sample_size(10)
            .warm_up_time(Duration::from_millis(200))
            .measurement_time(Duration::from_secs(1));
        let mut row = vec![shape.to_owned()];
        for size in SIZES {
            let remains = make(size);
            let mut seconds = Vec::new();
            group.throughput(Throughput::Elements(remains.len() as u64));
            group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
                bencher.iter_custom(|iterations| {
                    let mut total = Duration::ZERO;
                    for _ in 0..iterations {
                        let spans = remains.gathered();
                        let start = Instant::now();
                        let evidence = remains.assemble(spans);
                        let rulings = rules::judge(&evidence);
                        let elapsed = start.elapsed();
                        assert_eq!(
                            rulings.iter().all(|ruling| ruling.findings().count() == 0),
                            remains.is_whole,
                            "a whole story has no findings, and a broken one has"
                        );
                        seconds.push(elapsed.as_secs_f64());
                        total += elapsed;
                    }
                    total
                });
            });
            row.push(match seconds.is_empty() {
                true => "–".to_owned(),
                false => format!("{:.2} M", millions(remains.len()) / median(&mut seconds)),
            });
        }
        group.finish();
        table.row(row);
    }
    table.print();
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a count of spans is far below 2^52"
)]
fn millions(spans: usize) -> f64 {
    spans as f64 / 1e6
}
