//! The reference service in a container: this executable again, in another role.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use unbroken_adapters::service::{Config, Listen, Service};
use unbroken_adapters::{Boundaries, Format};

use super::StageError;

/// What its log says when it is ready.
pub(super) const READY: &str = "the reference service is ready";

/// What it is told.
#[derive(Serialize, Deserialize)]
pub(super) struct Configuration {
    pub(super) name: String,
    pub(super) instance: String,
    pub(super) listen: Vec<Listen>,
    pub(super) formats: Vec<Format>,
    /// OTLP over gRPC.
    pub(super) collector: String,
    pub(super) send_timeout: Duration,
}

/// How often it exports.
const EXPORT_INTERVAL: Duration = Duration::from_millis(50);

/// Serves until it is told to stop.
pub(super) async fn serve(configuration: &str) -> Result<(), StageError> {
    let configuration: Configuration = serde_json::from_str(configuration)
        .map_err(|error| StageError::Harness(format!("the configuration is not valid: {error}")))?;
    let exporter = SpanExporter::builder()
        .with_tonic()
        .with_endpoint(&configuration.collector)
        .build()
        .map_err(|error| StageError::Harness(error.to_string()))?;
    let batches = opentelemetry_sdk::trace::BatchSpanProcessor::builder(exporter)
        .with_batch_config(
            opentelemetry_sdk::trace::BatchConfigBuilder::default()
                .with_scheduled_delay(EXPORT_INTERVAL)
                .build(),
        )
        .build();
    let provider = SdkTracerProvider::builder()
        .with_resource(resource(&configuration.name, &configuration.instance))
        // A span may account for as many messages as a hop can have.
        .with_max_links_per_span(u16::MAX.into())
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOn)))
        .with_span_processor(batches)
        .build();
    let (problems, mut reported) = mpsc::unbounded_channel();
    let mut service = Service::start(Config {
        name: configuration.name,
        listen: configuration.listen,
        provider: provider.clone(),
        boundaries: Boundaries::all(),
        formats: configuration.formats,
        send_timeout: configuration.send_timeout,
        problems,
    })
    .await?;
    println!("{READY}");
    loop {
        tokio::select! {
            error = service.failure() => return Err(error.into()),
            Some(problem) = reported.recv() => eprintln!("{problem}"),
            () = stopped() => break,
        }
    }
    drop(service);
    let flushed = tokio::task::spawn_blocking(move || provider.shutdown()).await;
    if let Ok(Err(error)) = flushed {
        eprintln!("spans may be lost: {error}");
    }
    Ok(())
}

/// Who makes the spans, as both kinds of reference service say it.
pub(super) fn resource(name: &str, instance: &str) -> Resource {
    Resource::builder_empty()
        .with_service_name(name.to_owned())
        .with_attribute(KeyValue::new("service.instance.id", instance.to_owned()))
        .build()
}

#[cfg(unix)]
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            terminate.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn stopped() {
    let _ = tokio::signal::ctrl_c().await;
}
