//! The evidence: what happened, laid beside what was to happen. The rules see this and nothing
//! else.

mod followed;
mod matching;
mod passages;
mod places;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use unbroken_adapters::Relation;

use crate::request::Request;
use crate::route::{Hop, Route};
use crate::span::{Malformed, Span};
use crate::story::{SpanIndex, Story, plumbing};
use crate::token::HopToken;
pub(crate) use passages::inherits;
pub use passages::{By, Got, Passage};
pub use places::{Part, Place};
pub use wire::{Contexts, Reading, Wire};

/// Everything that one run of one route left behind.
#[derive(Debug)]
pub struct Evidence {
    /// What was to happen.
    pub route: Route,
    /// Which run this was: its hops are `HopToken { run, hop }`.
    pub run: u32,
    /// What happened, as spans.
    pub story: Story,
    /// What happened at each hop of the route, in its order.
    pub crossings: Vec<Crossing>,
    /// Spans of this run whose ids are no ids: they can hang in no trace.
    pub malformed: Vec<Arc<Malformed>>,
    /// Services that are known to export nothing to this collector.
    pub silent: Vec<String>,
    /// Whether the settle passed: what is not here by now does not come.
    pub settled: bool,
    /// Sends that were refused, in the words of whoever refused them.
    pub remarks: Vec<String>,
    /// What the request carried beside its ids.
    pub request: Request,
    places: Vec<Option<Place>>,
    passages: OnceLock<passages::Index>,
}

/// What happened at one hop.
#[derive(Clone, Debug, Default)]
pub struct Crossing {
    /// The sender's spans that made the crossing; as all of these, ascending and each once.
    pub causes: Vec<SpanIndex>,
    /// The sender's spans that speak of the crossing beside those, where the contexts of others stand
    /// on the wire, and none of what is above or below them.
    pub unsent: Vec<SpanIndex>,
    /// The receiver's spans that account for it.
    pub consequences: Vec<SpanIndex>,
    /// What the receiver did because of it: its other spans, and the causes of the next hops.
    pub work: Vec<SpanIndex>,
    /// The carriers that a tap saw.
    pub wire: Wire,
    /// Why a send was refused, in the words of whoever refused it.
    pub refused: Option<String>,
    /// Whether the cause had ended while the receiver was held in the middle of its work; `None`
    /// where nobody held it.
    pub ended_while_held: Option<bool>,
}

impl Evidence {
    /// Lays the spans and carriers of a run beside its route.
    pub fn of(
        route: Route,
        run: u32,
        story: Story,
        wires: Vec<Wire>,
        malformed: Vec<Arc<Malformed>>,
        silent: Vec<String>,
    ) -> Self {
        let wires = followed::read(&route, &story, wires);
        let crossings = matching::crossings(&route, run, &story, wires);
        Self {
            places: places::of(&route, &crossings, story.spans().len()),
            route,
            run,
            story,
            crossings,
            malformed,
            silent,
            settled: false,
            remarks: Vec::new(),
            request: Request::default(),
            passages: OnceLock::new(),
        }
    }

    /// With what was seen of hops whose receivers were held: whether each cause had ended by then.
    #[must_use]
    pub fn with_held(mut self, held: &[(usize, bool)]) -> Self {
        for &(hop, ended) in held {
            self.crossings[hop].ended_while_held = Some(ended);
        }
        self
    }

    /// With remarks on what was refused.
    #[must_use]
    pub fn with_remarks(self, remarks: Vec<String>) -> Self {
        Self { remarks, ..self }
    }

    /// With what the request carried.
    #[must_use]
    pub fn with_request(self, request: Request) -> Self {
        Self { request, ..self }
    }

    /// With the hops whose send was refused, and why.
    #[must_use]
    pub fn with_refusals(mut self, refusals: &[(usize, String)]) -> Self {
        for (hop, why) in refusals {
            if let Some(crossing) = self.crossings.get_mut(*hop) {
                crossing.refused = Some(why.clone());
            }
        }
        self
    }

    /// Every hop of the route with what happened there.
    pub fn hops(&self) -> impl Iterator<Item = (usize, &Hop, &Crossing)> {
        let hops = self.route.hops().iter().zip(&self.crossings);
        hops.enumerate()
            .map(|(index, (hop, crossing))| (index, hop, crossing))
    }

    /// These spans themselves.
    pub fn spans(&self, at: &[SpanIndex]) -> Vec<Arc<Span>> {
        at.iter().map(|&at| self.story.span(at).clone()).collect()
    }

    /// The part that a span plays on the route, if it plays one.
    pub fn place(&self, at: SpanIndex) -> Option<Place> {
        self.places[at]
    }

    /// Of these spans, the one whose part on the route comes first: nearest to the entry, and there
    /// what says most. No clock of a host has a say in that. None if none of them plays a part.
    pub fn first_on_the_route(
        &self,
        spans: impl IntoIterator<Item = SpanIndex>,
    ) -> Option<(Place, SpanIndex)> {
        let spans = spans.into_iter();
        let placed = spans.filter_map(|at| Some((self.place(at)?, at)));
        placed.min_by_key(|(place, _)| (self.route.depth(place.hop), place.hop, place.part))
    }

    /// Whether a service's spans can be expected here: of what is not sampled there are none.
    pub fn exports(&self, service: &str) -> bool {
        self.request.luggage.sampled && !self.silent.iter().any(|silent| silent == service)
    }

    /// Whether spans of one side of a hop can be expected here: of what is known not to be sampled
    /// there are none, whoever decided so.
    pub fn exports_on(&self, hop: usize, part: Part) -> bool {
        let Hop { from, to, .. } = &self.route.hops()[hop];
        let wire = &self.crossings[hop].wire;
        match part {
            Part::Cause => self.exports(from) && !wire.is_sent_unsampled(),
            Part::Consequence | Part::Work => self.exports(to) && !wire.arrives_unsampled(),
        }
    }

    /// The services that something reached, and of which no span came, though one could be expected.
    pub fn unheard(&self) -> impl Iterator<Item = &str> {
        let heard: BTreeSet<_> = self.heard().collect();
        let services = self.route.services().into_iter();
        services.filter(move |service| {
            let was_reached = |hop: usize| {
                let arrived = self.crossings[hop].wire.after();
                arrived.is_some_and(|arrived| !arrived.is_empty())
                    && self.exports_on(hop, Part::Consequence)
            };
            !heard.contains(service) && self.route.reaching(service).any(was_reached)
        })
    }

    /// The services of which spans came, and that are not on the route.
    pub fn strangers(&self) -> BTreeSet<&str> {
        let services = self.route.services();
        self.heard()
            .filter(|name| !services.contains(name))
            .collect()
    }

    /// What services of the route began beside the story, tied to nothing: it may be of no request.
    pub fn begun_beside(&self) -> BTreeSet<(&str, &str)> {
        let services = self.route.services();
        let traces = self.story.traces().iter().filter(|trace| !trace.belongs);
        let roots = traces.flat_map(|trace| self.story.roots(trace));
        let loose = roots.filter(|&at| !plumbing::is_plumbing(&self.story, at));
        let spans = loose.map(|at| self.story.span(at));
        let spans = spans.filter(|span| span.links.is_empty() && span.hops.is_empty());
        let named = spans.filter_map(|span| Some((span.origin.service.as_deref()?, &*span.name)));
        named
            .filter(|(service, _)| services.contains(service))
            .collect()
    }

    /// The services of which spans came, one perhaps several times.
    fn heard(&self) -> impl Iterator<Item = &str> {
        let spans = self.story.spans().iter();
        spans.filter_map(|span| span.origin.service.as_deref())
    }

    /// Whether every hop has what the route leads one to expect: its spans on both sides, and its
    /// carriers where there is a tap. Nothing is said of whether they are right.
    pub fn is_whole(&self) -> bool {
        (self.story.entry_root().is_some() || !self.exports(self.route.entry()))
            && self.hops().all(|(index, hop, crossing)| {
                let sent = !crossing.causes.is_empty() || !self.exports_on(index, Part::Cause);
                let arrived = self.has_its_consequences(index, hop, crossing)
                    && crossing.wire.has_seen(self.route.carriers(index));
                match self.is_cut(index) {
                    Some(0) => sent,
                    Some(_) => true,
                    None => sent && arrived,
                }
            })
    }

    /// Who is to begin a trace of its own decides anew whether that is sampled.
    fn has_its_consequences(&self, index: usize, hop: &Hop, crossing: &Crossing) -> bool {
        let is_anew = matches!(hop.relation, Relation::Link | Relation::Root);
        let may_come = match is_anew {
            true => self.exports(&hop.to),
            false => self.exports_on(index, Part::Consequence),
        };
        crossing.consequences.len() >= self.route.consequences(index) || !may_come
    }

    /// How many hops before this one a message was refused by what was to carry it, if one was:
    /// from there on nothing comes any more.
    fn is_cut(&self, hop: usize) -> Option<usize> {
        let hops = self.route.hops();
        let mut way = self.route.way(hop);
        way.position(|hop| hops[hop].over.is_messaging() && self.crossings[hop].refused.is_some())
    }

    /// The token of a hop.
    pub fn token(&self, hop: usize) -> HopToken {
        token(self.run, hop)
    }
}

/// The token of a hop of a run. A route is far shorter than 65536 hops.
pub fn token(run: u32, hop: usize) -> HopToken {
    let hop = u16::try_from(hop).unwrap_or(u16::MAX);
    HopToken { run, hop }
}
