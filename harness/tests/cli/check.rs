//! `unbroken check`, against the reference service and against services that do not do what they
//! should.

mod misbehaving;
mod reference;

use crate::program::{Ended, Program};
use crate::reports::without_ids;

fn check(port: u16, path: &str, arguments: &[&str]) -> Ended {
    let target = format!("http://127.0.0.1:{port}{path}");
    Program::with(&["check", &target]).and(arguments).play_out()
}

/// What it says, without what is of every run's own.
fn pinned(name: &str, ended: &Ended) {
    without_ids(|| {
        let mut settings = insta::Settings::clone_current();
        settings.add_filter(r"127\.0\.0\.1:\d+", "127.0.0.1:<port>");
        settings.add_filter("c[0-9a-f]{15}a[0-9a-f]{14}", "<trace>~1");
        settings.add_filter("C[0-9A-F]{15}A[0-9A-F]{14}D", "<TRACE>");
        settings.add_filter("B[0-9A-F]{14}E", "<PARENT>");
        settings.add_filter("b[0-9a-f]{14}", "<parent>~1");
        settings.bind(|| insta::assert_snapshot!(format!("check-{name}"), ended.out));
    });
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
    assert!(ended.out.contains("nothing arrived"), "{ended:#?}");
    assert!(ended.out.contains("could not be reached"), "{ended:#?}");
}
