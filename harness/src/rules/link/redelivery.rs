//! A message that comes again: LINK-005, and LINK-006 where it comes by way of the dead letters.

use unbroken_adapters::Relation;
use unbroken_adapters::service::Taking;

use crate::evidence::{Contexts, Crossing, Evidence, Part, Reading};
use crate::rules::blame::{Blame, Inquiry, Party, comes_of};
use crate::rules::relation::{Tie, causes};
use crate::rules::{Finding, Level, Outcome, expects_none, link, unseen};
use crate::story::SpanIndex;

pub(super) fn each_attempt_is_tied(evidence: &Evidence) -> Vec<Outcome> {
    let inquiry = Inquiry::of(evidence);
    let hops = link::messages(evidence)
        .filter(|(_, hop, _)| hop.taking == Taking::AfterFailing && hop.relation != Relation::Root);
    hops.map(|(index, hop, crossing)| {
        if let Some(unseen) = unseen(evidence, index) {
            return unseen;
        }
        let (attempts, least) = (
            crossing.consequences.len(),
            evidence.route.consequences(index),
        );
        if attempts < least {
            if let Some(why) = expects_none(evidence, index, Part::Consequence) {
                return Outcome::not_shown(index, why);
            }
            let why = format!("`{}` made no span for an attempt, or exported none", hop.to);
            return Outcome::Finding(Finding {
                level: Level::Must,
                hop: Some(index),
                expected: format!("a span for each of {least} attempts"),
                actual: format!("{attempts} span(s)"),
                spans: evidence.spans(&crossing.consequences),
                blame: Blame::on(Party::Receiver, why),
            });
        }
        match causes(evidence, crossing) {
            Ok(contexts) => tied(
                &inquiry,
                index,
                &contexts,
                "the context that it was sent with",
            ),
            Err(why) => Outcome::not_shown(index, why),
        }
    })
    .collect()
}

pub(super) fn dead_letters_are_tied(evidence: &Evidence) -> Vec<Outcome> {
    let inquiry = Inquiry::of(evidence);
    let hops = link::messages(evidence)
        .filter(|(_, hop, _)| hop.is_dead_letter() && hop.relation != Relation::Root);
    hops.map(|(index, _, crossing)| {
        if let Some(unseen) = unseen(evidence, index) {
            return unseen;
        }
        match crossing.wire.before() {
            Some(sent) => {
                let contexts = sent_with(evidence, sent, crossing);
                tied(
                    &inquiry,
                    index,
                    &contexts,
                    "the context that it was first sent with",
                )
            }
            None => Outcome::not_shown(index, "no tap saw what the message was sent with"),
        }
    })
    .collect()
}

/// What counts is what a message was sent with, whatever it says when it arrives; unless that is of
/// somebody who handed it on, and comes of the same.
pub(super) fn sent_with(evidence: &Evidence, sent: &[Reading], crossing: &Crossing) -> Contexts {
    let mut contexts: Contexts = sent.iter().filter_map(Reading::ids).collect();
    let comes_of_it = comes_of(evidence, contexts.iter().copied().collect());
    let arrived = crossing.wire.contexts().iter().copied();
    let handed_on = arrived.filter(|ids| !contexts.contains(ids) && comes_of_it(*ids));
    let handed_on: Vec<_> = handed_on.collect();
    contexts.extend(handed_on);
    contexts
}

/// Whether each span of the receiver is tied to one of these contexts.
pub(super) fn tied(inquiry: &Inquiry, index: usize, contexts: &Contexts, to_what: &str) -> Outcome {
    let evidence = inquiry.evidence;
    let story = &evidence.story;
    let stray = |at: &SpanIndex| !Tie::of(story.span(*at), contexts).is_any();
    let consequences = &evidence.crossings[index].consequences;
    let Some(&first) = consequences.iter().find(|at| stray(at)) else {
        return Outcome::held(index);
    };
    let span = story.span(first);
    let to = &evidence.route.hops()[index].to;
    let why = format!(
        "`{to}` received the message, and tied `{}` to something else",
        span.name
    );
    let (hop, blame) = inquiry.receiver(index, why);
    Outcome::Finding(Finding {
        level: Level::Must,
        hop,
        expected: format!("a tie to {to_what}"),
        actual: format!("`{}` is {}", span.name, Tie::of(span, contexts)),
        spans: vec![span.clone()],
        blame,
    })
}
