//! OTLP over gRPC.
//!
//! A unary call is one message in a frame of five bytes, and a trailer. tonic's server would do
//! that too, but it answers what it cannot read by itself, with codes that OTLP does not
//! foresee and without letting anybody count.

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use http_body_util::{BodyExt as _, Full};
use prost::Message as _;

use super::answer::{Code, Refusal, success};
use super::{LIMIT, body};
use crate::collector::payload::Encoding;
use crate::collector::store::Store;

const GRPC: HeaderValue = HeaderValue::from_static("application/grpc");
const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
const ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
const ACCEPT_ENCODING: HeaderName = HeaderName::from_static("grpc-accept-encoding");
/// A flag that says whether the message is packed, and the message's length.
const FRAME: usize = 5;

pub(super) async fn traces(State(store): State<Store>, request: Request) -> Response {
    let message = match message(request).await {
        Ok(message) => message,
        Err(refused) => {
            store.bad_payload(&refused.message);
            return refusal(&refused);
        }
    };
    match store.receive(Encoding::Protobuf, message) {
        Ok(ingested) => accepted(&success(ingested).encode_to_vec()),
        Err(error) => refusal(&error.into()),
    }
}

/// The answers to metrics and to logs are both empty messages.
pub(super) async fn discard(State(store): State<Store>, request: Request) -> Response {
    body::discard(request.into_body()).await;
    store.discarded();
    accepted(&[])
}

pub(super) fn unknown_method(asked: &str) -> Response {
    let message = format!("{asked} is not a method of OTLP");
    refusal(&Refusal::new(Code::Unimplemented, message))
}

pub(super) fn is_grpc(request: &Request) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE);
    content_type.is_some_and(|value| value.as_bytes().starts_with(GRPC.as_bytes()))
}

async fn message(request: Request) -> Result<Bytes, Refusal> {
    let wrong = |message: &str| Refusal::new(Code::InvalidArgument, message);
    let packing = request.headers().get(ENCODING).cloned();
    let gzip = match packing.as_ref().map(HeaderValue::as_bytes) {
        None | Some(b"identity") => false,
        Some(b"gzip") => true,
        Some(other) => {
            let other = String::from_utf8_lossy(other);
            let message = format!("the encoding {other:?} is not supported");
            return Err(Refusal::new(Code::Unimplemented, message));
        }
    };
    let mut body = body::read(request.into_body(), LIMIT + FRAME).await?;
    let Some((&[flag, ref length @ ..], _)) = body.split_first_chunk::<FRAME>() else {
        return Err(wrong("no message"));
    };
    let length = u32::from_be_bytes(*length);
    let message = body.split_off(FRAME);
    if usize::try_from(length) != Ok(message.len()) {
        return Err(wrong("not one whole message"));
    }
    match (flag, gzip) {
        (0, _) => Ok(message),
        (1, true) => Ok(body::gunzip(&message)?),
        _ => Err(wrong("a message packed in a way that no header names")),
    }
}

fn accepted(message: &[u8]) -> Response {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    let frame = [&[0], &length.to_be_bytes()[..], message].concat();
    let trailers = HeaderMap::from_iter([(STATUS, HeaderValue::from_static("0"))]);
    let body = Full::new(Bytes::from(frame)).with_trailers(async { Some(Ok(trailers)) });
    respond(Body::new(body))
}

/// A refusal has no message, and its trailers come as headers.
fn refusal(refusal: &Refusal) -> Response {
    let mut response = respond(Body::empty());
    let headers = response.headers_mut();
    headers.insert(STATUS, HeaderValue::from(refusal.code as u16));
    if let Ok(message) = HeaderValue::from_str(&percent_encoded(&refusal.message)) {
        headers.insert(MESSAGE, message);
    }
    response
}

fn respond(body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, GRPC);
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity,gzip"));
    response
}

/// As gRPC wants its messages: printable ASCII, and everything else by its bytes.
fn percent_encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b' '..=b'~' if byte != b'%' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}
