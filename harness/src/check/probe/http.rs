//! The probe over HTTP: it reads the wire itself, so that nothing is normalised, and everything is
//! bounded: how many connections, how long they last, how large a request is.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::heard::{Arrived, Heard};
use crate::check::exchange::Header;

const MOST_CONNECTIONS: usize = 256;
const MOST_HEAD: usize = 128 << 10;
const MOST_BODY: usize = 1 << 20;
const MOST_HEADERS: usize = 512;
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
async fn serve(mut stream: TcpStream, heard: &Heard, patience: Duration) {
    let _ = stream.set_nodelay(true);
    let mut bytes = Vec::new();
    loop {
        let request = timeout(patience, read(&mut stream, &mut bytes)).await;
        let Ok(Some(arrived)) = request else {
            return;
        };
        heard.keep(arrived);
        // Who does not take its answer within the patience may have none.
        if !matches!(
            timeout(patience, stream.write_all(ANSWER)).await,
            Ok(Ok(()))
        ) {
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

/// One whole request; what comes after it stays in `bytes`.
async fn read(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<Arrived> {
    let head = loop {
        match head(bytes) {
            Ok(Some(head)) => break head,
            Ok(None) if bytes.len() < MOST_HEAD => more(stream, bytes).await?,
            _ => return None,
        }
    };
    bytes.drain(..head.length);
    let value = |name: &str| {
        let mut found = head
            .headers
            .iter()
            .filter(|(n, _)| n.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.to_ascii_lowercase())
    };
    if value("expect").is_some_and(|value| value == b"100-continue") {
        stream
            .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")
            .await
            .ok()?;
    }
    let body = if value("transfer-encoding").is_some() {
        chunks(stream, bytes).await?
    } else {
        let length = value("content-length").unwrap_or_default();
        let length = str::from_utf8(&length).ok()?.parse().unwrap_or(0);
        take(stream, bytes, length).await?
    };
    Some(Arrived {
        path: head.path,
        headers: head.headers,
        body: body.into(),
        is_post: head.is_post,
    })
}

/// The head, once it is whole. What is not allowed in a header is kept all the same: that a service
/// sends it on is what is to be seen.
fn head(bytes: &[u8]) -> Result<Option<Head>, NoHttp> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let mut lines = bytes[..end].split(|byte| *byte == b'\n');
    let request = lines.next().and_then(|line| str::from_utf8(line).ok());
    let mut words = request.ok_or(NoHttp)?.split_ascii_whitespace();
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(NoHttp);
    };
    if !version.starts_with("HTTP/1.") {
        return Err(NoHttp);
    }
    let header = |line: &[u8]| {
        let colon = line.iter().position(|byte| *byte == b':').ok_or(NoHttp)?;
        let name = str::from_utf8(&line[..colon]).map_err(|_| NoHttp)?;
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

/// What came is not HTTP.
#[derive(Debug, PartialEq, Eq)]
struct NoHttp;

async fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    match stream.read_buf(bytes).await {
        Ok(1..) => Some(()),
        _ => None,
    }
}

async fn take(stream: &mut TcpStream, bytes: &mut Vec<u8>, length: usize) -> Option<Vec<u8>> {
    if length > MOST_BODY {
        return None;
    }
    while bytes.len() < length {
        more(stream, bytes).await?;
    }
    Some(bytes.drain(..length).collect())
}

/// A body that comes in chunks. Trailers are not expected, and end the connection.
async fn chunks(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let (start, size) = loop {
            match httparse::parse_chunk_size(bytes).ok()? {
                httparse::Status::Complete(found) => break found,
                httparse::Status::Partial if bytes.len() < MOST_HEAD => more(stream, bytes).await?,
                httparse::Status::Partial => return None,
            }
        };
        bytes.drain(..start);
        let size = usize::try_from(size)
            .ok()
            .filter(|size| *size <= MOST_BODY)?;
        let chunk = take(stream, bytes, size).await?;
        if take(stream, bytes, 2).await? != b"\r\n" {
            return None;
        }
        if size == 0 {
            return Some(body);
        }
        body.extend(chunk);
        if body.len() > MOST_BODY {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            b"\x00\xff\r\n\r\n",
            b"a b c\r\n\r\n",
            b"POST / HTTP/1.1\r\nx\r\n\r\n",
        ] {
            assert!(head(text).is_err(), "{text:?}");
        }
        assert!(head(b"POST / HTTP/1.1\r\n").is_ok_and(|head| head.is_none()));
    }
}
