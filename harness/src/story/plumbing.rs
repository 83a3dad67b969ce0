//! Spans that stock instrumentations make beside the story: sockets, polls, acknowledgements and
//! the exporter's own traffic. A closed list, kept as data; whatever is not on it is work.

use super::{Above, SpanIndex, Story};
use crate::span::{Span, SpanKind};

/// One kind of plumbing: all that is given must fit.
struct Plumbing {
    /// A part of the instrumentation scope's name.
    scope: Option<&'static str>,
    kind: Option<SpanKind>,
    operation: Operation,
    /// Whether it is over before anybody works on what it brought: then a call that hangs below it is its own. (What
    /// hangs below a `poll` may well be the work.)
    is_closed: bool,
}

/// What the span does.
enum Operation {
    /// Its `messaging.operation.type` (or the older `messaging.operation`) is this.
    Messaging(&'static str),
    /// Its name begins with this.
    Named(&'static str),
    /// Its name ends with this.
    NamedTo(&'static str),
}

use Operation::{Messaging, Named, NamedTo};

const LIST: &[Plumbing] = &[
    // Sockets and name look-ups (Node).
    any_kind("instrumentation-net", Named("tcp.")),
    any_kind("instrumentation-net", Named("tls.")),
    any_kind("instrumentation-net", Named("ipc.")),
    any_kind("instrumentation-dns", Named("dns.")),
    // Receive and poll, under which the spans that process may hang.
    client(Messaging("receive")),
    client(Messaging("poll")),
    client(Messaging("settle")),
    client(Messaging("ack")),
    any_kind("confluent", Named("recv")),
    // Of these, the second has no other span for a message: it accounts for it where there is nothing better.
    any_kind("boto3sqs", NamedTo(" receive")).closed(),
    any_kind("aws-sdk", NamedTo(" receive")).closed(),
    any_kind("kafka", NamedTo(" poll")),
    // Subscribing (Java, RabbitMQ) and deleting what was received (SQS).
    any_kind("rabbitmq", Named("basic.consume")),
    any_kind("rabbitmq", Named("basic.ack")),
    any_kind("rabbitmq", Named("basic.qos")),
    any_kind("rabbitmq", Named("queue.")),
    any_kind("rabbitmq", Named("exchange.")),
    any_kind("rabbitmq", Named("channel.")),
    any_scope(NamedTo(".DeleteMessage")).closed(),
    any_scope(NamedTo(".DeleteMessageBatch")).closed(),
    any_scope(NamedTo(".ReceiveMessage")).closed(),
    // The exporter's own traffic.
    any_scope(Named("opentelemetry.proto.collector.")),
    any_scope(Named("POST /v1/traces")),
];

/// Whether a span is plumbing by the list, or a call that plumbing made.
pub fn is_plumbing(story: &Story, at: SpanIndex) -> bool {
    let span = story.span(at);
    let made_by_plumbing = || match story.above(at) {
        Above::Span(above) => fits(story.span(above), |plumbing| plumbing.is_closed),
        _ => false,
    };
    is_listed(span) || span.kind == SpanKind::Client && made_by_plumbing()
}

/// Whether a span says of itself that it received, and not that it processed. Of a client that is
/// plumbing; of a consumer it may be all that there is for a message.
pub fn receives(span: &Span) -> bool {
    operation(span) == Some("receive")
}

/// Its `messaging.operation.type`, or the older `messaging.operation`.
fn operation(span: &Span) -> Option<&str> {
    let older = || span.text("messaging.operation");
    span.text("messaging.operation.type").or_else(older)
}

/// Whether a span is plumbing by the list.
pub(super) fn is_listed(span: &Span) -> bool {
    fits(span, |_| true)
}

fn fits(span: &Span, which: impl Fn(&Plumbing) -> bool) -> bool {
    let mut list = LIST.iter().filter(|plumbing| which(plumbing));
    list.any(|plumbing| plumbing.fits(span))
}

impl Plumbing {
    const fn closed(self) -> Self {
        Self {
            is_closed: true,
            ..self
        }
    }

    fn fits(&self, span: &Span) -> bool {
        let scope = || span.origin.scope.to_ascii_lowercase();
        self.kind.is_none_or(|kind| kind == span.kind)
            && match self.operation {
                Named(start) => span.name.starts_with(start),
                NamedTo(end) => span.name.ends_with(end),
                Messaging(named) => operation(span) == Some(named),
            }
            && self.scope.is_none_or(|part| scope().contains(part))
    }
}

const fn any_kind(scope: &'static str, operation: Operation) -> Plumbing {
    Plumbing {
        scope: Some(scope),
        kind: None,
        operation,
        is_closed: false,
    }
}

const fn any_scope(operation: Operation) -> Plumbing {
    Plumbing {
        scope: None,
        kind: Some(SpanKind::Client),
        operation,
        is_closed: false,
    }
}

const fn client(operation: Operation) -> Plumbing {
    Plumbing {
        scope: None,
        kind: Some(SpanKind::Client),
        operation,
        is_closed: false,
    }
}
