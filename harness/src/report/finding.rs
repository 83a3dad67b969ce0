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
            "{} `{name}` {}/{}{scope}",
            readable(service),
            span.trace_id,
            span.span_id
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

#[cfg(test)]
mod tests {
    use crate::report;
    use crate::testing::evidence;
    use crate::verdict::Judgement;

    /// A terminal would clear the line, and the log of a step on GitHub would stop to listen.
    #[test]
    fn what_a_subject_calls_itself_and_its_spans_is_seen_and_not_obeyed() {
        let story = "client HTTP orders | a2 → a2\n\na1 client internal\n  a2 client client @0\n    \
                     a3 orders server @0\na9 ::e::\u{1b}[2K internal ^a8 =\u{7}";
        let said = report::judgement(&Judgement::of(evidence(story)), &[]);
        assert!(!said.contains("\u{1b}[2K"), "{said}");
        let service = "\\u{3a}:e::\\u{1b}[2K";
        let ids = format!("{service} `\\u{{7}}` ");
        assert!(said.contains(&ids), "{said}");
        let drawn = format!("\n  {service} \\u{{7}} ");
        assert!(said.contains(&drawn), "{said}");
    }
}
