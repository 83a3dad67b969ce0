//! A small HTTP server of the test's own: a subject that does what the test wants, when it wants,
//! or a Docker engine on which nothing is.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use crate::program::PATIENCE;

/// Hands over its requests one by one.
pub(crate) struct Server {
    pub(crate) port: u16,
    requests: Receiver<Request>,
}

/// One that waits for its answer.
pub(crate) struct Request {
    /// Method and target: `POST /orders`.
    pub(crate) line: String,
    stream: TcpStream,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let (sender, requests) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let sender = sender.clone();
                thread::spawn(move || Request::read(stream).and_then(|r| sender.send(r).ok()));
            }
        });
        Self { port, requests }
    }

    pub(crate) fn next(&self) -> Request {
        let request = self.requests.recv_timeout(PATIENCE);
        request.expect("a request comes")
    }

    /// Answers everything that comes, for as long as the test runs.
    pub(crate) fn answer(self, by: impl Fn(&str) -> (u16, String) + Send + 'static) {
        thread::spawn(move || {
            for request in self.requests {
                let (status, body) = by(&request.line);
                request.answer(status, &body);
            }
        });
    }
}

impl Request {
    fn read(stream: TcpStream) -> Option<Self> {
        let mut lines = BufReader::new(stream.try_clone().ok()?);
        let mut text = String::new();
        lines.read_line(&mut text).ok()?;
        let line = text
            .split_whitespace()
            .take(2)
            .collect::<Vec<_>>()
            .join(" ");
        let mut length = 0;
        loop {
            text.clear();
            lines.read_line(&mut text).ok()?;
            match text.trim().to_ascii_lowercase().split_once(':') {
                Some(("content-length", value)) => length = value.trim().parse().ok()?,
                Some(_) => {}
                None => break,
            }
        }
        lines.take(length).read_to_end(&mut Vec::new()).ok()?;
        (!line.is_empty()).then_some(Self { line, stream })
    }

    pub(crate) fn answer(mut self, status: u16, body: &str) {
        let head = format!(
            "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n",
            body.len()
        );
        // Whoever asked may be gone.
        let _ = self.stream.write_all(format!("{head}{body}").as_bytes());
    }
}
