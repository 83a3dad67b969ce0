//! What stands on the wire between a client and SQS, as far as a tap wants to know.
//!
//! Requests come in the JSON protocol, or, from older clients, in the query protocol. Whatever
//! cannot be read holds no carrier, and is none of the tap's business.

mod asked;
mod xml;

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use hyper::HeaderMap;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::carrier::TRACE_HEADER;
use crate::Carrier;

pub(super) use asked::Asked;

/// One request of a client.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// The last segment of the queue's URL.
    pub(super) queue: String,
    pub(super) action: Action,
}

/// What a tap tells apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// The carriers of the messages that are sent.
    Send(Vec<Carrier>),
    Receive,
}

/// What a request asks for, if it sends or receives.
pub(super) fn call(path: &str, headers: &HeaderMap, body: &[u8]) -> Option<Call> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let mut call = match header("x-amz-target") {
        Some(target) => json_call(target.rsplit('.').next()?, body)?,
        None => query_call(path, body)?,
    };
    // SQS makes the header of a request the attribute of its messages, unless they have one.
    if let (Action::Send(carriers), Some(trace)) = (&mut call.action, header("x-amzn-trace-id")) {
        for carrier in carriers {
            if carrier.all(TRACE_HEADER).next().is_none() {
                carrier.append(TRACE_HEADER, trace.to_owned());
            }
        }
    }
    Some(call)
}

/// A message in an answer to a receive.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Arrival {
    /// What the broker calls it.
    pub(super) id: String,
    pub(super) carrier: Carrier,
}

/// The messages in an answer to a receive, in either protocol.
pub(super) fn received(body: &[u8]) -> Vec<Arrival> {
    if body.starts_with(b"<") {
        return xml::received(&String::from_utf8_lossy(body));
    }
    let answer: Received = serde_json::from_slice(body).unwrap_or_default();
    let messages = answer.messages.into_iter().flatten();
    messages
        .map(|message| {
            let mut carrier = message.message_attributes.unwrap_or_default().0;
            if let Some(header) = message.attributes.and_then(|system| system.trace_header) {
                carrier.append(TRACE_HEADER, header);
            }
            Arrival {
                id: message.message_id.unwrap_or_default(),
                carrier,
            }
        })
        .collect()
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    queue_url: String,
    /// Of a batch.
    entries: Option<Vec<Entry>>,
    #[serde(flatten)]
    single: Entry,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    message_attributes: Option<Attributes>,
    message_system_attributes: Option<Attributes>,
}

#[derive(Default, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Received {
    messages: Option<Vec<ReceivedMessage>>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReceivedMessage {
    message_id: Option<String>,
    message_attributes: Option<Attributes>,
    attributes: Option<SystemAttributes>,
}

/// Of those that a broker adds only this one carries context.
#[derive(serde::Deserialize)]
struct SystemAttributes {
    #[serde(rename = "AWSTraceHeader")]
    trace_header: Option<String>,
}

#[derive(Default, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    string_value: Option<String>,
    binary_value: Option<String>,
}

/// A JSON object, in its order, and with every member of a repeated name.
#[derive(Default)]
struct Attributes(Carrier);

impl Entry {
    fn carrier(self) -> Carrier {
        let mut carrier = self.message_attributes.unwrap_or_default().0;
        for (name, value) in self.message_system_attributes.unwrap_or_default().0.iter() {
            carrier.append(name, value.clone());
        }
        carrier
    }
}

impl Attribute {
    fn value(self) -> Bytes {
        let binary = self.binary_value.map(|encoded| {
            let decoded = BASE64_STANDARD.decode(&encoded);
            // Not what it should be, but what stands there.
            decoded.unwrap_or_else(|_| encoded.into_bytes())
        });
        let text = self.string_value.map(String::into_bytes);
        text.or(binary).unwrap_or_default().into()
    }
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Attributes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("attributes by name")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> Result<Attributes, M::Error> {
                let mut carrier = Carrier::new();
                while let Some((name, attribute)) = members.next_entry::<String, Attribute>()? {
                    carrier.append(name, attribute.value());
                }
                Ok(Attributes(carrier))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

fn json_call(operation: &str, body: &[u8]) -> Option<Call> {
    let is_send = match operation {
        "SendMessage" | "SendMessageBatch" => true,
        "ReceiveMessage" => false,
        _ => return None,
    };
    let request: Request = serde_json::from_slice(body).ok()?;
    let entries = request.entries.unwrap_or_else(|| vec![request.single]);
    let carriers = entries.into_iter().map(Entry::carrier).collect();
    Some(Call {
        queue: queue_in(&request.queue_url)?,
        action: if is_send {
            Action::Send(carriers)
        } else {
            Action::Receive
        },
    })
}

/// A form: `Action=SendMessage&QueueUrl=…&MessageAttribute.1.Name=…`, where the queue may stand
/// in the path instead.
fn query_call(path: &str, body: &[u8]) -> Option<Call> {
    let fields: Vec<_> = url::form_urlencoded::parse(body).collect();
    let field = |name: &str| {
        let mut values = fields.iter().filter(|(found, _)| found == name);
        values.next().map(|(_, value)| value.as_ref())
    };
    let action = match field("Action")? {
        "SendMessage" => Action::Send(vec![query_carrier("", &field)]),
        "SendMessageBatch" => Action::Send(
            (1..=MOST_ENTRIES)
                .map(|n| format!("SendMessageBatchRequestEntry.{n}."))
                .take_while(|entry| field(&format!("{entry}Id")).is_some())
                .map(|entry| query_carrier(&entry, &field))
                .collect(),
        ),
        "ReceiveMessage" => Action::Receive,
        _ => return None,
    };
    let queue = queue_in(field("QueueUrl").unwrap_or(path))?;
    Some(Call { queue, action })
}

/// More than SQS allows in a batch, or on a message.
const MOST_ENTRIES: usize = 100;

fn query_carrier<'a>(entry: &str, field: &impl Fn(&str) -> Option<&'a str>) -> Carrier {
    let mut carrier = Carrier::new();
    for kind in ["MessageAttribute", "MessageSystemAttribute"] {
        for n in 1..=MOST_ENTRIES {
            let prefix = format!("{entry}{kind}.{n}.");
            let Some(name) = field(&format!("{prefix}Name")) else {
                break;
            };
            let value = |of: &str| field(&format!("{prefix}Value.{of}")).map(str::to_owned);
            let attribute = Attribute {
                string_value: value("StringValue"),
                binary_value: value("BinaryValue"),
            };
            carrier.append(name, attribute.value());
        }
    }
    carrier
}

fn queue_in(url: &str) -> Option<String> {
    let queue = url.rsplit('/').next()?;
    (!queue.is_empty()).then(|| queue.to_owned())
}

#[cfg(test)]
mod tests;
