//! What is demanded, against what the service's spans say.
//!
//! The W3C says nothing of spans that are exported. That the parent of a span is what stood in the
//! traceparent follows from it; what a span says of flags and of the tracestate is a convention.

use unbroken_adapters::w3c::TRACESTATE;
use unbroken_adapters::{Format, Relation};

use super::reading::{Reading, continues, sent};
use super::{Judgement, Outcome, Ruling, Terms, Trial, worse};
use crate::check::case::{Beside, Demand, What, render};
use crate::check::cases::{KEEPS, KEEPS_STATE, KEEPS_TRACE};
use crate::check::exchange::Header;
use crate::check::scope::by_convention;
use crate::check::spans::{Account, Consequence, Spans, named};
use crate::rules::{Authority, Level};
use crate::span::Link;
use crate::story::{Ids, ties};

/// The spans of the service, and what is known of them as a whole.
pub(super) struct Witnesses<'a> {
    pub(super) spans: &'a Spans,
    pub(super) relation: Relation,
    pub(super) trials: &'a [Trial],
    keeps_trace: bool,
    keeps_state: bool,
    /// The formats beside W3C's in which a context is kept.
    keeps: Vec<Format>,
}

impl<'a> Witnesses<'a> {
    pub(super) fn of(spans: &'a Spans, relation: Relation, trials: &'a [Trial]) -> Self {
        let mut witnesses = Self {
            spans,
            relation,
            trials,
            keeps_trace: true,
            keeps_state: true,
            keeps: Vec::new(),
        };
        witnesses.keeps_trace = witnesses.holds(KEEPS_TRACE, What::Keep);
        witnesses.keeps_state = witnesses.holds(KEEPS_STATE, What::Inherited);
        let keeps = |(format, id)| {
            let joins = What::Beside(Beside::Joins(format));
            witnesses.holds(id, joins).then_some(format)
        };
        witnesses.keeps = KEEPS.into_iter().filter_map(keeps).collect();
        witnesses
    }

    /// Rules on what spans can say of a trial. Of what is not sampled they say nothing.
    pub(super) fn rule(&self, place: usize, terms: Terms) -> Vec<Ruling> {
        let (trial, account) = (&self.trials[place], &self.spans.accounts[place]);
        if !account.is_expected {
            return Vec::new();
        }
        let demands = terms.due(trial.case, self.relation).filter_map(demanded);
        let rulings = demands.map(|demand| Ruling {
            by: Judgement::Spans,
            demand,
            outcome: self.rule_on(demand.what, trial, account),
        });
        // What is not kept has no order. That it is not kept is said elsewhere.
        let decides = |ruling: &Ruling| {
            !matches!(
                (ruling.demand.what, &ruling.outcome),
                (What::InOrder, Outcome::NotShown(_))
            )
        };
        rulings.filter(decides).collect()
    }

    fn holds(&self, id: &str, what: What) -> bool {
        let mut trials = self.trials.iter().zip(&self.spans.accounts);
        let found = trials.find(|(trial, _)| trial.case.id == id);
        found.is_some_and(|(trial, account)| self.rule_on(what, trial, account) == Outcome::Held)
    }

    fn rule_on(&self, what: What, trial: &Trial, account: &Account) -> Outcome {
        let made = account.consequences.iter();
        let each = made.filter_map(|made| {
            let tie = Tie::of(made, trial)?;
            Some(self.rule_on_one(what, trial, &tie))
        });
        each.reduce(worse).unwrap_or_else(|| self.spans.silence())
    }

    fn rule_on_one(&self, what: What, trial: &Trial, tie: &Tie<'_>) -> Outcome {
        let held_if = |holds: bool| match holds {
            true => Outcome::Held,
            false => Outcome::Finding {
                expected: self.expected(what, tie.sent),
                actual: tie.in_words(what),
            },
        };
        let keeps = tie.keeps(self.relation);
        let by_flags = |holds: &dyn Fn(u8) -> bool| match tie.flags() {
            Some(flags) => held_if(holds(flags)),
            None => Outcome::NotShown("its spans name no flags".to_owned()),
        };
        let if_kept = |outcome: &dyn Fn() -> Outcome| match keeps {
            true => outcome(),
            false => Outcome::NotShown("by its spans the trace was not kept".to_owned()),
        };
        // A span says in no format what it is tied to.
        let (like, keeps_trace) = match what {
            What::Beside(Beside::Joins(_)) => (What::Keep, true),
            What::Beside(Beside::JoinsAsEver(format)) => {
                (What::KeepAsEver, self.keeps.contains(&format))
            }
            What::Beside(Beside::Begins(format)) => (What::New, self.keeps.contains(&format)),
            what => (what, self.keeps_trace),
        };
        let trace = "by its spans a trace";
        match like {
            What::Keep | What::Linked => held_if(keeps),
            What::KeepAsEver => held_if(keeps).lost_if(keeps_trace, trace),
            What::New => {
                held_if(!tie.continues(trial) && tie.begins_a_trace()).shown_if(keeps_trace, trace)
            }
            What::NotContinued => held_if(!tie.continues(trial)).shown_if(keeps_trace, trace),
            What::Sampled(sampled) => if_kept(&|| by_flags(&|flags| (flags & 1 == 1) == sampled)),
            What::Random(random) => if_kept(&|| by_flags(&|flags| (flags & 2 == 2) == random)),
            // A link names what was sent as it was: its flags are not the service's.
            What::KnownFlags if tie.links_alone() => Outcome::Held,
            What::KnownFlags => by_flags(&|flags| flags & !3 == 0),
            what => {
                let outcome = || self.rule_on_state(what, trial, tie, &held_if);
                match what {
                    What::Inherited => if_kept(&outcome),
                    _ => outcome(),
                }
            }
        }
    }

    /// What a span says of the tracestate. An exporter that leaves it out says nothing.
    fn rule_on_state(
        &self,
        what: What,
        trial: &Trial,
        tie: &Tie<'_>,
        held_if: &dyn Fn(bool) -> Outcome,
    ) -> Outcome {
        let nothing = || Outcome::NotShown("its spans name no tracestate".to_owned());
        let Some((exchange, _)) = &trial.tried else {
            return nothing();
        };
        let sent = Reading::of(&exchange.headers);
        let said = tie.state();
        let said = Reading::of(&said);
        let state = "by its spans a tracestate";
        match what {
            // Who says it elsewhere would say it here.
            What::Inherited if said.members().next().is_none() && !self.keeps_state => nothing(),
            What::Inherited => held_if(said.inherits(&sent)),
            What::InheritedAsEver => held_if(said.inherits(&sent)).lost_if(self.keeps_state, state),
            What::InOrder => said.keeps_order(&sent).map_or_else(nothing, held_if),
            What::OneOf(members) => {
                let any = members.iter().any(|member| said.has(member.as_bytes()));
                held_if(any).lost_if(self.keeps_state, state)
            }
            What::Without(members) => {
                let passed_on = members
                    .iter()
                    .any(|member| said.has(&render(member, &trial.ids)));
                held_if(!passed_on).shown_if(self.keeps_state, state)
            }
            What::AtMost(most) => {
                let few = said.members().count() <= most;
                held_if(few).shown_if(self.keeps_state, state)
            }
            _ => nothing(),
        }
    }

    fn expected(&self, what: What, (trace, parent): Ids) -> String {
        let relation = match self.relation {
            Relation::Child => "a span whose parent is",
            Relation::Link => "a span in a trace of its own, with a link to",
            Relation::ChildAndLink => "a span whose parent is, and with a link to,",
            Relation::Either => "a span whose parent is, or with a link to,",
            Relation::Root => return "a root".to_owned(),
        };
        match what {
            What::Keep
            | What::Linked
            | What::KeepAsEver
            | What::Beside(Beside::Joins(_) | Beside::JoinsAsEver(_)) => {
                format!("{relation} the context that was sent, {trace}/{parent}")
            }
            What::New | What::Beside(_) => {
                "a root in a new trace, and no link to what was sent".to_owned()
            }
            What::NotContinued => "no parent and no link of what was sent".to_owned(),
            other => other.in_words().to_owned(),
        }
    }
}

/// What of a demand spans can show, never stricter than on the wire.
fn demanded(demand: Demand) -> Option<Demand> {
    let of_a_span = by_convention(Demand {
        level: demand.level.min(Level::Should),
        ..demand
    });
    match demand.what {
        What::Keep
        | What::Linked
        | What::KeepAsEver
        | What::New
        | What::NotContinued
        | What::Beside(Beside::Joins(_) | Beside::JoinsAsEver(_) | Beside::Begins(_)) => {
            Some(Demand {
                authority: match demand.authority {
                    Authority::Specification => Authority::Derived,
                    other => other,
                },
                ..demand
            })
        }
        What::Sampled(_)
        | What::Random(_)
        | What::KnownFlags
        | What::Inherited
        | What::InheritedAsEver
        | What::InOrder
        | What::OneOf(_)
        | What::Without(_)
        | What::AtMost(_) => Some(of_a_span),
        // What the wire shows alone, or what spans show by another demand.
        What::Valid
        | What::Anew
        | What::OwnParent
        | What::ParentsDiffer
        | What::OneTrace
        | What::AlwaysValid
        | What::LowerCase
        | What::NeverEmpty
        | What::Exported
        | What::OneStory
        | What::Beside(_) => None,
    }
}

/// How a span is tied to what was sent.
struct Tie<'a> {
    made: &'a Consequence,
    sent: Ids,
    link: Option<&'a Link>,
}

impl<'a> Tie<'a> {
    fn of(made: &'a Consequence, trial: &Trial) -> Option<Self> {
        let all = sent(trial);
        let tied = ties(&made.span).find(|tie| all.contains(tie));
        let sent = tied.or(all.first().copied())?;
        let mut links = made.span.links.iter();
        Some(Self {
            made,
            sent,
            link: links.find(|link| (link.trace_id, link.span_id) == sent),
        })
    }

    fn is_child(&self) -> bool {
        let span = &self.made.span;
        span.parent
            .is_some_and(|parent| (span.trace_id, parent) == self.sent)
    }

    /// As routes have it; a link alone is one out of another trace.
    fn keeps(&self, relation: Relation) -> bool {
        let span = &self.made.span;
        let holds = relation.holds(self.is_child(), self.link.is_some(), span.parent.is_some());
        holds && (relation != Relation::Link || span.trace_id != self.sent.0)
    }

    /// Whether anything of what was sent stands in it, be it cut or padded.
    fn continues(&self, trial: &Trial) -> bool {
        let Consequence { span, top } = self.made;
        [span, top].into_iter().any(|span| {
            let links = span.links.iter();
            let links =
                links.flat_map(|link| [link.trace_id.to_string(), link.span_id.to_string()]);
            let own = [
                Some(span.trace_id.to_string()),
                span.parent.map(|id| id.to_string()),
            ];
            let mut ids = own.into_iter().flatten().chain(links);
            ids.any(|id| continues(id.as_bytes(), &trial.ids))
        })
    }

    /// Whether it is a root, or one of the service's own stands above it.
    fn begins_a_trace(&self) -> bool {
        self.made.top.parent.is_none()
    }

    /// Whether a link is all there is.
    fn links_alone(&self) -> bool {
        self.link.is_some() && !self.is_child()
    }

    /// Of the trace, or of the link if that is all there is.
    fn flags(&self) -> Option<u8> {
        match self.link.filter(|_| self.links_alone()) {
            Some(link) => link.trace_flags,
            None => self.made.span.trace_flags,
        }
    }

    fn state(&self) -> Vec<Header> {
        let state = match self.link.filter(|_| self.links_alone()) {
            Some(link) => &link.trace_state,
            None => &self.made.span.trace_state,
        };
        vec![(TRACESTATE.to_owned(), state.as_bytes().to_vec())]
    }

    fn in_words(&self, what: What) -> String {
        let span = &self.made.span;
        let name = named(span);
        match what {
            What::Keep
            | What::Linked
            | What::KeepAsEver
            | What::New
            | What::NotContinued
            | What::Beside(_) => {
                format!("{name} is {}", self.made.place_in_words(self.sent))
            }
            What::Sampled(_) | What::Random(_) | What::KnownFlags => {
                format!(
                    "{name} has the flags {:02x}",
                    self.flags().unwrap_or_default()
                )
            }
            what => {
                let state = self.state();
                format!("{name} has {}", Reading::of(&state).in_words(what))
            }
        }
    }
}
