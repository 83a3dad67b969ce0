//! What was seen of a service, and what it comes to.

use unbroken_adapters::{Address, Relation};

use super::case::What;
use super::drive::Seen;
use super::exchange::Answer;
use super::facts::Facts;
use super::judge::{Judgement, Outcome, Ruling, Trial};
use super::probe::AllUnread;
use super::scope::LeftOut;
use super::spans::Spans;
use super::suite::Tested;
use crate::rules::Level;

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
    /// What came to the probe and could not be read.
    pub unread: AllUnread,
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

/// What the W3C suite says of a service.
#[derive(Debug)]
pub struct Suite {
    /// Every test, and what came of it.
    pub tests: Vec<Tested>,
    /// That the service called nobody, if it did not: every test fails of that.
    pub silence: Option<Silence>,
    /// What came to the probe and could not be read.
    pub unread: AllUnread,
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
            let is_linked = matches!(ruling.demand.what, What::Linked);
            let is_kept = ruling.demand.what.is_kept() && ruling.by == by || is_linked;
            is_kept && ruling.outcome == Outcome::Held
        })
    }

    /// Which formats go out, and which of two wins.
    pub fn facts(&self) -> Facts {
        Facts::of(&self.trials)
    }
}

/// The first answer that says something, if there is any.
pub(super) fn first_answer<'a>(seen: impl Iterator<Item = &'a Seen>) -> Option<&'a Answer> {
    let mut answers = seen.map(|seen| &seen.answer);
    answers.find(|answer| !matches!(answer, Answer::NotAsked))
}
