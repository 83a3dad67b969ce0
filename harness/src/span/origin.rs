use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1::Resource;

use super::{Attribute, Value, find};
use crate::token::find_run;

/// Where spans come from: an instance of a service, and the instrumentation that made them.
///
/// Resource attributes may hold host names, users and command lines: scrub them before they
/// are published.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origin {
    /// `service.name`.
    pub service: Option<Box<str>>,
    /// `service.instance.id`.
    pub instance: Option<Box<str>>,
    /// The run that the instance belongs to, if its id was given by a stage
    /// (`ub_1a2b3c4d_orders`).
    pub run: Option<u32>,
    /// All attributes of the resource.
    pub resource: Vec<Attribute>,
    /// The name of the instrumentation scope; empty if unknown.
    pub scope: Box<str>,
    /// The version of the instrumentation scope; empty if unknown.
    pub scope_version: Box<str>,
}

impl Origin {
    /// Reads a resource and a scope in the shape of OTLP.
    pub fn decode(resource: Option<&Resource>, scope: Option<&InstrumentationScope>) -> Self {
        let attributes = resource.map(|r| r.attributes.clone()).unwrap_or_default();
        let resource: Vec<_> = attributes.into_iter().map(Attribute::from).collect();
        let text = |key| find(&resource, key).and_then(Value::as_str);
        let instance = text("service.instance.id");
        Self {
            service: text("service.name").map(Box::from),
            instance: instance.map(Box::from),
            run: instance.and_then(find_run),
            scope: scope.map(|s| s.name.as_str().into()).unwrap_or_default(),
            scope_version: scope.map(|s| s.version.as_str().into()).unwrap_or_default(),
            resource,
        }
    }
}
