use std::collections::HashMap;
use std::future::{Future, ready};
use std::sync::{Arc, Mutex, PoisonError};

use opentelemetry::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use super::store::Store;
use crate::span::{Origin, Span};

/// The exporter of a service in this process: spans go to the store as if they had come over the
/// network, through the same shape and the same decoder, without the network.
///
/// Behind a `SimpleSpanProcessor` a span is in the store before `end()` returns. Every provider
/// needs an exporter of its own, as it keeps the provider's resource.
#[derive(Debug)]
pub struct InProcess {
    store: Store,
    resource: Resource,
    origins: Mutex<HashMap<InstrumentationScope, Arc<Origin>>>,
}

impl InProcess {
    /// An exporter to `store`.
    pub fn new(store: &Store) -> Self {
        Self {
            store: store.clone(),
            resource: Resource::default(),
            origins: Mutex::default(),
        }
    }

    fn origin(&self, scope: &InstrumentationScope) -> Arc<Origin> {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(origin) = origins.get(scope) {
            return Arc::clone(origin);
        }
        let encoded = (scope, None).into();
        let origin = self.store.origin(Some(&self.resource), Some(&encoded));
        origins.insert(scope.clone(), Arc::clone(&origin));
        origin
    }
}

impl SpanExporter for InProcess {
    fn export(&self, batch: Vec<SpanData>) -> impl Future<Output = OTelSdkResult> + Send {
        let spans = batch.into_iter().map(|span| {
            let origin = self.origin(&span.instrumentation_scope);
            Span::decode(span.into(), &origin)
        });
        // Decoded before the store is locked: an origin is the store's, too.
        let spans: Vec<_> = spans.collect();
        ready(match self.store.append(spans).refused {
            0 => Ok(()),
            refused => Err(OTelSdkError::InternalFailure(format!(
                "the store is full: {refused} spans were refused"
            ))),
        })
    }

    /// `SpanData` does not say whose it is: only here is it told. The SDK keeps resources in an
    /// order that differs from one to the next; in this one, equal resources are one origin.
    fn set_resource(&mut self, resource: &opentelemetry_sdk::Resource) {
        let mut attributes = ResourceAttributesWithSchema::from(resource).attributes.0;
        attributes.sort_by(|a, b| a.key.cmp(&b.key));
        self.resource.attributes = attributes;
        self.origins = Mutex::default();
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{
        Link, SpanContext, SpanKind, TraceContextExt as _, TraceFlags, TraceState, Tracer as _,
        TracerProvider as _,
    };
    use opentelemetry::{Context, KeyValue, SpanId, TraceId};
    use opentelemetry_sdk::trace::SdkTracerProvider;

    use super::*;

    fn provider(store: &Store, service: &'static str) -> SdkTracerProvider {
        let resource = opentelemetry_sdk::Resource::builder_empty()
            .with_service_name(service)
            .with_attribute(KeyValue::new(
                "service.instance.id",
                format!("ub_00000007_{service}"),
            ));
        SdkTracerProvider::builder()
            .with_resource(resource.build())
            .with_simple_exporter(InProcess::new(store))
            .build()
    }

    fn remote(trace: u128, span: u64) -> SpanContext {
        let flags = TraceFlags::SAMPLED;
        let state = TraceState::from_key_value([("vendor", "42")]).expect("valid");
        SpanContext::new(trace.into(), span.into(), flags, true, state)
    }

    #[test]
    fn a_span_is_in_the_store_when_it_has_ended_with_all_that_it_had() {
        let store = Store::new();
        let tracer = provider(&store, "orders").tracer("the-scope");
        let span = tracer
            .span_builder("process")
            .with_kind(SpanKind::Consumer)
            .with_attributes([KeyValue::new("topic", "ub_00000007_3")])
            .with_links(vec![Link::with_context(remote(5, 6))]);
        let parent = Context::new().with_remote_span_context(remote(1, 2));
        drop(span.start_with_context(&tracer, &parent));

        let spans = store.trace(TraceId::from(1));
        let [span] = spans.as_slice() else {
            panic!("{spans:?}");
        };
        assert_eq!(span.parent, Some(SpanId::from(2)));
        assert_eq!(
            (span.parent_is_remote, span.trace_flags),
            (Some(true), Some(1))
        );
        assert_eq!(&*span.trace_state, "vendor=42");
        assert_eq!(span.kind, crate::span::SpanKind::Consumer);
        assert_eq!(span.links[0].trace_id, TraceId::from(5));
        assert_eq!(span.links[0].is_remote, Some(true));
        assert_eq!(span.hops[0].to_string(), "ub_00000007_3");
        assert_eq!(span.origin.service.as_deref(), Some("orders"));
        assert_eq!(span.origin.run, Some(7));
        assert_eq!(&*span.origin.scope, "the-scope");
        assert_eq!(store.touching(7), [TraceId::from(1)]);
        assert_eq!(store.linking_into(TraceId::from(5)), [TraceId::from(1)]);
    }

    #[test]
    fn several_services_of_one_process_stay_apart() {
        let store = Store::new();
        let parent = Context::new().with_remote_span_context(remote(1, 2));
        for service in ["gateway", "orders", "gateway"] {
            let tracer = provider(&store, service).tracer("t");
            drop(
                tracer
                    .span_builder("s")
                    .start_with_context(&tracer, &parent),
            );
        }
        let spans = store.trace(TraceId::from(1));
        let services: Vec<_> = spans.iter().map(|s| s.origin.service.as_deref()).collect();
        assert_eq!(services, [Some("gateway"), Some("orders"), Some("gateway")]);
        assert!(Arc::ptr_eq(&spans[0].origin, &spans[2].origin));
    }
}
