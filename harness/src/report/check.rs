//! What a check came to, for whoever owns the service.

mod json;
mod page;

use super::{BAD, DIM, GOOD, HEAD, WARN, paint};
use crate::check::case::{At, Demand};
use crate::check::exchange::Answer;
use crate::check::judge::{Judgement, Outcome, Ruling, Trial, answered};
use crate::check::suite::{Tested, Verdict};
use crate::check::{Check, Checked};
use crate::rules::{Authority, Level};
pub use json::{checked_json, suite_json};
pub use page::cases_page;

/// Every case in a line, every finding as a paragraph, and what was not shown.
pub fn checked(check: &Check, checked: &Checked) -> String {
    let heading = format!(
        "W3C Trace Context level {}, strictness {}, of {}\n\n",
        check.spec, check.strict, check.target
    );
    let mut text = paint(HEAD, &heading);
    let judgements = judgements(checked);
    if judgements.len() > 1 {
        let columns = "by the wire, by its spans, and whether the two agree:\n";
        text.push_str(&paint(DIM, columns));
    }
    let trials = || checked.trials.iter().zip(&checked.rulings);
    for (trial, rulings) in trials().filter(|(_, rulings)| !rulings.is_empty()) {
        text.push_str(&line(trial, rulings, judgements));
    }
    for (trial, rulings) in trials() {
        for ruling in rulings
            .iter()
            .filter(|ruling| ruling.by != Judgement::Agree)
        {
            text.push_str(&finding(trial, ruling, &[]));
        }
    }
    text.push_str(&disagreements(checked));
    text.push_str(&hidden(checked));
    text.push_str(&left_out(checked));
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

/// By what was judged at all.
fn judgements(checked: &Checked) -> &'static [Judgement] {
    match checked.spans {
        Some(_) => &Judgement::ALL,
        None => &[Judgement::Wire],
    }
}

/// A mark for each judgement, and what was tried.
fn line(trial: &Trial, rulings: &[Ruling], judgements: &[Judgement]) -> String {
    let mut text = String::new();
    for &by in judgements {
        let mut own = rulings.iter().filter(|ruling| ruling.by == by);
        let is = |found: fn(&Outcome) -> bool| {
            let mut own = own.clone();
            own.any(|ruling| found(&ruling.outcome))
        };
        let mark = if is(|outcome| matches!(outcome, Outcome::Finding { .. })) {
            paint(BAD, "✘")
        } else if is(|outcome| matches!(outcome, Outcome::NotShown(_))) {
            paint(WARN, "?")
        } else if own.next().is_some() {
            paint(GOOD, "✔")
        } else {
            paint(DIM, "·")
        };
        text.push_str(&format!("{mark} "));
    }
    format!("{text}{:<11} {}\n", trial.case.id, trial.case.title)
}

/// A finding as a paragraph, if it is one, and the cases in which it is much the same.
fn finding(trial: &Trial, ruling: &Ruling, likewise: &[&str]) -> String {
    let Ruling {
        by,
        demand,
        outcome,
    } = ruling;
    let Outcome::Finding { expected, actual } = outcome else {
        return String::new();
    };
    let style = match demand.level {
        Level::Must => BAD,
        Level::Should | Level::May => WARN,
    };
    let by = match by {
        Judgement::Wire => "",
        Judgement::Spans => " by its spans",
        Judgement::Agree => ", wire and spans",
    };
    let mut text = format!(
        "\n{}{}\n",
        paint(
            style,
            &format!("{}{by} ({})", trial.case.id, weight(demand))
        ),
        paint(DIM, &format!(": {}", trial.case.title)),
    );
    let mut line = |label: &str, words: &str| {
        text.push_str(&format!(
            "  {} {words}\n",
            paint(DIM, &format!("{label:<9}"))
        ));
    };
    line("sent", &sent(trial));
    line("expected", expected);
    line("actual", actual);
    if !likewise.is_empty() {
        line("likewise", &likewise.join(" "));
    }
    match ruling.by {
        Judgement::Agree => {}
        Judgement::Wire | Judgement::Spans => line("source", trial.case.source),
    }
    if let Some(test) = trial.case.suite.filter(|_| ruling.by == Judgement::Wire) {
        line("suite", test);
    }
    text
}

/// Where wire and spans tell two stories: what is the same in a hundred cases is told once.
fn disagreements(checked: &Checked) -> String {
    let mut kinds: Vec<(&Trial, &Ruling, Vec<&str>)> = Vec::new();
    for (trial, rulings) in checked.trials.iter().zip(&checked.rulings) {
        let is_one = |ruling: &&Ruling| {
            ruling.by == Judgement::Agree && matches!(ruling.outcome, Outcome::Finding { .. })
        };
        for ruling in rulings.iter().filter(is_one) {
            let words = |ruling: &Ruling| (ruling.demand.what.in_words(), ruling.demand.level);
            let known = kinds
                .iter_mut()
                .find(|(_, known, _)| words(known) == words(ruling));
            match known {
                Some((.., likewise)) => likewise.push(trial.case.id),
                None => kinds.push((trial, ruling, Vec::new())),
            }
        }
    }
    let told = kinds
        .iter()
        .map(|(trial, ruling, likewise)| finding(trial, ruling, likewise));
    told.collect()
}

fn sent(trial: &Trial) -> String {
    let Some((exchange, _)) = &trial.tried else {
        return "everything above".to_owned();
    };
    if exchange.headers.is_empty() {
        return "neither traceparent nor tracestate".to_owned();
    }
    let header = |(name, value): &(String, Vec<u8>)| {
        let value = value.escape_ascii().to_string();
        match value.char_indices().nth(MOST_SHOWN) {
            Some((end, _)) => format!("{name}: {}…", &value[..end]),
            None => format!("{name}: {value}"),
        }
    };
    let headers = exchange.headers.iter().map(header);
    headers.collect::<Vec<_>>().join("; ")
}

/// More than this of a value is not shown.
const MOST_SHOWN: usize = 120;

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
fn hidden(checked: &Checked) -> String {
    let all = checked.trials.iter().zip(&checked.rulings);
    let all = all.flat_map(|(trial, rulings)| rulings.iter().map(move |ruling| (trial, ruling)));
    // That there are no spans at all is said once.
    let spans = checked.spans.as_ref();
    let is_silent = spans.is_some_and(|spans| !spans.say_anything());
    let hidden = all.filter_map(|(trial, ruling)| match &ruling.outcome {
        Outcome::NotShown(why) if ruling.by == Judgement::Wire || !is_silent => {
            Some((&**why, trial.case.id))
        }
        _ => None,
    });
    let hidden = by_why(hidden);
    match hidden.is_empty() {
        true => hidden,
        false => paint(WARN, &format!("\nnot shown:\n{hidden}")),
    }
}

/// What was not tried, by why.
fn left_out(checked: &Checked) -> String {
    let left_out = checked.left_out.iter();
    let left_out = by_why(left_out.map(|left_out| (&*left_out.why, left_out.case.id)));
    match left_out.is_empty() {
        true => left_out,
        false => paint(DIM, &format!("\nnot tried:\n{left_out}")),
    }
}

/// Each reason, and the cases that it is one for, each once.
fn by_why<'a>(all: impl Iterator<Item = (&'a str, &'static str)>) -> String {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
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
    let line = |(why, ids): &(&str, Vec<&str>)| format!("  {why}:\n    {}\n", ids.join(" "));
    reasons.iter().map(line).collect()
}

/// What is to be said in so many words, if anything is.
fn words(check: &Check, checked: &Checked) -> Vec<String> {
    let mut words = Vec::new();
    let whole = [Level::Must, Level::Should];
    if !checked.is_heard() {
        words.extend(silence(check, checked));
    } else if !checked.propagates() {
        words.push("propagates nothing: no context that came in went on".to_owned());
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
    let sent = match check.target.scheme() {
        "http" => "POST with",
        _ => "a message with",
    };
    vec![
        format!("nothing arrived: no call came to the probe within {seconds} s"),
        format!("  sent      {sent} the body [{{\"url\": \"{probe}…\", \"arguments\": […]}}]"),
        format!("  answered  the service {said}"),
        format!(
            "  look at   whether it takes this body at this address, sends `arguments` to each `url`, and can reach {} \
             from where it runs",
            probe.endpoint()
        ),
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
    if let Some((requests, why)) = &spans.unread {
        words.push(format!(
            "the collector could not read {requests} requests, such as: {why}"
        ));
    }
    words
}

fn sums(checked: &Checked) -> String {
    let mut sums = String::new();
    let judgements = judgements(checked);
    for &by in judgements {
        for level in [Level::Must, Level::Should, Level::May] {
            let of = |ruling: &&Ruling| ruling.by == by && ruling.demand.level == level;
            let mut counts = [0; 3];
            for ruling in checked.rulings.iter().flatten().filter(of) {
                counts[match ruling.outcome {
                    Outcome::Held => 0,
                    Outcome::Finding { .. } => 1,
                    Outcome::NotShown(_) => 2,
                }] += 1;
            }
            let [held, broken, hidden] = counts;
            if held + broken + hidden > 0 {
                let by = match judgements {
                    [_] => String::new(),
                    _ => format!("{:<6} ", by.as_str()),
                };
                sums.push_str(&format!(
                    "{by}{:<7} {held} held, {broken} broken, {hidden} not shown\n",
                    format!("{level}:")
                ));
            }
        }
    }
    sums
}
