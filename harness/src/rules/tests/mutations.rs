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
    Orphan,
    CutLink,
    TurnLink,
    ReverseLink,
    RepeatLink,
    DoubleId,
    ExportTwice,
    SecondRoot,
    NewTrace,
    Leak,
}

pub(super) fn mutations() -> impl Strategy<Value = Mutation> {
    use Mutation::{
        CutLink, DoubleId, Drop, ExportTwice, Leak, NewTrace, Orphan, Reparent, RepeatLink,
        ReverseLink, SecondRoot, TurnLink,
    };
    prop::sample::select(vec![
        Drop,
        Reparent,
        Orphan,
        CutLink,
        TurnLink,
        ReverseLink,
        RepeatLink,
        DoubleId,
        ExportTwice,
        SecondRoot,
        NewTrace,
        Leak,
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
    let pick = |from: Vec<usize>| (!from.is_empty()).then(|| *which.get(&from));
    match mutation {
        Mutation::Drop => {
            let at = pick(spans.filter(|&at| is_missed(grown, at)).collect())?;
            told.spans.remove(at);
        }
        Mutation::Reparent => {
            let moves: Vec<_> = spans
                .flat_map(|at| wrong_parents(grown, at).into_iter().map(move |to| (at, to)))
                .collect();
            let &(at, to) = (!moves.is_empty()).then(|| which.get(&moves))?;
            told.spans[at].parent = Some(told.spans[to].id.1);
        }
        Mutation::Orphan => {
            let at = pick(spans.filter(|&at| belongs(grown, at)).collect())?;
            told.spans[at].parent = Some(8888);
        }
        Mutation::CutLink | Mutation::TurnLink | Mutation::ReverseLink | Mutation::RepeatLink => {
            let at = pick(spans.filter(|&at| needs_link(grown, at)).collect())?;
            let id = told.spans[at].id;
            let old = told.spans[at].links.remove(0);
            let elsewhere = told.spans.iter().map(|span| span.id);
            let elsewhere = elsewhere.chain([Id('f', 99)]).filter(|id| *id != old);
            let elsewhere: Vec<_> = elsewhere.collect();
            match mutation {
                Mutation::TurnLink => told.spans[at].links.insert(0, *where_to.get(&elsewhere)),
                Mutation::ReverseLink => {
                    let mut causes = told.spans.iter_mut();
                    causes.find(|span| span.id == old)?.links.push(id);
                }
                // A span that accounts for one message may say so twice: nothing is lost by it.
                Mutation::RepeatLink if !is_counted(grown, at) => return None,
                Mutation::RepeatLink => told.spans[at].links.extend([old, old]),
                _ => {}
            }
        }
        Mutation::DoubleId => {
            let mut double = which.get(&told.spans).clone();
            double.name.push_str(" again");
            told.spans.push(double);
        }
        Mutation::ExportTwice => {
            let double = which.get(&told.spans).clone();
            told.spans.push(double);
        }
        Mutation::SecondRoot => {
            let Id(trace, _) = which.get(&told.spans).id;
            let root = Teller::new(Id(trace, 99), "s0", SpanKind::Internal);
            told.spans.push(root);
        }
        Mutation::NewTrace => {
            let at = pick(spans.filter(|&at| must_stay(grown, at)).collect())?;
            for below in beneath(grown, at) {
                told.spans[below].id.0 = 'y';
            }
            told.spans[at].parent = None;
        }
        Mutation::Leak => {
            let moves: Vec<_> = spans
                .flat_map(|at| leaks(grown, at).into_iter().map(move |to| (at, to)))
                .collect();
            let &(at, to) = (!moves.is_empty()).then(|| which.get(&moves))?;
            let Id(trace, parent) = told.spans[to].id;
            for below in beneath(grown, at) {
                told.spans[below].id.0 = trace;
            }
            told.spans[at].parent = Some(parent);
        }
    }
    Some(told)
}

/// Whether the trace of a span is one of the story's.
fn belongs(grown: &Grown, at: usize) -> bool {
    !matches!(grown.roles[at], Role::Poll(_))
}

/// Nobody can know of a leaf of the work; every other span is missed when it is gone.
fn is_missed(grown: &Grown, at: usize) -> bool {
    let span = &grown.told.spans[at];
    let mut others = grown.told.spans.iter();
    let is_leaf = !others.any(|other| other.id.0 == span.id.0 && other.parent == Some(span.id.1));
    let is_needed = matches!(
        grown.roles[at],
        Role::Entry | Role::Cause(_) | Role::Consequence(_)
    );
    is_needed || !is_leaf
}

/// The parents in the same trace that a span must not have. What may hang elsewhere unseen is
/// left out: work below a consequence of its own service, or tied to the creation context of its
/// message; the consequence of a link, and what receives, under something ambient.
fn wrong_parents(grown: &Grown, at: usize) -> Vec<usize> {
    let spans = &grown.told.spans;
    let span = &spans[at];
    let others = (0..spans.len()).filter(|&to| {
        to != at && spans[to].id.0 == span.id.0 && span.parent != Some(spans[to].id.1)
    });
    let below = beneath(grown, at);
    match grown.roles[at] {
        Role::Consequence(hop) if needs_parent(grown, hop) => others.collect(),
        Role::Work(_) => others
            .filter(|&to| below.contains(&to) || !may_work_under(grown, &span.service, to))
            .collect(),
        Role::Cause(hop) => others
            .filter(|&to| {
                below.contains(&to)
                    || is_under_another_call(grown, hop, to)
                    || (span.service != "s0" && !may_work_under(grown, &span.service, to))
            })
            .collect(),
        Role::Entry | Role::Ambient(_) | Role::Consequence(_) => {
            others.filter(|to| below.contains(to)).collect()
        }
        Role::Settle(_) | Role::Poll(_) => Vec::new(),
    }
}

/// The spans of other services that the consequence of a link must not hang under. One that calls
/// on is left out: who is called would be lost with it.
fn leaks(grown: &Grown, at: usize) -> Vec<usize> {
    let Role::Consequence(hop) = grown.roles[at] else {
        return Vec::new();
    };
    let calls = |below: &usize| matches!(grown.roles[*below], Role::Cause(_));
    let is_link = grown.told.rows[hop].relation.as_deref() == Some("follows-from");
    if !is_link || beneath(grown, at).iter().any(calls) {
        return Vec::new();
    }
    let spans = &grown.told.spans;
    let others = 0..spans.len();
    others
        .filter(|&to| spans[to].service != spans[at].service)
        .collect()
}

/// Whether work of a service is where it belongs below this span.
fn may_work_under(grown: &Grown, service: &str, to: usize) -> bool {
    let rows = &grown.told.rows;
    let is_own = |at: usize| match grown.roles[at] {
        Role::Consequence(hop) => rows[hop].to == service,
        Role::Cause(hop) => at == to && rows[hop].to == service && rows[hop].over == "memory",
        _ => false,
    };
    above(grown, to).any(is_own)
}

/// Whether a span is below the call that another hop of the same handler makes.
fn is_under_another_call(grown: &Grown, hop: usize, to: usize) -> bool {
    let from = &grown.told.rows[hop].from;
    above(grown, to).any(|at| match grown.roles[at] {
        Role::Cause(other) => other != hop && grown.told.rows[other].from == *from,
        _ => false,
    })
}

/// What has to be in the trace that it is in: the child of a message, and what was done for it.
fn must_stay(grown: &Grown, at: usize) -> bool {
    let span = &grown.told.spans[at];
    span.links.is_empty()
        && match grown.roles[at] {
            Role::Consequence(hop) => needs_parent(grown, hop),
            Role::Work(_) | Role::Cause(_) => true,
            _ => false,
        }
}

/// A span and all above it.
fn above(grown: &Grown, at: usize) -> impl Iterator<Item = usize> {
    let spans = &grown.told.spans;
    std::iter::successors(Some(at), |&at| {
        let parent = Id(spans[at].id.0, spans[at].parent?);
        spans.iter().position(|span| span.id == parent)
    })
}

/// A span and all below it.
fn beneath(grown: &Grown, at: usize) -> Vec<usize> {
    let spans = 0..grown.told.spans.len();
    spans
        .filter(|&below| above(grown, below).any(|above| above == at))
        .collect()
}

fn needs_link(grown: &Grown, at: usize) -> bool {
    match grown.roles[at] {
        Role::Consequence(hop) => grown.hops[hop].as_link && !has_a_tie_to_spare(grown, hop),
        _ => false,
    }
}

/// Whether somebody counts how often the messages of its hop are accounted for.
fn is_counted(grown: &Grown, at: usize) -> bool {
    let mut roles = grown.roles.iter();
    match grown.roles[at] {
        Role::Consequence(hop) if grown.told.rows[hop].over == "memory" => {
            roles
                .by_ref()
                .filter(|role| **role == Role::Cause(hop))
                .count()
                > 1
        }
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
