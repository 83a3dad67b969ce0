//! The probe over HTTP: it reads the wire itself, so that nothing is normalised, and everything is
//! bounded: how many connections, how long they last, how much of a request is kept. What comes and
//! cannot be read is counted, by what it was.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::heard::{Arrived, Heard};
use super::unread::Unread;
use crate::check::exchange::Header;

const MOST_CONNECTIONS: usize = 256;
const MOST_HEAD: usize = 128 << 10;
const MOST_BODY: usize = 1 << 20;
const MOST_HEADERS: usize = 512;
/// Room for so much more is made before each read.
const AT_ONCE: usize = 16 << 10;
const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

/// Takes whatever comes, for as long as it is not dropped.
pub(super) async fn listen(listener: TcpListener, heard: Arc<Heard>, patience: Duration) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        // Nobody closes the semaphore; whoever comes meanwhile waits in the kernel's queue.
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else {
            return;
        };
        // A failed accept concerns one client, which sees its connection closed.
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let heard = Arc::clone(&heard);
        connections.spawn(async move {
            serve(stream, &heard, patience).await;
            drop(permit);
        });
        while connections.try_join_next().is_some() {}
    }
}

/// Takes one request after the other, until the service ends, says nothing, or makes no sense.
async fn serve(stream: TcpStream, heard: &Heard, patience: Duration) {
    let _ = stream.set_nodelay(true);
    let bytes = Vec::new();
    let mut wire = Wire { stream, bytes };
    // A connection on which nothing is said is no call.
    while timeout(patience, wire.goes_on()).await == Ok(true) {
        let came = timeout(patience, wire.head()).await;
        let mut coming = match came.unwrap_or(Err(Unread::Unfinished)) {
            Ok(begun) => Coming::of(begun, heard),
            Err(unread) => return heard.cannot_read(unread),
        };
        let whole = timeout(patience, wire.body(&mut coming)).await;
        // Whatever becomes of the body: what propagates has come with the head.
        coming.keep();
        if whole != Ok(Some(())) {
            return;
        }
        // Who does not take its answer within the patience may have none.
        let answered = timeout(patience, wire.stream.write_all(ANSWER)).await;
        if !matches!(answered, Ok(Ok(()))) {
            return;
        }
    }
}

/// What is known of a request once its head is there.
struct Head {
    length: usize,
    path: String,
    headers: Vec<Header>,
    is_post: bool,
}

/// How the end of a body is known, and whether its sender waits to be asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct End {
    /// None where it comes in chunks.
    length: Option<usize>,
    is_held: bool,
}

impl Head {
    fn end(&self) -> End {
        let value = |name: &str| {
            let mut all = self.headers.iter();
            let found = all.find(|(n, _)| n.eq_ignore_ascii_case(name));
            found.and_then(|(_, value)| str::from_utf8(value).ok())
        };
        let is_chunked = value("transfer-encoding").is_some();
        let length = value("content-length").and_then(|value| value.parse().ok());
        End {
            length: (!is_chunked).then_some(length.unwrap_or(0)),
            is_held: value("expect").is_some_and(|v| v.eq_ignore_ascii_case("100-continue")),
        }
    }
}

/// A call whose head is there, while its body comes.
struct Coming<'a> {
    heard: &'a Heard,
    /// None once it is kept.
    head: Option<Head>,
    end: End,
    body: Vec<u8>,
}

impl<'a> Coming<'a> {
    fn of(begun: Head, heard: &'a Heard) -> Self {
        Self {
            heard,
            end: begun.end(),
            head: Some(begun),
            body: Vec::new(),
        }
    }

    /// A piece of the body. At what is too long nobody looks: the call is kept as it is then.
    fn take(&mut self, piece: &[u8]) {
        if self.body.len() + piece.len() > MOST_BODY {
            self.keep();
        }
        if self.head.is_some() {
            self.body.extend_from_slice(piece);
        }
    }

    fn keep(&mut self) {
        let body = std::mem::take(&mut self.body);
        if let Some(head) = self.head.take() {
            self.heard.keep(Arrived {
                path: head.path,
                headers: head.headers,
                body: body.into(),
                is_post: head.is_post,
            });
        }
    }
}

/// A connection, with what came over it and was not looked at yet. What ends before it should is
/// `None`.
struct Wire {
    stream: TcpStream,
    bytes: Vec<u8>,
}

impl Wire {
    async fn more(&mut self) -> Option<()> {
        self.bytes.reserve(AT_ONCE);
        match self.stream.read_buf(&mut self.bytes).await {
            Ok(1..) => Some(()),
            _ => None,
        }
    }

    /// Waits until there is anything to read. Empty lines before a request are nothing.
    async fn goes_on(&mut self) -> bool {
        loop {
            let said = self.bytes.iter().position(|byte| !b"\r\n".contains(byte));
            self.bytes.drain(..said.unwrap_or(self.bytes.len()));
            if said.is_some() {
                return true;
            }
            if self.more().await.is_none() {
                return false;
            }
        }
    }

    async fn head(&mut self) -> Result<Head, Unread> {
        loop {
            if let Some(head) = head(&self.bytes)? {
                self.bytes.drain(..head.length);
                return Ok(head);
            }
            if self.bytes.len() >= MOST_HEAD {
                return Err(Unread::TooLong);
            }
            self.more().await.ok_or(Unread::Unfinished)?;
        }
    }

    async fn body(&mut self, coming: &mut Coming<'_>) -> Option<()> {
        if coming.end.is_held {
            let go_on = b"HTTP/1.1 100 Continue\r\n\r\n";
            self.stream.write_all(go_on).await.ok()?;
        }
        match coming.end.length {
            Some(length) => self.pass(length, coming).await,
            None => self.chunks(coming).await,
        }
    }

    /// So many bytes of a body.
    async fn pass(&mut self, mut length: usize, coming: &mut Coming<'_>) -> Option<()> {
        while length > 0 {
            if self.bytes.is_empty() {
                self.more().await?;
            }
            let here = length.min(self.bytes.len());
            coming.take(&self.bytes[..here]);
            self.bytes.drain(..here);
            length -= here;
        }
        Some(())
    }

    async fn chunks(&mut self, coming: &mut Coming<'_>) -> Option<()> {
        loop {
            let (start, size) = loop {
                match httparse::parse_chunk_size(&self.bytes).ok()? {
                    httparse::Status::Complete(found) => break found,
                    httparse::Status::Partial if self.bytes.len() < MOST_HEAD => {
                        self.more().await?;
                    }
                    httparse::Status::Partial => return None,
                }
            };
            self.bytes.drain(..start);
            if size == 0 {
                return self.trailers().await;
            }
            self.pass(usize::try_from(size).ok()?, coming).await?;
            if self.line().await? != 0 {
                return None;
            }
        }
    }

    /// What stands behind the chunks, up to an empty line. No format propagates there.
    async fn trailers(&mut self) -> Option<()> {
        while self.line().await? != 0 {}
        Some(())
    }

    /// Passes over a line, and says how long it was.
    async fn line(&mut self) -> Option<usize> {
        loop {
            let end = self.bytes.windows(2).position(|two| two == b"\r\n");
            match end {
                Some(end) => {
                    self.bytes.drain(..end + 2);
                    return Some(end);
                }
                None if self.bytes.len() < MOST_HEAD => self.more().await?,
                None => return None,
            }
        }
    }
}

/// The head, once it is whole. What is not allowed in a header is kept all the same: that a service
/// sends it on is what is to be seen.
fn head(bytes: &[u8]) -> Result<Option<Head>, Unread> {
    match bytes {
        // Whoever begins so waits for an answer, and says no more.
        [0x16, ..] => return Err(Unread::Tls),
        [first, ..] if !first.is_ascii_graphic() => return Err(Unread::NoHttp),
        _ if bytes.starts_with(b"PRI * HTTP/2") => return Err(Unread::Http2),
        _ => {}
    }
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let mut lines = bytes[..end].split(|byte| *byte == b'\n');
    let request = lines.next().and_then(|line| str::from_utf8(line).ok());
    let mut words = request.ok_or(Unread::NoHttp)?.split_ascii_whitespace();
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Unread::NoHttp);
    };
    if !version.starts_with("HTTP/1.") {
        return Err(Unread::NoHttp);
    }
    let header = |line: &[u8]| {
        let colon = line.iter().position(|byte| *byte == b':');
        let colon = colon.ok_or(Unread::NoHeader)?;
        let name = str::from_utf8(&line[..colon]).map_err(|_| Unread::NoHeader)?;
        Ok((name.to_owned(), line[colon + 1..].trim_ascii().to_vec()))
    };
    let headers = lines
        .take(MOST_HEADERS)
        .map(header)
        .collect::<Result<_, _>>()?;
    // A client that takes us for a proxy writes the whole URL.
    let path = match target.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => target,
    };
    Ok(Some(Head {
        length: end + 4,
        path: path.to_owned(),
        is_post: method == "POST",
        headers,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::exchange::Exchange;
    use crate::check::probe::heard::Telling;

    /// How many calls of `a` came, and what could not be read, where these bytes come on a connection
    /// that then says no more.
    async fn came(bytes: &[u8]) -> (usize, String) {
        let exchange = Exchange {
            name: "a".to_owned(),
            trace: None,
            headers: Vec::new(),
            calls: 1,
            mark: None,
        };
        let heard = Heard::of("ub_1", std::slice::from_ref(&exchange), Telling::Path);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let say = async {
            let mut stream = TcpStream::connect(address).await.expect("it listens");
            // Whoever is not read to the end is closed on.
            let _ = stream.write_all(bytes).await;
            let _ = stream.shutdown().await;
            let _ = stream.read_to_end(&mut Vec::new()).await;
        };
        let hear = async {
            let (stream, _) = listener.accept().await.expect("it came");
            serve(stream, &heard, Duration::from_secs(10)).await;
        };
        tokio::join!(say, hear);
        let calls = heard.calls(&exchange).iter().map(Vec::len).sum();
        (calls, heard.unread().to_string())
    }

    fn call(lines: &str, body: &str) -> Vec<u8> {
        format!("POST /ub_1/a/0 HTTP/1.1\r\n{lines}\r\n{body}").into_bytes()
    }

    fn said(calls: usize, unread: &str) -> (usize, String) {
        (calls, unread.to_owned())
    }

    #[tokio::test]
    async fn a_call_is_kept_by_its_head_whatever_becomes_of_its_body() {
        let long = "x".repeat(MOST_BODY + 1);
        let length = |length: usize| format!("Content-Length: {length}\r\n");
        let chunked = "Transfer-Encoding: chunked\r\n";
        let in_chunks = |body: &str| format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
        for bytes in [
            call(&length(2), "[]"),
            call(&length(long.len()), &long),
            call(&length(3), "[]"),
            call(chunked, &in_chunks("[]")),
            call(chunked, &in_chunks(&long)),
            call(chunked, "2\r\n[]\r\n0\r\nx-sum: 1\r\nx: 2\r\n\r\n"),
            call(chunked, "no size\r\n"),
        ] {
            let shown = bytes[..bytes.len().min(90)].escape_ascii();
            assert_eq!(came(&bytes).await, said(1, ""), "{shown}");
        }
    }

    #[tokio::test]
    async fn what_stands_behind_a_body_is_the_next_call() {
        let long = "x".repeat(MOST_BODY + 1);
        let chunked = "Transfer-Encoding: chunked\r\n";
        let one = [
            call(&format!("Content-Length: {}\r\n", long.len()), &long),
            b"\r\n".to_vec(),
            call(chunked, "2;a=b\r\n[]\r\n0\r\nx-sum: 1\r\n\r\n"),
            call("", ""),
        ];
        assert_eq!(came(&one.concat()).await, said(3, ""));
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_counted_and_nothing_at_all_is_nothing() {
        let long = format!("POST / HTTP/1.1\r\nx: {}", "a".repeat(MOST_HEAD));
        for (bytes, unread) in [
            (&b""[..], ""),
            (b"\r\n", ""),
            (b"\x16\x03\x01", "1 × TLS"),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "1 × HTTP/2"),
            (b"\x00\x01", "1 × no HTTP"),
            (long.as_bytes(), "1 × a head of more than 128 KiB"),
            (b"POST / HTTP/1.1\r\nx: y", "1 × a head that does not end"),
        ] {
            assert_eq!(came(bytes).await, said(0, unread));
        }
    }

    #[test]
    fn a_head_is_read_as_it_is_written() {
        let text = b"POST http://probe:1/a/b HTTP/1.1\r\nTraceState: \t a=\x01 \r\ntraceState:\xff\r\n\r\n[]";
        let head = head(text).expect("HTTP").expect("whole");
        assert_eq!(
            (&*head.path, head.is_post, head.length),
            ("/a/b", true, text.len() - 2)
        );
        let expected = [
            ("TraceState".to_owned(), b"a=\x01".to_vec()),
            ("traceState".to_owned(), b"\xff".to_vec()),
        ];
        assert_eq!(head.headers, expected);
    }

    #[test]
    fn what_is_no_http_is_not_taken_for_it() {
        for text in [
            &b"\r\n\r\n"[..],
            b"\x16\r\n\r\n",
            b"\x00\xff\r\n\r\n",
            b"a b c\r\n\r\n",
            b"POST / HTTP/1.1\r\nx\r\n\r\n",
        ] {
            assert!(head(text).is_err(), "{text:?}");
        }
        assert!(head(b"POST / HTTP/1.1\r\n").is_ok_and(|head| head.is_none()));
    }
}
