//! What the spans of the service say of each case: found by ids first, and never by time or order.
//!
//! | where | what |
//! |---|---|
//! | [`Account`] | what was exported of one case: who sent the calls, and what was made of the request |
//! | [`Spans`] | the accounts of all cases, as far as the spans have come |
//! | [`settle`] | waits for what comes late |

mod account;
mod exported;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod tests;

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::judge::{Outcome, Trial};
use crate::collector::{Counts, Store};
use crate::span::{Span, SpanKind};
use crate::story::Ids;
pub use account::{Account, Consequence, Named};
use exported::Exported;

/// Where the service exports to, and how long that may take.
#[derive(Clone, Debug)]
pub struct Collector {
    /// Its spans come here.
    pub store: Store,
    /// How long nothing may come before what is missing is given up: a little more than the
    /// export interval of most SDKs.
    pub settle: Duration,
}

/// What was exported in the course of a check.
#[derive(Debug)]
pub struct Spans {
    /// Of each trial, in their order.
    pub accounts: Vec<Account>,
    /// How many spans came, of whatever they are.
    pub came: u64,
    /// How many requests of an exporter could not be read, and why the first could not.
    pub unread: Option<(u64, String)>,
    /// How many spans there was no room for.
    pub refused: u64,
    /// How many have ids that are not valid, and so can hang nowhere.
    pub malformed: u64,
}

/// However much comes, after so many settles it is over.
const MOST_SETTLES: u32 = 4;

/// Waits until every span that is to be expected is there, or nothing came for as long as that
/// takes. `before` is what the collector had taken in before anything was sent.
pub async fn settle(collector: &Collector, trials: &[Trial], before: &Counts) -> Spans {
    let mut arrivals = collector.store.arrivals();
    let last = Instant::now() + collector.settle * MOST_SETTLES;
    loop {
        let spans = Spans::look(&collector.store, trials, before);
        let quiet = last.min(Instant::now() + collector.settle);
        let over = spans.is_whole() || Instant::now() >= last;
        if over || timeout_at(quiet, arrivals.changed()).await.is_err() {
            return spans;
        }
    }
}

impl Spans {
    fn look(store: &Store, trials: &[Trial], before: &Counts) -> Self {
        let exported = Exported::of(store, trials);
        let now = store.counts();
        let unread = now.bad_payloads - before.bad_payloads;
        let why = now.bad_payload_reasons.into_iter();
        let why = why.last().unwrap_or_default();
        Self {
            accounts: trials
                .iter()
                .map(|trial| Account::of(trial, &exported))
                .collect(),
            came: now.received - before.received,
            refused: now.refused - before.refused,
            malformed: now.malformed - before.malformed,
            unread: (unread > 0).then_some((unread, why)),
        }
    }

    fn is_whole(&self) -> bool {
        self.accounts.iter().all(Account::is_whole)
    }

    /// Whether any case has a span at all.
    pub fn say_anything(&self) -> bool {
        let mut accounts = self.accounts.iter();
        accounts.any(|account| !account.is_silent())
    }

    /// Why nothing can be said of a case that has no spans.
    pub(super) fn silence(&self) -> Outcome {
        let why = match self.say_anything() {
            true => "no span of this request came",
            false => "no span of the service came",
        };
        Outcome::NotShown(why.to_owned())
    }

    /// How many cases should have spans, and have none.
    pub fn missing(&self) -> usize {
        let accounts = self.accounts.iter();
        accounts
            .filter(|account| account.is_expected && account.is_silent())
            .count()
    }

    /// How many cases are about what is not sampled.
    pub fn unsampled(&self) -> usize {
        let accounts = self.accounts.iter();
        accounts.filter(|account| !account.is_sampled).count()
    }
}

/// A span, as reports name it.
pub(super) fn named(span: &Span) -> String {
    format!("`{}` ({})", span.name, span.kind.as_str())
}

/// By what others name a span.
fn ids(span: &Span) -> Ids {
    (span.trace_id, span.span_id)
}

/// Whether a span is one that a request or a message begins with.
fn enters(span: &Span) -> bool {
    matches!(span.kind, SpanKind::Server | SpanKind::Consumer)
}
