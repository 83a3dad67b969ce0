use super::Crossing;
use crate::route::Route;
use crate::story::SpanIndex;

/// The part that a span plays on the route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// On which hop.
    pub hop: usize,
    /// Which part.
    pub part: Part,
}

/// What a span is to a hop, what says most of it first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The receiver's span.
    Consequence,
    /// What the receiver did.
    Work,
    /// The sender's span.
    Cause,
}

/// The part of each span: what it is the consequence of, or else what it was done for, or else
/// what it caused; on the hop nearest to the entry, should there be several.
pub(super) fn of(route: &Route, crossings: &[Crossing], spans: usize) -> Vec<Option<Place>> {
    let hops = route.outward();
    let mut places = vec![None; spans];
    for part in [Part::Consequence, Part::Work, Part::Cause] {
        for &hop in &hops {
            for &at in spans_of(&crossings[hop], part) {
                places[at].get_or_insert(Place { hop, part });
            }
        }
    }
    places
}

fn spans_of(crossing: &Crossing, part: Part) -> &[SpanIndex] {
    match part {
        Part::Cause => &crossing.causes,
        Part::Consequence => &crossing.consequences,
        Part::Work => &crossing.work,
    }
}
