//! Scheduled work: LINK-010.

use rustc_hash::FxHashMap;
use unbroken_adapters::Relation;

use super::blame::{Blame, Party};
use super::{Finding, Level, Outcome, unseen};
use crate::evidence::Evidence;
use crate::story::{SpanIndex, ties};

/// Each run begins a trace of its own, and names no span of another.
pub(super) fn each_run_begins_anew(evidence: &Evidence) -> Vec<Outcome> {
    let hops = evidence
        .hops()
        .filter(|(_, hop, _)| hop.relation == Relation::Root);
    hops.map(|(index, hop, crossing)| {
        if let Some(unseen) = unseen(evidence, index) {
            return unseen;
        }
        let story = &evidence.story;
        // Two spans of one run are no two runs: where each run has a span that hangs below no other,
        // those below are only some too many.
        let uppermost = story.uppermost(&crossing.consequences);
        let each = match uppermost.len() < evidence.route.carriers(index) {
            true => &crossing.consequences,
            false => &uppermost,
        };
        let mut runs = FxHashMap::default();
        for &at in each {
            runs.entry(story.span(at).trace_id).or_insert(at);
        }
        let continues = |&at: &SpanIndex| {
            let span = story.span(at);
            let earlier = ties(span).find_map(|(trace, _)| runs.get(&trace).copied());
            let shared = || runs.get(&span.trace_id).copied();
            earlier.or_else(shared).filter(|&run| run != at)
        };
        let mut spans = each.iter();
        let Some((at, run)) = spans.find_map(|at| Some((*at, continues(at)?))) else {
            return Outcome::held(index);
        };
        let (span, run) = (story.span(at), story.span(run));
        Outcome::Finding(Finding {
            level: Level::Must,
            hop: Some(index),
            expected: "a trace of its own for each run".to_owned(),
            actual: format!(
                "`{}` is tied to the trace {} of another run",
                span.name, run.trace_id
            ),
            spans: vec![span.clone(), run.clone()],
            blame: Blame::on(
                Party::Receiver,
                format!("`{}` went on with the context of another run", hop.to),
            ),
        })
    })
    .collect()
}
