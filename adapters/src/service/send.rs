use std::sync::Arc;

use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{SpanContext, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue, SpanId, TraceId};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};

use super::{Core, Element};
use crate::w3c::{Propagator, TRACEPARENT, TraceParent};
use crate::{BoundaryError, Carrier, Fault, Message, Side};

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
    let fault = element.unbroken.as_ref().and_then(|options| options.fault);
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
    let carrier = carrier(core, fault, &cx, arrived);
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
fn carrier(core: &Core, fault: Option<Fault>, cx: &Context, arrived: &Context) -> Carrier {
    let mut carrier = Carrier::new();
    match fault {
        Some(Fault::NotInjected) => {}
        Some(Fault::Verbatim) => Propagator.inject_context(arrived, &mut carrier),
        Some(Fault::Stale) => {
            let earlier = core.tracer.span_builder("earlier request");
            let earlier = earlier.start_with_context(&core.tracer, &Context::new());
            Propagator.inject_context(&Context::new().with_span(earlier), &mut carrier);
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
        _ => Propagator.inject_context(cx, &mut carrier),
    }
    carrier
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
