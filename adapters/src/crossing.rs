//! What every broker must do, mounted by the tests of each. The endpoint of a running broker
//! comes from the environment.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::join_all;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::tap::Point;
use crate::{Address, Boundary, BoundaryError, Carrier, Delivery, Handler, Message};

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// `host:port` of a broker, from this variable.
pub(crate) fn endpoint(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| panic!("{variable} must hold host:port of a broker"))
}

/// An address that no other test and no other run has.
pub(crate) fn fresh(boundary: &dyn Boundary, endpoint: &str) -> Address {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let started = std::time::UNIX_EPOCH.elapsed().expect("after 1970");
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let hop = format!("ub_{}_{count}", started.as_nanos());
    let address = boundary.descriptor().address_of(endpoint, &hop);
    address.expect("the template is a URL")
}

/// A handler that passes on what it gets, and answers as it is told.
pub(crate) fn passing_on(
    answer: Result<(), String>,
) -> (Handler, mpsc::UnboundedReceiver<Delivery>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let handler: Handler = Arc::new(move |delivery| {
        let _ = sender.send(delivery);
        let answer = answer.clone();
        async move { answer }.boxed()
    });
    (handler, receiver)
}

/// What comes next, within a deadline.
pub(crate) async fn soon<T>(receiver: &mut mpsc::UnboundedReceiver<T>) -> T {
    let next = timeout(Duration::from_secs(10), receiver.recv()).await;
    next.expect("in time").expect("its sender lives")
}

fn message(carrier: Carrier, body: &'static str) -> Message {
    let body = body.into();
    Message { carrier, body }
}

/// The carrier arrives at the receiver as it was sent, and the tap saw it at both points.
pub(crate) async fn what_is_sent_arrives_and_is_seen(
    boundary: &dyn Boundary,
    endpoint: &str,
    carrier: Carrier,
) {
    let address = fresh(boundary, endpoint);
    boundary.declare(&address).await.expect("declared");
    boundary.declare(&address).await.expect("declared again");
    let (handler, mut received) = passing_on(Ok(()));
    let (recorder, mut seen) = mpsc::unbounded_channel();
    let tap = boundary.tap(&address, LOCAL, recorder.into()).await;
    let tap = tap.expect("tapped");
    let _serving = boundary
        .serve(&tap.receiver, 1, handler)
        .await
        .expect("served");
    let sent = message(carrier.clone(), "[]");
    boundary
        .send(&tap.sender, sent.clone())
        .await
        .expect("sent");
    assert_eq!(soon(&mut received).await.messages, [sent]);
    for point in [Point::BeforeMiddle, Point::AfterMiddle] {
        let sighting = soon(&mut seen).await;
        assert_eq!((sighting.point, sighting.carrier), (point, carrier.clone()));
    }
}

/// A receiver goes on after its handler failed; what waits for it then comes as one delivery.
pub(crate) async fn a_failing_handler_goes_on_in_batches(boundary: &dyn Boundary, endpoint: &str) {
    let address = fresh(boundary, endpoint);
    boundary.declare(&address).await.expect("declared");
    for body in ["1", "2", "3"] {
        let sent = boundary.send(&address, message(Carrier::new(), body));
        sent.await.expect("sent");
    }
    let (handler, mut received) = passing_on(Err("no".to_owned()));
    let serving = boundary.serve(&address, 2, handler).await;
    let _serving = serving.expect("served");
    let mut bodies = Vec::new();
    while bodies.len() < 3 {
        let delivery = soon(&mut received).await;
        assert!(delivery.messages.len() <= 2, "{delivery:?}");
        bodies.extend(delivery.messages.into_iter().map(|message| message.body));
    }
    assert_eq!(bodies, ["1", "2", "3"]);
}

/// As many hops as a run has at once, each made, tapped, served, and crossed.
pub(crate) async fn hops_cross_side_by_side(boundary: &dyn Boundary, endpoint: &str) {
    let crossings = (0..30).map(|_| async {
        let address = fresh(boundary, endpoint);
        let begun = Instant::now();
        boundary.declare(&address).await.expect("declared");
        let (handler, mut received) = passing_on(Ok(()));
        let (recorder, mut seen) = mpsc::unbounded_channel();
        let tap = boundary.tap(&address, LOCAL, recorder.into()).await;
        let _tap = tap.expect("tapped");
        let serving = boundary.serve(&address, 1, handler).await;
        let _serving = serving.expect("served");
        let ready = begun.elapsed();
        let carrier = [("hop", address.as_str().to_owned())].into_iter().collect();
        let sent = message(carrier, "");
        boundary.send(&address, sent.clone()).await.expect("sent");
        assert_eq!(soon(&mut received).await.messages, [sent]);
        soon(&mut seen).await;
        (ready, begun.elapsed())
    });
    let times = join_all(crossings).await;
    println!("ready, crossed: {:?}", times.iter().max());
}

/// A port where nobody listens is told as such, by whoever comes there, and before long.
pub(crate) async fn a_closed_port_is_unreachable(boundary: &dyn Boundary) {
    let listener = std::net::TcpListener::bind((LOCAL, 0)).expect("a free port");
    let endpoint = listener.local_addr().expect("bound").to_string();
    drop(listener);
    let address = fresh(boundary, &endpoint);
    let (handler, _received) = passing_on(Ok(()));
    let (recorder, _seen) = mpsc::unbounded_channel();
    let attempts = async {
        futures::join!(
            boundary.declare(&address),
            boundary.send(&address, Message::default()).map(drop_ok),
            boundary.serve(&address, 1, handler).map(drop_ok),
            boundary.tap(&address, LOCAL, recorder.into()).map(drop_ok),
        )
    };
    let ended = timeout(Duration::from_secs(10), attempts).await;
    let (declared, sent, served, tapped) = ended.expect("before long");
    for outcome in [declared, sent, served, tapped] {
        let error = outcome.expect_err("nobody is there");
        assert!(
            matches!(error, BoundaryError::Unreachable { .. }),
            "{error}"
        );
        assert!(error.to_string().contains(&endpoint), "{error}");
    }
}

fn drop_ok<T>(outcome: Result<T, BoundaryError>) -> Result<(), BoundaryError> {
    outcome.map(drop)
}
