//! From the bytes of a request to spans.

use std::sync::Arc;

use bytes::Bytes;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1 as otlp;
use prost::Message;

use super::budget::{Budget, TooMany};
use super::counts::Ingested;
use super::json;
use super::protobuf::Kind;
use super::store::Store;
use crate::span::{Malformed, Span};

/// How a request is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// OTLP's protobuf.
    Protobuf,
    /// OTLP/JSON, in any SDK's dialect.
    Json,
}

/// Why nothing could be read from a request. Nothing of it is stored then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// It is not what its encoding demands.
    #[error("not OTLP in protobuf: {0}")]
    Protobuf(#[from] prost::DecodeError),
    /// It is not what its encoding demands.
    #[error("not OTLP in JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is small, and yet holds more than anybody sends at once: most of it must be empty.
    #[error(transparent)]
    TooMany(#[from] TooMany),
}

impl Store {
    /// Reads a request, or a line or file of recorded traces, and stores all of it or nothing.
    pub fn receive(&self, encoding: Encoding, payload: Bytes) -> Result<Ingested, PayloadError> {
        let received = match encoding {
            Encoding::Protobuf => self.decode(payload).map(|spans| self.append(spans)),
            Encoding::Json => json::read(&payload).and_then(|batch| self.ingest(batch)),
        };
        received.inspect_err(|error| self.bad_payload(&error.to_string()))
    }

    /// What it holds is counted before anything is built. Then one span at a time, so that the
    /// whole request never stands in memory in two shapes.
    fn decode(&self, payload: Bytes) -> Result<Vec<Result<Span, Arc<Malformed>>>, PayloadError> {
        let mut budget = Kind::Request.count(&payload, Budget::default())?;
        let request = Parts::decode(payload)?;
        let mut decoded = Vec::new();
        for resource in request.parts {
            let resource = ResourceSpans::decode(resource)?;
            let scopes = resource.scopes.into_iter().map(ScopeSpans::decode);
            let scopes = scopes.collect::<Result<Vec<_>, _>>()?;
            let resource = resource.resource.as_ref();
            let whose = || scopes.iter().map(|scope| scope.scope.as_ref());
            budget = budget.scopes(resource, whose())?;
            let origins = self.origins(resource, whose());
            for (scope, origin) in scopes.into_iter().zip(origins) {
                decoded.reserve(scope.spans.len());
                for span in scope.spans {
                    decoded.push(Span::decode(otlp::Span::decode(span)?, &origin));
                }
            }
        }
        Ok(decoded)
    }
}

/// OTLP's messages, with what is below them still in bytes (slices of the request's).
#[derive(Clone, PartialEq, Message)]
struct Parts {
    #[prost(bytes = "bytes", repeated, tag = "1")]
    parts: Vec<Bytes>,
}

#[derive(Clone, PartialEq, Message)]
struct ResourceSpans {
    #[prost(message, optional, tag = "1")]
    resource: Option<Resource>,
    #[prost(bytes = "bytes", repeated, tag = "2")]
    scopes: Vec<Bytes>,
}

#[derive(Clone, PartialEq, Message)]
struct ScopeSpans {
    #[prost(message, optional, tag = "1")]
    scope: Option<InstrumentationScope>,
    #[prost(bytes = "bytes", repeated, tag = "2")]
    spans: Vec<Bytes>,
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use proptest::prelude::*;

    use super::*;

    fn request(spans: Vec<otlp::Span>) -> ExportTraceServiceRequest {
        let scope = otlp::ScopeSpans {
            spans,
            ..otlp::ScopeSpans::default()
        };
        let resource = otlp::ResourceSpans {
            scope_spans: vec![scope],
            ..otlp::ResourceSpans::default()
        };
        ExportTraceServiceRequest {
            resource_spans: vec![resource],
        }
    }

    #[test]
    fn a_request_is_stored_as_a_whole_or_not_at_all() {
        let store = Store::new();
        let good = otlp::Span {
            trace_id: vec![1; 16],
            span_id: vec![1; 8],
            ..otlp::Span::default()
        };
        let mut bytes = request(vec![good]).encode_to_vec();
        let stored = store.receive(Encoding::Protobuf, bytes.clone().into());
        assert_eq!(stored.expect("good").stored, 1);
        bytes.extend_from_slice(&[0x0a, 0x05, 0x12]);
        assert!(store.receive(Encoding::Protobuf, bytes.into()).is_err());
        let counts = store.counts();
        assert_eq!((counts.held, counts.bad_payloads), (1, 1));
        assert!(counts.bad_payload_reasons[0].starts_with("not OTLP in protobuf"));
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer_and_are_counted(bytes: Vec<u8>) {
            let store = Store::new();
            for encoding in [Encoding::Protobuf, Encoding::Json] {
                let before = store.counts().bad_payloads;
                let failed = store.receive(encoding, bytes.clone().into()).is_err();
                prop_assert_eq!(store.counts().bad_payloads - before, u64::from(failed));
            }
        }

        #[test]
        fn a_request_with_any_byte_changed_gives_an_answer(at: prop::sample::Index, byte: u8) {
            let span = otlp::Span {
                trace_id: vec![1; 16],
                span_id: vec![1; 8],
                links: vec![otlp::span::Link::default()],
                name: "name".into(),
                ..otlp::Span::default()
            };
            let mut bytes = request(vec![span; 2]).encode_to_vec();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let _ = Store::new().receive(Encoding::Protobuf, bytes.into());
        }
    }
}
