//! What became of each carrier from one checkpoint to the next.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use unbroken_adapters::Relation;
use unbroken_adapters::service::Luggage;
use unbroken_adapters::w3c::{BAGGAGE, TRACESTATE};

use super::{Crossing, Evidence, Reading};
use crate::route::Hop;

/// A carrier at a checkpoint, and those at the checkpoint before that it can have come from.
#[derive(Clone, Debug)]
pub struct Passage<'a> {
    /// What it was made from: what came in, or what stood before the middle. Of several that say
    /// the same beside their ids there is one.
    pub got: Vec<Got<'a>>,
    /// What was made of it.
    pub made: &'a Reading,
    /// Who made it.
    pub by: By,
    /// Whether it is of the same trace, so that what belongs to that is to go on.
    pub continues: bool,
}

/// What something was made from.
#[derive(Clone, Copy, Debug)]
pub enum Got<'a> {
    /// Nothing that came in: what the entry was told to send.
    Told(&'a Luggage),
    /// A carrier.
    Carrier(&'a Reading),
}

impl<'a> Got<'a> {
    /// Every value of a header, in order.
    pub fn values(&self, name: &str) -> Vec<&'a [u8]> {
        match self {
            Self::Carrier(reading) => reading.carrier.all(name).map(|value| &**value).collect(),
            Self::Told(luggage) => {
                let state = Some(luggage.trace_state.as_bytes());
                let state = state.filter(|state| !state.is_empty() && name == TRACESTATE);
                let baggage = luggage.baggage.iter().filter(|_| name == BAGGAGE);
                state
                    .into_iter()
                    .chain(baggage.map(String::as_bytes))
                    .collect()
            }
        }
    }

    /// Whether the trace is sampled; none where that was left open.
    pub fn is_sampled(&self) -> Option<bool> {
        match self {
            Self::Carrier(reading) => reading.is_sampled(),
            Self::Told(luggage) => Some(luggage.sampled),
        }
    }
}

/// Who stands between two checkpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The service that the hop begins at.
    Sender,
    /// What stands between.
    Middle,
    /// One of the two: nothing was seen between them.
    SenderOrMiddle,
}

/// The same, as places of readings: what is asked for by a dozen rules is found out once.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    hops: Vec<Vec<Entry>>,
}

#[derive(Clone, Debug)]
struct Entry {
    /// None for what the entry was told.
    got: Option<(Checkpoint, Arc<[usize]>)>,
    made: (Checkpoint, usize),
    by: By,
    continues: bool,
}

/// A side of the middle of a hop.
type Checkpoint = (usize, Side);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

impl Evidence {
    /// What was sent on a hop, with what that was made from, and then what the middle handed on.
    pub fn passages(&self, hop: usize) -> impl Iterator<Item = Passage<'_>> {
        let index = self.passages.get_or_init(|| Index::of(self));
        index.hops[hop].iter().map(|entry| Passage {
            got: match &entry.got {
                None => vec![Got::Told(&self.request.luggage)],
                Some((at, readings)) => {
                    let readings = readings.iter();
                    let got = readings.map(|&reading| Got::Carrier(self.reading(*at, reading)));
                    got.collect()
                }
            },
            made: self.reading(entry.made.0, entry.made.1),
            by: entry.by,
            continues: entry.continues,
        })
    }

    fn reading(&self, (hop, side): Checkpoint, reading: usize) -> &Reading {
        &readings(&self.crossings[hop], side)[reading]
    }
}

impl Index {
    fn of(evidence: &Evidence) -> Self {
        let hops = evidence.hops();
        let hops = hops.map(|(index, hop, crossing)| {
            let before = readings(crossing, Side::Before);
            let mut entries = Vec::new();
            let (made, by) = match before.is_empty() {
                false => (Side::Before, By::Sender),
                true => (Side::After, By::SenderOrMiddle),
            };
            // What another hop's message was made of is asked there.
            if evidence.route.made_for(index) == index {
                entries.extend(sent(evidence, index, hop, made, by));
            }
            if !before.is_empty() {
                entries.extend(handed_on(index, crossing));
            }
            entries
        });
        Self {
            hops: hops.collect(),
        }
    }
}

/// What the sender made of what came in. Of another trace it may make a new one only where the
/// route says so: there, nothing goes on.
fn sent(evidence: &Evidence, index: usize, hop: &Hop, made: Side, by: By) -> Vec<Entry> {
    let own = readings(&evidence.crossings[index], made);
    let entry = |reading, got, continues| Entry {
        got,
        made: ((index, made), reading),
        by,
        continues,
    };
    let Some(before) = hop.after else {
        let told = (0..own.len()).map(|reading| entry(reading, None, true));
        return told.collect();
    };
    let incoming = readings(&evidence.crossings[before], Side::After);
    let at = (before, Side::After);
    let traces = groups(incoming, |reading| reading.ids().map(|(trace, _)| trace));
    let all: Arc<[usize]> = distinct(incoming, 0..incoming.len());
    let is_child = inherits(evidence.route.hops()[before].relation);
    let entries = own.iter().enumerate().filter_map(|(reading, made)| {
        let of_trace = made.ids().and_then(|(trace, _)| traces.get(&trace));
        match of_trace {
            Some(got) if may_inherit(evidence.route.hops()[before].relation) => {
                Some(entry(reading, Some((at, Arc::clone(got))), true))
            }
            None if is_child && !all.is_empty() => {
                Some(entry(reading, Some((at, Arc::clone(&all))), false))
            }
            _ => None,
        }
    });
    entries.collect()
}

/// What the middle made of what was sent.
fn handed_on(index: usize, crossing: &Crossing) -> Vec<Entry> {
    let (before, after) = (
        readings(crossing, Side::Before),
        readings(crossing, Side::After),
    );
    let by_ids = groups(before, Reading::ids);
    let by_trace = groups(before, |reading| reading.ids().map(|(trace, _)| trace));
    let entries = after.iter().enumerate().filter_map(|(reading, made)| {
        let ids = made.ids()?;
        let got = by_ids.get(&ids).or_else(|| by_trace.get(&ids.0))?;
        Some(Entry {
            got: Some(((index, Side::Before), Arc::clone(got))),
            made: ((index, Side::After), reading),
            by: By::Middle,
            continues: true,
        })
    });
    entries.collect()
}

/// Whether what follows on a hop is to be of the same trace.
pub(crate) fn inherits(relation: Relation) -> bool {
    matches!(relation, Relation::Child | Relation::ChildAndLink)
}

fn may_inherit(relation: Relation) -> bool {
    inherits(relation) || relation == Relation::Either
}

fn readings(crossing: &Crossing, side: Side) -> &[Reading] {
    let readings = match side {
        Side::Before => crossing.wire.before(),
        Side::After => crossing.wire.after(),
    };
    readings.unwrap_or_default()
}

fn groups<K: std::hash::Hash + Eq>(
    readings: &[Reading],
    key: impl Fn(&Reading) -> Option<K>,
) -> FxHashMap<K, Arc<[usize]>> {
    let mut groups: FxHashMap<K, Vec<usize>> = FxHashMap::default();
    for (at, reading) in readings.iter().enumerate() {
        if let Some(key) = key(reading) {
            groups.entry(key).or_default().push(at);
        }
    }
    let groups = groups.into_iter();
    groups
        .map(|(key, group)| (key, distinct(readings, group.into_iter())))
        .collect()
}

/// Of those that say the same beside their ids, the first.
fn distinct(readings: &[Reading], group: impl Iterator<Item = usize>) -> Arc<[usize]> {
    let mut seen = FxHashSet::default();
    group
        .filter(|&at| {
            let reading = &readings[at];
            let values = |name| reading.carrier.all(name).cloned().collect::<Vec<_>>();
            let flags = reading.context.ok().map(|context| context.flags);
            seen.insert((flags, reading.format, values(TRACESTATE), values(BAGGAGE)))
        })
        .collect()
}
