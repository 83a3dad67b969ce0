//! What people read. Only this room knows words and colours.

mod check;
mod finding;
mod hops;
mod rule;
mod story;
mod style;
mod visible;

pub(crate) use check::objections;
pub use check::{
    case, cases, cases_page, checked, checked_annotations, checked_json, checked_junit,
    checked_markdown, curl, suite, suite_annotations, suite_json, suite_junit, suite_markdown,
};
pub(crate) use finding::objection;
pub use rule::{rule, rules, rules_page};
pub(crate) use style::{BAD, DIM, GOOD, HEAD, WARN, paint};
pub(crate) use visible::visible_lines;

use crate::evidence::Evidence;
use crate::token::HopToken;
use crate::verdict::{Judgement, Known};

/// How many spans of a story are shown; a report is to be read.
const MOST_SPANS: usize = 200;

/// Everything that was seen and judged in one scenario: the route with the verdict of each hop,
/// the story as a tree, and every finding.
pub fn judgement(judgement: &Judgement, known: &[Known]) -> String {
    let mut text = hops::table(judgement);
    text.push('\n');
    text.push_str(&story::tree(&judgement.evidence));
    for loss in judgement.losses() {
        text.push('\n');
        text.push_str(&finding::loss(&judgement.evidence, &loss));
    }
    for known in known {
        let line = format!(
            "known: {} on the hop to {}: {}\n",
            known.rule, known.to, known.because
        );
        text.push('\n');
        text.push_str(&paint(WARN, &line));
    }
    text.push_str(&remarks(judgement));
    let hidden = hops::not_shown(judgement);
    if !hidden.is_empty() {
        text.push_str(&paint(WARN, &format!("\nnot shown:\n{hidden}")));
    }
    text
}

/// What was refused, could not be read, or was not heard of: no finding, and nothing to be silent about.
pub fn remarks(judgement: &Judgement) -> String {
    let remarks = judgement.evidence.remarks.iter().cloned();
    let remarks = remarks.chain(unheard(&judgement.evidence));
    let remarks = remarks.chain(of_its_own(&judgement.evidence));
    let line = |remark: String| paint(WARN, &format!("  remark: {}\n", readable(&remark)));
    remarks.map(line).collect()
}

/// How a scenario says that something is no loss.
fn of_its_own(evidence: &Evidence) -> impl Iterator<Item = String> {
    const MOST: usize = 5;
    let begun = evidence.begun_beside().into_iter().take(MOST);
    begun.map(|(service, span)| {
        format!(
            "`{service}` began `{span}` beside the story; if that is of no request: Given \"{service}\" does \
             \"{span}\" of its own accord"
        )
    })
}

/// What to look at where a service exports nothing, or under another name.
fn unheard(evidence: &Evidence) -> impl Iterator<Item = String> {
    const MOST: usize = 5;
    let strangers = evidence.strangers().into_iter().take(MOST);
    let strangers: Vec<_> = strangers.map(|name| format!("`{name}`")).collect();
    let strangers = match strangers.is_empty() {
        true => String::new(),
        false => format!(
            " (they came from {}, which is not on the route)",
            strangers.join(", ")
        ),
    };
    evidence.unheard().map(move |service| {
        format!(
            "no spans came from `{service}`{strangers}: is its `service.name` its name in the scenario, and does it \
             export to where `OTEL_EXPORTER_OTLP_ENDPOINT` says, or to the `--otlp-port` if it listens at a URL? If \
             it is to export none: Given \"{service}\" exports no spans"
        )
    })
}

/// One line. The names that a run gave to its topics, queues and paths say nothing to a reader: the
/// hop's number in the table does. What others wrote is seen, and not obeyed.
pub(crate) fn readable(text: &str) -> String {
    let mut readable = text.to_owned();
    for token in HopToken::find_all(text) {
        readable = readable.replace(&token.to_string(), &format!("hop{}", token.hop + 1));
    }
    visible::visible(&readable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::evidence;

    fn remarked(story: &str) -> String {
        remarks(&Judgement::of(evidence(story)))
    }

    #[test]
    fn who_was_reached_and_exports_nothing_is_remarked_on_with_who_did() {
        let route = "client HTTP orders | a2\norders HTTP billing | none\n";
        let spans = "a1 client internal\n  a2 client client @0\n    a3 misnamed server\n";
        let said = remarked(&format!("{route}{spans}"));
        assert!(
            said.contains("no spans came from `orders` (they came from `misnamed`, "),
            "{said}"
        );
        assert!(said.contains("no spans came from `billing`"), "{said}");
        assert!(!said.contains("`client`"), "{said}");
    }

    #[test]
    fn what_began_beside_the_story_may_be_of_no_request() {
        let story = "client HTTP orders | a2\na1 client internal\n  a2 client client @0\n    a3 orders server @0\n";
        let beside =
            "b1 orders client =HEAD\nc1 orders internal ~d9\nd1 orders server @0\ne1 other client";
        let said = remarked(&format!("{story}{beside}"));
        let hint = "Given \"orders\" does \"HEAD\" of its own accord";
        assert!(
            said.contains(hint) && said.matches("remark:").count() == 1,
            "{said}"
        );
    }

    #[test]
    fn nobody_is_missed_who_was_not_reached_or_need_export_nothing() {
        for story in [
            "client HTTP orders | a2 →",
            "client HTTP orders",
            "client HTTP orders | a2/00",
            "silent orders\nclient HTTP orders | a2",
            "client HTTP orders | a2\na3 orders server",
        ] {
            let said = remarked(&format!("{story}\na2 client client"));
            assert_eq!(said, "", "{story}");
        }
    }
}
