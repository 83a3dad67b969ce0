use bytes::Bytes;
use serde_json::{Map, Value};

use crate::Carrier;
use crate::sqs::carrier::TRACE_HEADER;

/// What a client asks for in a receive: the broker gives no attribute that is not asked for, and
/// so hides from a tap what stands on the wire before it.
///
/// Only the JSON protocol is read: an older client is passed on as it is.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::sqs) struct Asked {
    message: Vec<String>,
    system: Vec<String>,
}

const MESSAGE: &str = "MessageAttributeNames";
const SYSTEM: &str = "MessageSystemAttributeNames";
/// What clients called [`SYSTEM`] before.
const SYSTEM_BEFORE: &str = "AttributeNames";

impl Asked {
    /// What this request asks for, and the request that asks for everything instead; `None` if it
    /// does so already, or cannot be read.
    pub(in crate::sqs) fn in_request(body: &[u8]) -> Option<(Self, Bytes)> {
        let mut request: Map<String, Value> = serde_json::from_slice(body).ok()?;
        let mut taken = |name| names(request.remove(name));
        let (message, mut system) = (taken(MESSAGE), taken(SYSTEM));
        system.extend(taken(SYSTEM_BEFORE));
        let asked = Self { message, system };
        if asked.includes(TRACE_HEADER) && asked.message.iter().any(|name| is_all(name)) {
            return None;
        }
        for name in [MESSAGE, SYSTEM] {
            request.insert(name.to_owned(), Value::from(vec!["All"]));
        }
        Some((asked, serde_json::to_vec(&request).ok()?.into()))
    }

    /// An answer without what had not been asked for. One that cannot be read stays as it is.
    pub(in crate::sqs) fn of(&self, body: Bytes) -> Bytes {
        let Ok(Value::Object(mut answer)) = serde_json::from_slice(&body) else {
            return body;
        };
        let messages = answer.get_mut("Messages").and_then(Value::as_array_mut);
        for message in messages
            .into_iter()
            .flatten()
            .filter_map(Value::as_object_mut)
        {
            self.reduce(message);
        }
        serde_json::to_vec(&answer).map_or(body, Into::into)
    }

    /// The names on a carrier that were not asked for.
    pub(in crate::sqs) fn missing<'a>(&self, carrier: &'a Carrier) -> Vec<&'a str> {
        let names = carrier.iter().map(|(name, _)| name);
        names.filter(|name| !self.includes(name)).collect()
    }

    fn reduce(&self, message: &mut Map<String, Value>) {
        let of_message = |name: &str| self.message.iter().any(|asked| covers(asked, name));
        let of_system = |name: &str| {
            self.system
                .iter()
                .any(|asked| asked == "All" || asked == name)
        };
        if retain(message, "MessageAttributes", of_message) {
            // It is over all of them, and clients believe it only where it stands.
            message.remove("MD5OfMessageAttributes");
        }
        retain(message, "Attributes", of_system);
    }

    fn includes(&self, name: &str) -> bool {
        match name {
            TRACE_HEADER => self
                .system
                .iter()
                .any(|asked| asked == "All" || asked == name),
            _ => self.message.iter().any(|asked| covers(asked, name)),
        }
    }
}

/// Keeps what was asked for, and says whether anything had to go. What is empty goes as a whole.
fn retain(message: &mut Map<String, Value>, member: &str, keep: impl Fn(&str) -> bool) -> bool {
    let Some(attributes) = message.get_mut(member).and_then(Value::as_object_mut) else {
        return false;
    };
    let before = attributes.len();
    attributes.retain(|name, _| keep(name));
    let (after, changed) = (attributes.len(), attributes.len() < before);
    if after == 0 {
        message.remove(member);
    }
    changed
}

fn names(value: Option<Value>) -> Vec<String> {
    let Some(Value::Array(names)) = value else {
        return Vec::new();
    };
    let names = names.into_iter();
    names
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect()
}

/// Whether a name that may end in `.*` means this attribute.
fn covers(asked: &str, name: &str) -> bool {
    let beginning = asked.strip_suffix(".*");
    is_all(asked) || asked == name || beginning.is_some_and(|beginning| name.starts_with(beginning))
}

fn is_all(asked: &str) -> bool {
    matches!(asked, "All" | ".*")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"{"Messages":[{
        "Body": "[]", "MD5OfMessageAttributes": "0", "Attributes": {"AWSTraceHeader": "Root=1"},
        "MessageAttributes": {"traceparent": {"StringValue": "1"}, "a.b": {"StringValue": "2"}}
    }]}"#;

    fn asked(request: &str) -> Option<Asked> {
        Asked::in_request(request.as_bytes()).map(|(asked, _)| asked)
    }

    fn answered(request: &str) -> Value {
        let answer = asked(request).expect("not everything").of(ANSWER.into());
        serde_json::from_slice(&answer).expect("JSON")
    }

    #[test]
    fn a_client_that_asks_for_nothing_gets_the_body_alone() {
        let expected = serde_json::json!({"Messages": [{"Body": "[]"}]});
        assert_eq!(answered(r#"{"QueueUrl": "q"}"#), expected);
    }

    #[test]
    fn a_client_gets_what_it_asked_for_and_no_more() {
        let request = r#"{"AttributeNames": ["AWSTraceHeader"], "MessageAttributeNames": ["a.*"]}"#;
        let message = &answered(request)["Messages"][0];
        assert_eq!(message["Attributes"]["AWSTraceHeader"], "Root=1");
        assert_eq!(message["MessageAttributes"]["a.b"]["StringValue"], "2");
        assert!(message["MessageAttributes"].get("traceparent").is_none());
        assert!(message.get("MD5OfMessageAttributes").is_none());
    }

    #[test]
    fn the_broker_is_asked_for_everything() {
        let (_, request) = Asked::in_request(br#"{"QueueUrl": "q"}"#).expect("nothing asked");
        let request: Value = serde_json::from_slice(&request).expect("JSON");
        assert_eq!(request[MESSAGE], serde_json::json!(["All"]));
        assert_eq!(request[SYSTEM], serde_json::json!(["All"]));
        assert_eq!(request["QueueUrl"], "q");
    }

    #[test]
    fn who_asks_for_everything_or_in_another_protocol_is_left_alone() {
        let all = r#"{"MessageAttributeNames": [".*"], "MessageSystemAttributeNames": ["All"]}"#;
        for request in [all, "Action=ReceiveMessage", "[]", ""] {
            assert_eq!(asked(request), None, "{request}");
        }
    }

    #[test]
    fn what_was_not_asked_for_can_be_named() {
        let carrier = ["traceparent", "a.b", TRACE_HEADER].map(|name| (name, "1"));
        let carrier = carrier.into_iter().collect();
        let asked = asked(r#"{"MessageAttributeNames": ["a.b"]}"#).expect("not everything");
        assert_eq!(asked.missing(&carrier), ["traceparent", TRACE_HEADER]);
    }
}
