use std::sync::Arc;

use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};

use super::{Core, Element, Fault};
use crate::w3c::Propagator;
use crate::{BoundaryError, Carrier, Message, Side};

/// Sends every element, one after the other, each under a span of its own that is a child of
/// `cx`. All are tried; the first error comes back.
pub(super) async fn send_all(
    core: &Core,
    elements: &[Element],
    cx: &Context,
) -> Result<(), BoundaryError> {
    let mut first = Ok(());
    for element in elements {
        let outcome = send(core, element, cx).await;
        if first.is_ok() {
            first = outcome;
        }
    }
    first
}

async fn send(core: &Core, element: &Element, cx: &Context) -> Result<(), BoundaryError> {
    let boundary = Arc::clone(core.boundaries.at(&element.url)?);
    let semantics = boundary.semantics(&element.url, Side::Cause);
    let span = core
        .tracer
        .span_builder(semantics.name)
        .with_kind(semantics.kind)
        .with_attributes(semantics.attributes)
        .start_with_context(&core.tracer, cx);
    let cx = cx.with_span(span);

    let fault = element.unbroken.as_ref().and_then(|options| options.fault);
    let mut carrier = Carrier::new();
    if fault != Some(Fault::NotInjected) {
        Propagator.inject_context(&cx, &mut carrier);
    }
    let message = Message {
        carrier,
        body: element.body().into(),
    };
    let sending = boundary.send(&element.url, message);
    let outcome = match tokio::time::timeout(core.send_timeout, sending).await {
        Ok(outcome) => outcome,
        Err(_) => Err(BoundaryError::Unreachable {
            boundary: boundary.descriptor().name,
            address: element.url.clone(),
            reason: format!("no answer within {:?}", core.send_timeout),
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
