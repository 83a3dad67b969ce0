use rustc_hash::FxHashSet;

use crate::evidence::{Crossing, Evidence, Part};
use crate::story::{SpanIndex, Story, ties};

/// What follows from a service that is known to export nothing, or nothing of what it sent.
///
/// There a missing parent says nothing, and neither does a way that cannot be seen.
pub(super) struct Silence {
    /// Along links too: what follows from hidden work is hidden with it.
    follows: FxHashSet<SpanIndex>,
}

impl Silence {
    pub(super) fn of(evidence: &Evidence) -> Self {
        let hops = evidence.hops();
        let silent = hops.filter(|(index, ..)| !evidence.exports_on(*index, Part::Cause));
        let given = silent.flat_map(|(_, _, crossing)| given(&evidence.story, crossing));
        Self {
            follows: evidence.story.following(given),
        }
    }

    /// Whether the way to a span leads through a silent service.
    pub(super) fn hides(&self, at: SpanIndex) -> bool {
        self.follows.contains(&at)
    }
}

/// The receiver's spans that name a context which nobody exported, and which can have come from
/// the sender: which did, where a tap saw it.
fn given(story: &Story, crossing: &Crossing) -> Vec<SpanIndex> {
    let seen = crossing.wire.after();
    let seen = seen.map(|_| crossing.wire.context_set());
    let is_given = |&at: &SpanIndex| {
        ties(story.span(at)).any(|ids| {
            let can_be = seen.as_ref().is_none_or(|seen| seen.contains(&ids));
            can_be && story.find(ids).is_none()
        })
    };
    let spans = crossing.consequences.iter().copied();
    spans.filter(is_given).collect()
}
