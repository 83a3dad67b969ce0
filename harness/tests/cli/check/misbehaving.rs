//! Services that do something else: each has a verdict, and none makes anybody wait for long.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::{check, pinned};
use crate::program::Ended;

/// What came in: the headers as lines, and where to call.
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    /// Where to call, if it says so.
    pub(super) urls: Vec<String>,
    stream: TcpStream,
}

/// A service that does this with every request, each on a thread of its own.
pub(super) fn service(act: impl Fn(Asked) + Send + Sync + Clone + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let act = act.clone();
            thread::spawn(move || Asked::read(stream).map(act));
        }
    });
    port
}

impl Asked {
    fn read(stream: TcpStream) -> Option<Self> {
        let mut lines = BufReader::new(stream.try_clone().ok()?);
        let (mut headers, mut length) = (Vec::new(), 0);
        let mut line = String::new();
        lines.read_line(&mut line).ok()?;
        let mut words = line.split(' ').map(str::to_owned);
        let (method, target) = (words.next()?, words.next()?);
        loop {
            let mut line = Vec::new();
            lines.read_until(b'\n', &mut line).ok()?;
            // As some servers do: each byte is a character.
            let line: String = line.iter().map(|byte| char::from(*byte)).collect();
            let line = line.trim_end_matches(['\r', '\n']);
            match line.split_once(':') {
                Some((name, value)) if !name.contains(' ') => {
                    if name.eq_ignore_ascii_case("content-length") {
                        length = value.trim().parse().ok()?;
                    }
                    let value = value.trim_matches([' ', '\t']);
                    headers.push((name.to_owned(), value.to_owned()));
                }
                None if line.is_empty() => break,
                _ => {}
            }
        }
        let mut body = Vec::new();
        lines.take(length).read_to_end(&mut body).ok()?;
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        let urls = body.as_array().into_iter().flatten();
        let urls = urls.filter_map(|element| Some(element["url"].as_str()?.to_owned()));
        Some(Self {
            method,
            target,
            headers,
            urls: urls.collect(),
            stream,
        })
    }

    /// Calls everybody with these headers.
    pub(super) fn call(&self, headers: &dyn Fn(usize) -> String) {
        for (place, url) in self.urls.iter().enumerate() {
            call(url, &headers(place));
        }
    }

    pub(super) fn answer(mut self, text: &[u8]) {
        // Whoever asked may be gone.
        let _ = self.stream.write_all(text);
    }
}

pub(super) fn call(url: &str, headers: &str) {
    let (endpoint, path) = url
        .trim_start_matches("http://")
        .split_once('/')
        .expect("a URL");
    let Ok(mut stream) = TcpStream::connect(endpoint) else {
        return;
    };
    let head = format!(
        "POST /{path} HTTP/1.1\r\nHost: {endpoint}\r\nConnection: close\r\nContent-Length: 2\r\n{headers}\r\n[]"
    );
    let bytes: Vec<u8> = head
        .chars()
        .map(|c| u8::try_from(c).unwrap_or(b'?'))
        .collect();
    let _ = stream.write_all(&bytes);
    // The answer begins: it was taken.
    let _ = stream.read(&mut [0; 16]);
}

pub(super) const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]";

/// A service that begins a trace with every request, whatever it is sent.
pub(super) fn ignores(asked: Asked) {
    let port = u64::from(asked.stream.peer_addr().expect("connected").port());
    // Spread over all digits, as ids are that are random: none is like one that was sent.
    let id = port.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    asked.call(&|place| {
        let span = id.rotate_left(32).wrapping_add(place as u64);
        format!("traceparent: 00-{id:016x}{:016x}-{span:016x}-01\r\n", !id)
    });
    asked.answer(OK);
}

/// A service that copies what it is sent.
pub(super) fn copies(asked: Asked) {
    let ours = context_of(&asked);
    asked.call(&|_| ours.clone());
    asked.answer(OK);
}

/// The lines of a context as they came.
pub(super) fn context_of(asked: &Asked) -> String {
    let is_ours = |name: &str| ["traceparent", "tracestate"].contains(&&*name.to_ascii_lowercase());
    let ours = asked.headers.iter().filter(|(name, _)| is_ours(name));
    ours.map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect()
}

/// A service that says that it did what it was asked to, and did not.
pub(super) fn swallows(asked: Asked) {
    asked.answer(OK);
}

fn timed(port: u16, arguments: &[&str]) -> (Ended, Duration) {
    let begun = Instant::now();
    let ended = check(port, "/", arguments);
    (ended, begun.elapsed())
}

#[test]
fn who_ignores_everything_propagates_nothing() {
    let port = service(ignores);
    let ended = check(port, "/", &[]);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert!(ended.out.contains("propagates nothing"), "{ended:#?}");
    pinned("ignores", &ended);
    let suite = check(port, "/", &["--suite", "--spec", "2"]);
    pinned("ignores-suite", &suite);
}

#[test]
fn who_copies_is_found_out_by_what_is_not_valid() {
    let port = service(copies);
    let ended = check(port, "/", &[]);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    pinned("copies", &ended);
    pinned(
        "copies-suite",
        &check(port, "/", &["--suite", "--spec", "2"]),
    );
}

#[test]
fn who_calls_nobody_is_told_what_to_look_at() {
    let port = service(|asked| asked.answer(OK));
    let (ended, took) = timed(port, &["--timeout", "1"]);
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    pinned("calls-nobody", &ended);
}

#[test]
fn who_hangs_costs_two_deadlines_at_most() {
    let port = service(|mut asked| {
        // Until the one who asked has given up.
        let _ = asked.stream.read(&mut [0; 16]);
    });
    let (ended, took) = timed(port, &["--timeout", "2"]);
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    assert!(
        ended.out.contains("did not answer within the deadline"),
        "{ended:#?}"
    );
    // Two deadlines, and room for a machine that does much else.
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[test]
fn who_hangs_on_some_requests_alone_is_found_out() {
    let port = service(|mut asked| {
        let has_state = asked
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("tracestate"));
        if has_state {
            let _ = asked.stream.read(&mut [0; 16]);
        } else {
            ignores(asked);
        }
    });
    let (ended, took) = timed(port, &["--timeout", "2"]);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert!(took < Duration::from_secs(12), "{took:?}");
    assert!(
        ended.out.contains("no call; the service did not answer"),
        "{ended:#?}"
    );
}

#[test]
fn who_fails_closes_or_answers_garbage_has_a_verdict() {
    let answers: [(&[u8], &str); 3] = [
        (
            b"HTTP/1.1 500 No\r\nContent-Length: 4\r\n\r\noops",
            "answered 500: oops",
        ),
        (b"", "closed the connection without an answer"),
        (b"\x00\x01garbage\r\n\r\n", "answered what is no HTTP"),
    ];
    for (answer, said) in answers {
        let port = service(move |asked| asked.answer(answer));
        let (ended, took) = timed(port, &["--timeout", "1"]);
        assert_eq!(ended.code, Some(3), "{ended:#?}");
        assert!(ended.out.contains(said), "{said}: {ended:#?}");
        assert!(took < Duration::from_secs(10), "{took:?}");
        let suite = check(port, "/", &["--timeout", "1", "--suite"]);
        assert_eq!(suite.code, Some(1), "{suite:#?}");
        assert!(
            suite.out.contains("0 ok, 40 FAIL, 0 ERROR, 1 skipped"),
            "{suite:#?}"
        );
    }
}

#[test]
fn a_flood_and_garbage_at_the_probe_are_counted_and_change_nothing() {
    let port = service(|asked| {
        if let Some(url) = asked.urls.first() {
            for _ in 0..20 {
                call(url, "x: y\r\n");
                call(&format!("{url}/elsewhere"), "");
            }
            // Neither of these is HTTP, and one never ends.
            let endpoint = url
                .trim_start_matches("http://")
                .split('/')
                .next()
                .expect("a host");
            for garbage in [b"\x00\x01\x02\r\n\r\n".to_vec(), vec![b'a'; 1 << 20]] {
                if let Ok(mut stream) = TcpStream::connect(endpoint) {
                    let _ = stream.write_all(&garbage);
                }
            }
        }
        asked.answer(OK);
    });
    let (ended, took) = timed(port, &["--timeout", "5"]);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert!(
        ended.out.contains("requests that it had not asked for"),
        "{ended:#?}"
    );
    assert!(took < Duration::from_mins(1), "{took:?}");
}

#[test]
fn the_same_as_json_has_a_versioned_schema() {
    let port = service(ignores);
    let ended = check(port, "/", &["--format", "json"]);
    let page: serde_json::Value = serde_json::from_str(&ended.out).expect("JSON");
    assert_eq!(page["schema"], "unbroken.check/1");
    assert_eq!(page["ending"], "findings");
    assert_eq!(page["propagates"], false);
    let cases = page["cases"].as_array().expect("cases");
    let second = cases
        .iter()
        .find(|case| case["id"] == "WIRE-002")
        .expect("it is there");
    assert_eq!(second["judgements"]["wire"][0]["outcome"], "held");
    assert_eq!(second["judgements"]["wire"][1]["outcome"], "finding");
    let suite = check(port, "/", &["--suite", "--format", "json"]);
    let page: serde_json::Value = serde_json::from_str(&suite.out).expect("JSON");
    assert_eq!(page["suite"].as_array().map(Vec::len), Some(41));
}
