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
    /// How to send.
    #[serde(default, skip_serializing_if = "is_plain")]
    pub sending: Sending,
    /// The only service that is to do so, where a message reaches several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
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
    /// How it takes what arrives.
    #[serde(default, skip_serializing_if = "is_plain")]
    pub taking: Taking,
    /// A mistake to make with what arrives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
}

/// How a sender sends an element.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sending {
    /// Once.
    #[default]
    Once,
    /// So many times, one after the other, each under a span of its own.
    Times(u16),
    /// So many times, all at the same time, each under a span of its own.
    InParallel(u16),
    /// So many messages as one batch, or as one stream, under one span.
    AsOne(u16),
    /// Once more where it is refused the first time.
    Retrying,
    /// As a message that was made earlier and bears its own context: the one who hands it over
    /// leaves that as it is.
    FromOutbox,
}

/// How a receiver takes what arrives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Taking {
    /// Each message, as it comes.
    #[default]
    Each,
    /// So many messages together: it waits for all of them, and accounts for them with one span.
    Together(u16),
    /// Not at the first attempt: it fails, and is to get the same again.
    AfterFailing,
    /// Never: it rejects what comes.
    Rejecting,
    /// It says that it has it, and does the work in a task of its own.
    InBackground,
    /// Once it is let go on: it begins, and is held in the middle of it.
    Held,
}

impl Sending {
    /// How many messages that makes.
    pub fn messages(self) -> u16 {
        match self {
            Self::Times(n) | Self::InParallel(n) | Self::AsOne(n) => n,
            Self::Once | Self::Retrying | Self::FromOutbox => 1,
        }
    }
}

fn is_plain<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
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

    /// For one service alone, if one is named: others that get the same message leave it be.
    #[must_use]
    pub fn only_by(mut self, service: Option<String>) -> Self {
        if service.is_some() {
            self.unbroken.get_or_insert_default().by = service;
        }
        self
    }

    /// Whether the service of this name is to make the hop.
    pub fn is_for(&self, service: &str) -> bool {
        let by = self
            .unbroken
            .as_ref()
            .and_then(|options| options.by.as_deref());
        by.is_none_or(|by| by == service)
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
