//! Where the context of a message comes from: LINK-008 for batches, LINK-011 for messages that
//! were made before they are handed over.

use rustc_hash::{FxHashMap, FxHashSet};
use unbroken_adapters::service::Sending;

use crate::evidence::{Evidence, Reading};
use crate::route::Origin;
use crate::rules::blame::{Blame, Party};
use crate::rules::link::messages;
use crate::rules::{Finding, Level, Outcome};
use crate::story::SpanIndex;
use crate::token;

pub(super) fn a_batch_shares_its_context(evidence: &Evidence) -> Vec<Outcome> {
    let is_batch = |origin| matches!(origin, Origin::Own(Sending::AsOne(_)));
    let hops = messages(evidence).filter(|(_, hop, _)| is_batch(hop.origin));
    hops.map(|(index, hop, crossing)| {
        let sent = match crossing.wire.before() {
            None => return Outcome::not_shown(index, "no tap saw what was sent"),
            Some([]) => return Outcome::not_shown(index, "the tap saw nothing sent"),
            Some(sent) => sent,
        };
        let contexts: FxHashSet<_> = sent.iter().map(Reading::ids).collect();
        let mut sends = crossing.causes.iter().map(|&at| evidence.story.span(at));
        // Messages that were each made under a span of their own bear that span's context.
        let own = contexts.len() == sends.len();
        if !contexts.contains(&None) && (contexts.len() == 1 || own) {
            return Outcome::held(index);
        }
        let without = sent
            .iter()
            .filter(|reading| reading.ids().is_none())
            .count();
        let (from, over) = (&hop.from, hop.over.name);
        let what = match without {
            0 => format!("{} contexts that no spans stand for", contexts.len()),
            without => format!("{without} of {} messages without a context", sent.len()),
        };
        Outcome::Finding(Finding {
            level: Level::Should,
            hop: Some(index),
            expected: "the context of the send on each message of the batch".to_owned(),
            actual: what.clone(),
            spans: sends.next().into_iter().cloned().collect(),
            blame: Blame::on(
                Party::Sender,
                format!("`{from}` sent a batch over {over}: {what}"),
            ),
        })
    })
    .collect()
}

pub(super) fn the_first_context_stays(evidence: &Evidence) -> Vec<Outcome> {
    let from_outbox = |origin| origin == Origin::Own(Sending::FromOutbox);
    let hops: Vec<_> = messages(evidence)
        .filter(|(_, hop, _)| from_outbox(hop.origin))
        .collect();
    if hops.is_empty() {
        return Vec::new();
    }
    let made = creations(evidence);
    let outcomes = hops.into_iter().map(|(index, hop, crossing)| {
        let Some(sent) = crossing.wire.before() else {
            return Outcome::not_shown(index, "no tap saw what was sent");
        };
        let Some(first) = made.get(&index) else {
            return Outcome::not_shown(
                index,
                format!("`{}` has no span for the making of the message", hop.from),
            );
        };
        let story = &evidence.story;
        let is_made = |&at: &SpanIndex| story.span(at).text(OPERATION) == Some("create");
        let kept = |reading: &Reading| {
            let named = reading.ids().and_then(|ids| story.find(ids));
            named.is_some_and(|at| is_made(&at))
        };
        let Some(replaced) = sent.iter().find(|reading| !kept(reading)) else {
            return Outcome::held(index);
        };
        let (from, name) = (&hop.from, &story.span(*first).name);
        let actual = match &replaced.context {
            Ok(context) => context.to_string(),
            Err(why) => why.to_string(),
        };
        let why = format!(
            "`{from}` made the message under `{name}`, and replaced its context when it handed it \
             over"
        );
        Outcome::Finding(Finding {
            level: Level::Should,
            hop: Some(index),
            expected: format!("the context of `{name}` on the message"),
            actual,
            spans: vec![story.span(*first).clone()],
            blame: Blame::on(Party::Sender, why),
        })
    });
    outcomes.collect()
}

const OPERATION: &str = "messaging.operation.type";

/// The first span that made a message for each hop.
fn creations(evidence: &Evidence) -> FxHashMap<usize, SpanIndex> {
    let mut made = FxHashMap::default();
    for (at, span) in evidence.story.spans().iter().enumerate() {
        if span.text(OPERATION) != Some("create") {
            continue;
        }
        for hop in token::of_run(&span.hops, evidence.run) {
            made.entry(hop).or_insert(at);
        }
    }
    made
}
