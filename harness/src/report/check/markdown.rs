//! As Markdown, to hand to whoever owns the service.
//!
//! What the service said stands in code spans and code blocks that it cannot end.

use super::account::{Label, account};
use super::curl::listener;
use super::facts::facts;
use super::{Told, counts, judgements, measure, not_shown, not_tried, suite_words, words};
use crate::check::judge::{Outcome, Ruling};
use crate::check::suite::Verdict;
use crate::check::{Check, Checked, Ending, Suite};
use crate::report::visible::{visible, visible_lines};

/// Everything of a check, the worst first.
pub fn checked_markdown(check: &Check, checked: &Checked, ending: Ending) -> String {
    let mut page = format!(
        "# W3C Trace Context: {}\n\n{}\n\n{}",
        code(check.target.as_str()),
        verdict(ending),
        asked(check, checked),
    );
    page.push_str(&remarks(&words(check, checked)));
    page.push_str(&sums(checked));
    page.push_str(&formats(check, checked));
    page.push_str(&findings(check, checked));
    page.push_str(&hidden(checked));
    page.push_str(&held(checked));
    page
}

/// The verdicts of the W3C suite.
pub fn suite_markdown(check: &Check, suite: &Suite) -> String {
    let mut page = format!(
        "# The W3C trace-context test suite: {}\n\nSTRICT_LEVEL {}, SPEC_LEVEL {}, as the suite at commit acab820 \
         would say.\n",
        code(check.target.as_str()),
        check.strict,
        check.spec
    );
    page.push_str(&remarks(&suite_words(check, suite)));
    page.push_str("\n| test | verdict | why |\n|---|---|---|\n");
    for test in &suite.tests {
        let (verdict, why) = match &test.verdict {
            Verdict::Ok => ("ok", String::new()),
            Verdict::Fail(why) => ("**FAIL**", cell(why)),
            Verdict::Error(why) => ("**ERROR**", cell(why)),
            Verdict::Skipped(why) => ("skipped", cell(why)),
        };
        page.push_str(&format!("| {} | {verdict} | {why} |\n", code(test.name)));
    }
    page
}

fn verdict(ending: Ending) -> &'static str {
    match ending {
        Ending::Conforms => "**It conforms.**",
        Ending::Findings => "**It does not conform.**",
        Ending::CouldNotRun => "**Nothing could be said of it.**",
    }
}

fn asked(check: &Check, checked: &Checked) -> String {
    let cases = checked.rulings.iter().filter(|rulings| !rulings.is_empty());
    format!(
        "{} cases of level {}, strictness {}, by `unbroken check` {}.\n",
        cases.count(),
        check.spec,
        check.strict,
        env!("CARGO_PKG_VERSION")
    )
}

/// They hold the service's words, and are laid out for a terminal.
fn remarks(words: &[String]) -> String {
    match words.is_empty() {
        true => String::new(),
        false => format!("\n{}", block("text", &words.join("\n"))),
    }
}

fn sums(checked: &Checked) -> String {
    let mut table = String::from("\n| | held | broken | not shown |\n|---|--:|--:|--:|\n");
    let judgements = judgements(checked);
    for (by, level, [held, broken, hidden]) in counts(checked) {
        let by = match judgements {
            [_] => String::new(),
            _ => format!("{}, ", by.as_str()),
        };
        table.push_str(&format!("| {by}{level} | {held} | {broken} | {hidden} |\n"));
    }
    table
}

fn formats(check: &Check, checked: &Checked) -> String {
    let facts = facts(check, checked);
    let lines: String = facts.iter().map(|fact| format!("- {fact}\n")).collect();
    match lines.is_empty() {
        true => lines,
        false => format!("\n## Formats\n\n{lines}"),
    }
}

fn findings(check: &Check, checked: &Checked) -> String {
    let mut all = super::findings(checked);
    if all.is_empty() {
        return String::new();
    }
    // Those of one level stay in their order.
    all.sort_by_key(|told| std::cmp::Reverse(told.ruling.demand.level));
    let mut page = String::from("\n## Findings\n");
    if let Some(listener) = listener(check) {
        page.push_str(&format!(
            "\nEach can be seen with one request. What the service sends on shows where it is told to call, for example \
             with `nc -lk {}`.\n",
            listener.replace(':', " ")
        ));
    }
    for told in &all {
        page.push_str(&finding(check, told));
    }
    page
}

fn finding(check: &Check, told: &Told<'_>) -> String {
    let Told { trial, ruling, .. } = told;
    let mut text = format!("\n### {}: {}\n\n", trial.case.id, escaped(trial.case.title));
    text.push_str(&format!("- level: {}\n", measure(ruling)));
    let mut line = String::new();
    for (label, words) in account(check, told) {
        let words = match label {
            Label::Sent | Label::Actual | Label::Suite => code(&words),
            Label::Expected | Label::Source | Label::Likewise | Label::LookAt => escaped(&words),
            Label::Curl => {
                line = format!("\n{}", block("sh", &words));
                continue;
            }
        };
        text.push_str(&format!("- {}: {words}\n", label.as_str()));
    }
    text + &line
}

fn hidden(checked: &Checked) -> String {
    let lists = [
        (
            "Not shown",
            "Neither held nor broken: what would show it is missing.",
            not_shown(checked),
        ),
        (
            "Not tried",
            "The boundary cannot express it.",
            not_tried(checked),
        ),
    ];
    let list = |(heading, means, reasons): (&str, &str, Vec<(&str, Vec<&str>)>)| {
        let line =
            |(why, ids): &(&str, Vec<&str>)| format!("- {}: {}\n", code(why), ids.join(", "));
        let lines: String = reasons.iter().map(line).collect();
        format!("\n## {heading}\n\n{means}\n\n{lines}")
    };
    let lists = lists
        .into_iter()
        .filter(|(_, _, reasons)| !reasons.is_empty());
    lists.map(list).collect()
}

fn held(checked: &Checked) -> String {
    let trials = checked.trials.iter().zip(&checked.rulings);
    let holds = |rulings: &[Ruling]| {
        !rulings.is_empty() && rulings.iter().all(|r| r.outcome == Outcome::Held)
    };
    let held = trials.filter(|(_, rulings)| holds(rulings));
    let held: Vec<_> = held.map(|(trial, _)| trial.case.id).collect();
    match held.is_empty() {
        true => String::new(),
        false => format!("\n## Held\n\n{}\n", held.join(", ")),
    }
}

/// A code span that its text cannot end. In one line, and with nothing that turns its direction.
fn code(text: &str) -> String {
    let text = visible(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    match text.starts_with('`') || text.ends_with('`') || text.is_empty() {
        true => format!("{fence} {text} {fence}"),
        false => format!("{fence}{text}{fence}"),
    }
}

/// A bar would end the cell even within a code span.
fn cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

fn block(language: &str, text: &str) -> String {
    let text = visible_lines(text);
    let fence = "`".repeat(longest_run(&text).max(2) + 1);
    format!("{fence}{language}\n{text}\n{fence}\n")
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or_default()
}

/// Words of our own, in which a character may have a meaning all the same.
fn escaped(text: &str) -> String {
    let is_special = |c: char| "\\`*_<>[]|#~&".contains(c);
    let escape = |c: char| match is_special(c) {
        true => format!("\\{c}"),
        false => c.to_string(),
    };
    visible(text).chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_span_cannot_be_ended_from_within() {
        for (text, span) in [
            ("a", "`a`"),
            ("a`b``c", "```a`b``c```"),
            ("`", "`` ` ``"),
            ("a\nb\u{202e}c", r"`a\nb\u{202e}c`"),
        ] {
            assert_eq!(code(text), span);
        }
        assert_eq!(cell("a|b"), r"`a\|b`");
    }

    #[test]
    fn a_code_block_cannot_be_ended_from_within() {
        assert_eq!(block("sh", "a\n```\nb"), "````sh\na\n```\nb\n````\n");
    }

    #[test]
    fn words_of_ours_are_no_markup() {
        assert_eq!(escaped("foo@*_<b>"), r"foo@\*\_\<b\>");
    }
}
