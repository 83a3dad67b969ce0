//! In the format of `JUnit`, which CI servers read: one test for each case.
//!
//! A test is red exactly where it makes the check red.

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::account::account;
use super::facts::facts;
use super::{Told, measure, suite_words, words};
use crate::check::case::Case;
use crate::check::judge::{Outcome, Ruling, Trial};
use crate::check::suite::Verdict;
use crate::check::{Check, Checked, Suite};
use crate::report::visible::{visible, visible_lines};
use crate::rules::Level;

/// Everything of a check, where findings of this level count.
pub fn checked_junit(
    check: &Check,
    checked: &Checked,
    fail_on: Level,
) -> Result<String, SerializeError> {
    let mut suite = TestSuite::new("W3C Trace Context");
    let words = words(check, checked);
    let trials = checked.trials.iter().zip(&checked.rulings);
    for (trial, rulings) in trials.filter(|(_, rulings)| !rulings.is_empty()) {
        let silence = (!checked.is_heard()).then_some(&*words);
        suite.add_test_case(case(check, trial, rulings, fail_on, silence));
    }
    for left_out in &checked.left_out {
        suite.add_test_case(named(left_out.case, skipped(&left_out.why)));
    }
    let said = [facts(check, checked), words].concat();
    if !said.is_empty() {
        suite.set_system_out(visible_lines(&said.join("\n")));
    }
    page(check, suite)
}

/// The verdicts of the W3C suite.
pub fn suite_junit(check: &Check, told: &Suite) -> Result<String, SerializeError> {
    let mut suite = TestSuite::new("W3C trace-context test suite");
    let words = suite_words(check, told);
    if !words.is_empty() {
        suite.set_system_out(visible_lines(&words.join("\n")));
    }
    for test in &told.tests {
        let (class, name) = test.name.rsplit_once('.').unwrap_or(("", test.name));
        let red = |kind, why: &str| {
            let mut status = TestCaseStatus::non_success(kind);
            status
                .set_message(visible(why))
                .set_description(visible(why));
            status
        };
        let status = match &test.verdict {
            Verdict::Ok => TestCaseStatus::success(),
            Verdict::Fail(why) => red(NonSuccessKind::Failure, why),
            Verdict::Error(why) => red(NonSuccessKind::Error, why),
            Verdict::Skipped(why) => skipped(why),
        };
        let mut case = TestCase::new(name, status);
        case.set_classname(class);
        suite.add_test_case(case);
    }
    page(check, suite)
}

/// What XML cannot hold has been written out.
fn page(check: &Check, mut suite: TestSuite) -> Result<String, SerializeError> {
    suite.add_property(("target", check.target.as_str()));
    suite.add_property(("spec", &*check.spec.to_string()));
    suite.add_property(("strict", &*check.strict.to_string()));
    let mut report = Report::new("unbroken check");
    report.add_test_suite(suite);
    report.to_string()
}

fn case(
    check: &Check,
    trial: &Trial,
    rulings: &[Ruling],
    fail_on: Level,
    silence: Option<&[String]>,
) -> TestCase {
    let text = rulings
        .iter()
        .filter_map(|ruling| said(check, trial, ruling));
    let text = visible_lines(&text.collect::<Vec<_>>().join("\n\n"));
    let mut reds = rulings.iter().filter(|ruling| ruling.counts(fail_on));
    let mut waits = rulings.iter().filter_map(|ruling| match &ruling.outcome {
        Outcome::NotShown(why) => Some(why),
        _ => None,
    });
    let holds = rulings.iter().any(|ruling| ruling.outcome == Outcome::Held);
    let status = if let Some(words) = silence {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        let first = words.first().map_or("", |first| &**first);
        status.set_type("could-not-run").set_message(first);
        status
    } else if let Some(red) = reds.next() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_description(text);
        match &red.outcome {
            Outcome::Finding { expected, actual } => status
                .set_type("finding")
                .set_message(visible(&format!("expected {expected}; actual {actual}"))),
            Outcome::NotShown(why) => status.set_type("not-shown").set_message(visible(why)),
            Outcome::Held => &mut status,
        };
        return named(trial.case, status);
    } else if let Some(why) = waits.next().filter(|_| !holds) {
        skipped(why)
    } else {
        TestCaseStatus::success()
    };
    let mut case = named(trial.case, status);
    if !text.is_empty() && silence.is_none() {
        case.set_system_out(text);
    }
    case
}

fn named(case: &Case, status: TestCaseStatus) -> TestCase {
    let mut test = TestCase::new(format!("{}: {}", case.id, case.title), status);
    test.set_classname(case.id.split('-').next().unwrap_or(case.id));
    test
}

fn skipped(why: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(visible(why));
    status
}

/// What is to be said of a ruling that does not hold.
fn said(check: &Check, trial: &Trial, ruling: &Ruling) -> Option<String> {
    let heading = measure(ruling);
    if let Outcome::NotShown(why) = &ruling.outcome {
        return Some(format!("{heading}: not shown: {why}"));
    }
    let told = Told {
        trial,
        ruling,
        likewise: Vec::new(),
    };
    let account = account(check, &told);
    let line = |(label, words): &(_, String)| {
        let label: super::account::Label = *label;
        format!("  {:<9} {words}", label.as_str())
    };
    let lines: Vec<_> = account.iter().map(line).collect();
    (!lines.is_empty()).then(|| format!("{heading}\n{}", lines.join("\n")))
}
