//! What a check came to, for whoever owns the service.

mod account;
mod case;
mod curl;
mod facts;
mod github;
mod json;
mod junit;
mod markdown;
mod page;
mod words;

use unbroken_adapters::Relation;

use super::visible::visible;
use super::{BAD, DIM, GOOD, HEAD, WARN, paint};
use crate::check::case::{At, Demand};
use crate::check::judge::{Judgement, Outcome, Ruling, Trial};
use crate::check::suite::Verdict;
use crate::check::{Check, Checked, Suite};
use crate::rules::{Authority, Level};
use account::account;
pub use case::{case, cases};
pub use curl::curl;
pub use github::{checked_annotations, suite_annotations};
pub use json::{checked_json, suite_json};
pub use junit::{checked_junit, suite_junit};
pub use markdown::{checked_markdown, suite_markdown};
pub use page::cases_page;
use words::{suite_words, words};

/// Every case in a line, every finding as a paragraph, and what was not shown.
pub fn checked(check: &Check, checked: &Checked) -> String {
    let relation = match checked.relation {
        Relation::Child => String::new(),
        other => format!(", as {other}"),
    };
    let heading = format!(
        "W3C Trace Context level {}, strictness {}, of {}{relation}\n\n",
        check.spec, check.strict, check.target
    );
    let mut text = paint(HEAD, &heading);
    let judgements = judgements(checked);
    if judgements.len() > 1 {
        let columns = "by the wire, by its spans, and whether the two agree:\n";
        text.push_str(&paint(DIM, columns));
    }
    let trials = checked.trials.iter().zip(&checked.rulings);
    for (trial, rulings) in trials.filter(|(_, rulings)| !rulings.is_empty()) {
        text.push_str(&line(trial, rulings, judgements));
    }
    text.push_str(&objections(check, checked));
    text
}

/// What is to be said of a check beside each of its cases: every finding, what was not shown, and what it
/// comes to.
pub(crate) fn objections(check: &Check, checked: &Checked) -> String {
    let mut text = String::new();
    for told in findings(checked) {
        text.push_str(&finding(check, &told));
    }
    text.push_str(&hidden(checked));
    text.push('\n');
    for fact in facts::facts(check, checked) {
        text.push_str(&format!("{fact}\n"));
    }
    for word in words(check, checked) {
        text.push_str(&paint(WARN, &format!("{}\n", visible(&word))));
    }
    text.push_str(&sums(checked));
    text
}

/// The verdicts of the W3C suite, by its names.
pub fn suite(check: &Check, suite: &Suite) -> String {
    let heading = format!(
        "the tests of the W3C suite (STRICT_LEVEL {}, SPEC_LEVEL {}) of {}\n\n",
        check.strict, check.spec, check.target
    );
    let mut text = paint(HEAD, &heading);
    let mut counts = [0; 4];
    for test in &suite.tests {
        let (place, word, why) = match &test.verdict {
            Verdict::Ok => (0, paint(GOOD, "ok"), ""),
            Verdict::Fail(why) => (1, paint(BAD, "FAIL"), &**why),
            Verdict::Error(why) => (2, paint(BAD, "ERROR"), &**why),
            Verdict::Skipped(why) => (3, paint(WARN, "skipped"), *why),
        };
        counts[place] += 1;
        text.push_str(&format!("{} ... {word}\n", test.name));
        if !why.is_empty() {
            text.push_str(&paint(DIM, &format!("    {}\n", visible(why))));
        }
    }
    let [ok, fail, error, skipped] = counts;
    let all = suite.tests.len();
    text.push('\n');
    for word in suite_words(check, suite) {
        text.push_str(&paint(WARN, &format!("{}\n", visible(&word))));
    }
    text.push_str(&format!(
        "{all} tests: {ok} ok, {fail} FAIL, {error} ERROR, {skipped} skipped\n"
    ));
    text
}

/// By what was judged at all.
fn judgements(checked: &Checked) -> &'static [Judgement] {
    match (&checked.probe, &checked.spans) {
        (Some(_), Some(_)) => &Judgement::ALL,
        (None, Some(_)) => &[Judgement::Spans],
        (_, None) => &[Judgement::Wire],
    }
}

/// A mark for each judgement, and what was tried.
fn line(trial: &Trial, rulings: &[Ruling], judgements: &[Judgement]) -> String {
    let mark = |by: &Judgement| {
        let own = || rulings.iter().filter(|ruling| ruling.by == *by);
        let is = |found: fn(&Outcome) -> bool| own().any(|ruling| found(&ruling.outcome));
        if is(|outcome| matches!(outcome, Outcome::Finding { .. })) {
            paint(BAD, "✘")
        } else if is(|outcome| matches!(outcome, Outcome::NotShown(_))) {
            paint(WARN, "?")
        } else if own().next().is_some() {
            paint(GOOD, "✔")
        } else {
            paint(DIM, "·")
        }
    };
    let marks: Vec<_> = judgements.iter().map(mark).collect();
    format!(
        "{} {:<11} {}\n",
        marks.join(" "),
        trial.case.id,
        trial.case.title
    )
}

/// A finding, as it is told.
struct Told<'a> {
    trial: &'a Trial,
    ruling: &'a Ruling,
    /// The other cases in which it is much the same.
    likewise: Vec<&'static str>,
}

/// Every finding. Where wire and spans tell two stories, what is the same in a hundred cases is told
/// once.
fn findings(checked: &Checked) -> Vec<Told<'_>> {
    let mut all: Vec<Told<'_>> = Vec::new();
    let mut disagreements: Vec<Told<'_>> = Vec::new();
    for (trial, rulings) in checked.trials.iter().zip(&checked.rulings) {
        let is_finding = |ruling: &&Ruling| matches!(ruling.outcome, Outcome::Finding { .. });
        for ruling in rulings.iter().filter(is_finding) {
            let told = Told {
                trial,
                ruling,
                likewise: Vec::new(),
            };
            if ruling.by != Judgement::Agree {
                all.push(told);
                continue;
            }
            let kind = |ruling: &Ruling| (ruling.demand.what.in_words(), ruling.demand.level);
            let mut known = disagreements.iter_mut();
            match known.find(|known| kind(known.ruling) == kind(ruling)) {
                Some(known) => known.likewise.push(trial.case.id),
                None => disagreements.push(told),
            }
        }
    }
    all.extend(disagreements);
    all
}

fn finding(check: &Check, told: &Told<'_>) -> String {
    let Told { trial, ruling, .. } = told;
    let style = match ruling.demand.level {
        Level::Must => BAD,
        Level::Should | Level::May => WARN,
    };
    let heading = format!("{} ({})", trial.case.id, measure(ruling));
    let mut text = format!(
        "\n{}{}\n",
        paint(style, &heading),
        paint(DIM, &format!(": {}", trial.case.title)),
    );
    for (label, words) in account(check, told) {
        let label = format!("{:<9}", label.as_str());
        text.push_str(&format!("  {} {}\n", paint(DIM, &label), visible(&words)));
    }
    text
}

/// The level, who says so, and by what it was judged where that is not the wire.
fn measure(ruling: &Ruling) -> String {
    let by = match ruling.by {
        Judgement::Wire => "",
        Judgement::Spans => ", by its spans",
        Judgement::Agree => ", by wire and spans",
    };
    format!("{}{by}", weight(&ruling.demand))
}

/// The level, and who says so.
fn weight(demand: &Demand) -> String {
    let level = match demand.at {
        At::Any => "",
        At::First => ", level 1",
        At::Second => ", level 2",
    };
    format!("{}, {}{level}", demand.level, authority(demand.authority))
}

fn authority(authority: Authority) -> &'static str {
    match authority {
        Authority::Specification => "spec",
        Authority::Derived => "derived",
        Authority::Suite => "suite",
        Authority::Convention => "convention",
    }
}

/// What was not shown, by why.
fn not_shown(checked: &Checked) -> Reasons<'_> {
    let all = checked.trials.iter().zip(&checked.rulings);
    let all = all.flat_map(|(trial, rulings)| rulings.iter().map(move |ruling| (trial, ruling)));
    // That there are no spans at all is said once.
    let spans = checked.spans.as_ref();
    let is_silent = spans.is_some_and(|spans| !spans.say_anything());
    by_why(
        all.filter_map(move |(trial, ruling)| match &ruling.outcome {
            Outcome::NotShown(why) if ruling.by == Judgement::Wire || !is_silent => {
                Some((&**why, trial.case.id))
            }
            _ => None,
        }),
    )
}

/// What was not tried, by why.
fn not_tried(checked: &Checked) -> Reasons<'_> {
    let left_out = checked.left_out.iter();
    by_why(left_out.map(|left_out| (&*left_out.why, left_out.case.id)))
}

/// Each reason, and the cases that it is one for, each once.
type Reasons<'a> = Vec<(&'a str, Vec<&'static str>)>;

fn by_why<'a>(all: impl Iterator<Item = (&'a str, &'static str)>) -> Reasons<'a> {
    let mut reasons: Reasons<'a> = Vec::new();
    for (why, id) in all {
        let place = reasons.iter().position(|(known, _)| *known == why);
        let place = place.unwrap_or_else(|| {
            reasons.push((why, Vec::new()));
            reasons.len() - 1
        });
        let ids = &mut reasons[place].1;
        if ids.last() != Some(&id) {
            ids.push(id);
        }
    }
    reasons
}

fn hidden(checked: &Checked) -> String {
    let lists = [
        (WARN, "not shown", not_shown(checked)),
        (DIM, "not tried", not_tried(checked)),
    ];
    let list = |(style, heading, reasons): (_, &str, Reasons<'_>)| {
        let line = |(why, ids): &(&str, Vec<&str>)| {
            format!("  {}:\n    {}\n", visible(why), ids.join(" "))
        };
        let lines: String = reasons.iter().map(line).collect();
        paint(style, &format!("\n{heading}:\n{lines}"))
    };
    let lists = lists
        .into_iter()
        .filter(|(_, _, reasons)| !reasons.is_empty());
    lists.map(list).collect()
}

fn sums(checked: &Checked) -> String {
    let judgements = judgements(checked);
    let line = |(by, level, [held, broken, hidden]): (Judgement, Level, [usize; 3])| {
        let label = format!("{level}:");
        let by = match judgements {
            [_] => String::new(),
            _ => format!("{:<6} ", by.as_str()),
        };
        format!("{by}{label:<7} {held} held, {broken} broken, {hidden} not shown\n")
    };
    counts(checked).map(line).collect()
}

/// How many demands of each judgement and level are held, broken and not shown, where there are any.
fn counts(checked: &Checked) -> impl Iterator<Item = (Judgement, Level, [usize; 3])> {
    let of = |(by, level)| {
        let mut counts = [0; 3];
        let rulings = checked.rulings.iter().flatten();
        for ruling in rulings.filter(|ruling| ruling.by == by && ruling.demand.level == level) {
            counts[match ruling.outcome {
                Outcome::Held => 0,
                Outcome::Finding { .. } => 1,
                Outcome::NotShown(_) => 2,
            }] += 1;
        }
        (by, level, counts)
    };
    let levels = [Level::Must, Level::Should, Level::May];
    let kinds = Judgement::ALL.into_iter();
    let kinds = kinds.flat_map(move |by| levels.into_iter().map(move |level| (by, level)));
    let counts = kinds.map(of);
    counts.filter(|(.., counts)| counts.iter().sum::<usize>() > 0)
}
