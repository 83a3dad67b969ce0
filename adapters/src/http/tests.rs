use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::*;
use crate::Carrier;

/// How long anything may take that is going to happen.
const PATIENCE: Duration = Duration::from_mins(1);

async fn listener() -> (TcpListener, Address) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let at = listener.local_addr().expect("bound");
    let address = Address::parse(&format!("http://{at}/")).expect("valid");
    (listener, address)
}

/// Reads a request, whose body is `[]`.
async fn read(stream: &mut TcpStream) {
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n\r\n[]") {
        text.push(stream.read_u8().await.expect("a request"));
    }
}

async fn send(http: &Http, to: &Address) -> Result<Receipt, BoundaryError> {
    let message = Message {
        carrier: Carrier::new(),
        body: Bytes::from_static(b"[]"),
    };
    let sent = timeout(PATIENCE, http.send(to, message)).await;
    sent.expect("the answer is not read for ever")
}

#[tokio::test]
async fn an_answer_without_an_end_is_read_so_far_and_no_further() {
    for (status, is_taken) in [("200 OK", true), ("500 Internal Server Error", false)] {
        let (listener, address) = listener().await;
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            read(&mut stream).await;
            let head = format!("HTTP/1.1 {status}\r\n\r\n");
            let head = stream.write_all(head.as_bytes()).await;
            head.expect("it is read");
            // Until the other end has had enough.
            while stream.write_all(&[b'x'; 1024]).await.is_ok() {}
        });
        let outcome = send(&Http::default(), &address).await;
        match outcome {
            Ok(_) => assert!(is_taken),
            Err(error) => {
                let said = format!("{status} {}", "x".repeat(200));
                assert!(!is_taken && error.to_string().ends_with(&said), "{error}");
            }
        }
        let closed = timeout(PATIENCE, server).await;
        closed.expect("the connection is closed").expect("it ends");
    }
}

#[tokio::test]
async fn a_connection_serves_again_after_an_answer_that_is_read_to_its_end() {
    let (listener, address) = listener().await;
    let server = tokio::spawn(async move {
        // There is no other connection.
        let (mut stream, _) = listener.accept().await.expect("a connection");
        for _ in 0..2 {
            read(&mut stream).await;
            let length = MOST_BYTES_OF_AN_ANSWER - 1;
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
            let body = "x".repeat(length);
            let text = format!("{head}{body}");
            stream.write_all(text.as_bytes()).await.expect("it is read");
        }
    });
    let http = Http::default();
    for _ in 0..2 {
        send(&http, &address).await.expect("it is answered");
    }
    server.await.expect("it ends");
}
