use std::fmt;
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;

use super::{Point, Sighting};
use crate::Carrier;

/// What a middle does to each carrier that passes: a fault, made on purpose.
pub type Middle = Arc<dyn Fn(Carrier) -> Carrier + Send + Sync>;

/// Where a tap sends what it sees, and, if there is to be a middle, what that does.
#[derive(Clone)]
pub struct Recorder {
    sightings: UnboundedSender<Sighting>,
    middle: Option<Middle>,
}

impl Recorder {
    /// With a middle that changes what passes.
    #[must_use]
    pub fn changing(self, middle: Middle) -> Self {
        let middle = Some(middle);
        Self { middle, ..self }
    }

    /// Records a carrier that is the same on both sides of whatever stands between.
    pub fn seen(&self, carrier: &Carrier) {
        for point in [Point::BeforeMiddle, Point::AfterMiddle] {
            self.seen_at(point, carrier.clone());
        }
    }

    /// Records a carrier on one side.
    pub fn seen_at(&self, point: Point, carrier: Carrier) {
        // If nobody looks any more there is nobody to tell.
        let _ = self.sightings.send(Sighting { point, carrier });
    }

    /// For a tap that carries what it sees: records it, lets the middle have it, and records
    /// what comes out, which is to be sent on.
    pub fn through(&self, carrier: Carrier) -> Carrier {
        self.seen_at(Point::BeforeMiddle, carrier.clone());
        let carrier = match &self.middle {
            Some(middle) => middle(carrier),
            None => carrier,
        };
        self.seen_at(Point::AfterMiddle, carrier.clone());
        carrier
    }

    /// Whether nobody looks any more.
    pub fn is_closed(&self) -> bool {
        self.sightings.is_closed()
    }
}

impl From<UnboundedSender<Sighting>> for Recorder {
    fn from(sightings: UnboundedSender<Sighting>) -> Self {
        let middle = None;
        Self { sightings, middle }
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
