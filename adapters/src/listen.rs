//! A small HTTP server: what the direct boundaries receive with, and their taps listen with.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::sync::Arc;

use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Answers every request by `handler`, over HTTP/1.1 or HTTP/2 as the client likes, and never
/// ends by itself. Connections belong to this future: where it is dropped they are closed, so
/// that a client which kept one alive does not go on being served.
pub(crate) async fn answer<H, F, B>(listener: TcpListener, handler: H) -> Infallible
where
    H: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    serve(listener, server(), handler).await
}

/// The same, for somebody else who stands behind: what that one takes is taken, and nothing is
/// said that was not said there.
pub(crate) async fn answer_for_another<H, F, B>(listener: TcpListener, handler: H) -> Infallible
where
    H: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let mut server = server();
    server
        .http1()
        .max_headers(MOST_HEADERS)
        .auto_date_header(false);
    server
        .http2()
        .max_header_list_size(MOST_HEADER_BYTES)
        .auto_date_header(false);
    serve(listener, server, handler).await
}

/// More headers than anybody sends, and yet a bound: room for them is made for every request.
pub(crate) const MOST_HEADERS: usize = 512;
/// The same of HTTP/2, where they are counted in bytes.
pub(crate) const MOST_HEADER_BYTES: u32 = 1 << 20;

type Server = auto::Builder<TokioExecutor>;

fn server() -> Server {
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http1().timer(TokioTimer::new());
    server.http2().timer(TokioTimer::new());
    server
}

async fn serve<H, F, B>(listener: TcpListener, server: Server, handler: H) -> Infallible
where
    H: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let handler = Arc::new(handler);
    let mut connections = JoinSet::new();
    loop {
        // A failed accept concerns one client, which sees its connection closed.
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        // Without this a small answer waits for the acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        let (server, handler) = (server.clone(), Arc::clone(&handler));
        connections.spawn(async move {
            let service = service_fn(move |request| {
                let answer = handler(request);
                async move { Ok::<_, Infallible>(answer.await) }
            });
            // A client that breaks off is no failure of the server.
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        });
        while connections.try_join_next().is_some() {}
    }
}
