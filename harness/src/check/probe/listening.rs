//! Where a probe listens, and how the service that is checked reaches it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use unbroken_adapters::{Address, AddressError, BoundaryError, Descriptor, Medium};

/// Where a probe is to listen: `http://127.0.0.1:9000`, short `http=127.0.0.1:9000`, or
/// `kafka://host:9092/topic`. Where the service reaches it by another address, that stands behind
/// `,as=`: `http=0.0.0.0:9000,as=http://host.docker.internal:9000`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listening {
    /// Here. Beyond loopback only where somebody says so.
    pub at: Address,
    /// What the service calls instead.
    pub called: Option<Address>,
}

/// Why a text does not say where to listen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListeningError {
    /// It is no address.
    #[error("{0}")]
    Address(#[from] AddressError),
    /// It names no boundary.
    #[error(
        "{0:?} says nowhere to listen; it is http=HOST:PORT, grpc=HOST:PORT or an address such as \
         kafka://host:9092/topic"
    )]
    NoScheme(String),
    /// The two sides of it are of different boundaries.
    #[error("a probe that listens at {at} cannot be called as {called}")]
    OtherScheme {
        /// Where it listens.
        at: Address,
        /// What the service would call.
        called: Address,
    },
}

impl FromStr for Listening {
    type Err = ListeningError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (at, called) = match text.split_once(",as=") {
            Some((at, called)) => (at, Some(Address::parse(called)?)),
            None => (text, None),
        };
        let at = match (at.contains("://"), at.split_once('=')) {
            (true, _) => Address::parse(at)?,
            (false, Some((scheme, endpoint))) => Address::parse(&format!("{scheme}://{endpoint}"))?,
            (false, None) => return Err(ListeningError::NoScheme(text.to_owned())),
        };
        match called {
            Some(called) if called.scheme() != at.scheme() => {
                Err(ListeningError::OtherScheme { at, called })
            }
            called => Ok(Self { at, called }),
        }
    }
}

impl From<Address> for Listening {
    fn from(at: Address) -> Self {
        Self { at, called: None }
    }
}

impl Listening {
    /// Where a request is called here by one that is in reach: on a port of its own, beyond which
    /// nothing is open.
    pub fn on_loopback(descriptor: &Descriptor, run: &str) -> Result<Self, BoundaryError> {
        let endpoint = format!("{}:0", Ipv4Addr::LOCALHOST);
        Ok(descriptor.address_of(&endpoint, run)?.into())
    }

    /// The address as its boundary wants it: what is called by a host and a port alone gets the rest of
    /// this run.
    pub(super) fn named(
        &self,
        descriptor: &Descriptor,
        run: &str,
    ) -> Result<Address, BoundaryError> {
        let is_bare = self.at.segments().next().is_none();
        match descriptor.medium {
            Medium::Direct if is_bare => descriptor.address_of(&self.at.endpoint(), run),
            _ => Ok(self.at.clone()),
        }
    }

    /// The same with the port that it got. Nobody can call 0.0.0.0: who is told nothing else calls
    /// loopback.
    pub(super) fn bound(&self, local: SocketAddr) -> Result<Address, ListeningError> {
        let host = match local.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
            IpAddr::V6(ip) if ip.is_unspecified() => "[::1]".to_owned(),
            _ => self.at.host().to_owned(),
        };
        Ok(self.at.behind(&format!("{host}:{}", local.port()))?)
    }

    /// What the service is told, if it was bound to this.
    pub(super) fn called(&self, bound: Address) -> Address {
        let Some(called) = &self.called else {
            return bound;
        };
        // What is said of a host and a port alone is said of the whole; port 0 is the one that it got.
        let endpoint = match (called.port(), bound.port()) {
            (Some(0), Some(port)) => format!("{}:{port}", called.host()),
            _ => called.endpoint(),
        };
        match called.segments().next() {
            None => bound.behind(&endpoint).unwrap_or(bound),
            Some(_) => called.behind(&endpoint).unwrap_or(bound),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listening(text: &str) -> Listening {
        text.parse().expect(text)
    }

    #[test]
    fn a_probe_is_named_by_its_address_or_by_its_boundary_and_port() {
        let long = listening("http://127.0.0.1:9000");
        assert_eq!(listening("http=127.0.0.1:9000"), long);
        assert_eq!(long.called, None);
        let queue = listening("amqp://b:5672/%2F?exchange=&key=k");
        assert_eq!(queue.at.param("key").as_deref(), Some("k"));
    }

    #[test]
    fn what_the_service_calls_may_be_another_address() {
        let probe = listening("http=0.0.0.0:9000,as=http://host.docker.internal:9001/in");
        assert_eq!(probe.at.endpoint(), "0.0.0.0:9000");
        let bound = probe.bound("0.0.0.0:9000".parse().expect("an address"));
        let called = probe.called(bound.expect("bound"));
        assert_eq!(called.as_str(), "http://host.docker.internal:9001/in");
        let mapped = listening("http=0.0.0.0:0,as=http://host:0/in");
        let bound = mapped.bound("0.0.0.0:9002".parse().expect("an address"));
        let called = mapped.called(bound.expect("bound"));
        assert_eq!(called.as_str(), "http://host:9002/in");
        let bare = listening("grpc=0.0.0.0:9000,as=grpc://host:9001");
        let bound = Address::parse("grpc://0.0.0.0:9000/unbroken.r/Take").expect("valid");
        assert_eq!(
            bare.called(bound).as_str(),
            "grpc://host:9001/unbroken.r/Take"
        );
    }

    #[test]
    fn port_0_is_the_one_that_it_got_under_the_other_name_too() {
        let probe = listening("http=127.0.0.1:0,as=http://host.docker.internal:0");
        let bound = probe.bound("127.0.0.1:9000".parse().expect("an address"));
        let called = probe.called(bound.expect("bound"));
        assert_eq!(called.as_str(), "http://host.docker.internal:9000/");
    }

    #[test]
    fn who_listens_everywhere_is_called_on_loopback_unless_it_is_said_otherwise() {
        let probe = listening("http=0.0.0.0:0");
        let bound = probe.bound("0.0.0.0:9000".parse().expect("an address"));
        let called = probe.called(bound.expect("bound"));
        assert_eq!(called.as_str(), "http://127.0.0.1:9000/");
    }

    #[test]
    fn what_says_nowhere_to_listen_is_refused() {
        for text in [
            "",
            "9000",
            "127.0.0.1:9000",
            "http=",
            "http=a:9000,as=kafka://b/t",
        ] {
            assert!(text.parse::<Listening>().is_err(), "{text:?}");
        }
    }
}
