//! What a reference service reads from a carrier, and writes on one.

use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{SpanContext, TraceContextExt, TraceFlags};

use super::luggage::Carried;
use crate::b3::{self, B3, Decision};
use crate::w3c::{self, BAGGAGE, Member, TraceParent};
use crate::xray::{self, TraceHeader};
use crate::{Carrier, Format};

/// A trace whose id is random says so in its flags.
const RANDOM: u8 = 0b10;

/// The formats that a service speaks, the most preferred first.
#[derive(Clone, Debug)]
pub(super) struct Propagation {
    formats: Vec<Format>,
}

impl Propagation {
    pub(super) fn of(formats: Vec<Format>) -> Self {
        Self { formats }
    }

    /// The context on a carrier: of the first format in which there is a valid one. A format that
    /// is not there takes nothing away.
    pub(super) fn extract(&self, carrier: &Carrier) -> Option<SpanContext> {
        let mut formats = self.formats.iter();
        formats.find_map(|format| match format {
            Format::TraceContext => {
                let cx = w3c::Propagator.extract_with_context(&Context::new(), carrier);
                let context = cx.span().span_context().clone();
                context.is_valid().then_some(context)
            }
            other => {
                let context = other.context(carrier)?;
                Some(SpanContext::new(
                    context.trace_id,
                    context.parent_id,
                    TraceFlags::new(context.flags),
                    true,
                    opentelemetry::trace::TraceState::NONE,
                ))
            }
        })
    }

    /// What goes on with the work beside its span. Of baggage that is malformed, what is valid.
    pub(super) fn carried(&self, carrier: &Carrier) -> Carried {
        let context = self.extract(carrier);
        let random = context.filter(|context| context.trace_flags().to_u8() & RANDOM != 0);
        let members = || {
            let values = carrier.all(BAGGAGE).filter_map(|v| str::from_utf8(v).ok());
            let members = values.flat_map(|value| value.split(','));
            members.filter_map(|member| Member::parse(member).ok())
        };
        let baggage: Vec<_> = match self.formats.contains(&Format::Baggage) {
            true => members().map(|member| member.to_string()).collect(),
            false => Vec::new(),
        };
        Carried {
            baggage: match baggage.is_empty() {
                true => Vec::new(),
                false => vec![baggage.join(",")],
            },
            random: random.map(|context| context.trace_id()),
        }
    }

    /// Writes the context of the span of `cx` in every format, and what is carried on with it;
    /// one name for several values only where the carrier allows it.
    pub(super) fn inject(&self, cx: &Context, carrier: &mut Carrier, names_repeat: bool) {
        let beside = cx.get::<Carried>().cloned().unwrap_or_default();
        let span = cx.span();
        let context = span.span_context();
        for format in &self.formats {
            match format {
                Format::TraceContext => {
                    let cx = cx.with_remote_span_context(with_random(context, &beside));
                    w3c::Propagator.inject_context(&cx, carrier);
                }
                Format::Baggage => {
                    let joined = [beside.baggage.join(",")];
                    let values = match names_repeat {
                        true => &beside.baggage[..],
                        false => &joined,
                    };
                    for value in values.iter().filter(|value| !value.is_empty()) {
                        carrier.append(BAGGAGE, value.clone());
                    }
                }
                other if context.is_valid() => write(*other, context, carrier),
                _ => {}
            }
        }
    }
}

/// The same context, and no baggage.
pub(super) fn without_baggage(cx: &Context) -> Context {
    let carried = cx.get::<Carried>().cloned().unwrap_or_default();
    cx.with_value(Carried {
        baggage: Vec::new(),
        ..carried
    })
}

fn write(format: Format, context: &SpanContext, carrier: &mut Carrier) {
    let decision = match context.is_sampled() {
        true => Decision::Accept,
        false => Decision::Deny,
    };
    let (trace_id, span_id) = (context.trace_id(), context.span_id());
    match format {
        Format::B3 => {
            let context = b3::Context {
                trace_id,
                span_id,
                parent_id: None,
            };
            let b3 = B3 {
                context: Some(context),
                decision,
            };
            carrier.append(b3::SINGLE, b3.to_string());
        }
        Format::B3Multi => {
            carrier.append(b3::TRACE_ID, trace_id.to_string());
            carrier.append(b3::SPAN_ID, span_id.to_string());
            carrier.append(b3::SAMPLED, decision.to_string());
        }
        Format::XRay => {
            let header = TraceHeader::from(TraceParent {
                trace_id,
                parent_id: span_id,
                flags: context.trace_flags().to_u8(),
            });
            carrier.append(xray::HEADER, header.to_string());
        }
        Format::TraceContext | Format::Baggage => {}
    }
}

/// The flag goes on with its trace, whether or not the span is recorded.
fn with_random(context: &SpanContext, carried: &Carried) -> SpanContext {
    let flags = context.trace_flags().to_u8();
    let flags = match carried.random == Some(context.trace_id()) {
        true => flags | RANDOM,
        false => flags & !RANDOM,
    };
    SpanContext::new(
        context.trace_id(),
        context.span_id(),
        TraceFlags::new(flags),
        context.is_remote(),
        context.trace_state().clone(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::w3c::{TRACEPARENT, TRACESTATE};

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03";
    const B3: &str = "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1";

    fn carrier(entries: &[(&str, &str)]) -> Carrier {
        entries.iter().map(|(n, v)| (*n, (*v).to_owned())).collect()
    }

    /// What goes on of what arrives, under the span that arrived.
    fn through(formats: &str, arrived: &Carrier, names_repeat: bool) -> Carrier {
        let propagation = Propagation::of(Format::list(formats).expect("formats"));
        let cx = match propagation.extract(arrived) {
            Some(context) => Context::new().with_remote_span_context(context),
            None => Context::new(),
        };
        let cx = cx.with_value(propagation.carried(arrived));
        let mut sent = Carrier::new();
        propagation.inject(&cx, &mut sent, names_repeat);
        sent
    }

    #[test]
    fn what_is_spoken_goes_on_and_nothing_else_does() {
        let all = carrier(&[
            (TRACEPARENT, PARENT),
            (TRACESTATE, "vendor=42"),
            (BAGGAGE, "user=alice"),
        ]);
        assert_eq!(through("tracecontext,baggage", &all, true), all);
        let only = through("baggage", &all, true);
        assert_eq!(only, carrier(&[(BAGGAGE, "user=alice")]));
    }

    #[test]
    fn several_baggage_headers_are_one_list_and_what_is_malformed_is_left_out() {
        let several = carrier(&[(BAGGAGE, "user=alice,==,"), (BAGGAGE, "tenant=7;p")]);
        let joined = carrier(&[(BAGGAGE, "user=alice,tenant=7;p")]);
        assert_eq!(through("baggage", &several, true), joined);
    }

    #[test]
    fn what_the_entry_puts_into_two_headers_is_one_where_names_cannot_repeat() {
        let propagation = Propagation::of(vec![Format::Baggage]);
        let carried = Carried {
            baggage: vec!["a=1".into(), "b=2".into()],
            random: None,
        };
        let cx = Context::new().with_value(carried);
        for (names_repeat, values) in [(true, &["a=1", "b=2"][..]), (false, &["a=1,b=2"])] {
            let mut sent = Carrier::new();
            propagation.inject(&cx, &mut sent, names_repeat);
            assert_eq!(sent.all(BAGGAGE).collect::<Vec<_>>(), values);
        }
    }

    #[test]
    fn the_first_format_that_says_anything_counts_and_one_that_is_absent_erases_nothing() {
        let both = carrier(&[(TRACEPARENT, PARENT), ("b3", B3)]);
        let first = |formats: &str, carrier: &Carrier| {
            let propagation = Propagation::of(Format::list(formats).expect("formats"));
            let context = propagation.extract(carrier).expect("a context");
            context.trace_id().to_string()
        };
        assert!(PARENT.contains(&first("tracecontext,b3", &both)));
        assert!(B3.contains(&first("b3,tracecontext", &both)));
        let alone = carrier(&[(TRACEPARENT, PARENT)]);
        assert!(PARENT.contains(&first("b3,tracecontext,xray", &alone)));
    }

    #[test]
    fn the_random_flag_goes_on_with_its_trace_even_where_nothing_is_recorded() {
        let unsampled = PARENT.replace("-03", "-02");
        let arrived = carrier(&[(TRACEPARENT, &unsampled)]);
        assert_eq!(through("tracecontext", &arrived, true), arrived);
        let propagation = Propagation::of(vec![Format::TraceContext]);
        let cx = Context::new().with_remote_span_context(SpanContext::new(
            opentelemetry::TraceId::from(7),
            opentelemetry::SpanId::from(7),
            TraceFlags::new(0b11),
            true,
            opentelemetry::trace::TraceState::NONE,
        ));
        let mut sent = Carrier::new();
        let cx = cx.with_value(propagation.carried(&arrived));
        propagation.inject(&cx, &mut sent, true);
        let sent = sent.all(TRACEPARENT).next().expect("a traceparent");
        assert!(sent.ends_with(b"-01"), "another trace: {sent:?}");
    }

    #[test]
    fn every_format_that_is_written_reads_back() {
        for format in ["b3", "b3multi", "xray"] {
            let propagation = Propagation::of(Format::list(format).expect("a format"));
            let arrived = carrier(&[(TRACEPARENT, &PARENT.replace("-03", "-01"))]);
            let context = Format::TraceContext.context(&arrived).expect("valid");
            let cx = Context::new().with_remote_span_context(SpanContext::new(
                context.trace_id,
                context.parent_id,
                TraceFlags::new(context.flags),
                true,
                opentelemetry::trace::TraceState::NONE,
            ));
            let mut sent = Carrier::new();
            propagation.inject(&cx, &mut sent, true);
            let format: Format = format.parse().expect("a format");
            assert_eq!(format.context(&sent), Some(context));
        }
    }
}
