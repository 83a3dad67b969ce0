//! HTTP/1.1, byte by byte where bytes matter.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use unbroken_adapters::http::Http;
use unbroken_adapters::tap::{Middle, Point};

use super::{Tapped, soon, texts};

/// A server that says these bytes to whatever it is asked, closes, and tells what it was asked.
async fn says(answer: &'static [u8]) -> (SocketAddr, tokio::task::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let local = listener.local_addr().expect("bound");
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let asked = until(&mut stream, b"END").await;
        stream.write_all(answer).await.expect("still open");
        asked
    });
    (local, asked)
}

/// Reads until these bytes, or the end.
async fn until(stream: &mut TcpStream, end: &[u8]) -> Vec<u8> {
    let mut read = Vec::new();
    while !read.windows(end.len()).any(|window| window == end) {
        if stream.read_buf(&mut read).await.expect("readable") == 0 {
            break;
        }
    }
    read
}

/// Asks over a connection of its own, and reads until the end.
async fn ask(endpoint: &str, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(endpoint).await.expect("the tap");
    stream.write_all(request).await.expect("open");
    let mut answer = Vec::new();
    // Whether it is reset or closed: what was read is what there is.
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

/// The lines of a head: the first, and the others with their names in lower case, sorted by name;
/// equal names keep their order.
fn head(message: &[u8]) -> (String, Vec<(String, Vec<u8>)>) {
    let end = message.windows(4).position(|window| window == b"\r\n\r\n");
    let head = &message[..end.expect("a head")];
    let mut lines = head.split(|byte| *byte == b'\n');
    let mut line = || Some(lines.next()?.trim_ascii_end());
    let first = String::from_utf8(line().expect("a line").to_vec()).expect("text");
    let mut fields = Vec::new();
    while let Some(line) = line() {
        let colon = line.iter().position(|byte| *byte == b':').expect("a field");
        let name = String::from_utf8_lossy(&line[..colon]).to_ascii_lowercase();
        fields.push((name, line[colon + 1..].trim_ascii().to_vec()));
    }
    fields.sort_by(|(a, _), (b, _)| a.cmp(b));
    (first, fields)
}

#[tokio::test]
async fn what_is_said_on_either_way_arrives_as_it_was() {
    let (server, asked) = says(
        b"HTTP/1.1 418 Short and stout\r\nset-cookie: a\r\nx-odd: \xe9\xff\r\nset-cookie: b\r\nempty:\r\n\
          date: never\r\ncontent-length: 2\r\n\r\nno",
    )
    .await;
    let mut tapped = Tapped::before(server, &Http::default()).await;
    let request = b"PUT /a/%2Fb?x=1&y=%20&z HTTP/1.1\r\nHost: elsewhere\r\ntraceparent: 1\r\nX-Odd: \xe9\xff\r\n\
        traceparent: 2\r\nempty:\r\ntracestate: a=1\r\nTraceState: b=2,c=3\r\nconnection: close\r\ncontent-length: 3\r\n\
        \r\nEND";
    let answer = soon(ask(&tapped.endpoint(), request)).await;
    let asked = soon(asked).await.expect("asked");

    let (line, mut fields) = head(&asked);
    let (line_sent, mut fields_sent) = head(request);
    assert_eq!(line, line_sent);
    // Where it goes is the one thing that a proxy changes.
    for fields in [&mut fields, &mut fields_sent] {
        fields.retain(|(name, _)| name != "host");
    }
    assert_eq!(fields, fields_sent);
    assert!(asked.ends_with(b"\r\n\r\nEND"));

    let carrier = tapped.carrier().await;
    assert_eq!(texts(&carrier, "traceparent"), ["1", "2"]);
    assert_eq!(texts(&carrier, "tracestate"), ["a=1", "b=2,c=3"]);
    assert_eq!(texts(&carrier, "empty"), [""]);

    let (line, mut fields) = head(&answer);
    assert_eq!(line, "HTTP/1.1 418 Short and stout");
    fields.retain(|(name, _)| name != "connection");
    let bytes = |text: &[u8]| text.to_vec();
    assert_eq!(
        fields,
        [
            ("content-length".to_owned(), bytes(b"2")),
            ("date".to_owned(), bytes(b"never")),
            ("empty".to_owned(), bytes(b"")),
            ("set-cookie".to_owned(), bytes(b"a")),
            ("set-cookie".to_owned(), bytes(b"b")),
            ("x-odd".to_owned(), bytes(b"\xe9\xff")),
        ]
    );
    assert!(answer.ends_with(b"\r\n\r\nno"));
}

#[tokio::test]
async fn as_many_headers_pass_as_the_two_sides_take() {
    let fields: String = (0..400).map(|n| format!("name-{n}: {n}\r\n")).collect();
    let answer = format!("HTTP/1.1 204 No Content\r\n{fields}\r\n").leak();
    let (server, asked) = says(answer.as_bytes()).await;
    let mut tapped = Tapped::before(server, &Http::default()).await;
    let request =
        format!("POST / HTTP/1.1\r\n{fields}connection: close\r\ncontent-length: 3\r\n\r\nEND");
    let answered = soon(ask(&tapped.endpoint(), request.as_bytes())).await;
    let asked = soon(asked).await.expect("asked");
    assert_eq!(head(&asked).1.len(), 400 + 3);
    assert_eq!(tapped.carrier().await.len(), 400 + 2);
    let (line, mut fields) = head(&answered);
    assert_eq!(line, "HTTP/1.1 204 No Content");
    fields.retain(|(name, _)| name != "connection");
    assert_eq!(fields.len(), 400, "nothing is added either");
}

#[tokio::test]
async fn the_requests_of_a_connection_keep_their_order() {
    let (server, _running) = echo().await;
    let mut tapped = Tapped::before(server, &Http::default()).await;
    let requests: String = (0..5)
        .map(|n| {
            let last = if n == 4 { "connection: close\r\n" } else { "" };
            format!(
                "POST /{n} HTTP/1.1\r\nhost: h\r\nnumber: {n}\r\n{last}content-length: 1\r\n\r\n{n}"
            )
        })
        .collect();
    let answers = soon(ask(&tapped.endpoint(), requests.as_bytes())).await;
    let answers = String::from_utf8(answers).expect("text");
    let bodies = answers.split("HTTP/1.1 200 OK").skip(1);
    let bodies: String = bodies.filter_map(|answer| answer.chars().last()).collect();
    assert_eq!(bodies, "01234", "{answers}");
    for n in 0..5 {
        assert_eq!(texts(&tapped.carrier().await, "number"), [n.to_string()]);
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_breaks_off() {
    for answer in [
        &b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"[..],
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ] {
        let (server, _asked) = says(answer).await;
        let tapped = Tapped::before(server, &Http::default()).await;
        let response = post(&tapped, whole("END")).await;
        assert_eq!(response.status(), 200);
        let body = soon(response.into_body().collect()).await;
        assert!(body.is_err(), "{body:?}");
    }
}

#[tokio::test]
async fn no_answer_is_none_of_the_receivers() {
    const TOLD_APART: &str = "x-unbroken-tap-reached-nobody";
    let (server, _asked) = says(b"").await;
    let tapped = Tapped::before(server, &Http::default()).await;
    let broken_off = post(&tapped, whole("END")).await;
    assert_eq!(broken_off.status(), 502);
    assert!(!broken_off.headers().contains_key(TOLD_APART));

    let nobody = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let nobody = { nobody }.local_addr().expect("bound");
    let tapped = Tapped::before(nobody, &Http::default()).await;
    let unreached = post(&tapped, whole("END")).await;
    assert_eq!(unreached.status(), 502);
    assert!(unreached.headers().contains_key(TOLD_APART));
}

#[tokio::test]
async fn a_body_flows_both_ways_while_it_is_being_written_and_ends_in_its_trailers() {
    let (server, _running) = echo().await;
    let tapped = Tapped::before(server, &Http::default()).await;
    let (write, read) = unbounded();
    let request = Request::post(format!("http://{}/", tapped.endpoint()))
        .header("te", "trailers")
        .header("trailer", "checksum");
    let request = request.body(streamed(read)).expect("valid");
    let mut body = soon(client().request(request)).await.expect("an answer");
    for chunk in ["one", "two", "three"] {
        let frame = Frame::data(Bytes::from(chunk));
        write.unbounded_send(Ok(frame)).expect("read");
        let echoed = soon(body.frame()).await.expect("a frame").expect("whole");
        assert_eq!(echoed.into_data().expect("data"), chunk);
    }
    let mut trailers = HeaderMap::new();
    trailers.insert("checksum", "7".parse().expect("valid"));
    let frame = Frame::trailers(trailers.clone());
    write.unbounded_send(Ok(frame)).expect("read");
    drop(write);
    let last = soon(body.frame()).await.expect("a frame").expect("whole");
    assert_eq!(last.into_trailers().expect("trailers"), trailers);
}

#[tokio::test]
async fn a_large_body_arrives_whole() {
    const SIZE: usize = 32 << 20;
    let (server, _running) = echo().await;
    let tapped = Tapped::before(server, &Http::default()).await;
    let pattern = |at: usize| u8::try_from(at % 251).unwrap_or_default();
    let sent: Bytes = (0..SIZE).map(pattern).collect();
    let response = post(&tapped, Full::new(sent.clone()).map_err(never).boxed()).await;
    let echoed = soon(response.into_body().collect()).await.expect("whole");
    assert!(echoed.to_bytes() == sent, "other bytes came back");
}

#[tokio::test]
async fn a_sender_that_goes_away_is_gone_for_the_receiver_too() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let server = listener.local_addr().expect("bound");
    let tapped = Tapped::before(server, &Http::default()).await;
    let mut sender = TcpStream::connect(tapped.endpoint()).await.expect("a tap");
    let begun = b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 100\r\n\r\nbegun";
    sender.write_all(begun).await.expect("open");
    let (mut receiver, _) = soon(listener.accept()).await.expect("a connection");
    let read = soon(until(&mut receiver, b"begun")).await;
    assert!(read.ends_with(b"begun"));
    drop(sender);
    // Whether it is closed or reset: no more comes.
    let more = soon(receiver.read_buf(&mut Vec::new())).await;
    assert!(!matches!(more, Ok(1..)), "{more:?}");
}

type Body = BoxBody<Bytes, hyper::Error>;

fn never<E>(never: std::convert::Infallible) -> E {
    match never {}
}

fn whole(text: &'static str) -> Body {
    Full::new(Bytes::from(text)).map_err(never).boxed()
}

fn streamed(frames: UnboundedReceiver<Result<Frame<Bytes>, hyper::Error>>) -> Body {
    BodyExt::boxed(StreamBody::new(frames))
}

fn client() -> Client<HttpConnector, Body> {
    Client::builder(TokioExecutor::new()).build_http()
}

async fn post(tapped: &Tapped, body: Body) -> Response<Incoming> {
    let request = Request::post(format!("http://{}/", tapped.endpoint()));
    let request = request.body(body).expect("valid");
    soon(client().request(request)).await.expect("an answer")
}

/// A server that answers every body with itself, frame by frame.
async fn echo() -> (SocketAddr, tokio::task::JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let local = listener.local_addr().expect("bound");
    let mut running = tokio::task::JoinSet::new();
    running.spawn(async move {
        let mut connections = tokio::task::JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let service = service_fn(|request: Request<Incoming>| async {
                let trailer = request.headers().get("trailer").cloned();
                let mut response = Response::new(request.into_body());
                if let Some(trailer) = trailer {
                    response.headers_mut().insert("trailer", trailer);
                }
                Ok::<_, hyper::Error>(response)
            });
            let server = hyper::server::conn::http1::Builder::new();
            let connection = server.serve_connection(TokioIo::new(stream), service);
            connections.spawn(async move {
                let _ = connection.await;
            });
        }
    });
    (local, running)
}

#[tokio::test]
async fn what_a_middle_drops_goes_no_further_and_says_so() {
    let (server, asked) = says(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let drops: Middle = Arc::new(|_| Vec::new());
    let mut tapped = Tapped::with(server, &Http::default(), Some(drops)).await;
    let request =
        b"POST /a/b HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\nconnection: close\r\n\r\nEND";
    let answer = ask(&tapped.endpoint(), request).await;
    let (first, _) = head(&answer);
    assert_eq!(first, "HTTP/1.1 502 Bad Gateway");
    assert!(answer.ends_with(b"the middle did not pass it on"));
    assert!(!asked.is_finished());
    let sighting = soon(tapped.sightings.recv()).await.expect("a sighting");
    assert_eq!(sighting.point, Point::BeforeMiddle);
    assert_eq!(sighting.place, "POST /a/b");
    assert!(tapped.sightings.try_recv().is_err(), "nothing comes out");
}

#[tokio::test]
async fn of_what_a_middle_repeats_a_call_takes_the_first() {
    let (server, asked) = says(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let repeats: Middle = Arc::new(|mut message| {
        let second = message.clone();
        message.carrier.append("x-copy", "1");
        vec![message, second]
    });
    let mut tapped = Tapped::with(server, &Http::default(), Some(repeats)).await;
    let request =
        b"POST /a/b HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\nconnection: close\r\n\r\nEND";
    let (first, _) = head(&ask(&tapped.endpoint(), request).await);
    assert_eq!(first, "HTTP/1.1 200 OK");
    let (_, fields) = head(&soon(asked).await.expect("asked once"));
    assert!(
        fields.contains(&("x-copy".to_owned(), b"1".to_vec())),
        "{fields:?}"
    );
    for point in [Point::BeforeMiddle, Point::AfterMiddle] {
        let sighting = soon(tapped.sightings.recv()).await.expect("a sighting");
        assert_eq!(sighting.point, point);
    }
    assert!(tapped.sightings.try_recv().is_err(), "only one comes out");
}
