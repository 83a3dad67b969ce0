//! Where a parent comes from: HOP-006.

use crate::evidence::Evidence;
use crate::rules::blame::{Blame, Party};
use crate::rules::relation::{Tie, causes};
use crate::rules::{Finding, Level, Outcome, unseen};

/// A server's span says that its parent came over the wire, where it says anything of it.
pub(super) fn the_parent_is_remote(evidence: &Evidence) -> Vec<Outcome> {
    let hops = evidence
        .hops()
        .filter(|(_, hop, _)| !hop.over.is_messaging());
    let outcomes = hops.filter_map(|(index, hop, crossing)| {
        if let Some(unseen) = unseen(evidence, index) {
            return Some(unseen);
        }
        let contexts = causes(evidence, crossing).ok()?;
        let spans = crossing
            .consequences
            .iter()
            .map(|&at| evidence.story.span(at));
        let known = spans
            .filter(|span| span.parent_is_remote.is_some() && Tie::of(span, &contexts).is_child);
        let known: Vec<_> = known.collect();
        let local = known
            .iter()
            .find(|span| span.parent_is_remote == Some(false));
        match (local, known.is_empty()) {
            (None, true) => None,
            (None, false) => Some(Outcome::held(index)),
            (Some(local), _) => Some(Outcome::Finding(Finding {
                level: Level::May,
                hop: Some(index),
                expected: "a parent that is marked as remote".to_owned(),
                actual: format!(
                    "`{}` says that its parent is of its own process",
                    local.name
                ),
                spans: vec![(*local).clone()],
                blame: Blame::on(
                    Party::Receiver,
                    format!(
                        "`{}` extracted the context without marking it as remote",
                        hop.to
                    ),
                ),
            })),
        }
    });
    outcomes.collect()
}
