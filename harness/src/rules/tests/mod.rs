//! The rules are tried: each against stories that keep it, that break it, and that do not show
//! it. What a finding says is pinned in `snapshots/`, beneath the story that provoked it.

mod blame;
mod carried;
mod hop;
mod ignorance;
mod link;
mod mutations;
mod neighbours;
mod properties;
mod shapes;
mod tree;
mod well_formed;

use std::fmt::Write as _;

use super::{Authority, Family, Outcome, Rule, Ruling, catalogue, judge, rule};
use unbroken_adapters::Boundaries;

use crate::evidence::Evidence;
use crate::testing::evidence;

/// A story, and what a rule is to say of it.
struct Case {
    rule: &'static str,
    verdict: Verdict,
    name: &'static str,
    story: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It holds somewhere, and is broken nowhere.
    Keeps,
    /// There is a finding, and it is pinned.
    Breaks,
    /// It is broken nowhere, and somewhere it cannot be said.
    Hides,
}

/// Makes a test of each story, and a table of all of them.
macro_rules! stories {
    ($($rule:literal $verdict:ident $name:ident $story:literal)*) => {
        pub(super) const CASES: &[$crate::rules::tests::Case] = &[$($crate::rules::tests::Case {
            rule: $rule,
            verdict: $crate::rules::tests::Verdict::$verdict,
            name: stringify!($name),
            story: $story,
        }),*];
        $(#[test]
        fn $name() {
            let case = CASES.iter().find(|case| case.name == stringify!($name));
            $crate::rules::tests::check(case.expect("it is in the table"));
        })*
    };
}
use stories;

fn check(case: &Case) {
    let evidence = evidence(case.story);
    let rulings = judge(&evidence);
    let ruling = rulings.iter().find(|ruling| ruling.rule.id == case.rule);
    let ruling = ruling.expect("a rule of the catalogue");
    let verdict = verdict_of(ruling);
    let said = said(&evidence, ruling, &rulings);
    assert_eq!(verdict, case.verdict, "{said}");
    if verdict != Verdict::Keeps {
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        let name = format!("{}-{}", case.rule, case.name);
        let story = case.story.trim_matches('\n');
        let page = format!("{story}\n\n{said}");
        settings.bind(|| insta::assert_snapshot!(name, page));
    }
}

/// What a rule says, in a word.
fn verdict_of(ruling: &Ruling) -> Verdict {
    let held = |outcome: &Outcome| matches!(outcome, Outcome::Held { .. });
    let hidden = |outcome: &Outcome| matches!(outcome, Outcome::NotShown { .. });
    match ruling.findings().count() {
        0 if ruling.outcomes.iter().any(hidden) => Verdict::Hides,
        0 if ruling.outcomes.iter().any(held) => Verdict::Keeps,
        0 => panic!("{} has nothing to say of it", ruling.rule.id),
        _ => Verdict::Breaks,
    }
}

/// What a rule says in full, and who else found something.
fn said(evidence: &Evidence, ruling: &Ruling, rulings: &[Ruling]) -> String {
    let mut said = String::new();
    for outcome in &ruling.outcomes {
        say(&mut said, evidence, ruling.rule.id, outcome).expect("a text takes everything");
    }
    for other in rulings
        .iter()
        .filter(|other| other.rule.id != ruling.rule.id)
    {
        for finding in other.findings() {
            let hop = on(evidence, finding.hop);
            let whom = whom(evidence, finding);
            writeln!(said, "also {}{hop}, {whom}", other.rule.id).expect("a text");
        }
    }
    said
}

fn say(said: &mut String, evidence: &Evidence, rule: &str, outcome: &Outcome) -> std::fmt::Result {
    match outcome {
        Outcome::Held { hop } => writeln!(said, "{rule} held{}", on(evidence, *hop)),
        Outcome::NotShown { hop, why } => {
            writeln!(said, "{rule} not shown{}: {why}", on(evidence, *hop))
        }
        Outcome::Finding(finding) => {
            writeln!(
                said,
                "{rule} {}{}",
                finding.level,
                on(evidence, finding.hop)
            )?;
            writeln!(said, "  expected {}", finding.expected)?;
            writeln!(said, "  actual   {}", finding.actual)?;
            writeln!(said, "  {}: {}", whom(evidence, finding), finding.blame.why)
        }
    }
}

fn on(evidence: &Evidence, hop: Option<usize>) -> String {
    hop.map_or(String::new(), |hop| {
        format!(" on {}", evidence.route.hops()[hop])
    })
}

fn whom(evidence: &Evidence, finding: &super::Finding) -> String {
    let hop = finding.hop.map(|hop| &evidence.route.hops()[hop]);
    format!("{:?} {}", finding.blame.parties, finding.blame.whom(hop))
}

fn cases() -> impl Iterator<Item = &'static Case> {
    [
        tree::CASES,
        hop::CASES,
        link::CASES,
        shapes::CASES,
        neighbours::CASES,
        blame::CASES,
    ]
    .into_iter()
    .flatten()
    .chain(carried::cases())
}

#[test]
fn every_rule_is_kept_by_a_story_and_broken_by_another() {
    for rule in catalogue() {
        for verdict in [Verdict::Keeps, Verdict::Breaks] {
            let tried = cases().any(|case| case.rule == rule.id && case.verdict == verdict);
            assert!(tried, "no story {verdict:?} {}", rule.id);
        }
    }
}

#[test]
fn what_needs_evidence_is_not_shown_without_it() {
    for rule in catalogue().filter(|rule| !rule.evidence.is_empty()) {
        let tried = cases().any(|case| case.rule == rule.id && case.verdict == Verdict::Hides);
        assert!(tried, "no story hides {}", rule.id);
    }
}

#[test]
fn ids_are_unique_and_in_the_form_of_the_catalogue() {
    let ids: Vec<_> = catalogue().map(|rule| rule.id).collect();
    for id in &ids {
        let (family, number) = id.split_once('-').expect("a dash");
        let families = [
            "TREE", "HOP", "LINK", "WIRE", "STATE", "BAG", "FLAG", "EDGE", "B3", "XRAY",
        ];
        assert!(families.contains(&family), "{id}");
        assert!(
            number.len() == 3 && number.bytes().all(|b| b.is_ascii_digit()),
            "{id}"
        );
        assert_eq!(ids.iter().filter(|other| other == &id).count(), 1, "{id}");
    }
}

#[test]
fn what_w3c_says_of_its_own_carrier_is_a_convention_on_every_other() {
    let rule = crate::rules::rule("STATE-002").expect("a rule of the catalogue");
    let boundaries = unbroken_adapters::Boundaries::all();
    let specified = boundaries.iter().filter(|boundary| {
        let over = boundary.descriptor();
        rule.authority_over(over) == crate::rules::Authority::Specification
    });
    let specified: Vec<_> = specified
        .map(|boundary| boundary.descriptor().name)
        .collect();
    assert_eq!(specified, ["HTTP"]);
}

#[test]
fn a_rule_is_found_by_its_id_and_knows_its_family() {
    for id in ["TREE-001", "HOP-001", "LINK-013"] {
        let rule = rule(id).expect("of the catalogue");
        assert_eq!((rule.id, format!("{rule:?}")), (id, id.to_owned()));
        let family = match id {
            "TREE-001" => Family::Tree,
            _ => Family::Hops,
        };
        assert_eq!(rule.family(), family);
    }
    assert!(rule("TREE-000").is_none());
}

#[test]
fn what_a_specification_says_of_its_own_carrier_is_a_convention_on_every_other() {
    let boundaries = Boundaries::all();
    let over = |name| boundaries.named(name).expect("it is there").descriptor();
    let specified = |rule: &&Rule| rule.authority == Authority::Specification;
    let of_the_wire = |rule: &&Rule| rule.family() == Family::Context;
    let wire = catalogue().filter(specified).find(of_the_wire);
    let wire = wire.expect("of the catalogue");
    assert_eq!(wire.authority_over(over("HTTP")), Authority::Specification);
    assert_eq!(wire.authority_over(over("Kafka")), Authority::Convention);
    let spans = catalogue()
        .filter(specified)
        .find(|rule| !of_the_wire(rule));
    let spans = spans.expect("of the catalogue");
    assert_eq!(
        spans.authority_over(over("Kafka")),
        Authority::Specification
    );
}

#[test]
fn of_what_is_not_sampled_no_rule_about_spans_is_decided() {
    let evidence = evidence("unsampled\ns0 HTTP s1 | a2\na1 s0 internal\na1 s0 internal =other");
    for ruling in judge(&evidence) {
        let is_hidden = match &*ruling.outcomes {
            [Outcome::NotShown { why, .. }] => why == "the request is not sampled",
            _ => false,
        };
        assert_eq!(
            is_hidden,
            ruling.rule.family() != Family::Context,
            "{:?}",
            ruling.rule
        );
    }
}

#[test]
fn who_stops_sampling_is_the_only_one_to_blame() {
    let route = "client HTTP orders | a2\norders HTTP billing | a4/00\nbilling HTTP audit | a6/00";
    let spans = "a1 client internal\n a2 client client @0";
    for story in [
        format!("{route}\n{spans}\n  a3 orders server @0"),
        format!("{}\n{spans}", route.replace("| a2", "| a2 → a2/00")),
        format!("{route}\n{spans}\n  a3 orders server @0\na5 billing server @1 ^a4"),
    ] {
        let rulings = judge(&evidence(&story));
        let broken = rulings
            .iter()
            .filter(|ruling| ruling.findings().count() > 0);
        let broken = broken.map(|ruling| ruling.rule.id);
        // Whoever records what is not sampled is told so.
        let broken: Vec<_> = broken.filter(|id| *id != "FLAG-004").collect();
        let whoever = match story.contains('→') {
            true => &["WIRE-022", "FLAG-001"][..],
            false => &["FLAG-001"],
        };
        assert_eq!(broken, whoever, "{story}");
    }
}

/// Not even that it holds.
#[test]
fn a_rule_says_nothing_of_what_it_is_not_about() {
    let one_call = "s0 HTTP s1 | a2\na1 s0 internal\n a2 s0 client @0\n  a3 s1 server @0";
    let one_message = "s0 memory s1 | a2\na1 s0 internal\n a2 s0 producer @0\n  a3 s1 consumer @0";
    let untapped = one_message.replace(" | a2", "");
    let anew = "s0 memory s1 root | a2 a3\na1 s0 internal\n a2 s0 producer @0\n \
                a3 s0 producer @0\nb4 s1 consumer @0\nc5 s1 consumer @0";
    let polled = "s0 memory s1 child | a2\na1 s0 internal\n a2 s0 producer @0\n  \
                  a3 s1 consumer @0\n";
    let called = format!("{polled}b4 s1 client @0 ~a2");
    let polled_by_another = format!("{polled}b4 s0 client receive @0 ~a2");
    let tried_again = "s0 memory s1 (fails once) | a2\na1 s0 internal\n a2 s0 producer @0";
    let shared_anew = "s0 memory s1 root | a2\ns0 memory s2 root (same message) | a2\n\
                       a1 s0 internal\n a2 s0 producer @0\nb3 s1 consumer @0\nc4 s2 consumer @0";
    let dead_letter = "s0 AMQP s1 | a2\ns0 AMQP s2 (dead letter) | a2\na1 s0 internal\n \
                       a2 s0 producer @0\nb3 s1 consumer @0 ~a2\nc4 s2 consumer @0 ~a2";
    let local = "s0 HTTP s1 | a2\na1 s0 internal\n a2 s0 client @0\n a3 s1 server local @0";
    let alone = "s0 HTTP s1 | a2";
    for (id, story) in [
        ("HOP-004", one_call),
        ("HOP-005", one_call),
        ("HOP-005", tried_again),
        ("HOP-006", one_call),
        ("HOP-006", local),
        ("LINK-002", one_message),
        ("LINK-002", &untapped),
        ("LINK-002", anew),
        ("LINK-004", anew),
        ("LINK-005", one_message),
        ("LINK-006", one_message),
        ("LINK-007", one_message),
        ("LINK-007", shared_anew),
        ("LINK-007", dead_letter),
        ("LINK-009", &called),
        ("LINK-009", &polled_by_another),
        ("B3-004", alone),
        ("B3-004", "speaks s0 b3\ns0 HTTP s1"),
        ("BAG-001", "s0 HTTP s1"),
        ("STATE-002", alone),
        ("STATE-002", "unsampled\ns0 HTTP s1 | a2/00+tracestate=v=1"),
        ("STATE-016", "unsampled\ns0 HTTP s1 | a2/00"),
        ("STATE-016", "s0 HTTP s1 | a2+tracestate=v=1"),
        ("WIRE-018", alone),
        ("WIRE-018", "s0 HTTP s1 |\ns0 HTTP s2 |"),
        (
            "WIRE-021",
            "s0 HTTP s1 | none+b3:a2\ns1 HTTP s2 | none+b3:a2",
        ),
        (
            "LINK-004",
            "s0 memory s1 | a2\na1 s0 internal\n a2 s0 producer @0",
        ),
    ] {
        let rulings = judge(&evidence(story));
        let said = rulings.iter().find(|ruling| ruling.rule.id == id);
        assert!(
            said.is_some_and(|said| said.outcomes.is_empty()),
            "{id}\n{story}"
        );
    }
}

#[test]
fn a_finding_bears_the_spans_that_it_speaks_of() {
    let roots = "s0 HTTP s1 | a2\na1 s0 internal\n a2 s0 client @0\na3 s1 internal\na4 s1 internal";
    let circle = "s0 HTTP s1 | a2\na1 s0 internal\n a2 s0 client @0\na3 s1 internal ^a4\n \
                  a4 s1 internal";
    for (id, story, of) in [
        (
            "TREE-001",
            roots,
            &["internal a1", "internal a3", "internal a4"][..],
        ),
        ("TREE-003", circle, &["internal a3", "internal a4"]),
    ] {
        let rulings = judge(&evidence(story));
        let said = rulings.iter().find(|ruling| ruling.rule.id == id);
        let finding = said.and_then(|said| said.findings().next());
        let spans = finding.expect("a finding").spans.iter();
        let names: Vec<_> = spans.map(|span| &*span.name).collect();
        assert_eq!(names, of, "{id}");
    }
}
