//! The same in a scenario: what is found is told in the words of the report, and its end is the
//! scenario's.

use super::misbehaving::{Asked, context_of, copies, ignores, service, swallows};
use super::{check, pinned};
use crate::program::{Ended, Program, with_port};

/// Runs the scenarios of a tag, where the service that is asked listens at this port.
fn asked(port: u16, tags: &str) -> Ended {
    let feature = with_port("asked.feature", port);
    let program = Program::with(&["run", &feature, "--tags", tags]);
    program.and(&["--otlp-port", "0"]).play_out()
}

const ALONE: &str = "not @nowhere and not @senseless and not @unmountable and not @speaks";

#[test]
fn who_ignores_everything_propagates_nothing() {
    let ended = asked(service(ignores), ALONE);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert!(ended.out.contains("propagates nothing"), "{ended:#?}");
    pinned("asked-ignores", &ended);
}

#[test]
fn who_copies_is_found_out() {
    let ended = asked(service(copies), ALONE);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    pinned("asked-copies", &ended);
}

#[test]
fn who_calls_nobody_fails_and_is_told_what_to_look_at() {
    let ended = asked(service(swallows), ALONE);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    pinned("asked-swallows", &ended);
}

#[test]
fn who_is_told_to_speak_another_format_does() {
    let ended = asked(1, "@speaks");
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert!(ended.out.contains("propagates nothing"), "{ended:#?}");
}

/// What it says is seen, and turns nothing around, be it a remark or a finding.
#[test]
fn what_a_service_says_is_not_obeyed() {
    fn says(asked: Asked) {
        let body = "\u{202e}x";
        let length = body.len();
        let said = format!("HTTP/1.1 500 No\r\nContent-Length: {length}\r\n\r\n{body}");
        asked.answer(said.as_bytes());
    }
    let silent = service(says);
    let seldom = service(|asked| match context_of(&asked).is_empty() {
        true => ignores(asked),
        false => says(asked),
    });
    for (port, before) in [(silent, "answered  the"), (seldom, "no call; the")] {
        for ended in [asked(port, ALONE), check(port, "/", &["--timeout", "1"])] {
            let said = format!("{before} service answered 500: \\u{{202e}}x\n");
            assert!(ended.out.contains(&said), "{ended:#?}");
            assert!(!ended.out.contains('\u{202e}'), "{ended:#?}");
        }
    }
}

#[test]
fn where_nobody_is_there_it_could_not_run() {
    let ended = asked(1, "@nowhere");
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    assert!(ended.out.contains("could not be reached"), "{ended:#?}");
}

#[test]
fn what_cannot_be_asked_is_a_mistake_with_its_line() {
    let ended = asked(1, "@senseless");
    assert_eq!(ended.code, Some(2), "{ended:#?}");
    assert!(ended.out.contains("line 18: "), "{ended:#?}");
    assert!(ended.out.contains("it listens at a URL"), "{ended:#?}");
    assert!(
        ended.out.contains("no boundary is called \"pigeons\""),
        "{ended:#?}"
    );
    let ended = asked(1, "@unmountable");
    assert_eq!(ended.code, Some(2), "{ended:#?}");
}
