use std::sync::Arc;

use futures::FutureExt;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{Link, SpanContext, SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};
use tokio::sync::watch;

use super::{Core, Element, Fault, Listen, Problem, send};
use crate::w3c::Propagator;
use crate::{Boundary, BoundaryError, Delivery, Message, Relation, Semantics, Serving, Side};

/// Receives at one address.
pub(super) async fn serve(core: Arc<Core>, listen: Listen) -> Result<Serving, BoundaryError> {
    let boundary = Arc::clone(core.boundaries.at(&listen.address)?);
    let (address, max_messages) = (listen.address.clone(), listen.max_messages);
    let receiver = Arc::new(Receiver {
        core,
        boundary: Arc::clone(&boundary),
        listen,
    });
    let handler = Arc::new(move |delivery: Delivery| {
        let receiver = Arc::clone(&receiver);
        async move { receiver.receive(delivery).await }.boxed()
    });
    boundary.serve(&address, max_messages, handler).await
}

struct Receiver {
    core: Arc<Core>,
    boundary: Arc<dyn Boundary>,
    listen: Listen,
}

impl Receiver {
    /// Makes the span that accounts for the delivery, and does the work under it.
    async fn receive(&self, delivery: Delivery) -> Result<(), String> {
        let _busy = Busy::new(&self.core.busy);
        let semantics = self
            .boundary
            .semantics(&self.listen.address, Side::Consequence);
        let on_success = semantics.on_success.clone();
        let cx = self.consequence(semantics, &delivery.messages);
        let outcome = self.work(&delivery.messages, &cx).await;
        let span = cx.span();
        match &outcome {
            Ok(()) => span.set_attributes(on_success),
            Err(reason) => span.set_status(Status::error(reason.clone())),
        }
        span.end();
        outcome
    }

    /// The span of the receiving side, tied to what arrived as the route wants it.
    fn consequence(&self, semantics: Semantics, messages: &[Message]) -> Context {
        let causes = self.creation_contexts(messages);
        let relation = self.relation(messages.len());
        let is_child = matches!(
            relation,
            Relation::Child | Relation::ChildAndLink | Relation::Either
        );
        let is_linked = matches!(
            relation,
            Relation::Link | Relation::ChildAndLink | Relation::Either
        );
        let parent = match causes.first() {
            Some(cause) if is_child => Context::new().with_remote_span_context(cause.clone()),
            _ => Context::new(),
        };
        let mut span = self
            .core
            .tracer
            .span_builder(semantics.name)
            .with_kind(semantics.kind)
            .with_attributes(semantics.attributes);
        if messages.len() > 1 {
            let count = i64::try_from(messages.len()).unwrap_or(i64::MAX);
            let count = KeyValue::new("messaging.batch.message_count", count);
            span.attributes.get_or_insert_default().push(count);
        }
        if is_linked && self.boundary.descriptor().is_messaging() {
            span = span.with_links(causes.into_iter().map(Link::with_context).collect());
        }
        parent.with_span(span.start_with_context(&self.core.tracer, &parent))
    }

    /// A span that accounts for several messages can be the child of none of them.
    fn relation(&self, messages: usize) -> Relation {
        match self.listen.relation {
            Relation::Root => Relation::Root,
            _ if messages > 1 => Relation::Link,
            declared => declared,
        }
    }

    /// What the messages say of where they come from, each distinct context once.
    fn creation_contexts(&self, messages: &[Message]) -> Vec<SpanContext> {
        let mut contexts = Vec::new();
        if self.listen.fault == Some(Fault::NotExtracted) {
            return contexts;
        }
        for message in messages {
            let cx = Propagator.extract_with_context(&Context::new(), &message.carrier);
            let context = cx.span().span_context().clone();
            if context.is_valid() && !contexts.contains(&context) {
                contexts.push(context);
            }
        }
        contexts
    }

    /// What a real handler would do: some work of its own, and the next hops.
    async fn work(&self, messages: &[Message], cx: &Context) -> Result<(), String> {
        let cx = match self.listen.fault {
            Some(Fault::LostInside) => &Context::new(),
            _ => cx,
        };
        let span = self
            .core
            .tracer
            .span_builder("handle")
            .with_kind(SpanKind::Internal)
            .start_with_context(&self.core.tracer, cx);
        let cx = cx.with_span(span);
        let mut outcome = Ok(());
        for message in messages {
            let elements = Element::list(&message.body)
                .map_err(|error| format!("the body is no list of url and arguments: {error}"));
            let sent = match elements {
                Ok(elements) => send::send_all(&self.core, &elements, &cx)
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
struct Busy<'a>(&'a watch::Sender<usize>);

impl<'a> Busy<'a> {
    fn new(busy: &'a watch::Sender<usize>) -> Self {
        busy.send_modify(|deliveries| *deliveries += 1);
        Self(busy)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|deliveries| *deliveries -= 1);
    }
}
