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

/// What was refused, or could not be read: no finding, and nothing to be silent about.
pub fn remarks(judgement: &Judgement) -> String {
    let remarks = judgement.evidence.remarks.iter();
    let line = |remark: &String| paint(WARN, &format!("  remark: {}\n", readable(remark)));
    remarks.map(line).collect()
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
