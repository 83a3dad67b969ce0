use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, Status, TraceContextExt};
use tokio::sync::watch;

use super::consequence::remote;
use super::protocol::Taking;
use super::{Core, Element, Listen, Problem, Progress, send};
use crate::{Boundary, BoundaryError, Delivery, Fault, Message, Refusal, Semantics, Serving, Side};

/// Receives at one address, which has this place among those of the service.
pub(super) async fn serve(
    core: Arc<Core>,
    place: usize,
    listen: Listen,
) -> Result<Serving, BoundaryError> {
    let boundary = Arc::clone(core.boundaries.at(&listen.address)?);
    let address = match listen.fault {
        Some(Fault::NotAsked) => listen.address.with_param("ask", "nothing"),
        _ => listen.address.clone(),
    };
    let max_messages = match listen.taking {
        Taking::Together(messages) => usize::from(messages),
        _ => 1,
    };
    let receiver = Arc::new(Receiver {
        core,
        boundary: Arc::clone(&boundary),
        place,
        listen,
        waiting: Mutex::default(),
        has_failed: AtomicBool::new(false),
        last_run: Mutex::default(),
    });
    let handler = Arc::new(move |delivery: Delivery| {
        let receiver = Arc::clone(&receiver);
        async move { receiver.take(delivery.messages).await }.boxed()
    });
    boundary.serve(&address, max_messages, handler).await
}

pub(super) struct Receiver {
    pub(super) core: Arc<Core>,
    pub(super) boundary: Arc<dyn Boundary>,
    place: usize,
    pub(super) listen: Listen,
    /// Messages that wait for the others that they are to be taken with.
    waiting: Mutex<Vec<Message>>,
    /// Whether the attempt that is to fail has been made.
    has_failed: AtomicBool,
    /// What the mistake is made with that continues an earlier run.
    pub(super) last_run: Mutex<Option<SpanContext>>,
}

impl Receiver {
    /// Takes what arrives as it is to be taken.
    async fn take(self: Arc<Self>, messages: Vec<Message>) -> Result<(), Refusal> {
        let busy = Busy::with(&self.core, self.place, messages.len());
        match self.listen.taking {
            Taking::Together(all) => match self.together(messages, all) {
                Some(messages) => self.account(&messages).await.map_err(Refusal::Failed),
                None => Ok(()),
            },
            Taking::AfterFailing if !self.has_failed.swap(true, Ordering::Relaxed) => {
                Err(Refusal::Again(self.fail(&messages, "not yet")))
            }
            Taking::Each | Taking::AfterFailing | Taking::Held => {
                self.account(&messages).await.map_err(Refusal::Failed)
            }
            Taking::Rejecting => Err(Refusal::Rejected(self.fail(&messages, "not this one"))),
            Taking::InBackground => {
                let arrived = self.arrived(&messages);
                let cx = self.consequence(&messages, &arrived);
                let this = Arc::clone(&self);
                tokio::spawn({
                    let cx = cx.clone();
                    async move {
                        let _busy = busy;
                        // Whoever called has its answer: the problem is reported.
                        let _ = this.work(&messages, &cx, &arrived).await;
                    }
                });
                self.end(&cx, &Ok(()));
                Ok(())
            }
        }
    }

    /// All messages that are to be taken together, once the last has come.
    fn together(&self, messages: Vec<Message>, all: u16) -> Option<Vec<Message>> {
        let waiting = self.waiting.lock();
        let mut waiting = waiting.unwrap_or_else(PoisonError::into_inner);
        waiting.extend(messages);
        (waiting.len() >= usize::from(all)).then(|| mem::take(&mut *waiting))
    }

    /// Makes the span that accounts for messages, and does the work under it.
    async fn account(&self, messages: &[Message]) -> Result<(), String> {
        let arrived = self.arrived(messages);
        if self.listen.fault == Some(Fault::Unhooked) {
            return self.work(messages, &Context::new(), &arrived).await;
        }
        let cx = self.consequence(messages, &arrived);
        if self.listen.fault == Some(Fault::Doubled) {
            // The other instrumentation's span: beside this one, with nothing below it.
            self.consequence(messages, &arrived).span().end();
        }
        if self.listen.fault == Some(Fault::LeftOutside) {
            self.end(&cx, &Ok(()));
        }
        if self.listen.taking == Taking::Held {
            // The sender lives as long as this service.
            let _ = self
                .core
                .released
                .subscribe()
                .wait_for(|released| *released)
                .await;
        }
        let outcome = self.work(messages, &cx, &arrived).await;
        self.end(&cx, &outcome);
        outcome
    }

    /// Makes the span of an attempt that comes to nothing, and says why it does.
    fn fail(&self, messages: &[Message], why: &str) -> String {
        let cx = self.consequence(messages, &self.arrived(messages));
        self.end(&cx, &Err(why.to_owned()));
        why.to_owned()
    }

    fn end(&self, cx: &Context, outcome: &Result<(), String>) {
        let span = cx.span();
        match outcome {
            Ok(()) => span.set_attributes(self.semantics().on_success),
            Err(reason) => span.set_status(Status::error(reason.clone())),
        }
        span.end();
    }

    pub(super) fn semantics(&self) -> Semantics {
        let address = &self.listen.address;
        self.boundary.semantics(address, Side::Consequence)
    }

    pub(super) fn is_messaging(&self) -> bool {
        self.boundary.descriptor().is_messaging()
    }

    /// What a real handler would do: some work of its own for each message of a stream, or for
    /// all that it takes together, and the next hops.
    async fn work(
        &self,
        messages: &[Message],
        cx: &Context,
        arrived: &[SpanContext],
    ) -> Result<(), String> {
        let arrived = remote(arrived.first());
        let under = match self.listen.fault {
            Some(Fault::LostInside | Fault::StreamUnattended | Fault::LeftOutside) => {
                Context::new()
            }
            Some(Fault::ExtractedLate) => arrived.clone(),
            _ => cx.clone(),
        };
        let at_once = if self.is_messaging() {
            messages.len()
        } else {
            1
        };
        let mut outcome = Ok(());
        for messages in messages.chunks(at_once.max(1)) {
            let handled = self.handle(messages, &under, &arrived).await;
            outcome = outcome.and(handled);
        }
        outcome
    }

    async fn handle(
        &self,
        messages: &[Message],
        under: &Context,
        arrived: &Context,
    ) -> Result<(), String> {
        let cx = self.core.internal("handle", under);
        let mut outcome = Ok(());
        // What was sent several times says the same several times, and is done once.
        let mut done: Vec<&Message> = Vec::new();
        for message in messages {
            if done.iter().any(|done| done.body == message.body) {
                continue;
            }
            done.push(message);
            let elements = Element::list(&message.body)
                .map_err(|error| format!("the body is no list of url and arguments: {error}"));
            let sent = match elements {
                Ok(elements) => send::send_all(&self.core, &elements, &cx, arrived, None)
                    .await
                    .map_err(|error| self.report(error)),
                Err(reason) => Err(reason),
            };
            outcome = outcome.and(sent);
        }
        cx.span().end();
        outcome
    }

    /// Tells the one who runs this service: over a queue nobody waits for an answer.
    fn report(&self, error: BoundaryError) -> String {
        let reason = error.to_string();
        let service = self.core.name.clone();
        // If nobody listens any more, the run is over.
        let _ = self.core.problems.send(Problem { service, error });
        reason
    }
}

/// Counts a delivery for as long as it is worked on, however that ends.
struct Busy(watch::Sender<Progress>);

impl Busy {
    fn with(core: &Core, place: usize, messages: usize) -> Self {
        core.progress.send_modify(|progress| {
            progress.busy += 1;
            progress.taken[place] += messages;
        });
        Self(core.progress.clone())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.send_modify(|progress| progress.busy -= 1);
    }
}
