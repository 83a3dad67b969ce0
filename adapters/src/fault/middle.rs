//! What a middle does to what passes.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use opentelemetry::propagation::Injector;
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use serde_json::{Map, Value, json};

use super::Fault;
use crate::tap::Middle;
use crate::w3c::{TRACEPARENT, TRACESTATE, TraceParent};
use crate::xray::ATTRIBUTE;
use crate::{Carrier, Descriptor, Format, Message};

/// The middle that makes a fault over this boundary; none where a service makes it.
pub(super) fn making(fault: Fault, over: &Descriptor) -> Option<Middle> {
    let repeats = over.capabilities.repeated_names;
    Some(match fault {
        Fault::Rewritten => {
            changing(|carrier| on_traceparent(&carrier, |value| vec![phantom(&value)]))
        }
        Fault::Repeated => changing(|carrier| {
            on_traceparent(&carrier, |value| vec![value.clone(), phantom(&value)])
        }),
        Fault::Joined => changing(|carrier| {
            on_traceparent(&carrier, |value| {
                vec![format!("{value},{}", phantom(&value))]
            })
        }),
        Fault::Truncated => changing(|carrier| {
            on_traceparent(&carrier, |value| {
                vec![value.chars().take(value.len() / 2).collect()]
            })
        }),
        Fault::FlagFlipped => {
            changing(|carrier| on_traceparent(&carrier, |value| vec![turned(&value)]))
        }
        Fault::AttributeDropped => changing(without_attribute),
        Fault::Stripped => changing(|carrier| {
            only(&carrier, |name| {
                !name.eq_ignore_ascii_case(TRACEPARENT) && !name.eq_ignore_ascii_case(TRACESTATE)
            })
        }),
        Fault::MetadataDropped => changing(|carrier| only(&carrier, is_of_the_protocol)),
        Fault::RetriedAnew => changing(move |carrier| retried(carrier, repeats)),
        Fault::DeadLetterStripped | Fault::HeadersDropped => changing(|_| Carrier::new()),
        Fault::Enveloped => Arc::new(|message| vec![enveloped(&message)]),
        Fault::DeliveredTwice => Arc::new(|message| vec![message.clone(), message]),
        _ => return None,
    })
}

/// One that leaves the body as it is, and passes everything on once.
fn changing(change: impl Fn(Carrier) -> Carrier + Send + Sync + 'static) -> Middle {
    Arc::new(move |message: Message| {
        let carrier = change(message.carrier);
        vec![Message { carrier, ..message }]
    })
}

fn only(carrier: &Carrier, keep: impl Fn(&str) -> bool) -> Carrier {
    let kept = carrier.iter().filter(|(name, _)| keep(name));
    kept.map(|(name, value)| (name, value.clone())).collect()
}

/// What a call cannot do without, so that a gateway that drops the rest still passes it on.
fn is_of_the_protocol(name: &str) -> bool {
    const NEEDED: [&str; 6] = [
        "host",
        "te",
        "content-type",
        "content-length",
        "transfer-encoding",
        "user-agent",
    ];
    let name = name.to_ascii_lowercase();
    NEEDED.contains(&&*name) || name.starts_with("grpc-")
}

/// How often a retry fails before it succeeds.
const ATTEMPTS: u8 = 2;

/// What is left on a message after its attempts: each wrote a context of its own, beside what
/// there was where a name can stand twice.
fn retried(mut carrier: Carrier, repeats: bool) -> Carrier {
    let ids = RandomIdGenerator::default();
    for attempt in 1..=ATTEMPTS {
        let context = TraceParent {
            trace_id: ids.new_trace_id(),
            parent_id: ids.new_span_id(),
            flags: 1,
        };
        for (name, value) in [
            (TRACEPARENT, context.to_string()),
            ("retry-attempt", attempt.to_string()),
        ] {
            match repeats {
                true => carrier.append(name, value),
                false => carrier.set(name, value),
            }
        }
    }
    carrier
}

/// As SNS hands a message to a queue unless it is told to hand it over raw.
fn enveloped(message: &Message) -> Message {
    let attributes = message.carrier.iter().map(|(name, value)| {
        let attribute = match str::from_utf8(value) {
            Ok(text) => json!({"Type": "String", "Value": text}),
            Err(_) => json!({"Type": "Binary", "Value": BASE64_STANDARD.encode(value)}),
        };
        (name.to_owned(), attribute)
    });
    let envelope = json!({
        "Type": "Notification",
        "Message": String::from_utf8_lossy(&message.body),
        "MessageAttributes": Value::Object(attributes.collect::<Map<_, _>>()),
    });
    Message {
        carrier: Carrier::new(),
        body: envelope.to_string().into(),
    }
}

/// Puts other values in the place of each traceparent.
fn on_traceparent(carrier: &Carrier, change: impl Fn(String) -> Vec<String>) -> Carrier {
    let mut changed = Carrier::new();
    for (name, value) in carrier.iter() {
        if name.eq_ignore_ascii_case(TRACEPARENT) {
            for value in change(String::from_utf8_lossy(value).into_owned()) {
                changed.append(name, value);
            }
        } else {
            changed.append(name, value.clone());
        }
    }
    changed
}

/// The same context with the id of a span that nobody made.
fn phantom(value: &str) -> String {
    match TraceParent::parse(value.as_bytes()) {
        Ok(context) => TraceParent {
            parent_id: RandomIdGenerator::default().new_span_id(),
            ..context
        }
        .to_string(),
        Err(_) => value.to_owned(),
    }
}

/// The same context with the other decision.
fn turned(value: &str) -> String {
    match TraceParent::parse(value.as_bytes()) {
        Ok(context) => TraceParent {
            flags: context.flags ^ 1,
            ..context
        }
        .to_string(),
        Err(_) => value.to_owned(),
    }
}

/// Without the system attribute, and without a traceparent that is only another reading of it.
fn without_attribute(carrier: Carrier) -> Carrier {
    let Some(held) = Format::XRay.context(&carrier) else {
        return carrier;
    };
    let is_held = |name: &str, value: &[u8]| {
        let parent = TraceParent::parse(value).ok();
        let same =
            parent.is_some_and(|p| (p.trace_id, p.parent_id) == (held.trace_id, held.parent_id));
        name.eq_ignore_ascii_case(ATTRIBUTE) || name.eq_ignore_ascii_case(TRACEPARENT) && same
    };
    let kept = carrier.iter().filter(|(name, value)| !is_held(name, value));
    kept.map(|(name, value)| (name, value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Boundaries;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    /// What comes out for a message over a boundary.
    fn made(fault: Fault, over: &str) -> Vec<Message> {
        let boundaries = Boundaries::all();
        let boundary = boundaries.named(over).expect("a boundary");
        let middle = making(fault, boundary.descriptor()).expect("a middle");
        middle(Message {
            carrier: [("host", "h"), (TRACEPARENT, PARENT)].into_iter().collect(),
            body: "[]".into(),
        })
    }

    fn parents(message: &Message) -> usize {
        message.carrier.all(TRACEPARENT).count()
    }

    #[test]
    fn a_retry_piles_up_contexts_where_a_name_can_stand_twice_and_else_replaces_them() {
        assert_eq!(parents(&made(Fault::RetriedAnew, "Kafka")[0]), 3);
        let replaced = made(Fault::RetriedAnew, "AMQP");
        assert_eq!(parents(&replaced[0]), 1);
        assert!(
            replaced[0]
                .carrier
                .all(TRACEPARENT)
                .all(|value| value != PARENT)
        );
    }

    #[test]
    fn a_gateway_that_drops_everything_leaves_what_the_call_needs() {
        let carrier = &made(Fault::MetadataDropped, "HTTP")[0].carrier;
        assert_eq!(carrier, &[("host", "h")].into_iter().collect());
    }

    #[test]
    fn an_envelope_holds_the_body_and_the_context_one_level_deeper() {
        let message = &made(Fault::Enveloped, "SQS")[0];
        assert!(message.carrier.is_empty());
        let envelope: Value = serde_json::from_slice(&message.body).expect("JSON");
        assert_eq!(envelope["Message"], "[]");
        assert_eq!(envelope["MessageAttributes"][TRACEPARENT]["Value"], PARENT);
    }

    #[test]
    fn what_is_delivered_twice_is_the_same_twice() {
        let messages = made(Fault::DeliveredTwice, "memory");
        assert_eq!(messages.len(), 2);
        assert_eq!(messages[0], messages[1]);
    }
}
