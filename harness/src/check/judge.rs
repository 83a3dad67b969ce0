//! What is demanded, against what came. Bytes are read with our own parsers, never an SDK's.
//!
//! A service that begins a new trace with everything does nothing wrong where a new trace is due,
//! and shows nothing by it: what it would do with a context that it reads is *not shown*.

mod agree;
pub(super) mod beside;
pub(super) mod reading;
mod spans;

use unbroken_adapters::{Format, Relation};

use super::case::{Beside, Case, Demand, Ids, Sends, What, render};
use super::cases::{KEEPS, KEEPS_BAGGAGE, KEEPS_STATE, KEEPS_TRACE};
use super::drive::Seen;
use super::due::{begins_anew, due};
use super::exchange::{Answer, Exchange, Header};
use super::probe::AllUnread;
use super::scope::by_convention;
use super::spans::Spans;
use crate::rules::Level;
use beside::{Kept, carrier};
use reading::{Reading, continues, first_calls, readings};

/// A case that was tried.
#[derive(Debug)]
pub struct Trial {
    /// Which.
    pub case: &'static Case,
    /// The ids that it sent.
    pub ids: Ids,
    /// What was sent and what came of it, if it sends anything of its own.
    pub tried: Option<(Exchange, Seen)>,
}

/// What is to be said of a demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is so.
    Held,
    /// It is not.
    Finding {
        /// What was expected.
        expected: String,
        /// What was seen.
        actual: String,
    },
    /// It cannot be said. Never a pass.
    NotShown(String),
}

impl Outcome {
    /// What is kept nowhere, where nothing stands in the way either, is not lost here.
    fn lost_if(self, is_kept: bool, what: &str) -> Self {
        match self {
            Self::Finding { .. } if !is_kept => Self::NotShown(format!(
                "{what} is not kept either where nothing stands in the way"
            )),
            outcome => outcome,
        }
    }

    /// What is kept nowhere, where it is valid either, shows nothing by not being kept here.
    fn shown_if(self, is_kept: bool, what: &str) -> Self {
        match self {
            Self::Held if !is_kept => Self::NotShown(format!(
                "{what} is not kept either where it is valid: that it is not here shows nothing"
            )),
            outcome => outcome,
        }
    }
}

/// By what a demand is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judgement {
    /// By what the service sent on.
    Wire,
    /// By what its spans say.
    Spans,
    /// By whether the two agree.
    Agree,
}

impl Judgement {
    /// All of them, in their order.
    pub const ALL: [Self; 3] = [Self::Wire, Self::Spans, Self::Agree];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wire => "wire",
            Self::Spans => "spans",
            Self::Agree => "agree",
        }
    }
}

/// A demand with what is to be said of it.
#[derive(Clone, Debug)]
pub struct Ruling {
    /// By what it was judged. Those of a case stand in this order.
    pub by: Judgement,
    /// What was demanded.
    pub demand: Demand,
    /// What came of it.
    pub outcome: Outcome,
}

impl Ruling {
    /// Whether it makes a check red in which findings of this level do: a must that is not shown
    /// does always.
    pub fn counts(&self, fail_on: Level) -> bool {
        match &self.outcome {
            Outcome::Held => false,
            Outcome::Finding { .. } => self.demand.level >= fail_on,
            Outcome::NotShown(_) => self.demand.level == Level::Must,
        }
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// The level of the specification.
    pub spec: u8,
    /// The strictness of the suite's setting.
    pub strict: u8,
    /// Whether nothing specifies what is demanded over one of the boundaries.
    pub by_convention: bool,
    /// How the service is to be tied to what it is sent.
    pub relation: Relation,
}

/// What a judgement comes to.
#[derive(Debug)]
pub struct Judged {
    /// What was ruled on each trial, in their order.
    pub rulings: Vec<Vec<Ruling>>,
    /// By which relation: of `either`, the one that the service keeps to.
    pub relation: Relation,
}

impl Judged {
    /// Where nothing was seen of what the service sends on.
    pub fn of_nothing(trials: &[Trial], terms: &Terms) -> Self {
        Self {
            rulings: trials.iter().map(|_| Vec::new()).collect(),
            relation: terms.relation,
        }
    }
}

impl Terms {
    /// What is due of a case under a relation.
    pub fn due(&self, case: &Case, relation: Relation) -> impl Iterator<Item = Demand> {
        let demands = case.demands(self.spec, self.strict);
        let demands = demands.flat_map(move |demand| due(*demand, relation));
        demands.map(|demand| match self.by_convention {
            true => by_convention(demand),
            false => demand,
        })
    }
}

/// Rules on every demand of every trial, in their order. What came and could not be read may have
/// been what is missing.
pub fn judge(trials: &[Trial], terms: &Terms, unread: &AllUnread) -> Judged {
    let court = Court::of(trials, terms.relation, unread);
    let relation = court.relation;
    let rule = |trial: &Trial| {
        let demands = terms.due(trial.case, relation);
        let demands = demands.filter(|demand| Court::decides(trial, demand));
        let ruling = |demand| Ruling {
            by: Judgement::Wire,
            demand,
            outcome: court.rule(trial, &demand),
        };
        demands.map(ruling).collect()
    };
    Judged {
        rulings: trials.iter().map(rule).collect(),
        relation,
    }
}

/// Adds to the rulings on each trial what its spans say, and whether they agree with the wire.
pub fn hear(spans: &Spans, trials: &[Trial], terms: &Terms, judged: &mut Judged) {
    let witnesses = spans::Witnesses::of(spans, judged.relation, trials);
    for (place, rulings) in judged.rulings.iter_mut().enumerate() {
        // Spans alone show a link.
        rulings.retain(|ruling| !matches!(ruling.demand.what, What::Linked));
        rulings.extend(witnesses.rule(place, *terms));
        rulings.extend(agree::rule(&witnesses, place, *terms));
    }
}

/// What is known of the service as a whole.
struct Court<'a> {
    trials: &'a [Trial],
    unread: &'a AllUnread,
    /// Whether it called at all.
    calls: bool,
    keeps_trace: bool,
    keeps_state: bool,
    kept: Kept,
    /// How it is tied to what it is sent.
    relation: Relation,
}

impl<'a> Court<'a> {
    fn of(trials: &'a [Trial], relation: Relation, unread: &'a AllUnread) -> Self {
        let mut court = Self {
            trials,
            unread,
            calls: trials.iter().any(|trial| readings(trial).next().is_some()),
            keeps_trace: true,
            keeps_state: true,
            kept: Kept::default(),
            relation,
        };
        court.keeps_trace = court.holds(KEEPS_TRACE, What::Keep);
        court.keeps_state = court.holds(KEEPS_STATE, What::Inherited);
        court.kept.baggage = court.holds(KEEPS_BAGGAGE, What::Beside(Beside::Members));
        let keeps = |(format, id): (Format, &str)| {
            let holds = court.holds(id, What::Beside(Beside::Joins(format)));
            holds.then_some(format)
        };
        let kept: Vec<_> = KEEPS.into_iter().filter_map(keeps).collect();
        court.kept.formats = kept;
        if court.keeps_trace {
            court.kept.formats.push(Format::TraceContext);
        }
        if relation == Relation::Either {
            let begins_anew = !court.keeps_trace && court.holds(KEEPS_TRACE, What::Valid);
            court.relation = match begins_anew {
                true => Relation::Link,
                false => Relation::Child,
            };
        }
        court
    }

    fn holds(&self, id: &str, what: What) -> bool {
        let trial = self.trials.iter().find(|trial| trial.case.id == id);
        let of = |demand: &&Demand| same(demand.what, what);
        trial.is_some_and(|trial| {
            let demand = trial.case.demands.iter().find(of);
            demand.is_some_and(|demand| self.rule(trial, demand) == Outcome::Held)
        })
    }

    /// Whether there is anything to decide: what is not kept has no order. That it is not kept is
    /// said elsewhere.
    fn decides(trial: &Trial, demand: &Demand) -> bool {
        let Some((exchange, _)) = &trial.tried else {
            return true;
        };
        let sent = Reading::of(&exchange.headers);
        let is_kept = |reading: Reading<'_>| reading.keeps_order(&sent).is_some();
        !matches!(demand.what, What::InOrder) || readings(trial).any(is_kept)
    }

    fn rule(&self, trial: &Trial, demand: &Demand) -> Outcome {
        let Some((exchange, seen)) = &trial.tried else {
            return self.rule_on_all(demand.what);
        };
        if seen.calls.iter().any(Vec::is_empty) {
            return self.rule_on_silence(trial, &seen.answer);
        }
        let readings: Vec<_> = readings(trial).collect();
        let sent = Reading::of(&exchange.headers);
        match demand.what {
            What::ParentsDiffer | What::OneTrace => rule_on_several(demand.what, &readings),
            What::Beside(what) => {
                let sent = carrier(&exchange.headers);
                let calls = first_calls(trial).map(|call| carrier(&call.headers));
                let each = calls.map(|got| beside::rule(what, trial, &self.kept, &sent, &got));
                each.reduce(worse).unwrap_or(Outcome::Held)
            }
            // What there is one call of, or what must be so in each.
            what => {
                let each = readings
                    .iter()
                    .map(|reading| self.rule_on(what, trial, &sent, reading));
                each.reduce(worse).unwrap_or(Outcome::Held)
            }
        }
    }

    /// Of a service that calls elsewhere, silence is what this request did to it.
    fn rule_on_silence(&self, trial: &Trial, answer: &Answer) -> Outcome {
        match answer {
            _ if matches!(trial.case.sends, Sends::Illegal(_)) && answer.is_refusal() => {
                Outcome::Held
            }
            Answer::Unreachable(why) => Outcome::NotShown(format!("no connection: {why}")),
            Answer::Unsent(why) => Outcome::NotShown(format!("it could not be sent: {why}")),
            Answer::NotAsked => {
                Outcome::NotShown("not asked: the service no longer answered".to_owned())
            }
            _ if !self.calls => Outcome::NotShown(match self.unread.is_empty() {
                true => "the service called nobody, whatever it was sent".to_owned(),
                false => "no call that came could be read, whatever was sent".to_owned(),
            }),
            answer => Outcome::Finding {
                expected: "the call that was asked for".to_owned(),
                actual: format!("{}; the service {}", self.no_call(), answered(answer)),
            },
        }
    }

    fn no_call(&self) -> String {
        match self.unread.is_empty() {
            true => "no call".to_owned(),
            false => format!("no call that could be read ({} came)", self.unread),
        }
    }

    fn rule_on_all(&self, what: What) -> Outcome {
        let calls = self.trials.iter().flat_map(|trial| {
            let sent = trial.tried.iter().map(|(exchange, _)| &*exchange.headers);
            let sent = sent.flatten().cloned().collect::<Vec<_>>();
            first_calls(trial).map(move |call| (trial.case.id, sent.clone(), &*call.headers))
        });
        let (mut asked, mut found) = (0_usize, Vec::new());
        for (id, sent, headers) in calls {
            let Some(said) = wrong_with(what, &sent, headers) else {
                continue;
            };
            asked += 1;
            found.extend(said.err().map(|wrong| (id, wrong)));
        }
        let Some((id, first)) = found.first() else {
            return match asked {
                0 => Outcome::NotShown("no call said anything of it".to_owned()),
                _ => Outcome::Held,
            };
        };
        Outcome::Finding {
            expected: what.in_words().to_owned(),
            actual: format!(
                "{first} in {id}, and the like in {} of {asked} calls",
                found.len()
            ),
        }
    }

    fn rule_on(&self, what: What, trial: &Trial, sent: &Reading<'_>, got: &Reading<'_>) -> Outcome {
        let finding = || Outcome::Finding {
            expected: what.in_words().to_owned(),
            actual: got.in_words(what),
        };
        let held_if = |holds: bool| if holds { Outcome::Held } else { finding() };
        let if_kept = |holds: &dyn Fn(u8) -> bool| match got.context() {
            Ok(context) if trial.ids.trace == context.trace_id.to_string() => {
                held_if(holds(context.flags))
            }
            _ => Outcome::NotShown("the trace was not kept".to_owned()),
        };
        let keeps = || {
            got.context()
                .is_ok_and(|context| context.trace_id.to_string() == trial.ids.trace)
        };
        let is_new = || {
            let continued = got.parents.iter().any(|value| continues(value, &trial.ids));
            got.context().is_ok() && !continued
        };
        match what {
            What::Valid => held_if(got.context().is_ok()),
            What::Keep => held_if(keeps()),
            What::KeepAsEver => held_if(keeps()).lost_if(self.keeps_trace, "a traceparent"),
            What::New if begins_anew(self.relation) => held_if(is_new()),
            What::New => held_if(is_new()).shown_if(self.keeps_trace, "a traceparent"),
            What::Anew => held_if(is_new()),
            What::Linked => Outcome::NotShown("no wire shows a link: spans alone do".to_owned()),
            What::NotContinued => {
                let continued = got.parents.iter().any(|value| continues(value, &trial.ids));
                held_if(!continued).shown_if(self.keeps_trace, "a traceparent")
            }
            What::OwnParent => match got.context() {
                Ok(context) => held_if(context.parent_id.to_string() != trial.ids.parent),
                Err(_) => Outcome::NotShown("no valid traceparent came".to_owned()),
            },
            What::Sampled(sampled) => if_kept(&|flags| (flags & 1 == 1) == sampled),
            What::Random(random) => if_kept(&|flags| (flags & 2 == 2) == random),
            What::KnownFlags => match got.context() {
                Ok(context) => held_if(context.flags & !3 == 0),
                Err(_) => Outcome::NotShown("no valid traceparent came".to_owned()),
            },
            What::Inherited => if_kept(&|_| got.inherits(sent)),
            What::InheritedAsEver => {
                held_if(got.inherits(sent)).lost_if(self.keeps_state, "a tracestate")
            }
            What::InOrder => match got.keeps_order(sent) {
                Some(ordered) => held_if(ordered),
                None => Outcome::NotShown("none of it goes on".to_owned()),
            },
            What::OneOf(members) => {
                let any = members.iter().any(|member| got.has(member.as_bytes()));
                held_if(any).lost_if(self.keeps_state, "a tracestate")
            }
            What::Without(members) => {
                let passed_on = members
                    .iter()
                    .any(|member| got.has(&render(member, &trial.ids)));
                held_if(!passed_on).shown_if(self.keeps_state, "a tracestate")
            }
            What::AtMost(most) => {
                held_if(got.members().count() <= most).shown_if(self.keeps_state, "a tracestate")
            }
            What::ParentsDiffer
            | What::OneTrace
            | What::AlwaysValid
            | What::LowerCase
            | What::NeverEmpty
            | What::Exported
            | What::OneStory
            | What::Beside(_) => Outcome::Held,
        }
    }
}

/// What is wrong with a call, whatever came in; nothing, if it says nothing of it.
fn wrong_with(what: What, sent: &[Header], headers: &[Header]) -> Option<Result<(), String>> {
    let reading = Reading::of(headers);
    let says_something = !reading.parents.is_empty();
    let wrong = match what {
        What::Beside(what) => return beside::wrong_with(what, &carrier(sent), &carrier(headers)),
        What::NeverEmpty => {
            let is_empty = reading.has_empty_state();
            return Some(match is_empty {
                true => Err("an empty tracestate".to_owned()),
                false => Ok(()),
            });
        }
        What::LowerCase => reading.odd_name.map(str::to_owned),
        _ => reading
            .context()
            .is_err()
            .then(|| reading.parents_in_words()),
    };
    says_something.then(|| wrong.map_or(Ok(()), Err))
}

fn rule_on_several(what: What, readings: &[Reading<'_>]) -> Outcome {
    let contexts = readings.iter().map(Reading::context);
    let Ok(contexts) = contexts.collect::<Result<Vec<_>, _>>() else {
        return Outcome::NotShown("not every call has a valid traceparent".to_owned());
    };
    let holds = contexts.iter().enumerate().all(|(place, context)| {
        let mut before = contexts[..place].iter();
        match what {
            What::OneTrace => before.all(|other| other.trace_id == context.trace_id),
            _ => before.all(|other| other.parent_id != context.parent_id),
        }
    });
    if holds {
        return Outcome::Held;
    }
    let contexts: Vec<_> = contexts.iter().map(ToString::to_string).collect();
    Outcome::Finding {
        expected: what.in_words().to_owned(),
        actual: contexts.join(", "),
    }
}

fn worse(one: Outcome, other: Outcome) -> Outcome {
    match (&one, &other) {
        (Outcome::Finding { .. }, _) | (_, Outcome::Held) => one,
        _ => other,
    }
}

fn same(one: What, other: What) -> bool {
    match (one, other) {
        (What::Beside(one), What::Beside(other)) => one == other,
        _ => std::mem::discriminant(&one) == std::mem::discriminant(&other),
    }
}

/// How the service answered, as the end of a sentence.
pub fn answered(answer: &Answer) -> String {
    match answer {
        Answer::Status { code, body } if body.is_empty() => format!("answered {code}"),
        Answer::Status { code, body } => format!("answered {code}: {body}"),
        Answer::Taken => "was handed it".to_owned(),
        Answer::Refused(why) => format!("did not take it: {why}"),
        Answer::Unsent(why) => format!("was not sent it: {why}"),
        Answer::NoHttp(text) => format!("answered what is no HTTP: {text:?}"),
        Answer::Closed => "closed the connection without an answer".to_owned(),
        Answer::Unreachable(why) => format!("could not be reached: {why}"),
        Answer::Silence => "did not answer within the deadline".to_owned(),
        Answer::NotAsked => "was not asked".to_owned(),
    }
}
