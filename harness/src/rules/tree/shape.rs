//! What can be seen of the traces alone, without the route.

use super::silence::Silence;
use crate::evidence::{Evidence, Part, Place};
use crate::rules::blame::{Blame, Inquiry, Party};
use crate::rules::{Finding, Level, Outcome, held_unless};
use crate::span::{Dropped, Malformed, Span, SpanKind};
use crate::story::{Above, SpanIndex, Trace, plumbing};
use crate::token;

pub(super) fn one_root(evidence: &Evidence) -> Vec<Outcome> {
    if !evidence.settled {
        return vec![still_on_their_way()];
    }
    let (inquiry, silence) = (Inquiry::of(evidence), Silence::of(evidence));
    let story = &evidence.story;
    let mut findings = Vec::new();
    for trace in story.traces().iter().filter(|trace| trace.belongs) {
        let roots: Vec<_> = story.roots(trace).collect();
        let mut spans_of = trace.spans.clone();
        // What continues a context of the harness has its root there.
        let is_sent = spans_of.any(|at| story.above(at) == Above::Sent);
        if roots.len() + usize::from(is_sent) == 1 || is_all_hidden(evidence, &silence, trace) {
            continue;
        }
        let (hop, blame) = match *roots {
            [] => no_root(evidence, &inquiry, trace),
            _ => surplus(evidence, &inquiry, &roots),
        };
        findings.push(Finding {
            level: Level::Must,
            hop,
            expected: format!("one root in the trace {}", trace.id),
            actual: match roots.len() {
                0 => "none".to_owned(),
                several => format!("{several}: {}", names(evidence, &roots)),
            },
            spans: evidence.spans(&roots),
            blame,
        });
    }
    let is_entry = |trace: &Trace| trace.id == story.entry();
    if !story.traces().iter().any(is_entry) && evidence.exports(evidence.route.entry()) {
        findings.push(Finding {
            level: Level::Must,
            hop: None,
            expected: "the span that the request begins with".to_owned(),
            actual: "nothing".to_owned(),
            spans: Vec::new(),
            blame: Blame::nobody(format!(
                "`{}`, the entry, exported no span",
                evidence.route.entry()
            )),
        });
    }
    held_unless(findings)
}

/// A trace without a root hangs under a span that is missing, or is a cycle.
fn no_root(evidence: &Evidence, inquiry: &Inquiry, trace: &Trace) -> (Option<usize>, Blame) {
    let spans = trace.spans.clone();
    let mut orphans = spans.filter(|&at| evidence.story.above(at) == Above::Missing);
    let placed = evidence.first_on_the_route(orphans.clone());
    match placed.map(|(_, at)| at).or_else(|| orphans.next()) {
        Some(orphan) => parent_lost(evidence, inquiry, orphan),
        None => (
            None,
            Blame::nobody("every span of it names another one of it as its parent"),
        ),
    }
}

/// Of several roots, the one that plays a part on the route and is not the beginning.
fn surplus(evidence: &Evidence, inquiry: &Inquiry, roots: &[SpanIndex]) -> (Option<usize>, Blame) {
    let entry = Some(evidence.route.entry());
    let is_its = |at: &SpanIndex| evidence.story.span(*at).origin.service.as_deref() == entry;
    let beginning = evidence.story.entry_root().filter(is_its);
    let others = roots.iter().copied().filter(|&at| Some(at) != beginning);
    match evidence.first_on_the_route(others) {
        Some((_, at)) => inquiry.way_to(at),
        None => (
            None,
            Blame::nobody("several spans of one trace began without a parent"),
        ),
    }
}

/// The orphans of a trace are all behind a service that exports nothing.
fn is_all_hidden(evidence: &Evidence, silence: &Silence, trace: &Trace) -> bool {
    let story = &evidence.story;
    let spans = trace.spans.clone();
    let mut tops = spans.filter(|&at| !matches!(story.above(at), Above::Span(_)));
    tops.clone().next().is_some() && tops.all(|at| silence.hides(at))
}

pub(super) fn parents_are_present(evidence: &Evidence) -> Vec<Outcome> {
    if !evidence.settled {
        return vec![still_on_their_way()];
    }
    let (inquiry, silence) = (Inquiry::of(evidence), Silence::of(evidence));
    let mut outcomes = Vec::new();
    for at in belonging(evidence).filter(|&at| evidence.story.above(at) == Above::Missing) {
        let span = evidence.story.span(at);
        let parent = span.parent.map(|id| id.to_string()).unwrap_or_default();
        let (name, service) = (&span.name, service(span));
        if silence.hides(at) {
            outcomes.push(not_shown(format!(
                "`{name}` of {service} names the parent {parent}, of a service that exports no \
                 spans here, or of what is not sampled"
            )));
            continue;
        }
        let (hop, blame) = parent_lost(evidence, &inquiry, at);
        outcomes.push(Outcome::Finding(Finding {
            level: Level::Must,
            hop,
            expected: "its parent, exported".to_owned(),
            actual: format!(
                "`{name}` of {service} names the parent {parent}, which nobody exported"
            ),
            spans: vec![span.clone()],
            blame,
        }));
    }
    if outcomes.is_empty() {
        held_unless(Vec::new())
    } else {
        outcomes
    }
}

/// Who lost the parent that an orphan names: on the hop, or inside of the service.
fn parent_lost(
    evidence: &Evidence,
    inquiry: &Inquiry,
    orphan: SpanIndex,
) -> (Option<usize>, Blame) {
    match evidence.place(orphan) {
        Some(_) => match inquiry.way_to(orphan) {
            // What it was given is right: it names something of its own that is missing.
            (_, blame) if blame.parties.is_empty() => {
                let service = service(evidence.story.span(orphan));
                let why = format!("{service} exported no span of the id that its own span names");
                inquiry.maker(orphan, why)
            }
            lost => lost,
        },
        None => (
            None,
            Blame::nobody("the span that it names was never exported, or never made"),
        ),
    }
}

pub(super) fn no_cycle(evidence: &Evidence) -> Vec<Outcome> {
    let inquiry = Inquiry::of(evidence);
    let cycles = evidence.story.cycles().into_iter();
    let findings = cycles.map(|cycle| {
        let (hop, blame) = match evidence.first_on_the_route(cycle.iter().copied()) {
            Some((_, at)) => inquiry.way_to(at),
            None => (
                None,
                Blame::nobody("a parent id was written that belongs to a descendant"),
            ),
        };
        Finding {
            level: Level::Must,
            hop,
            expected: "a way up to a root".to_owned(),
            actual: format!("a circle: {}", names(evidence, &cycle)),
            spans: evidence.spans(&cycle),
            blame,
        }
    });
    held_unless(findings.collect())
}

pub(super) fn ids_are_unique(evidence: &Evidence) -> Vec<Outcome> {
    let inquiry = Inquiry::of(evidence);
    let story = &evidence.story;
    let duplicates = story.duplicates().iter();
    let findings = duplicates.map(|&(first, second)| {
        let same = story.is_copy(second);
        // An id travels with the request: whoever came by it later took it.
        let came_by_it = |at| evidence.place(at).map(|place| steps(evidence, place));
        let (first, second) = match came_by_it(first) > came_by_it(second) && !same {
            true => (second, first),
            false => (first, second),
        };
        let (one, other) = (story.span(first), story.span(second));
        let why = if same {
            format!("{} exported it twice", service(other))
        } else {
            format!("{} gave its span an id that was taken", service(other))
        };
        let (hop, blame) = inquiry.maker(if same { first } else { second }, why);
        Finding {
            level: if same { Level::Should } else { Level::Must },
            hop,
            expected: "one span of these ids".to_owned(),
            actual: if same {
                format!("`{}` was exported twice", one.name)
            } else {
                format!("`{}` and `{}` have the same id", one.name, other.name)
            },
            spans: vec![one.clone(), other.clone()],
            blame,
        }
    });
    held_unless(findings.collect())
}

/// How many hops lie between the entry and the service that made a span.
fn steps(evidence: &Evidence, place: Place) -> usize {
    evidence.route.depth(place.hop) - usize::from(place.part == Part::Cause)
}

pub(super) fn ids_are_valid(evidence: &Evidence) -> Vec<Outcome> {
    let findings = evidence.malformed.iter().map(|malformed| {
        let (hop, parties) = exporter(evidence, malformed);
        Finding {
            level: Level::Must,
            hop,
            expected: "ids of 16 and 8 bytes that are not all zero".to_owned(),
            actual: malformed.to_string(),
            spans: Vec::new(),
            blame: Blame {
                together: false,
                parties,
                why: match malformed.origin.service.as_deref() {
                    Some(service) => format!("the exporter of `{service}` wrote it so"),
                    None => "its exporter wrote it so".to_owned(),
                },
            },
        }
    });
    held_unless(findings.collect())
}

/// The hop that a malformed span speaks of, and the side of it that made the span.
fn exporter(evidence: &Evidence, malformed: &Malformed) -> (Option<usize>, Vec<Party>) {
    let service = malformed.origin.service.as_deref();
    let mut hops = token::of_run(&malformed.hops, evidence.run);
    let found = hops.find_map(|index| {
        let hop = evidence.route.hops().get(index)?;
        match service {
            Some(service) if service == hop.from => Some((index, Party::Sender)),
            Some(service) if service == hop.to => Some((index, Party::Receiver)),
            _ => None,
        }
    });
    match found {
        Some((hop, party)) => (Some(hop), vec![party]),
        None => (None, Vec::new()),
    }
}

pub(super) fn nothing_was_dropped(evidence: &Evidence) -> Vec<Outcome> {
    let inquiry = Inquiry::of(evidence);
    let findings = belonging(evidence).filter_map(|at| {
        let span = evidence.story.span(at);
        let dropped = span.dropped;
        if dropped == Dropped::default() {
            return None;
        }
        let why = format!("the SDK of {} has a limit that is too low", service(span));
        let (hop, blame) = inquiry.maker(at, why);
        Some(Finding {
            level: match dropped.links {
                0 => Level::Should,
                _ => Level::Must,
            },
            hop,
            expected: "every link, attribute and event".to_owned(),
            actual: format!(
                "`{}` dropped {} links, {} attributes and {} events",
                span.name, dropped.links, dropped.attributes, dropped.events
            ),
            spans: vec![span.clone()],
            blame,
        })
    });
    held_unless(findings.collect())
}

pub(super) fn root_is_no_client(evidence: &Evidence) -> Vec<Outcome> {
    let Some(root) = evidence.story.entry_root() else {
        return vec![not_shown("the entry has no root".to_owned())];
    };
    let span = evidence.story.span(root);
    let by_the_entry = span.origin.service.as_deref() == Some(evidence.route.entry());
    if span.kind != SpanKind::Client || by_the_entry || plumbing::is_plumbing(&evidence.story, root)
    {
        return vec![Outcome::Held { hop: None }];
    }
    let why = format!("{} called outside of any span", service(span));
    let (hop, blame) = Inquiry::of(evidence).maker(root, why);
    vec![Outcome::Finding(Finding {
        level: Level::Should,
        hop,
        expected: "a root that stands for the work that made the call".to_owned(),
        actual: format!("the root `{}` is a client span", span.name),
        spans: vec![span.clone()],
        blame,
    })]
}

pub(super) fn service(span: &Span) -> String {
    match span.origin.service.as_deref() {
        Some(service) => format!("`{service}`"),
        None => "a service without a name".to_owned(),
    }
}

pub(super) fn still_on_their_way() -> Outcome {
    not_shown("spans may still be on their way".to_owned())
}

pub(super) fn not_shown(why: String) -> Outcome {
    Outcome::NotShown { hop: None, why }
}

/// The spans of the story, each once however often it was exported.
fn belonging(evidence: &Evidence) -> impl Iterator<Item = SpanIndex> {
    let story = &evidence.story;
    let traces = story.traces().iter();
    let traces = traces.filter(|trace: &&Trace| trace.belongs);
    let spans = traces.flat_map(|trace| trace.spans.clone());
    spans.filter(|&at| !story.is_copy(at))
}

/// A few names; a finding is to be read.
fn names(evidence: &Evidence, at: &[SpanIndex]) -> String {
    const MOST: usize = 5;
    let names = at.iter().take(MOST).map(|&at| {
        let span = evidence.story.span(at);
        format!("`{}` of {}", span.name, service(span))
    });
    let mut names = names.collect::<Vec<_>>().join(", ");
    if at.len() > MOST {
        names.push_str(" …");
    }
    names
}
