//! What OpenTelemetry's documentation tells a Rust service to begin with; the environment says the rest.

use std::future::Future;

use axum::http::HeaderMap;
use opentelemetry::propagation::TextMapCompositePropagator;
use opentelemetry::trace::{SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, global};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};
use opentelemetry_sdk::trace::SdkTracerProvider;

use crate::Failure;

pub fn start() -> Result<SdkTracerProvider, Failure> {
    global::set_text_map_propagator(TextMapCompositePropagator::new(vec![
        Box::new(TraceContextPropagator::new()),
        Box::new(BaggagePropagator::new()),
    ]));
    let exporter = SpanExporter::builder().with_http().build()?;
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .build();
    global::set_tracer_provider(provider.clone());
    Ok(provider)
}

pub fn extract(headers: &HeaderMap) -> Context {
    global::get_text_map_propagator(|propagator| propagator.extract(&HeaderExtractor(headers)))
}

pub fn inject(here: &Context, headers: &mut HeaderMap) {
    global::get_text_map_propagator(|propagator| {
        propagator.inject_context(here, &mut HeaderInjector(headers))
    });
}

/// Does something within a span of its own.
pub async fn within<F>(
    cause: &Context,
    kind: SpanKind,
    name: &'static str,
    work: impl FnOnce(Context) -> F,
) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>>,
{
    let tracer = global::tracer("subject");
    let span = tracer
        .span_builder(name)
        .with_kind(kind)
        .start_with_context(&tracer, cause);
    let here = cause.with_span(span);
    let done = work(here.clone()).await;
    if let Err(error) = &done {
        here.span().set_status(Status::error(error.to_string()));
    }
    here.span().end();
    done
}
