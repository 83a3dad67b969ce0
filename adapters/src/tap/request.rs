use std::net::IpAddr;
use std::sync::Arc;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{HeaderMap, Request, Response};

use super::proxy::{Body, NoAnswer, Upstream, listen};
use super::{Recorder, Tap};
use crate::{Address, BoundaryError, Carrier, Message};

/// What differs between the boundaries whose carrier is the headers of a request.
pub(crate) struct OnRequests {
    /// The boundary's name.
    pub(crate) boundary: &'static str,
    /// Whether its servers speak HTTP/2 from the first byte.
    pub(crate) http2: bool,
    /// Where a request goes, in words for a report.
    pub(crate) place: fn(&Request<Incoming>) -> String,
    /// How it reads its carrier.
    pub(crate) carrier_of: fn(&HeaderMap) -> Carrier,
    /// How it writes a value under a name; none that a header cannot hold.
    pub(crate) value_of: fn(&str, &[u8]) -> Option<HeaderValue>,
    /// What its senders understand where the receiver cannot be reached.
    pub(crate) no_answer: fn(NoAnswer) -> Response<Body>,
}

impl OnRequests {
    /// A proxy in front of a server. What it sends on it knows first hand, so both points of the
    /// hop are known from one request; it changes headers only if its recorder has a middle.
    pub(crate) async fn tap(
        self,
        address: &Address,
        bind: IpAddr,
        recorder: Recorder,
    ) -> Result<Tap, BoundaryError> {
        let failed = |reason: String| BoundaryError::Unreachable {
            boundary: self.boundary,
            address: address.clone(),
            reason,
        };
        let upstream = Upstream::new(&address.endpoint(), self.http2);
        let upstream = Arc::new(upstream.map_err(|e| failed(e.to_string()))?);
        let handler = move |mut request: Request<Incoming>| {
            let upstream = Arc::clone(&upstream);
            let recorder = recorder.clone();
            async move {
                let (place, carrier) =
                    ((self.place)(&request), (self.carrier_of)(request.headers()));
                let message = Message {
                    carrier: carrier.clone(),
                    ..Message::default()
                };
                let Some(changed) = recorder.through_once(message, &place) else {
                    return (self.no_answer)(NoAnswer {
                        reached: true,
                        reason: "the middle did not pass it on".to_owned(),
                    });
                };
                let headers = request.headers_mut();
                replace(headers, &carrier, &changed.carrier, self.value_of);
                let forwarded = upstream.forward(request.map(BodyExt::boxed_unsync)).await;
                forwarded.unwrap_or_else(self.no_answer)
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
}

/// Puts into the headers what a middle made of their carrier; names that it left alone stay as
/// they were, byte for byte.
fn replace(
    headers: &mut HeaderMap,
    before: &Carrier,
    after: &Carrier,
    value_of: fn(&str, &[u8]) -> Option<HeaderValue>,
) {
    let names = before.iter().chain(after.iter()).map(|(name, _)| name);
    for name in names.filter(|name| !before.all(name).eq(after.all(name))) {
        let Ok(header) = HeaderName::try_from(name) else {
            continue;
        };
        headers.remove(&header);
        for value in after.all(name) {
            if let Some(value) = value_of(name, value) {
                headers.append(header.clone(), value);
            }
        }
    }
}
