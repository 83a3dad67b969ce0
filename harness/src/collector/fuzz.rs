//! Whatever is posted to the receiver is stored or refused, and never more than it may be.
//!
//! As in the parsers of the adapters: a second or so in `cargo test`, and longer as
//! docs/testing.md says.

use std::io::Write as _;
use std::sync::LazyLock;

use bolero::{ValueGenerator, check, produce};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use opentelemetry_proto::tonic::trace::v1::TracesData;
use prost::Message as _;

use super::receiver::LIMIT;
use super::receiver::body::gunzip;
use super::{Encoding, Store, json};

/// Two spans, with a bit of everything.
const JSON: &str = r#"{"resourceSpans": [{
  "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "orders"}},
    {"key": "service.instance.id", "value": {"stringValue": "ub_1a2b3c4d_orders"}}]},
  "scopeSpans": [{"scope": {"name": "a.library", "version": "1"}, "spans": [{
    "traceId": "5B8EFFF798038103D269B633813FC60C", "spanId": "EEE19B7EC3C1B174",
    "parentSpanId": "eee19b7ec3c1b173", "name": "ub_1a2b3c4d_3 process", "kind": 5, "flags": 769,
    "startTimeUnixNano": "1544712660000000000", "traceState": "vendor=42",
    "attributes": [{"key": "a", "value": {"arrayValue": {"values": [{"intValue": "-7"},
      {"kvlistValue": {"values": [{"key": "b", "value": {"bytesValue": "AAEC"}}]}}]}}}],
    "links": [{"traceId": "W47/95gDgQPSabYzgT/GDA==", "spanId": "7uGbfsPBsXQ="}],
    "status": {"code": "STATUS_CODE_ERROR"}, "droppedLinksCount": 3},
   {"traceId": "", "spanId": "00", "kind": "SPAN_KIND_SERVER"}]}]}]}"#;

/// The same in protobuf.
static PROTOBUF: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let resource_spans = json::read(JSON.as_bytes()).expect("readable");
    TracesData { resource_spans }.encode_to_vec()
});

/// A good body with a few bytes changed, or cut off, or said again.
fn bodies(seed: impl Fn() -> Vec<u8>) -> impl ValueGenerator<Output = Vec<u8>> {
    let edits = produce::<Vec<(u16, u8, u8)>>().with().len(0_usize..8);
    edits.map_gen(move |edits: Vec<(u16, u8, u8)>| {
        let mut body = seed();
        for (at, how, byte) in edits {
            let at = usize::from(at) % (body.len() + 1);
            match how % 5 {
                0 | 1 if at < body.len() => body[at] = byte,
                2 if at < body.len() => _ = body.remove(at),
                3 => body.insert(at, byte),
                _ if byte < 16 => body.truncate(at),
                _ => {
                    let end = body.len().min(at + usize::from(byte));
                    let piece = body[at..end].to_vec();
                    body.splice(at..at, piece);
                }
            }
        }
        body
    })
}

/// All of it or nothing is stored, and nothing that was not there.
fn is_stored_whole(encoding: Encoding, body: &[u8], spans: Option<usize>) {
    let store = Store::new();
    let read = store.receive(encoding, Bytes::copy_from_slice(body));
    assert_eq!(read.is_ok(), spans.is_some(), "{read:?}");
    assert_eq!(store.counts().held, spans.unwrap_or_default());
}

#[test]
fn protobuf_is_stored_whole() {
    check!()
        .with_generator(bodies(|| PROTOBUF.clone()))
        .for_each(|body| {
            // We read it in pieces; it is what it is as a whole.
            if let Ok(whole) = TracesData::decode(&**body) {
                is_stored_whole(Encoding::Protobuf, body, Some(spans(&whole)));
            } else {
                // A piece that we have no use for may be broken.
                let store = Store::new();
                let read = store.receive(Encoding::Protobuf, Bytes::copy_from_slice(body));
                assert!(read.is_ok() || store.counts().held == 0);
                assert!(store.counts().held <= body.len());
            }
        });
}

#[test]
fn json_is_stored_whole() {
    check!()
        .with_generator(bodies(|| JSON.as_bytes().to_vec()))
        .for_each(|body| {
            let read = json::read(body);
            if read.is_ok() {
                assert!(serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok());
            }
            let spans = read
                .ok()
                .map(|resource_spans| spans(&TracesData { resource_spans }));
            is_stored_whole(Encoding::Json, body, spans);
        });
}

#[test]
fn gzip_is_unpacked_right() {
    let packed = || {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(&PROTOBUF).expect("to memory");
        packer.finish().expect("to memory")
    };
    let packed = packed();
    check!()
        .with_generator(bodies(move || packed.clone()))
        .for_each(|body| {
            if let Ok(unpacked) = gunzip(body) {
                assert!(unpacked.len() <= LIMIT);
                // A checksum stands at the end: what comes out is what was put in, or nothing,
                // once or several times over.
                assert!(
                    unpacked
                        .chunks(PROTOBUF.len())
                        .all(|piece| piece == *PROTOBUF)
                );
            }
        });
}

fn spans(data: &TracesData) -> usize {
    let scopes = data
        .resource_spans
        .iter()
        .flat_map(|resource| &resource.scope_spans);
    scopes.map(|scope| scope.spans.len()).sum()
}
