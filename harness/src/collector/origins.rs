use std::collections::HashMap;
use std::sync::Arc;

use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message as _;

use super::budget::encoded;
use crate::span::Origin;

/// Every origin once. SDKs repeat theirs with each request, often for a single span.
#[derive(Debug)]
pub(super) struct Origins {
    /// By the bytes of the resource, and then by those of the scope.
    known: HashMap<Vec<u8>, Scopes>,
    /// How many bytes they take, about.
    bytes: usize,
    /// How many they may take before those that no span uses are dropped.
    sweep_at: usize,
}

type Scopes = HashMap<Vec<u8>, Arc<Origin>>;

impl Origins {
    const FIRST_SWEEP: usize = 1 << 20;

    /// The origin of each of the scopes. Two origins are one if they are so byte for byte; the
    /// bytes of the resource are looked at once, however many scopes it has.
    pub(super) fn intern<'a>(
        &mut self,
        resource: Option<&Resource>,
        scopes: impl IntoIterator<Item = Option<&'a InstrumentationScope>>,
    ) -> Vec<Arc<Origin>> {
        self.sweep();
        let bytes = resource.map(Resource::encode_to_vec).unwrap_or_default();
        let length = bytes.len();
        let known = self.known.entry(bytes).or_default();
        let origins = scopes.into_iter().map(|scope| {
            let origin = known
                .entry(encoded(scope))
                .or_insert_with_key(|scope_bytes| {
                    self.bytes += weight(length, scope_bytes);
                    Arc::new(Origin::decode(resource, scope))
                });
            Arc::clone(origin)
        });
        origins.collect()
    }

    fn sweep(&mut self) {
        if self.bytes < self.sweep_at {
            return;
        }
        self.bytes = 0;
        self.known.retain(|resource, scopes| {
            scopes.retain(|_, origin| Arc::strong_count(origin) > 1);
            let weights = scopes.keys().map(|scope| weight(resource.len(), scope));
            self.bytes += weights.sum::<usize>();
            !scopes.is_empty()
        });
        self.sweep_at = Self::FIRST_SWEEP.max(2 * self.bytes);
    }
}

/// Every origin has its resource to itself.
fn weight(resource: usize, scope: &[u8]) -> usize {
    size_of::<Origin>() + resource + scope.len()
}

impl Default for Origins {
    fn default() -> Self {
        Self {
            known: HashMap::new(),
            bytes: 0,
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

    fn one(origins: &mut Origins, name: &str) -> Arc<Origin> {
        origins.intern(None, [Some(&scope(name))]).remove(0)
    }

    #[test]
    fn the_same_origin_is_kept_once() {
        let mut origins = Origins::default();
        let first = one(&mut origins, "a");
        assert!(Arc::ptr_eq(&first, &one(&mut origins, "a")));
        assert!(!Arc::ptr_eq(&first, &one(&mut origins, "b")));
    }

    #[test]
    fn every_scope_of_a_resource_has_its_origin() {
        let mut origins = Origins::default();
        let (a, b) = (scope("a"), scope("b"));
        let scopes = origins.intern(None, [Some(&a), None, Some(&b), Some(&a)]);
        let names: Vec<_> = scopes.iter().map(|origin| &*origin.scope).collect();
        assert_eq!(names, ["a", "", "b", "a"]);
        assert!(Arc::ptr_eq(&scopes[0], &scopes[3]));
    }

    #[test]
    fn origins_that_no_span_uses_do_not_pile_up() {
        let mut origins = Origins::default();
        let used = one(&mut origins, "used");
        for n in 0..10_000 {
            one(&mut origins, &format!("{n:1000}"));
        }
        assert!(origins.bytes <= Origins::FIRST_SWEEP + 2000);
        let known = origins.known.values().flat_map(HashMap::values);
        let bytes: usize = known.map(|origin| origin.scope.len()).sum();
        assert!(bytes <= Origins::FIRST_SWEEP, "{bytes}");
        assert!(Arc::ptr_eq(&used, &one(&mut origins, "used")));
    }
}
