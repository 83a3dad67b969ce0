//! The traceparent on hops, as it is sent on.

use rustc_hash::FxHashMap;
use unbroken_adapters::w3c::{TRACEPARENT, TRACESTATE, TraceParent, TraceParentError};
use unbroken_adapters::{Format, Relation};

use super::checkpoints::{Clause, Said, Wrong, follow, sent, shortened};
use super::keeps::{Case, keeps};
use crate::evidence::{By, Evidence, Got, Passage, Reading};
use crate::route::Hop;
use crate::rules::blame::{Blame, Party};
use crate::rules::{Authority, Finding, Level, Needs, Outcome, Rule, relation};
use crate::story::Ids;

const SAMPLED: u8 = 0b01;
const RANDOM: u8 = 0b10;
const KNOWN: u8 = SAMPLED | RANDOM;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "WIRE-002",
        title: "a trace that came in goes on where the route says child",
        level: Level::Must,
        authority: Authority::Specification,
        source: "Trace Context level 2, §3.4 Mutating the traceparent field: a vendor receiving a traceparent MUST \
                 send it to outgoing requests. To restart the trace is permitted, and not what `child` declares",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| keeps(evidence, Case::Traceparent),
    },
    Rule {
        id: "WIRE-017",
        title: "what is sent is one valid traceparent, and names a span that was exported",
        level: Level::Must,
        authority: Authority::Specification,
        source: "Trace Context level 2, §3.2.2 traceparent header field values; that the span is exported (should) \
                 is by convention",
        evidence: &[Needs::Wire, Needs::CauseSpans, Needs::Settled],
        capabilities: &[],
        check: is_one_and_valid,
    },
    Rule {
        id: "WIRE-018",
        title: "each send has a parent id of its own",
        level: Level::Should,
        authority: Authority::Suite,
        source: "W3C trace-context test suite, test_multiple_requests_with_valid_traceparent; Trace Context level 2, \
                 §3.2.2.4 parent-id: the id of this request as known by the caller",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: each_send_has_its_own,
    },
    Rule {
        id: "WIRE-021",
        title: "the parent id is a new one, or nothing beside it is touched",
        level: Level::Must,
        authority: Authority::Specification,
        source: "Trace Context level 2, \"A traceparent is Received\": parent-id MUST be set to a value representing the ID \
                 of the current operation; §3.4: if traceparent was not changed, tracestate MUST NOT be modified",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| {
            let clause = Clause {
                format: Some(Format::TraceContext),
                of_the_trace: true,
                applies: |_| true,
                check: is_new_or_untouched,
            };
            follow(evidence, &clause)
        },
    },
    Rule {
        id: "WIRE-022",
        title: "the random flag goes on, sampled changes only with the parent id, and unknown flags are zero",
        level: Level::Must,
        authority: Authority::Specification,
        source: "Trace Context level 2, §3.2.2.5.1 (sampled can only be mutated when parent-id is updated), \
                 §3.2.2.5.2 (random MUST be set, or unset, as it came in), §3.2.2.5.3 (other flags MUST be zero)",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| {
            let clause = Clause {
                format: Some(Format::TraceContext),
                of_the_trace: true,
                applies: |_| true,
                check: |_, got, passage, _| flags_are_right(got, passage),
            };
            follow(evidence, &clause)
        },
    },
    Rule {
        id: "WIRE-023",
        title: "a trace state that is not valid does not cut the trace",
        level: Level::Must,
        authority: Authority::Specification,
        source: "Trace Context level 2, \"A traceparent is Received\": if the tracestate cannot be parsed the vendor MAY \
                 discard it; the traceparent is not affected",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: |evidence| keeps(evidence, Case::BadTraceState),
    },
    Rule {
        id: "WIRE-024",
        title: "the context has room on its carrier",
        level: Level::Must,
        authority: Authority::Convention,
        source: "the limits of the boundary, as its descriptor says them",
        evidence: &[Needs::Wire],
        capabilities: &[],
        check: has_room,
    },
];

fn is_one_and_valid(evidence: &Evidence) -> Vec<Outcome> {
    sent(
        evidence,
        |_| true,
        |hop, reading| {
            let Hop { from, relation, .. } = &evidence.route.hops()[hop];
            let values = || reading.carrier.all(TRACEPARENT).map(|value| &**value);
            let read = TraceParent::from_values(values());
            let speaks_another = match evidence.request.formats.get(from) {
                Some(formats) => !formats.contains(&Format::TraceContext),
                None => read == Err(TraceParentError::Absent) && reading.ids().is_some(),
            };
            if speaks_another {
                return Said::Nothing;
            }
            let context = match read {
                Ok(context) => context,
                // Whoever gets it is to begin anew.
                Err(TraceParentError::Absent) if *relation == Relation::Root => {
                    return Said::Nothing;
                }
                Err(why) => {
                    let first = values().next().map(String::from_utf8_lossy);
                    return Said::Wrong(Wrong {
                        level: Level::Must,
                        got: "one valid traceparent".to_owned(),
                        made: match first {
                            Some(value) => {
                                let value = shortened(&value);
                                format!("traceparent {value:?}, which is not valid: {why}")
                            }
                            None => "no traceparent".to_owned(),
                        },
                        means: "nobody can go on with it",
                    });
                }
            };
            let is_exported = evidence.story.find((context.trace_id, context.parent_id));
            let knowable = evidence.settled && evidence.exports(from) && context.is_sampled();
            match is_exported {
                None if knowable => Said::Wrong(Wrong {
                    level: Level::Should,
                    got: "a traceparent that names an exported span".to_owned(),
                    made: format!("traceparent {context}"),
                    means: "nobody exported the span that it names",
                }),
                _ => Said::Right,
            }
        },
    )
}

/// Looks for an id that two sends share, of one handler or of one hop. Messages that are sent as one may.
fn each_send_has_its_own(evidence: &Evidence) -> Vec<Outcome> {
    let mut first_use: FxHashMap<(Option<usize>, Ids), usize> = FxHashMap::default();
    let mut outcomes = Vec::new();
    let made_here = |index: usize| evidence.route.made_for(index) == index;
    for (index, hop, crossing) in evidence.hops().filter(|(index, ..)| made_here(*index)) {
        let siblings = evidence
            .route
            .next(hop.after)
            .filter(|&other| made_here(other));
        let is_one_of_several =
            siblings.count() > 1 || hop.sends_each() && evidence.route.carriers(index) > 1;
        let Some(sent) = crossing.wire.before().filter(|_| is_one_of_several) else {
            let why = "no tap saw what was sent";
            outcomes.extend(is_one_of_several.then(|| Outcome::not_shown(index, why)));
            continue;
        };
        let mut shared = relation::sent_again(evidence, index).map(|ids| (index, ids));
        for ids in sent.iter().filter_map(Reading::ids) {
            let first = *first_use.entry((hop.after, ids)).or_insert(index);
            if first != index {
                shared = Some((first, ids));
            }
        }
        match shared {
            Some((first, (_, span))) => {
                let other = &evidence.route.hops()[first];
                let to = match first == index {
                    true => format!("to `{}` twice", hop.to),
                    false => format!("to `{}` and to `{}`", other.to, hop.to),
                };
                outcomes.push(Outcome::Finding(Finding {
                    level: Level::Should,
                    hop: Some(index),
                    expected: "a parent id that no other send has".to_owned(),
                    actual: format!("{span}, which was sent over {other} as well"),
                    spans: Vec::new(),
                    blame: Blame::on(
                        Party::Sender,
                        format!(
                            "`{}` sent the same parent id {to}: what was done for it cannot be told apart",
                            hop.from
                        ),
                    ),
                }));
            }
            None if !sent.is_empty() => outcomes.push(Outcome::held(index)),
            None => {}
        }
    }
    outcomes
}

/// None where what came in stands in another format, or nothing came in.
fn traceparent(got: &Got<'_>) -> Option<TraceParent> {
    match got {
        Got::Carrier(reading) if reading.format == Format::TraceContext => reading.context.ok(),
        _ => None,
    }
}

fn is_new_or_untouched(
    evidence: &Evidence,
    got: &Got<'_>,
    passage: &Passage<'_>,
    hop: &Hop,
) -> Said {
    let (Some(was), Some(is)) = (traceparent(got), traceparent(&Got::Carrier(passage.made))) else {
        return Said::Nothing;
    };
    if was.parent_id != is.parent_id {
        return Said::Right;
    }
    let state = |got: &Got<'_>| {
        // Several lines are one list, and blanks around its members are none of them.
        let values = got.values(TRACESTATE).into_iter();
        let members = values.flat_map(|value| value.split(|&byte| byte == b','));
        let members = members.map(<[u8]>::trim_ascii).filter(|it| !it.is_empty());
        let members = members.map(String::from_utf8_lossy);
        members.collect::<Vec<_>>().join(",")
    };
    let passes_through = passage.by == By::Middle || evidence.silent.contains(&hop.from);
    let (before, after) = (state(got), state(&Got::Carrier(passage.made)));
    let in_words = |context: TraceParent, state: &str| match state {
        "" => format!("traceparent {context} without tracestate"),
        state => format!("traceparent {context} with tracestate {}", shortened(state)),
    };
    let means = match (passes_through, before == after) {
        (true, true) => return Said::Right,
        (true, false) => "whoever only passes on must leave the trace state alone",
        (false, _) => "it hands on a context that is not its own",
    };
    Said::Wrong(Wrong {
        level: Level::Must,
        got: in_words(was, &before),
        made: in_words(is, &after),
        means,
    })
}

fn flags_are_right(got: &Got<'_>, passage: &Passage<'_>) -> Said {
    let (Some(was), Some(is)) = (traceparent(got), traceparent(&Got::Carrier(passage.made))) else {
        return Said::Nothing;
    };
    let same_parent = was.parent_id == is.parent_id;
    let means = if (was.flags ^ is.flags) & RANDOM != 0 {
        "whether the trace id is random does not change within a trace"
    } else if same_parent && (was.flags ^ is.flags) & SAMPLED != 0 {
        "the sampled flag can change only with the parent id"
    } else if !same_parent && is.flags & !KNOWN != 0 {
        "flags that are not known must be zero"
    } else {
        return Said::Right;
    };
    Said::Wrong(Wrong {
        level: Level::Must,
        got: format!("flags {:02x}", was.flags),
        made: format!("flags {:02x}", is.flags),
        means,
    })
}

/// Whether a message that was refused had more entries than its carrier can hold.
fn has_room(evidence: &Evidence) -> Vec<Outcome> {
    let hops = evidence.hops().filter_map(|(index, hop, crossing)| {
        let most = hop
            .over
            .limits
            .entries
            .filter(|_| hop.over.is_messaging())?;
        let Some(sent) = crossing.wire.before() else {
            return Some(Outcome::not_shown(index, "no tap saw what was sent"));
        };
        let refused = crossing
            .refused
            .as_ref()
            .filter(|_| crossing.wire.after().is_some_and(<[_]>::is_empty));
        let Some(refused) = refused else {
            return (!sent.is_empty()).then(|| Outcome::held(index));
        };
        let entries = sent.iter().map(|reading| reading.carrier.len()).max()?;
        if entries <= most {
            return None;
        }
        Some(Outcome::Finding(Finding {
            level: Level::Must,
            hop: Some(index),
            expected: format!("at most {most} entries"),
            actual: format!("{entries} entries, and a send that was refused"),
            spans: Vec::new(),
            blame: Blame::on(
                Party::Sender,
                format!(
                    "`{}` sent {entries} entries over {}, which holds {most}: {refused}",
                    hop.from, hop.over.name
                ),
            ),
        }))
    });
    hops.collect()
}
