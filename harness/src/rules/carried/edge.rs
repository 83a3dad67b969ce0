//! Where a request leaves those who trust each other.

use rustc_hash::FxHashSet;
use unbroken_adapters::w3c::{BAGGAGE, TRACESTATE, parse_tracestate};

use super::checkpoints::shortened;
use crate::evidence::{Evidence, Reading};
use crate::route::Hop;
use crate::rules::blame::{Blame, Party};
use crate::rules::{Authority, Finding, Level, Needs, Outcome, Rule};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "EDGE-001",
        title: "beyond a trust boundary the trace begins anew",
        level: Level::Must,
        authority: Authority::Specification,
        source: "Trace Context level 2, §3.4 Mutating the traceparent field, restart trace: in a front gate into a \
                 secure network everything is regenerated, and tracestate SHOULD be cleaned up; that there is such a \
                 gate the scenario declares",
        evidence: &[Needs::Wire, Needs::ConsequenceSpans],
        capabilities: &[],
        check: begins_anew,
    },
    Rule {
        id: "EDGE-002",
        title: "no baggage goes to a third party",
        level: Level::Must,
        authority: Authority::Specification,
        source: "W3C Baggage, \"Privacy considerations\": baggage is to be kept from recipients that are not trusted; \
                 which these are the scenario declares",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: no_baggage,
    },
];

fn begins_anew(evidence: &Evidence) -> Vec<Outcome> {
    let beyond = &evidence.request.beyond;
    let hops = evidence
        .hops()
        .filter(|(_, hop, _)| beyond.contains(&hop.to));
    hops.map(|(index, hop, crossing)| {
        let Some(arrived) = crossing.wire.after().filter(|arrived| !arrived.is_empty()) else {
            return Outcome::not_shown(index, "no tap saw what arrived at the boundary");
        };
        let outside = arrived.iter().filter_map(Reading::ids);
        let outside: FxHashSet<_> = outside.map(|(trace, _)| trace).collect();
        let comes_from_outside = |trace| outside.contains(&trace);
        let story = &evidence.story;
        let spans = crossing.consequences.iter().map(|&at| story.span(at));
        let next = evidence.route.next(Some(index));
        let sent = next.filter_map(|next| evidence.crossings[next].wire.before());
        let sent: Vec<_> = sent.flatten().collect();
        if sent.is_empty() && crossing.consequences.is_empty() {
            return Outcome::not_shown(index, format!("nothing was seen of `{}`", hop.to));
        }
        let went_on = sent.iter().find(|made| {
            made.ids()
                .is_some_and(|(trace, _)| comes_from_outside(trace))
        });
        let recorded = spans.clone().find(|span| comes_from_outside(span.trace_id));
        let states: FxHashSet<_> = arrived.iter().flat_map(members).collect();
        let kept = |made: &Reading| members(made).iter().any(|member| states.contains(member));
        let kept = sent.iter().find(|made| kept(made));
        let (level, actual, why) = match (recorded, went_on, kept) {
            (Some(span), ..) => (
                Level::Must,
                format!("`{}` in the trace from outside", span.name),
                "recorded its span in the trace from outside",
            ),
            (_, Some(made), _) => (
                Level::Must,
                format!("{} in the trace from outside", made.said()),
                "went on with the trace from outside",
            ),
            (.., Some(_)) => (
                Level::Should,
                "a trace state from outside".to_owned(),
                "began anew, and kept the trace state from outside",
            ),
            _ => return Outcome::held(index),
        };
        Outcome::Finding(Finding {
            level,
            hop: Some(index),
            expected: "a trace of its own, at most linked to the one outside".to_owned(),
            actual,
            spans: recorded.into_iter().cloned().collect(),
            blame: Blame::on(
                Party::Receiver,
                format!("`{}` stands beyond a trust boundary, and {why}", hop.to),
            ),
        })
    })
    .collect()
}

fn members(reading: &Reading) -> Vec<(&str, &str)> {
    let values = reading.carrier.all(TRACESTATE).map(|value| &**value);
    parse_tracestate(values).unwrap_or_default()
}

/// What a gateway takes out on the way does not go to anybody; what it puts in does.
fn no_baggage(evidence: &Evidence) -> Vec<Outcome> {
    let third_parties = &evidence.request.third_parties;
    let hops = evidence
        .hops()
        .filter(|(_, hop, _)| third_parties.contains(&hop.to));
    hops.map(|(index, hop, crossing)| {
        let Hop { from, to, over, .. } = hop;
        let sent = crossing.wire.before().unwrap_or_default();
        let arrived = match crossing.wire.after() {
            None => return Outcome::not_shown(index, "no tap saw what was sent"),
            Some([]) => {
                let why = format!("nothing was seen of what reached `{to}`");
                return Outcome::not_shown(index, why);
            }
            Some(arrived) => arrived,
        };
        let baggage = |reading: &Reading| reading.carrier.all(BAGGAGE).next().cloned();
        let Some(value) = arrived.iter().find_map(baggage) else {
            return Outcome::held(index);
        };
        let made = format!("baggage {}", shortened(&String::from_utf8_lossy(&value)));
        let was_sent = sent.iter().any(|sent| baggage(sent).is_some());
        let (parties, who) = match (sent, was_sent) {
            ([], _) => (
                vec![Party::Sender, Party::Middle],
                format!("{made} reached `{to}` over {}", over.name),
            ),
            (_, true) => (
                vec![Party::Sender],
                format!("`{from}` sent {made} over {} to `{to}`", over.name),
            ),
            (_, false) => (
                vec![Party::Middle],
                format!(
                    "`{from}` sent none over {}, and {made} reached `{to}`",
                    over.name
                ),
            ),
        };
        let blame = Blame {
            parties,
            together: false,
            why: format!("{who}: it is none of a third party's business"),
        };
        Outcome::Finding(Finding {
            level: Level::Must,
            hop: Some(index),
            expected: "no baggage".to_owned(),
            actual: made,
            spans: Vec::new(),
            blame,
        })
    })
    .collect()
}
