//! What is said to an exporter, in either protocol.

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};

use super::body::BodyError;
use crate::collector::counts::Ingested;
use crate::collector::payload::PayloadError;

/// The codes of gRPC that are used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    InvalidArgument = 3,
    ResourceExhausted = 8,
    Unimplemented = 12,
}

/// Why a request was turned away.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) code: Code,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message }
    }
}

impl From<BodyError> for Refusal {
    fn from(error: BodyError) -> Self {
        let code = match error {
            BodyError::TooLarge => Code::ResourceExhausted,
            BodyError::Gzip(_) | BodyError::Ended(_) => Code::InvalidArgument,
        };
        Self::new(code, error.to_string())
    }
}

impl From<PayloadError> for Refusal {
    fn from(error: PayloadError) -> Self {
        let code = match error {
            PayloadError::TooMany(_) => Code::ResourceExhausted,
            PayloadError::Protobuf(_) | PayloadError::Json(_) => Code::InvalidArgument,
        };
        Self::new(code, error.to_string())
    }
}

/// Full success is an empty answer. Only spans that the store had no room for are rejected: those
/// that are malformed are kept to be reported, so they come as a warning beside zero rejections,
/// as OTLP has it, and whoever reads the exporter's log is told early.
pub(super) fn success(ingested: Ingested) -> ExportTraceServiceResponse {
    let Ingested {
        malformed, refused, ..
    } = ingested;
    let mut said = Vec::new();
    if refused > 0 {
        said.push(format!("the store is full: {refused} spans were refused"));
    }
    if malformed > 0 {
        said.push(format!(
            "{malformed} of the spans have ids that are not valid"
        ));
    }
    let partial = (!said.is_empty()).then(|| ExportTracePartialSuccess {
        rejected_spans: i64::try_from(refused).unwrap_or(i64::MAX),
        error_message: said.join("; "),
    });
    ExportTraceServiceResponse {
        partial_success: partial,
    }
}
