//! The span of the receiving side.

use std::sync::PoisonError;

use opentelemetry::trace::{Link, Span as _, SpanContext, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};

use super::receive::Receiver;
use crate::w3c::BAGGAGE;
use crate::{Fault, Message, Relation};

impl Receiver {
    /// Makes the span that accounts for messages, tied to its causes as the route wants it.
    pub(super) fn consequence(&self, messages: &[Message], arrived: &[SpanContext]) -> Context {
        let causes = self.causes(arrived);
        let relation = self.relation(messages.len());
        let is_child = matches!(
            relation,
            Relation::Child | Relation::ChildAndLink | Relation::Either
        );
        // The conventions want a link beside the parent, for messages.
        let is_linked = match relation {
            Relation::Link => true,
            Relation::Root => false,
            _ => self.is_messaging() && self.listen.fault != Some(Fault::LastIsParent),
        };
        let parent = match self.listen.fault {
            Some(Fault::Continued) => remote(self.last_run().as_ref()),
            Some(Fault::LastIsParent) => remote(causes.last()),
            _ => remote(causes.first().filter(|_| is_child)),
        };
        let semantics = self.semantics();
        let mut span = self
            .core
            .tracer
            .span_builder(semantics.name)
            .with_kind(semantics.kind)
            .with_attributes(semantics.attributes);
        if messages.len() > 1 && self.is_messaging() {
            let count = i64::try_from(messages.len()).unwrap_or(i64::MAX);
            let count = KeyValue::new("messaging.batch.message_count", count);
            span.attributes.get_or_insert_default().push(count);
        }
        if is_linked {
            span = span.with_links(causes.iter().cloned().map(Link::with_context).collect());
        }
        let span = span.start_with_context(&self.core.tracer, &parent);
        self.remember(span.span_context());
        self.carrying_on(parent.with_span(span), messages)
    }

    /// What the messages say of where they come from, each distinct context once.
    pub(super) fn arrived(&self, messages: &[Message]) -> Vec<SpanContext> {
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
            [message, ..] if !matches!(relation, Relation::Link | Relation::Root) => {
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

    /// A span that accounts for several messages can be the child of none of them.
    fn relation(&self, messages: usize) -> Relation {
        match (self.listen.relation, self.listen.fault) {
            (Relation::Root, _) => Relation::Root,
            (_, Some(Fault::LastIsParent)) => Relation::Child,
            _ if messages > 1 && self.is_messaging() => Relation::Link,
            (Relation::Link, Some(Fault::WrongRelation)) => Relation::Child,
            (_, Some(Fault::WrongRelation)) => Relation::Link,
            (declared, _) => declared,
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
            (Some(Fault::LinkMissing), Some(_)) => arrived[1..].to_vec(),
            _ => arrived.to_vec(),
        }
    }

    fn last_run(&self) -> Option<SpanContext> {
        let last = self.last_run.lock();
        last.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, run: &SpanContext) {
        let last = self.last_run.lock();
        *last.unwrap_or_else(PoisonError::into_inner) = Some(run.clone());
    }
}

/// A context of somebody else's, or none.
pub(super) fn remote(context: Option<&SpanContext>) -> Context {
    match context {
        Some(context) => Context::new().with_remote_span_context(context.clone()),
        None => Context::new(),
    }
}
