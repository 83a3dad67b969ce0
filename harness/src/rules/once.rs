//! Messages that come twice, or are told of twice: LINK-015.

use rustc_hash::FxHashMap;
use unbroken_adapters::Relation;

use super::blame::{Blame, Party};
use super::{Finding, Level, Outcome, link, unseen};
use crate::evidence::{Crossing, Evidence, Reading};
use crate::route::Hop;
use crate::story::{Ids, SpanIndex, ties};

/// Whether no message has more spans that account for it than times that it was sent. Where
/// several messages share one context, they share their number too.
pub(super) fn accounted_for_once(evidence: &Evidence) -> Vec<Outcome> {
    link::messages(evidence)
        .filter(|(_, hop, _)| hop.relation != Relation::Root)
        .filter_map(|(index, hop, crossing)| of_hop(evidence, index, hop, crossing))
        .collect()
}

/// None where no context was sent that could be accounted for.
fn of_hop(evidence: &Evidence, index: usize, hop: &Hop, crossing: &Crossing) -> Option<Outcome> {
    let (Some(before), Some(after)) = (crossing.wire.before(), crossing.wire.after()) else {
        let why = "no tap counted the messages";
        return Some(Outcome::not_shown(index, why));
    };
    let sent = times(before);
    if sent.is_empty() {
        return None;
    }
    if let Some(unseen) = unseen(evidence, index) {
        return Some(unseen);
    }
    let surplus = surplus(evidence, crossing, &sent);
    // In the order in which they were sent, so that a report says the same each time.
    let mut messages = before
        .iter()
        .filter_map(|reading| Some((reading, reading.ids()?)));
    let Some((reading, ids)) = messages.find(|(_, ids)| surplus.contains_key(ids)) else {
        return Some(Outcome::held(index));
    };
    let (spans, sent) = (&surplus[&ids], sent[&ids]);
    let arrived = times(after).get(&ids).copied().unwrap_or_default();
    let (from, to, message) = (&hop.from, &hop.to, reading.in_words(hop.over));
    let blame = if arrived > sent {
        let why = format!(
            "`{from}` sent {message}, {}, and it came {}",
            often(sent),
            often(arrived)
        );
        Blame::on(Party::Middle, why)
    } else {
        let (sent, spans) = (often(sent), spans.len());
        let why = format!("`{to}` received {message}, {sent}, and made {spans} spans for it");
        Blame::on(Party::Receiver, why)
    };
    Some(Outcome::Finding(Finding {
        level: Level::Should,
        hop: Some(index),
        expected: "one consumer span for each time that a message was sent".to_owned(),
        actual: format!("{} for one that was sent {}", spans.len(), often(sent)),
        spans: evidence.spans(spans),
        blame,
    }))
}

/// How often each context was seen.
pub(super) fn times(readings: &[Reading]) -> FxHashMap<Ids, usize> {
    let mut times = FxHashMap::default();
    for ids in readings.iter().filter_map(Reading::ids) {
        *times.entry(ids).or_default() += 1;
    }
    times
}

/// The spans that account for each context that more of them are tied to than there are messages
/// with it. An attempt that failed accounts for nothing, and what hangs below a span that does is
/// part of the same account.
pub(super) fn surplus(
    evidence: &Evidence,
    crossing: &Crossing,
    messages: &FxHashMap<Ids, usize>,
) -> FxHashMap<Ids, Vec<SpanIndex>> {
    let story = &evidence.story;
    let spans = crossing.consequences.iter().copied();
    let done = spans.filter(|&at| !story.span(at).is_error());
    // Hardly ever is there a surplus, and a hop may have a million messages: so it is counted first.
    let mut times = FxHashMap::<Ids, usize>::default();
    for ids in done.clone().flat_map(|at| ties(story.span(at))) {
        *times.entry(ids).or_default() += 1;
    }
    times.retain(|ids, times| messages.get(ids).is_some_and(|messages| *times > *messages));
    let mut surplus = FxHashMap::<Ids, Vec<SpanIndex>>::default();
    if times.is_empty() {
        return surplus;
    }
    for at in done {
        for ids in ties(story.span(at)).filter(|ids| times.contains_key(ids)) {
            let spans = surplus.entry(ids).or_default();
            if spans.last() != Some(&at) {
                spans.push(at);
            }
        }
    }
    for spans in surplus.values_mut() {
        *spans = story.uppermost(spans);
    }
    surplus.retain(|ids, spans| spans.len() > messages[ids]);
    surplus
}

fn often(times: usize) -> String {
    match times {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        times => format!("{times} times"),
    }
}
