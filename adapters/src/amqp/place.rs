use lapin::types::ShortString;
use lapin::uri::AMQPUri;

use super::DESCRIPTOR;
use crate::{Address, BoundaryError};

/// What an address names: where to send to, and where to receive from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) exchange: ShortString,
    pub(super) key: ShortString,
    /// Empty where the address is only sent to.
    pub(super) queue: ShortString,
    /// The exchange, and the key, of what a receiver rejects.
    pub(super) dead_letter: Option<ShortString>,
}

impl Place {
    pub(super) fn of(address: &Address) -> Result<Self, BoundaryError> {
        let short = |value: String| {
            let too_long =
                "'exchange', 'key', 'queue', 'group' and 'dead-letter' may have 255 bytes";
            ShortString::try_new(value).map_err(|_| unusable(address, too_long))
        };
        let part = |name| short(address.param(name).unwrap_or_default());
        let place = Self {
            exchange: part("exchange")?,
            key: part("key")?,
            queue: short(queue_of(address))?,
            dead_letter: address.param("dead-letter").map(short).transpose()?,
        };
        let (exchange, key) = (place.exchange.as_str(), place.key.as_str());
        if exchange.is_empty() && key.is_empty() {
            return Err(unusable(address, "it names neither 'exchange' nor 'key'"));
        }
        Ok(place)
    }

    /// The queue to receive from. A message to the exchange of no name goes to the queue that is
    /// named like its key.
    pub(super) fn queue(&self, address: &Address) -> Result<ShortString, BoundaryError> {
        let (exchange, queue) = (self.exchange.as_str(), self.queue.as_str());
        match (exchange, queue) {
            ("", "") => Ok(self.key.clone()),
            (_, "") => Err(unusable(address, "it names no 'queue' to receive from")),
            _ => Ok(self.queue.clone()),
        }
    }
}

/// The queue that an address names: each group of receivers has one of its own.
pub(super) fn queue_of(address: &Address) -> String {
    let queue = address.param("queue").unwrap_or_default();
    match address.param("group") {
        Some(group) if !queue.is_empty() => format!("{queue}_{group}"),
        _ => queue,
    }
}

/// What an address names, for a report.
pub(super) fn words(address: &Address) -> String {
    let part = |name| address.param(name).filter(|part| !part.is_empty());
    let key = part("key").map(|key| format!("key {key}"));
    match (part("exchange"), key) {
        (Some(exchange), Some(key)) => format!("exchange {exchange}, {key}"),
        (Some(exchange), None) => format!("exchange {exchange}"),
        (None, key) => key.unwrap_or_default(),
    }
}

/// The broker that an address names, as lapin wants it, without credentials.
pub(super) fn broker_of(address: &Address) -> Result<AMQPUri, BoundaryError> {
    let uri: Result<AMQPUri, _> = address.as_str().parse();
    let mut uri = uri.map_err(|_| unusable(address, "its path is no virtual host"))?;
    // lapin takes an IPv6 address for no host at all, and `/` for a virtual host without a name.
    address
        .host()
        .trim_matches(['[', ']'])
        .clone_into(&mut uri.authority.host);
    if uri.vhost.is_empty() {
        "/".clone_into(&mut uri.vhost);
    }
    Ok(uri)
}

pub(super) fn unusable(address: &Address, reason: &'static str) -> BoundaryError {
    BoundaryError::Address {
        boundary: DESCRIPTOR.name,
        address: address.clone(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::parse(text).expect(text)
    }

    #[test]
    fn an_address_names_exchange_key_and_queue() {
        let address = address("amqp://b:5672/%2F?exchange=e&key=k.%23&queue=q");
        let place = Place::of(&address).expect("valid");
        assert_eq!(place.exchange.as_str(), "e");
        assert_eq!(place.key.as_str(), "k.#");
        assert_eq!(place.queue(&address).expect("named").as_str(), "q");
    }

    #[test]
    fn without_an_exchange_the_key_is_the_queue() {
        let address = address("amqp://b:5672/%2F?key=k");
        let place = Place::of(&address).expect("valid");
        assert_eq!(place.queue(&address).expect("the key").as_str(), "k");
    }

    #[test]
    fn what_cannot_be_used_says_why() {
        let nothing = Place::of(&address("amqp://b:5672/%2F")).expect_err("nothing named");
        assert!(nothing.to_string().contains("neither"), "{nothing}");
        let long = format!("amqp://b:5672/%2F?exchange={}", "e".repeat(256));
        let long = Place::of(&address(&long)).expect_err("too long");
        assert!(long.to_string().contains("255"), "{long}");
        let unheard = address("amqp://b:5672/%2F?exchange=e&key=k");
        let unheard = Place::of(&unheard).expect("valid").queue(&unheard);
        assert!(unheard.expect_err("no queue").to_string().contains("queue"));
    }

    #[test]
    fn a_broker_has_a_host_a_port_and_a_virtual_host() {
        for (text, host, port, vhost) in [
            ("amqp://b:7/%2F?exchange=e", "b", 7, "/"),
            ("amqp://b/?exchange=e", "b", 5672, "/"),
            ("amqp://b?exchange=e", "b", 5672, "/"),
            ("amqp://127.0.0.1:7/a%20b", "127.0.0.1", 7, "a b"),
            ("amqp://[::1]:7/%2F", "::1", 7, "/"),
        ] {
            let uri = broker_of(&address(text)).expect(text);
            let authority = &uri.authority;
            assert_eq!(
                (authority.host.as_str(), authority.port, uri.vhost.as_str()),
                (host, port, vhost),
                "{text}"
            );
        }
        assert!(broker_of(&address("amqp://b/%ff")).is_err());
    }
}
