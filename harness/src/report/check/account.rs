//! What there is to say of a finding, in whatever format.

use super::Told;
use super::curl;
use crate::check::Check;
use crate::check::case::What;
use crate::check::judge::{Judgement, Outcome, Trial};

/// More than this of a value is not shown.
const MOST_SHOWN: usize = 120;

/// What a line of an account is about. Reports write the service's own words so that they are seen
/// to be that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Sent,
    Expected,
    Actual,
    Source,
    Likewise,
    LookAt,
    Suite,
    Curl,
}

impl Label {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Expected => "expected",
            Self::Actual => "actual",
            Self::Source => "source",
            Self::Likewise => "likewise",
            Self::LookAt => "look at",
            Self::Suite => "suite",
            Self::Curl => "curl",
        }
    }
}

/// A finding by its labels; nothing, if it is none.
pub(super) fn account(check: &Check, told: &Told<'_>) -> Vec<(Label, String)> {
    let Told {
        trial,
        ruling,
        likewise,
    } = told;
    let Outcome::Finding { expected, actual } = &ruling.outcome else {
        return Vec::new();
    };
    let mut account = vec![
        (Label::Sent, sent(trial)),
        (Label::Expected, expected.clone()),
        (Label::Actual, actual.clone()),
    ];
    if !likewise.is_empty() {
        account.push((Label::Likewise, likewise.join(" ")));
    }
    // Where the two tell different stories, no clause of the case is about that.
    account.push(match ruling.by {
        Judgement::Agree => (Label::LookAt, advice(ruling.demand.what).to_owned()),
        _ => (Label::Source, trial.case.source.to_owned()),
    });
    // The suite looks at the wire alone.
    let suite = trial.case.suite.filter(|_| ruling.by == Judgement::Wire);
    account.extend(suite.map(|test| (Label::Suite, test.to_owned())));
    account.extend(line(check, trial).map(|line| (Label::Curl, line)));
    account
}

/// Where wire and spans come to tell two stories.
fn advice(what: What) -> &'static str {
    match what {
        What::Exported => {
            "whether the client is instrumented, or the header is copied or written by hand; and whether a sampler, a \
             processor or the end of the process drops the client's spans"
        }
        _ => {
            "whether the work keeps the context of the request: tasks, threads and callbacks lose it; and whether two \
             instrumentations or propagators are at work"
        }
    }
}

/// The same request as a line for a shell, if it is one that can be made there.
pub(super) fn line(check: &Check, trial: &Trial) -> Option<String> {
    let (exchange, _) = trial.tried.as_ref()?;
    curl::line(check, exchange)
}

fn sent(trial: &Trial) -> String {
    let Some((exchange, _)) = &trial.tried else {
        return "what all other cases send".to_owned();
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
