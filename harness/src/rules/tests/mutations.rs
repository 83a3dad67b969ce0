//! One thing goes wrong in a story, so that it can be seen.

use proptest::prelude::*;
use proptest::sample::Index;

use super::well_formed::{Grown, Role};
use crate::span::SpanKind;
use crate::testing::{Id, Teller, Told};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mutation {
    Drop,
    Reparent,
    CutLink,
    TurnLink,
    DoubleId,
    SecondRoot,
}

pub(super) fn mutations() -> impl Strategy<Value = Mutation> {
    use Mutation::{CutLink, DoubleId, Drop, Reparent, SecondRoot, TurnLink};
    prop::sample::select(vec![
        Drop, Reparent, CutLink, TurnLink, DoubleId, SecondRoot,
    ])
}

/// Makes it go wrong somewhere; none where the story has no place for it.
pub(super) fn mutate(
    grown: &Grown,
    mutation: Mutation,
    which: Index,
    where_to: Index,
) -> Option<Told> {
    let mut told = grown.told.clone();
    let spans = 0..told.spans.len();
    let pick = |from: Vec<usize>, index: Index| (!from.is_empty()).then(|| *index.get(&from));
    match mutation {
        Mutation::Drop => {
            let at = pick(spans.filter(|&at| is_missed(grown, at)).collect(), which)?;
            told.spans.remove(at);
        }
        Mutation::Reparent => {
            let moves: Vec<_> = spans
                .flat_map(|at| wrong_parents(grown, at).into_iter().map(move |to| (at, to)))
                .collect();
            let &(at, to) = (!moves.is_empty()).then(|| which.get(&moves))?;
            told.spans[at].parent = Some(told.spans[to].id.1);
        }
        Mutation::CutLink | Mutation::TurnLink => {
            let at = pick(spans.filter(|&at| needs_link(grown, at)).collect(), which)?;
            let old = told.spans[at].links[0];
            let elsewhere = told.spans.iter().map(|span| span.id);
            let elsewhere = elsewhere.chain([Id('f', 99)]).filter(|id| *id != old);
            let elsewhere: Vec<_> = elsewhere.collect();
            let links = &mut told.spans[at].links;
            links.remove(0);
            if mutation == Mutation::TurnLink {
                links.insert(0, *where_to.get(&elsewhere));
            }
        }
        Mutation::DoubleId => {
            let mut double = which.get(&told.spans).clone();
            double.name.push_str(" again");
            told.spans.push(double);
        }
        Mutation::SecondRoot => {
            let Id(trace, _) = which.get(&told.spans).id;
            let root = Teller::new(Id(trace, 99), "s0", SpanKind::Internal);
            told.spans.push(root);
        }
    }
    Some(told)
}

/// Nobody can know of a leaf of the work; every other span is missed when it is gone.
fn is_missed(grown: &Grown, at: usize) -> bool {
    let span = &grown.told.spans[at];
    let mut others = grown.told.spans.iter();
    let is_leaf = !others.any(|other| other.id.0 == span.id.0 && other.parent == Some(span.id.1));
    !(is_leaf && matches!(grown.roles[at], Role::Work(_) | Role::Ambient(_)))
}

/// The parents in the same trace that a span must not have. What may hang elsewhere unseen is
/// left out: work below its own consequence, or tied to the creation context of its message.
fn wrong_parents(grown: &Grown, at: usize) -> Vec<usize> {
    let spans = &grown.told.spans;
    let span = &spans[at];
    let others = (0..spans.len()).filter(|&to| {
        to != at && spans[to].id.0 == span.id.0 && span.parent != Some(spans[to].id.1)
    });
    let of_hop = |to: usize, hop: usize| {
        let mut above = std::iter::successors(Some(to), |&to| {
            let parent = Id(spans[to].id.0, spans[to].parent?);
            spans.iter().position(|span| span.id == parent)
        });
        above.any(|to| grown.roles[to] == Role::Consequence(hop))
    };
    let work_of = |hop: usize, to: usize| {
        let is_creation =
            grown.told.rows[hop].over == "memory" && grown.roles[to] == Role::Cause(hop);
        !of_hop(to, hop) && !is_creation
    };
    match grown.roles[at] {
        Role::Consequence(hop) if needs_parent(grown, hop) => others.collect(),
        Role::Work(hop) => others.filter(|&to| work_of(hop, to)).collect(),
        Role::Cause(hop) if !grown.hops[hop].twice => {
            let from = &span.service;
            match grown.told.rows.iter().position(|row| row.to == *from) {
                Some(before) => others.filter(|&to| work_of(before, to)).collect(),
                None => others.collect(),
            }
        }
        _ => Vec::new(),
    }
}

fn needs_link(grown: &Grown, at: usize) -> bool {
    match grown.roles[at] {
        Role::Consequence(hop) => grown.hops[hop].as_link && !has_a_tie_to_spare(grown, hop),
        _ => false,
    }
}

fn needs_parent(grown: &Grown, hop: usize) -> bool {
    grown.hops[hop].as_child && !has_a_tie_to_spare(grown, hop)
}

/// Either of two ties would be enough.
fn has_a_tie_to_spare(grown: &Grown, hop: usize) -> bool {
    let relation = grown.told.rows[hop].relation.as_deref();
    let hop = &grown.hops[hop];
    relation == Some("either") && hop.as_child && hop.as_link
}
