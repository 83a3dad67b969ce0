//! Which spans belong to which hop.
//!
//! First by the id on the wire; where context is broken, by the hop's own address in the span's
//! attributes; else by being the only candidate of that service and kind. Never by time or order.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Crossing, Wire};
use crate::route::Route;
use crate::span::{Origin, Span, SpanKind};
use crate::story::{Ids, SpanIndex, Story, plumbing};

pub(super) fn crossings(route: &Route, run: u32, story: &Story, wires: Vec<Wire>) -> Vec<Crossing> {
    let mut crossings: Vec<_> = wires
        .into_iter()
        .map(|wire| Crossing {
            wire,
            ..Crossing::default()
        })
        .collect();
    crossings.resize_with(route.hops().len(), Crossing::default);
    let services = services(route, story);
    find_by_wire(route, story, &services, &mut crossings);
    find_by_address(route, run, story, &services, &mut crossings);
    find_the_only_candidates(route, story, &services, &mut crossings);
    find_work(route, story, &services, &mut crossings);
    crossings
}

/// The service of each span, as its place in `route.services()`.
fn services(route: &Route, story: &Story) -> Vec<Option<usize>> {
    let names = route.services();
    let mut known: HashMap<*const Origin, Option<usize>> = HashMap::new();
    let place = |span: &Arc<Span>| {
        *known.entry(Arc::as_ptr(&span.origin)).or_insert_with(|| {
            let service = span.origin.service.as_deref();
            names.iter().position(|name| Some(*name) == service)
        })
    };
    story.spans().iter().map(place).collect()
}

fn place_of(route: &Route, service: &str) -> Option<usize> {
    route.services().iter().position(|name| *name == service)
}

fn find_by_wire(
    route: &Route,
    story: &Story,
    services: &[Option<usize>],
    crossings: &mut [Crossing],
) {
    let mut hops_of: HashMap<Ids, Vec<usize>> = HashMap::new();
    for (index, hop) in route.hops().iter().enumerate() {
        let sender = place_of(route, &hop.from);
        let mut contexts = crossings[index].wire.contexts();
        for reading in crossings[index].wire.before().unwrap_or_default() {
            contexts.extend(reading.context.map(|c| (c.trace_id, c.parent_id)));
        }
        for ids in contexts {
            let hops = hops_of.entry(ids).or_default();
            if !hops.contains(&index) {
                hops.push(index);
                let cause = story.find(ids).filter(|&at| services[at] == sender);
                crossings[index].causes.extend(cause);
            }
        }
    }
    if hops_of.is_empty() {
        return;
    }
    for (at, span) in story.spans().iter().enumerate() {
        let parent = span.parent.map(|parent| (span.trace_id, parent));
        let links = span.links.iter().map(|link| (link.trace_id, link.span_id));
        for hop in parent
            .into_iter()
            .chain(links)
            .filter_map(|ids| hops_of.get(&ids))
            .flatten()
        {
            let is_receiver = services[at] == place_of(route, &route.hops()[*hop].to);
            let found = &mut crossings[*hop].consequences;
            if is_receiver && found.last() != Some(&at) {
                found.push(at);
            }
        }
    }
}

fn find_by_address(
    route: &Route,
    run: u32,
    story: &Story,
    services: &[Option<usize>],
    crossings: &mut [Crossing],
) {
    let mut addressed: Vec<(Vec<SpanIndex>, Vec<SpanIndex>)> =
        vec![Default::default(); crossings.len()];
    for (at, span) in story.spans().iter().enumerate() {
        for token in span.hops.iter().filter(|token| token.run == run) {
            let Some(hop) = route.hops().get(usize::from(token.hop)) else {
                continue;
            };
            let (causes, consequences) = &mut addressed[usize::from(token.hop)];
            if sends(span.kind) && services[at] == place_of(route, &hop.from) {
                causes.push(at);
            } else if receives(span.kind) && services[at] == place_of(route, &hop.to) {
                consequences.push(at);
            }
        }
    }
    for (crossing, (causes, consequences)) in crossings.iter_mut().zip(addressed) {
        if crossing.causes.is_empty() {
            crossing.causes = causes;
        }
        let missing = consequences
            .into_iter()
            .filter(|at| !crossing.consequences.contains(at));
        let missing: Vec<_> = missing.collect();
        crossing.consequences.extend(missing);
    }
}

fn find_the_only_candidates(
    route: &Route,
    story: &Story,
    services: &[Option<usize>],
    crossings: &mut [Crossing],
) {
    let only = |service: Option<usize>, fits: fn(SpanKind) -> bool| {
        let spans = story.spans().iter().enumerate();
        let mut spans = spans.filter(|(at, span)| services[*at] == service && fits(span.kind));
        match (spans.next(), spans.next()) {
            (Some((at, _)), None) => Some(at),
            _ => None,
        }
    };
    for (index, hop) in route.hops().iter().enumerate() {
        let sends_once = route.hops().iter().filter(|h| h.from == hop.from).count() == 1;
        if crossings[index].causes.is_empty() && sends_once {
            crossings[index]
                .causes
                .extend(only(place_of(route, &hop.from), sends));
        }
        let receives_once = route.reaching(&hop.to).count() == 1;
        if crossings[index].consequences.is_empty() && receives_once {
            crossings[index]
                .consequences
                .extend(only(place_of(route, &hop.to), receives));
        }
    }
}

/// What a receiver did: the causes of the hops that follow, and, where it is reached only once so
/// that there is no doubt what for, every other span of its own.
fn find_work(route: &Route, story: &Story, services: &[Option<usize>], crossings: &mut [Crossing]) {
    let mut spans_of: HashMap<usize, Vec<SpanIndex>> = HashMap::new();
    for (at, service) in services.iter().enumerate() {
        if let Some(service) = service {
            spans_of.entry(*service).or_default().push(at);
        }
    }
    for index in 0..crossings.len() {
        let to = &route.hops()[index].to;
        let mut work: Vec<_> = route
            .next(Some(index))
            .flat_map(|next| crossings[next].causes.iter().copied())
            .collect();
        if route.reaching(to).count() == 1 {
            let own = place_of(route, to).and_then(|place| spans_of.get(&place));
            let own = own.into_iter().flatten().copied();
            work.extend(own.filter(|&at| {
                let span = story.span(at);
                !receives(span.kind) && !plumbing::is_plumbing(span)
            }));
        }
        work.sort_unstable();
        work.dedup();
        work.retain(|at| !crossings[index].consequences.contains(at));
        crossings[index].work = work;
    }
}

fn sends(kind: SpanKind) -> bool {
    matches!(kind, SpanKind::Client | SpanKind::Producer)
}

fn receives(kind: SpanKind) -> bool {
    matches!(kind, SpanKind::Server | SpanKind::Consumer)
}
