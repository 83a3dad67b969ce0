//! Stories in which nothing is wrong, of any shape.

use proptest::prelude::*;

use crate::evidence::token;
use crate::route::Row;
use crate::span::SpanKind;
use crate::testing::{Id, RUN, Teller, Told};

/// The shape of one hop; the numbers choose among what there is.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is drawn by itself, and none excludes another"
)]
pub(super) struct Shape {
    after: prop::sample::Index,
    over: &'static str,
    relation: &'static str,
    /// How an `either` is kept: as a child, by a link, or both.
    either: &'static str,
    ambient: bool,
    work: usize,
    tapped: bool,
    twice: bool,
    batch: bool,
}

/// What the spans of a hop are to be, for those who change them.
#[derive(Clone, Debug, Default)]
pub(super) struct Grown {
    pub(super) told: Told,
    /// For each span, what it is.
    pub(super) roles: Vec<Role>,
    pub(super) hops: Vec<GrownHop>,
}

/// What was made of a shape.
#[derive(Clone, Debug)]
pub(super) struct GrownHop {
    /// Whether the consequences have their causes as parents.
    pub(super) as_child: bool,
    /// Whether they link to them.
    pub(super) as_link: bool,
    pub(super) twice: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Entry,
    Cause(usize),
    Ambient(usize),
    Consequence(usize),
    Work(usize),
}

pub(super) fn stories() -> impl Strategy<Value = Grown> {
    prop::collection::vec(shape(), 1..9).prop_map(|shapes| grow(&shapes))
}

fn shape() -> impl Strategy<Value = Shape> {
    let words = (
        prop::sample::select(vec!["HTTP", "memory"]),
        prop::sample::select(vec![
            "child",
            "follows-from",
            "child+link",
            "either",
            "root",
        ]),
        prop::sample::select(vec!["child", "follows-from", "child+link"]),
    );
    let rest = (any::<(bool, bool, bool, bool)>(), 0..3_usize);
    (any::<prop::sample::Index>(), words, rest).prop_map(|(after, words, (flags, work))| Shape {
        after,
        over: words.0,
        relation: words.1,
        either: words.2,
        ambient: flags.0,
        work,
        tapped: flags.1,
        twice: flags.2,
        batch: flags.3,
    })
}

fn grow(shapes: &[Shape]) -> Grown {
    let mut grown = Grown::default();
    let entry = grown.add(Role::Entry, None, 'a', "s0", SpanKind::Internal);
    // The span that each service makes its calls under, the entry first.
    let mut handlers = vec![entry];
    let befores: Vec<_> = shapes
        .iter()
        .enumerate()
        .map(|(hop, shape)| shape.after.index(hop + 1))
        .collect();
    for (hop, (shape, &before)) in shapes.iter().zip(&befores).enumerate() {
        let sends_on = befores.contains(&(hop + 1));
        let handler = grown.hop(hop, shape, (before, handlers[before]), sends_on);
        handlers.push(handler);
    }
    grown
}

impl Grown {
    /// Adds one hop from the service `before`, and yields the span that its receiver calls under.
    fn hop(
        &mut self,
        hop: usize,
        shape: &Shape,
        (before, handler): (usize, Id),
        sends_on: bool,
    ) -> Id {
        let (from, to) = (format!("s{before}"), format!("s{}", hop + 1));
        let messaging = shape.over == "memory";
        let realized = match shape.relation {
            "either" => shape.either,
            declared => declared,
        };
        let as_child = realized.starts_with("child");
        let as_link = realized.ends_with("link") || realized == "follows-from";
        let twice = shape.twice && !sends_on && shape.relation != "root";
        let (send, receive) = if messaging {
            (SpanKind::Producer, SpanKind::Consumer)
        } else {
            (SpanKind::Client, SpanKind::Server)
        };
        let causes: Vec<_> = (0..=usize::from(twice))
            .map(|_| self.add(Role::Cause(hop), Some(handler.1), handler.0, &from, send))
            .collect();
        let batch = twice && shape.batch && messaging && !as_child;
        let deliveries: Vec<&[Id]> = if batch {
            vec![&causes]
        } else {
            causes.chunks(1).collect()
        };
        let mut last = handler;
        for delivery in deliveries {
            let (trace, parent) = if as_child {
                (delivery[0].0, Some(delivery[0].1))
            } else {
                let trace = self.new_trace();
                let ambient = shape.ambient && shape.relation != "root" && messaging;
                let ambient = ambient.then(|| {
                    let poll = SpanKind::Client;
                    let id = self.add(Role::Ambient(hop), None, trace, &to, poll);
                    self.last().receives = true;
                    self.last().hops.clear();
                    id.1
                });
                (trace, ambient)
            };
            last = self.add(Role::Consequence(hop), parent, trace, &to, receive);
            if as_link {
                self.last().links = delivery.to_vec();
            }
            for _ in 0..shape.work {
                last = self.add(
                    Role::Work(hop),
                    Some(last.1),
                    trace,
                    &to,
                    SpanKind::Internal,
                );
            }
        }
        let seen: Vec<_> = causes.iter().map(Id::to_string).collect();
        let tapped = shape.tapped || twice;
        self.told.wires.push(tapped.then(|| [seen.clone(), seen]));
        self.told.rows.push(Row {
            line: hop + 1,
            from,
            over: shape.over.to_owned(),
            to,
            relation: Some(shape.relation.to_owned()),
            how: None,
        });
        self.hops.push(GrownHop {
            as_child,
            as_link,
            twice,
        });
        last
    }

    fn add(
        &mut self,
        role: Role,
        parent: Option<u64>,
        trace: char,
        service: &str,
        kind: SpanKind,
    ) -> Id {
        let id = Id(trace, self.told.spans.len() as u64 + 1);
        let mut span = Teller::new(id, service, kind);
        span.parent = parent;
        if let Role::Cause(hop) | Role::Consequence(hop) = role {
            span.hops.push(token(RUN, hop));
        }
        self.told.spans.push(span);
        self.roles.push(role);
        id
    }

    fn last(&mut self) -> &mut Teller {
        self.told.spans.last_mut().expect("a span was added")
    }

    fn new_trace(&self) -> char {
        let traces = ('a'..='f').chain('A'..='Z').chain('α'..='ω');
        let taken = |trace: &char| self.told.spans.iter().any(|span| span.id.0 == *trace);
        let mut free = traces.filter(|trace| !taken(trace));
        free.next().expect("letters enough")
    }
}
