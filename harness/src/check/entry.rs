//! The way in: how what is sent is put to the service, over whatever boundary it listens on.
//!
//! Over HTTP it is written byte by byte. Elsewhere the boundary sends it, with the headers of the
//! case as its carrier: what a carrier cannot express is not tried there.

use std::sync::Arc;

use unbroken_adapters::{Address, Boundaries, Boundary, BoundaryError, Carrier, Message};

use super::exchange::{Answer, Exchange};

/// Where the service takes what it is sent.
pub struct Entry {
    address: Address,
    /// None where bytes are written by ourselves.
    boundary: Option<Arc<dyn Boundary>>,
}

impl Entry {
    /// The way to this address.
    pub fn to(address: &Address, boundaries: &Boundaries) -> Result<Self, BoundaryError> {
        let boundary = boundaries.at(address)?;
        let raw = address.scheme() == "http";
        Ok(Self {
            address: address.clone(),
            boundary: (!raw).then(|| Arc::clone(boundary)),
        })
    }

    /// Sends what an exchange says, with this body. It ends when the service ends: deadlines are the
    /// caller's.
    pub async fn ask(&self, exchange: &Exchange, body: &[u8]) -> Answer {
        let Some(boundary) = &self.boundary else {
            return exchange.ask(&self.address, body).await;
        };
        let headers = exchange.headers.iter().cloned();
        let message = Message {
            carrier: headers.collect::<Carrier>(),
            body: body.to_vec().into(),
        };
        match boundary.send(&self.address, message).await {
            Ok(_) => Answer::Taken,
            Err(error @ BoundaryError::Unreachable { .. }) => {
                Answer::Unreachable(error.to_string())
            }
            Err(error) if boundary.descriptor().is_messaging() => Answer::Unsent(error.to_string()),
            Err(error) => Answer::Refused(error.to_string()),
        }
    }
}
