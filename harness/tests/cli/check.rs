//! `unbroken check`, against the reference service and against services that do not do what they
//! should.

mod image;
mod misbehaving;
mod propagators;
mod reference;
mod reports;
mod scenarios;
mod spans;
mod triggers;
mod unread;

use crate::program::{Ended, Program};

fn check(port: u16, path: &str, arguments: &[&str]) -> Ended {
    check_at(&format!("http://127.0.0.1:{port}{path}"), arguments)
}

fn check_at(target: &str, arguments: &[&str]) -> Ended {
    Program::with(&["check", target]).and(arguments).play_out()
}

/// What it says, without what is of every run's own.
fn pinned(name: &str, ended: &Ended) {
    pinned_text(name, &ended.out);
}

fn pinned_text(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"(?m)^  .*/\d+-asked\.feature:", "  asked.feature:");
    settings.add_filter(r"ub_[0-9a-f]{8}_", "ub_<run>_");
    settings.add_filter(r"127\.0\.0\.1:\d+", "127.0.0.1:<port>");
    settings.add_filter(r"=(\d)-[0-9a-f]{8}-[0-9a-f]{23}[0-9a-f.]", "=$1-<root>");
    // The ids that are sent are also cut, made longer, and written in upper case.
    settings.add_filter("(?i)c?[0-9a-f]{14,15}a0{12}[0-9a-f]{2}d?", "<trace>");
    settings.add_filter(r"\b[0-9a-f]{32}\b", "<trace>");
    settings.add_filter(r"\b[0-9a-f]{16}\b", "<span>");
    settings.add_filter("(?i)b?[0-9a-f]{10}00[0-9a-f]{2}e?", "<span>");
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_snapshot!(format!("check-{name}"), text));
}

#[test]
fn what_makes_no_sense_is_2() {
    let http = "http://127.0.0.1:1/";
    for (target, arguments, why) in [
        ("nowhere", &[][..], "no URL"),
        ("https://127.0.0.1/", &[], "no boundary has the scheme"),
        ("kafka://127.0.0.1:9092/t", &[], "say with --probe"),
        ("grpc://127.0.0.1:9092/t", &["--suite"], "speaks HTTP alone"),
        ("http://a:b@127.0.0.1/", &[], "credentials"),
        (http, &["--probe", "9000"], "says nowhere to listen"),
        (
            http,
            &["--probe", "http=127.0.0.1:0,as=grpc://h:1"],
            "cannot be called",
        ),
        (http, &["--probe", "http://a:b@127.0.0.1/"], "credentials"),
    ] {
        let ended = check_at(target, arguments);
        assert_eq!(ended.code, Some(2), "{ended:#?}");
        assert!(ended.err.contains(why), "{ended:#?}");
        assert!(!ended.err.contains("a:b@"), "{ended:#?}");
    }
}

#[test]
fn what_would_do_nothing_is_refused() {
    let http = "http://127.0.0.1:1/";
    let image = ["--image", "acme/orders:1"];
    let trigger = ["--trigger", "POST http://127.0.0.1:1/"];
    let probe = ["--probe", "http=127.0.0.1:0"];
    let of_image = [&image[..], &["--port", "80"]].concat();
    let of_suite = [&of_image[..], &["--suite"]].concat();
    let of_trigger = [&image[..], &trigger].concat();
    let triggered = [&trigger[..], &probe].concat();
    for (subject, flag, value, why) in [
        // Nobody but a trigger has a body of the user's own.
        (&of_image[..], "--body", "@/nowhere", "--trigger"),
        (&[http, "--suite"], "--as", "link", "--suite"),
        (&[http, "--suite"], "--propagators", "b3", "--suite"),
        (&[http, "--suite"], "--fail-on", "may", "--suite"),
        // The suite looks at no spans.
        (&of_suite, "--settle", "9", "--suite"),
        // Nobody listens for any.
        (&[http], "--settle", "9", "--otlp"),
        (&triggered, "--settle", "9", "--otlp"),
        // The path stands in the trigger.
        (&of_trigger, "--path", "/orders", "--trigger"),
    ] {
        let ended = Program::with(&["check"]).and(subject).and(&[flag, value]);
        let ended = ended.play_out();
        assert_eq!(ended.code, Some(2), "{flag}: {ended:#?}");
        assert!(ended.err.contains(why), "{flag}: {ended:#?}");
    }
}

#[test]
fn a_probe_that_cannot_listen_is_no_fault_of_the_service() {
    for probe in ["http=192.0.2.1:9000", "kafka://127.0.0.1:1/t"] {
        let ended = check(1, "/", &["--probe", probe]);
        assert_eq!(ended.code, Some(3), "{ended:#?}");
        assert!(ended.err.contains("the probe"), "{ended:#?}");
    }
}

#[test]
fn where_nobody_listens_nothing_could_be_said() {
    let ended = check(1, "/", &["--timeout", "1"]);
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    assert!(ended.out.contains("nothing could be asked"), "{ended:#?}");
    assert!(ended.out.contains("could not be reached"), "{ended:#?}");
}
