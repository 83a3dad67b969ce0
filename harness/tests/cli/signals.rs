//! Whatever ends a run, at whatever moment: no container and no network is left behind.

use std::thread;
use std::time::SystemTime;

use crate::docker::{Births, left_by};
use crate::program::{Ended, Program, Running, with_port};
use crate::server::Server;

/// While the request is on its way.
fn in_the_middle(signal: &str) -> Ended {
    let subject = Server::start();
    let feature = with_port("held.feature", subject.port);
    let running = Program::until_reaped(&feature)
        .and(&["--name", "Held over SQS", "--otlp-port", "0"])
        .start();
    let _held = subject.next();
    assert_ne!(left_by(running.pid), "", "nothing has been started");
    end(running, signal)
}

/// While containers are being started: one has just been made, others are about to be.
fn during_the_start(signal: &str) -> Ended {
    let before = SystemTime::now();
    let program = Program::until_reaped("journey.feature");
    let running = program.and(&["--tags", "@twenty"]).start();
    let births = Births::of(running.pid, before);
    births.next();
    end(running, signal)
}

fn end(running: Running, signal: &str) -> Ended {
    let pid = running.pid;
    running.signal(signal);
    let ended = running.ended();
    assert_eq!(left_by(pid), "", "{ended:#?}");
    ended
}

fn says(ended: &Ended, signal: &str) {
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    let said = format!("stopped by {signal}");
    assert!(ended.err.contains(&said), "{ended:#?}");
}

/// At both of these moments, of two runs side by side.
fn at_any_moment(signal: &str, look: impl Fn(&Ended) + Sync) {
    thread::scope(|scope| {
        scope.spawn(|| look(&in_the_middle(signal)));
        look(&during_the_start(signal));
    });
}

#[test]
fn ctrl_c_leaves_nothing() {
    at_any_moment("INT", |ended| says(ended, "Ctrl-C"));
}

#[test]
fn sigterm_leaves_nothing() {
    at_any_moment("TERM", |ended| says(ended, "SIGTERM"));
}

#[test]
fn sighup_leaves_nothing() {
    at_any_moment("HUP", |ended| says(ended, "SIGHUP"));
}

#[test]
fn sigkill_leaves_nothing() {
    at_any_moment("KILL", |ended| assert_eq!(ended.code, None));
}
