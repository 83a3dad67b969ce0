//! Where a hop goes: the `url` of the route protocol.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

/// A parsed `url` of a route element: any boundary's scheme, and never a credential.
///
/// ```text
/// http://host:port/path            grpc://host:port/package.Service/Method
/// kafka://host:9092/topic          amqp://host:5672/<vhost>?exchange=&key=&queue=
/// sqs://host:9324/<account>/<queue>?carrier=attributes|header      memory://name
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(
    /// In a box, because errors name addresses: a `Result` should not grow with them.
    Box<Url>,
);

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// It is no URL at all.
    #[error("{text:?} is no URL: {reason}")]
    Malformed {
        /// What was given.
        text: String,
        /// What the URL parser says.
        reason: url::ParseError,
    },
    /// It names no host (or, for `memory://`, no channel).
    #[error("{0:?} names no host")]
    NoHost(String),
    /// It holds a user name or a password. The text is left out on purpose.
    #[error("a URL to {0} holds credentials; give them by the environment instead")]
    Credentials(String),
}

impl Address {
    /// Reads a URL. It must have a host, and no credentials: URLs end up in spans and reports.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let url = Url::parse(text).map_err(|reason| AddressError::Malformed {
            text: text.to_owned(),
            reason,
        })?;
        let host = url.host_str().unwrap_or_default();
        if host.is_empty() {
            return Err(AddressError::NoHost(text.to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::Credentials(host.to_owned()));
        }
        Ok(Self(Box::new(url)))
    }

    /// The scheme, by which the boundary is chosen.
    pub fn scheme(&self) -> &str {
        self.0.scheme()
    }

    /// The host; of `memory://name`, the name.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The port, if one is given or the scheme has one by default.
    pub fn port(&self) -> Option<u16> {
        self.0.port_or_known_default()
    }

    /// `host:port`, or the host alone where there is no port.
    pub fn endpoint(&self) -> String {
        match self.port() {
            Some(port) => format!("{}:{port}", self.host()),
            None => self.host().to_owned(),
        }
    }

    /// The path, with its leading slash.
    pub fn path(&self) -> &str {
        self.0.path()
    }

    /// The segments of the path, percent-decoding left to whom it matters.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.path().split('/').filter(|segment| !segment.is_empty())
    }

    /// The first value of a parameter of the query.
    pub fn param(&self, name: &str) -> Option<String> {
        let mut pairs = self.0.query_pairs();
        pairs
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The same address with a parameter in its query that says this, and nothing else.
    #[must_use]
    pub fn with_param(&self, name: &str, value: &str) -> Self {
        let mut url = self.0.clone();
        let others = self.0.query_pairs().filter(|(other, _)| other != name);
        let mut pairs = url.query_pairs_mut();
        pairs.clear().extend_pairs(others).append_pair(name, value);
        drop(pairs);
        Self(url)
    }

    /// The same address behind another `host:port`.
    pub fn behind(&self, endpoint: &str) -> Result<Self, AddressError> {
        let url = &self.0;
        let query = url.query().map(|q| format!("?{q}")).unwrap_or_default();
        Self::parse(&format!(
            "{}://{endpoint}{}{query}",
            url.scheme(),
            url.path()
        ))
    }

    /// The whole URL.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        (*address.0).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::parse(text).expect(text)
    }

    #[test]
    fn every_boundary_has_its_scheme() {
        let kafka = address("kafka://broker:9092/orders?key=7");
        assert_eq!(
            (
                kafka.scheme(),
                kafka.endpoint().as_str(),
                kafka.path(),
                kafka.param("key")
            ),
            ("kafka", "broker:9092", "/orders", Some("7".to_owned()))
        );
        assert_eq!(address("memory://ub_1_2").host(), "ub_1_2");
        assert_eq!(address("http://localhost/x").port(), Some(80));
    }

    #[test]
    fn an_address_moves_behind_another_endpoint_and_keeps_the_rest() {
        let tapped = address("amqp://rabbit:5672/%2F?exchange=e&key=k").behind("127.0.0.1:7");
        assert_eq!(
            tapped.expect("valid").as_str(),
            "amqp://127.0.0.1:7/%2F?exchange=e&key=k"
        );
    }

    #[test]
    fn credentials_are_refused_and_not_repeated() {
        let refused = Address::parse("amqp://guest:secret@rabbit/").expect_err("refused");
        assert_eq!(refused, AddressError::Credentials("rabbit".into()));
        assert!(!refused.to_string().contains("secret"));
    }

    #[test]
    fn a_text_without_a_host_is_no_address() {
        assert!(matches!(
            Address::parse("kafka:///t"),
            Err(AddressError::NoHost(_))
        ));
        assert!(matches!(
            Address::parse("orders"),
            Err(AddressError::Malformed { .. })
        ));
    }
}
