//! Recorders on a hop that see the carrier on the wire, and can change what passes.

mod bridge;
pub(crate) mod proxy;
mod recorder;
pub(crate) mod request;

use tokio_util::task::AbortOnDropHandle;

pub use bridge::bridge;
pub use recorder::{Middle, Recorder};

use crate::{Address, BoundaryError, Carrier};

/// One carrier, seen once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// On which side of the middle.
    pub point: Point,
    /// Where on the boundary, in words for a report: `topic t, partition 0, offset 42`.
    pub place: String,
    /// Everything that stood where the boundary carries context.
    pub carrier: Carrier,
}

/// Where on the hop a carrier was seen. Between the two stands the middle: a proxy, a broker, a
/// bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Point {
    /// As the sender sent it.
    BeforeMiddle,
    /// As the receiver got it.
    AfterMiddle,
}

/// A tap in its place. Dropping it takes it away.
#[derive(Debug)]
pub struct Tap {
    /// Where the sender must send, so that the tap sees it.
    pub sender: Address,
    /// Where the receiver must receive, so that the tap sees it.
    pub receiver: Address,
    /// Ends by itself only when the tap can see no more, with the reason.
    pub task: AbortOnDropHandle<BoundaryError>,
}
