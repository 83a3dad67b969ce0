use std::cell::{OnceCell, RefCell};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Blame, Party, of_hop};
use crate::evidence::{Crossing, Evidence, Part, Place};
use crate::rules::relation::{self, Contexts, Tie};
use crate::story::{Above, SpanIndex, ties};
use crate::token;

/// Asks for the blame of many findings, and looks into each hop once.
///
/// A loss shows in several rules and at several spans, of later hops too; whatever follows from
/// it is given the hop and the blame of the loss itself.
pub(in crate::rules) struct Inquiry<'a> {
    pub(in crate::rules) evidence: &'a Evidence,
    hops: RefCell<FxHashMap<usize, Blame>>,
    /// What the consequences of each hop are to be tied to, once it is asked for.
    contexts: Vec<OnceCell<Arc<Contexts>>>,
    /// The first cause of each hop that is not reached itself.
    cut: Vec<Option<SpanIndex>>,
    /// What was found above spans, once it was asked for.
    topmost: RefCell<FxHashMap<SpanIndex, Option<(Place, SpanIndex)>>>,
}

impl<'a> Inquiry<'a> {
    pub(in crate::rules) fn of(evidence: &'a Evidence) -> Self {
        let unreached = |at: &SpanIndex| !evidence.story.is_reached(*at);
        let cut = evidence.crossings.iter().map(|crossing| {
            let mut causes = crossing.causes.iter().copied();
            causes.find(unreached)
        });
        Self {
            evidence,
            hops: RefCell::default(),
            contexts: vec![OnceCell::new(); evidence.crossings.len()],
            cut: cut.collect(),
            topmost: RefCell::default(),
        }
    }

    /// Who lost the context of a hop.
    pub(in crate::rules) fn hop(&self, index: usize) -> (Option<usize>, Blame) {
        let mut hops = self.hops.borrow_mut();
        let blame = hops
            .entry(index)
            .or_insert_with(|| of_hop(self.evidence, index));
        (Some(index), blame.clone())
    }

    /// Who lost the context of a hop, where something of its receiver is wrong in any case:
    /// the receiver, if nobody lost it before.
    pub(in crate::rules) fn receiver(&self, index: usize, why: String) -> (Option<usize>, Blame) {
        match self.hop(index) {
            (hop, blame) if blame.parties.is_empty() => (hop, Blame::on(Party::Receiver, why)),
            lost => lost,
        }
    }

    /// Who made a span, where the span itself is what is wrong.
    pub(in crate::rules) fn maker(&self, at: SpanIndex, why: String) -> (Option<usize>, Blame) {
        match self.evidence.place(at) {
            Some(Place { hop, part }) => {
                let party = match part {
                    Part::Cause => Party::Sender,
                    Part::Consequence | Part::Work => Party::Receiver,
                };
                (Some(hop), Blame::on(party, why))
            }
            None => (None, Blame::nobody(why)),
        }
    }

    /// Where the way from the entry to a span was lost, and by whom.
    pub(in crate::rules) fn way_to(&self, at: SpanIndex) -> (Option<usize>, Blame) {
        let story = &self.evidence.story;
        let mut at = at;
        let mut seen = FxHashSet::default();
        loop {
            let Some((place, span)) = self.topmost(at) else {
                let name = &story.span(at).name;
                let why = format!("`{name}` plays no part on the route");
                return (None, Blame::nobody(why));
            };
            let Place { hop, part } = place;
            let crossing = &self.evidence.crossings[hop];
            return match part {
                Part::Consequence => match self.cut_above(crossing, span).or(self.cut[hop]) {
                    // Its own tie is right, and leads to what was lost before.
                    Some(cause) if seen.insert(hop) && self.is_tied(crossing, hop, span) => {
                        at = cause;
                        continue;
                    }
                    _ => self.hop(hop),
                },
                Part::Work => self.lost_inside(hop, span),
                Part::Cause => {
                    let from = &self.evidence.route.hops()[hop].from;
                    let name = &story.span(span).name;
                    let why = format!("`{from}` made its span `{name}` outside of the request");
                    (Some(hop), Blame::on(Party::Sender, why))
                }
            };
        }
    }

    /// The cause that a consequence is tied to, if that is not reached itself.
    fn cut_above(&self, crossing: &Crossing, consequence: SpanIndex) -> Option<SpanIndex> {
        let story = &self.evidence.story;
        let mut tied = ties(story.span(consequence)).filter_map(|ids| story.find(ids));
        tied.find(|at| crossing.causes.binary_search(at).is_ok() && !story.is_reached(*at))
    }

    /// The work of a receiver is not under its span of the hop.
    fn lost_inside(&self, hop: usize, work: SpanIndex) -> (Option<usize>, Blame) {
        if self.evidence.crossings[hop].consequences.is_empty() {
            return self.hop(hop);
        }
        (Some(hop), inside(self.evidence, hop, work))
    }

    fn is_tied(&self, crossing: &Crossing, hop: usize, span: SpanIndex) -> bool {
        let relation = self.evidence.route.hops()[hop].relation;
        let contexts = || relation::causes(self.evidence, crossing).unwrap_or_default();
        let contexts = self.contexts[hop].get_or_init(contexts);
        let span = self.evidence.story.span(span);
        Tie::of(span, contexts).keeps(relation)
    }

    /// The uppermost span above this one, itself included, that plays a part on the route. In a
    /// circle there is none: then the one nearest to the entry.
    fn topmost(&self, at: SpanIndex) -> Option<(Place, SpanIndex)> {
        let story = &self.evidence.story;
        let mut known = self.topmost.borrow_mut();
        let (mut path, mut seen) = (Vec::new(), FxHashSet::default());
        let (mut topmost, mut below) = (None, 0);
        let mut next = at;
        loop {
            // Much may hang below one span that is lost: each way up is gone once.
            if let Some(known) = known.get(&next) {
                (topmost, below) = known.map_or((topmost, below), |it| (Some(it), path.len()));
                break;
            }
            if !seen.insert(next) {
                return self.evidence.first_on_the_route(seen);
            }
            path.push(next);
            if let Some(place) = self.evidence.place(next) {
                (topmost, below) = (Some((place, next)), path.len());
            }
            match story.above(next) {
                Above::Span(parent) => next = parent,
                _ => break,
            }
        }
        let above = std::iter::repeat(None);
        let found = std::iter::repeat_n(topmost, below).chain(above);
        known.extend(path.into_iter().zip(found));
        topmost
    }
}

/// The sentence for a context that was lost between a receiver's span and its work.
pub(in crate::rules) fn inside(evidence: &Evidence, hop: usize, work: SpanIndex) -> Blame {
    let to = &evidence.route.hops()[hop].to;
    let span = evidence.story.span(work);
    let name = &span.name;
    let is_named = token::of_run(&span.hops, evidence.run).any(|named| named == hop);
    let several = match evidence.route.reaching(to).count() {
        1 => "",
        _ if is_named => "",
        _ => "; several hops lead to it, and nothing says for which it was",
    };
    Blame::on(
        Party::Receiver,
        format!(
            "`{to}` lost the context inside: `{name}` is not below its span of this hop{several}"
        ),
    )
}
