//! A subject that plays any part on a route over HTTP.
//!
//! What arrives is a JSON list, `[{"url": …, "arguments": …}]`; the arguments of each element are POSTed to its url. HTTP is
//! served on port 8080.
//!
//! OpenTelemetry has no instrumentation of axum or reqwest that a service would only have to switch on: what comes in is
//! extracted, and what goes out is injected, by hand, as its own examples do, and always by its own propagators.

mod tracing;

use std::error::Error;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use opentelemetry::Context;
use opentelemetry::trace::SpanKind;
use reqwest::Client;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let provider = tracing::start()?;
    serve()?;
    Ok(provider.shutdown()?)
}

#[tokio::main]
async fn serve() -> Result<(), Failure> {
    let listener = TcpListener::bind("0.0.0.0:8080").await?;
    let mut asked_to_end = signal(SignalKind::terminate())?;
    let service = Router::new().fallback(take).with_state(Client::new());
    println!("ready");
    tokio::select! {
        ended = axum::serve(listener, service) => Ok(ended?),
        _ = asked_to_end.recv() => Ok(()),
    }
}

async fn take(
    State(client): State<Client>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(), (StatusCode, String)> {
    let cause = tracing::extract(&headers);
    let done = tracing::within(&cause, SpanKind::Server, "take", |here| {
        forward(client, here, body)
    });
    done.await
        .map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

/// Takes this service's elements off a route, and sends the rest on.
async fn forward(client: Client, here: Context, body: Bytes) -> Result<(), Failure> {
    let route: Value = match body.is_empty() {
        true => Value::Array(Vec::new()),
        false => serde_json::from_slice(&body)?,
    };
    for call in route.as_array().ok_or("not a list")? {
        let url = call["url"].as_str().ok_or("an element without a url")?;
        let arguments = call["arguments"].to_string();
        let post = |here| post(&client, here, url, arguments);
        tracing::within(&here, SpanKind::Client, "POST", post).await?;
    }
    Ok(())
}

async fn post(client: &Client, here: Context, url: &str, body: String) -> Result<(), Failure> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    tracing::inject(&here, &mut headers);
    client
        .post(url)
        .headers(headers)
        .body(body)
        .send()
        .await?
        .bytes()
        .await?;
    Ok(())
}
