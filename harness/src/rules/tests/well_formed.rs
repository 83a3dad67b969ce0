//! Stories in which nothing is wrong, of any shape.

use proptest::prelude::*;
use proptest::sample::Index;

use crate::evidence::token;
use crate::route::Row;
use crate::span::SpanKind;
use crate::testing::{ANOTHER_RUN, Id, RUN, Teller, Told};

/// The shape of one hop; the numbers choose among what there is.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is drawn by itself, and none excludes another"
)]
pub(super) struct Shape {
    after: Index,
    /// An earlier hop, to whose receiver this one leads as well, if neither sends on.
    also_to: Option<Index>,
    over: &'static str,
    relation: &'static str,
    /// How an `either` is kept: as a child, by a link, or both.
    either: &'static str,
    ambient: bool,
    work: usize,
    tapped: bool,
    /// How many messages, and how many of them one span accounts for.
    times: usize,
    batch: usize,
    /// The batch held somebody else's message too.
    shared: bool,
    /// What was received is acknowledged.
    settles: bool,
    /// The receiver polls once more, in a trace of its own.
    polls: bool,
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
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Entry,
    Cause(usize),
    Ambient(usize),
    Consequence(usize),
    Work(usize),
    /// Plumbing within the story.
    Settle(usize),
    /// Plumbing in a trace of its own.
    Poll(usize),
}

/// The trace of somebody else's story.
const STRANGER: char = 'z';

pub(super) fn stories() -> impl Strategy<Value = Grown> {
    let shapes = prop::collection::vec(shape(), 1..9);
    let links = prop::collection::vec(any::<(Index, Index)>(), 0..4);
    (shapes, links, any::<bool>()).prop_map(|(shapes, links, continues)| {
        let mut grown = grow(&shapes);
        if continues {
            // The request continues a context that the harness sent, and has no span for.
            grown.told.spans[0].parent = Some(9999);
            grown.told.sent.push(Id('a', 9999));
        }
        for (from, to) in links {
            grown.link(from, to);
        }
        grown
    })
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
    let flags = any::<(bool, bool, bool, bool)>();
    let numbers = (0..3_usize, 1..5_usize, 1..5_usize);
    let ends = (
        any::<Index>(),
        prop::option::weighted(0.3, any::<Index>()),
        prop::bool::weighted(0.1),
    );
    (ends, words, flags, numbers).prop_map(|(ends, words, flags, numbers)| Shape {
        after: ends.0,
        also_to: ends.1,
        over: words.0,
        relation: words.1,
        either: words.2,
        ambient: flags.0,
        work: numbers.0,
        tapped: flags.1,
        times: numbers.1,
        batch: numbers.2,
        shared: flags.2,
        settles: flags.3,
        polls: ends.2,
    })
}

fn grow(shapes: &[Shape]) -> Grown {
    let mut grown = Grown::default();
    let entry = grown.add(Role::Entry, None, 'a', "s0", SpanKind::Internal);
    // The span that each service makes its calls under, the entry first.
    let mut handlers = vec![entry];
    let befores = shapes.iter().enumerate();
    let befores: Vec<_> = befores
        .map(|(hop, shape)| shape.after.index(hop + 1))
        .collect();
    let sends_on = |service: usize| befores.contains(&service);
    let mut receivers: Vec<usize> = Vec::new();
    for (hop, (shape, &before)) in shapes.iter().zip(&befores).enumerate() {
        let own = hop + 1;
        let leaves = receivers.iter().copied().filter(|&to| !sends_on(to));
        let leaves: Vec<_> = leaves.collect();
        let receiver = match shape.also_to {
            Some(which) if !sends_on(own) && !leaves.is_empty() => *which.get(&leaves),
            _ => own,
        };
        receivers.push(receiver);
        let ends = [before, receiver].map(|service| format!("s{service}"));
        let handler = grown.hop(hop, shape, (ends, handlers[before]), sends_on(own));
        handlers.push(handler);
    }
    grown
}

impl Grown {
    /// Whether plumbing stands beside the story: of a hop that begins a trace, it stands in it.
    pub(super) fn has_plumbing_beside(&self) -> bool {
        let is_beside = |role: &Role| match role {
            Role::Poll(hop) => self.told.rows[*hop].relation.as_deref() != Some("root"),
            _ => false,
        };
        self.roles.iter().any(is_beside)
    }

    /// Ties one span of the story to another, in a circle perhaps. What a message was sent with
    /// is left alone: to be tied to that is to be its consequence.
    fn link(&mut self, from: Index, to: Index) {
        let spans = 0..self.roles.len();
        let from_these = spans
            .clone()
            .filter(|&at| !matches!(self.roles[at], Role::Consequence(_) | Role::Poll(_)));
        let to_these = spans.filter(|&at| {
            let role = self.roles[at];
            matches!(role, Role::Entry | Role::Consequence(_) | Role::Work(_))
        });
        let (from_these, to_these): (Vec<_>, Vec<_>) = (from_these.collect(), to_these.collect());
        let target = self.told.spans[*to.get(&to_these)].id;
        let links = &mut self.told.spans[*from.get(&from_these)].links;
        links.push(target);
    }

    /// Adds one hop from `handler`, and yields the span that its receiver calls under.
    fn hop(
        &mut self,
        hop: usize,
        shape: &Shape,
        ([from, to], handler): ([String; 2], Id),
        sends_on: bool,
    ) -> Id {
        let messaging = shape.over == "memory";
        let realized = match shape.relation {
            "either" => shape.either,
            declared => declared,
        };
        let as_child = realized.starts_with("child");
        // The conventions want the link beside the parent.
        let as_link =
            realized.ends_with("link") || realized == "follows-from" || (messaging && as_child);
        let times = match sends_on || shape.relation == "root" {
            true => 1,
            false => shape.times,
        };
        let (send, receive) = if messaging {
            (SpanKind::Producer, SpanKind::Consumer)
        } else {
            (SpanKind::Client, SpanKind::Server)
        };
        let causes: Vec<_> = (0..times)
            .map(|_| self.add(Role::Cause(hop), Some(handler.1), handler.0, &from, send))
            .collect();
        let batch = match messaging && !as_child {
            true => shape.batch,
            false => 1,
        };
        let mut last = handler;
        for delivery in causes.chunks(batch) {
            let (trace, parent) = if as_child {
                (delivery[0].0, Some(delivery[0].1))
            } else {
                let trace = self.new_trace();
                let ambient = shape.ambient && shape.relation != "root" && messaging;
                let ambient = ambient.then(|| self.polls(Role::Ambient(hop), None, trace, &to).1);
                (trace, ambient)
            };
            last = self.add(Role::Consequence(hop), parent, trace, &to, receive);
            if as_link {
                self.last().links = delivery.to_vec();
            }
            if shape.shared && messaging {
                self.last().links.push(Id(STRANGER, hop as u64 + 1));
                self.last().hops.push(ANOTHER_RUN);
            }
            if shape.settles && messaging {
                self.polls(Role::Settle(hop), Some(last.1), trace, &to);
            }
            for _ in 0..shape.work {
                let parent = Some(last.1);
                last = self.add(Role::Work(hop), parent, trace, &to, SpanKind::Internal);
            }
        }
        if shape.polls && messaging {
            let trace = self.new_trace();
            self.polls(Role::Poll(hop), None, trace, &to);
        }
        let seen: Vec<_> = causes.iter().map(Id::to_string).collect();
        let tapped = shape.tapped || times > 1;
        self.told.wires.push(tapped.then(|| [seen.clone(), seen]));
        self.told.rows.push(Row {
            line: hop + 1,
            from,
            over: shape.over.to_owned(),
            to,
            relation: Some(shape.relation.to_owned()),
            how: None,
        });
        self.hops.push(GrownHop { as_child, as_link });
        last
    }

    /// Adds a span of the instrumentation's own, which speaks of the hop's address.
    fn polls(&mut self, role: Role, parent: Option<u64>, trace: char, service: &str) -> Id {
        let id = self.add(role, parent, trace, service, SpanKind::Client);
        self.last().receives = true;
        id
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
        match role {
            Role::Entry | Role::Work(_) => {}
            Role::Cause(hop)
            | Role::Consequence(hop)
            | Role::Ambient(hop)
            | Role::Settle(hop)
            | Role::Poll(hop) => span.hops.push(token(RUN, hop)),
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
