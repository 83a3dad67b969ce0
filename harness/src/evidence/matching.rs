//! Which spans belong to which hop.
//!
//! First by the id on the wire; where context is broken, by the hop's own address in the span's
//! attributes; else by being the only candidate of that service and kind. Never by time or order.

mod candidates;
mod work;

use std::cell::LazyCell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Crossing, Wire};
use crate::route::Route;
use crate::span::{Span, SpanKind};
use crate::story::{Above, Ids, SpanIndex, Story, plumbing, ties};
use crate::token;
use candidates::Candidates;

pub(super) fn crossings(route: &Route, run: u32, story: &Story, wires: Vec<Wire>) -> Vec<Crossing> {
    let mut crossings: Vec<_> = wires
        .into_iter()
        .map(|wire| Crossing {
            wire,
            ..Crossing::default()
        })
        .collect();
    crossings.resize_with(route.hops().len(), Crossing::default);
    let ground = Ground::of(route, run, story);
    for (hop, found) in ground.find(&crossings).into_iter().enumerate() {
        crossings[hop].causes = found.causes();
        crossings[hop].unsent = found.unsent(&crossings[hop].causes, story);
        crossings[hop].consequences = found.consequences(story);
    }
    let candidates = Candidates::of(&ground);
    for (hop, crossing) in crossings.iter_mut().enumerate() {
        if crossing.causes.is_empty() {
            crossing.causes.extend(candidates.cause(&ground, hop));
        }
        if crossing.consequences.is_empty() {
            let only = candidates.consequence(&ground, hop);
            crossing.consequences.extend(only);
        }
    }
    work::find(&ground, &mut crossings);
    crossings
}

/// The story with the route laid over it.
struct Ground<'a> {
    route: &'a Route,
    run: u32,
    story: &'a Story,
    /// The service of each span, as its place in `route.services()`; none for a service that is
    /// not on the route, and for a span that is but the copy of another.
    services: Vec<Option<usize>>,
    /// The services at the two ends of each hop.
    ends: Vec<(usize, usize)>,
    /// The hops that share the messages of each.
    sharing: Vec<Vec<usize>>,
}

/// What may be the spans of a hop, by what speaks for it.
#[derive(Clone, Default)]
struct Found {
    named: Vec<SpanIndex>,
    named_weakly: Vec<SpanIndex>,
    sends_here: Vec<SpanIndex>,
    tied: Vec<SpanIndex>,
    tied_but_elsewhere: Vec<SpanIndex>,
    receives_here: Vec<SpanIndex>,
}

impl<'a> Ground<'a> {
    fn of(route: &'a Route, run: u32, story: &'a Story) -> Self {
        let places: FxHashMap<&str, usize> = route.services().into_iter().zip(0..).collect();
        let service = |(at, span): (SpanIndex, &std::sync::Arc<Span>)| {
            let service = span.origin.service.as_deref();
            let place = service.and_then(|service| places.get(service).copied());
            place.filter(|_| !story.is_copy(at))
        };
        let ends = route.hops().iter();
        let hops = 0..route.hops().len();
        Self {
            sharing: hops.map(|hop| route.sharing(hop).collect()).collect(),
            route,
            run,
            story,
            services: story.spans().iter().enumerate().map(service).collect(),
            ends: ends
                .map(|hop| (places[&*hop.from], places[&*hop.to]))
                .collect(),
        }
    }

    fn find(&self, crossings: &[Crossing]) -> Vec<Found> {
        let mut found = vec![Found::default(); crossings.len()];
        // The contexts that no span has, with the hops that they were seen on.
        let mut of_nobody: FxHashMap<Ids, Vec<usize>> = FxHashMap::default();
        for (hop, crossing) in crossings.iter().enumerate() {
            for &ids in crossing.wire.named() {
                match self.story.find(ids) {
                    Some(at) => {
                        self.named(hop, at, &mut found[hop]);
                        let story = self.story;
                        for tied in story.children(at).iter().chain(story.linking(at)) {
                            self.tied(hop, *tied as SpanIndex, &mut found[hop]);
                        }
                    }
                    None => of_nobody.entry(ids).or_default().push(hop),
                }
            }
        }
        for (at, span) in self.story.spans().iter().enumerate() {
            if let Some(service) = self.services[at] {
                self.addressed(at, service, span, &mut found);
                if !of_nobody.is_empty() {
                    for &hop in ties(span).filter_map(|ids| of_nobody.get(&ids)).flatten() {
                        self.tied(hop, at, &mut found[hop]);
                    }
                }
            }
        }
        found
    }

    /// The sender's span that the context on the wire names.
    fn named(&self, hop: usize, at: SpanIndex, found: &mut Found) {
        let (from, _) = self.ends[hop];
        if self.services[at] != Some(from) {
            return;
        }
        let span = self.story.span(at);
        if sends(span.kind) && !self.is_elsewhere(span, hop) {
            found.named.push(at);
        } else {
            found.named_weakly.push(at);
        }
    }

    /// A span that is tied to the context of a hop, if it is of the hop's receiver.
    fn tied(&self, hop: usize, at: SpanIndex, found: &mut Found) {
        let (_, to) = self.ends[hop];
        if self.services[at] != Some(to) {
            return;
        }
        let spans = match self.is_elsewhere(self.story.span(at), hop) {
            true => &mut found.tied_but_elsewhere,
            false => &mut found.tied,
        };
        if spans.last() != Some(&at) {
            spans.push(at);
        }
    }

    /// The hops whose address a span speaks of.
    fn addressed(&self, at: SpanIndex, service: usize, span: &Span, found: &mut [Found]) {
        for hop in token::of_run(&span.hops, self.run) {
            if hop >= self.ends.len() {
                continue;
            }
            // Whoever shares a message may well have it from the place of the first.
            for &hop in &self.sharing[hop] {
                let (from, to) = self.ends[hop];
                if sends(span.kind) && service == from && !plumbing::is_plumbing(self.story, at) {
                    found[hop].sends_here.push(at);
                } else if receives(span.kind) && service == to {
                    found[hop].receives_here.push(at);
                }
            }
        }
    }

    /// Whether a span speaks of other hops of this run, and not of this one: it is believed.
    fn is_elsewhere(&self, span: &Span, hop: usize) -> bool {
        let mut here = token::of_run(&span.hops, self.run);
        let mut others = false;
        let made_for = self.route.made_for(hop);
        let named = here.any(|named| {
            others = true;
            named == hop || named == made_for
        });
        others && !named
    }
}

impl Found {
    /// The span that the wire names is the cause, if it can be one: some instrumentations make
    /// two for a send, and inject the inner.
    fn causes(&self) -> Vec<SpanIndex> {
        let best = [&self.named, &self.sends_here, &self.named_weakly];
        let best = best.into_iter().find(|spans| !spans.is_empty());
        ascending(best.into_iter().flatten().copied())
    }

    /// Spans that sent something here, and that neither are what the wire names nor hang above or
    /// below that: some instrumentations make two for a send, and inject the one or the other.
    fn unsent(&self, causes: &[SpanIndex], story: &Story) -> Vec<SpanIndex> {
        let others = self.sends_here.iter().copied();
        let mut others = ascending(others.filter(|at| causes.binary_search(at).is_err()));
        // Hardly ever is there one, and a hop may have a million causes.
        if others.is_empty() {
            return others;
        }
        let beneath = story.beneath(self.named.iter().copied());
        others.retain(|&at| !beneath.contains(at));
        let mut above = FxHashSet::default();
        for &at in &self.named {
            let mut at = at;
            while let Above::Span(next) = story.above(at)
                && above.insert(next)
            {
                at = next;
            }
        }
        others.retain(|at| !above.contains(at));
        others
    }

    /// Spans of the kind that processes; where there is none, those that receive, and plumbing that
    /// does last; where there is none of these either, whatever is tied to the wire and sends
    /// nothing. The others are ambient, or are work.
    fn consequences(&self, story: &Story) -> Vec<SpanIndex> {
        let tied = ascending(self.tied.iter().copied());
        let brought = |at: &SpanIndex| tied.binary_search(at).is_ok();
        let here = self.tied.iter().chain(&self.receives_here).copied();
        let mut here = of_the_best_kind(&ascending(here), story, brought);
        // A poll that brought nothing is tied to nothing.
        if here.iter().all(|&at| plumbing::is_plumbing(story, at)) && here.iter().any(brought) {
            here.retain(brought);
        }
        if here.is_empty() {
            let elsewhere = ascending(self.tied_but_elsewhere.iter().copied());
            of_the_best_kind(&elsewhere, story, |_| true)
        } else {
            here
        }
    }
}

fn of_the_best_kind(
    spans: &[SpanIndex],
    story: &Story,
    is_tied: impl Fn(&SpanIndex) -> bool,
) -> Vec<SpanIndex> {
    let receives = |at: SpanIndex| plumbing::receives(story.span(at));
    let accounted = LazyCell::new(|| {
        let accounts = spans.iter().filter(|at| !receives(**at));
        accounts
            .flat_map(|&at| ties(story.span(at)))
            .collect::<FxHashSet<_>>()
    });
    // Java's agent makes one for the poll, tied to nothing, and below it one for each message; older
    // conventions have it linked to each.
    let is_ambient = |at: SpanIndex| {
        let mut ties = ties(story.span(at));
        receives(at) && (!is_tied(&at) || ties.all(|ids| accounted.contains(&ids)))
    };
    let rank = |at: SpanIndex| match story.span(at).kind {
        SpanKind::Client | SpanKind::Consumer if plumbing::is_plumbing(story, at) => 2,
        SpanKind::Consumer if is_ambient(at) => 1,
        SpanKind::Server | SpanKind::Consumer => 0,
        SpanKind::Client | SpanKind::Producer => 4,
        SpanKind::Internal | SpanKind::Unspecified => 3,
    };
    let ranks: Vec<_> = spans.iter().map(|&at| rank(at)).collect();
    let best = ranks.iter().copied().min().unwrap_or_default();
    let ranked = spans.iter().zip(ranks);
    let best = ranked.filter(|(_, rank)| best < 4 && *rank == best);
    best.map(|(at, _)| *at).collect()
}

fn ascending(spans: impl Iterator<Item = SpanIndex>) -> Vec<SpanIndex> {
    let mut spans: Vec<_> = spans.collect();
    spans.sort_unstable();
    spans.dedup();
    spans
}

fn sends(kind: SpanKind) -> bool {
    matches!(kind, SpanKind::Client | SpanKind::Producer)
}

fn receives(kind: SpanKind) -> bool {
    matches!(kind, SpanKind::Server | SpanKind::Consumer)
}
