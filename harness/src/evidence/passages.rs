//! What became of each carrier from one checkpoint to the next.

use std::cell::LazyCell;
use std::hash::Hash;
use std::sync::Arc;

use bytes::Bytes;
use rustc_hash::{FxHashMap, FxHashSet};
use unbroken_adapters::service::Luggage;
use unbroken_adapters::w3c::{BAGGAGE, TRACESTATE};
use unbroken_adapters::{Format, Relation};

use super::{Crossing, Evidence, Reading};

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

/// The same, as places of readings: what is asked for by a dozen rules is found out once. Of
/// passages that differ in nothing but their ids there is the first: a hop may have a million
/// messages, and no rule could say anything else of the others.
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
        let mut kinds = Kinds::default();
        let crossings = evidence.crossings.iter();
        let seen: Vec<_> = crossings
            .map(|crossing| [Side::Before, Side::After].map(|side| kinds.seen(crossing, side)))
            .collect();
        let hops = evidence.hops().map(|(index, hop, _)| {
            let [before, after] = &seen[index];
            let mut entries = Vec::new();
            let (made, side, by) = match before.readings.is_empty() {
                false => (before, Side::Before, By::Sender),
                true => (after, Side::After, By::SenderOrMiddle),
            };
            // What another hop's message was made of is asked there.
            if evidence.route.made_for(index) == index {
                let incoming = hop.after.map(|before| (before, &seen[before][1]));
                let entry = |got, reading, continues| Entry {
                    got,
                    made: ((index, side), reading),
                    by,
                    continues,
                };
                entries.extend(sent(evidence, incoming, made, entry));
            }
            if !before.readings.is_empty() {
                entries.extend(handed_on(index, before, after));
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
fn sent(
    evidence: &Evidence,
    incoming: Option<(usize, &Seen<'_>)>,
    made: &Seen<'_>,
    entry: impl Fn(Option<(Checkpoint, Arc<[usize]>)>, usize, bool) -> Entry,
) -> Vec<Entry> {
    let Some((before, incoming)) = incoming else {
        let each = made.distinct(0..made.readings.len());
        return each.iter().map(|&at| entry(None, at, true)).collect();
    };
    let relation = evidence.route.hops()[before].relation;
    let may_continue = inherits(relation) || relation == Relation::Either;
    let traces = incoming.groups(|reading| reading.ids().map(|(trace, _)| trace));
    // Hardly ever is something handed on as it came.
    let came = evidence.crossings[before].wire.context_set();
    let by_ids = LazyCell::new(|| incoming.groups(Reading::ids));
    let all = incoming.distinct(0..incoming.readings.len());
    let mut told = FxHashSet::default();
    let entries = made
        .readings
        .iter()
        .enumerate()
        .filter_map(|(at, reading)| {
            // What bears the ids of something that came in is that, and of nothing else.
            let same = reading.ids().filter(|ids| came.contains(ids));
            let same = same.and_then(|ids| by_ids.get(&ids));
            let of_trace = || reading.ids().and_then(|(trace, _)| traces.get(&trace));
            let (got, continues) = match same.or_else(of_trace) {
                Some(got) if may_continue => (got, true),
                None if inherits(relation) && !all.is_empty() => (&all, false),
                _ => return None,
            };
            let kinds: Vec<_> = got.iter().map(|&got| incoming.kinds[got]).collect();
            let is_new = told.insert((kinds, made.kinds[at], same.is_some(), continues));
            is_new.then(|| {
                entry(
                    Some(((before, Side::After), Arc::clone(got))),
                    at,
                    continues,
                )
            })
        });
    entries.collect()
}

/// What the middle made of what was sent.
fn handed_on(index: usize, before: &Seen<'_>, after: &Seen<'_>) -> Vec<Entry> {
    let by_ids = LazyCell::new(|| before.groups(Reading::ids));
    let trace = |reading: &Reading| reading.ids().map(|(trace, _)| trace);
    let by_trace = LazyCell::new(|| before.groups(trace));
    let mut untouched = FxHashSet::default();
    let entries = after.readings.iter().enumerate().filter_map(|(at, made)| {
        let ids = made.ids()?;
        // Most messages arrive as they were sent, and in order: nothing is to be looked up.
        let was = before.readings.get(at).and_then(Reading::ids);
        let got = if was == Some(ids) && before.kinds[at] == after.kinds[at] {
            untouched.insert(after.kinds[at]).then(|| Arc::from([at]))?
        } else {
            let of_trace = || by_trace.get(&ids.0);
            Arc::clone(by_ids.get(&ids).or_else(of_trace)?)
        };
        Some(Entry {
            got: Some(((index, Side::Before), got)),
            made: ((index, Side::After), at),
            by: By::Middle,
            continues: true,
        })
    });
    entries.collect()
}

/// What was seen at a checkpoint: the readings, each with its kind.
struct Seen<'a> {
    readings: &'a [Reading],
    kinds: Vec<usize>,
}

impl Seen<'_> {
    /// The readings of each key, of one kind the first.
    fn groups<K: Hash + Eq>(
        &self,
        key: impl Fn(&Reading) -> Option<K>,
    ) -> FxHashMap<K, Arc<[usize]>> {
        let mut groups: FxHashMap<K, Vec<usize>> = FxHashMap::default();
        for (at, reading) in self.readings.iter().enumerate() {
            if let Some(key) = key(reading) {
                groups.entry(key).or_default().push(at);
            }
        }
        let groups = groups.into_iter();
        groups
            .map(|(key, group)| (key, self.distinct(group.into_iter())))
            .collect()
    }

    /// Of those of one kind, the first.
    fn distinct(&self, group: impl Iterator<Item = usize>) -> Arc<[usize]> {
        let mut kinds = FxHashSet::default();
        group.filter(|&at| kinds.insert(self.kinds[at])).collect()
    }
}

/// Tells readings apart by all that they say beside their ids.
#[derive(Default)]
struct Kinds<'a> {
    known: FxHashMap<Said<'a>, usize>,
}

#[derive(PartialEq, Eq, Hash)]
struct Said<'a> {
    format: Format,
    flags: Option<u8>,
    is_sampled: Option<bool>,
    trace_state: Vec<&'a Bytes>,
    baggage: Vec<&'a Bytes>,
}

impl<'a> Kinds<'a> {
    fn seen(&mut self, crossing: &'a Crossing, side: Side) -> Seen<'a> {
        let readings = readings(crossing, side);
        Seen {
            readings,
            kinds: readings.iter().map(|reading| self.of(reading)).collect(),
        }
    }

    fn of(&mut self, reading: &'a Reading) -> usize {
        let values = |name| reading.carrier.all(name).collect();
        let said = Said {
            format: reading.format,
            flags: reading.context.ok().map(|context| context.flags),
            is_sampled: reading.is_sampled(),
            trace_state: values(TRACESTATE),
            baggage: values(BAGGAGE),
        };
        let next = self.known.len();
        *self.known.entry(said).or_insert(next)
    }
}

/// Whether what follows on a hop is to be of the same trace.
pub(crate) fn inherits(relation: Relation) -> bool {
    matches!(relation, Relation::Child | Relation::ChildAndLink)
}

fn readings(crossing: &Crossing, side: Side) -> &[Reading] {
    let readings = match side {
        Side::Before => crossing.wire.before(),
        Side::After => crossing.wire.after(),
    };
    readings.unwrap_or_default()
}
