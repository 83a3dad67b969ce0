//! One request to the service, byte by byte, and what it answers.
//!
//! No HTTP client would do: they group equal names, lower-case them, and refuse what is not valid.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use unbroken_adapters::Address;

use crate::token::HopToken;

/// A name and a value, as they stand on the wire.
pub type Header = (String, Vec<u8>);

/// One request that the service is to be sent, with the calls that it is asked to make.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// By this its calls are told from all others.
    pub name: String,
    /// The trace that it sends, if that is of no other exchange.
    pub trace: Option<String>,
    /// What stands in the request beside what HTTP itself needs.
    pub headers: Vec<Header>,
    /// How many calls the service is asked to make.
    pub calls: usize,
    /// What stands in the query of the request, to be found again in the attributes of spans; none
    /// where nobody looks at them.
    pub mark: Option<HopToken>,
}

/// How the service answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// In HTTP.
    Status {
        /// Its status.
        code: u16,
        /// How its body begins.
        body: String,
    },
    /// Not over HTTP: it was handed over, to the service or to its broker.
    Taken,
    /// Not over HTTP: the service did not take it, and said why.
    Refused(String),
    /// It could not be handed to the broker that stands between: the service never saw it.
    Unsent(String),
    /// In something that is no HTTP; this is how it begins.
    NoHttp(String),
    /// By closing the connection.
    Closed,
    /// There was no connection.
    Unreachable(String),
    /// Not at all, for as long as anybody waited.
    Silence,
    /// It was not asked: it had not answered before.
    NotAsked,
}

impl Answer {
    /// Whether the service says that it did what it was asked for.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Status { code: 200..300, .. } | Self::Taken)
    }

    /// Whether the service says that what it was sent is not valid.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Status { code: 400..500, .. } | Self::Refused(_))
    }
}

/// More than this is not read of an answer.
const MOST_BYTES: usize = 64 << 10;
/// More than this is not shown of one.
const MOST_SHOWN: usize = 200;
const MOST_HEADERS: usize = 256;

/// A request over HTTP, as it is to stand on the wire.
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) target: &'a Address,
    /// Beside what HTTP itself needs. What is said here of how the body is to be read is not said
    /// twice.
    pub(super) headers: &'a [Header],
    pub(super) body: &'a [u8],
    /// What stands in the query beside what is there, to be found again in the attributes of spans.
    pub(super) mark: Option<HopToken>,
}

impl Request<'_> {
    /// Sends it, and reads the answer. It ends when the service ends: deadlines are the caller's.
    pub(super) async fn ask(&self) -> Answer {
        match self.speak().await {
            Ok(answer) => answer,
            Err(Broken::Before(error)) => Answer::Unreachable(error.to_string()),
            Err(Broken::After) => Answer::Closed,
        }
    }

    async fn speak(&self) -> Result<Answer, Broken> {
        let endpoint = self.target.endpoint();
        let stream = TcpStream::connect(&*endpoint).await;
        let mut stream = stream.map_err(Broken::Before)?;
        // Without this the body may wait for the acknowledgement of the head; it is no failure.
        let _ = stream.set_nodelay(true);
        // Who answers before it has read everything is to be heard all the same.
        let _ = stream.write_all(&self.bytes()).await;
        let mut bytes = Vec::new();
        loop {
            let read = stream.read_buf(&mut bytes).await;
            let ended = matches!(read, Ok(0) | Err(_)) || bytes.len() >= MOST_BYTES;
            if let Some(answer) = answer(&bytes, ended) {
                return answer;
            }
        }
    }

    /// The request as it goes over the wire.
    fn bytes(&self) -> Vec<u8> {
        let (method, length) = (self.method, self.body.len());
        let (_, rest) = self.target.as_str().split_once("://").unwrap_or_default();
        let path = rest.find('/').map_or("/", |at| &rest[at..]);
        let mark = self.mark.map(|mark| {
            let sign = if path.contains('?') { '&' } else { '?' };
            format!("{sign}unbroken={mark}")
        });
        let mark = mark.unwrap_or_default();
        let mut request = format!("{method} {path}{mark} HTTP/1.1\r\n").into_bytes();
        let host = self.target.endpoint();
        let needed = [
            ("Host", &*host),
            ("Accept", "application/json"),
            ("Content-Type", "application/json"),
        ];
        for (name, value) in needed {
            let mut said = self.headers.iter();
            if !said.any(|(other, _)| other.eq_ignore_ascii_case(name)) {
                request.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
            }
        }
        let framing = format!("Content-Length: {length}\r\nConnection: close\r\n");
        request.extend_from_slice(framing.as_bytes());
        for (name, value) in self.headers {
            request.extend_from_slice(name.as_bytes());
            request.extend_from_slice(b": ");
            request.extend_from_slice(value);
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        request.extend_from_slice(self.body);
        request
    }
}

/// What a request consists of already, and who else may say it of itself.
const OURS: [&str; 6] = [
    "content-length",
    "transfer-encoding",
    "connection",
    "expect",
    "traceparent",
    "tracestate",
];

/// Reads a header that the user wants to stand in every request: `name: value`.
pub fn header(text: &str) -> Result<Header, String> {
    // Whatever else is in it may be a secret.
    let (name, value) = text
        .split_once(':')
        .ok_or("a header is written as 'name: value'")?;
    let (name, value) = (name.trim(), value.trim());
    let is_of_a_token =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_of_a_token) {
        return Err(format!("{name:?} is no name of a header"));
    }
    if value.bytes().any(|byte| byte.is_ascii_control()) {
        return Err(format!("the value of {name} cannot stand in a header"));
    }
    if OURS.contains(&&*name.to_ascii_lowercase()) {
        return Err(format!("{name} is what the check itself sets"));
    }
    Ok((name.to_owned(), value.as_bytes().to_vec()))
}

enum Broken {
    Before(io::Error),
    After,
}

/// The answer, once enough of it is there to be one, or it has ended.
fn answer(mut bytes: &[u8], ended: bool) -> Option<Result<Answer, Broken>> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    loop {
        let mut head = httparse::Response::new(&mut headers);
        let body = match head.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => &bytes[length..],
            Ok(httparse::Status::Partial) if !ended => return None,
            Ok(httparse::Status::Partial) if bytes.is_empty() => return Some(Err(Broken::After)),
            _ => return Some(Ok(Answer::NoHttp(beginning(bytes)))),
        };
        let code = head.code.unwrap_or_default();
        // An interim answer is none, however many of them a service sends.
        if !(100..200).contains(&code) {
            let whole = is_whole(head.headers, body);
            let body = beginning(body);
            return (whole || ended).then_some(Ok(Answer::Status { code, body }));
        }
        bytes = body;
    }
}

/// Whether a body is all there, as far as the headers before it say where it ends.
fn is_whole(headers: &[httparse::Header<'_>], body: &[u8]) -> bool {
    let value = |name: &str| {
        let mut all = headers.iter();
        let found = all.find(|header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| header.value)
    };
    let length = value("content-length").and_then(|value| str::from_utf8(value).ok()?.parse().ok());
    match length {
        Some(length) => body.len() >= length,
        None => value("transfer-encoding").is_some() && body.ends_with(b"0\r\n\r\n"),
    }
}

/// What others wrote may hold anything, and be of any length.
fn beginning(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MOST_SHOWN)]);
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_go_over_the_wire_as_they_are() {
        let headers = [
            ("TraceParent".to_owned(), b"\t 1 \t".to_vec()),
            ("traceparent".to_owned(), b"\x01\xa0".to_vec()),
        ];
        let request = Request {
            method: "POST",
            target: &Address::parse("http://localhost:1/a?b=c").expect("an address"),
            headers: &headers,
            body: b"[]",
            mark: None,
        };
        let text: String = request.bytes().escape_ascii().to_string();
        assert!(
            text.starts_with(r"POST /a?b=c HTTP/1.1\r\nHost: localhost:1\r\n"),
            "{text}"
        );
        let ending = r"\r\nTraceParent: \t 1 \t\r\ntraceparent: \x01\xa0\r\n\r\n[]";
        assert!(text.ends_with(ending), "{text}");
    }

    #[test]
    fn a_mark_stands_in_the_query_beside_what_is_there() {
        for (target, line) in [
            ("http://localhost:1/a", "POST /a?unbroken=ub_00000001_2 "),
            (
                "http://localhost:1/?b=c",
                "POST /?b=c&unbroken=ub_00000001_2 ",
            ),
        ] {
            let request = Request {
                method: "POST",
                target: &Address::parse(target).expect("an address"),
                headers: &[],
                body: b"[]",
                mark: Some(HopToken { run: 1, hop: 2 }),
            };
            let request = request.bytes();
            assert!(
                request.starts_with(line.as_bytes()),
                "{}",
                request.escape_ascii()
            );
        }
    }

    #[test]
    fn what_the_user_says_of_the_body_is_not_said_twice() {
        let headers = [header("content-type: text/plain").expect("a header")];
        let request = Request {
            method: "PUT",
            target: &Address::parse("http://localhost:1/").expect("an address"),
            headers: &headers,
            body: b"x",
            mark: None,
        };
        let text = String::from_utf8(request.bytes()).expect("text");
        assert!(text.starts_with("PUT / HTTP/1.1\r\n"), "{text}");
        assert_eq!(text.to_lowercase().matches("content-type").count(), 1);
    }

    #[test]
    fn a_header_of_ones_own_cannot_be_what_is_tried_and_says_no_secret() {
        assert_eq!(
            header("A-b:  c:d "),
            Ok(("A-b".to_owned(), b"c:d".to_vec()))
        );
        for text in ["secret", "a b: secret", ": secret", "a: secret\r\nb: c"] {
            let why = header(text).expect_err(text);
            assert!(!why.contains("secret"), "{why}");
        }
        for text in ["Traceparent: 1", "content-length: 2"] {
            assert!(header(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_answer_is_waited_for_until_it_is_whole() {
        let status = |text: &str, ended| match answer(text.as_bytes(), ended) {
            Some(Ok(Answer::Status { code, body })) => Some((code, body)),
            _ => None,
        };
        let whole = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]";
        assert_eq!(status(whole, false), Some((200, "[]".to_owned())));
        assert_eq!(status(&whole[..whole.len() - 1], false), None);
        let interim = format!("HTTP/1.1 100 Continue\r\n\r\n{whole}");
        assert_eq!(status(&interim, false), Some((200, "[]".to_owned())));
        assert_eq!(
            status("HTTP/1.1 500 No\r\n\r\n", true),
            Some((500, String::new()))
        );
        assert!(matches!(
            answer(b"\x00\x01", false),
            Some(Ok(Answer::NoHttp(_)))
        ));
        assert!(matches!(answer(b"", true), Some(Err(Broken::After))));
    }

    #[test]
    fn however_many_interim_answers_come_they_are_passed_over() {
        let interim = "HTTP/1.1 100\r\n\r\n".repeat(MOST_BYTES / 16);
        let whole = format!("{interim}HTTP/1.1 204 No Content\r\n\r\n");
        let Some(Ok(Answer::Status { code, .. })) = answer(whole.as_bytes(), true) else {
            panic!("no answer");
        };
        assert_eq!(code, 204);
        assert!(answer(interim.as_bytes(), false).is_none());
        let ended = answer(interim.as_bytes(), true);
        assert!(matches!(ended, Some(Err(Broken::After))));
    }
}
