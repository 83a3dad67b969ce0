use rustc_hash::FxHashMap;

use super::Ground;
use crate::span::SpanKind;
use crate::story::{SpanIndex, plumbing};

/// The spans that no address speaks of, by service and kind: the only one, or none where there
/// are several.
pub(super) struct Candidates {
    only: FxHashMap<(usize, SpanKind), Option<SpanIndex>>,
}

impl Candidates {
    pub(super) fn of(ground: &Ground) -> Self {
        let mut only = FxHashMap::default();
        for (at, span) in ground.story.spans().iter().enumerate() {
            let Some(service) = ground.services[at] else {
                continue;
            };
            let crosses = !matches!(span.kind, SpanKind::Internal | SpanKind::Unspecified);
            if crosses && span.hops.is_empty() && !plumbing::is_plumbing(ground.story, at) {
                let only = only.entry((service, span.kind));
                only.and_modify(|only| *only = None).or_insert(Some(at));
            }
        }
        Self { only }
    }

    /// The only span with which the sender can have made this hop, if it makes no other.
    pub(super) fn cause(&self, ground: &Ground, hop: usize) -> Option<SpanIndex> {
        let (from, _) = ground.ends[hop];
        let alike = ground.ends.iter().filter(|(other, _)| *other == from);
        let (only_hop, messaging) = (alike.count() == 1, is_messaging(ground, hop));
        let producer = || self.only(from, SpanKind::Producer);
        let client = || self.only(from, SpanKind::Client);
        match (only_hop, messaging) {
            (false, _) => None,
            (true, true) => producer().or_else(client),
            (true, false) => client(),
        }
    }

    /// The only span with which the receiver can account for this hop, if no other leads to it.
    pub(super) fn consequence(&self, ground: &Ground, hop: usize) -> Option<SpanIndex> {
        let (_, to) = ground.ends[hop];
        let alike = ground.ends.iter().filter(|(_, other)| *other == to);
        let only_hop = alike.count() == 1;
        let kind = if is_messaging(ground, hop) {
            SpanKind::Consumer
        } else {
            SpanKind::Server
        };
        only_hop.then(|| self.only(to, kind)).flatten()
    }

    fn only(&self, service: usize, kind: SpanKind) -> Option<SpanIndex> {
        self.only.get(&(service, kind)).copied().flatten()
    }
}

fn is_messaging(ground: &Ground, hop: usize) -> bool {
    ground.route.hops()[hop].over.is_messaging()
}
