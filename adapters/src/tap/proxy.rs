//! A small HTTP proxy to see through: HTTP, gRPC and SQS are all HTTP on the wire.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::http::uri::{Authority, Scheme, Uri};
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use crate::listen::{MOST_HEADER_BYTES, MOST_HEADERS, answer_for_another};
use crate::reason::reason;
use crate::{BoundaryError, Carrier};

/// A body that is passed on frame by frame: streams stay streams, trailers stay trailers.
pub(crate) type Body = UnsyncBoxBody<Bytes, hyper::Error>;

/// Listens on a free port of `bind`, and answers every request by `handler`. The task never ends
/// by itself.
pub(crate) async fn listen<H, F>(
    bind: IpAddr,
    handler: H,
) -> io::Result<(SocketAddr, AbortOnDropHandle<BoundaryError>)>
where
    H: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let listener = TcpListener::bind((bind, 0)).await?;
    let address = listener.local_addr()?;
    let accept = async move { match answer_for_another(listener, handler).await {} };
    Ok((address, AbortOnDropHandle::new(tokio::spawn(accept))))
}

/// The way on to the real receiver.
pub(crate) struct Upstream {
    client: Client<HttpConnector, Body>,
    authority: Authority,
}

impl Upstream {
    /// To `host:port`, over HTTP/2 without TLS if `http2`, else over HTTP/1.1.
    pub(crate) fn new(endpoint: &str, http2: bool) -> Result<Self, hyper::http::uri::InvalidUri> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .http2_only(http2)
            .http1_max_headers(MOST_HEADERS)
            .http2_max_header_list_size(MOST_HEADER_BYTES)
            .build(connector);
        let authority = endpoint.parse()?;
        Ok(Self { client, authority })
    }

    /// Sends a request on with nothing changed but where it goes. The error says why there is no
    /// answer: what the tap then says must not look like one of the receiver.
    pub(crate) async fn forward(&self, request: Request<Body>) -> Result<Response<Body>, NoAnswer> {
        let (mut head, body) = request.into_parts();
        let mut uri = std::mem::take(&mut head.uri).into_parts();
        uri.scheme = Some(Scheme::HTTP);
        uri.authority = Some(self.authority.clone());
        head.uri = Uri::from_parts(uri).unwrap_or_default();
        head.version = hyper::Version::default();
        head.headers.remove(hyper::header::HOST);
        match self.client.request(Request::from_parts(head, body)).await {
            Ok(response) => Ok(response.map(BodyExt::boxed_unsync)),
            Err(error) => {
                let (to, reached) = (&self.authority, !error.is_connect());
                let reason = match reached {
                    true => format!("{to} broke off without an answer: {}", reason(&error)),
                    false => format!("the tap cannot reach {to}: {}", reason(&error)),
                };
                Err(NoAnswer { reached, reason })
            }
        }
    }
}

/// Why a tap has nothing to pass back.
pub(crate) struct NoAnswer {
    /// Whether somebody was there, and broke off.
    pub(crate) reached: bool,
    pub(crate) reason: String,
}

/// Every header, in the order of the wire as far as hyper keeps it: equal names stand together.
pub(crate) fn carrier_of(headers: &HeaderMap) -> Carrier {
    headers
        .iter()
        .map(|(name, value)| (name.as_str(), Bytes::copy_from_slice(value.as_bytes())))
        .collect()
}

/// A body that is all there.
pub(crate) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// An answer of the tap itself.
pub(crate) fn answer(status: StatusCode, reason: String) -> Response<Body> {
    let mut response = Response::new(full(reason));
    *response.status_mut() = status;
    response
}

/// The header by which our own senders know an answer of a tap that reached nobody from a refusal
/// by the receiver.
pub(crate) const REACHED_NOBODY: &str = "x-unbroken-tap-reached-nobody";

/// What a tap answers over HTTP where nobody else does.
pub(crate) fn bad_gateway(NoAnswer { reached, reason }: NoAnswer) -> Response<Body> {
    let mut response = answer(StatusCode::BAD_GATEWAY, reason);
    if !reached {
        let headers = response.headers_mut();
        headers.insert(REACHED_NOBODY, hyper::header::HeaderValue::from_static("1"));
    }
    response
}
