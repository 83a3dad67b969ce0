//! A request of the user's own, for a service that speaks no protocol.
//!
//! What the service calls because of it is its own affair: its downstream is pointed at the probe.

use unbroken_adapters::{Address, AddressError};

use super::exchange::Header;

/// What stands for the name of a case, wherever the user puts it.
pub const CASE: &str = "{case}";

/// A request of the user's own, in whose parts `{case}` stands for the case that it is sent for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// Over HTTP.
    pub method: String,
    /// Where it goes. What is sent to a broker may say it in a parameter: `?key={case}`.
    url: String,
    /// What it says.
    pub body: Vec<u8>,
}

/// Why a text is no trigger.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TriggerError {
    /// Its address is none.
    #[error("{0}")]
    Address(#[from] AddressError),
    /// Its method is none.
    #[error(
        "{0:?} is no trigger; it is an address, over HTTP with a method before it: 'POST http://host/path'"
    )]
    Method(String),
}

impl Trigger {
    /// Reads `POST http://svc/orders`, or an address alone.
    pub fn parse(text: &str, body: Vec<u8>) -> Result<Self, TriggerError> {
        let (method, url) = match text.trim().split_once(char::is_whitespace) {
            Some((method, url)) => (Some(method), url.trim()),
            None => (None, text.trim()),
        };
        let trigger = Self {
            method: method.unwrap_or("POST").to_owned(),
            url: url.to_owned(),
            body,
        };
        let is_http = trigger.address(CASE_OF_NOBODY)?.scheme() == "http";
        let is_a_method = |method: &str| method.bytes().all(|byte| byte.is_ascii_uppercase());
        match method {
            Some(method) if !is_http || !is_a_method(method) => {
                Err(TriggerError::Method(text.to_owned()))
            }
            _ => Ok(trigger),
        }
    }

    /// Where it goes, with what stands for the case.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it goes for the case of this name.
    pub fn address(&self, case: &str) -> Result<Address, AddressError> {
        Address::parse(&self.url.replace(CASE, case))
    }

    /// What it says for the case of this name.
    pub fn body(&self, case: &str) -> Vec<u8> {
        filled_in(&self.body, case)
    }

    /// Whether the name of a case stands anywhere in it, or in the headers beside it.
    pub fn names_its_case(&self, headers: &[Header]) -> bool {
        let names = |bytes: &[u8]| position(bytes).is_some();
        let mut headers = headers.iter();
        names(self.url.as_bytes()) || names(&self.body) || headers.any(|(_, value)| names(value))
    }
}

/// In an address that is only looked at.
const CASE_OF_NOBODY: &str = "case";

/// The same, with the name of a case where it belongs.
pub(super) fn filled_in(mut template: &[u8], case: &str) -> Vec<u8> {
    let mut filled = Vec::new();
    while let Some(at) = position(template) {
        filled.extend_from_slice(&template[..at]);
        filled.extend_from_slice(case.as_bytes());
        template = &template[at + CASE.len()..];
    }
    filled.extend_from_slice(template);
    filled
}

fn position(bytes: &[u8]) -> Option<usize> {
    let mut windows = bytes.windows(CASE.len());
    windows.position(|window| window == CASE.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger(text: &str, body: &str) -> Trigger {
        Trigger::parse(text, body.as_bytes().to_vec()).expect(text)
    }

    #[test]
    fn a_trigger_is_a_method_and_an_address_or_an_address_alone() {
        let get = trigger("GET http://svc/orders/{case}?x={case}", "");
        assert_eq!(get.method, "GET");
        let address = get.address("ub_1_WIRE-002").expect("an address");
        assert_eq!(
            address.as_str(),
            "http://svc/orders/ub_1_WIRE-002?x=ub_1_WIRE-002"
        );
        assert_eq!(trigger("http://svc/", "").method, "POST");
        assert_eq!(trigger("kafka://b:9092/t", "").url, "kafka://b:9092/t");
    }

    #[test]
    fn the_case_is_filled_in_and_other_braces_stay() {
        let trigger = trigger("http://svc/", r#"{"id": "{case}", "of": {}} {case"#);
        assert_eq!(trigger.body("x"), br#"{"id": "x", "of": {}} {case"#);
        assert!(trigger.names_its_case(&[]));
        let header = ("x-id".to_owned(), b"a-{case}".to_vec());
        assert!(self::trigger("http://svc/", "{}").names_its_case(&[header]));
        assert!(!self::trigger("http://svc/", "{}").names_its_case(&[]));
    }

    #[test]
    fn what_is_no_trigger_is_refused() {
        for text in [
            "",
            "POST",
            "post http://svc/",
            "POST kafka://b:9092/t",
            "POST http://a:b@svc/",
        ] {
            assert!(Trigger::parse(text, Vec::new()).is_err(), "{text:?}");
        }
    }
}
