//! What a service exports is judged beside what it sends on.

use std::net::TcpListener;
use std::time::Duration;

use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider};

use super::reference::{beside, exporting_beside};
use super::{check, pinned};
use crate::program::Program;

/// A port that was free a moment ago.
fn port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("bound").port()
}

/// Exports there, over the network and soon.
fn exporting_to(otlp: &str) -> impl FnOnce() -> SdkTracerProvider {
    let endpoint = format!("http://{otlp}");
    move || {
        let exporter = SpanExporter::builder().with_tonic().with_endpoint(endpoint);
        let soon = BatchConfigBuilder::default().with_scheduled_delay(Duration::from_millis(100));
        let batches = BatchSpanProcessor::builder(exporter.build().expect("an exporter"));
        let resource = Resource::builder_empty().with_service_name("subject");
        SdkTracerProvider::builder()
            .with_resource(resource.build())
            .with_span_processor(batches.with_batch_config(soon.build()).build())
            .build()
    }
}

#[test]
fn the_spans_of_a_service_that_exports_over_the_network_are_judged() {
    let otlp = format!("127.0.0.1:{}", port());
    let ended = exporting_beside(exporting_to(&otlp), |port| {
        check(port, "/check", &["--otlp", &otlp, "--settle", "30"])
    });
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    pinned("reference-spans", &ended);
}

#[test]
fn the_same_as_json_says_which_spans_were_judged() {
    let otlp = format!("127.0.0.1:{}", port());
    let ended = exporting_beside(exporting_to(&otlp), |port| {
        let quiet = ["--otlp", &otlp, "--settle", "30", "--format", "json"];
        check(port, "/check", &quiet)
    });
    let page: serde_json::Value = serde_json::from_str(&ended.out).expect("JSON");
    assert_eq!(page["spans"]["missing"], 0);
    assert_eq!(page["spans"]["unsampled"], 3);
    let mut cases = page["cases"].as_array().expect("cases").iter();
    let second = cases
        .find(|case| case["id"] == "WIRE-002")
        .expect("WIRE-002");
    let sent = second["sent"][0][1].as_str().expect("a traceparent");
    let parts: Vec<_> = sent.split('-').collect();
    let made = &second["spans"][0];
    assert_eq!(made["trace"], parts[1]);
    assert_eq!(made["parent"], parts[2]);
    assert_eq!(made["kind"], "server");
    for by in ["wire", "spans", "agree"] {
        assert_eq!(second["judgements"][by][0]["outcome"], "held", "{by}");
    }
}

#[test]
fn who_exports_nothing_is_told_what_to_look_at() {
    let otlp = format!("127.0.0.1:{}", port());
    let ended = beside(|port| check(port, "/check", &["--otlp", &otlp, "--settle", "1"]));
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert!(ended.out.contains("0 spans came"), "{ended:#?}");
    assert!(
        ended.out.contains("OTEL_EXPORTER_OTLP_ENDPOINT"),
        "{ended:#?}"
    );
}

#[test]
fn a_port_that_is_taken_is_3_and_says_which() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let otlp = taken.local_addr().expect("bound").to_string();
    let ended = check(1, "/", &["--otlp", &otlp]);
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    assert!(ended.err.contains(&otlp), "{ended:#?}");
}

#[test]
fn a_trigger_without_a_probe_is_judged_by_spans_alone() {
    let otlp = format!("127.0.0.1:{}", port());
    let ended = exporting_beside(exporting_to(&otlp), |port| {
        let trigger = format!("POST http://127.0.0.1:{port}/check");
        let trigger = ["check", "--trigger", &trigger, "--body", "[]"];
        let program = Program::with(&trigger).and(&["--otlp", &otlp, "--settle", "2"]);
        program.play_out()
    });
    // The spans of what begins anew say nothing of where that was: so a must is not shown.
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    pinned("trigger-by-spans", &ended);
}
