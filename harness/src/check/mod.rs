//! Does a service honour W3C Trace Context? Judged from outside, by what it sends on.
//!
//! The service speaks the protocol of the W3C suite: it is sent `[{"url": …, "arguments": []}]`,
//! and sends `arguments` to `url`. So it needs no change, and no language is asked for. Either end
//! may be any boundary.
//!
//! | room | what it does |
//! |---|---|
//! | [`case`] [`cases`] | what is sent and what is demanded, as data |
//! | [`scope`] | which of them are tried over which boundary |
//! | [`entry`] | the way in, over whatever boundary |
//! | `due` | what of it is due under which relation |
//! | [`trigger`] | a request of the user's own |
//! | [`exchange`] | one request, over HTTP byte by byte, and the answer |
//! | [`probe`] | receives what the service sends on, over whatever boundary |
//! | `perform` | brings up both ends, sends everything, and says what was seen |
//! | [`drive`](mod@drive) | performs everything side by side, with one clock |
//! | [`spans`] | what the service exported of each case, and when nothing more will come |
//! | [`judge`](mod@judge) | what was demanded, against what came |
//! | [`suite`] | the tests of the W3C suite, with its own names and its own leniency |
//!
//! How it is told stands in [`crate::report`].

pub mod case;
pub mod cases;
mod checked;
pub mod drive;
mod due;
pub mod entry;
mod error;
pub mod exchange;
mod facts;
pub mod judge;
mod perform;
pub mod probe;
pub mod progress;
pub mod scope;
pub mod spans;
pub mod suite;
pub mod trigger;

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use unbroken_adapters::{Address, Boundaries, Format, Relation};

use case::{Case, Ids};
pub use checked::{Checked, Ending, Silence, Suite, ToldApart};
use drive::Seen;
pub use error::CheckError;
use exchange::{Exchange, Header};
pub use facts::{Facts, Win};
use judge::{Judged, Terms, Trial, hear, judge};
use perform::OF_NO_CASE;
use probe::Listening;
use progress::{Awaited, Progress};
use scope::LeftOut;
use spans::{Collector, settle};
use trigger::Trigger;

/// What is to be checked, and how.
#[derive(Clone)]
pub struct Check {
    /// Where the service takes what it is sent.
    pub target: Address,
    /// Where what it sends on is received; over HTTP, and whatever else is called, on loopback if
    /// nothing is said.
    pub probe: Option<Listening>,
    /// What is sent instead of the protocol's own request, and what of it calls the probe is the
    /// service's affair.
    pub trigger: Option<Trigger>,
    /// What stands beside the headers that are tried. It is shown nowhere.
    pub headers: Vec<Header>,
    /// How the service is to be tied to what it is sent; if nothing is said, as is usual there.
    pub relation: Option<Relation>,
    /// The clients of either end.
    pub boundaries: Boundaries,
    /// How long nothing may come before what is open is given up.
    pub timeout: Duration,
    /// The level of the specification that is asked for.
    pub spec: u8,
    /// The setting of the suite that is asked for: at 2, what only the suite demands counts as well.
    pub strict: u8,
    /// The formats that the service is to speak.
    pub formats: Vec<Format>,
    /// Where the service exports its spans to, if they are to be judged.
    pub collector: Option<Collector>,
    /// Where it says how far it is.
    pub progress: Progress,
}

impl Check {
    /// In the protocol of the suite, at its strictness and the newest level.
    pub fn of(target: Address) -> Self {
        Self {
            target,
            probe: None,
            trigger: None,
            headers: Vec::new(),
            collector: None,
            formats: vec![Format::TraceContext],
            relation: None,
            boundaries: Boundaries::all(),
            timeout: Duration::from_secs(5),
            spec: 2,
            strict: 2,
            progress: Progress::default(),
        }
    }

    /// Tries every case.
    pub async fn go(&self) -> Result<Checked, CheckError> {
        let run = run();
        let (planned, mut left_out) = self.plan(run)?;
        let before = self.collector.as_ref();
        let before = before.map(|collector| collector.store.counts());
        let exchanges = planned.iter().filter_map(|plan| plan.exchange.clone());
        let performed = self.perform(run, exchanges.collect()).await?;
        let trials = trials(planned, performed.seen, &mut left_out);
        let terms = self.terms(performed.probe.as_ref())?;
        let mut judged = match performed.probe {
            Some(_) => judge(&trials, &terms, &performed.unread),
            None => Judged::of_nothing(&trials, &terms),
        };
        let mut spans = None;
        if let (Some(collector), Some(before)) = (&self.collector, before) {
            self.progress.waits_for(Awaited::Spans);
            let came = settle(collector, &trials, &before).await;
            hear(&came, &trials, &terms, &mut judged);
            // What is judged is kept by who judged it.
            collector.store.forget(token_of(run));
            spans = Some(came);
        }
        let Judged { rulings, relation } = judged;
        let asked = trials.iter().map(|trial| trial.case);
        let asked = asked.filter(|case| case.demands(self.spec, self.strict).next().is_some());
        let free = asked.filter(|case| terms.due(case, relation).next().is_none());
        let why = "a trace of its own inherits neither tracestate nor flags";
        left_out.extend(free.map(|case| LeftOut::of(case, why)));
        if performed.probe.is_none() {
            let told = trials.iter().zip(&rulings);
            let untold = told.filter(|(_, rulings)| rulings.is_empty());
            let why = "spans say nothing of it, and there is no probe";
            left_out.extend(untold.map(|(trial, _)| LeftOut::of(trial.case, why)));
        }
        Ok(Checked {
            rulings,
            relation,
            trials,
            left_out,
            surplus: performed.surplus,
            unread: performed.unread,
            probe: performed.probe,
            told_apart: performed.told_apart,
            spans,
        })
    }

    /// What is to be sent for each case that can be tried, and the cases that cannot.
    fn plan(&self, run: u64) -> Result<(Vec<Planned>, Vec<LeftOut>), CheckError> {
        let over = self.boundaries.at(&self.target)?.descriptor();
        let (mut planned, mut left_out) = (Vec::new(), Vec::new());
        // The place in the whole list, so that a case has the same ids whatever is asked beside it.
        for (place, case) in cases::cases().enumerate() {
            if !case.speaks.is_met_by(&self.formats) {
                continue;
            }
            let ids = Ids::of(run, place);
            let exchange = case.exchange(&ids).map(|exchange| Exchange {
                mark: self.collector.as_ref().map(|_| ids.token),
                ..exchange
            });
            let headers = exchange.as_ref().map(|exchange| &*exchange.headers);
            match scope::objection(case, headers.unwrap_or_default(), &self.headers, over) {
                None => planned.push(Planned {
                    case,
                    ids,
                    exchange,
                }),
                Some(why) => left_out.push(LeftOut::of(case, why)),
            }
        }
        Ok((planned, left_out))
    }

    fn terms(&self, probe: Option<&Address>) -> Result<Terms, CheckError> {
        let specified = |end| Ok::<_, CheckError>(self.boundaries.at(end)?.descriptor().specified);
        Ok(Terms {
            spec: self.spec,
            strict: self.strict,
            relation: match self.relation {
                Some(relation) => relation,
                None => {
                    self.boundaries
                        .at(&self.target)?
                        .descriptor()
                        .default_relation
                }
            },
            by_convention: specified(&self.target)?.is_none()
                || probe
                    .map(specified)
                    .transpose()?
                    .is_some_and(|by| by.is_none()),
        })
    }

    /// Tries what the W3C suite tries.
    pub async fn suite(&self) -> Result<Suite, CheckError> {
        let ends = [
            Some(&self.target),
            self.probe.as_ref().map(|probe| &probe.at),
        ];
        if let Some(other) = ends
            .into_iter()
            .flatten()
            .find(|end| end.scheme() != "http")
        {
            return Err(CheckError::Mistaken(format!(
                "the W3C suite speaks HTTP alone, and not {}",
                other.scheme()
            )));
        }
        let performed = self.perform(run(), suite::exchanges()).await?;
        let seen: Vec<_> = performed.seen.into_iter().map(|(_, seen)| seen).collect();
        let is_heard = seen.iter().any(Seen::is_heard);
        Ok(Suite {
            tests: suite::judge(&seen, self.spec, self.strict),
            silence: (!is_heard).then(|| Silence {
                answer: checked::first_answer(seen.iter()).cloned(),
                probe: performed.probe,
            }),
            unread: performed.unread,
        })
    }
}

/// A case, and what is to be sent for it, if it sends anything of its own.
struct Planned {
    case: &'static Case,
    ids: Ids,
    exchange: Option<Exchange>,
}

/// What came of each case. A trigger makes as many calls as it makes: where that is one, what is about
/// several cannot be tried.
fn trials(
    planned: Vec<Planned>,
    seen: Vec<(Exchange, Seen)>,
    left_out: &mut Vec<LeftOut>,
) -> Vec<Trial> {
    let mut seen = seen.into_iter();
    let trials = planned.into_iter().map(|plan| Trial {
        case: plan.case,
        ids: plan.ids,
        tried: plan.exchange.and_then(|_| seen.next()),
    });
    let (trials, single): (Vec<_>, Vec<_>) = trials.partition(|trial| {
        let made = trial.tried.as_ref().map(|(exchange, _)| exchange.calls);
        trial.case.calls == 1 || made != Some(1)
    });
    let why = "the trigger brings one call";
    left_out.extend(single.iter().map(|trial| LeftOut::of(trial.case, why)));
    trials
}

/// The run, as the names of its cases have it.
fn token_of(run: u64) -> u32 {
    Ids::of(run, OF_NO_CASE).token.run
}

/// A number that no other run has.
fn run() -> u64 {
    RandomState::new().hash_one(std::process::id())
}
