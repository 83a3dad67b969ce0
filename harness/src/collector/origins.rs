use std::collections::HashMap;
use std::sync::Arc;

use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message as _;

use crate::span::Origin;

/// Every origin once. SDKs repeat theirs with each request, often for a single span.
#[derive(Debug)]
pub(super) struct Origins {
    known: HashMap<Vec<u8>, Arc<Origin>>,
    /// How many to know before those that no span uses are dropped.
    sweep_at: usize,
}

impl Origins {
    const FIRST_SWEEP: usize = 1024;

    /// Two origins are one if they are so byte for byte.
    pub(super) fn intern(
        &mut self,
        resource: Option<&Resource>,
        scope: Option<&InstrumentationScope>,
    ) -> Arc<Origin> {
        let length = resource.map_or(0, Resource::encoded_len);
        let mut key = Vec::with_capacity(length + 64);
        // The length keeps the end of the one from being read as the start of the other.
        key.extend_from_slice(&length.to_le_bytes());
        key.extend(resource.map(Resource::encode_to_vec).unwrap_or_default());
        key.extend(
            scope
                .map(InstrumentationScope::encode_to_vec)
                .unwrap_or_default(),
        );
        if let Some(origin) = self.known.get(&key) {
            return Arc::clone(origin);
        }
        if self.known.len() >= self.sweep_at {
            self.known.retain(|_, origin| Arc::strong_count(origin) > 1);
            self.sweep_at = Self::FIRST_SWEEP.max(2 * self.known.len());
        }
        let origin = Arc::new(Origin::decode(resource, scope));
        self.known.insert(key, Arc::clone(&origin));
        origin
    }
}

impl Default for Origins {
    fn default() -> Self {
        Self {
            known: HashMap::new(),
            sweep_at: Self::FIRST_SWEEP,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(name: &str) -> InstrumentationScope {
        InstrumentationScope {
            name: name.into(),
            ..InstrumentationScope::default()
        }
    }

    #[test]
    fn the_same_origin_is_kept_once() {
        let mut origins = Origins::default();
        let first = origins.intern(None, Some(&scope("a")));
        assert!(Arc::ptr_eq(
            &first,
            &origins.intern(None, Some(&scope("a")))
        ));
        assert!(!Arc::ptr_eq(
            &first,
            &origins.intern(None, Some(&scope("b")))
        ));
    }

    #[test]
    fn origins_that_no_span_uses_do_not_pile_up() {
        let mut origins = Origins::default();
        let used = origins.intern(None, Some(&scope("used")));
        for n in 0..10_000 {
            origins.intern(None, Some(&scope(&n.to_string())));
        }
        assert!(origins.known.len() <= Origins::FIRST_SWEEP);
        assert!(Arc::ptr_eq(
            &used,
            &origins.intern(None, Some(&scope("used")))
        ));
    }
}
