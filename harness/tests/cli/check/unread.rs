//! Calls that do not come to the probe as it reads them: they are said to have come, and the service is not
//! told that it made none.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

use super::check;
use super::misbehaving::{Asked, OK, context_of, service};

/// Sends this to where a call was asked for, and waits until that is answered or closed.
fn send(url: &str, bytes: &[u8]) {
    let rest = url.trim_start_matches("http://");
    let endpoint = rest.split('/').next().expect("a host");
    if let Ok(mut stream) = TcpStream::connect(endpoint) {
        // Who does not want to read it closes the connection.
        let _ = stream.write_all(bytes);
        let _ = stream.read(&mut [0; 16]);
    }
}

/// The head of a call, with these lines at its end, and what comes after it.
fn call(url: &str, lines: &str, body: &str) -> Vec<u8> {
    let path = url.trim_start_matches("http://");
    let path = path.find('/').map_or("/", |at| &path[at..]);
    format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n{body}")
        .into_bytes()
}

/// A service that calls everybody like this.
fn calls(bytes: impl Fn(&Asked, &str) -> Vec<u8> + Send + Sync + Clone + 'static) -> u16 {
    service(move |asked| {
        for url in &asked.urls {
            send(url, &bytes(&asked, url));
        }
        asked.answer(OK);
    })
}

#[test]
fn what_came_and_could_not_be_read_is_said_with_why() {
    let told = |bytes: &[u8], is: &str, look: &str| {
        let bytes = bytes.to_vec();
        let port = calls(move |_, _| bytes.clone());
        let ended = check(port, "/", &["--timeout", "1"]);
        assert_eq!(ended.code, Some(3), "{ended:#?}");
        for said in ["none could be read", is, look] {
            assert!(ended.out.contains(said), "{said}: {ended:#?}");
        }
        for wrong in ["nothing arrived", "called nobody"] {
            assert!(!ended.out.contains(wrong), "{wrong}: {ended:#?}");
        }
    };
    let long = format!("POST / HTTP/1.1\r\nx: {}", "a".repeat(200 << 10));
    let all: [(&[u8], &str, &str); 5] = [
        (b"\x16\x03\x01\x02\x00\x01\x00", "× TLS", "not https://"),
        (
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "× HTTP/2",
            "--probe grpc=",
        ),
        (b"hello\r\n\r\n", "× no HTTP", "expects HTTP/1.1"),
        (
            b"POST / HTTP/1.1\r\nx\r\n\r\n",
            "× a line of the head that is no header",
            "the headers of its calls",
        ),
        (
            long.as_bytes(),
            "× a head of more than 128 KiB",
            "the headers of its calls",
        ),
    ];
    thread::scope(|scope| {
        for (bytes, is, look) in all {
            scope.spawn(move || told(bytes, is, look));
        }
    });
}

#[test]
fn it_is_said_in_every_format_and_of_the_suite_as_well() {
    let port = calls(|_, _| b"\x16\x03\x01".to_vec());
    let told = |arguments: &[&str], code: i32| {
        let ended = check(port, "/", &[&["--timeout", "1"], arguments].concat());
        assert_eq!(ended.code, Some(code), "{ended:#?}");
        assert!(ended.out.contains("× TLS"), "{ended:#?}");
        assert!(!ended.out.contains("nothing arrived"), "{ended:#?}");
        ended.out
    };
    thread::scope(|scope| {
        scope.spawn(|| told(&["--format", "markdown"], 3));
        scope.spawn(|| told(&["--format", "junit"], 3));
        scope.spawn(|| told(&["--suite"], 1));
        let json = told(&["--format", "json"], 3);
        let page: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(page["unread"][0]["what"], "TLS");
        assert!(page["unread"][0]["times"].as_u64() > Some(0));
    });
}

#[test]
fn a_case_whose_call_could_not_be_read_is_not_told_that_there_was_none() {
    let port = calls(|asked, url| match &*context_of(asked) {
        "" => call(url, "no header\r\n", ""),
        ours => call(url, &format!("{ours}Content-Length: 2\r\n"), "[]"),
    });
    let ended = check(port, "/", &["--timeout", "1"]);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    for said in [
        "actual    no call that could be read (",
        "× a line of the head that is no header came); the service answered 200",
        "the probe could not read some of what came: ",
        "look at   the headers of its calls",
    ] {
        assert!(ended.out.contains(said), "{said}: {ended:#?}");
    }
    assert!(!ended.out.contains("no call;"), "{ended:#?}");
}

#[test]
fn a_call_is_told_by_its_head_however_long_its_body_and_whatever_stands_behind() {
    let port = calls(|asked, url| {
        let ours = context_of(asked);
        if ours.is_empty() {
            let long = "x".repeat((1 << 20) + 1);
            let made = format!("traceparent: 00-{:032x}-{:016x}-01\r\n", 7, 8);
            return call(
                url,
                &format!("{made}Content-Length: {}\r\n", long.len()),
                &long,
            );
        }
        let lines = format!("{ours}Transfer-Encoding: chunked\r\nTrailer: x-sum\r\n");
        call(url, &lines, "2\r\n[]\r\n0\r\nx-sum: 1\r\nx-more: 2\r\n\r\n")
    });
    let ended = check(port, "/", &["--timeout", "2"]);
    for said in ["✔ WIRE-001", "✔ WIRE-002"] {
        assert!(ended.out.contains(said), "{said}: {ended:#?}");
    }
    for wrong in ["no call", "could not be read", "could not read"] {
        assert!(!ended.out.contains(wrong), "{wrong}: {ended:#?}");
    }
}
