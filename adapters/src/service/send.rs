use std::sync::Arc;

use opentelemetry::trace::{SpanContext, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue, SpanId, TraceId};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};

use super::propagation::{self, Propagation};
use super::{Core, Element};
use crate::w3c::{TRACEPARENT, TRACESTATE, TraceParent};
use crate::{BoundaryError, Carrier, Descriptor, Fault, Format, Message, Side};

/// Sends every element, one after the other, each under a span of its own that is a child of
/// `cx`. All are tried; the first error comes back. `arrived` is what came in, if anything did.
pub(super) async fn send_all(
    core: &Core,
    elements: &[Element],
    cx: &Context,
    arrived: &Context,
) -> Result<(), BoundaryError> {
    let mut first = Ok(());
    for element in elements {
        let outcome = send(core, element, cx, arrived).await;
        if first.is_ok() {
            first = outcome;
        }
    }
    first
}

async fn send(
    core: &Core,
    element: &Element,
    cx: &Context,
    arrived: &Context,
) -> Result<(), BoundaryError> {
    let boundary = Arc::clone(core.boundaries.at(&element.url)?);
    let options = element.unbroken.clone().unwrap_or_default();
    let fault = options.fault;
    let semantics = boundary.semantics(&element.url, Side::Cause);
    let span = core
        .tracer
        .span_builder(semantics.name)
        .with_kind(semantics.kind)
        .with_attributes(semantics.attributes);
    let cx = match fault {
        Some(Fault::NeverExported) => never_exported(cx),
        _ => cx.with_span(span.start_with_context(&core.tracer, cx)),
    };
    let cx = match options.without_baggage {
        true => propagation::without_baggage(&cx),
        false => cx,
    };
    let carrier = carrier(core, fault, &cx, arrived, boundary.descriptor());
    let message = Message {
        carrier,
        body: element.body().into(),
    };
    let sending = boundary.send(&element.url, message);
    let outcome = match tokio::time::timeout(core.send_timeout, sending).await {
        Ok(outcome) => outcome,
        Err(_) => Err(BoundaryError::Late {
            boundary: boundary.descriptor().name,
            address: element.url.clone(),
            within: core.send_timeout,
        }),
    };
    let span = cx.span();
    let outcome = outcome.map(|receipt| span.set_attributes(receipt.attributes));
    if let Err(error) = &outcome {
        span.set_attribute(KeyValue::new("error.type", error.kind()));
        span.set_status(Status::error(error.to_string()));
    }
    span.end();
    outcome
}

/// What is to stand on the wire: the context of the span, unless a mistake is to be made.
fn carrier(
    core: &Core,
    fault: Option<Fault>,
    cx: &Context,
    arrived: &Context,
    over: &Descriptor,
) -> Carrier {
    let mut carrier = Carrier::new();
    let inject = |cx: &Context, carrier: &mut Carrier| {
        let names_repeat = over.capabilities.repeated_names;
        core.propagation.inject(cx, carrier, names_repeat);
    };
    match fault {
        Some(Fault::NotInjected) => {}
        Some(Fault::Verbatim) => inject(arrived, &mut carrier),
        Some(Fault::Stale) => {
            let earlier = core.tracer.span_builder("earlier request");
            let earlier = earlier.start_with_context(&core.tracer, &Context::new());
            inject(&Context::new().with_span(earlier), &mut carrier);
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
            inject(cx, &mut carrier);
            carrier = without(TRACESTATE, &carrier);
        }
        Some(Fault::EmptyState) => {
            inject(cx, &mut carrier);
            if carrier.all(TRACESTATE).next().is_none() {
                carrier.append(TRACESTATE, "");
            }
        }
        Some(Fault::NoRoom) => {
            inject(cx, &mut carrier);
            let entries = over.limits.entries.unwrap_or_default();
            (0..entries).for_each(|n| carrier.append(format!("x-acme-{n}"), "1"));
        }
        _ => inject(cx, &mut carrier),
    }
    carrier
}

fn without(name: &str, carrier: &Carrier) -> Carrier {
    let kept = carrier.iter();
    let kept = kept.filter(|(found, _)| !found.eq_ignore_ascii_case(name));
    kept.map(|(name, value)| (name, value.clone())).collect()
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
