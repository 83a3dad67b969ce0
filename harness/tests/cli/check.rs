//! `unbroken check`, against the reference service and against services that do not do what they
//! should.

mod misbehaving;
mod reference;
mod spans;

use crate::program::{Ended, Program};

fn check(port: u16, path: &str, arguments: &[&str]) -> Ended {
    let target = format!("http://127.0.0.1:{port}{path}");
    Program::with(&["check", &target]).and(arguments).play_out()
}

/// What it says, without what is of every run's own.
fn pinned(name: &str, ended: &Ended) {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"127\.0\.0\.1:\d+", "127.0.0.1:<port>");
    // The ids that are sent are also cut, made longer, and written in upper case.
    settings.add_filter("(?i)c?[0-9a-f]{14,15}a0{12}[0-9a-f]{2}d?", "<trace>");
    settings.add_filter(r"\b[0-9a-f]{32}\b", "<trace>");
    settings.add_filter(r"\b[0-9a-f]{16}\b", "<span>");
    settings.add_filter("(?i)b?[0-9a-f]{10}00[0-9a-f]{2}e?", "<span>");
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_snapshot!(format!("check-{name}"), ended.out));
}

#[test]
fn what_makes_no_sense_is_2() {
    for target in [
        "nowhere",
        "https://127.0.0.1/",
        "kafka://127.0.0.1:9092/t",
        "http://a:b@127.0.0.1/",
    ] {
        let ended = Program::with(&["check", target]).play_out();
        assert_eq!(ended.code, Some(2), "{ended:#?}");
        assert!(!ended.err.is_empty());
    }
}

#[test]
fn where_nobody_listens_nothing_could_be_said() {
    let ended = check(1, "/", &["--timeout", "1"]);
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    assert!(ended.out.contains("nothing could be asked"), "{ended:#?}");
    assert!(ended.out.contains("could not be reached"), "{ended:#?}");
}
