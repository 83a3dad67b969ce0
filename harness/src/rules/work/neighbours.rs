//! What was done for one message, under the span of another.

use rustc_hash::{FxHashMap, FxHashSet};
use unbroken_adapters::service::Sending;

use crate::evidence::{Crossing, Evidence, Reading};
use crate::route::Origin;
use crate::rules::relation;
use crate::story::{Above, Ids, SpanIndex, Story, ties};

/// One message's span has more sent below it than another's.
pub(super) struct Misplaced {
    /// The hop that is sent over.
    pub(super) next: usize,
    /// What sent it, below the span that has the most.
    pub(super) sends: Vec<SpanIndex>,
    /// How often, there.
    pub(super) most: usize,
    /// How often below the span that has the least.
    pub(super) fewest: usize,
}

/// Whoever gets several messages, and sends as much on for each, has as many sends below each of its
/// spans. None where that is so, or where nobody can say which span is of which message.
pub(super) fn misplaced(evidence: &Evidence, index: usize) -> Option<Misplaced> {
    let crossing = &evidence.crossings[index];
    let contexts = relation::causes(evidence, crossing).ok()?;
    if contexts.len() != evidence.route.handled(index) {
        return None;
    }
    let mut owners = Owners::of(evidence, crossing, &contexts)?;
    let mut next = evidence.route.next(Some(index));
    next.find_map(|next| {
        let sends = owners.sends(evidence, next)?;
        let counts = || {
            contexts
                .iter()
                .map(|ids| sends.get(ids).map_or(0, Vec::len))
        };
        let (fewest, most) = (counts().min()?, counts().max()?);
        let fullest = sends.into_values().filter(|sends| sends.len() == most);
        let mut sends = fullest.min().filter(|_| fewest < most)?;
        sends.dedup();
        Some(Misplaced {
            next,
            sends,
            most,
            fewest,
        })
    })
}

/// The message that a span belongs to, by its context; none for a span that belongs to none.
struct Owners<'a> {
    story: &'a Story,
    known: FxHashMap<SpanIndex, Option<Ids>>,
}

impl<'a> Owners<'a> {
    /// The spans that are tied to a context themselves; none if one of them is tied to several.
    fn of(
        evidence: &'a Evidence,
        crossing: &Crossing,
        contexts: &relation::Contexts,
    ) -> Option<Self> {
        let mut known = FxHashMap::default();
        for &at in crossing.consequences.iter().chain(&crossing.work) {
            let ties = ties(evidence.story.span(at)).filter(|ids| contexts.contains(ids));
            let ties: FxHashSet<_> = ties.collect();
            match *ties.into_iter().collect::<Vec<_>>() {
                [] => {}
                [ids] => _ = known.insert(at, Some(ids)),
                [..] => return None,
            }
        }
        Some(Self {
            story: &evidence.story,
            known,
        })
    }

    /// The spans that sent what crosses a hop, by the messages that they belong to, and each as often
    /// as it did. None if not all of it is known, or if sends that should differ bear one context.
    fn sends(
        &mut self,
        evidence: &Evidence,
        next: usize,
    ) -> Option<FxHashMap<Ids, Vec<SpanIndex>>> {
        let Origin::Own(sending) = evidence.route.hops()[next].origin else {
            return None;
        };
        let sent = evidence.crossings[next].wire.before()?;
        let is_shared = || {
            let distinct: FxHashSet<_> = sent.iter().filter_map(Reading::ids).collect();
            distinct.len() < sent.len()
        };
        let is_batch = matches!(sending, Sending::AsOne(_));
        if sent.len() != evidence.route.carriers(next) || !is_batch && is_shared() {
            return None;
        }
        let mut sends = FxHashMap::<Ids, Vec<SpanIndex>>::default();
        for reading in sent {
            let at = self.story.find(reading.ids()?)?;
            sends.entry(self.of_span(at)?).or_default().push(at);
        }
        Some(sends)
    }

    /// The message of the nearest span above that is tied to one.
    fn of_span(&mut self, at: SpanIndex) -> Option<Ids> {
        let mut path = Vec::new();
        let mut at = at;
        let owner = loop {
            if let Some(known) = self.known.get(&at) {
                break *known;
            }
            // What is in a circle belongs to nobody.
            self.known.insert(at, None);
            path.push(at);
            match self.story.above(at) {
                Above::Span(above) => at = above,
                _ => break None,
            }
        };
        for at in path {
            self.known.insert(at, owner);
        }
        owner
    }
}
