//! Services that speak other formats, and several.

use super::misbehaving::{Asked, OK, ignores, service};
use super::reference::beside_speaking;
use super::{check, pinned};

const ALL: &str = "tracecontext,baggage,b3,b3multi,xray";

#[test]
fn the_reference_service_keeps_every_must_in_every_format() {
    let ended = beside_speaking(ALL, |port| check(port, "/check", &["--propagators", ALL]));
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    pinned("reference-propagators", &ended);
}

#[test]
fn which_of_two_wins_is_said_and_no_finding() {
    for (spoken, winner) in [
        ("tracecontext,b3", "tracecontext"),
        ("b3,tracecontext", "b3"),
    ] {
        let asked = ["--propagators", "tracecontext,b3", "--format", "json"];
        let ended = beside_speaking(spoken, |port| check(port, "/check", &asked));
        assert_eq!(ended.code, Some(0), "{ended:#?}");
        let page: serde_json::Value = serde_json::from_str(&ended.out).expect("JSON");
        let wins = &page["formats"]["wins"];
        assert_eq!(wins[0]["case"], "B3-005a", "{wins:#}");
        assert_eq!(wins[0]["winner"], winner, "{wins:#}");
    }
}

#[test]
fn who_speaks_one_format_is_judged_by_that_alone() {
    for format in ["baggage", "b3", "b3multi", "xray"] {
        let ended = beside_speaking(format, |port| {
            check(port, "/check", &["--propagators", format])
        });
        assert_eq!(ended.code, Some(0), "{format}: {ended:#?}");
        assert!(!ended.out.contains("WIRE-"), "{format}: {ended:#?}");
        let ended = beside_speaking("tracecontext", |port| {
            check(port, "/check", &["--propagators", format])
        });
        assert_eq!(ended.code, Some(1), "{format}: {ended:#?}");
        assert!(
            ended.out.contains("propagates nothing"),
            "{format}: {ended:#?}"
        );
    }
}

#[test]
fn who_copies_every_format_continues_what_is_not_valid() {
    let port = service(|asked: Asked| {
        let names = [
            "traceparent",
            "tracestate",
            "baggage",
            "b3",
            "x-amzn-trace-id",
        ];
        let is_context = |name: &str| {
            let name = name.to_ascii_lowercase();
            names.contains(&&*name) || name.starts_with("x-b3-")
        };
        let headers = asked.headers.iter().filter(|(name, _)| is_context(name));
        let headers: String = headers
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        asked.call(&|_| headers.clone());
        asked.answer(OK);
    });
    let asked = "baggage,b3,b3multi,xray";
    let ended = check(port, "/", &["--propagators", asked]);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    pinned("copies-propagators", &ended);
}

#[test]
fn who_ignores_everything_shows_nothing_by_it() {
    let port = service(ignores);
    let ended = check(port, "/", &["--propagators", ALL]);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert!(ended.out.contains("propagates nothing"), "{ended:#?}");
    pinned("ignores-propagators", &ended);
}

#[test]
fn a_format_that_erases_another_and_formats_that_name_two_spans_are_found() {
    // It follows b3 whenever it is there, valid or not, and makes up another span for it.
    let port = service(|asked: Asked| {
        let value = |name: &str| {
            let mut found = asked
                .headers
                .iter()
                .filter(|(n, _)| n.eq_ignore_ascii_case(name));
            found.next().map(|(_, value)| value.clone())
        };
        let b3 = value("b3").filter(|b3| !b3.starts_with("0000") && b3.len() > 48);
        let headers = match (value("b3").is_some(), b3, value("traceparent")) {
            (true, Some(b3), _) => format!(
                "traceparent: 00-{}-00000000000000aa-01\r\nb3: {}-00000000000000bb-1\r\n",
                &b3[..32],
                &b3[..32]
            ),
            (false, _, Some(parent)) => format!("traceparent: {parent}\r\n"),
            _ => String::new(),
        };
        asked.call(&|_| headers.clone());
        asked.answer(OK);
    });
    let ended = check(port, "/", &["--propagators", "tracecontext,b3"]);
    for id in ["B3-004a", "B3-006a"] {
        assert!(
            ended.out.contains(&format!("{id} (must")),
            "{id}: {ended:#?}"
        );
    }
    for words in ["of tracecontext and b3, b3 wins", "b3 goes out in"] {
        assert!(ended.out.contains(words), "{words}: {ended:#?}");
    }
    assert!(!ended.out.contains("B3-006b (must"), "{ended:#?}");
}

#[test]
fn formats_that_nobody_knows_are_2() {
    let ended = check(1, "/", &["--propagators", "jaeger"]);
    assert_eq!(ended.code, Some(2), "{ended:#?}");
    assert!(ended.err.contains("is no format"), "{ended:#?}");
}
