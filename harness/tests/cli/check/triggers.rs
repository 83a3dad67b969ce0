//! Services that speak no protocol: a request of the user's own goes in, and what they do because of it
//! comes to the probe.

use std::net::TcpListener;

use super::misbehaving::{Asked, call, context_of, service};
use super::pinned;
use crate::program::{Ended, Program};

/// A port that is free: another test may take it, but hardly in this moment.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("bound").port()
}

fn triggered(trigger: &str, probe: u16, arguments: &[&str]) -> Ended {
    let probe = format!("http=127.0.0.1:{probe}");
    Program::with(&["check", "--trigger", trigger, "--probe", &probe])
        .and(arguments)
        .play_out()
}

/// A service that calls its downstream with the context that it was sent, some times for each request.
fn forwards(downstream: u16, path: fn(&Asked) -> String, times: usize) -> u16 {
    service(move |asked| {
        let headers = context_of(&asked);
        for _ in 0..times {
            let path = path(&asked);
            call(&format!("http://127.0.0.1:{downstream}/{path}"), &headers);
        }
        asked.answer(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
    })
}

#[test]
fn the_name_of_the_case_tells_the_calls_apart_where_it_shows() {
    let probe = free_port();
    let port = forwards(probe, |asked| format!("stock{}", asked.target), 1);
    let url = format!("GET http://127.0.0.1:{port}/orders/{{case}}");
    let ended = triggered(&url, probe, &["--timeout", "1"]);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    pinned("trigger", &ended);
}

#[test]
fn where_nothing_shows_the_cases_go_one_at_a_time() {
    let probe = free_port();
    let port = forwards(probe, |_| "stock".to_owned(), 2);
    let url = format!("PUT http://127.0.0.1:{port}/orders");
    let arguments = [
        "--body",
        "{\"no\": {}}",
        "--header",
        "authorization: secret",
    ];
    let ended = triggered(&url, probe, &[&arguments[..], &["--timeout", "1"]].concat());
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert!(ended.out.contains("one at a time"), "{ended:#?}");
    // The same is found as where they go side by side.
    assert!(ended.out.contains("✘ WIRE-010a"), "{ended:#?}");
    assert!(ended.out.contains("✔ WIRE-002"), "{ended:#?}");
    // Each brings two calls, which copy one parent id.
    assert!(ended.out.contains("✘ WIRE-018a"), "{ended:#?}");
    assert!(!ended.out.contains("secret"), "{ended:#?}");
    assert!(ended.out.contains("-H 'authorization: …'"), "{ended:#?}");
}

#[test]
fn what_the_trigger_says_goes_out_as_it_is() {
    let (sender, asked) = std::sync::mpsc::channel();
    let port = service(move |asked| {
        // Who looks no more has seen enough.
        let _ = sender.send((
            asked.method.clone(),
            asked.target.clone(),
            asked.headers.clone(),
        ));
        asked.answer(b"HTTP/1.1 204 No Content\r\n\r\n");
    });
    let body = std::env::temp_dir().join(format!("unbroken-body-{port}"));
    std::fs::write(&body, "<order/>").expect("written");
    let url = format!("PUT http://127.0.0.1:{port}/orders?x={{case}}");
    let file = format!("@{}", body.display());
    let arguments = [
        "--body",
        &file,
        "--header",
        "Content-Type: text/xml",
        "--timeout",
        "1",
    ];
    let ended = triggered(&url, free_port(), &arguments);
    std::fs::remove_file(body).expect("removed");
    // It calls nobody, and is asked once.
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    assert!(ended.out.contains("sent      the trigger"), "{ended:#?}");
    let (method, target, headers) = asked.try_iter().next().expect("it was asked");
    assert_eq!(method, "PUT");
    assert!(target.starts_with("/orders?x=ub_"), "{target}");
    let value = |name: &str| {
        let mut named = headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name));
        (named.next().map(|(_, value)| value.clone()), named.count())
    };
    assert_eq!(value("content-type"), (Some("text/xml".to_owned()), 0));
    assert_eq!(value("content-length"), (Some("8".to_owned()), 0));
    assert_eq!(asked.try_iter().count(), 0);
}

#[test]
fn what_makes_no_sense_as_a_trigger_is_2() {
    let probe = ["--probe", "http=127.0.0.1:0"];
    for (arguments, why) in [
        (
            &["--trigger", "POST http://127.0.0.1:1/"][..],
            "say with --probe",
        ),
        (&["--trigger", "POST kafka://127.0.0.1:1/t"], "no trigger"),
        (&["--trigger", "http://127.0.0.1:1/", "--suite"], "--suite"),
        (
            &["--trigger", "http://127.0.0.1:1/", "--body", "@/nowhere"],
            "/nowhere cannot be read",
        ),
        (
            &["http://127.0.0.1:1/", "--body", "x"],
            "cannot be used with",
        ),
        (
            &["http://127.0.0.1:1/", "--trigger", "http://127.0.0.1:1/"],
            "--trigger",
        ),
        (
            &["http://127.0.0.1:1/", "--header", "secret"],
            "name: value",
        ),
        (
            &["http://127.0.0.1:1/", "--header", "traceparent: x"],
            "sets",
        ),
        (&[], "required"),
    ] {
        let probe = if why == "say with --probe" {
            &[][..]
        } else {
            &probe
        };
        let ended = Program::with(&["check"])
            .and(arguments)
            .and(probe)
            .play_out();
        assert_eq!(ended.code, Some(2), "{ended:#?}");
        assert!(ended.err.contains(why), "{ended:#?}");
    }
}
