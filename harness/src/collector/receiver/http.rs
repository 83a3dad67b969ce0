//! OTLP over HTTP/1.1.

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use serde_json::json;

use super::answer::{Code, Refusal, success};
use super::{LIMIT, body};
use crate::collector::payload::Encoding;
use crate::collector::store::Store;

pub(super) async fn traces(State(store): State<Store>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let (encoding, gzip) = match written(&head.headers) {
        Ok(written) => written,
        Err(unsupported) => {
            store.bad_payload(&unsupported);
            body::discard(body).await;
            return unsupported_media(unsupported);
        }
    };
    let payload = match payload(body, gzip).await {
        Ok(payload) => payload,
        Err(error) => {
            store.bad_payload(&error.to_string());
            return refusal(encoding, &error.into());
        }
    };
    match store.receive(encoding, payload) {
        Ok(ingested) => accepted(encoding, &success(ingested)),
        Err(error) => refusal(encoding, &error.into()),
    }
}

pub(super) async fn discard(State(store): State<Store>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    body::discard(body).await;
    store.discarded();
    let (encoding, _) = written(&head.headers).unwrap_or((Encoding::Protobuf, false));
    accepted(encoding, &ExportTraceServiceResponse::default())
}

pub(super) fn unknown_path(asked: &str) -> Response {
    let hint = format!("{asked} is not an address of OTLP: POST traces to /v1/traces\n");
    (StatusCode::NOT_FOUND, hint).into_response()
}

async fn payload(body: Body, gzip: bool) -> Result<Bytes, body::BodyError> {
    let payload = body::read(body, LIMIT).await?;
    if gzip {
        body::gunzip(&payload)
    } else {
        Ok(payload)
    }
}

/// How the body is written, and whether it is packed.
fn written(headers: &HeaderMap) -> Result<(Encoding, bool), String> {
    let header = |name| match headers.get(name) {
        Some(value) => value.to_str().unwrap_or("?").trim().to_ascii_lowercase(),
        None => String::new(),
    };
    let content_type = header(CONTENT_TYPE);
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let encoding = match essence {
        "application/x-protobuf" | "application/protobuf" => Encoding::Protobuf,
        "application/json" => Encoding::Json,
        _ => return Err(format!("the content type {content_type:?} is not OTLP's")),
    };
    let gzip = match header(CONTENT_ENCODING).as_str() {
        "" | "identity" => false,
        "gzip" => true,
        other => return Err(format!("the content encoding {other:?} is not supported")),
    };
    Ok((encoding, gzip))
}

fn unsupported_media(message: String) -> Response {
    let hint = [(ACCEPT_ENCODING, "gzip")];
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, hint, message).into_response()
}

fn accepted(encoding: Encoding, answer: &ExportTraceServiceResponse) -> Response {
    let json = match &answer.partial_success {
        None => json!({}),
        Some(partial) => json!({"partialSuccess": {
            "rejectedSpans": partial.rejected_spans.to_string(),
            "errorMessage": partial.error_message,
        }}),
    };
    respond(StatusCode::OK, encoding, answer, &json)
}

/// An answer other than 200 is a `google.rpc.Status`, written like the request.
fn refusal(encoding: Encoding, refusal: &Refusal) -> Response {
    let status = match refusal.code {
        Code::ResourceExhausted => StatusCode::PAYLOAD_TOO_LARGE,
        Code::InvalidArgument | Code::Unimplemented => StatusCode::BAD_REQUEST,
    };
    let answer = RpcStatus {
        code: refusal.code as i32,
        message: refusal.message.clone(),
    };
    let json = json!({"code": answer.code, "message": answer.message});
    respond(status, encoding, &answer, &json)
}

fn respond(
    status: StatusCode,
    encoding: Encoding,
    protobuf: &impl Message,
    json: &serde_json::Value,
) -> Response {
    let (content_type, body) = match encoding {
        Encoding::Protobuf => ("application/x-protobuf", protobuf.encode_to_vec()),
        Encoding::Json => ("application/json", json.to_string().into_bytes()),
    };
    (status, [(CONTENT_TYPE, content_type)], body).into_response()
}

/// `google.rpc.Status`, without the details that nobody reads.
#[derive(Clone, PartialEq, Message)]
pub(super) struct RpcStatus {
    #[prost(int32, tag = "1")]
    pub(super) code: i32,
    #[prost(string, tag = "2")]
    pub(super) message: String,
}
