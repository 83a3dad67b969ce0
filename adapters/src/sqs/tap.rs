use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::CONTENT_LENGTH;
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};

use super::wire::{Action, Arrival, Asked, call, received};
use super::{DESCRIPTOR, Queue};
use crate::tap::proxy::{Body, Upstream, answer, bad_gateway, full, listen};
use crate::tap::{Point, Recorder, Tap};
use crate::{Address, BoundaryError, Carrier};

/// Of a request: what SQS takes in one, with room for the encoding.
const MOST_SENT: usize = 2 << 20;
/// Of an answer, which may hold ten messages of the greatest length.
const MOST_RECEIVED: usize = 16 << 20;

/// A proxy in front of the broker, for both sides of one hop: what is sent through it is seen
/// before the middle, what is received through it after. It rewrites nothing, so a client that
/// asks the broker for the queue's URL, and follows it, goes past the tap.
pub(super) async fn tap(
    address: &Address,
    bind: IpAddr,
    recorder: Recorder,
) -> Result<Tap, BoundaryError> {
    let failed = |reason: String| BoundaryError::Unreachable {
        boundary: DESCRIPTOR.name,
        address: address.clone(),
        reason,
    };
    let upstream = Upstream::new(&address.endpoint(), false);
    let middle = Arc::new(Middle {
        queue: Queue::at(address)?,
        upstream: upstream.map_err(|error| failed(error.to_string()))?,
        recorder,
    });
    let handler = move |request| {
        let middle = Arc::clone(&middle);
        async move { middle.pass(request).await }
    };
    let (local, task) = listen(bind, handler)
        .await
        .map_err(|error| failed(format!("the tap cannot listen on {bind}: {error}")))?;
    let address = address.behind(&local.to_string())?;
    Ok(Tap {
        sender: address.clone(),
        receiver: address,
        task,
    })
}

struct Middle {
    queue: Queue,
    upstream: Upstream,
    recorder: Recorder,
}

impl Middle {
    /// Passes a request on and its answer back. Nothing here has a deadline: a long poll that is
    /// broken off takes the next message with it.
    async fn pass(&self, request: Request<Incoming>) -> Response<Body> {
        let (head, body) = request.into_parts();
        let body = match Limited::new(body, MOST_SENT).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                let reason = format!("the tap takes {MOST_SENT} bytes at most");
                return answer(StatusCode::PAYLOAD_TOO_LARGE, reason);
            }
            Err(error) => return answer(StatusCode::BAD_REQUEST, error.to_string()),
        };
        // Other queues may be used through the same port: a client has one endpoint for all.
        let action = call(head.uri.path(), &head.headers, &body)
            .filter(|call| call.queue == self.queue.name)
            .map(|call| call.action);
        match action {
            Some(Action::Receive) => self.receive(head, body).await,
            Some(Action::Send(carriers)) => {
                let place = format!("queue {}", self.queue.name);
                for carrier in carriers {
                    self.saw(Point::BeforeMiddle, carrier, &place);
                }
                self.pass_on(head, body).await
            }
            None => self.pass_on(head, body).await,
        }
    }

    async fn pass_on(&self, head: Parts, body: Bytes) -> Response<Body> {
        let request = Request::from_parts(head, full(body));
        let forwarded = self.upstream.forward(request).await;
        forwarded.unwrap_or_else(bad_gateway)
    }

    /// Asks the broker for every attribute, whatever the client asked for, which gets no more than
    /// that: so what was there can be told from what was asked for.
    async fn receive(&self, mut head: Parts, body: Bytes) -> Response<Body> {
        let (asked, body) = match Asked::in_request(&body) {
            Some((asked, body)) => {
                head.headers.remove(CONTENT_LENGTH);
                (Some(asked), body)
            }
            None => (None, body),
        };
        let (mut head, body) = self.pass_on(head, body).await.into_parts();
        if !head.status.is_success() {
            return Response::from_parts(head, body);
        }
        let body: Bytes = match Limited::new(body, MOST_RECEIVED).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => {
                let reason = format!("the tap cannot pass the answer back: {error}");
                return answer(StatusCode::BAD_GATEWAY, reason);
            }
        };
        for Arrival { id, carrier } in received(&body) {
            let missing = asked.as_ref().map(|asked| asked.missing(&carrier));
            let missing = missing.unwrap_or_default().join(", ");
            let not_asked = match &*missing {
                "" => String::new(),
                missing => format!(" (not asked for: {missing})"),
            };
            let place = format!("queue {}, message {id}{not_asked}", self.queue.name);
            self.saw(Point::AfterMiddle, carrier, &place);
        }
        let body = match asked {
            Some(asked) => {
                head.headers.remove(CONTENT_LENGTH);
                asked.of(body)
            }
            None => body,
        };
        Response::from_parts(head, full(body))
    }

    fn saw(&self, point: Point, carrier: Carrier, place: &str) {
        let carrier = self.queue.form.read(carrier);
        self.recorder.seen_at(point, carrier, place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tap::Sighting;
    use std::net::Ipv4Addr;
    use tokio::sync::mpsc::{self, UnboundedReceiver};
    use tokio_util::task::AbortOnDropHandle;

    const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const ANSWER: &str =
        r#"{"Messages":[{"MessageAttributes":{"a":{"StringValue":"2"}},"MessageId":"7"}]}"#;

    /// A broker that gives one answer to everything, and a tap on its queue `q`.
    struct Hop {
        tap: Tap,
        seen: UnboundedReceiver<Sighting>,
        broker: AbortOnDropHandle<BoundaryError>,
    }

    impl Hop {
        async fn new() -> Self {
            let answers = |_| async { Response::new(full(ANSWER)) };
            let (broker, task) = listen(LOCALHOST, answers).await.expect("a free port");
            let address = Address::parse(&format!("sqs://{broker}/0/q")).expect("valid");
            let (recorder, seen) = mpsc::unbounded_channel();
            let tap = tap(&address, LOCALHOST, recorder.into())
                .await
                .expect("a tap");
            Self {
                tap,
                seen,
                broker: task,
            }
        }

        /// The status and the body of the answer.
        async fn post(&self, operation: &str, body: impl Into<reqwest::Body>) -> (u16, String) {
            let response = reqwest::Client::new()
                .post(format!("http://{}/", self.tap.sender.endpoint()))
                .header("x-amz-target", format!("AmazonSQS.{operation}"))
                .body(body)
                .send()
                .await
                .expect("the tap answers");
            let status = response.status().as_u16();
            (status, response.text().await.expect("a body"))
        }

        fn saw(&mut self) -> Vec<Sighting> {
            std::iter::from_fn(|| self.seen.try_recv().ok()).collect()
        }
    }

    fn sighting(point: Point, place: &str, value: &'static str) -> Sighting {
        let carrier = [("a", value)].into_iter().collect();
        Sighting {
            point,
            place: place.to_owned(),
            carrier,
        }
    }

    #[tokio::test]
    async fn a_send_is_seen_before_the_middle_and_a_receive_after_it() {
        let mut hop = Hop::new().await;
        let send = r#"{"QueueUrl": "q", "MessageAttributes": {"a": {"StringValue": "1"}}}"#;
        let unchanged = (200, ANSWER.to_owned());
        assert_eq!(hop.post("SendMessage", send).await, unchanged);
        let receive = r#"{"QueueUrl": "http://other:1/0/q", "MessageAttributeNames": ["All"],
            "AttributeNames": ["All"]}"#;
        assert_eq!(hop.post("ReceiveMessage", receive).await, unchanged);
        let expected = [
            sighting(Point::BeforeMiddle, "queue q", "1"),
            sighting(Point::AfterMiddle, "queue q, message 7", "2"),
        ];
        assert_eq!(hop.saw(), expected);
    }

    #[tokio::test]
    async fn what_a_client_did_not_ask_for_is_seen_and_not_passed_back() {
        let mut hop = Hop::new().await;
        let bare = (200, r#"{"Messages":[{"MessageId":"7"}]}"#.to_owned());
        let receive = r#"{"QueueUrl": "q"}"#;
        assert_eq!(hop.post("ReceiveMessage", receive).await, bare);
        let place = "queue q, message 7 (not asked for: a)";
        assert_eq!(hop.saw(), [sighting(Point::AfterMiddle, place, "2")]);
    }

    #[tokio::test]
    async fn another_queue_and_what_cannot_be_read_pass_unseen() {
        let mut hop = Hop::new().await;
        for body in [r#"{"QueueUrl": "r"}"#, "{", ""] {
            for operation in ["SendMessage", "ReceiveMessage", "DeleteMessage"] {
                let unchanged = (200, ANSWER.to_owned());
                assert_eq!(hop.post(operation, body).await, unchanged, "{body}");
            }
        }
        assert!(hop.saw().is_empty());
    }

    #[tokio::test]
    async fn a_body_without_end_is_refused() {
        let hop = Hop::new().await;
        let (status, _) = hop.post("SendMessage", vec![b' '; MOST_SENT + 1]).await;
        assert_eq!(status, 413);
    }

    #[tokio::test]
    async fn abroker_that_is_gone_is_said_to_be() {
        let mut hop = Hop::new().await;
        hop.broker.abort();
        let _ = (&mut hop.broker).await;
        let (status, said) = hop.post("SendMessage", "{}").await;
        assert_eq!(status, 502);
        assert!(said.contains("the tap cannot reach"), "{said}");
    }
}
