//! The answers of the query protocol: XML of a shape that SQS has never changed, read by its
//! elements' names. Text in it is escaped, so that no message can look like an element.

use super::{Arrival, Attribute};
use crate::Carrier;
use crate::sqs::carrier::TRACE_HEADER;

/// The messages in a `ReceiveMessageResponse`.
pub(super) fn received(answer: &str) -> Vec<Arrival> {
    let messages = elements(answer, "Message");
    let arrivals = messages.map(|message| Arrival {
        id: text(message, "MessageId").unwrap_or_default(),
        carrier: carrier(message),
    });
    arrivals.collect()
}

fn carrier(message: &str) -> Carrier {
    let mut carrier = Carrier::new();
    for attribute in elements(message, "MessageAttribute") {
        let value = Attribute {
            string_value: text(attribute, "StringValue"),
            binary_value: text(attribute, "BinaryValue"),
        };
        if let Some(name) = text(attribute, "Name") {
            carrier.append(name, value.value());
        }
    }
    for attribute in elements(message, "Attribute") {
        let is_header = text(attribute, "Name").as_deref() == Some(TRACE_HEADER);
        if let (true, Some(value)) = (is_header, text(attribute, "Value")) {
            carrier.append(TRACE_HEADER, value);
        }
    }
    carrier
}

/// What stands inside of each element of this name, none of which holds another.
fn elements<'a>(xml: &'a str, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let mut rest = xml;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(&start)?;
        let (inside, after) = after.split_once(&end)?;
        rest = after;
        Some(inside)
    })
}

fn text(xml: &str, name: &str) -> Option<String> {
    elements(xml, name).next().map(unescape)
}

/// An entity that is none stays as it stands.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        // None is longer; to look further for each `&` could take very long.
        let end = after.bytes().take(10).position(|byte| byte == b';');
        if let Some((c, end)) = end.and_then(|end| Some((character(&after[..end])?, end))) {
            plain.push(c);
            rest = &after[end + 1..];
        } else {
            plain.push('&');
            rest = after;
        }
    }
    plain + rest
}

fn character(entity: &str) -> Option<char> {
    Some(match entity {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = entity.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_kinds_of_attributes_are_found_in_every_message() {
        let answer = "<ReceiveMessageResponse><ReceiveMessageResult>\
            <Message><MessageId>1</MessageId><Body>&lt;Message&gt;</Body>\
              <Attribute><Name>SenderId</Name><Value>7</Value></Attribute>\
              <Attribute><Name>AWSTraceHeader</Name><Value>t&lt;h&#38;</Value></Attribute>\
              <MessageAttribute><Name>a</Name>\
                <Value><DataType>String</DataType><StringValue>v</StringValue></Value>\
              </MessageAttribute>\
              <MessageAttribute><Name>b</Name>\
                <Value><DataType>Binary</DataType><BinaryValue>AAE=</BinaryValue></Value>\
              </MessageAttribute>\
            </Message><Message><Body>x</Body></Message>\
            </ReceiveMessageResult></ReceiveMessageResponse>";
        let first = [("a", "v"), ("b", "\0\u{1}"), (TRACE_HEADER, "t<h&")];
        let arrival = |id: &str, carrier| Arrival {
            id: id.to_owned(),
            carrier,
        };
        let first = arrival("1", first.into_iter().collect());
        assert_eq!(received(answer), [first, arrival("", Carrier::new())]);
    }

    #[test]
    fn what_is_no_entity_stays() {
        assert_eq!(
            unescape("&amp;amp; & &x; &#xZ; &#x41;"),
            "&amp; & &x; &#xZ; A"
        );
    }

    proptest! {
        #[test]
        fn any_text_at_all_gives_an_answer(text: String) {
            let _ = received(&text);
            let _ = received(&format!("<Message><MessageAttribute>{text}</Message>"));
            let _ = unescape(&text);
        }
    }
}
