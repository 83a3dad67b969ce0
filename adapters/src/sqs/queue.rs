use super::DESCRIPTOR;
use super::carrier::Form;
use crate::{Address, BoundaryError};

/// What an address says of a queue.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) name: String,
    /// By way of the address itself: the URL that an emulator tells may name a port that only
    /// its container knows, and would lead past a tap.
    pub(super) url: String,
    pub(super) form: Form,
    /// Whether its receiver asks for attributes.
    pub(super) asks: bool,
    /// The queue of what its receiver rejects.
    pub(super) dead_letter: Option<String>,
}

impl Queue {
    pub(super) fn at(address: &Address) -> Result<Self, BoundaryError> {
        let unusable = |reason| BoundaryError::Address {
            boundary: DESCRIPTOR.name,
            address: address.clone(),
            reason,
        };
        let mut segments = address.segments();
        let (Some(account), Some(name), None) = (segments.next(), segments.next(), segments.next())
        else {
            return Err(unusable("its path is not /account/queue"));
        };
        let form = match address.param("carrier").as_deref() {
            None | Some("attributes") => Form::Attributes,
            Some("header") => Form::Header,
            Some(_) => return Err(unusable("its carrier is neither attributes nor header")),
        };
        let asks = match address.param("ask").as_deref() {
            None => true,
            Some("nothing") => false,
            Some(_) => return Err(unusable("what it asks for is not nothing")),
        };
        Ok(Self {
            url: format!("http://{}/{account}/{name}", address.endpoint()),
            name: name.to_owned(),
            form,
            asks,
            dead_letter: address.param("dead-letter"),
        })
    }

    /// The URL of another queue of the same account.
    pub(super) fn beside(&self, name: &str) -> String {
        let account = self.url.rsplit_once('/').map_or("", |(account, _)| account);
        format!("{account}/{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(address: &str) -> Result<Queue, BoundaryError> {
        Queue::at(&Address::parse(address).expect("a URL"))
    }

    #[test]
    fn the_url_of_a_queue_is_that_of_its_address() {
        let queue = queue("sqs://127.0.0.1:7/000000000000/ub_1?carrier=header").expect("valid");
        assert_eq!(queue.url, "http://127.0.0.1:7/000000000000/ub_1");
        assert_eq!((queue.name.as_str(), queue.form), ("ub_1", Form::Header));
    }

    #[test]
    fn an_address_without_a_queue_or_with_another_carrier_is_refused() {
        for bad in [
            "sqs://h",
            "sqs://h/0",
            "sqs://h/0/q/r",
            "sqs://h/0/q?carrier=body",
            "sqs://h/0/q?ask=everything",
        ] {
            let error = queue(bad).expect_err(bad);
            assert!(matches!(error, BoundaryError::Address { .. }), "{error}");
        }
    }
}
