use std::net::IpAddr;
use std::sync::Arc;

use http_body_util::BodyExt;
use hyper::Request;
use hyper::body::Incoming;

use crate::tap::proxy::{Upstream, carrier_of, listen};
use crate::tap::{Point, Recorder, Sighting, Tap};
use crate::{Address, BoundaryError};

/// A proxy in front of a server. It changes nothing, so that what it saw before itself it has
/// also sent on: both points of the hop are known from one request.
pub(crate) async fn tap(
    address: &Address,
    bind: IpAddr,
    recorder: Recorder,
    boundary: &'static str,
    http2: bool,
) -> Result<Tap, BoundaryError> {
    let failed = |reason: String| BoundaryError::Unreachable {
        boundary,
        address: address.clone(),
        reason,
    };
    let upstream = Upstream::new(&address.endpoint(), http2);
    let upstream = Arc::new(upstream.map_err(|e| failed(e.to_string()))?);
    let handler = move |request: Request<Incoming>| {
        let upstream = Arc::clone(&upstream);
        let recorder = recorder.clone();
        async move {
            let carrier = carrier_of(request.headers());
            for point in [Point::BeforeMiddle, Point::AfterMiddle] {
                let carrier = carrier.clone();
                // A recorder that is gone means that nobody looks any more.
                let _ = recorder.send(Sighting { point, carrier });
            }
            upstream.forward(request.map(BodyExt::boxed_unsync)).await
        }
    };
    let (local, task) = listen(bind, handler)
        .await
        .map_err(|e| failed(format!("the tap cannot listen on {bind}: {e}")))?;
    Ok(Tap {
        sender: address.behind(&local.to_string())?,
        receiver: address.clone(),
        task,
    })
}
