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
//! | [`exchange`] | one request, over HTTP byte by byte, and the answer |
//! | [`probe`] | receives what the service sends on, over whatever boundary |
//! | [`drive`](mod@drive) | performs everything side by side, with one clock |
//! | [`spans`] | what the service exported of each case, and when nothing more will come |
//! | [`judge`](mod@judge) | what was demanded, against what came |
//! | [`suite`] | the tests of the W3C suite, with its own names and its own leniency |
//!
//! How it is told stands in [`crate::report`].

pub mod case;
pub mod cases;
pub mod drive;
mod due;
pub mod entry;
pub mod exchange;
mod facts;
pub mod judge;
pub mod probe;
pub mod progress;
pub mod scope;
pub mod spans;
pub mod suite;

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use unbroken_adapters::{Address, Boundaries, BoundaryError, Format, Medium, Relation};

use crate::rules::Level;
use case::Ids;
use drive::{Seen, drive};
use entry::Entry;
use exchange::{Answer, Exchange};
pub use facts::{Facts, Win};
use judge::{Judged, Judgement, Outcome, Ruling, Terms, Trial, hear, judge};
use probe::{Listening, Probe, ProbeError};
use progress::{Awaited, Progress};
use scope::LeftOut;
use spans::{Collector, Spans, settle};

/// What is to be checked, and how.
#[derive(Clone)]
pub struct Check {
    /// Where the service takes what it is sent.
    pub target: Address,
    /// Where what it sends on is received; over HTTP, and whatever else is called, on loopback if
    /// nothing is said.
    pub probe: Option<Listening>,
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

/// What was seen of a service, and what is to be said of it.
#[derive(Debug)]
pub struct Checked {
    /// Every case, and what came of it.
    pub trials: Vec<Trial>,
    /// What was ruled on each, in the same order.
    pub rulings: Vec<Vec<Ruling>>,
    /// By which relation: of `either`, the one that the service keeps to.
    pub relation: Relation,
    /// The cases that were not tried, or of which nothing is due.
    pub left_out: Vec<LeftOut>,
    /// How many requests the probe got that nobody had asked for.
    pub surplus: usize,
    /// What the service exported, where there was a collector.
    pub spans: Option<Spans>,
    /// What the service was told to call.
    pub probe: Address,
}

/// Why nothing was checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// What is to be checked makes no sense.
    #[error("{0}")]
    Mistaken(String),
    /// It does, and cannot be had here and now.
    #[error("{0}")]
    Environment(String),
}

impl From<BoundaryError> for CheckError {
    fn from(error: BoundaryError) -> Self {
        match error {
            BoundaryError::Address { .. }
            | BoundaryError::Malformed(_)
            | BoundaryError::UnknownScheme(_) => Self::Mistaken(error.to_string()),
            _ => Self::Environment(error.to_string()),
        }
    }
}

impl From<ProbeError> for CheckError {
    fn from(error: ProbeError) -> Self {
        let said = error.to_string();
        match error {
            ProbeError::Listening(_) => Self::Mistaken(said),
            ProbeError::Io(_) => Self::Environment(said),
            ProbeError::Boundary(error) => match error.into() {
                Self::Mistaken(_) => Self::Mistaken(said),
                Self::Environment(_) => Self::Environment(said),
            },
        }
    }
}

/// What was seen at either end.
struct Performed {
    seen: Vec<Seen>,
    surplus: usize,
    probe: Address,
}

/// What a check comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Everything that counts is so, and was shown.
    Conforms,
    /// Something that counts is not so, or was not shown.
    Findings,
    /// Nothing at all could be said.
    CouldNotRun,
}

impl Check {
    /// Tries every case.
    pub async fn go(&self) -> Result<Checked, CheckError> {
        let run = run();
        let over = self.boundaries.at(&self.target)?.descriptor();
        let (mut trials, mut left_out) = (Vec::new(), Vec::new());
        for (place, case) in cases::cases().enumerate() {
            if !case.speaks.is_met_by(&self.formats) {
                continue;
            }
            let ids = Ids::of(run, place);
            let exchange = case.exchange(&ids).map(|exchange| Exchange {
                mark: self.collector.as_ref().map(|_| ids.token),
                ..exchange
            });
            let headers = exchange
                .iter()
                .flat_map(|exchange| exchange.headers.clone());
            match scope::objection(case, &headers.collect::<Vec<_>>(), &[], over) {
                None => trials.push((case, exchange, ids)),
                Some(why) => left_out.push(LeftOut { case, why }),
            }
        }
        let exchanges: Vec<_> = trials
            .iter()
            .filter_map(|(_, exchange, _)| exchange.clone())
            .collect();
        let collector = self.collector.as_ref();
        let before = collector.map(|collector| collector.store.counts());
        let performed = self.perform(run, &exchanges).await?;
        let mut seen = performed.seen.into_iter();
        let trials = trials.into_iter().map(|(case, exchange, ids)| Trial {
            case,
            ids,
            tried: exchange.and_then(|exchange| Some((exchange, seen.next()?))),
        });
        let trials: Vec<_> = trials.collect();
        let terms = self.terms(&performed.probe)?;
        let mut judged = judge(&trials, &terms);
        let mut spans = None;
        if let (Some(collector), Some(before)) = (collector, before) {
            self.progress.waits_for(Awaited::Spans);
            let came = settle(collector, &trials, &before).await;
            hear(&came, &trials, &terms, &mut judged);
            spans = Some(came);
        }
        let Judged { rulings, relation } = judged;
        let asked = trials.iter().map(|trial| trial.case);
        let asked = asked.filter(|case| case.demands(self.spec, self.strict).next().is_some());
        let free = asked.filter(|case| terms.due(case, relation).next().is_none());
        left_out.extend(free.map(|case| LeftOut {
            case,
            why: "a trace of its own inherits neither tracestate nor flags".to_owned(),
        }));
        Ok(Checked {
            rulings,
            relation,
            trials,
            left_out,
            surplus: performed.surplus,
            probe: performed.probe,
            spans,
        })
    }

    fn terms(&self, probe: &Address) -> Result<Terms, CheckError> {
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
            by_convention: specified(&self.target)?.is_none() || specified(probe)?.is_none(),
        })
    }

    /// Tries what the W3C suite tries.
    pub async fn suite(&self) -> Result<Vec<suite::Tested>, CheckError> {
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
        let exchanges = suite::exchanges();
        let performed = self.perform(run(), &exchanges).await?;
        Ok(suite::judge(&performed.seen, self.spec, self.strict))
    }

    async fn perform(&self, run: u64, exchanges: &[Exchange]) -> Result<Performed, CheckError> {
        let run = format!("ub_{run:016x}");
        let entry = Entry::to(&self.target, &self.boundaries)?;
        let listening = self.listening(&run)?;
        let boundaries = &self.boundaries;
        let probe = Probe::start(&listening, boundaries, run, exchanges, self.timeout).await?;
        let seen = drive(&entry, exchanges, &probe, self.timeout, &self.progress).await;
        let (surplus, address) = (probe.surplus(), probe.address().clone());
        probe.close().await?;
        Ok(Performed {
            seen,
            surplus,
            probe: address,
        })
    }

    /// Where the probe listens: where it is told to, or on a port of its own. On somebody's broker
    /// nothing is made that nobody asked for.
    fn listening(&self, run: &str) -> Result<Listening, CheckError> {
        if let Some(probe) = &self.probe {
            return Ok(probe.clone());
        }
        let descriptor = self.boundaries.at(&self.target)?.descriptor();
        match descriptor.medium {
            // Its calls have paths of their own.
            Medium::Direct if descriptor.scheme == "http" => {
                Ok(Listening::on_loopback(descriptor, "")?)
            }
            Medium::Direct | Medium::Process => Ok(Listening::on_loopback(descriptor, run)?),
            Medium::Broker(_) => Err(CheckError::Mistaken(format!(
                "over {} nothing is made that nobody asked for: say with --probe where the service is to send, such \
                 as {}",
                descriptor.name,
                descriptor.address_of(&self.target.endpoint(), "out")?
            ))),
        }
    }
}

/// A number that no other run has.
fn run() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

impl Checked {
    /// What it comes to where findings of this level count.
    pub fn ending(&self, fail_on: Level) -> Ending {
        if !self.is_heard() {
            return Ending::CouldNotRun;
        }
        let mut all = self.rulings.iter().flatten();
        match all.any(|ruling| ruling.counts(fail_on)) {
            true => Ending::Findings,
            false => Ending::Conforms,
        }
    }

    /// Whether the service called at all.
    pub fn is_heard(&self) -> bool {
        let seen = self.trials.iter().filter_map(|trial| trial.tried.as_ref());
        seen.flat_map(|(_, seen)| &seen.calls)
            .any(|calls| !calls.is_empty())
    }

    /// Whether what was sent on has anything to do with what came in: no trace, tracestate or
    /// baggage was kept in any case.
    pub fn propagates(&self) -> bool {
        let mut all = self.rulings.iter().flatten();
        all.any(|ruling| {
            let is_kept = ruling.demand.what.is_kept() && ruling.by == Judgement::Wire;
            is_kept && ruling.outcome == Outcome::Held
        })
    }

    /// Which formats go out, and which of two wins.
    pub fn facts(&self) -> Facts {
        Facts::of(&self.trials)
    }

    /// An answer of the service, if there is any: the first that says something.
    pub fn answer(&self) -> Option<&Answer> {
        let mut answers = self
            .trials
            .iter()
            .filter_map(|trial| Some(&trial.tried.as_ref()?.1.answer));
        answers.find(|answer| !matches!(answer, Answer::NotAsked))
    }
}
