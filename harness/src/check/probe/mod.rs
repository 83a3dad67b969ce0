//! The downstream of the service: receives its calls, and keeps what stood on their carriers.
//!
//! Whatever boundary they come over, what is kept of them is bounded, and what nobody asked for is
//! only counted.

mod heard;
mod http;
mod listening;
mod unread;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;
use unbroken_adapters::{Address, Boundaries, BoundaryError, Handler, Serving};

use super::exchange::{Exchange, Header};
use heard::{Arrived, Heard, Telling};
pub use listening::{Listening, ListeningError};
pub use unread::{AllUnread, Unread};

/// A call of the service, as it stood on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its headers, in their order and as they are written.
    pub headers: Vec<Header>,
    /// Whether it is what was asked for: JSON, and over HTTP a POST of it.
    pub is_post_of_json: bool,
}

/// An endpoint of ours that the service calls. Dropping it closes it.
pub struct Probe {
    /// What the service is told to call, without what tells one call from another.
    address: Address,
    run: String,
    heard: Arc<Heard>,
    receiving: Receiving,
}

/// What keeps it going.
enum Receiving {
    Http { _task: AbortOnDropHandle<()> },
    Over(Serving),
}

/// Of one delivery of a queue: they are told apart one by one.
const AT_ONCE: usize = 100;

impl Probe {
    /// Listens for the calls of these exchanges and of no others. Unless the service is told what to
    /// call, it calls by itself. Who says nothing on a connection for `patience` is not listened to any
    /// longer.
    pub async fn start(
        listening: &Listening,
        boundaries: &Boundaries,
        run: String,
        exchanges: &[Exchange],
        is_told: bool,
        patience: Duration,
    ) -> Result<Self, ProbeError> {
        let heard = |telling| {
            let telling = match is_told {
                true => telling,
                false => Telling::WhateverShows,
            };
            Arc::new(Heard::of(&run, exchanges, telling))
        };
        if listening.at.scheme() == "http" {
            let heard = heard(Telling::Path);
            return Self::over_http(listening, run, heard, patience).await;
        }
        let heard = heard(Telling::Arguments);
        Self::over_any(listening, boundaries, run, heard).await
    }

    /// Byte by byte, as the wire has it.
    async fn over_http(
        listening: &Listening,
        run: String,
        heard: Arc<Heard>,
        patience: Duration,
    ) -> Result<Self, ProbeError> {
        let listener = TcpListener::bind(listening.at.endpoint()).await?;
        let bound = listening.bound(listener.local_addr()?)?;
        let listen = http::listen(listener, Arc::clone(&heard), patience);
        Ok(Self {
            address: listening.called(bound),
            run,
            heard,
            receiving: Receiving::Http {
                _task: AbortOnDropHandle::new(tokio::spawn(listen)),
            },
        })
    }

    /// By what receives there for everybody else, too.
    async fn over_any(
        listening: &Listening,
        boundaries: &Boundaries,
        run: String,
        heard: Arc<Heard>,
    ) -> Result<Self, ProbeError> {
        let boundary = boundaries.at(&listening.at)?;
        let address = listening.named(boundary.descriptor(), &run)?;
        boundary.declare(&address).await?;
        let keeper = Arc::clone(&heard);
        let handler: Handler = Arc::new(move |delivery| {
            for message in delivery.messages {
                keeper.keep(Arrived::from(message));
            }
            Box::pin(std::future::ready(Ok(())))
        });
        let serving = boundary.serve(&address, AT_ONCE, handler).await?;
        Ok(Self {
            address: listening.called(serving.address.clone()),
            run,
            heard,
            receiving: Receiving::Over(serving),
        })
    }

    /// Where the service is told to call.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// What the service is asked to do for one call: its place in the body of a request. Where calls
    /// are told apart by their paths there is nothing to say in `arguments`; elsewhere an element of the
    /// same form is handed on there, and nobody ever follows it.
    pub fn element(&self, exchange: &Exchange, call: usize) -> Value {
        let (run, name) = (&self.run, &exchange.name);
        match self.receiving {
            Receiving::Http { .. } => {
                let base = self.address.as_str().trim_end_matches('/');
                json!({ "url": format!("{base}/{run}/{name}/{call}"), "arguments": [] })
            }
            Receiving::Over(_) => {
                let marker =
                    json!([{ "url": format!("memory://{run}_{name}_{call}"), "arguments": [] }]);
                json!({ "url": self.address.as_str(), "arguments": marker })
            }
        }
    }

    /// What came so far for each call of an exchange.
    pub fn heard(&self, exchange: &Exchange) -> Vec<Vec<Call>> {
        self.heard.calls(exchange)
    }

    /// How many requests came that nobody had asked for, or more often than anybody would.
    pub fn surplus(&self) -> usize {
        self.heard.surplus()
    }

    /// What came and could not be read: over HTTP alone, where nobody else reads it for us.
    pub fn unread(&self) -> AllUnread {
        self.heard.unread()
    }

    /// Whether each call that came bears the name of its exchange.
    pub fn are_all_named(&self) -> bool {
        self.heard.are_all_named()
    }

    /// From now on, what does not show whose it is is of this exchange.
    pub fn is_tried_alone(&self, exchange: &Exchange) {
        self.heard.is_tried_alone(exchange);
    }

    /// Waits until each call of an exchange has come.
    pub async fn has_heard(&self, exchange: &Exchange) {
        let mut progress = self.progress();
        while self.heard(exchange).iter().any(Vec::is_empty) {
            // The sender lives as long as this probe.
            let _ = progress.changed().await;
        }
    }

    /// Wakes at each call that is one more of those that were asked for.
    pub fn progress(&self) -> watch::Receiver<usize> {
        self.heard.progress.subscribe()
    }

    /// Closes it; the error says why nothing could be received any more, if that was so.
    pub async fn close(self) -> Result<(), ProbeError> {
        match self.receiving {
            Receiving::Over(serving) if serving.task.is_finished() => match serving.task.await {
                Ok(error) => Err(error.into()),
                // It was told to end, by nobody but us.
                Err(_) => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

/// Why a probe cannot listen, or does not any more.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// The port cannot be had.
    #[error("the probe cannot listen: {0}")]
    Io(#[from] io::Error),
    /// The boundary does not let it.
    #[error("the probe: {0}")]
    Boundary(#[from] BoundaryError),
    /// It has no address of the form that it needs.
    #[error(transparent)]
    Listening(#[from] ListeningError),
}
