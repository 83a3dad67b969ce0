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
pub mod trigger;

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use unbroken_adapters::{Address, Boundaries, BoundaryError, Format, Medium, Relation};

use crate::rules::Level;
use case::Ids;
use drive::{Pace, Seen, drive, scout};
use entry::Entry;
use exchange::{Answer, Exchange, Header};
pub use facts::{Facts, Win};
use judge::{Judged, Judgement, Outcome, Ruling, Terms, Trial, hear, judge};
use probe::{Listening, Probe, ProbeError};
use progress::{Awaited, Progress};
use scope::LeftOut;
use spans::{Collector, Spans, settle};
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
    /// What the service was told to call; none where spans are all there is to judge by.
    pub probe: Option<Address>,
    /// How its calls were told apart.
    pub told_apart: ToldApart,
}

/// How the calls of one case were told from those of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToldApart {
    /// By what the service was asked to call, or to hand on.
    Call,
    /// By the name of the case, which stands in the trigger and shows in the calls.
    Case,
    /// By nothing that shows in them: the cases were tried one at a time.
    Turn,
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
    /// What was performed as it was, with what came of it.
    seen: Vec<(Exchange, Seen)>,
    surplus: usize,
    probe: Option<Address>,
    told_apart: ToldApart,
}

/// More calls than these of one trigger are not looked at.
const MOST_CALLS: usize = 32;

/// What the W3C suite says of a service.
#[derive(Debug)]
pub struct Suite {
    /// Every test, and what came of it.
    pub tests: Vec<suite::Tested>,
    /// That the service called nobody, if it did not: every test fails of that.
    pub silence: Option<Silence>,
}

/// A service that called nobody, whatever it was sent.
#[derive(Clone, Debug)]
pub struct Silence {
    /// The first of its answers that says something.
    pub answer: Option<Answer>,
    /// What it was told to call, if it was told.
    pub probe: Option<Address>,
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
            match scope::objection(case, &headers.collect::<Vec<_>>(), &self.headers, over) {
                None => trials.push((case, exchange, ids)),
                Some(why) => left_out.push(LeftOut { case, why }),
            }
        }
        let exchanges = trials
            .iter()
            .filter_map(|(_, exchange, _)| exchange.clone());
        let exchanges = exchanges.collect();
        let collector = self.collector.as_ref();
        let before = collector.map(|collector| collector.store.counts());
        let performed = self.perform(run, exchanges).await?;
        let mut seen = performed.seen.into_iter();
        let trials = trials.into_iter().map(|(case, exchange, ids)| Trial {
            case,
            ids,
            tried: exchange.and_then(|_| seen.next()),
        });
        // A trigger makes as many calls as it makes.
        let (trials, single): (Vec<_>, Vec<_>) = trials.partition(|trial| {
            let made = trial.tried.as_ref().map(|(exchange, _)| exchange.calls);
            trial.case.calls == 1 || made != Some(1)
        });
        left_out.extend(single.iter().map(|trial| LeftOut {
            case: trial.case,
            why: "the trigger brings one call".to_owned(),
        }));
        let terms = self.terms(performed.probe.as_ref())?;
        let mut judged = match performed.probe {
            Some(_) => judge(&trials, &terms),
            None => Judged::of_nothing(&trials, &terms),
        };
        let mut spans = None;
        if let (Some(collector), Some(before)) = (collector, before) {
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
        left_out.extend(free.map(|case| LeftOut {
            case,
            why: "a trace of its own inherits neither tracestate nor flags".to_owned(),
        }));
        if performed.probe.is_none() {
            let silent = trials
                .iter()
                .zip(&rulings)
                .filter(|(_, all)| all.is_empty());
            left_out.extend(silent.map(|(trial, _)| LeftOut {
                case: trial.case,
                why: "spans say nothing of it, and there is no probe".to_owned(),
            }));
        }
        Ok(Checked {
            rulings,
            relation,
            trials,
            left_out,
            surplus: performed.surplus,
            probe: performed.probe,
            told_apart: performed.told_apart,
            spans,
        })
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
                answer: first_answer(seen.iter()).cloned(),
                probe: performed.probe,
            }),
        })
    }

    async fn perform(
        &self,
        run: u64,
        mut exchanges: Vec<Exchange>,
    ) -> Result<Performed, CheckError> {
        let run_name = format!("ub_{run:016x}");
        let trigger = self.trigger.as_ref();
        let entry = Entry::to(&self.target, trigger, &self.headers, &self.boundaries)?;
        let alone = self.is_by_spans_alone();
        let scout = trigger.filter(|_| !alone).map(|_| scouting(run));
        let has_scout = scout.is_some();
        exchanges.extend(scout);
        for exchange in exchanges.iter_mut().filter(|_| alone) {
            exchange.calls = 0;
        }
        let probe = Probe::start(
            &self.listening(&run_name)?,
            &self.boundaries,
            run_name,
            &exchanges,
            trigger.is_none(),
            self.timeout,
        )
        .await?;
        let scout = exchanges.pop_if(|_| has_scout);
        let (seen, told_apart) = if let (Some(trigger), Some(scout)) = (trigger, scout) {
            let pulled = self.pull(trigger, &entry, &scout, &mut exchanges, &probe);
            pulled.await
        } else {
            let pace = Pace::SideBySide;
            let seen = drive(
                &entry,
                &exchanges,
                &probe,
                pace,
                self.timeout,
                &self.progress,
            )
            .await;
            (seen, ToldApart::Call)
        };
        let (surplus, address) = (probe.surplus(), probe.address().clone());
        probe.close().await?;
        Ok(Performed {
            seen: exchanges.into_iter().zip(seen).collect(),
            surplus,
            probe: (!alone).then_some(address),
            told_apart,
        })
    }

    /// Sends a trigger for each exchange. How many calls it brings, and whether they show whose they
    /// are, the first is to say.
    async fn pull(
        &self,
        trigger: &Trigger,
        entry: &Entry,
        first: &Exchange,
        exchanges: &mut [Exchange],
        probe: &Probe,
    ) -> (Vec<Seen>, ToldApart) {
        let answer = scout(entry, first, probe, self.timeout).await;
        let heard = probe.heard(first).into_iter();
        let calls = heard.filter(|calls| !calls.is_empty()).count();
        let (pace, told_apart) =
            match trigger.names_its_case(&self.headers) && probe.are_all_named() {
                true => (Pace::SideBySide, ToldApart::Case),
                false => (Pace::OneByOne, ToldApart::Turn),
            };
        for exchange in &mut *exchanges {
            exchange.calls = calls.max(1);
        }
        let seen = match calls {
            // What calls nobody with what is good will not be asked a hundred times.
            0 => vec![
                Seen {
                    answer,
                    calls: vec![Vec::new()],
                    in_time: Vec::new(),
                };
                exchanges.len()
            ],
            _ => drive(entry, exchanges, probe, pace, self.timeout, &self.progress).await,
        };
        (seen, told_apart)
    }

    /// Whether nobody sees what the service sends on, but somebody its spans.
    fn is_by_spans_alone(&self) -> bool {
        self.trigger.is_some() && self.probe.is_none() && self.collector.is_some()
    }

    /// Where the probe listens: where it is told to, or on a port of its own. On somebody's broker
    /// nothing is made that nobody asked for.
    fn listening(&self, run: &str) -> Result<Listening, CheckError> {
        if let Some(probe) = &self.probe {
            return Ok(probe.clone());
        }
        if self.is_by_spans_alone() {
            // Nobody is told of it.
            let http = Address::parse("http://127.0.0.1:0");
            return Ok(http.map_err(BoundaryError::from)?.into());
        }
        if self.trigger.is_some() {
            return Err(CheckError::Mistaken(
                "say with --probe where the service sends what it sends because of the trigger, or with --otlp where \
                 it exports its spans to be judged by these alone"
                    .to_owned(),
            ));
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

/// There are not so many.
const OF_NO_CASE: usize = 0xffff;

/// What a trigger is tried with before anything is: what is good, in a trace of no case.
fn scouting(run: u64) -> Exchange {
    let Ids {
        token,
        trace,
        parent,
    } = Ids::of(run, OF_NO_CASE);
    let traceparent = format!("00-{trace}-{parent}-01").into_bytes();
    Exchange {
        name: format!("{token}-first"),
        trace: Some(trace),
        mark: None,
        headers: vec![("traceparent".to_owned(), traceparent)],
        calls: MOST_CALLS,
    }
}

fn first_answer<'a>(seen: impl Iterator<Item = &'a Seen>) -> Option<&'a Answer> {
    let mut answers = seen.map(|seen| &seen.answer);
    answers.find(|answer| !matches!(answer, Answer::NotAsked))
}

/// The run, as the names of its cases have it.
fn token_of(run: u64) -> u32 {
    Ids::of(run, OF_NO_CASE).token.run
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

    /// Whether the service called at all; without a probe, whether its spans say anything.
    pub fn is_heard(&self) -> bool {
        if let (None, Some(spans)) = (&self.probe, &self.spans) {
            return spans.say_anything();
        }
        self.seen().any(Seen::is_heard)
    }

    /// That it is not heard, if so.
    pub fn silence(&self) -> Option<Silence> {
        (!self.is_heard()).then(|| Silence {
            answer: self.answer().cloned(),
            probe: self.probe.clone(),
        })
    }

    /// An answer of the service, if there is any: the first that says something.
    fn answer(&self) -> Option<&Answer> {
        first_answer(self.seen())
    }

    fn seen(&self) -> impl Iterator<Item = &Seen> {
        let tried = self.trials.iter().filter_map(|trial| trial.tried.as_ref());
        tried.map(|(_, seen)| seen)
    }

    /// Whether anything that was sent came to the service.
    pub fn is_reached(&self) -> bool {
        !matches!(
            self.answer(),
            None | Some(Answer::Unreachable(_) | Answer::Unsent(_))
        )
    }

    /// Whether what was sent on has anything to do with what came in: no trace, tracestate or
    /// baggage was kept in any case.
    pub fn propagates(&self) -> bool {
        let by = match self.probe {
            Some(_) => Judgement::Wire,
            None => Judgement::Spans,
        };
        let mut all = self.rulings.iter().flatten();
        all.any(|ruling| {
            // A link shows in spans alone.
            let is_linked = matches!(ruling.demand.what, case::What::Linked);
            let is_kept = ruling.demand.what.is_kept() && ruling.by == by || is_linked;
            is_kept && ruling.outcome == Outcome::Held
        })
    }

    /// Which formats go out, and which of two wins.
    pub fn facts(&self) -> Facts {
        Facts::of(&self.trials)
    }
}
