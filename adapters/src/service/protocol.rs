//! The route protocol: what the W3C trace-context test suite POSTs, generalised.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Address, Fault, Relation};

/// One hop that the receiver of this list is to make: send `arguments` to `url`.
///
/// `arguments` may be such a list again, so that a body is a tree of hops. A service that knows
/// only the suite's protocol ignores `unbroken`, and forwards `arguments` as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Element {
    /// Where to send.
    pub url: Address,
    /// What to send, verbatim.
    pub arguments: Value,
    /// What the protocol of the suite cannot say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unbroken: Option<SenderOptions>,
}

/// What a sender is told beside `url` and `arguments`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SenderOptions {
    /// Whether the baggage stays here: it is none of the receiver's business.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub without_baggage: bool,
    /// A mistake to make on this hop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
}

/// Where and how a reference service receives. The receiver sees only its own arguments, so this
/// is given to it before the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listen {
    /// Where.
    pub address: Address,
    /// How its span is to be tied to the context that arrives.
    pub relation: Relation,
    /// How many messages it takes at once, where the boundary has batches.
    #[serde(default = "one")]
    pub max_messages: usize,
    /// A mistake to make with what arrives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
}

fn one() -> usize {
    1
}

/// What SNS puts around a message. It is opened here, and not by a boundary: what has no context
/// on the message itself has none for whoever receives it.
#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "Message")]
    message: String,
}

impl Element {
    /// Reads the list that a body is, or that is in the envelope of a notification. An empty body
    /// is an empty list.
    pub fn list(body: &[u8]) -> Result<Vec<Self>, serde_json::Error> {
        if body.is_empty() {
            return Ok(Vec::new());
        }
        match serde_json::from_slice::<Envelope>(body) {
            Ok(envelope) => serde_json::from_str(&envelope.message),
            Err(_) => serde_json::from_slice(body),
        }
    }

    /// What goes into the body of the message to `url`.
    pub fn body(&self) -> Vec<u8> {
        self.arguments.to_string().into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suites_own_body_is_a_route() {
        let body = br#"[{"url": "http://127.0.0.1:7777/callback/1.0", "arguments": []}]"#;
        let list = Element::list(body).expect("valid");
        assert_eq!(list[0].url.endpoint(), "127.0.0.1:7777");
        assert_eq!(list[0].body(), b"[]");
    }

    #[test]
    fn a_nested_list_is_forwarded_as_it_is() {
        let inner = r#"[{"arguments":[],"unbroken":{"fault":"F-01"},"url":"kafka://b:9092/t"}]"#;
        let body = format!(r#"[{{"url": "grpc://g:1/s/m", "arguments": {inner}}}]"#);
        let list = Element::list(body.as_bytes()).expect("valid");
        let forwarded = list[0].body();
        let inner: Vec<Element> = Element::list(&forwarded).expect("valid");
        let fault = inner[0].unbroken.as_ref().and_then(|o| o.fault);
        assert_eq!(fault, Some(Fault::NotInjected));
    }

    #[test]
    fn a_route_in_an_envelope_is_a_route() {
        let body = br#"{"Type": "Notification", "Message": "[{\"url\": \"http://a/\", \"arguments\": []}]"}"#;
        let list = Element::list(body).expect("valid");
        assert_eq!(list[0].url.host(), "a");
    }

    #[test]
    fn what_is_no_route_is_refused_and_nothing_panics() {
        for body in [
            "{}",
            "[1]",
            "[{\"url\": \"nowhere\"}]",
            "[{\"url\": \"http://a/\"",
            "\u{0}",
        ] {
            assert!(Element::list(body.as_bytes()).is_err(), "{body}");
        }
        assert!(Element::list(b"").expect("an empty body").is_empty());
    }
}
