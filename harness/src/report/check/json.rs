//! The same as JSON. `docs/check.md` says what each member means; a change that would break a reader
//! gets a new number.

use serde_json::{Value, json};
use unbroken_adapters::Address;

use super::account::line;
use super::facts::facts_json;
use super::{suite_words, words};
use crate::check::exchange::Header;
use crate::check::judge::{Judgement, Outcome, Ruling, Trial, answered};
use crate::check::probe::AllUnread;
use crate::check::spans::Account;
use crate::check::suite::{Tested, Verdict};
use crate::check::{Check, Checked, Ending, Suite};
use crate::span::{Link, Span};

const SCHEMA: &str = "unbroken.check/1";

/// Everything of a check.
pub fn checked_json(check: &Check, checked: &Checked, ending: Ending) -> String {
    let cases = checked.trials.iter().zip(&checked.rulings);
    let cases = cases.enumerate().map(|(place, (trial, rulings))| {
        let spans = checked.spans.as_ref();
        let account = spans.and_then(|spans| spans.accounts.get(place));
        case(check, trial, rulings, account)
    });
    let cases: Vec<_> = cases.collect();
    let left_out = checked.left_out.iter();
    let left_out = left_out.map(|left| json!({ "id": left.case.id, "why": left.why }));
    page(&json!({
        "schema": SCHEMA,
        "target": check.target.as_str(),
        "probe": checked.probe.as_ref().map(Address::as_str),
        "as": checked.relation.as_str(),
        "spec": check.spec,
        "strict": check.strict,
        "ending": match ending {
            Ending::Conforms => "conforms",
            Ending::Findings => "findings",
            Ending::CouldNotRun => "could-not-run",
        },
        "heard": checked.is_heard(),
        "propagates": checked.propagates(),
        "surplus": checked.surplus,
        "unread": unread(&checked.unread),
        "formats": facts_json(check, checked),
        "spans": checked.spans.as_ref().map(|spans| json!({
            "came": spans.came,
            "missing": spans.missing(),
            "unsampled": spans.unsampled(),
            "unread": spans.unread.as_ref().map_or(0, |(requests, _)| *requests),
            "refused": spans.refused,
            "malformed": spans.malformed,
        })),
        "words": words(check, checked),
        "cases": cases,
        "left_out": left_out.collect::<Vec<_>>(),
    }))
}

/// The verdicts of the W3C suite.
pub fn suite_json(check: &Check, suite: &Suite) -> String {
    let test = |test: &Tested| {
        let (verdict, why) = match &test.verdict {
            Verdict::Ok => ("ok", None),
            Verdict::Fail(why) => ("FAIL", Some(&**why)),
            Verdict::Error(why) => ("ERROR", Some(&**why)),
            Verdict::Skipped(why) => ("skipped", Some(*why)),
        };
        json!({ "name": test.name, "verdict": verdict, "why": why })
    };
    let tests: Vec<_> = suite.tests.iter().map(test).collect();
    page(&json!({
        "schema": SCHEMA,
        "target": check.target.as_str(),
        "spec": check.spec,
        "strict": check.strict,
        "unread": unread(&suite.unread),
        "words": suite_words(check, suite),
        "suite": tests,
    }))
}

fn unread(unread: &AllUnread) -> Vec<Value> {
    let each = unread.iter();
    let each = each.map(|(unread, times)| json!({ "what": unread.as_str(), "times": times }));
    each.collect()
}

fn page(value: &Value) -> String {
    format!("{value:#}\n")
}

fn case(check: &Check, trial: &Trial, rulings: &[Ruling], account: Option<&Account>) -> Value {
    let case = trial.case;
    let judgements = Judgement::ALL.into_iter().map(|by| {
        let rulings = rulings.iter().filter(|ruling| ruling.by == by);
        (by.as_str().to_owned(), rulings.map(ruling).collect())
    });
    let judgements: serde_json::Map<_, Value> = judgements.collect();
    let (exchange, seen) = trial
        .tried
        .as_ref()
        .map(|(exchange, seen)| (exchange, seen))
        .unzip();
    let calls = seen.map(|seen| {
        let of = |calls: &Vec<_>| {
            calls
                .iter()
                .map(|call: &crate::check::probe::Call| headers(&call.headers))
                .collect()
        };
        seen.calls.iter().map(of).collect::<Vec<Vec<_>>>()
    });
    json!({
        "id": case.id,
        "title": case.title,
        "source": case.source,
        "suite": case.suite,
        "curl": line(check, trial),
        "sent": exchange.map(|exchange| headers(&exchange.headers)),
        "answer": seen.map(|seen| answered(&seen.answer)),
        "calls": calls,
        "spans": account.map(|account| {
            let made = account.consequences.iter();
            made.map(|made| span(&made.span)).collect::<Vec<_>>()
        }),
        "judgements": judgements,
    })
}

/// What was made of a request.
fn span(span: &Span) -> Value {
    let link = |link: &Link| json!({ "trace": link.trace_id.to_string(), "span": link.span_id.to_string() });
    json!({
        "name": span.name,
        "kind": span.kind.as_str(),
        "trace": span.trace_id.to_string(),
        "span": span.span_id.to_string(),
        "parent": span.parent.map(|parent| parent.to_string()),
        "links": span.links.iter().map(link).collect::<Vec<_>>(),
    })
}

/// Bytes that are no printable ASCII are written as in Rust: `\t`, `\xa0`.
fn headers(headers: &[Header]) -> Vec<Value> {
    let header = |(name, value): &Header| json!([name, value.escape_ascii().to_string()]);
    headers.iter().map(header).collect()
}

fn ruling(
    Ruling {
        demand, outcome, ..
    }: &Ruling,
) -> Value {
    let level = demand.level.to_string();
    let authority = super::authority(demand.authority);
    match outcome {
        Outcome::Held => json!({ "level": level, "authority": authority, "outcome": "held" }),
        Outcome::Finding { expected, actual } => json!({
            "level": level,
            "authority": authority,
            "outcome": "finding",
            "expected": expected,
            "actual": actual,
        }),
        Outcome::NotShown(why) => json!({
            "level": level,
            "authority": authority,
            "outcome": "not-shown",
            "why": why,
        }),
    }
}
