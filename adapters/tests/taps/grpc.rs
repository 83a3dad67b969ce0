//! gRPC, with a service that no tap has heard of, and both ends by tonic.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::future::BoxFuture;
use futures::{Stream, StreamExt, stream};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::server::StreamingService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;
use unbroken_adapters::grpc::Grpc;
use unbroken_adapters::tap::Middle;
use unbroken_adapters::{Carrier, Message};

use super::{Tapped, soon, texts};

const PATH: &str = "/never.heard.Of/It";
const LARGEST: usize = 64 << 20;

#[tokio::test]
async fn a_stream_flows_both_ways_while_it_is_being_written() {
    let mut ends = Ends::new().await;
    let (write, read) = unbounded();
    let say = |word: &str| write.unbounded_send(word.to_owned()).expect("read");
    say("one");
    let call = ends.call(Request::new(read));
    let mut answers = soon(call).await.expect("an answer").into_inner();
    assert_eq!(next(&mut answers).await.as_deref(), Some("one"));
    for word in ["two", "three"] {
        say(word);
        assert_eq!(next(&mut answers).await.as_deref(), Some(word));
    }
    drop(write);
    assert_eq!(next(&mut answers).await, None);
    assert_eq!(ends.tapped.carrier().await.all("te").count(), 1);
}

#[tokio::test]
async fn one_message_is_answered_by_many_and_many_by_one() {
    let ends = Ends::new().await;
    let call = ends.call(said(&["3 times"]));
    let answers = soon(call).await.expect("an answer").into_inner();
    let answers: Vec<_> = soon(answers.map(Result::unwrap).collect()).await;
    assert_eq!(answers, ["3 times"; 3]);

    let mut client = ends.client().await;
    let request = said(&["as one", "a", "b", "c"]);
    let codec = ProstCodec::<String, String>::default();
    let path = PATH.parse().expect("a path");
    let answer = client.client_streaming(request, path, codec);
    let answer = soon(answer).await.expect("an answer");
    assert_eq!(answer.into_inner(), "abc");
}

#[tokio::test]
async fn metadata_arrives_whole_on_either_way_and_in_the_trailers() {
    let mut ends = Ends::new().await;
    let mut request = said(&["with metadata"]);
    *request.metadata_mut() = metadata();
    request.set_timeout(Duration::from_secs(9));
    let mut response = soon(ends.call(request)).await.expect("an answer");
    same(response.metadata(), &metadata());
    let answers = response.get_mut();
    let deadline = next(answers).await.expect("an answer");
    assert!(deadline.starts_with('9'), "{deadline}");
    let trailers = soon(answers.trailers()).await.expect("a good end");
    same(&trailers.expect("trailers"), &metadata());

    let carrier = ends.tapped.carrier().await;
    assert_eq!(texts(&carrier, "traceparent"), ["1", "2"]);
    assert_eq!(texts(&carrier, "empty"), [""]);
    let binary: Vec<_> = carrier.all("odd-bin").map(|value| &value[..]).collect();
    assert_eq!(binary, [&b"\x00\xff\n"[..], b""]);
}

#[tokio::test]
async fn what_a_middle_changes_is_changed_and_nothing_else() {
    let changed = |mut message: Message| {
        let entries = message.carrier.iter();
        let entries = entries.filter(|(name, _)| *name != "odd-bin" && *name != "empty");
        let mut carrier: Carrier = entries.map(|(name, value)| (name, value.clone())).collect();
        carrier.append("odd-bin", &b"\x00\xfe"[..]);
        message.carrier = carrier;
        vec![message]
    };
    let ends = Ends::with(Some(Arc::new(changed))).await;
    let mut request = said(&["what came"]);
    *request.metadata_mut() = metadata();
    let response = soon(ends.call(request)).await.expect("an answer");
    let came = response.metadata();
    let binary: Vec<_> = came.get_all_bin("odd-bin").iter().collect();
    assert_eq!(binary, [MetadataValue::from_bytes(b"\x00\xfe")]);
    assert!(came.get("empty").is_none(), "{came:?}");
    let contexts: Vec<_> = came.get_all("traceparent").iter().collect();
    assert_eq!(contexts, ["1", "2"]);
}

#[tokio::test]
async fn as_much_metadata_passes_as_the_two_sides_take() {
    let mut ends = Ends::new().await;
    let mut request = said(&["a"]);
    let long: MetadataValue<_> = "x".repeat(60_000).parse().expect("valid");
    request.metadata_mut().insert("long", long);
    soon(ends.call(request)).await.expect("an answer");
    assert_eq!(texts(&ends.tapped.carrier().await, "long")[0].len(), 60_000);
}

#[tokio::test]
async fn a_refusal_arrives_as_it_was_said_before_and_after_the_first_answer() {
    let ends = Ends::new().await;
    for words in [&["refuse"][..], &["a", "refuse"]] {
        let mut answered = 0;
        let refused = match soon(ends.call(said(words))).await {
            Err(status) => status,
            Ok(response) => {
                let mut answers = response.into_inner();
                loop {
                    match soon(answers.message()).await {
                        Ok(Some(_)) => answered += 1,
                        Ok(None) => panic!("a good end"),
                        Err(status) => break status,
                    }
                }
            }
        };
        assert_eq!(answered, words.len() - 1);
        assert_eq!(refused.code(), Code::DataLoss);
        assert_eq!(refused.message(), "größer 100 %\nals ✘");
        assert_eq!(refused.details(), b"\x00\xff");
        same(refused.metadata(), &metadata());
    }
}

#[tokio::test]
async fn a_large_message_arrives_whole() {
    let ends = Ends::new().await;
    let large = "0123456789".repeat(1 << 20);
    let call = ends.call(said(&[&large]));
    let mut answers = soon(call).await.expect("an answer").into_inner();
    let answer = next(&mut answers).await;
    assert!(answer.as_ref() == Some(&large), "something else came back");
}

#[tokio::test]
async fn a_caller_that_goes_away_is_gone_for_the_service_too() {
    let mut ends = Ends::new().await;
    let call = ends.call(said(&["for ever"]));
    let mut answers = soon(call).await.expect("an answer").into_inner();
    next(&mut answers).await.expect("an answer");
    assert!(ends.dropped.try_recv().is_err(), "it goes on for ever");
    drop(answers);
    assert_eq!(soon(ends.dropped.next()).await, Some(()));
}

#[tokio::test]
async fn a_service_that_breaks_off_breaks_off() {
    let mut ends = Ends::new().await;
    let (write, read) = unbounded();
    write.unbounded_send("a".to_owned()).expect("open");
    let call = ends.call(Request::new(read));
    let mut answers = soon(call).await.expect("an answer").into_inner();
    next(&mut answers).await.expect("an answer");
    ends.service.abort_all();
    let end = soon(answers.message()).await;
    assert!(end.is_err(), "{end:?}");
    let nobody = soon(ends.call(said(&["a"]))).await.expect_err("nobody");
    assert_eq!(nobody.code(), Code::Unavailable);
}

/// The next answer, if there is one and no error.
async fn next(answers: &mut Streaming<String>) -> Option<String> {
    soon(answers.message()).await.expect("no error")
}

/// The words of a caller, all at once.
fn said(words: &[&str]) -> Request<UnboundedReceiver<String>> {
    let (write, read) = unbounded();
    for word in words {
        write.unbounded_send((*word).to_owned()).expect("open");
    }
    Request::new(read)
}

/// Names that repeat, values that are empty, and any bytes.
fn metadata() -> MetadataMap {
    let mut metadata = MetadataMap::new();
    for (name, value) in [("traceparent", "1"), ("traceparent", "2"), ("empty", "")] {
        metadata.append(name, value.parse().expect("valid"));
    }
    for value in [&b"\x00\xff\n"[..], b""] {
        metadata.append_bin("odd-bin", MetadataValue::from_bytes(value));
    }
    metadata
}

/// Whether every name of `sent` has just its values, in order.
fn same(found: &MetadataMap, sent: &MetadataMap) {
    let (found, sent) = (found.clone().into_headers(), sent.clone().into_headers());
    for name in sent.keys() {
        let values = found.get_all(name).iter();
        assert!(values.eq(sent.get_all(name).iter()), "{name}: {found:?}");
    }
}

/// A service, and a tap before it.
struct Ends {
    tapped: Tapped,
    service: JoinSet<()>,
    /// Each stream of answers that would have gone on for ever, and was dropped.
    dropped: UnboundedReceiver<()>,
}

impl Ends {
    async fn new() -> Self {
        Self::with(None).await
    }

    async fn with(middle: Option<Middle>) -> Self {
        let (tell, dropped) = unbounded();
        let (server, service) = serve(tell).await;
        let tapped = Tapped::with(server, &Grpc::default(), middle).await;
        Self {
            tapped,
            service,
            dropped,
        }
    }

    async fn client(&self) -> tonic::client::Grpc<Channel> {
        let endpoint = Endpoint::try_from(format!("http://{}", self.tapped.endpoint()));
        let channel = endpoint.expect("a URL").connect_lazy();
        let mut client = tonic::client::Grpc::new(channel)
            .max_decoding_message_size(LARGEST)
            .max_encoding_message_size(LARGEST);
        client.ready().await.expect("the tap");
        client
    }

    async fn call(
        &self,
        request: Request<UnboundedReceiver<String>>,
    ) -> Result<Response<Streaming<String>>, Status> {
        let codec = ProstCodec::<String, String>::default();
        let path = PATH.parse().expect("a path");
        self.client().await.streaming(request, path, codec).await
    }
}

/// A service that answers each word with itself, and knows a few words that mean something else.
async fn serve(dropped: UnboundedSender<()>) -> (SocketAddr, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let local = listener.local_addr().expect("bound");
    let mut running = JoinSet::new();
    running.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let dropped = dropped.clone();
            let service = service_fn(move |request: hyper::Request<Incoming>| {
                let echo = Echo(dropped.clone());
                async move {
                    let mut server = tonic::server::Grpc::new(ProstCodec::default())
                        .max_decoding_message_size(LARGEST)
                        .max_encoding_message_size(LARGEST);
                    assert_eq!(request.uri().path(), PATH);
                    Ok::<_, Infallible>(server.streaming(echo, request).await)
                }
            });
            let mut server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            server.max_header_list_size(1 << 20);
            let connection = server.serve_connection(TokioIo::new(stream), service);
            connections.spawn(async move {
                let _ = connection.await;
            });
        }
    });
    (local, running)
}

struct Echo(UnboundedSender<()>);

type Answers = Pin<Box<dyn Stream<Item = Result<String, Status>> + Send>>;

impl StreamingService<String> for Echo {
    type Response = String;
    type ResponseStream = Answers;
    type Future = BoxFuture<'static, Result<Response<Answers>, Status>>;

    fn call(&mut self, request: Request<Streaming<String>>) -> Self::Future {
        let on_drop = OnDrop(self.0.clone());
        Box::pin(async move {
            let (head, _, mut words) = request.into_parts();
            let refusal = || {
                let says = "größer 100 %\nals ✘";
                let details = b"\x00\xff"[..].to_vec().into();
                Status::with_details_and_metadata(Code::DataLoss, says, details, metadata())
            };
            let first = words.message().await?.unwrap_or_default();
            let (answers, head): (Answers, _) = match &*first {
                "refuse" => return Err(refusal()),
                "3 times" => (stream::iter(vec![Ok(first); 3]).boxed(), None),
                "for ever" => {
                    let for_ever = stream::iter([Ok(first)]).chain(stream::pending());
                    let for_ever = for_ever.inspect(move |_| {
                        let _ = &on_drop;
                    });
                    (for_ever.boxed(), None)
                }
                "as one" => {
                    let mut all = String::new();
                    while let Some(word) = words.message().await? {
                        all.push_str(&word);
                    }
                    (stream::iter([Ok(all)]).boxed(), None)
                }
                "what came" => (stream::empty().boxed(), Some(head)),
                "with metadata" => {
                    same(&head, &metadata());
                    let timeout = head.get("grpc-timeout").expect("a deadline");
                    let timeout = timeout.to_str().expect("text").to_owned();
                    // A status that is no error ends a stream well, and brings its trailers.
                    let end = Status::with_metadata(Code::Ok, "", metadata());
                    let answers = stream::iter([Ok(timeout), Err(end)]).boxed();
                    (answers, Some(metadata()))
                }
                _ => {
                    let words = stream::iter([Ok(first)]).chain(words);
                    (answering(words, refusal).boxed(), None)
                }
            };
            let mut response = Response::new(answers);
            if let Some(head) = head {
                *response.metadata_mut() = head;
            }
            Ok(response)
        })
    }
}

/// Tells that it was dropped.
struct OnDrop(UnboundedSender<()>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        // If nobody listens any more there is nobody to tell.
        let _ = self.0.unbounded_send(());
    }
}

/// Each word with itself, but for those that end it all.
fn answering(
    words: impl Stream<Item = Result<String, Status>>,
    refusal: impl Fn() -> Status,
) -> impl Stream<Item = Result<String, Status>> {
    words.scan(Some(String::new()), move |heard, word| {
        let answer = match (heard.as_mut(), word) {
            (None, _) => None,
            (Some(_), Ok(word)) if word == "refuse" => {
                *heard = None;
                Some(Err(refusal()))
            }
            (Some(_), answer) => Some(answer),
        };
        futures::future::ready(answer)
    })
}
