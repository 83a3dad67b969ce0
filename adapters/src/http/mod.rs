//! HTTP: context in the headers of a request.

#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use crate::boundary::{
    Boundary, BoundaryError, Capabilities, Delivery, Descriptor, Handler, Limits, Medium, Message,
    Receipt, Refusal, Semantics, Serving, Side,
};
use crate::reason::{reason, short};
use crate::tap::request::OnRequests;
use crate::tap::{Recorder, Tap, proxy};
use crate::{Address, Relation};

/// HTTP/1.1 without TLS, one POST for each message.
pub struct Http {
    client: reqwest::Client,
}

impl Default for Http {
    /// A client that goes where the route says and nowhere else: no proxy of the environment comes
    /// between, and no redirect is followed.
    fn default() -> Self {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none());
        Self {
            client: client.build().unwrap_or_default(),
        }
    }
}

static DESCRIPTOR: Descriptor = Descriptor {
    name: "HTTP",
    scheme: "http",
    carrier: "request headers",
    specified: Some("Trace Context level 2, §3"),
    medium: Medium::Direct,
    default_relation: Relation::Child,
    address: "http://{endpoint}/{hop}",
    capabilities: Capabilities {
        repeated_names: true,
        binary_values: false,
        binary_suffix: None,
        empty_values: true,
        batches: false,
        redelivery: false,
        dead_letters: false,
        fan_out: false,
    },
    resend_count: Some("http.request.resend_count"),
    seen_when_taken: false,
    limits: Limits {
        entries: Some(100),
        bytes: None,
    },
};

/// Of a request's body; a longer one is refused with 413.
const MOST_BYTES: usize = 1 << 20;

/// Of an answer's body; what comes after it is not waited for.
const MOST_BYTES_OF_AN_ANSWER: usize = 1 << 16;

#[async_trait]
impl Boundary for Http {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    /// [HTTP spans](https://opentelemetry.io/docs/specs/semconv/http/http-spans/).
    fn semantics(&self, address: &Address, side: Side) -> Semantics {
        let method = KeyValue::new("http.request.method", "POST");
        let host = KeyValue::new("server.address", address.host().to_owned());
        let port = KeyValue::new("server.port", i64::from(address.port().unwrap_or(80)));
        let path = address.path().to_owned();
        match side {
            Side::Cause => Semantics {
                name: "POST".to_owned(),
                kind: SpanKind::Client,
                attributes: vec![
                    method,
                    host,
                    port,
                    KeyValue::new("url.full", address.as_str().to_owned()),
                ],
                on_success: Vec::new(),
            },
            Side::Consequence => Semantics {
                name: format!("POST {path}"),
                kind: SpanKind::Server,
                attributes: vec![
                    method,
                    host,
                    port,
                    KeyValue::new("http.route", path.clone()),
                    KeyValue::new("url.path", path),
                    KeyValue::new("url.scheme", "http"),
                ],
                on_success: vec![KeyValue::new("http.response.status_code", 200)],
            },
        }
    }

    fn place(&self, address: &Address) -> String {
        format!("POST {}", address.path())
    }

    async fn declare(&self, _address: &Address) -> Result<(), BoundaryError> {
        Ok(())
    }

    async fn send(&self, address: &Address, message: Message) -> Result<Receipt, BoundaryError> {
        let refused = |reason: String| BoundaryError::Refused {
            boundary: DESCRIPTOR.name,
            address: address.clone(),
            reason,
        };
        let mut request = self
            .client
            .post(address.as_str())
            .header("content-type", "application/json")
            .body(message.body);
        for (name, value) in message.carrier.iter() {
            let name = HeaderName::try_from(name).map_err(|e| refused(e.to_string()))?;
            let value = HeaderValue::from_bytes(value).map_err(|e| refused(e.to_string()))?;
            request = request.header(name, value);
        }
        let mut response = request
            .send()
            .await
            .map_err(|error| unreachable_server(address, &error))?;
        let status = response.status();
        let nobody = response.headers().contains_key(proxy::REACHED_NOBODY);
        let body = beginning(&mut response).await;
        let body = body.map_err(|error| unreachable_server(address, &error))?;
        if !status.is_success() {
            let said = short(&String::from_utf8_lossy(&body));
            return Err(match nobody {
                true => unreachable_because(address, said),
                false if status == StatusCode::SERVICE_UNAVAILABLE => BoundaryError::Again {
                    boundary: DESCRIPTOR.name,
                    address: address.clone(),
                    reason: format!("{status} {said}"),
                },
                false => refused(format!("{status} {said}")),
            });
        }
        Ok(Receipt {
            attributes: vec![KeyValue::new(
                "http.response.status_code",
                i64::from(status.as_u16()),
            )],
        })
    }

    async fn serve(
        &self,
        address: &Address,
        _max_messages: usize,
        handler: Handler,
    ) -> Result<Serving, BoundaryError> {
        let listener = TcpListener::bind(address.endpoint())
            .await
            .map_err(|error| unreachable_server(address, &error))?;
        let local = listener
            .local_addr()
            .map_err(|error| unreachable_server(address, &error))?;
        let bound = address.behind(&format!("{}:{}", address.host(), local.port()))?;
        let path: Arc<str> = address.path().into();
        let answer = move |request| answer(request, Arc::clone(&path), Arc::clone(&handler));
        let task = async move { match crate::listen::answer(listener, answer).await {} };
        Ok(Serving {
            address: bound,
            task: AbortOnDropHandle::new(tokio::spawn(task)),
        })
    }

    async fn tap(
        &self,
        address: &Address,
        bind: IpAddr,
        recorder: Recorder,
    ) -> Result<Tap, BoundaryError> {
        let requests = OnRequests {
            boundary: DESCRIPTOR.name,
            http2: false,
            place: |request| format!("{} {}", request.method(), request.uri().path()),
            carrier_of: proxy::carrier_of,
            value_of: |_, value| HeaderValue::from_bytes(value).ok(),
            no_answer: proxy::bad_gateway,
        };
        requests.tap(address, bind, recorder).await
    }
}

/// Of an answer, as far as anybody reads. One that ends before is read to its end, so that the
/// connection serves again; dropping a longer one closes it.
async fn beginning(answer: &mut reqwest::Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut read = Vec::new();
    while read.len() < MOST_BYTES_OF_AN_ANSWER
        && let Some(chunk) = answer.chunk().await?
    {
        read.extend_from_slice(&chunk);
    }
    Ok(read)
}

async fn answer(
    request: Request<Incoming>,
    path: Arc<str>,
    handler: Handler,
) -> Response<proxy::Body> {
    let (status, reason) = match take(request, &path, &handler).await {
        Ok(()) => (StatusCode::OK, String::new()),
        Err(refusal) => refusal,
    };
    proxy::answer(status, reason)
}

async fn take(
    request: Request<Incoming>,
    path: &str,
    handler: &Handler,
) -> Result<(), (StatusCode, String)> {
    let (head, body) = request.into_parts();
    if head.uri.path() != path {
        return Err((StatusCode::NOT_FOUND, format!("only {path} is served")));
    }
    if head.method != Method::POST {
        let reason = format!("{} is not POST", head.method);
        return Err((StatusCode::METHOD_NOT_ALLOWED, reason));
    }
    let body = Limited::new(body, MOST_BYTES).collect().await;
    let body = body.map_err(|error| (StatusCode::PAYLOAD_TOO_LARGE, error.to_string()))?;
    let message = Message {
        carrier: proxy::carrier_of(&head.headers),
        body: body.to_bytes(),
    };
    handler(Delivery {
        messages: vec![message],
    })
    .await
    .map_err(|refusal| (status_of(&refusal), refusal.to_string()))
}

fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Again(_) => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::Failed(_) | Refusal::Rejected(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn unreachable_server(address: &Address, error: &dyn std::error::Error) -> BoundaryError {
    unreachable_because(address, reason(error))
}

fn unreachable_because(address: &Address, reason: String) -> BoundaryError {
    BoundaryError::Unreachable {
        boundary: DESCRIPTOR.name,
        address: address.clone(),
        reason,
    }
}
