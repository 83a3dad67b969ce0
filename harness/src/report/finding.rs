//! One finding: what was expected, what was seen, where, and who lost it.

use super::{BAD, DIM, HEAD, WARN, paint, readable};
use crate::evidence::Evidence;
use crate::rules::{Finding, Level, Outcome, Rule};
use crate::verdict::Objection;

/// A finding as a paragraph.
pub(super) fn finding(evidence: &Evidence, rule: &Rule, finding: &Finding) -> String {
    let hop = finding.hop.map(|hop| &evidence.route.hops()[hop]);
    let style = match finding.level {
        Level::Must => BAD,
        Level::Should | Level::May => WARN,
    };
    let place = hop.map(|hop| format!(" on {hop}")).unwrap_or_default();
    let mut text = format!(
        "{}{}\n",
        paint(style, &format!("{} ({}){place}", rule.id, finding.level)),
        paint(DIM, &format!(": {}", rule.title)),
    );
    let mut line = |label: &str, words: &str| {
        text.push_str(&format!(
            "  {} {words}\n",
            paint(DIM, &format!("{label:<9}"))
        ));
    };
    line("expected", &readable(&finding.expected));
    line("actual", &readable(&finding.actual));
    let whom = finding.blame.whom(hop);
    line(
        "blame",
        &format!("{}: {}", paint(HEAD, &whom), finding.blame.why),
    );
    for span in finding.spans.iter().take(MOST_SPANS) {
        let service = span.origin.service.as_deref().unwrap_or("?");
        let name = readable(&span.name);
        let ids = format!("{service} `{name}` {}/{}", span.trace_id, span.span_id);
        line("span", &ids);
    }
    text
}

const MOST_SPANS: usize = 5;

/// What stands against a step, in a line.
pub(crate) fn objection(evidence: &Evidence, objection: &Objection<'_>) -> String {
    let place = |hop: Option<usize>| {
        let hop = hop.map(|hop| &evidence.route.hops()[hop]);
        hop.map(|hop| format!(" on {hop}")).unwrap_or_default()
    };
    let id = objection.rule.id;
    match objection.outcome {
        Outcome::Finding(finding) => {
            let hop = finding.hop.map(|hop| &evidence.route.hops()[hop]);
            let whom = finding.blame.whom(hop);
            let (place, why) = (place(finding.hop), readable(&finding.blame.why));
            format!("{id}{place}, blame {whom}: {why}")
        }
        Outcome::NotShown { hop, why } => format!("{id}{} is not shown: {why}", place(*hop)),
        Outcome::Held { hop } => format!("{id}{} holds", place(*hop)),
    }
}
