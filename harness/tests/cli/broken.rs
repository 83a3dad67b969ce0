//! A broker that stops in the middle of a run.

use std::thread;
use std::time::{Duration, Instant};

use crate::docker::kill_container;
use crate::program::{Program, with_port};
use crate::server::Server;

/// What a run may take for a scenario: much more than it takes to see that a broker is gone.
const TIMEOUT: &str = "60";

/// The run is held by a subject of the test's own. While it waits for that one's answer the
/// broker, which the next hop needs, is ended.
fn stops_in_the_middle(boundary: &str, broker: &str, answers: bool) {
    let subject = Server::start();
    let feature = with_port("held.feature", subject.port);
    let running = Program::run(&feature)
        .and(&[
            "--name",
            &format!("Held over {boundary}"),
            "--timeout",
            TIMEOUT,
        ])
        .and(&["--otlp-port", "0"])
        .start();
    let request = subject.next();
    kill_container(running.pid, broker);
    let stopped = Instant::now();
    let held = if answers {
        request.answer(200, "[]");
        None
    } else {
        Some(request)
    };
    let ended = running.ended();
    drop(held);
    assert!(stopped.elapsed() < Duration::from_secs(45), "{ended:#?}");
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    let said = format!("environment: the broker {broker} stopped in the middle of the run");
    assert!(ended.out.contains(&said), "{ended:#?}");
    assert!(
        ended.out.ends_with("1 could-not-run\n0 passed, 1 failed\n"),
        "{ended:#?}"
    );
}

/// While a call waits, and before the next send: two runs side by side.
fn stops(boundary: &str, broker: &str) {
    thread::scope(|scope| {
        scope.spawn(|| stops_in_the_middle(boundary, broker, false));
        stops_in_the_middle(boundary, broker, true);
    });
}

#[test]
fn kafka_stops() {
    stops("Kafka", "kafka");
}

#[test]
fn rabbitmq_stops() {
    stops("AMQP", "rabbitmq");
}

#[test]
fn elasticmq_stops() {
    stops("SQS", "elasticmq");
}
