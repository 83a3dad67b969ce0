//! OTLP/JSON, in all the dialects that SDKs speak.
//!
//! | what | OTLP says | also taken |
//! |---|---|---|
//! | names | `traceId` | `trace_id`, as protobuf's own JSON readers do |
//! | ids | hexadecimal, of any case | base64, as protobuf's own JSON writers do |
//! | enums | numbers | names, with their prefix or without |
//! | 64-bit numbers | strings | numbers |
//! | bytes | base64 | its URL alphabet, with padding or without |
//! | `null` | the default | |
//!
//! Unknown fields are ignored, as OTLP demands. It is read straight into the fields that matter:
//! a tree of JSON values would take many times the memory of its text. An id that is neither
//! comes out as the bytes that stand there, so that its span is found malformed rather than the
//! whole request. Items of lists are counted as they are read, and become protobuf's one by one.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use opentelemetry_proto::tonic::common::v1 as common;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1 as otlp;
use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Unexpected, Visitor};

use super::budget::{Budget, TooMany};
use super::payload::PayloadError;
use scalars::{Enum, Id, Int, Number};

mod scalars;

/// Reads a request, which is also what a file of recorded traces holds on each line.
pub(super) fn read(text: &[u8]) -> Result<Vec<otlp::ResourceSpans>, PayloadError> {
    BUDGET.set(Ok(Budget::default()));
    let request: Result<Request, _> = serde_json::from_slice(text);
    BUDGET.get()?;
    Ok(all(request?.resource_spans))
}

thread_local! {
    /// Of the request that is being read. What serde derives hands nothing down to the lists, so
    /// it lies beside them; a request is read in one go, on one thread.
    static BUDGET: Cell<Result<Budget, TooMany>> = Cell::new(Ok(Budget::default()));
}

/// What stands in lists.
trait Item: Into<Self::Proto> {
    type Proto;

    fn take(budget: Budget) -> Result<Budget, TooMany>;
}

/// Many, and no more than the budget has.
struct List<T: Item>(Vec<T::Proto>);

impl<'de, T: Item + Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListVisitor(PhantomData))
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Item + Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<List<T>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element::<T>()? {
            let left = BUDGET.get().and_then(T::take);
            BUDGET.set(left);
            left.map_err(A::Error::custom)?;
            items.push(item.into());
        }
        Ok(List(items))
    }
}

/// A message with fields that may be absent or null, and how it becomes protobuf's; and what it
/// takes from the budget, if it stands in lists.
macro_rules! message {
    ($name:ident $(in $budget:ident)? { $($field:ident $(or $alias:literal)?: $kind:ty),* $(,)? }
     $this:ident => $proto:ty : $into:expr) => {
        #[derive(serde::Deserialize, Default)]
        #[serde(default, rename_all = "camelCase")]
        #[allow(clippy::struct_field_names, reason = "the names are OTLP's")]
        struct $name {
            $($(#[serde(alias = $alias)])? $field: Option<$kind>,)*
        }

        impl From<$name> for $proto {
            fn from($this: $name) -> Self {
                $into
            }
        }

        $(impl Item for $name {
            type Proto = $proto;

            fn take(budget: Budget) -> Result<Budget, TooMany> {
                budget.$budget(1)
            }
        })?
    };
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Request {
    #[serde(alias = "resource_spans")]
    resource_spans: Option<List<ResourceSpans>>,
}

message!(ResourceSpans in spans {
    resource: Source,
    scope_spans or "scope_spans": List<ScopeSpans>,
} this => otlp::ResourceSpans: Self {
    resource: this.resource.map(Into::into),
    scope_spans: all(this.scope_spans),
    ..Self::default()
});

message!(Source { attributes: List<KeyValue> } this => Resource: Self {
    attributes: all(this.attributes),
    ..Self::default()
});

message!(ScopeSpans in spans { scope: Scope, spans: List<Span> } this => otlp::ScopeSpans: Self {
    scope: this.scope.map(Into::into),
    spans: all(this.spans),
    ..Self::default()
});

message!(Scope { name: String, version: String } this => common::InstrumentationScope: Self {
    name: this.name.unwrap_or_default(),
    version: this.version.unwrap_or_default(),
    ..Self::default()
});

message!(Span in spans {
    trace_id or "trace_id": Id<16>,
    span_id or "span_id": Id<8>,
    trace_state or "trace_state": String,
    parent_span_id or "parent_span_id": Id<8>,
    flags: Int,
    name: String,
    kind: Enum,
    start_time_unix_nano or "start_time_unix_nano": Int,
    end_time_unix_nano or "end_time_unix_nano": Int,
    attributes: List<KeyValue>,
    dropped_attributes_count or "dropped_attributes_count": Int,
    dropped_events_count or "dropped_events_count": Int,
    links: List<Link>,
    dropped_links_count or "dropped_links_count": Int,
    status: Status,
} this => otlp::Span: Self {
    trace_id: id(this.trace_id),
    span_id: id(this.span_id),
    trace_state: this.trace_state.unwrap_or_default(),
    parent_span_id: id(this.parent_span_id),
    flags: small(this.flags),
    name: this.name.unwrap_or_default(),
    kind: this.kind.map_or(0, |kind| kind.0),
    start_time_unix_nano: nanos(this.start_time_unix_nano),
    end_time_unix_nano: nanos(this.end_time_unix_nano),
    attributes: all(this.attributes),
    dropped_attributes_count: small(this.dropped_attributes_count),
    dropped_events_count: small(this.dropped_events_count),
    links: all(this.links),
    dropped_links_count: small(this.dropped_links_count),
    status: this.status.map(Into::into),
    // The judge has no use for events.
    events: Vec::new(),
});

message!(Link in parts {
    trace_id or "trace_id": Id<16>,
    span_id or "span_id": Id<8>,
    trace_state or "trace_state": String,
    attributes: List<KeyValue>,
    flags: Int,
} this => otlp::span::Link: Self {
    trace_id: id(this.trace_id),
    span_id: id(this.span_id),
    trace_state: this.trace_state.unwrap_or_default(),
    attributes: all(this.attributes),
    flags: small(this.flags),
    ..Self::default()
});

message!(Status { code: Enum, message: String } this => otlp::Status: Self {
    code: this.code.map_or(0, |code| code.0),
    message: this.message.unwrap_or_default(),
});

message!(KeyValue in parts { key: String, value: AnyValue } this => common::KeyValue: Self {
    key: this.key.unwrap_or_default(),
    value: this.value.map(Into::into),
    ..Self::default()
});

message!(AnyValue in parts {
    string_value or "string_value": String,
    bool_value or "bool_value": bool,
    int_value or "int_value": Int,
    double_value or "double_value": Number,
    array_value or "array_value": ArrayValue,
    kvlist_value or "kvlist_value": KeyValueList,
    bytes_value or "bytes_value": Base64,
} this => common::AnyValue: {
    use common::any_value::Value as V;
    let value = None
        .or(this.string_value.map(V::StringValue))
        .or(this.bool_value.map(V::BoolValue))
        .or(this.int_value.map(|int| V::IntValue(int.signed())))
        .or(this.double_value.map(|number| V::DoubleValue(number.0)))
        .or(this.array_value.map(|list| V::ArrayValue(list.into())))
        .or(this.kvlist_value.map(|map| V::KvlistValue(map.into())))
        .or(this.bytes_value.map(|bytes| V::BytesValue(bytes.0)));
    Self { value }
});

message!(ArrayValue { values: List<AnyValue> } this => common::ArrayValue: Self {
    values: all(this.values),
});

message!(KeyValueList { values: List<KeyValue> } this => common::KeyValueList: Self {
    values: all(this.values),
});

fn all<T: Item>(list: Option<List<T>>) -> Vec<T::Proto> {
    list.map(|list| list.0).unwrap_or_default()
}

fn id<const N: usize>(id: Option<Id<N>>) -> Vec<u8> {
    id.map(|id| id.0).unwrap_or_default()
}

/// A time before 1970 or beyond 64 bits is as good as none: nothing is judged by time.
fn nanos(number: Option<Int>) -> u64 {
    number.and_then(|n| n.0.try_into().ok()).unwrap_or_default()
}

fn small(number: Option<Int>) -> u32 {
    number.map_or(0, |n| n.0.try_into().unwrap_or(u32::MAX))
}

struct Base64(Vec<u8>);

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || D::Error::invalid_value(Unexpected::Str(&text), &"bytes in base64");
        base64(&text).map(Self).ok_or_else(wrong)
    }
}

/// Either alphabet, padded or not.
fn base64(text: &str) -> Option<Vec<u8>> {
    const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    const ENGINE: GeneralPurpose = GeneralPurpose::new(&STANDARD, CONFIG);
    let standard = text.replace('-', "+").replace('_', "/");
    ENGINE.decode(standard).ok()
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
