//! One port for every SDK.

mod answer;
pub(super) mod body;
mod grpc;
mod http;

use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;
use axum::routing::post;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::store::Store;

/// How long a request may be, once it is unpacked.
pub(super) const LIMIT: usize = 16 << 20;

/// An OTLP receiver: on one port it speaks gRPC and HTTP/1.1, the latter in protobuf and in JSON,
/// each of them packed with gzip or not.
///
/// Metrics and logs are thrown away with a friendly answer, since SDKs send them by default and
/// fill their logs with errors otherwise. Dropping it stops it; requests under way are answered.
#[derive(Debug)]
pub struct Receiver {
    local_addr: SocketAddr,
    guard: DropGuard,
    task: JoinHandle<()>,
}

/// A receiver that did not start.
#[derive(Debug, thiserror::Error)]
#[error("no OTLP receiver can listen on {address}: {reason}")]
pub struct ReceiverError {
    /// Where it was to listen.
    pub address: SocketAddr,
    /// What the system says.
    #[source]
    pub reason: std::io::Error,
}

impl Receiver {
    /// Listens on `port`, or on a free one if it is 0, and puts what comes into `store`.
    pub async fn start(bind: IpAddr, port: u16, store: Store) -> Result<Self, ReceiverError> {
        let address = SocketAddr::new(bind, port);
        let failed = |reason| ReceiverError { address, reason };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let local_addr = listener.local_addr().map_err(failed)?;
        // Answers are small, and an exporter waits for them.
        let listener = listener.tap_io(|connection| {
            if let Err(error) = connection.set_nodelay(true) {
                tracing::debug!(%error, "a connection keeps its delay");
            }
        });
        let stop = CancellationToken::new();
        let guard = stop.clone().drop_guard();
        let task = tokio::spawn(async move {
            let serving = axum::serve(listener, routes(store));
            if let Err(error) = serving.with_graceful_shutdown(stop.cancelled_owned()).await {
                tracing::error!(%error, "the OTLP receiver ended");
            }
        });
        Ok(Self {
            local_addr,
            guard,
            task,
        })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Stops, and waits until the requests under way are answered and the connections closed.
    pub async fn stop(self) {
        drop(self.guard);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the OTLP receiver ended");
        }
    }
}

fn routes(store: Store) -> Router {
    let mut router = Router::new().route("/v1/traces", post(http::traces)).route(
        "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        post(grpc::traces),
    );
    for signal in ["metrics", "logs"] {
        router = router.route(&format!("/v1/{signal}"), post(http::discard));
    }
    for service in ["metrics.v1.MetricsService", "logs.v1.LogsService"] {
        let path = format!("/opentelemetry.proto.collector.{service}/Export");
        router = router.route(&path, post(grpc::discard));
    }
    router
        .fallback(elsewhere)
        .method_not_allowed_fallback(elsewhere)
        .with_state(store)
}

/// An exporter that is pointed at a wrong path is told where it should go. Health checks and
/// browsers are told too, but they send nothing that could be lost.
async fn elsewhere(State(store): State<Store>, request: Request) -> Response {
    let asked = format!("{} {}", request.method(), request.uri().path());
    if request.method() == Method::POST {
        store.bad_payload(&format!("{asked} is not an address of OTLP"));
    }
    if grpc::is_grpc(&request) {
        grpc::unknown_method(&asked)
    } else {
        http::unknown_path(&asked)
    }
}

#[cfg(test)]
#[path = "receiver_tests.rs"]
mod tests;
