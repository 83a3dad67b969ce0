//! Every boundary there is, found by scheme or by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::amqp::Amqp;
use crate::grpc::Grpc;
use crate::http::Http;
use crate::kafka::Kafka;
use crate::memory::Memory;
use crate::sqs::Sqs;
use crate::{Address, Boundary, BoundaryError};

/// Every boundary there is. To add one: write its folder, and name it in [`Boundaries::all`].
#[derive(Clone)]
pub struct Boundaries {
    by_scheme: BTreeMap<&'static str, Arc<dyn Boundary>>,
}

impl Boundaries {
    /// The six that come with Unbroken. Clients connect when they are first used, and are then
    /// shared by every service of this process.
    pub fn all() -> Self {
        Self::of([
            Arc::new(Http::default()) as Arc<dyn Boundary>,
            Arc::new(Grpc::default()),
            Arc::new(Kafka::default()),
            Arc::new(Amqp::default()),
            Arc::new(Memory::default()),
            Arc::new(Sqs::default()),
        ])
    }

    /// Boundaries of one's own choice; a later one replaces an earlier one of the same scheme.
    pub fn of(boundaries: impl IntoIterator<Item = Arc<dyn Boundary>>) -> Self {
        let by_scheme = boundaries
            .into_iter()
            .map(|boundary| (boundary.descriptor().scheme, boundary))
            .collect();
        Self { by_scheme }
    }

    /// The boundary that an address belongs to.
    pub fn at(&self, address: &Address) -> Result<&Arc<dyn Boundary>, BoundaryError> {
        self.by_scheme
            .get(address.scheme())
            .ok_or_else(|| BoundaryError::UnknownScheme(address.scheme().to_owned()))
    }

    /// The boundary of this name, in any case.
    pub fn named(&self, name: &str) -> Option<&Arc<dyn Boundary>> {
        self.iter()
            .find(|boundary| boundary.descriptor().name.eq_ignore_ascii_case(name))
    }

    /// All of them, by scheme.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Boundary>> {
        self.by_scheme.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_boundary_is_found_by_its_name_and_by_an_address_of_its_own() {
        let boundaries = Boundaries::all();
        for boundary in boundaries.iter() {
            let descriptor = boundary.descriptor();
            let address = descriptor
                .address_of("127.0.0.1:7", "ub_1_2")
                .expect("the template is a URL");
            assert!(address.as_str().contains("ub_1_2"), "{address}");
            assert_eq!(
                boundaries.at(&address).expect("found").descriptor().name,
                descriptor.name
            );
            let by_name = boundaries.named(&descriptor.name.to_uppercase());
            assert_eq!(
                by_name.expect("found").descriptor().scheme,
                descriptor.scheme
            );
        }
    }
}
