//! gRPC: context in the metadata of a call, unary or client-streaming. `route.proto` beside this file is the contract
//! for services in other languages.

mod carrier;
mod channels;

use std::error::Error;
use std::mem;
use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::BoxFuture;
use hyper::Request;
use hyper::body::Incoming;
use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;
use tonic::codegen::http::Response;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::MetadataValue;
use tonic::{Code, Extensions, Status, Streaming};
use tonic_prost::ProstCodec;

use crate::boundary::{
    Boundary, BoundaryError, Capabilities, Delivery, Descriptor, Handler, Limits, Medium, Message,
    Receipt, Refusal, Semantics, Serving, Side,
};
use crate::reason::{reason, short};
use crate::tap::request::OnRequests;
use crate::tap::{Recorder, Tap, proxy};
use crate::{Address, Carrier, Relation};

use self::carrier::{carrier_of, metadata_of, value_of};
use self::channels::Channels;

/// Calls over HTTP/2 without TLS: one for each message, or one for a stream of them.
#[derive(Default)]
pub struct Grpc {
    channels: Channels,
}

/// What a call carries; see `route.proto`.
#[derive(Clone, PartialEq, prost::Message)]
struct Route {
    #[prost(bytes = "bytes", tag = "1")]
    arguments: Bytes,
}

static DESCRIPTOR: Descriptor = Descriptor {
    name: "gRPC",
    scheme: "grpc",
    carrier: "metadata",
    specified: None,
    medium: Medium::Direct,
    default_relation: Relation::Child,
    address: "grpc://{endpoint}/unbroken.{hop}/Take",
    capabilities: Capabilities {
        repeated_names: true,
        binary_values: true,
        binary_suffix: Some("-bin"),
        empty_values: true,
        batches: true,
        redelivery: false,
        dead_letters: false,
        fan_out: false,
    },
    resend_count: None,
    seen_when_taken: false,
    limits: Limits {
        entries: None,
        // What implementations accept by default; it is advisory, and each may say otherwise.
        bytes: Some(8 << 10),
    },
};

/// Of a stream, which is all read before it is handed over.
const MOST_MESSAGES: usize = 10_000;
const MOST_BYTES: usize = 16 << 20;

#[async_trait]
impl Boundary for Grpc {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    /// [gRPC spans](https://opentelemetry.io/docs/specs/semconv/rpc/grpc/).
    fn semantics(&self, address: &Address, side: Side) -> Semantics {
        let method = address.path().trim_start_matches('/').to_owned();
        let mut attributes = vec![
            KeyValue::new("rpc.system.name", "grpc"),
            KeyValue::new("rpc.method", method.clone()),
            KeyValue::new("server.address", address.host().to_owned()),
        ];
        if let Some(port) = address.port() {
            attributes.push(KeyValue::new("server.port", i64::from(port)));
        }
        let (kind, on_success) = match side {
            Side::Cause => (SpanKind::Client, Vec::new()),
            Side::Consequence => (SpanKind::Server, vec![status_code_ok()]),
        };
        Semantics {
            name: method,
            kind,
            attributes,
            on_success,
        }
    }

    fn place(&self, address: &Address) -> String {
        address.path().trim_start_matches('/').to_owned()
    }

    async fn declare(&self, _address: &Address) -> Result<(), BoundaryError> {
        Ok(())
    }

    async fn send(&self, address: &Address, message: Message) -> Result<Receipt, BoundaryError> {
        let Message { carrier, body } = message;
        self.call(address, &carrier, vec![body]).await
    }

    /// One call, with all messages in its stream: it has metadata once, and so they must agree.
    async fn send_all(
        &self,
        address: &Address,
        messages: Vec<Message>,
    ) -> Result<Receipt, BoundaryError> {
        let Some(carrier) = messages.first().map(|first| first.carrier.clone()) else {
            return Ok(Receipt::default());
        };
        if messages.iter().any(|message| message.carrier != carrier) {
            let why = "the messages of one stream have one carrier";
            return Err(refused(address, why.to_owned()));
        }
        let bodies = messages.into_iter().map(|message| message.body);
        self.call(address, &carrier, bodies.collect()).await
    }

    async fn serve(
        &self,
        address: &Address,
        _max_messages: usize,
        handler: Handler,
    ) -> Result<Serving, BoundaryError> {
        let path = method_of(address)?;
        let listener = TcpListener::bind(address.endpoint()).await;
        let listener = listener.map_err(|error| unreachable_server(address, &error))?;
        let local = listener.local_addr();
        let local = local.map_err(|error| unreachable_server(address, &error))?;
        let bound = address.behind(&format!("{}:{}", address.host(), local.port()))?;
        let answer = move |request| answer(request, path.clone(), Arc::clone(&handler));
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
            http2: true,
            place: |request| request.uri().path().trim_start_matches('/').to_owned(),
            carrier_of,
            value_of,
            no_answer: |none| {
                let mut status = Status::unavailable(none.reason);
                if !none.reached {
                    let metadata = status.metadata_mut();
                    metadata.insert(proxy::REACHED_NOBODY, MetadataValue::from_static("1"));
                }
                status.into_http()
            },
        };
        requests.tap(address, bind, recorder).await
    }
}

impl Grpc {
    /// A call of one message is the same on the wire, be the method declared as a stream or not.
    async fn call(
        &self,
        address: &Address,
        carrier: &Carrier,
        bodies: Vec<Bytes>,
    ) -> Result<Receipt, BoundaryError> {
        let path = method_of(address)?;
        let metadata = metadata_of(carrier).map_err(|why| refused(address, why))?;
        let routes = bodies.into_iter().map(|arguments| Route { arguments });
        let routes = futures::stream::iter(routes);
        let request = tonic::Request::from_parts(metadata, Extensions::default(), routes);
        let endpoint = address.endpoint();
        let channel = self.channels.to(&endpoint);
        let channel = channel.map_err(|error| unreachable_server(address, &error))?;
        let mut client = tonic::client::Grpc::new(channel);
        // Without `ready` a call on a busy channel panics.
        if let Err(error) = client.ready().await {
            self.channels.forget(&endpoint);
            return Err(unreachable_server(address, &error));
        }
        let codec = ProstCodec::<Route, ()>::default();
        match client.client_streaming(request, path, codec).await {
            Ok(_) => Ok(Receipt {
                attributes: vec![status_code_ok()],
            }),
            // A status that was made here, out of an error of the transport, has a source; one
            // that came over the wire has none.
            Err(status) => match status.source() {
                Some(error) => {
                    self.channels.forget(&endpoint);
                    Err(unreachable_server(address, error))
                }
                None => Err(told(address, &status)),
            },
        }
    }
}

/// What a status that came over the wire means.
fn told(address: &Address, status: &Status) -> BoundaryError {
    match status.code() {
        _ if status.metadata().contains_key(proxy::REACHED_NOBODY) => {
            unreachable_because(address, said(status))
        }
        Code::Unavailable => BoundaryError::Again {
            boundary: DESCRIPTOR.name,
            address: address.clone(),
            reason: said(status),
        },
        _ => refused(address, said(status)),
    }
}

async fn answer(
    request: Request<Incoming>,
    path: PathAndQuery,
    handler: Handler,
) -> Response<tonic::body::Body> {
    if request.uri().path() != path.path() {
        return Status::unimplemented(format!("only {path} is served")).into_http();
    }
    let take = Take {
        carrier: carrier_of(request.headers()),
        handler,
    };
    let codec = ProstCodec::<(), Route>::default();
    tonic::server::Grpc::new(codec)
        .client_streaming(take, request)
        .await
}

/// One call, whose messages are still to be read.
struct Take {
    carrier: Carrier,
    handler: Handler,
}

impl tonic::server::ClientStreamingService<Route> for Take {
    type Response = ();
    type Future = BoxFuture<'static, Result<tonic::Response<()>, Status>>;

    /// Hands over all messages at once, each with the metadata of the call.
    fn call(&mut self, request: tonic::Request<Streaming<Route>>) -> Self::Future {
        let (carrier, handler) = (mem::take(&mut self.carrier), Arc::clone(&self.handler));
        Box::pin(async move {
            let messages = all_of(request.into_inner(), &carrier).await?;
            let outcome = handler(Delivery { messages }).await;
            let outcome = outcome.map_err(|refusal| status_of(&refusal));
            outcome.map(tonic::Response::new)
        })
    }
}

/// The messages of a stream. There is at least one.
async fn all_of(mut routes: Streaming<Route>, carrier: &Carrier) -> Result<Vec<Message>, Status> {
    let mut messages = Vec::new();
    let mut bytes = 0;
    while let Some(Route { arguments: body }) = routes.message().await? {
        bytes += body.len();
        if messages.len() == MOST_MESSAGES || bytes > MOST_BYTES {
            let most =
                format!("a stream has {MOST_MESSAGES} messages and {MOST_BYTES} bytes at most");
            return Err(Status::resource_exhausted(most));
        }
        let carrier = carrier.clone();
        messages.push(Message { carrier, body });
    }
    match messages.is_empty() {
        true => Err(Status::invalid_argument("the stream holds no message")),
        false => Ok(messages),
    }
}

/// The path `/package.Service/Method` of an address.
fn method_of(address: &Address) -> Result<PathAndQuery, BoundaryError> {
    let unusable = || BoundaryError::Address {
        boundary: DESCRIPTOR.name,
        address: address.clone(),
        reason: "its path is not /package.Service/Method",
    };
    if address.segments().count() != 2 {
        return Err(unusable());
    }
    address.path().parse().map_err(|_| unusable())
}

fn status_of(refusal: &Refusal) -> Status {
    let why = short(&refusal.to_string());
    match refusal {
        Refusal::Again(_) => Status::unavailable(why),
        Refusal::Failed(_) | Refusal::Rejected(_) => Status::internal(why),
    }
}

/// Required by the conventions on both sides.
fn status_code_ok() -> KeyValue {
    KeyValue::new("rpc.response.status_code", "OK")
}

fn said(status: &Status) -> String {
    let code: Code = status.code();
    format!("{code:?} {}", short(status.message()))
}

fn refused(address: &Address, reason: String) -> BoundaryError {
    BoundaryError::Refused {
        boundary: DESCRIPTOR.name,
        address: address.clone(),
        reason,
    }
}

fn unreachable_server(address: &Address, error: &dyn Error) -> BoundaryError {
    unreachable_because(address, reason(error))
}

fn unreachable_because(address: &Address, reason: String) -> BoundaryError {
    BoundaryError::Unreachable {
        boundary: DESCRIPTOR.name,
        address: address.clone(),
        reason,
    }
}
