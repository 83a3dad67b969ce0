//! Carrier ⇄ message attributes, and the one system attribute that carries context.

use std::collections::HashMap;

use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{
    Message, MessageAttributeValue, MessageSystemAttributeName, MessageSystemAttributeNameForSends,
    MessageSystemAttributeValue,
};
use bytes::Bytes;

use crate::Carrier;
use crate::w3c::{TRACEPARENT, TraceParent};
use crate::xray::{ATTRIBUTE, HEADER, TraceHeader};

/// The name of the system attribute, and of its entry in a carrier.
pub(super) const TRACE_HEADER: &str = ATTRIBUTE;

/// Where `traceparent` travels: the `carrier` of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// In a message attribute of its own, as most do.
    Attributes,
    /// In the system attribute, in the format of X-Ray.
    Header,
}

/// What a send takes.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Attributes {
    pub(super) message: HashMap<String, MessageAttributeValue>,
    pub(super) system: HashMap<MessageSystemAttributeNameForSends, MessageSystemAttributeValue>,
}

/// Every entry as an attribute: text as `String`, anything else as `Binary`. An entry of the name
/// [`TRACE_HEADER`], or of the header that SQS takes for it, is the system attribute, whatever it holds. How many there may be, of which
/// names and lengths, is for the broker to say: brokers differ.
///
/// The error says which entry cannot be expressed at all.
pub(super) fn attributes_of(carrier: &Carrier, form: Form) -> Result<Attributes, String> {
    let mut attributes = Attributes::default();
    let mut is_free = true;
    for (name, value) in carrier.iter() {
        if name == TRACE_HEADER || name.eq_ignore_ascii_case(HEADER) {
            let text = text_of(value).ok_or(format!("{TRACE_HEADER} holds no text"))?;
            is_free &= attributes.set_trace_header(text)?;
        } else if form == Form::Header && name.eq_ignore_ascii_case(TRACEPARENT) {
            let context = TraceParent::parse(value);
            let context = context.map_err(|e| format!("no X-Ray header can say {value:?}: {e}"))?;
            is_free &= attributes.set_trace_header(&TraceHeader::from(context).to_string())?;
        } else {
            let attribute = attribute_of(value)?;
            let before = attributes.message.insert(name.to_owned(), attribute);
            is_free &= before.is_none();
        }
        if !is_free {
            return Err(format!("two attributes cannot have the name {name:?}"));
        }
    }
    Ok(attributes)
}

/// All message attributes, by name, then the trace header.
pub(super) fn carrier_of(message: &Message, form: Form) -> Carrier {
    let mut attributes: Vec<_> = message.message_attributes.iter().flatten().collect();
    attributes.sort_unstable_by_key(|(name, _)| *name);
    let mut carrier: Carrier = attributes
        .into_iter()
        .map(|(name, value)| (name.as_str(), value_of(value)))
        .collect();
    let system = message.attributes.as_ref();
    let header = system.and_then(|s| s.get(&MessageSystemAttributeName::AwsTraceHeader));
    if let Some(header) = header {
        carrier.append(TRACE_HEADER, header.clone());
    }
    form.read(carrier)
}

impl Form {
    /// In the form [`Form::Header`] the trace header is a `traceparent` too, if there is no other.
    pub(super) fn read(self, mut carrier: Carrier) -> Carrier {
        let has_parent = carrier.all(TRACEPARENT).next().is_some();
        if self == Self::Header && !has_parent {
            let header = carrier.all(TRACE_HEADER).next();
            let header = header.and_then(|value| str::from_utf8(value).ok());
            if let Some(Ok(header)) = header.map(TraceHeader::parse) {
                carrier.append(TRACEPARENT, TraceParent::from(header).to_string());
            }
        }
        carrier
    }
}

impl Attributes {
    /// Whether it was free.
    fn set_trace_header(&mut self, text: &str) -> Result<bool, String> {
        let value = MessageSystemAttributeValue::builder()
            .data_type("String")
            .string_value(text)
            .build()
            .map_err(|error| error.to_string())?;
        let name = MessageSystemAttributeNameForSends::AwsTraceHeader;
        Ok(self.system.insert(name, value).is_none())
    }
}

fn attribute_of(value: &Bytes) -> Result<MessageAttributeValue, String> {
    let attribute = MessageAttributeValue::builder();
    let attribute = match text_of(value) {
        Some(text) => attribute.data_type("String").string_value(text),
        None => attribute
            .data_type("Binary")
            .binary_value(Blob::new(value.to_vec())),
    };
    attribute.build().map_err(|error| error.to_string())
}

fn value_of(attribute: &MessageAttributeValue) -> Bytes {
    let text = attribute.string_value.as_ref();
    let text = text.map(|text| Bytes::from(text.clone()));
    let binary = attribute.binary_value.as_ref();
    text.or_else(|| binary.map(|blob| Bytes::copy_from_slice(blob.as_ref())))
        .unwrap_or_default()
}

/// What SQS takes for text: the characters of XML.
pub(super) fn text_of(value: &[u8]) -> Option<&str> {
    let allowed = |c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    str::from_utf8(value)
        .ok()
        .filter(|text| text.chars().all(allowed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const HEADER: &str =
        "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=00f067aa0ba902b7;Sampled=1";

    /// What a broker does that changes nothing.
    fn message_of(attributes: Attributes) -> Message {
        let header = attributes
            .system
            .into_values()
            .filter_map(|value| value.string_value)
            .map(|header| (MessageSystemAttributeName::AwsTraceHeader, header));
        Message::builder()
            .set_message_attributes(Some(attributes.message))
            .set_attributes(Some(header.collect()))
            .build()
    }

    fn through(carrier: &Carrier, form: Form) -> Carrier {
        carrier_of(
            &message_of(attributes_of(carrier, form).expect("valid")),
            form,
        )
    }

    #[test]
    fn by_default_a_traceparent_is_an_attribute_like_any_other() {
        let carrier: Carrier = [(TRACEPARENT, PARENT), ("tracestate", "a=1")]
            .into_iter()
            .collect();
        assert_eq!(through(&carrier, Form::Attributes), carrier);
    }

    #[test]
    fn as_a_header_the_traceparent_goes_in_one_format_and_arrives_in_both() {
        let carrier = [(TRACEPARENT, PARENT), ("tracestate", "a=1")]
            .into_iter()
            .collect();
        let arrived = [
            ("tracestate", "a=1"),
            (TRACE_HEADER, HEADER),
            (TRACEPARENT, PARENT),
        ];
        assert_eq!(
            through(&carrier, Form::Header),
            arrived.into_iter().collect()
        );
    }

    #[test]
    fn a_header_that_is_garbage_still_arrives_under_its_own_name() {
        let carrier: Carrier = [(TRACE_HEADER, "garbage")].into_iter().collect();
        assert_eq!(through(&carrier, Form::Header), carrier);
    }

    #[test]
    fn a_header_does_not_hide_the_attribute() {
        let carrier: Carrier = [(TRACEPARENT, "other"), (TRACE_HEADER, HEADER)]
            .into_iter()
            .collect();
        let attributes = attributes_of(&carrier, Form::Attributes).expect("valid");
        assert_eq!(carrier_of(&message_of(attributes), Form::Header), carrier);
    }

    #[test]
    fn what_attributes_cannot_express_is_refused() {
        let refused = |entries: &[(&str, &str)], form| {
            let carrier = entries.iter().map(|(n, v)| (*n, (*v).to_owned())).collect();
            attributes_of(&carrier, form).expect_err("refused")
        };
        let twice = refused(&[("a", "1"), ("a", "2")], Form::Attributes);
        assert!(twice.contains("\"a\""), "{twice}");
        refused(
            &[(TRACE_HEADER, HEADER), (TRACEPARENT, PARENT)],
            Form::Header,
        );
        let invalid = refused(&[(TRACEPARENT, "00-1")], Form::Header);
        assert!(invalid.contains("00-1"), "{invalid}");
    }

    proptest! {
        #[test]
        fn every_value_survives(value: Vec<u8>) {
            let carrier: Carrier = [("x", value)].into_iter().collect();
            prop_assert_eq!(through(&carrier, Form::Attributes), carrier);
        }
    }
}
