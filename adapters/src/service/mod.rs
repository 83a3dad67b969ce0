//! The reference service: a participant of ours, on every boundary at once.
//!
//! It speaks the protocol of the W3C trace-context test suite, generalised to every scheme: a
//! message's body is a list of [`Element`]s, and each of them is sent on. It makes the spans that
//! the semantic conventions ask for, and can be told to make the mistakes that are to be found.

mod consequence;
mod luggage;
mod propagation;
mod protocol;
mod receive;
mod send;

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::future::try_join_all;
use futures::stream::FuturesUnordered;
use opentelemetry::trace::{Span as _, SpanKind, TraceContextExt, Tracer, TracerProvider as _};
use opentelemetry::{Context, TraceId};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

pub use luggage::Luggage;
pub use protocol::{Element, Listen, SenderOptions, Sending, Taking};

use crate::{Address, Boundaries, BoundaryError, Format, Serving};
use propagation::Propagation;

/// What a reference service is to be.
#[derive(Clone)]
pub struct Config {
    /// Its `service.name`; the provider's resource says the same.
    pub name: String,
    /// Where it receives.
    pub listen: Vec<Listen>,
    /// Makes its spans, and exports them wherever the one who starts it wants them.
    pub provider: SdkTracerProvider,
    /// The clients it sends and receives with.
    pub boundaries: Boundaries,
    /// The formats that it speaks. It sends all of them, and of what arrives the first that says
    /// anything counts.
    pub formats: Vec<Format>,
    /// How long one send may take.
    pub send_timeout: Duration,
    /// Where it says what went wrong while nobody was waiting for its answer.
    pub problems: mpsc::UnboundedSender<Problem>,
}

/// Something that the reference service could not do.
#[derive(Debug, thiserror::Error)]
#[error("{service} could not send: {error}")]
pub struct Problem {
    /// Which service.
    pub service: String,
    /// What happened.
    pub error: BoundaryError,
}

/// A running reference service. Dropping it ends its receiving.
pub struct Service {
    core: Arc<Core>,
    serving: Vec<Serving>,
}

/// What receiving and sending share.
struct Core {
    name: String,
    tracer: SdkTracer,
    boundaries: Boundaries,
    propagation: Propagation,
    send_timeout: Duration,
    problems: mpsc::UnboundedSender<Problem>,
    progress: watch::Sender<Progress>,
    /// Whether those who are held may go on.
    released: watch::Sender<bool>,
}

/// What a reference service has done so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many deliveries are being worked on.
    pub busy: usize,
    /// How many messages it took at each address, in the order of the configuration; what came
    /// again is counted again.
    pub taken: Vec<usize>,
}

impl Core {
    /// Begins a span of work inside of the service.
    fn internal(&self, name: &'static str, under: &Context) -> Context {
        let span = self.tracer.span_builder(name);
        let span = span.with_kind(SpanKind::Internal);
        under.with_span(span.start_with_context(&self.tracer, under))
    }
}

impl Service {
    /// Starts receiving at every address of `config.listen`; all are ready when this returns.
    pub async fn start(config: Config) -> Result<Self, BoundaryError> {
        let core = Arc::new(Core {
            name: config.name,
            tracer: config.provider.tracer("unbroken.reference-service"),
            boundaries: config.boundaries,
            propagation: Propagation::of(config.formats),
            send_timeout: config.send_timeout,
            problems: config.problems,
            released: watch::Sender::new(false),
            progress: watch::Sender::new(Progress {
                taken: vec![0; config.listen.len()],
                ..Progress::default()
            }),
        });
        let serving = config
            .listen
            .into_iter()
            .enumerate()
            .map(|(place, listen)| receive::serve(Arc::clone(&core), place, listen));
        let serving = try_join_all(serving).await?;
        Ok(Self { core, serving })
    }

    /// Where it listens, in the order of the configuration, with the ports that it got.
    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.serving.iter().map(|serving| &serving.address)
    }

    /// Begins a story: makes a root span of this name, and sends every element under it with the
    /// luggage. Comes back with the trace, and with the first error, once everything is handed over:
    /// however many elements hang, after half as long again as one send may take, so that whoever
    /// waits for twice as long learns which of them it was.
    pub async fn enter(
        &self,
        name: &str,
        luggage: &Luggage,
        elements: &[Element],
    ) -> (TraceId, Result<(), BoundaryError>) {
        let root = self
            .core
            .tracer
            .span_builder(name.to_owned())
            .with_kind(SpanKind::Internal)
            .start_with_context(&self.core.tracer, &luggage.origin());
        let trace = root.span_context().trace_id();
        let cx = Context::new().with_span(root);
        let cx = cx.with_value(luggage.carried(&cx));
        let until = Instant::now() + self.core.send_timeout * 3 / 2;
        let outcome = send::send_all(&self.core, elements, &cx, &Context::new(), Some(until)).await;
        cx.span().end();
        (trace, outcome)
    }

    /// Its `service.name`.
    pub fn name(&self) -> &str {
        &self.core.name
    }

    /// What it has done, as it goes on.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.core.progress.subscribe()
    }

    /// Lets those go on who are held ([`Taking::Held`]).
    pub fn release(&self) {
        self.core.released.send_replace(true);
    }

    /// Waits until this many messages have arrived at all, and no delivery is being worked on:
    /// every span of theirs is ended.
    pub async fn idle_after(&self, messages: usize) {
        let mut progress = self.progress();
        let taken = |progress: &Progress| progress.taken.iter().sum::<usize>();
        // The sender lives as long as this service.
        let _ = progress
            .wait_for(|progress| taken(progress) >= messages && progress.busy == 0)
            .await;
    }

    /// Waits until receiving has become impossible somewhere; forever, if all goes well.
    pub async fn failure(&mut self) -> BoundaryError {
        let tasks = self.serving.iter_mut().map(|serving| &mut serving.task);
        let mut tasks: FuturesUnordered<_> = tasks.collect();
        loop {
            match tasks.next().await {
                Some(Ok(error)) => return error,
                // A receiver that panicked delivers nothing more: the deadline will say so.
                Some(Err(_)) => {}
                None => std::future::pending().await,
            }
        }
    }
}
