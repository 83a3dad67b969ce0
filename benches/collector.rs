//! OTLP in protobuf, from the bytes of a request to spans that are found in the store: spans per
//! second on one core.

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, span};
use prost::Message as _;
use unbroken::collector::{Encoding, Store};

#[path = "support/table.rs"]
mod table;

use table::{Table, median};

/// Spans in one request: what a simple processor sends, what a test's batch holds, and the most
/// that SDKs send at once by default.
const SIZES: [usize; 3] = [1, 32, 512];
/// Spans in one measurement, however many requests that takes.
const SPANS: u16 = 1 << 14;

fn main() {
    let mut criterion = Criterion::default().without_plots().configure_from_args();
    let heads = ["OTLP decode + store", "1 span a request", "32", "512"];
    let mut table = Table::new(heads);
    let mut row = vec!["spans/s".to_owned()];
    let mut group = criterion.benchmark_group("decode and store");
    group
        .sampling_mode(SamplingMode::Flat)
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .throughput(Throughput::Elements(u64::from(SPANS)));
    for size in SIZES {
        let requests: Vec<bytes::Bytes> = (0..usize::from(SPANS) / size)
            .map(|number| request(number, size).encode_to_vec().into())
            .collect();
        let mut seconds = Vec::new();
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter_custom(|iterations| {
                let mut total = Duration::ZERO;
                for _ in 0..iterations {
                    let store = Store::new();
                    let start = Instant::now();
                    for request in &requests {
                        let stored = store.receive(Encoding::Protobuf, request.clone());
                        stored.expect("valid OTLP");
                    }
                    let elapsed = start.elapsed();
                    assert_eq!(store.counts().held, usize::from(SPANS));
                    seconds.push(elapsed.as_secs_f64());
                    total += elapsed;
                }
                total
            });
        });
        row.push(match seconds.is_empty() {
            true => "–".to_owned(),
            false => format!("{:.2} M", f64::from(SPANS) / 1e6 / median(&mut seconds)),
        });
    }
    group.finish();
    table.row(row);
    table.print();
}

/// What an instrumented service exports: traces of sixteen spans, with the attributes that the
/// conventions ask for, and every fourth span a consumer with a link.
fn request(number: usize, spans: usize) -> ExportTraceServiceRequest {
    let spans = (0..spans).map(|at| a_span((number * spans + at) as u64 + 1));
    let scope = ScopeSpans {
        scope: Some(InstrumentationScope {
            name: "io.opentelemetry.kafka-clients".to_owned(),
            version: "2.33.0".to_owned(),
            ..InstrumentationScope::default()
        }),
        spans: spans.collect(),
        ..ScopeSpans::default()
    };
    let resource = Resource {
        attributes: vec![
            text("service.name", "orders"),
            text("service.instance.id", "ub_1a2b3c4d_orders"),
            text("telemetry.sdk.language", "java"),
            text("telemetry.sdk.name", "opentelemetry"),
            text("telemetry.sdk.version", "1.61.0"),
        ],
        ..Resource::default()
    };
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(resource),
            scope_spans: vec![scope],
            ..ResourceSpans::default()
        }],
    }
}

fn a_span(number: u64) -> Span {
    let trace = |number: u64| u128::from(number / 16 + 1).to_be_bytes().to_vec();
    let link = span::Link {
        trace_id: trace(number + 16),
        span_id: (number + 16).to_be_bytes().to_vec(),
        flags: 0x101,
        ..span::Link::default()
    };
    Span {
        trace_id: trace(number),
        span_id: number.to_be_bytes().to_vec(),
        parent_span_id: match number % 16 {
            0 => Vec::new(),
            _ => (number - 1).to_be_bytes().to_vec(),
        },
        flags: 0x101,
        name: "process ub_1a2b3c4d_3".to_owned(),
        kind: 5,
        start_time_unix_nano: 1_794_000_000_000_000_000 + number,
        end_time_unix_nano: 1_794_000_000_000_001_000 + number,
        attributes: vec![
            text("messaging.system", "kafka"),
            text("messaging.operation.name", "process"),
            text("messaging.operation.type", "process"),
            text("messaging.destination.name", "ub_1a2b3c4d_3"),
            text("server.address", "127.0.0.1"),
            text("messaging.destination.partition.id", "0"),
            text("thread.name", "consumer-1"),
        ],
        links: number
            .is_multiple_of(4)
            .then_some(link)
            .into_iter()
            .collect(),
        ..Span::default()
    }
}

fn text(key: &str, value: &str) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue {
            value: Some(Value::StringValue(value.to_owned())),
        }),
        ..KeyValue::default()
    }
}
