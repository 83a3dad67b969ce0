//! A service that is given as an image: started, checked, and removed whatever happens.

use std::time::SystemTime;

use crate::docker::{Births, left_by};
use crate::program::{Ended, Program};

/// One of ours, with stock instrumentation.
const IMAGE: &str = "unbroken/python-fastapi:1";

fn check(arguments: &[&str]) -> Ended {
    let running = Program::with(&["check"]).and(arguments).start();
    let pid = running.pid;
    let ended = running.ended();
    assert_eq!(left_by(pid), "", "{ended:#?}");
    ended
}

#[test]
fn an_image_is_started_judged_by_its_spans_as_well_and_removed() {
    let ended = check(&["--image", IMAGE, "--port", "8080", "--path", "/check"]);
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    for said in [
        "✔ ✔ ✔ WIRE-002",
        "0 cases have none and should",
        "agree  must:   56 held, 0 broken, 0 not shown",
    ] {
        assert!(ended.out.contains(said), "{said}: {ended:#?}");
    }
}

#[test]
fn the_host_of_an_address_may_be_the_image() {
    let trigger = [
        "--trigger",
        "POST http://image:8080/orders/{case}",
        "--body",
        "[]",
    ];
    let ended = check(&[&["--image", IMAGE][..], &trigger].concat());
    // By its spans alone, which name the path.
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    for said in [
        "there is no probe",
        "must:   56 held, 0 broken, 0 not shown",
    ] {
        assert!(ended.out.contains(said), "{said}: {ended:#?}");
    }
}

#[test]
fn what_it_is_told_by_its_environment_goes_before_what_we_tell_it() {
    let told = "OTEL_TRACES_EXPORTER=none";
    let quick = ["--settle", "1", "--timeout", "5"];
    let subject = ["--image", IMAGE, "--port", "8080", "--env", told];
    let ended = check(&[&subject[..], &quick].concat());
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert!(ended.out.contains("0 spans came"), "{ended:#?}");
}

#[test]
fn an_image_that_is_not_there_could_not_run_and_says_what_brings_it() {
    let ended = check(&["--image", "unbroken/nobody-built-this:7", "--port", "80"]);
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    let said = "`docker pull unbroken/nobody-built-this:7`";
    assert!(ended.err.contains(said), "{ended:#?}");
}

#[test]
fn an_image_that_ends_at_once_is_quoted() {
    // Python cannot begin without its own modules, and says so.
    let broken = ["--env", "PYTHONHOME=/nowhere"];
    let ended = check(&[&["--image", IMAGE, "--port", "8080"][..], &broken].concat());
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    for said in ["ended by itself; its last words:", "No module named"] {
        assert!(ended.err.contains(said), "{said}: {ended:#?}");
    }
}

#[test]
fn what_says_half_of_an_image_is_2() {
    for arguments in [
        &["--image", IMAGE][..],
        &["--image", IMAGE, "--port", "80", "--env", "nothing"],
        &["http://127.0.0.1:1/", "--env", "A=b"],
        &["http://127.0.0.1:1/", "--port", "80"],
    ] {
        let ended = Program::with(&["check"]).and(arguments).play_out();
        assert_eq!(ended.code, Some(2), "{arguments:?}: {ended:#?}");
    }
}

#[test]
fn whatever_ends_a_check_no_container_is_left() {
    for (signal, code) in [("INT", Some(3)), ("KILL", None)] {
        let before = SystemTime::now();
        let arguments = ["check", "--image", IMAGE, "--port", "8080"];
        let running = Program::until_reaped_with(&arguments).start();
        let pid = running.pid;
        Births::of(pid, before).next();
        running.signal(signal);
        let ended = running.ended();
        assert_eq!(left_by(pid), "", "{signal}: {ended:#?}");
        assert_eq!(ended.code, code, "{signal}: {ended:#?}");
    }
}
