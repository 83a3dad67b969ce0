//! What a proxying tap must leave as it is: order, streams, errors, and everything that it has
//! never heard of. On either side stands somebody who knows nothing of taps.

mod grpc;
mod http;

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::time::timeout;
use unbroken_adapters::tap::{Middle, Point, Recorder, Sighting, Tap};
use unbroken_adapters::{Address, Boundary, Carrier};

/// How long anything may take that is going to happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// A tap in front of a server, and what it sees.
struct Tapped {
    tap: Tap,
    sightings: UnboundedReceiver<Sighting>,
}

impl Tapped {
    async fn before(server: SocketAddr, boundary: &dyn Boundary) -> Self {
        Self::with(server, boundary, None).await
    }

    async fn with(server: SocketAddr, boundary: &dyn Boundary, middle: Option<Middle>) -> Self {
        let scheme = boundary.descriptor().scheme;
        let address = Address::parse(&format!("{scheme}://{server}/a/b")).expect("a URL");
        let (recorder, sightings) = mpsc::unbounded_channel();
        let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let recorder = Recorder::from(recorder);
        let recorder = match middle {
            Some(middle) => recorder.changing(middle),
            None => recorder,
        };
        let tap = boundary.tap(&address, local, recorder);
        let tap = tap.await.expect("a tap");
        Self { tap, sightings }
    }

    /// `127.0.0.1:49153`
    fn endpoint(&self) -> String {
        self.tap.sender.endpoint()
    }

    /// The next carrier before the middle; what came out of it is the same, and comes with it.
    async fn carrier(&mut self) -> Carrier {
        let before = soon(self.sightings.recv()).await.expect("a sighting");
        let after = soon(self.sightings.recv()).await.expect("a sighting");
        assert_eq!(before.point, Point::BeforeMiddle);
        assert_eq!(after.point, Point::AfterMiddle);
        assert_eq!(before.carrier, after.carrier);
        before.carrier
    }
}

/// What is going to happen.
async fn soon<T>(event: impl Future<Output = T>) -> T {
    timeout(PATIENCE, event).await.expect("it happens")
}

/// Every value of a name, as text.
fn texts<'a>(carrier: &'a Carrier, name: &'a str) -> Vec<&'a str> {
    let text = |value| str::from_utf8(value).expect("text");
    carrier.all(name).map(|value| text(value)).collect()
}
