//! The handler's work: HOP-007 to HOP-009, and LINK-013. A right span of the receiver does not imply that
//! what it did hangs under that span.

mod neighbours;

use std::sync::Arc;

use self::neighbours::Misplaced;
use super::blame::{Blame, Party, inside};
use super::{Finding, Level, Outcome, has_no_spans, relation};
use crate::evidence::{Crossing, Evidence};
use crate::route::Hop;
use crate::story::SpanIndex;

pub(super) fn belongs_to_its_hop(
    evidence: &Evidence,
    applies: impl Fn(&Hop) -> bool,
) -> Vec<Outcome> {
    let hops = evidence.hops();
    let hops = hops.filter(|(index, hop, crossing)| {
        let sends_on = evidence.route.next(Some(*index)).next().is_some();
        applies(hop) && (sends_on || !crossing.work.is_empty())
    });
    hops.map(|(index, hop, crossing)| belongs(evidence, index, hop, crossing))
        .collect()
}

/// The work of a receiver that is neither below its span of the hop nor, for a message, tied to
/// the creation context itself.
pub(super) fn lost(evidence: &Evidence, index: usize) -> Vec<SpanIndex> {
    let hop = &evidence.route.hops()[index];
    let crossing = &evidence.crossings[index];
    let story = &evidence.story;
    let creation = if hop.over.is_messaging() {
        relation::causes(evidence, crossing).unwrap_or_default()
    } else {
        Arc::default()
    };
    let work = || crossing.work.iter().copied();
    let tied = work().filter(|&at| {
        let tie = relation::Tie::of(story.span(at), &creation);
        tie.is_any()
    });
    let found = story.beneath(crossing.consequences.iter().copied().chain(tied));
    work().filter(|&at| !found.contains(at)).collect()
}

fn belongs(evidence: &Evidence, index: usize, hop: &Hop, crossing: &Crossing) -> Outcome {
    if let Some(why) = has_no_spans(evidence, index) {
        return Outcome::not_shown(index, why);
    }
    if crossing.work.is_empty() {
        return Outcome::not_shown(index, format!("no work of `{}` is to be seen", hop.to));
    }
    if !evidence.settled {
        return Outcome::not_shown(index, "spans may still be on their way");
    }
    let lost = lost(evidence, index);
    let Some(&first) = lost.first() else {
        return match neighbours::misplaced(evidence, index) {
            Some(misplaced) => Outcome::Finding(under_a_neighbour(evidence, index, &misplaced)),
            None => Outcome::held(index),
        };
    };
    let story = &evidence.story;
    let name = &story.span(first).name;
    let actual = match lost.len() {
        1 => format!("`{name}` hangs elsewhere"),
        several => format!("`{name}` and {} more hang elsewhere", several - 1),
    };
    Outcome::Finding(Finding {
        level: Level::Must,
        hop: Some(index),
        expected: format!("the work of `{}` under its span of this hop", hop.to),
        actual,
        spans: evidence.spans(&lost),
        blame: inside(evidence, index, first),
    })
}

fn under_a_neighbour(evidence: &Evidence, index: usize, misplaced: &Misplaced) -> Finding {
    let (hop, next) = (
        &evidence.route.hops()[index],
        &evidence.route.hops()[misplaced.next],
    );
    let what = match hop.over.is_messaging() {
        true => "message",
        false => "request",
    };
    let Misplaced { most, fewest, .. } = misplaced;
    Finding {
        level: Level::Must,
        hop: Some(index),
        expected: format!(
            "as much sent to `{}` under the span of each {what}",
            next.to
        ),
        actual: format!("{most} sent under the span of one, and {fewest} under that of another"),
        spans: evidence.spans(&misplaced.sends),
        blame: Blame::on(
            Party::Receiver,
            format!(
                "`{}` lost the context inside: it did the work for one {what} under its span for another",
                hop.to
            ),
        ),
    }
}
