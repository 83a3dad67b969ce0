use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashSet};
use unbroken_adapters::b3::{self, B3};
use unbroken_adapters::tap::{Point, Sighting};
use unbroken_adapters::w3c::{TRACEPARENT, TraceParent, TraceParentError};
use unbroken_adapters::{Carrier, Descriptor, Format};

use crate::story::Ids;

/// Contexts that something may be tied to.
pub type Contexts = FxHashSet<Ids>;

/// What the taps of a hop saw, read by our own parser.
#[derive(Clone, Debug, Default)]
pub struct Wire {
    points: Option<Points>,
}

#[derive(Clone, Debug, Default)]
struct Points {
    before: Vec<Reading>,
    after: Vec<Reading>,
    /// Of what came after, each distinct one once: in order, and to be asked for. A hop may have
    /// a million messages, and a dozen rules ask.
    contexts: Vec<Ids>,
    context_set: Arc<Contexts>,
    /// The same, and those that were seen before the middle alone.
    named: Vec<Ids>,
    /// Whether somebody said which formats the receiver reads.
    are_known: bool,
}

/// One carrier, and the context that stands on it, if one does.
#[derive(Clone, Debug)]
pub struct Reading {
    /// As it was seen.
    pub carrier: Carrier,
    /// Where, in the words of the tap; empty if that has none.
    pub place: String,
    /// What a receiver that keeps to the specification must make of it.
    pub context: Result<TraceParent, TraceParentError>,
    /// In which format that was read.
    pub format: Format,
}

impl Wire {
    /// A hop without a tap: nothing is known.
    pub fn untapped() -> Self {
        Self::default()
    }

    /// A hop with a tap that saw this. Where nobody said what counts, any format does.
    pub fn tapped(sightings: &[Sighting]) -> Self {
        Self::from_to(sightings, sightings, None)
    }

    /// A hop with a tap that saw this, for a receiver that speaks these formats, the most
    /// preferred first; should there be none of them, any other counts.
    pub fn tapped_by(sightings: &[Sighting], formats: &[Format]) -> Self {
        Self::from_to(sightings, sightings, Some(formats))
    }

    /// A hop whose messages were sent on another one: what the tap there saw before the middle,
    /// and the one here after it.
    pub fn from_to(sent: &[Sighting], got: &[Sighting], formats: Option<&[Format]>) -> Self {
        let known = formats.unwrap_or_default();
        let others = Format::ALL.into_iter().filter(|f| !known.contains(f));
        let order: Vec<_> = known.iter().copied().chain(others).collect();
        let read = |sightings: &[Sighting], point| -> Vec<Reading> {
            let sightings = sightings.iter().filter(|sighting| sighting.point == point);
            sightings.map(|s| Reading::of(s, &order)).collect()
        };
        let before = read(sent, Point::BeforeMiddle);
        let after = read(got, Point::AfterMiddle);
        Self {
            points: Some(Points::of(before, after, formats.is_some())),
        }
    }

    /// Whether some message brought several contexts, and nobody said which the receiver reads.
    pub(super) fn is_ambiguous(&self) -> bool {
        let points = self.points.as_ref().filter(|points| !points.are_known);
        points.is_some_and(|points| points.after.iter().any(Reading::has_another))
    }

    /// For a receiver of which nobody said what it reads: of several contexts of a message the one
    /// counts that was followed.
    pub(super) fn read_as(&mut self, followed: &Contexts) {
        if let Some(Points { before, after, .. }) = self.points.take() {
            let read = |readings: Vec<Reading>| {
                let readings = readings.into_iter();
                readings.map(|it| it.reread(followed)).collect()
            };
            self.points = Some(Points::of(read(before), read(after), false));
        }
    }

    /// Whether there was a tap.
    pub fn is_tapped(&self) -> bool {
        self.points.is_some()
    }

    /// What the sender sent; `None` without a tap.
    pub fn before(&self) -> Option<&[Reading]> {
        self.points.as_ref().map(|points| &*points.before)
    }

    /// What the receiver got; `None` without a tap.
    pub fn after(&self) -> Option<&[Reading]> {
        self.points.as_ref().map(|points| &*points.after)
    }

    /// Whether all that was sent is known not to be sampled. Where nothing was seen before the
    /// middle, what came after it tells.
    pub fn is_sent_unsampled(&self) -> bool {
        let sent = self.before().filter(|sent| !sent.is_empty());
        are_unsampled(sent.or(self.after()))
    }

    /// Whether all that arrived is known not to be sampled.
    pub fn arrives_unsampled(&self) -> bool {
        are_unsampled(self.after())
    }

    /// The contexts that reached the receiver, each distinct one once.
    pub fn contexts(&self) -> &[Ids] {
        let points = self.points.as_ref();
        points.map_or(&[], |points| &points.contexts)
    }

    /// The same, to be asked for.
    pub fn context_set(&self) -> Arc<Contexts> {
        let points = self.points.as_ref();
        points.map_or_else(Arc::default, |points| Arc::clone(&points.context_set))
    }

    /// Every context that was seen, on either side of the middle, each distinct one once.
    pub fn named(&self) -> &[Ids] {
        let points = self.points.as_ref();
        points.map_or(&[], |points| &points.named)
    }

    /// Whether the tap, if there is one, has seen so many messages after the middle, and at least
    /// one before it.
    pub fn has_seen(&self, messages: usize) -> bool {
        let points = self.points.as_ref();
        points.is_none_or(|points| !points.before.is_empty() && points.after.len() >= messages)
    }
}

impl Points {
    fn of(before: Vec<Reading>, after: Vec<Reading>, are_known: bool) -> Self {
        let mut seen = FxHashSet::with_capacity_and_hasher(after.len(), FxBuildHasher);
        let contexts = after.iter().filter_map(Reading::ids);
        let contexts: Vec<_> = contexts.filter(|ids| seen.insert(*ids)).collect();
        Self {
            named: named(&before, &after, &contexts, &seen),
            before,
            after,
            contexts,
            context_set: Arc::new(seen),
            are_known,
        }
    }
}

/// Of nothing nothing is known.
fn are_unsampled(readings: Option<&[Reading]>) -> bool {
    let readings = readings.unwrap_or_default();
    !readings.is_empty() && readings.iter().all(Reading::is_unsampled)
}

fn named(before: &[Reading], after: &[Reading], contexts: &[Ids], seen: &Contexts) -> Vec<Ids> {
    let mut named = contexts.to_vec();
    let mut others = Contexts::default();
    for (at, ids) in before
        .iter()
        .enumerate()
        .filter_map(|(at, reading)| Some((at, reading.ids()?)))
    {
        // Most messages arrive as they were sent, and in order: nothing is to be looked up.
        let as_it_was = after.get(at).and_then(Reading::ids) == Some(ids);
        if !as_it_was && !seen.contains(&ids) && others.insert(ids) {
            named.push(ids);
        }
    }
    named
}

fn ids(context: TraceParent) -> Ids {
    (context.trace_id, context.parent_id)
}

impl Reading {
    /// The ids of the context, if there is one.
    pub fn ids(&self) -> Option<Ids> {
        self.context.ok().map(ids)
    }

    /// What stands there in the other formats.
    fn others(&self) -> impl Iterator<Item = (Format, TraceParent)> {
        let others = Format::ALL
            .into_iter()
            .filter(|other| *other != self.format);
        others.filter_map(|other| Some((other, other.context(&self.carrier)?)))
    }

    /// Whether there is a context that names another span.
    fn has_another(&self) -> bool {
        self.others()
            .any(|(_, context)| Some(ids(context)) != self.ids())
    }

    /// The same, with the first context that was followed, if one was.
    fn reread(mut self, followed: &Contexts) -> Self {
        if self.ids().is_some_and(|ids| !followed.contains(&ids)) {
            let other = self
                .others()
                .find(|(_, other)| followed.contains(&ids(*other)));
            if let Some((format, context)) = other {
                (self.format, self.context) = (format, Ok(context));
            }
        }
        self
    }

    /// The context as it stands there, in words.
    pub fn said(&self) -> String {
        match (self.context, self.format) {
            (Ok(context), Format::TraceContext) => format!("traceparent {context}"),
            (Ok(context), format) => {
                format!("{}/{} as {format}", context.trace_id, context.parent_id)
            }
            (Err(_), _) => "no valid context".to_owned(),
        }
    }

    /// Whether the trace is sampled; none where that is left to the receiver, or there is no
    /// context. B3 can say that it is not, and name no trace.
    pub fn is_sampled(&self) -> Option<bool> {
        let first = |name: &str| self.carrier.all(name).next().map(|value| &**value);
        let by_b3 = |read: Result<B3, _>| read.ok()?.decision.is_sampled();
        match (self.format, self.context) {
            (Format::B3, _) => by_b3(B3::single(first(b3::SINGLE))),
            (Format::B3Multi, _) => by_b3(B3::multi(first)),
            (_, Ok(context)) => Some(context.is_sampled()),
            (_, Err(_)) => {
                let alone = by_b3(B3::single(first(b3::SINGLE)));
                alone.or_else(|| by_b3(B3::multi(first)))
            }
        }
    }

    /// Whether it is known not to be: then nobody need have a span of it.
    pub fn is_unsampled(&self) -> bool {
        self.is_sampled() == Some(false)
    }

    /// Where it was, for a sentence: `on Kafka topic t, partition 0, offset 42`.
    pub fn whereabouts(&self, over: &Descriptor) -> String {
        match &*self.place {
            "" => format!("over {}", over.name),
            place => format!("on {} {place}", over.name),
        }
    }

    /// What it was and where, for a sentence that says who sent or received it.
    pub fn in_words(&self, over: &Descriptor) -> String {
        let at = self.whereabouts(over);
        match &self.context {
            Ok(_) => format!("{} {at}", self.said()),
            Err(_) => format!("a message {at}"),
        }
    }

    /// The first format in which there is a valid context counts. Where there is none, what is
    /// wrong is said of the traceparent.
    fn of(sighting: &Sighting, formats: &[Format]) -> Self {
        let Sighting { carrier, place, .. } = sighting;
        let mut valid = formats.iter().filter_map(|format| {
            let context = format.context(carrier)?;
            Some((Ok(context), *format))
        });
        let (context, format) = valid.next().unwrap_or_else(|| {
            let values = carrier.all(TRACEPARENT).map(|value| &**value);
            (TraceParent::from_values(values), Format::TraceContext)
        });
        Self {
            carrier: carrier.clone(),
            place: place.clone(),
            context,
            format,
        }
    }
}
