use std::sync::Arc;

use futures::FutureExt;
use opentelemetry::trace::{
    Link, Span as _, SpanContext, SpanKind, Status, TraceContextExt, Tracer,
};
use opentelemetry::{Context, KeyValue};
use tokio::sync::watch;

use super::{Core, Element, Listen, Problem, send};
use crate::w3c::BAGGAGE;
use crate::{
    Boundary, BoundaryError, Delivery, Fault, Message, Refusal, Relation, Semantics, Serving, Side,
};

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
    async fn receive(&self, delivery: Delivery) -> Result<(), Refusal> {
        let _busy = Busy::new(&self.core.busy);
        let arrived = self.arrived(&delivery.messages);
        let causes = self.causes(&arrived);
        let cx = self.consequence(delivery.messages.len(), &causes);
        let cx = self.carrying_on(cx, &delivery.messages);
        if self.listen.fault == Some(Fault::Doubled) {
            // The other instrumentation's span: beside this one, with nothing below it.
            self.consequence(delivery.messages.len(), &causes)
                .span()
                .end();
        }
        let arrived = remote(arrived.first());
        let under = match self.listen.fault {
            Some(Fault::LostInside) => Context::new(),
            Some(Fault::ExtractedLate) => arrived.clone(),
            _ => cx.clone(),
        };
        let outcome = self.work(&delivery.messages, &under, &arrived).await;
        let span = cx.span();
        match &outcome {
            Ok(()) => span.set_attributes(self.semantics().on_success),
            Err(reason) => span.set_status(Status::error(reason.clone())),
        }
        span.end();
        outcome.map_err(Refusal::Failed)
    }

    /// The span of the receiving side, tied to its causes as the route wants it.
    fn consequence(&self, messages: usize, causes: &[SpanContext]) -> Context {
        let relation = self.relation(messages);
        let is_child = matches!(
            relation,
            Relation::Child | Relation::ChildAndLink | Relation::Either
        );
        let is_linked = matches!(
            relation,
            Relation::Link | Relation::ChildAndLink | Relation::Either
        );
        let parent = remote(causes.first().filter(|_| is_child));
        let semantics = self.semantics();
        let mut span = self
            .core
            .tracer
            .span_builder(semantics.name)
            .with_kind(semantics.kind)
            .with_attributes(semantics.attributes);
        if messages > 1 {
            let count = i64::try_from(messages).unwrap_or(i64::MAX);
            let count = KeyValue::new("messaging.batch.message_count", count);
            span.attributes.get_or_insert_default().push(count);
        }
        if is_linked && (self.is_messaging() || relation == Relation::Link) {
            span = span.with_links(causes.iter().cloned().map(Link::with_context).collect());
        }
        parent.with_span(span.start_with_context(&self.core.tracer, &parent))
    }

    /// A span that accounts for several messages can be the child of none of them.
    fn relation(&self, messages: usize) -> Relation {
        match (self.listen.relation, self.listen.fault) {
            (Relation::Root, _) => Relation::Root,
            _ if messages > 1 => Relation::Link,
            (Relation::Link, Some(Fault::WrongRelation)) => Relation::Child,
            (_, Some(Fault::WrongRelation)) => Relation::Link,
            (declared, _) => declared,
        }
    }

    /// What the messages say of where they come from, each distinct context once.
    fn arrived(&self, messages: &[Message]) -> Vec<SpanContext> {
        let mut contexts = Vec::new();
        for message in messages {
            let context = self.core.propagation.extract(&message.carrier);
            let context = context.and_then(|context| self.understood(context));
            contexts.extend(context.filter(|context| !contexts.contains(context)));
        }
        contexts
    }

    /// What is made of a context that is valid: the same, unless a mistake is to be made.
    fn understood(&self, context: SpanContext) -> Option<SpanContext> {
        let flags = context.trace_flags();
        match self.listen.fault {
            Some(Fault::FlagsRejected) if flags.to_u8() > 1 => None,
            Some(Fault::DecidedAnew) => Some(SpanContext::new(
                context.trace_id(),
                context.span_id(),
                flags.with_sampled(!flags.is_sampled()),
                true,
                context.trace_state().clone(),
            )),
            _ => Some(context),
        }
    }

    /// The context of the work, with what it carries on beside its span: only within one trace,
    /// as a new one inherits nothing.
    fn carrying_on(&self, cx: Context, messages: &[Message]) -> Context {
        let relation = self.relation(messages.len());
        match messages {
            [message] if !matches!(relation, Relation::Link | Relation::Root) => {
                let carried = match self.listen.fault {
                    Some(Fault::LastBaggage) => {
                        let last = message.carrier.all(BAGGAGE).last();
                        let others = message.carrier.iter().filter(|(name, _)| *name != BAGGAGE);
                        let read = others.chain(last.map(|value| (BAGGAGE, value)));
                        let read = read.map(|(name, value)| (name, value.clone())).collect();
                        self.core.propagation.carried(&read)
                    }
                    _ => self.core.propagation.carried(&message.carrier),
                };
                cx.with_value(carried)
            }
            _ => cx,
        }
    }

    /// What the receiver takes for its causes: what arrived, unless a mistake is to be made.
    fn causes(&self, arrived: &[SpanContext]) -> Vec<SpanContext> {
        match (self.listen.fault, arrived.first()) {
            (Some(Fault::NotExtracted | Fault::Erased | Fault::ExtractedLate), _) => Vec::new(),
            (Some(Fault::WrongParent), Some(_)) => {
                let own = self.core.tracer.span_builder("middleware");
                let own = own.start_with_context(&self.core.tracer, &remote(arrived.first()));
                vec![own.span_context().clone()]
            }
            _ => arrived.to_vec(),
        }
    }

    fn semantics(&self) -> Semantics {
        let address = &self.listen.address;
        self.boundary.semantics(address, Side::Consequence)
    }

    fn is_messaging(&self) -> bool {
        self.boundary.descriptor().is_messaging()
    }

    /// What a real handler would do: some work of its own, and the next hops.
    async fn work(
        &self,
        messages: &[Message],
        cx: &Context,
        arrived: &Context,
    ) -> Result<(), String> {
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
                Ok(elements) => send::send_all(&self.core, &elements, &cx, arrived)
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

fn remote(context: Option<&SpanContext>) -> Context {
    match context {
        Some(context) => Context::new().with_remote_span_context(context.clone()),
        None => Context::new(),
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
