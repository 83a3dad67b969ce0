//! What a check is reported as, and where.

use std::path::PathBuf;
use std::{fs, thread};

use super::misbehaving::{copies, ignores, service};
use super::reference::beside;
use super::{check, pinned, pinned_text};
use crate::program::Program;

/// A file that no other test writes.
fn file(name: &str) -> (PathBuf, String) {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join("reports")
        .join(name);
    // Of another run.
    let _ = fs::remove_file(&path);
    let text = path.display().to_string();
    (path, text)
}

#[test]
fn every_report_that_is_asked_for_is_written_in_folders_of_its_own() {
    let ((junit, a), (markdown, b), (json, c)) =
        (file("of/it.xml"), file("of/it.md"), file("of/it.json"));
    let ended = beside(|port| {
        let both = format!("junit={a},markdown={b}");
        check(
            port,
            "/check",
            &["--report", &both, "--report", &format!("json={c}")],
        )
    });
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let read = |path| fs::read_to_string(path).expect("it is written");
    pinned_text("reference-markdown", &read(markdown));
    let junit = read(junit);
    assert!(junit.contains("failures=\"0\" errors=\"0\""), "{junit}");
    let page: serde_json::Value = serde_json::from_str(&read(json)).expect("JSON");
    assert_eq!(page["ending"], "conforms");
}

#[test]
fn junit_is_red_where_the_check_is() {
    let port = service(ignores);
    let of = |fail_on| check(port, "/", &["--format", "junit", "--fail-on", fail_on]);
    let (must, should) = (of("must"), of("should"));
    assert_eq!((must.code, should.code), (Some(1), Some(1)));
    assert!(!must.out.contains("type=\"finding\""), "{must:#?}");
    assert!(must.out.contains("type=\"not-shown\""), "{must:#?}");
    assert!(should.out.contains("type=\"finding\""), "{should:#?}");
    pinned("ignores-junit", &should);
}

#[test]
fn a_file_that_cannot_be_written_is_3_and_what_was_judged_is_said() {
    let port = service(ignores);
    let (_, good) = file("good.json");
    let reports = format!("junit=/dev/null/it.xml,json={good},markdown=/dev/null/it.md");
    let ended = check(port, "/", &["--report", &reports]);
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    assert!(ended.out.contains("propagates nothing"), "{ended:#?}");
    for bad in ["it.xml", "it.md"] {
        let said = format!("/dev/null/{bad} cannot be written");
        assert!(ended.err.contains(&said), "{ended:#?}");
    }
    assert!(fs::exists(good).expect("asked"), "the other is written");
    let ended = check(port, "/", &["--report", "html=it.html"]);
    assert_eq!(ended.code, Some(2), "{ended:#?}");
}

#[test]
fn nothing_of_a_service_can_break_a_report() {
    let port = service(|asked| {
        let evil = "\u{1}</failure>]]>\n```\n# mine\n<script>`|\u{202e}\u{fffe}";
        let length = evil.len();
        asked.answer(
            format!("HTTP/1.1 500 No\r\nContent-Length: {length}\r\n\r\n{evil}").as_bytes(),
        );
    });
    let of = |format| check(port, "/", &["--timeout", "1", "--format", format]).out;
    let markdown = of("markdown");
    assert!(markdown.contains("mine"), "it is told: {markdown}");
    assert!(
        !markdown.lines().any(|line| line.starts_with("# mine")),
        "{markdown}"
    );
    assert!(!markdown.contains('\u{202e}'), "{markdown}");
    let junit = of("junit");
    assert!(junit.contains("mine"), "it is told: {junit}");
    assert!(!junit.contains(['\u{1}', '\u{fffe}']), "{junit}");
    assert!(!junit.contains("</failure>]]>"), "{junit}");
    assert!(!junit.contains("<script>"), "{junit}");
}

#[test]
fn who_calls_nobody_is_told_so_in_every_format() {
    let port = service(|asked| asked.answer(b"HTTP/1.1 204 No\r\n\r\n"));
    let told = |format: &str, suite: &[&str], code: i32| {
        let ended = check(
            port,
            "/",
            &[&["--timeout", "1", "--format", format], suite].concat(),
        );
        assert_eq!(ended.code, Some(code), "{ended:#?}");
        let words = [
            "nothing arrived",
            "within 1 s",
            "arguments",
            "answered 204",
            "look at",
        ];
        for words in words {
            assert!(ended.out.contains(words), "{format}: {words}: {ended:#?}");
        }
    };
    // Each waits for a deadline: so all do at once.
    thread::scope(|scope| {
        for format in ["terminal", "json", "markdown", "junit"] {
            scope.spawn(move || told(format, &[], 3));
            // To the suite, who does not call fails.
            scope.spawn(move || told(format, &["--suite"], 1));
        }
    });
}

#[test]
fn github_is_told_by_annotations_and_the_summary_of_the_step() {
    let port = service(copies);
    let (path, summary) = file("summary.md");
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(&path, "before\n").expect("written");
    let target = format!("http://127.0.0.1:{port}/");
    let github = Program::with(&["check", &target, "--format", "json"])
        .with_variable("GITHUB_ACTIONS", "true")
        .with_variable("GITHUB_STEP_SUMMARY", &summary);
    let ended = github.play_out();
    let errors: Vec<_> = ended.err.lines().collect();
    assert_eq!(errors.len(), 10, "{ended:#?}");
    assert!(errors[0].starts_with("::error title=WIRE-"), "{ended:#?}");
    assert!(serde_json::from_str::<serde_json::Value>(&ended.out).is_ok());
    let summary = fs::read_to_string(path).expect("it is there");
    assert!(
        summary.starts_with("before\n# W3C Trace Context"),
        "{summary}"
    );
}
