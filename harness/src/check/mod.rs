//! Does a service honour W3C Trace Context? Judged from outside, by what it sends on.
//!
//! The service speaks the protocol of the W3C suite: it is sent `[{"url": …, "arguments": []}]`,
//! and POSTs `arguments` to `url`. So it needs no change, and no language is asked for.
//!
//! | room | what it does |
//! |---|---|
//! | [`case`] [`cases`] | what is sent and what is demanded, as data |
//! | [`exchange`] | one request, byte by byte, and the answer |
//! | [`probe`] | receives what the service sends on |
//! | [`drive`](mod@drive) | performs everything side by side, with one clock |
//! | [`spans`] | what the service exported of each case, and when nothing more will come |
//! | [`judge`](mod@judge) | what was demanded, against what came |
//! | [`suite`] | the tests of the W3C suite, with its own names and its own leniency |
//!
//! How it is told stands in [`crate::report`].

pub mod case;
pub mod cases;
pub mod drive;
pub mod exchange;
pub mod judge;
pub mod probe;
pub mod spans;
pub mod suite;

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::time::Duration;

use unbroken_adapters::{Address, Relation};

use crate::rules::Level;
use case::Ids;
use drive::{Seen, drive};
use exchange::{Answer, Exchange};
use judge::{Judgement, Outcome, Ruling, Trial, hear, judge};
use probe::Probe;
use spans::{Collector, Spans, settle};

/// What is to be checked, and how.
#[derive(Clone, Debug)]
pub struct Check {
    /// Where the service listens.
    pub target: Address,
    /// How long nothing may come before what is open is given up.
    pub timeout: Duration,
    /// The level of the specification that is asked for.
    pub spec: u8,
    /// The setting of the suite that is asked for: at 2, what only the suite demands counts as well.
    pub strict: u8,
    /// Where the service exports its spans to, if they are to be judged.
    pub collector: Option<Collector>,
}

/// What was seen of a service, and what is to be said of it.
#[derive(Debug)]
pub struct Checked {
    /// Every case, and what came of it.
    pub trials: Vec<Trial>,
    /// What was ruled on each, in the same order.
    pub rulings: Vec<Vec<Ruling>>,
    /// How many requests the probe got that nobody had asked for.
    pub surplus: usize,
    /// What the service exported, where there was a collector.
    pub spans: Option<Spans>,
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
    pub async fn go(&self) -> io::Result<Checked> {
        let run = run();
        let trials = cases::cases().enumerate().map(|(place, case)| {
            let ids = Ids::of(run, place);
            let exchange = case.exchange(&ids).map(|exchange| Exchange {
                mark: self.collector.as_ref().map(|_| ids.token),
                ..exchange
            });
            (case, exchange, ids)
        });
        let trials: Vec<_> = trials.collect();
        let exchanges: Vec<_> = trials
            .iter()
            .filter_map(|(_, exchange, _)| exchange.clone())
            .collect();
        let collector = self.collector.as_ref();
        let before = collector.map(|collector| collector.store.counts());
        let (seen, surplus) = self.perform(run, &exchanges).await?;
        let mut seen = seen.into_iter();
        let trials = trials.into_iter().map(|(case, exchange, ids)| Trial {
            case,
            ids,
            tried: exchange.and_then(|exchange| Some((exchange, seen.next()?))),
        });
        let trials: Vec<_> = trials.collect();
        let mut rulings = judge(&trials, self.spec, self.strict);
        let mut spans = None;
        if let (Some(collector), Some(before)) = (collector, before) {
            let came = settle(collector, &trials, &before).await;
            let levels = (self.spec, self.strict);
            hear(&came, Relation::Child, &trials, &mut rulings, levels);
            spans = Some(came);
        }
        Ok(Checked {
            trials,
            rulings,
            surplus,
            spans,
        })
    }

    /// Tries what the W3C suite tries.
    pub async fn suite(&self) -> io::Result<Vec<suite::Tested>> {
        let exchanges = suite::exchanges();
        let (seen, _) = self.perform(run(), &exchanges).await?;
        Ok(suite::judge(&seen, self.spec, self.strict))
    }

    async fn perform(&self, run: u64, exchanges: &[Exchange]) -> io::Result<(Vec<Seen>, usize)> {
        let probe = Probe::start(format!("ub_{run:016x}"), exchanges, self.timeout).await?;
        let seen = drive(&self.target, exchanges, &probe, self.timeout).await;
        Ok((seen, probe.surplus()))
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
        let counts = |ruling: &Ruling| match &ruling.outcome {
            Outcome::Held => false,
            Outcome::Finding { .. } => ruling.demand.level >= fail_on,
            Outcome::NotShown(_) => ruling.demand.level == Level::Must,
        };
        match all.any(counts) {
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

    /// Whether what was sent on has anything to do with what came in: neither a trace nor a
    /// tracestate was kept in any case.
    pub fn propagates(&self) -> bool {
        use case::What;
        let mut all = self.rulings.iter().flatten();
        all.any(|ruling| {
            let kept = matches!(
                ruling.demand.what,
                What::Keep | What::KeepAsEver | What::Inherited | What::InheritedAsEver
            );
            kept && ruling.by == Judgement::Wire && ruling.outcome == Outcome::Held
        })
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
