//! Where something is missing, a run says what, and what brings it: it is never a pass, and never
//! a finding.

use crate::program::{Program, scenarios};
use crate::server::Server;

#[test]
fn without_docker_only_what_needs_it_cannot_run() {
    let program = Program::run("unreachable.feature").without_docker();
    let ended = program.play_out();
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    assert!(
        ended.out.contains("1 could-not-run\n3 passed, 1 failed\n"),
        "{ended:#?}"
    );
    for said in scenarios(&ended.out) {
        if said.starts_with("✘ A hop over Kafka  could-not-run\n") {
            for words in [
                "environment: Docker could not be reached",
                "containers/setup",
            ] {
                assert!(said.contains(words), "{said}");
            }
        } else {
            assert!(said.starts_with("✔ A hop over "), "{said}");
        }
    }
}

#[test]
fn a_broker_without_an_image_cannot_run() {
    let engine = Server::start();
    let host = format!("tcp://127.0.0.1:{}", engine.port);
    engine.answer(|request| {
        let none = |what: &str| (404, format!(r#"{{"message": "no such {what}"}}"#));
        match request {
            line if line.ends_with("/version") => (200, r#"{"ApiVersion": "1.41"}"#.to_owned()),
            line if line.contains("/images/") => none("image"),
            line if line.contains("/networks/create") => {
                (201, r#"{"Id": "n", "Warning": ""}"#.to_owned())
            }
            line if line.contains("/networks/") => none("network"),
            _ => (200, "[]".to_owned()),
        }
    });
    let program = Program::run("unreachable.feature").docker_at(&host);
    let ended = program.and(&["--tags", "@brokers"]).play_out();
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    for said in [
        "could-not-run",
        "there is no image for kafka",
        "run `containers/setup`",
    ] {
        assert!(ended.out.contains(said), "{ended:#?}");
    }
}

#[test]
fn a_subject_without_an_image_cannot_run() {
    let ended = Program::run("absent.feature").play_out();
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    for said in [
        "could-not-run",
        "`docker pull unbroken/nobody-built-this:7`",
    ] {
        assert!(ended.out.contains(said), "{ended:#?}");
    }
}
