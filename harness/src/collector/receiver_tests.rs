//! Over real sockets.

use std::io::Write as _;
use std::net::Ipv4Addr;

use flate2::Compression;
use flate2::write::GzEncoder;
use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry_otlp::{SpanExporter as OtlpExporter, WithExportConfig as _};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use opentelemetry_proto::tonic::trace::v1 as otlp;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};
use prost::Message as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tonic::codec::CompressionEncoding;

use super::http::RpcStatus;
use super::*;
use crate::collector::bounds::{LINKS, nested};

const PROTOBUF: &str = "application/x-protobuf";

async fn start(store: &Store) -> Receiver {
    let started = Receiver::start(Ipv4Addr::LOCALHOST.into(), 0, store.clone()).await;
    started.expect("a free port")
}

/// A request with one span in each of the traces.
fn request(traces: impl IntoIterator<Item = u128>) -> ExportTraceServiceRequest {
    let span = |trace: u128| otlp::Span {
        trace_id: trace.to_be_bytes().into(),
        span_id: vec![1; 8],
        ..otlp::Span::default()
    };
    let scope_spans = vec![otlp::ScopeSpans {
        spans: traces.into_iter().map(span).collect(),
        ..otlp::ScopeSpans::default()
    }];
    ExportTraceServiceRequest {
        resource_spans: vec![otlp::ResourceSpans {
            scope_spans,
            ..otlp::ResourceSpans::default()
        }],
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

/// HTTP/1.1 by hand, so that nothing is well-formed by accident.
async fn post(to: &Receiver, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{}content-length: {}\r\n\r\n",
        headers.concat(),
        body.len(),
    );
    let mut stream = TcpStream::connect(to.local_addr()).await.expect("listens");
    stream
        .write_all(head.as_bytes())
        .await
        .expect("reads the head");
    stream.write_all(body).await.expect("reads the body");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("answers");
    let end = answer
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .expect("a head");
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    Answer {
        status: head[9..12].parse().expect("a status"),
        body: answer[end + 4..].into(),
        head,
    }
}

async fn client(receiver: &Receiver) -> TraceServiceClient<tonic::transport::Channel> {
    let endpoint = format!("http://{}", receiver.local_addr());
    TraceServiceClient::connect(endpoint)
        .await
        .expect("listens")
}

#[tokio::test]
async fn a_real_sdk_exports_over_grpc() {
    let store = Store::new();
    let receiver = start(&store).await;
    let mut sdk = OtlpExporter::builder()
        .with_tonic()
        .with_endpoint(format!("http://{}", receiver.local_addr()))
        .build()
        .expect("valid");
    let resource = opentelemetry_sdk::Resource::builder_empty().with_service_name("orders");
    sdk.set_resource(&resource.build());
    let trace = TraceId::from(7);
    let flags = TraceFlags::SAMPLED;
    let exported = sdk.export(vec![SpanData {
        span_context: SpanContext::new(trace, SpanId::from(8), flags, false, TraceState::NONE),
        parent_span_id: SpanId::from(9),
        parent_span_is_remote: true,
        span_kind: SpanKind::Server,
        name: "GET".into(),
        start_time: std::time::UNIX_EPOCH,
        end_time: std::time::UNIX_EPOCH,
        attributes: vec![],
        dropped_attributes_count: 0,
        events: opentelemetry_sdk::trace::SpanEvents::default(),
        links: opentelemetry_sdk::trace::SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: opentelemetry::InstrumentationScope::builder("s").build(),
    }]);
    exported.await.expect("accepted");
    let span = &store.trace(trace)[0];
    assert_eq!(
        (span.parent, span.parent_is_remote),
        (Some(SpanId::from(9)), Some(true))
    );
    assert_eq!(span.origin.service.as_deref(), Some("orders"));
    receiver.stop().await;
}

#[tokio::test]
async fn grpc_may_be_packed_and_a_waiter_wakes() {
    let store = Store::new();
    let receiver = start(&store).await;
    let look = |store: &Store| store.trace(7.into()).first().cloned();
    let mut client = client(&receiver)
        .await
        .send_compressed(CompressionEncoding::Gzip);
    let (_, sent) = tokio::join!(store.wait_for(look), client.export(request([7])));
    assert_eq!(sent.expect("accepted").into_inner().partial_success, None);
}

#[tokio::test]
async fn what_is_malformed_is_accepted_with_a_warning_and_what_has_no_room_is_rejected() {
    let store = Store::with_limit(2);
    let receiver = start(&store).await;
    let mut client = client(&receiver).await;
    let warned = client
        .export(request([7, 0]))
        .await
        .expect("accepted")
        .into_inner();
    let warned = warned.partial_success.expect("a warning");
    assert_eq!(warned.rejected_spans, 0);
    assert_eq!(
        warned.error_message,
        "1 of the spans have ids that are not valid"
    );
    let full = client
        .export(request([8]))
        .await
        .expect("accepted")
        .into_inner();
    assert_eq!(full.partial_success.expect("said").rejected_spans, 1);
    let json = [("content-type", "application/json")];
    let body = br#"{"resourceSpans":[{"scopeSpans":[{"spans":[{}]}]}]}"#;
    let answer = post(&receiver, "/v1/traces", &json, body).await;
    let said = String::from_utf8_lossy(&answer.body);
    assert!(said.contains(r#""rejectedSpans":"1""#), "{said}");
}

#[tokio::test]
async fn grpc_that_cannot_be_read_gets_its_code_and_is_counted() {
    let store = Store::new();
    let receiver = start(&store).await;
    let mut client = client(&receiver).await;
    let large = otlp::Span {
        name: "x".repeat(LIMIT),
        ..otlp::Span::default()
    };
    let mut too_large = request([]);
    too_large.resource_spans[0].scope_spans[0].spans.push(large);
    let refused = client
        .export(too_large.clone())
        .await
        .expect_err("too large");
    assert_eq!(
        refused.code(),
        tonic::Code::ResourceExhausted,
        "{refused:?}"
    );
    let mut packing = client.clone().send_compressed(CompressionEncoding::Gzip);
    let refused = packing.export(too_large).await.expect_err("too large");
    assert_eq!(
        refused.code(),
        tonic::Code::ResourceExhausted,
        "{refused:?}"
    );
    assert_eq!(store.counts().bad_payloads, 2);
    client
        .export(request([7]))
        .await
        .expect("the next is taken");

    let garbage = [("content-type", "application/grpc")];
    let path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    for body in [
        &b""[..],
        b"\0\0\0\0",
        b"\0\0\0\0\x09x",
        b"\x01\0\0\0\x01x",
        b"\0\0\0\0\x01x",
    ] {
        let answer = post(&receiver, path, &garbage, body).await;
        assert_eq!(answer.status, 200);
        assert!(answer.head.contains("grpc-status: 3"), "{}", answer.head);
    }
    assert_eq!(store.counts().bad_payloads, 7);
}

#[tokio::test]
async fn http_takes_protobuf_and_json_packed_or_not() {
    let store = Store::new();
    let receiver = start(&store).await;
    let json = |trace: u8| {
        let id = format!("{trace:032x}");
        format!(
            r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"traceId":"{id}","spanId":"0000000000000001"}}]}}]}}]}}"#
        )
    };
    let packed = ("content-encoding", "gzip");
    let json_type = ("content-type", "application/json; charset=utf-8");
    let proto_type = ("content-type", PROTOBUF);
    let proto = |trace| request([trace]).encode_to_vec();
    for (headers, body, empty) in [
        (vec![proto_type], proto(1), ""),
        (vec![proto_type, packed], gzip(&proto(2)), ""),
        (vec![json_type], json(3).into_bytes(), "{}"),
        (vec![json_type, packed], gzip(json(4).as_bytes()), "{}"),
    ] {
        let answer = post(&receiver, "/v1/traces", &headers, &body).await;
        assert_eq!(
            (answer.status, answer.body.as_slice()),
            (200, empty.as_bytes())
        );
    }
    for trace in 1..=4 {
        assert_eq!(store.trace(trace.into()).len(), 1, "{trace}");
    }
}

#[tokio::test]
async fn http_that_cannot_be_read_gets_a_status_written_like_the_request() {
    let store = Store::new();
    let receiver = start(&store).await;
    let garbage = post(
        &receiver,
        "/v1/traces",
        &[("content-type", PROTOBUF)],
        b"garbage",
    )
    .await;
    assert_eq!(garbage.status, 400);
    let status = RpcStatus::decode(&garbage.body[..]).expect("a status");
    assert_eq!(status.code, 3);
    assert!(status.message.starts_with("not OTLP in protobuf"));

    let json = [
        ("content-type", "application/json"),
        ("content-encoding", "gzip"),
    ];
    let unpacked = post(&receiver, "/v1/traces", &json, b"{}").await;
    assert_eq!(unpacked.status, 400);
    assert!(unpacked.head.contains("application/json"));
    assert!(String::from_utf8_lossy(&unpacked.body).contains("not gzip"));

    for headers in [
        vec![("content-type", "text/plain")],
        vec![],
        vec![("content-type", PROTOBUF), ("content-encoding", "br")],
    ] {
        assert_eq!(
            post(&receiver, "/v1/traces", &headers, b"x").await.status,
            415
        );
    }
    let elsewhere = post(&receiver, "/", &[("content-type", PROTOBUF)], b"").await;
    assert_eq!(elsewhere.status, 404);
    assert_eq!(store.counts().bad_payloads, 6);
    assert_eq!(
        store.counts().bad_payload_reasons[5],
        "POST / is not an address of OTLP"
    );
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_packed_or_not_and_harms_nothing() {
    let store = Store::new();
    let receiver = start(&store).await;
    let large = vec![0; LIMIT + 1];
    let plain = [("content-type", PROTOBUF)];
    let packed = [plain[0], ("content-encoding", "gzip")];
    assert_eq!(
        post(&receiver, "/v1/traces", &plain, &large).await.status,
        413
    );
    assert_eq!(
        post(&receiver, "/v1/traces", &packed, &gzip(&large))
            .await
            .status,
        413
    );
    let good = request([1]).encode_to_vec();
    assert_eq!(
        post(&receiver, "/v1/traces", &plain, &good).await.status,
        200
    );
    assert_eq!(store.counts().bad_payloads, 2);
}

#[tokio::test]
async fn a_body_that_is_small_and_holds_too_much_is_refused_in_either_protocol() {
    let store = Store::new();
    let receiver = start(&store).await;
    let packed = gzip(&nested(&LINKS, 1 << 20));
    assert!(packed.len() < 1 << 14, "{}", packed.len());
    let headers = [("content-type", PROTOBUF), ("content-encoding", "gzip")];
    let answer = post(&receiver, "/v1/traces", &headers, &packed).await;
    assert_eq!(answer.status, 413);
    let status = RpcStatus::decode(&answer.body[..]).expect("a status");
    let said = status.message;
    assert!(said.starts_with("more than 524288 attributes"), "{said}");

    let length = u32::try_from(packed.len()).expect("small");
    let frame = [&[1], &length.to_be_bytes()[..], &packed].concat();
    let path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    let headers = [
        ("content-type", "application/grpc"),
        ("grpc-encoding", "gzip"),
    ];
    let answer = post(&receiver, path, &headers, &frame).await;
    assert!(answer.head.contains("grpc-status: 8"), "{}", answer.head);
    let counts = store.counts();
    assert_eq!((counts.bad_payloads, counts.held), (2, 0));
}

#[tokio::test]
async fn metrics_and_logs_are_thrown_away_with_a_friendly_answer() {
    let store = Store::new();
    let receiver = start(&store).await;
    for (path, kind, empty) in [
        ("/v1/metrics", PROTOBUF, ""),
        ("/v1/logs", "application/json", "{}"),
    ] {
        let answer = post(&receiver, path, &[("content-type", kind)], b"whatever").await;
        assert_eq!(
            (answer.status, answer.body.as_slice()),
            (200, empty.as_bytes())
        );
    }
    let endpoint = format!("http://{}", receiver.local_addr());
    let channel = tonic::transport::Endpoint::from_shared(endpoint).expect("valid");
    let mut grpc = tonic::client::Grpc::new(channel.connect().await.expect("listens"));
    let mut call = async |path: &'static str| {
        grpc.ready().await.expect("ready");
        let codec = tonic_prost::ProstCodec::<RpcStatus, RpcStatus>::default();
        let request = tonic::Request::new(RpcStatus::default());
        let path = path.parse().expect("a path");
        grpc.unary::<RpcStatus, RpcStatus, _>(request, path, codec)
            .await
    };
    let metrics = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    assert_eq!(
        call(metrics).await.expect("taken").into_inner(),
        RpcStatus::default()
    );
    let logs = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
    call(logs).await.expect("taken");
    let unknown = call("/a.B/C").await.expect_err("unknown");
    assert_eq!(unknown.code(), tonic::Code::Unimplemented);
    let counts = store.counts();
    assert_eq!(
        (counts.discarded, counts.bad_payloads, counts.received),
        (4, 1, 0)
    );
}

#[tokio::test]
async fn a_receiver_that_stops_frees_its_port() {
    let receiver = start(&Store::new()).await;
    let port = receiver.local_addr().port();
    let taken = Receiver::start(Ipv4Addr::LOCALHOST.into(), port, Store::new()).await;
    assert!(
        taken
            .expect_err("taken")
            .to_string()
            .contains(&port.to_string())
    );
    receiver.stop().await;
    let again = Receiver::start(Ipv4Addr::LOCALHOST.into(), port, Store::new()).await;
    assert!(again.is_ok());
}
