//! The way in: how what is sent is put to the service, over whatever boundary it listens on.
//!
//! Over HTTP it is written byte by byte. Elsewhere the boundary sends it, with the headers of the
//! case as its carrier: what a carrier cannot express is not tried there.

use std::sync::Arc;

use unbroken_adapters::{Address, Boundaries, Boundary, BoundaryError, Carrier, Message};

use super::exchange::{Answer, Exchange, Header, Request};
use super::trigger::{Trigger, filled_in};

/// Where the service takes what it is sent, and what stands beside what is tried.
pub struct Entry {
    address: Address,
    trigger: Option<Trigger>,
    /// The user's own. They may be secrets, and are shown nowhere.
    beside: Vec<Header>,
    /// None where bytes are written by ourselves.
    boundary: Option<Arc<dyn Boundary>>,
}

impl Entry {
    /// The way to this address.
    pub fn to(
        address: &Address,
        trigger: Option<&Trigger>,
        beside: &[Header],
        boundaries: &Boundaries,
    ) -> Result<Self, BoundaryError> {
        let boundary = boundaries.at(address)?;
        let raw = address.scheme() == "http";
        Ok(Self {
            address: address.clone(),
            trigger: trigger.cloned(),
            beside: beside.to_vec(),
            boundary: (!raw).then(|| Arc::clone(boundary)),
        })
    }

    /// Whether what is sent is the user's own, and not of the protocol.
    pub fn is_a_trigger(&self) -> bool {
        self.trigger.is_some()
    }

    /// Sends what an exchange says, with this body if there is none of the user's own. It ends when
    /// the service ends: deadlines are the caller's.
    pub async fn ask(&self, exchange: &Exchange, body: &[u8]) -> Answer {
        let name = &exchange.name;
        let (address, body) = match &self.trigger {
            // That it is an address was seen before; its host may have been started since.
            Some(trigger) => {
                let address = trigger.address(name);
                let address = address.and_then(|own| own.behind(&self.address.endpoint()));
                (address.unwrap_or(self.address.clone()), trigger.body(name))
            }
            None => (self.address.clone(), body.to_vec()),
        };
        let beside = self.beside.iter();
        let beside = beside.map(|(header, value)| (header.clone(), filled_in(value, name)));
        let headers: Vec<_> = beside.chain(exchange.headers.iter().cloned()).collect();
        let Some(boundary) = &self.boundary else {
            let request = Request {
                method: self.trigger.as_ref().map_or("POST", |own| &own.method),
                target: &address,
                headers: &headers,
                body: &body,
                mark: exchange.mark,
            };
            return request.ask().await;
        };
        let message = Message {
            carrier: headers.into_iter().collect::<Carrier>(),
            body: body.into(),
        };
        match boundary.send(&address, message).await {
            Ok(_) => Answer::Taken,
            Err(error @ BoundaryError::Unreachable { .. }) => {
                Answer::Unreachable(error.to_string())
            }
            Err(error) if boundary.descriptor().is_messaging() => Answer::Unsent(error.to_string()),
            Err(error) => Answer::Refused(error.to_string()),
        }
    }
}
