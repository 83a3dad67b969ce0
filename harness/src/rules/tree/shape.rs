//! What can be seen of the traces alone, without the route.

use std::sync::Arc;

use crate::evidence::Evidence;
use crate::rules::blame::{Blame, Party};
use crate::rules::{Finding, Level, Outcome, held_unless};
use crate::span::{Span, SpanKind};
use crate::story::{Above, SpanIndex, Trace};

pub(super) fn one_root(evidence: &Evidence) -> Vec<Outcome> {
    if !evidence.settled {
        return vec![still_on_their_way()];
    }
    let story = &evidence.story;
    let mut findings = Vec::new();
    for trace in story.traces().iter().filter(|trace| trace.belongs) {
        let roots: Vec<_> = story.roots(trace).collect();
        if roots.len() == 1 {
            continue;
        }
        let actual = match roots.len() {
            0 => "none".to_owned(),
            several => format!("{several}: {}", names(evidence, &roots)),
        };
        let why = match roots.len() {
            0 => "its root was never exported, or never made",
            _ => "several spans of one trace began without a parent",
        };
        findings.push(Finding {
            level: Level::Must,
            hop: None,
            expected: format!("one root in the trace {}", trace.id),
            actual,
            spans: spans(evidence, &roots),
            blame: Blame::nobody(why),
        });
    }
    if story.entry_root().is_none() && findings.is_empty() {
        findings.push(Finding {
            level: Level::Must,
            hop: None,
            expected: "the span that the request begins with".to_owned(),
            actual: "nothing".to_owned(),
            spans: Vec::new(),
            blame: Blame::nobody("the entry exported no span"),
        });
    }
    held_unless(findings)
}

pub(super) fn parents_are_present(evidence: &Evidence) -> Vec<Outcome> {
    if !evidence.settled {
        return vec![still_on_their_way()];
    }
    let orphans = belonging(evidence).filter(|&at| evidence.story.above(at) == Above::Missing);
    let findings = orphans.map(|at| {
        let span = evidence.story.span(at);
        let hop = hop_of(evidence, at);
        Finding {
            level: Level::Must,
            hop,
            expected: "its parent, exported".to_owned(),
            actual: format!(
                "`{}` of {} names the parent {}, which nobody exported",
                span.name,
                service(span),
                span.parent.map(|id| id.to_string()).unwrap_or_default()
            ),
            spans: vec![span.clone()],
            blame: match hop {
                Some(hop) => crate::rules::blame::of_hop(evidence, hop),
                None => Blame::nobody("the span that it names was never exported, or never made"),
            },
        }
    });
    held_unless(findings.collect())
}

pub(super) fn no_cycle(evidence: &Evidence) -> Vec<Outcome> {
    let cycles = evidence.story.cycles().into_iter();
    let findings = cycles.map(|cycle| Finding {
        level: Level::Must,
        hop: None,
        expected: "a way up to a root".to_owned(),
        actual: format!("a circle: {}", names(evidence, &cycle)),
        spans: spans(evidence, &cycle),
        blame: Blame::nobody("a parent id was written that belongs to a descendant"),
    });
    held_unless(findings.collect())
}

pub(super) fn ids_are_unique(evidence: &Evidence) -> Vec<Outcome> {
    let story = &evidence.story;
    let duplicates = story.duplicates().iter();
    let findings = duplicates.map(|&(first, second)| {
        let (one, other) = (story.span(first), story.span(second));
        let same = one == other;
        Finding {
            level: if same { Level::Should } else { Level::Must },
            hop: None,
            expected: "one span of these ids".to_owned(),
            actual: match same {
                true => format!("`{}` was exported twice", one.name),
                false => format!("`{}` and `{}` have the same id", one.name, other.name),
            },
            spans: vec![one.clone(), other.clone()],
            blame: Blame::nobody(format!("{} exported it", service(other))),
        }
    });
    held_unless(findings.collect())
}

pub(super) fn ids_are_valid(evidence: &Evidence) -> Vec<Outcome> {
    let findings = evidence.malformed.iter().map(|malformed| Finding {
        level: Level::Must,
        hop: None,
        expected: "ids of 16 and 8 bytes that are not all zero".to_owned(),
        actual: malformed.to_string(),
        spans: Vec::new(),
        blame: Blame::nobody("its exporter wrote it so"),
    });
    held_unless(findings.collect())
}

pub(super) fn nothing_was_dropped(evidence: &Evidence) -> Vec<Outcome> {
    let findings = belonging(evidence).filter_map(|at| {
        let span = evidence.story.span(at);
        let dropped = span.dropped;
        if dropped.links + dropped.attributes + dropped.events == 0 {
            return None;
        }
        Some(Finding {
            level: match dropped.links {
                0 => Level::Should,
                _ => Level::Must,
            },
            hop: hop_of(evidence, at),
            expected: "every link, attribute and event".to_owned(),
            actual: format!(
                "`{}` dropped {} links, {} attributes and {} events",
                span.name, dropped.links, dropped.attributes, dropped.events
            ),
            spans: vec![span.clone()],
            blame: Blame::nobody(format!(
                "the SDK of {} has a limit that is too low",
                service(span)
            )),
        })
    });
    held_unless(findings.collect())
}

pub(super) fn root_is_no_client(evidence: &Evidence) -> Vec<Outcome> {
    let Some(root) = evidence.story.entry_root() else {
        return vec![Outcome::NotShown {
            hop: None,
            why: "the entry has no root".to_owned(),
        }];
    };
    let span = evidence.story.span(root);
    let by_the_entry = span.origin.service.as_deref() == Some(evidence.route.entry());
    if span.kind != SpanKind::Client || by_the_entry {
        return vec![Outcome::Held { hop: None }];
    }
    vec![Outcome::Finding(Finding {
        level: Level::Should,
        hop: None,
        expected: "a root that stands for the work that made the call".to_owned(),
        actual: format!("the root `{}` is a client span", span.name),
        spans: vec![span.clone()],
        blame: Blame::on(
            Party::Sender,
            format!("{} called outside of any span", service(span)),
        ),
    })]
}

pub(super) fn service(span: &Span) -> String {
    match span.origin.service.as_deref() {
        Some(service) => format!("`{service}`"),
        None => "a service without a name".to_owned(),
    }
}

pub(super) fn still_on_their_way() -> Outcome {
    Outcome::NotShown {
        hop: None,
        why: "spans may still be on their way".to_owned(),
    }
}

/// The hop that a span is the consequence of.
fn hop_of(evidence: &Evidence, at: SpanIndex) -> Option<usize> {
    let mut crossings = evidence.crossings.iter();
    crossings.position(|crossing| crossing.consequences.contains(&at))
}

fn belonging(evidence: &Evidence) -> impl Iterator<Item = SpanIndex> {
    let traces = evidence.story.traces().iter();
    let traces = traces.filter(|trace: &&Trace| trace.belongs);
    traces.flat_map(|trace| trace.spans.clone())
}

fn spans(evidence: &Evidence, at: &[SpanIndex]) -> Vec<Arc<Span>> {
    at.iter()
        .map(|&at| evidence.story.span(at).clone())
        .collect()
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
