use crate::evidence::{By, Evidence, Part};
use crate::story::SpanIndex;
use crate::testing::evidence;

/// The spans of the first hop, both sides of it, by name.
fn sides(story: &str) -> [Vec<String>; 2] {
    let evidence = evidence(story);
    let crossing = &evidence.crossings[0];
    [&crossing.causes, &crossing.consequences].map(|spans| names(&evidence, spans))
}

fn names(evidence: &Evidence, spans: &[SpanIndex]) -> Vec<String> {
    let spans = evidence.spans(spans);
    spans.iter().map(|span| span.name.to_string()).collect()
}

#[test]
fn what_speaks_of_no_hop_is_found_by_being_the_only_one_of_its_kind() {
    let call =
        sides("s0 HTTP s1\na1 s0 internal\n a2 s0 client\n  a3 s1 server\n   a4 s1 internal");
    assert_eq!(call, [["client a2"], ["server a3"]]);
    let message =
        sides("s0 memory s1\na1 s0 internal\n a2 s0 producer\n a3 s0 client\n  a4 s1 consumer");
    assert_eq!(message, [["producer a2"], ["consumer a4"]]);
    let by_a_client = sides("s0 memory s1\na1 s0 internal\n a2 s0 client\n  a3 s1 server");
    assert_eq!(by_a_client, [vec!["client a2"], vec![]]);
}

#[test]
fn one_of_two_is_not_chosen() {
    let two = sides(
        "s0 HTTP s1\na1 s0 internal\n a2 s0 client\n  a3 s1 server\n a4 s0 client\n  a5 s1 server",
    );
    assert_eq!(two, [[""; 0]; 2]);
}

#[test]
fn what_is_plumbing_or_speaks_of_something_else_is_no_candidate() {
    let told = "s0 memory s1\na1 s0 internal\n a2 s0 client receive\n a3 s0 producer\n\
                b4 s1 consumer @x";
    assert_eq!(sides(told), [vec!["producer a3"], vec![]]);
}

#[test]
fn who_makes_several_hops_has_no_candidate_for_any() {
    let told = "s0 HTTP s1\ns0 HTTP s2\na1 s0 internal\n a2 s0 client\n  a3 s1 server";
    let evidence = evidence(told);
    assert_eq!(names(&evidence, &evidence.crossings[0].causes), [""; 0]);
    assert_eq!(
        names(&evidence, &evidence.crossings[0].consequences),
        ["server a3"]
    );
    let told = "s0 HTTP s1\ns0 HTTP s1\na1 s0 internal\n a2 s0 client @0\n a3 s0 client @1\n\
                \u{20} a4 s1 server";
    let evidence = self::evidence(told);
    for crossing in &evidence.crossings {
        assert_eq!(names(&evidence, &crossing.consequences), [""; 0]);
    }
}

#[test]
fn a_span_of_another_run_or_of_a_receiver_sends_nothing() {
    let told = "s0 HTTP s1\na1 s0 internal\n a2 s0 client @x\n a3 s0 server @0\n a4 s1 client @0";
    assert_eq!(sides(told), [[""; 0]; 2]);
}

#[test]
fn who_is_tied_to_the_wire_and_speaks_of_another_hop_is_believed() {
    let told = "s0 HTTP s1 | a2\ns0 HTTP s1 | a4\na1 s0 internal\n a2 s0 client @0\n\
                \u{20} a3 s1 server @1\n a4 s0 client @1\n  a5 s1 server @0";
    let evidence = evidence(told);
    let [first, second] = &*evidence.crossings else {
        panic!("two hops")
    };
    assert_eq!(names(&evidence, &first.consequences), ["server a5"]);
    assert_eq!(names(&evidence, &second.consequences), ["server a3"]);
}

#[test]
fn a_context_that_nobody_has_ties_the_spans_that_name_it() {
    let told = "s0 memory s1 | a9\na1 s0 internal\nb2 s1 consumer ~a9\na3 s1 consumer ^a9";
    let [_, consequences] = sides(told);
    assert_eq!(consequences, ["consumer a3", "consumer b2"]);
}

#[test]
fn a_span_plays_the_part_that_says_most() {
    let evidence = evidence(
        "s0 HTTP s1 | a2\ns1 HTTP s2 | a4\na1 s0 internal\n a2 s0 client @0\n  a3 s1 server @0\n\
         \u{20}  a4 s1 client @1\n    a5 s2 server @1",
    );
    let places = (0..5).map(|at| evidence.place(at).map(|place| (place.hop, place.part)));
    assert_eq!(
        places.collect::<Vec<_>>(),
        [
            None,
            Some((0, Part::Cause)),
            Some((0, Part::Consequence)),
            Some((0, Part::Work)),
            Some((1, Part::Consequence)),
        ]
    );
}

const WHOLE: &str = "s0 HTTP s1 | a2\na1 s0 internal\n a2 s0 client @0\n  a3 s1 server @0";

#[test]
fn a_story_is_whole_when_everything_that_can_come_has_come() {
    assert!(evidence(WHOLE).is_whole());
    let silent = "s0 HTTP s1\nsilent s0\na3 s1 server ^a2 @0";
    assert!(evidence(silent).is_whole());
    let silent = "s0 HTTP s1\nsilent s1\na1 s0 internal\n a2 s0 client @0";
    assert!(evidence(silent).is_whole());
}

#[test]
fn a_story_is_not_whole_while_a_side_a_carrier_or_the_entry_is_missing() {
    let told = "s0 HTTP s1 | a2\na1 s0 internal\na2 s0 client @0 ^a1\na3 s1 server @0 ^a2";
    assert!(evidence(told).is_whole());
    for missing in [
        "a1 s0 internal\n",
        "a2 s0 client @0 ^a1\n",
        "a3 s1 server @0 ^a2",
    ] {
        assert!(
            !evidence(&told.replace(missing, "")).is_whole(),
            "{missing}"
        );
    }
    for wire in ["| → ", "| a2 → ", "| → a2"] {
        assert!(!evidence(&WHOLE.replace("| a2", wire)).is_whole(), "{wire}");
    }
}

#[test]
fn spans_of_what_is_not_sampled_are_not_waited_for() {
    let entry = "a1 s0 internal\n a2 s0 client @0";
    let stops = format!("s0 HTTP s1 | a2\ns1 HTTP s2 | a4/00\n{entry}");
    assert!(!evidence(&stops).is_whole(), "what was sampled is to come");
    let stops = format!("{stops}\n  a3 s1 server @0");
    assert!(evidence(&stops).is_whole());
    for (seen, is_whole) in [
        ("| a4/00 → ", false),
        ("| → a4/00", false),
        (
            "| none+b3=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-0000000000000004",
            false,
        ),
        ("| a4/00 a6", false),
        ("| none+b3:a4/00", true),
    ] {
        let story = stops.replace("| a4/00", seen);
        assert_eq!(evidence(&story).is_whole(), is_whole, "{seen}");
    }
}

#[test]
fn a_trace_that_is_to_begin_anew_may_be_sampled_and_is_waited_for() {
    for (relation, is_whole) in [
        ("child", true),
        ("child+link", true),
        ("either", true),
        ("follows-from", false),
        ("root", false),
    ] {
        let route = format!("s0 HTTP s1 | a2\ns1 memory s2 {relation} | a4/00");
        let story = format!("{route}\na1 s0 internal\n a2 s0 client @0\n  a3 s1 server @0");
        assert_eq!(evidence(&story).is_whole(), is_whole, "{relation}");
        let silent = format!("silent s2\n{story}");
        assert!(evidence(&silent).is_whole(), "{relation}");
        let began = format!("{story}\nb5 s2 consumer @1 ~a4");
        assert!(evidence(&began).is_whole(), "{relation}");
    }
}

#[test]
fn spans_are_expected_of_a_side_by_what_was_seen_there() {
    for (seen, expected) in [
        ("", [true, true]),
        ("|", [true, true]),
        ("| a2", [true, true]),
        ("| none", [true, true]),
        ("| a2/00", [false, false]),
        ("| a2 → a2/00", [true, false]),
        ("| a2/00 → a2", [false, true]),
        ("| → a2/00", [false, false]),
        ("| a2/00 →", [false, true]),
        ("| a2/00 a4", [true, true]),
    ] {
        let evidence = evidence(&format!("s0 HTTP s1 {seen}"));
        let exports = [Part::Cause, Part::Consequence].map(|part| evidence.exports_on(0, part));
        assert_eq!(exports, expected, "{seen}");
    }
}

#[test]
fn a_wire_names_each_context_once_whichever_side_it_was_seen_on() {
    let named = |wire: &str| {
        let evidence = evidence(&WHOLE.replace("| a2", wire));
        let named = evidence.crossings[0].wire.named().iter();
        named.map(|(_, span)| span.to_string()).collect::<Vec<_>>()
    };
    let id = |span: u64| format!("{span:016x}");
    assert_eq!(named("| a2 a3 → a2 a3"), [id(2), id(3)]);
    assert_eq!(named("| a2 a3 a3 a2 → a3 none"), [id(3), id(2)]);
    assert_eq!(named("| none a4 → a4"), [id(4)]);
    assert_eq!(named("| a5 → "), [id(5)]);
    assert_eq!(named(""), [""; 0]);
}

#[test]
fn what_is_done_for_another_run_or_to_poll_is_no_work() {
    let told = "s0 memory s1 | a2\na1 s0 internal\n a2 s0 producer @0\n  a3 s1 consumer @0\n\
                \u{20}  a4 s1 internal\n   a5 s1 internal @x\nb6 s1 client receive @0";
    let evidence = evidence(told);
    assert_eq!(
        names(&evidence, &evidence.crossings[0].work),
        ["internal a4"]
    );
}

#[test]
fn who_shares_a_message_has_the_cause_that_the_wire_names() {
    let told = "s0 memory s1 follows-from | a2\ns0 memory s2 follows-from (same message) | a2\n\
                a1 s0 internal\n a2 s0 producer @0\n a3 s0 producer @0\nb4 s1 consumer @0 ~a2\n\
                c5 s2 consumer @0 ~a2";
    let evidence = evidence(told);
    for crossing in &evidence.crossings {
        assert_eq!(names(&evidence, &crossing.causes), ["producer a2"]);
    }
}

#[test]
fn what_goes_on_is_asked_of_what_is_of_the_same_trace_and_may_be() {
    for (relation, made) in [
        ("child", 1),
        ("either", 1),
        ("follows-from", 0),
        ("root", 0),
    ] {
        let told = format!("s0 memory s1 {relation} | a2\ns1 HTTP s2 | a4");
        let evidence = evidence(&told);
        let sent = evidence
            .passages(1)
            .filter(|passage| passage.by == By::Sender);
        assert_eq!(sent.count(), made, "{relation}");
    }
}

/// How many passages a hop has, by sender and by middle.
fn passages(told: &str, hop: usize) -> [usize; 2] {
    let evidence = evidence(told);
    [By::Sender, By::Middle].map(|by| evidence.passages(hop).filter(|it| it.by == by).count())
}

#[test]
fn of_messages_that_differ_in_their_ids_alone_one_is_asked_about() {
    assert_eq!(passages("s0 memory s1 | a2 a3 → a2 a3", 0), [1, 1]);
    for other in ["a3/00", "a3+tracestate=v=1", "a3+baggage=v=1", "none+b3:a3"] {
        let told = format!("s0 memory s1 | a2 {other}");
        assert_eq!(passages(&told, 0), [2, 2], "{other}");
    }
}

#[test]
fn what_the_middle_changed_is_asked_about_each_time() {
    let (sent, lost) = ("a2+tracestate=v=1 a3+tracestate=v=1", "a2 a3");
    assert_eq!(
        passages(&format!("s0 memory s1 | {sent} → {lost}"), 0),
        [1, 2]
    );
}

#[test]
fn who_copies_an_id_is_asked_about_beside_who_makes_one() {
    let came = "s0 HTTP s1 | a2 a3+tracestate=v=1";
    for (made, passages_of_sender) in [("a4 a5", 1), ("a4 a2", 2), ("a4 a3", 2)] {
        let told = format!("{came}\ns1 HTTP s2 | {made}");
        assert_eq!(passages(&told, 1)[0], passages_of_sender, "{made}");
    }
}

#[test]
fn what_was_refused_on_arrival_is_kept_as_a_remark() {
    let evidence = evidence("s0 HTTP s1").with_remarks(vec!["too large".to_owned()]);
    assert_eq!(evidence.remarks, ["too large"]);
}

#[test]
fn a_format_that_the_receiver_does_not_speak_counts_where_there_is_no_other() {
    let told = "speaks s1 tracecontext\ns0 HTTP s1 | none+b3:a2";
    let evidence = evidence(told);
    assert_eq!(evidence.crossings[0].wire.named().len(), 1);
}

#[test]
fn where_a_message_was_refused_nothing_more_is_waited_for() {
    let sent = "s0 memory s1 | a2 →\ns1 memory s2 |\na1 s0 internal\n a2 s0 producer @0";
    let refused = format!("refused 0 too large\n{sent}");
    assert!(evidence(&refused).is_whole());
    assert!(!evidence(sent).is_whole(), "nothing was refused");
    let call = refused.replace("memory s1", "HTTP s1");
    assert!(
        !evidence(&call).is_whole(),
        "who is called may still answer"
    );
    let not_sent = refused.replace("\n a2 s0 producer @0", "");
    assert!(
        !evidence(&not_sent).is_whole(),
        "its own span may still come"
    );
}

#[test]
fn who_was_reached_and_of_whom_nothing_came_is_unheard() {
    let unheard = |told: &str| {
        let evidence = evidence(&format!("{told}\na2 s0 client"));
        evidence.unheard().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(unheard("s0 HTTP s1 | a2\ns1 HTTP s2 | a3"), ["s1", "s2"]);
    for heard in [
        "s0 HTTP s1 | a2 →",
        "s0 HTTP s1",
        "s0 HTTP s1 | a2/00",
        "silent s1\ns0 HTTP s1 | a2",
        "s0 HTTP s1 | a2\nb3 s1 server",
    ] {
        assert_eq!(unheard(heard), [""; 0], "{heard}");
    }
}

#[test]
fn whoever_exports_and_is_not_on_the_route_is_a_stranger() {
    let evidence = evidence("s0 HTTP s1\na2 s0 client\na3 s2 server\nb4 s1 server\nb5 s3 server");
    assert!(evidence.strangers().into_iter().eq(["s2", "s3"]));
}

#[test]
fn what_a_service_of_the_route_begins_and_ties_to_nothing_is_begun_beside() {
    let told = "s0 HTTP s1 | a2\na1 s0 internal\n  a2 s0 client @0\n    a3 s1 server @0\n\
                b1 s1 client =HEAD\nc1 s1 internal ~d9\nd1 s1 server @0\ne1 s2 client\n\
                f1 s1 client receive\n  f2 s1 internal";
    let evidence = evidence(told);
    assert!(evidence.begun_beside().into_iter().eq([("s1", "HEAD")]));
}
