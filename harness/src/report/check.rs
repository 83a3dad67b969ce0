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
mod visible;

use unbroken_adapters::Relation;

use super::{BAD, DIM, GOOD, HEAD, WARN, paint};
use crate::check::case::{At, Demand};
use crate::check::exchange::Answer;
use crate::check::judge::{Judgement, Outcome, Ruling, Trial, answered};
use crate::check::suite::Verdict;
use crate::check::{Check, Checked, Silence, Suite, ToldApart};
use crate::rules::{Authority, Level};
use account::account;
pub use case::{case, cases};
pub use curl::curl;
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
        text.push_str(&paint(WARN, &format!("{word}\n")));
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
            text.push_str(&paint(DIM, &format!("    {why}\n")));
        }
    }
    let [ok, fail, error, skipped] = counts;
    let all = suite.tests.len();
    text.push('\n');
    for word in suite_words(check, suite) {
        text.push_str(&paint(WARN, &format!("{word}\n")));
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
        text.push_str(&format!("  {} {words}\n", paint(DIM, &label)));
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
    if let Some(silence) = checked.silence() {
        words.extend(silent(check, &silence));
    } else if !checked.propagates() {
        words.push(match checked.relation {
            Relation::Link if checked.spans.is_some() => {
                "propagates nothing: no span is linked to what came in"
            }
            Relation::Link => {
                "propagates nothing that the wire shows: a trace of its own begins with everything; whether it is \
                 linked to what came in, spans alone show"
            }
            Relation::Root => "a trace of its own begins with everything, as is wanted",
            _ => "propagates nothing: no context that came in went on",
        }.to_owned());
    }
    if checked.probe.is_none() {
        words.push(
            "there is no probe: what the service sends on is not shown, and its spans are all that is judged"
                .to_owned(),
        );
        if checked
            .spans
            .as_ref()
            .is_some_and(|spans| spans.missing() > 0)
        {
            words.push(
                "  look at   `{case}` in the path of the trigger: spans that begin anew say by it which case they are of"
                    .to_owned(),
            );
        }
    }
    if checked.told_apart == ToldApart::Turn {
        words.push(
            "the cases were tried one at a time: nothing in the calls shows whose they are. A call that comes late is \
             taken for that of the case after it; `{case}` in the trigger, where it goes on, would tell"
                .to_owned(),
        );
    }
    if checked.is_heard() || checked.spans.is_some() {
        words.extend(exported(checked));
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

/// Of a service that called nobody, why: the tests say it of a callback each.
fn suite_words(check: &Check, suite: &Suite) -> Vec<String> {
    let silence = suite.silence.iter();
    silence.flat_map(|silence| silent(check, silence)).collect()
}

/// Why nothing can be said: what was sent, what was answered, and what to look at.
fn silent(check: &Check, silence: &Silence) -> Vec<String> {
    let Silence { answer, probe } = silence;
    let said = answer.as_ref();
    let said = said.map_or_else(|| "was not asked".to_owned(), answered);
    if let Some(Answer::Unreachable(_)) = answer {
        return vec![
            format!("nothing could be asked: the service {said}"),
            format!(
                "  look at   whether it listens at {}",
                check.target.endpoint()
            ),
        ];
    }
    let seconds = check.timeout.as_secs();
    let Some(probe) = probe else {
        return vec![
            "nothing is shown: there is no probe, and of no request a span came".to_owned(),
            "  sent      the trigger".to_owned(),
            format!("  answered  the service {said}"),
        ];
    };
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

/// What became of the spans.
fn exported(checked: &Checked) -> Vec<String> {
    let Some(spans) = &checked.spans else {
        return vec![
            "spans are not shown: with `--otlp 127.0.0.1:4318`, and a service that exports there, they are judged as well"
                .to_owned(),
        ];
    };
    let mut words = vec![format!(
        "{} spans came; {} cases have none and should; {} are not sampled, and are judged by the wire alone",
        spans.came,
        spans.missing(),
        spans.unsampled()
    )];
    if !spans.say_anything() {
        words.push(
            "none of them belongs to a case: what spans say, and whether they agree with the wire, is not shown".to_owned(),
        );
        words.push(
            "  look at   OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_PROTOCOL of the service, and its log".to_owned(),
        );
    }
    if spans.refused > 0 {
        words.push(format!(
            "the collector had no room for {} of them",
            spans.refused
        ));
    }
    if spans.malformed > 0 {
        words.push(format!(
            "{} of them have ids that are not valid, and can hang nowhere",
            spans.malformed
        ));
    }
    if let Some((requests, why)) = &spans.unread {
        words.push(format!(
            "the collector could not read {requests} requests, such as: {why}"
        ));
    }
    words
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
