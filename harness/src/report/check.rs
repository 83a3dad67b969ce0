//! What a check came to, for whoever owns the service.

mod account;
mod curl;
mod github;
mod json;
mod junit;
mod markdown;
mod page;
mod visible;

use unbroken_adapters::Relation;

use super::{BAD, DIM, GOOD, HEAD, WARN, paint};
use crate::check::case::{At, Demand};
use crate::check::exchange::Answer;
use crate::check::judge::{Outcome, Ruling, Trial, answered};
use crate::check::suite::{Tested, Verdict};
use crate::check::{Check, Checked, ToldApart};
use crate::rules::{Authority, Level};
use account::account;
pub use github::{checked_annotations, suite_annotations};
pub use json::{checked_json, suite_json};
pub use junit::{checked_junit, suite_junit};
pub use markdown::{checked_markdown, suite_markdown};
pub use page::cases_page;

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
    let trials = || checked.trials.iter().zip(&checked.rulings);
    for (trial, rulings) in trials().filter(|(_, rulings)| !rulings.is_empty()) {
        text.push_str(&line(trial, rulings));
    }
    for (trial, rulings) in trials() {
        text.push_str(&findings(check, trial, rulings));
    }
    text.push_str(&hidden(checked));
    text.push('\n');
    for word in words(check, checked) {
        text.push_str(&paint(WARN, &format!("{word}\n")));
    }
    text.push_str(&sums(checked));
    text
}

/// The verdicts of the W3C suite, by its names.
pub fn suite(check: &Check, tested: &[Tested]) -> String {
    let heading = format!(
        "the tests of the W3C suite (STRICT_LEVEL {}, SPEC_LEVEL {}) of {}\n\n",
        check.strict, check.spec, check.target
    );
    let mut text = paint(HEAD, &heading);
    let mut counts = [0; 4];
    for test in tested {
        let (place, word, why) = match &test.verdict {
            Verdict::Ok => (0, paint(GOOD, "ok"), ""),
            Verdict::Fail(why) => (1, paint(BAD, "FAIL"), &**why),
            Verdict::Error(why) => (2, paint(BAD, "ERROR"), &**why),
            Verdict::Skipped(why) => (3, paint(WARN, "skipped"), *why),
        };
        counts[place] += 1;
        text.push_str(&format!("{} ... {word}\n", test.name));
        if !why.is_empty() {
            text.push_str(&paint(DIM, &format!("    {why}\n")));
        }
    }
    let [ok, fail, error, skipped] = counts;
    let all = tested.len();
    text.push_str(&format!(
        "\n{all} tests: {ok} ok, {fail} FAIL, {error} ERROR, {skipped} skipped\n"
    ));
    text
}

fn line(trial: &Trial, rulings: &[Ruling]) -> String {
    let is = |found: fn(&Outcome) -> bool| rulings.iter().any(|ruling| found(&ruling.outcome));
    let mark = if is(|outcome| matches!(outcome, Outcome::Finding { .. })) {
        paint(BAD, "✘")
    } else if is(|outcome| matches!(outcome, Outcome::NotShown(_))) {
        paint(WARN, "?")
    } else {
        paint(GOOD, "✔")
    };
    format!("{mark} {:<11} {}\n", trial.case.id, trial.case.title)
}

fn findings(check: &Check, trial: &Trial, rulings: &[Ruling]) -> String {
    let mut text = String::new();
    for ruling in rulings {
        let account = account(check, trial, ruling);
        if account.is_empty() {
            continue;
        }
        let style = match ruling.demand.level {
            Level::Must => BAD,
            Level::Should | Level::May => WARN,
        };
        let heading = format!("{} ({})", trial.case.id, weight(&ruling.demand));
        text.push_str(&format!(
            "\n{}{}\n",
            paint(style, &heading),
            paint(DIM, &format!(": {}", trial.case.title)),
        ));
        for (label, words) in account {
            let label = format!("{:<9}", label.as_str());
            text.push_str(&format!("  {} {words}\n", paint(DIM, &label)));
        }
    }
    text
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
    by_why(all.filter_map(|(trial, ruling)| match &ruling.outcome {
        Outcome::NotShown(why) => Some((&**why, trial.case.id)),
        _ => None,
    }))
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
        let line = |(why, ids): &(&str, Vec<&str>)| format!("  {why}:\n    {}\n", ids.join(" "));
        let lines: String = reasons.iter().map(line).collect();
        paint(style, &format!("\n{heading}:\n{lines}"))
    };
    let lists = lists
        .into_iter()
        .filter(|(_, _, reasons)| !reasons.is_empty());
    lists.map(list).collect()
}

/// What is to be said in so many words, if anything is.
fn words(check: &Check, checked: &Checked) -> Vec<String> {
    let mut words = Vec::new();
    let whole = [Level::Must, Level::Should];
    if !checked.is_heard() {
        words.extend(silence(check, checked));
    } else if !checked.propagates() {
        words.push(match checked.relation {
            Relation::Link => {
                "propagates nothing that the wire shows: a trace of its own begins with everything; whether it is \
                 linked to what came in, spans alone show"
            }
            Relation::Root => "a trace of its own begins with everything, as is wanted",
            _ => "propagates nothing: no context that came in went on",
        }.to_owned());
    }
    if checked.told_apart == ToldApart::Turn {
        words.push(
            "the cases were tried one at a time: nothing in the calls shows whose they are. A call that comes late is \
             taken for that of the case after it; `{case}` in the trigger, where it goes on, would tell"
                .to_owned(),
        );
    }
    if checked.surplus > 0 {
        let surplus = checked.surplus;
        words.push(format!(
            "the probe got {surplus} requests that it had not asked for, or more often than it had"
        ));
    }
    let suite = |ruling: &&Ruling| {
        ruling.demand.authority == Authority::Suite
            && whole.contains(&ruling.demand.level)
            && matches!(ruling.outcome, Outcome::Finding { .. })
    };
    if checked
        .rulings
        .iter()
        .flatten()
        .any(|ruling| suite(&ruling))
    {
        words.push(
            "what only the W3C suite demands is marked `suite`: the specification permits otherwise, and `--strict 1` \
             leaves it out"
                .to_owned(),
        );
    }
    words
}

/// Why nothing can be said: what was sent, what was answered, and what to look at.
fn silence(check: &Check, checked: &Checked) -> Vec<String> {
    let answer = checked.answer();
    let said = answer.map_or_else(|| "was not asked".to_owned(), answered);
    if let Some(Answer::Unreachable(_)) = answer {
        return vec![
            format!("nothing could be asked: the service {said}"),
            format!(
                "  look at   whether it listens at {}",
                check.target.endpoint()
            ),
        ];
    }
    let (seconds, probe) = (check.timeout.as_secs(), &checked.probe);
    let (sent, look) = match (&check.trigger, check.target.scheme()) {
        (Some(_), _) => (
            "the trigger".to_owned(),
            format!(
                "it does call something, and whether that is pointed at {probe}, and can be reached"
            ),
        ),
        (None, scheme) => (
            format!(
                "{} with the body [{{\"url\": \"{probe}…\", \"arguments\": […]}}]",
                if scheme == "http" {
                    "POST"
                } else {
                    "a message"
                }
            ),
            format!(
                "it takes this body at this address, sends `arguments` to each `url`, and can reach {} from where it runs",
                probe.endpoint()
            ),
        ),
    };
    vec![
        format!("nothing arrived: no call came to the probe within {seconds} s"),
        format!("  sent      {sent}"),
        format!("  answered  the service {said}"),
        format!("  look at   whether {look}"),
    ]
}

fn sums(checked: &Checked) -> String {
    let line = |(level, [held, broken, hidden]): (Level, [usize; 3])| {
        let label = format!("{level}:");
        format!("{label:<7} {held} held, {broken} broken, {hidden} not shown\n")
    };
    counts(checked).map(line).collect()
}

/// How many demands of each level are held, broken and not shown, where there are any.
fn counts(checked: &Checked) -> impl Iterator<Item = (Level, [usize; 3])> {
    let of = |level| {
        let mut counts = [0; 3];
        let rulings = checked.rulings.iter().flatten();
        for ruling in rulings.filter(|ruling| ruling.demand.level == level) {
            counts[match ruling.outcome {
                Outcome::Held => 0,
                Outcome::Finding { .. } => 1,
                Outcome::NotShown(_) => 2,
            }] += 1;
        }
        (level, counts)
    };
    let levels = [Level::Must, Level::Should, Level::May].into_iter().map(of);
    levels.filter(|(_, counts)| counts.iter().sum::<usize>() > 0)
}
