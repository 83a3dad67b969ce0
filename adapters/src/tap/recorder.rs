use std::fmt;
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;

use super::{Point, Sighting};
use crate::{Carrier, Message};

/// What a middle makes of each message that passes: a fault, made on purpose. A bridge sends on
/// whatever comes out, be it nothing, another body, or several messages. A proxy in front of a
/// call has no body to give and only headers to change: it takes the carrier of the first.
pub type Middle = Arc<dyn Fn(Message) -> Vec<Message> + Send + Sync>;

/// Where a tap sends what it sees, and, if there is to be a middle, what that does.
#[derive(Clone)]
pub struct Recorder {
    sightings: UnboundedSender<Sighting>,
    middle: Option<Middle>,
    /// The one side that it looks at, if it is one.
    side: Option<Point>,
}

impl Recorder {
    /// With a middle that changes what passes.
    #[must_use]
    pub fn changing(self, middle: Middle) -> Self {
        let middle = Some(middle);
        Self { middle, ..self }
    }

    /// Beside a middle that is none of ours, with another recorder on its other side.
    #[must_use]
    pub fn at(self, side: Point) -> Self {
        let side = Some(side);
        Self { side, ..self }
    }

    /// Records a carrier that is the same on both sides of whatever stands between.
    pub fn seen(&self, carrier: &Carrier, place: &str) {
        for point in [Point::BeforeMiddle, Point::AfterMiddle] {
            self.seen_at(point, carrier.clone(), place);
        }
    }

    /// Records a carrier on one side.
    pub fn seen_at(&self, point: Point, carrier: Carrier, place: &str) {
        if self.side.is_some_and(|side| side != point) {
            return;
        }
        let place = place.to_owned();
        let sighting = Sighting {
            point,
            place,
            carrier,
        };
        // If nobody looks any more there is nobody to tell.
        let _ = self.sightings.send(sighting);
    }

    /// For a tap that carries what it sees: records it where it came from, lets the middle have
    /// it, and records what comes out where it goes to, which is to be sent on.
    pub fn through(&self, message: Message, from: &str, to: &str) -> Vec<Message> {
        self.seen_at(Point::BeforeMiddle, message.carrier.clone(), from);
        let messages = self.made_of(message);
        for message in &messages {
            self.seen_at(Point::AfterMiddle, message.carrier.clone(), to);
        }
        messages
    }

    /// The same for a tap that can send on one message at most, and only where it came from.
    pub fn through_once(&self, message: Message, place: &str) -> Option<Message> {
        self.seen_at(Point::BeforeMiddle, message.carrier.clone(), place);
        let first = self.made_of(message).into_iter().next()?;
        self.seen_at(Point::AfterMiddle, first.carrier.clone(), place);
        Some(first)
    }

    fn made_of(&self, message: Message) -> Vec<Message> {
        match &self.middle {
            Some(middle) => middle(message),
            None => vec![message],
        }
    }

    /// Whether nobody looks any more.
    pub fn is_closed(&self) -> bool {
        self.sightings.is_closed()
    }
}

impl From<UnboundedSender<Sighting>> for Recorder {
    fn from(sightings: UnboundedSender<Sighting>) -> Self {
        Self {
            sightings,
            middle: None,
            side: None,
        }
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let changes = self.middle.is_some();
        f.debug_struct("Recorder")
            .field("changes", &changes)
            .finish_non_exhaustive()
    }
}
