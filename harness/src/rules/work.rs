//! The handler's work: HOP-009 and LINK-013. A right span of the receiver does not imply that
//! what it did hangs under that span.

use super::blame::{Blame, Party};
use super::{Finding, Level, Outcome, relation};
use crate::evidence::{Crossing, Evidence};
use crate::route::Hop;

pub(super) fn belongs_to_its_hop(evidence: &Evidence, messaging: bool) -> Vec<Outcome> {
    let hops = evidence.hops();
    let hops = hops.filter(|(_, hop, crossing)| {
        hop.over.is_messaging() == messaging
            && (has_next(evidence, hop) || !crossing.work.is_empty())
    });
    hops.map(|(index, hop, crossing)| belongs(evidence, index, hop, crossing))
        .collect()
}

fn has_next(evidence: &Evidence, hop: &Hop) -> bool {
    evidence.route.hops().iter().any(|next| next.from == hop.to)
}

fn belongs(evidence: &Evidence, index: usize, hop: &Hop, crossing: &Crossing) -> Outcome {
    if !evidence.exports(&hop.to) {
        return Outcome::not_shown(index, format!("`{}` exports no spans here", hop.to));
    }
    if crossing.consequences.is_empty() {
        return Outcome::not_shown(index, format!("`{}` has no span for this hop", hop.to));
    }
    if crossing.work.is_empty() {
        return Outcome::not_shown(index, format!("no work of `{}` is to be seen", hop.to));
    }
    let story = &evidence.story;
    let below = story.below(crossing.consequences.iter().copied(), false);
    // A message's work may also be tied to the creation context itself.
    let creation = match hop.over.is_messaging() {
        true => relation::causes(evidence, crossing).unwrap_or_default(),
        false => Vec::new(),
    };
    let tied = story.below(
        crossing.work.iter().copied().filter(|&at| {
            let tie = relation::Tie::of(story.span(at), &creation);
            tie.is_child || tie.is_linked
        }),
        false,
    );
    let work = crossing.work.iter();
    let lost: Vec<_> = work
        .filter(|at| !below.contains(at) && !tied.contains(at))
        .collect();
    let Some(&&first) = lost.first() else {
        return Outcome::held(index);
    };
    let name = &story.span(first).name;
    let others = match lost.len() {
        1 => String::new(),
        several => format!(" and {} more", several - 1),
    };
    Outcome::Finding(Finding {
        level: Level::Must,
        hop: Some(index),
        expected: format!("the work of `{}` under its span of this hop", hop.to),
        actual: format!("`{name}`{others} hangs elsewhere"),
        spans: lost.iter().map(|&&at| story.span(at).clone()).collect(),
        blame: Blame::on(
            Party::Receiver,
            format!(
                "`{}` lost the context between its span and its handler",
                hop.to
            ),
        ),
    })
}
