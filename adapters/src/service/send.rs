use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use opentelemetry::trace::{SpanContext, SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue, SpanId, TraceId};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use tokio::time::Instant;

use super::propagation::{self, Propagation};
use super::protocol::{SenderOptions, Sending};
use super::{Core, Element};
use crate::w3c::{TRACEPARENT, TRACESTATE, TraceParent};
use crate::{Boundary, BoundaryError, Carrier, Fault, Format, Message, Receipt, Side};

/// Sends every element that is for this service, one after the other, each under a span of its
/// own that is a child of `cx`. All are tried; the first error comes back. `arrived` is what came
/// in, if anything did. What they may take together ends at `until`, if that is said.
pub(super) async fn send_all(
    core: &Core,
    elements: &[Element],
    cx: &Context,
    arrived: &Context,
    until: Option<Instant>,
) -> Result<(), BoundaryError> {
    let mut first = Ok(());
    for element in elements.iter().filter(|element| element.is_for(&core.name)) {
        let outcome = Hop::of(core, element, arrived, until)?.make(cx).await;
        first = first.and(outcome);
    }
    first
}

/// One element on its way.
struct Hop<'a> {
    core: &'a Core,
    element: &'a Element,
    boundary: Arc<dyn Boundary>,
    options: SenderOptions,
    arrived: &'a Context,
    until: Option<Instant>,
}

impl<'a> Hop<'a> {
    fn of(
        core: &'a Core,
        element: &'a Element,
        arrived: &'a Context,
        until: Option<Instant>,
    ) -> Result<Self, BoundaryError> {
        Ok(Self {
            core,
            element,
            boundary: Arc::clone(core.boundaries.at(&element.url)?),
            options: element.unbroken.clone().unwrap_or_default(),
            arrived,
            until,
        })
    }

    /// Sends as it is to be sent.
    async fn make(&self, cx: &Context) -> Result<(), BoundaryError> {
        match self.options.sending {
            Sending::Once => self.send(cx, Vec::new(), 1).await,
            Sending::Times(times) => {
                let mut first = Ok(());
                for _ in 0..times {
                    first = first.and(self.send(cx, Vec::new(), 1).await);
                }
                first
            }
            Sending::InParallel(times) => {
                let sends = (0..times).map(|_| self.send(cx, Vec::new(), 1));
                join_all(sends).await.into_iter().collect()
            }
            Sending::AsOne(messages) => self.send(cx, Vec::new(), messages).await,
            Sending::Retrying => self.retry(cx).await,
            Sending::FromOutbox => self.publish(cx).await,
        }
    }

    /// A second attempt after a refusal: under a span of its own where the conventions count
    /// them, under the same one where a span stands for the whole call.
    async fn retry(&self, cx: &Context) -> Result<(), BoundaryError> {
        let Some(resend) = self.boundary.descriptor().resend_count else {
            let cx = self.begin(cx, Vec::new(), None);
            let message = self.message(&self.carrier(&cx));
            let first = self.hand_over(vec![message.clone()]).await;
            let outcome = match first {
                Err(BoundaryError::Again { .. }) => self.hand_over(vec![message]).await,
                outcome => outcome,
            };
            return end(&cx, outcome);
        };
        match self.send(cx, Vec::new(), 1).await {
            Err(BoundaryError::Again { .. }) => {
                self.send(cx, vec![KeyValue::new(resend, 1)], 1).await
            }
            outcome => outcome,
        }
    }

    /// A message that was made with a context of its own, and is handed over later by somebody
    /// who knows that.
    async fn publish(&self, cx: &Context) -> Result<(), BoundaryError> {
        let operation = |name| KeyValue::new("messaging.operation.type", name);
        let created = self.begin(cx, vec![operation("create")], None);
        let mut carrier = self.carrier(&created);
        created.span().end();
        let relay = match self.options.fault {
            Some(Fault::Overwritten) => Context::new(),
            _ => created,
        };
        let sent = self.begin(&relay, vec![operation("send")], Some(SpanKind::Client));
        if self.options.fault == Some(Fault::Overwritten) {
            carrier = self.carrier(&sent);
        }
        let outcome = self.hand_over(vec![self.message(&carrier)]).await;
        end(&sent, outcome)
    }

    /// So many messages in one go, under one span.
    async fn send(
        &self,
        cx: &Context,
        attributes: Vec<KeyValue>,
        messages: u16,
    ) -> Result<(), BoundaryError> {
        let mut attributes = attributes;
        if messages > 1 && self.boundary.descriptor().is_messaging() {
            let count = KeyValue::new("messaging.batch.message_count", i64::from(messages));
            attributes.push(count);
        }
        let cx = match self.options.fault {
            Some(Fault::NeverExported) => never_exported(cx),
            Some(Fault::Uninstrumented) => Context::new(),
            _ => self.begin(cx, attributes, None),
        };
        let message = self.message(&self.carrier(&cx));
        let outcome = self.hand_over(vec![message; usize::from(messages)]).await;
        end(&cx, outcome)
    }

    /// Begins the span of the sending side.
    fn begin(&self, cx: &Context, more: Vec<KeyValue>, kind: Option<SpanKind>) -> Context {
        let semantics = self.boundary.semantics(&self.element.url, Side::Cause);
        let mut attributes = semantics.attributes;
        attributes.retain(|known| more.iter().all(|added| added.key != known.key));
        attributes.extend(more);
        let span = self
            .core
            .tracer
            .span_builder(semantics.name)
            .with_kind(kind.unwrap_or(semantics.kind))
            .with_attributes(attributes);
        cx.with_span(span.start_with_context(&self.core.tracer, cx))
    }

    fn message(&self, carrier: &Carrier) -> Message {
        Message {
            carrier: carrier.clone(),
            body: self.element.body().into(),
        }
    }

    async fn hand_over(&self, mut messages: Vec<Message>) -> Result<Receipt, BoundaryError> {
        let (url, within) = (&self.element.url, self.within());
        let sending = async {
            match (messages.len(), messages.pop()) {
                (1, Some(message)) => self.boundary.send(url, message).await,
                (_, last) => {
                    messages.extend(last);
                    self.boundary.send_all(url, messages).await
                }
            }
        };
        match tokio::time::timeout(within, sending).await {
            Ok(outcome) => outcome,
            Err(_) => Err(BoundaryError::Late {
                boundary: self.boundary.descriptor().name,
                address: url.clone(),
                within,
            }),
        }
    }

    /// How long one send may take.
    fn within(&self) -> Duration {
        let left = |until: Instant| until.saturating_duration_since(Instant::now());
        let each = self.core.send_timeout;
        self.until.map_or(each, |until| each.min(left(until)))
    }

    /// What is to stand on the wire: the context of the span, and what it carries on, unless a
    /// mistake is to be made.
    fn carrier(&self, cx: &Context) -> Carrier {
        let cx = &match self.options.without_baggage {
            true => propagation::without_baggage(cx),
            false => cx.clone(),
        };
        let mut carrier = Carrier::new();
        match self.options.fault {
            Some(Fault::NotInjected | Fault::Uninstrumented) => {}
            Some(Fault::Verbatim) => self.inject(self.arrived, &mut carrier),
            Some(Fault::Stale) => {
                self.inject(&earlier(cx), &mut carrier);
            }
            Some(Fault::Proprietary) => {
                let span = cx.span();
                let context = span.span_context();
                let value = format!("{};{}", context.trace_id(), context.span_id());
                carrier.append("x-acme-trace", value);
            }
            Some(Fault::AllZero) => {
                let zeros = TraceParent {
                    trace_id: TraceId::INVALID,
                    parent_id: SpanId::INVALID,
                    flags: 0,
                };
                carrier.append(TRACEPARENT, zeros.to_string());
            }
            Some(Fault::OtherFormat) => {
                Propagation::of(vec![Format::XRay]).inject(cx, &mut carrier, false);
            }
            Some(Fault::StateLost) => {
                self.inject(cx, &mut carrier);
                carrier = without(TRACESTATE, &carrier);
            }
            Some(Fault::EmptyState) => {
                self.inject(cx, &mut carrier);
                if carrier.all(TRACESTATE).next().is_none() {
                    carrier.append(TRACESTATE, "");
                }
            }
            Some(Fault::NoRoom) => {
                self.inject(cx, &mut carrier);
                let entries = self.boundary.descriptor().limits.entries;
                let entries = 0..entries.unwrap_or_default();
                entries.for_each(|n| carrier.append(format!("x-acme-{n}"), "1"));
            }
            _ => self.inject(cx, &mut carrier),
        }
        carrier
    }

    fn inject(&self, cx: &Context, carrier: &mut Carrier) {
        let names_repeat = self.boundary.descriptor().capabilities.repeated_names;
        self.core.propagation.inject(cx, carrier, names_repeat);
    }
}

fn without(name: &str, carrier: &Carrier) -> Carrier {
    let kept = carrier.iter();
    let kept = kept.filter(|(found, _)| !found.eq_ignore_ascii_case(name));
    kept.map(|(name, value)| (name, value.clone())).collect()
}

/// Ends the span of the sending side with what came of it.
fn end(cx: &Context, outcome: Result<Receipt, BoundaryError>) -> Result<(), BoundaryError> {
    let span = cx.span();
    let outcome = outcome.map(|receipt| span.set_attributes(receipt.attributes));
    if let Err(error) = &outcome {
        span.set_attribute(KeyValue::new("error.type", error.kind()));
        span.set_status(Status::error(error.to_string()));
    }
    span.end();
    outcome
}

/// A context such as this one, of a request that was over long ago.
fn earlier(cx: &Context) -> Context {
    let ids = RandomIdGenerator::default();
    let span = cx.span();
    let context = span.span_context();
    cx.with_remote_span_context(SpanContext::new(
        ids.new_trace_id(),
        ids.new_span_id(),
        context.trace_flags(),
        true,
        context.trace_state().clone(),
    ))
}

/// A context in the trace of `cx` for a span that is made and never exported, as after a crash.
fn never_exported(cx: &Context) -> Context {
    let span = cx.span();
    let context = span.span_context();
    cx.with_remote_span_context(SpanContext::new(
        context.trace_id(),
        RandomIdGenerator::default().new_span_id(),
        context.trace_flags(),
        false,
        context.trace_state().clone(),
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;
    use tokio::net::TcpListener;
    use tokio::sync::mpsc;
    use tokio::time::Instant;

    use crate::service::{Config, Element, Luggage, Service};
    use crate::{Boundaries, BoundaryError};

    const EACH: Duration = Duration::from_millis(200);

    /// Many sends to a service that never answers would take ten seconds one after the other.
    #[tokio::test]
    async fn what_an_entry_sends_hangs_no_longer_together_than_half_as_long_again_as_one() {
        let hanging = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/", hanging.local_addr().expect("bound"));
        let element =
            |times| json!({"url": url, "arguments": [], "unbroken": {"sending": {"times": times}}});
        let elements = json!([element(49), element(1)]).to_string();
        let elements = Element::list(elements.as_bytes()).expect("valid");
        let (problems, _) = mpsc::unbounded_channel();
        let entry = Service::start(Config {
            name: "client".to_owned(),
            listen: Vec::new(),
            provider: opentelemetry_sdk::trace::SdkTracerProvider::default(),
            boundaries: Boundaries::all(),
            formats: Vec::new(),
            send_timeout: EACH,
            problems,
        });
        let entry = entry.await.expect("it listens nowhere");
        let before = Instant::now();
        let (_, outcome) = entry.enter("e", &Luggage::default(), &elements).await;
        let took = before.elapsed();
        assert!(took >= EACH * 3 / 2 && took < EACH * 25, "{took:?}");
        match outcome {
            // The first of them had all the time that one may take.
            Err(BoundaryError::Late {
                within, address, ..
            }) => {
                assert_eq!((within, address.as_str()), (EACH, &*url));
            }
            other => panic!("{other:?}"),
        }
    }
}
