//! One finding: what was expected, what was seen, where, and who lost it.

use super::{BAD, DIM, HEAD, WARN, paint, readable};
use crate::evidence::Evidence;
use crate::rules::{Authority, Family, Finding, Level, Outcome, Rule};
use crate::verdict::{Loss, Objection};

/// A finding as a paragraph.
fn finding(evidence: &Evidence, rule: &Rule, finding: &Finding) -> String {
    let hop = finding.hop.map(|hop| &evidence.route.hops()[hop]);
    let style = match finding.level {
        Level::Must => BAD,
        Level::Should | Level::May => WARN,
    };
    let place = place(evidence, finding.hop);
    let by_convention = match hop.map(|hop| rule.authority_over(hop.over)) {
        Some(Authority::Convention) if rule.family() == Family::Context => ", by convention",
        _ => "",
    };
    let level = format!("{}{by_convention}", finding.level);
    let mut text = format!(
        "{}{}\n",
        paint(style, &format!("{} ({level}){place}", rule.id)),
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
        &format!("{}: {}", paint(HEAD, &whom), readable(&finding.blame.why)),
    );
    for span in finding.spans.iter().take(MOST_SPANS) {
        let service = span.origin.service.as_deref().unwrap_or("?");
        let name = readable(&span.name);
        let scope = match &*span.origin.scope {
            "" => String::new(),
            scope => format!(" by {}", readable(scope)),
        };
        let ids = format!(
            "{service} `{name}` {}/{}{scope}",
            span.trace_id, span.span_id
        );
        line("span", &ids);
    }
    text
}

const MOST_SPANS: usize = 5;

/// A finding, and in one line what follows from it.
pub(super) fn loss(evidence: &Evidence, loss: &Loss<'_>) -> String {
    let mut text = finding(evidence, loss.rule, loss.finding);
    if !loss.follows.is_empty() {
        let follows = loss.follows.iter();
        let mut follows: Vec<_> = follows
            .map(|(rule, finding)| format!("{}{}", rule.id, place(evidence, finding.hop)))
            .collect();
        follows.dedup();
        let label = paint(DIM, "so also  ");
        text.push_str(&format!("  {label} {}\n", follows.join(", ")));
    }
    text
}

/// What stands against a step, in a line.
pub(crate) fn objection(evidence: &Evidence, objection: &Objection<'_>) -> String {
    let id = objection.rule.id;
    match objection.outcome {
        Outcome::Finding(finding) => format!("{id}{} is broken", place(evidence, finding.hop)),
        Outcome::NotShown { hop, why } => {
            format!(
                "{id}{} is not shown: {}",
                place(evidence, *hop),
                readable(why)
            )
        }
        Outcome::Held { hop } => format!("{id}{} holds", place(evidence, *hop)),
    }
}

fn place(evidence: &Evidence, hop: Option<usize>) -> String {
    let hop = hop.map(|hop| &evidence.route.hops()[hop]);
    hop.map(|hop| format!(" on {hop}")).unwrap_or_default()
}
