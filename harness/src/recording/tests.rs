use super::*;
use crate::rules;
use crate::testing::evidence;

const STORY: &str = "
    client HTTP  orders               | a2 → a2
    orders Kafka billing follows-from | a4 → none
    a1 client internal
      a2 client client @0
        a3 orders server @0
          a4 orders producer @1
    b5 billing consumer @1 ~a4
      b6 billing internal dropped-events";

fn rows() -> Vec<Row> {
    crate::testing::tell(STORY).rows
}

#[test]
fn what_is_judged_is_the_same_before_and_after() {
    let evidence = evidence(STORY);
    let written = Recording::of(&rows(), &evidence).to_string();
    let read = Recording::read(&written).expect("a recording");
    let again = read.evidence().expect("evidence");
    let outcomes = |evidence: &Evidence| {
        let rulings = rules::judge(evidence).into_iter();
        let outcomes = rulings.map(|r| format!("{} {:?}", r.rule.id, kinds(&r.outcomes)));
        outcomes.collect::<Vec<_>>()
    };
    assert_eq!(outcomes(&evidence), outcomes(&again));
    assert_eq!(Recording::of(&rows(), &again).to_string(), written);
}

fn kinds(outcomes: &[rules::Outcome]) -> Vec<(&'static str, Option<usize>)> {
    let kind = |outcome: &rules::Outcome| match outcome {
        rules::Outcome::Held { hop } => ("held", *hop),
        rules::Outcome::Finding(finding) => ("finding", finding.hop),
        rules::Outcome::NotShown { hop, .. } => ("not shown", *hop),
    };
    outcomes.iter().map(kind).collect()
}

#[test]
fn a_recording_is_a_file_of_otlp() {
    let written = Recording::of(&rows(), &evidence(STORY)).to_string();
    let store = Store::new();
    let ingested = store.receive(Encoding::Json, written.into());
    assert_eq!(ingested.expect("OTLP").stored, 6);
}

#[test]
fn nothing_is_told_of_where_it_was_made() {
    let mut evidence = evidence(STORY);
    evidence.run = 0xabcd_1234;
    let scrubber = Scrubber::of(&evidence);
    for (key, text, told) in [
        (
            "url.full",
            "http://172.18.0.1:40123/ub_abcd1234_0?a=b",
            "http://host/ub_00000001_0?a=b",
        ),
        ("server.address", "laptop.example", "host"),
        ("net.peer.ip", "::1", "host"),
        ("http.host", "laptop:80", "host"),
        ("messaging.url", "[\"172.18.0.4:19092\"]", "[\"host\"]"),
        ("service.version", "1.2.3", "1.2.3"),
        ("thread.name", "abcd1234-1-orders", "00000001-1-orders"),
    ] {
        assert_eq!(scrubber.entry(key, text), told, "{key}");
    }
}

#[test]
fn ids_are_replaced_wherever_they_stand() {
    let evidence = evidence(STORY);
    let scrubber = Scrubber::of(&evidence);
    let root = &evidence.story.spans()[0];
    let (trace, span) = (root.trace_id.to_string(), root.span_id.to_string());
    let xray = format!("Root=1-{}-{};Parent={span}", &trace[..8], &trace[8..]);
    let told = scrubber.text(&xray);
    let id = |text: &str| scrubber.text(text);
    let (new_trace, new_span) = (id(&trace), id(&span));
    assert_ne!(new_trace, trace);
    let expected = format!(
        "Root=1-{}-{};Parent={new_span}",
        &new_trace[..8],
        &new_trace[8..]
    );
    assert_eq!(told, expected);
    assert_eq!(Scrubber::number("net.peer.port", 40_123), 1);
    assert_eq!(Scrubber::number("http.response.status_code", 200), 200);
    let unknown = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    assert_eq!(scrubber.text(unknown), unknown);
}

#[test]
fn what_is_no_recording_is_refused() {
    let good = Recording::of(&rows(), &evidence(STORY)).to_string();
    assert!(Recording::read("{}").is_err());
    for (what, instead) in [
        (r#""over":"Kafka""#, r#""over":"Pigeon""#),
        (
            r#""startTimeUnixNano":"1""#,
            r#""startTimeUnixNano":"soon""#,
        ),
        (r#""entry": "0"#, r#""entry": "x"#),
        (
            r#"[["traceparent","#,
            r#"[["",{"base64":"?"}],["traceparent","#,
        ),
    ] {
        let bad = good.replace(what, instead);
        assert_ne!(bad, good, "{what}");
        let bad = Recording::read(&bad).and_then(|recording| recording.evidence());
        let error = bad.expect_err(what).to_string();
        assert!(error.starts_with("not a recording"), "{error}");
    }
}
