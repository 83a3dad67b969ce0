//! Exit codes: 0 conforms, 1 findings, 2 a scenario or the command makes no sense, 3 could not
//! run. None of these runs needs Docker, and none has it.

use std::path::Path;

use crate::program::{Ended, Program, path_of, scenarios};

fn bare(feature: &str, arguments: &[&str]) -> Ended {
    let program = Program::run(feature).and(arguments);
    program.without_docker().play_out()
}

#[test]
fn what_conforms_is_0() {
    let ended = bare("unreachable.feature", &["--tags", "@bare"]);
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(ended.out.ends_with("3 passed, 0 failed\n"), "{ended:#?}");
    for arguments in [&["--help"][..], &["--version"], &["run", "--help"]] {
        let ended = Program::with(arguments).play_out();
        assert_eq!(ended.code, Some(0), "{ended:#?}");
        assert_eq!(ended.err, "");
    }
}

#[test]
fn findings_are_1_and_weigh_more_than_all_else() {
    let unreachable = path_of("unreachable.feature");
    let ended = bare("losses.feature", &["--tags", "@memory"]);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    let mistaken = path_of("mistaken.feature");
    let all = &[
        &*unreachable,
        &*mistaken,
        "--tags",
        "not @kafka and not @amqp and not @sqs",
    ];
    let ended = bare("losses.feature", all);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert!(ended.out.contains("1 could-not-run\n"), "{ended:#?}");
}

/// Each scenario that makes no sense, what of it is wrong, and what is said.
const MISTAKEN: &[(&str, &str, &str)] = &[
    (
        "a boundary that nobody knows",
        "| pigeon |",
        "no boundary is called \"pigeon\"",
    ),
    (
        "a route that is no tree",
        "| audit  | HTTP",
        "\"audit\" is reached by nobody",
    ),
    (
        "a route without a table",
        "route\n    Then",
        "the table of the route is missing",
    ),
    (
        "a rule that there is not",
        "\"TREE-999\"",
        "there is no rule \"TREE-999\"",
    ),
    (
        "a rule that there is not, of a loss",
        "\"HOP-999\"",
        "there is no rule \"HOP-999\"",
    ),
    (
        "a step that nobody defined",
        "takes this rout\n",
        "the nearest is: When a request takes this route",
    ),
    (
        "a fault that there is not",
        "\"F-99\"",
        "\"F-99\" is no fault; there are: F-01",
    ),
    (
        "a container that is not on the route",
        "",
        "no hop of the route leads to it",
    ),
    (
        "a silent service that is not on the route",
        "",
        "no hop of the route leads to it",
    ),
    (
        "a middle that there is not",
        "passes through \"squid\"",
        "nothing to pass through is called \"squid\"; there are nginx, HAProxy",
    ),
    (
        "a middle that cannot do that",
        "\"dances\"",
        "\"nginx\" cannot be one which \"dances\", but \"strips what it does not know\"",
    ),
    (
        "a middle that does not speak that",
        "",
        "a hop over HTTP cannot pass through \"a Kafka mirror\": it speaks kafka",
    ),
    (
        "a middle on a hop that is not there",
        "",
        "no hop goes from \"orders\" to \"billing\" that passes through nothing yet; the hops go \
         from client to orders",
    ),
    ("two middles on one hop", "", "one hop, one middle"),
    (
        "a format that there is not",
        "speaks \"jaeger\"",
        "\"jaeger\" is no format; there are: tracecontext",
    ),
    ("a trace state that is none", "", "\"==\" is no trace state"),
    (
        "a trust boundary that lets the trace through",
        "",
        "the hop to it is follows-from or root, and not child",
    ),
    (
        "baggage that is none",
        "the baggage \"==\"",
        "\"==\" is no baggage",
    ),
    (
        "a variable without a value",
        "\"KAFKA\"",
        "\"KAFKA\" is no NAME=value",
    ),
    (
        "a variable for a service that runs no image",
        "\"KAFKA=iterator\"",
        "\"orders\" runs no image, and so nothing can be told to it",
    ),
    (
        "a fault that comes too late",
        "suffers \"F-01\"",
        "it comes too late to have an effect: the request has taken its route",
    ),
    (
        "a fault, and no request that takes a route",
        "suffers \"F-14\"",
        "suffers \"F-14\"` has no effect: no step after it lets a request take a route;",
    ),
    (
        "a fault, and no request that takes a route",
        "\"billing\" runs in",
        "and none asks whether \"billing\" honours W3C Trace Context;",
    ),
    (
        "what comes after the question",
        "exports no spans",
        "\"orders\" exports no spans` has no effect: ",
    ),
];

#[test]
fn mistaken_scenarios_are_2_and_say_which_line_is_wrong() {
    let text = std::fs::read_to_string(path_of("mistaken.feature")).expect("it is there");
    let unreachable = path_of("unreachable.feature");
    let ended = bare("mistaken.feature", &[&unreachable]);
    assert_eq!(ended.code, Some(2), "{ended:#?}");
    let said = scenarios(&ended.out);
    for (name, wrong, why) in MISTAKEN.iter().copied() {
        let headline = format!("✘ {name}  mistaken\n");
        let said = said.iter().find(|said| said.starts_with(&headline));
        let said = said.unwrap_or_else(|| panic!("{name}: {ended:#?}"));
        assert!(said.contains(why), "{said}");
        let scenario = text.find(&format!("Scenario: {name}\n")).expect(name);
        let at = scenario + text[scenario..].find(wrong).expect(wrong);
        let line = 1 + text[..at].lines().count() - usize::from(!text[..at].ends_with('\n'));
        // The place of the step, or of a line in its table.
        let places = [format!("mistaken.feature:{line}:"), format!("line {line}:")];
        let named = places.iter().any(|place| said.contains(place));
        assert!(wrong.is_empty() || named, "{line} {said}");
        assert!(said.contains("mistaken.feature:"), "{said}");
    }
    assert!(ended.out.contains("23 mistaken\n"), "{ended:#?}");
}

#[test]
fn what_cannot_be_read_is_2_and_says_where() {
    let unreadable = bare("unreadable.feature", &[]);
    assert_eq!(unreadable.code, Some(2), "{unreadable:#?}");
    for said in ["unreadable.feature", "Error at 5:32: Unknown keyword"] {
        assert!(unreadable.out.contains(said), "{unreadable:#?}");
    }
    // Beside what can be run, where nobody would miss it.
    let empty = Path::new(env!("CARGO_TARGET_TMPDIR")).join("empty");
    std::fs::create_dir_all(&empty).expect("it can be made");
    let empty = empty.display().to_string();
    let ended = bare("unreachable.feature", &[&path_of("vain.feature"), &empty]);
    assert_eq!(ended.code, Some(2), "{ended:#?}");
    for said in [
        "vain.feature: Error at 9:5: these examples have no row",
        "empty: no .feature file is in it",
    ] {
        assert!(ended.out.contains(said), "{ended:#?}");
    }
    assert!(ended.out.contains("✔ A hop over HTTP"), "{ended:#?}");
    let missing = bare("nowhere.feature", &[]);
    assert_eq!(missing.code, Some(2), "{missing:#?}");
    for said in ["nowhere.feature", "No such file"] {
        assert!(missing.out.contains(said), "{missing:#?}");
    }
}

#[test]
fn no_scenario_is_2() {
    for arguments in [["--name", "nobody is called so"], ["--tags", "@nobody"]] {
        let ended = bare("unreachable.feature", &arguments);
        assert_eq!(ended.code, Some(2), "{ended:#?}");
        assert!(ended.out.contains("no scenario was selected"), "{ended:#?}");
    }
}

#[test]
fn arguments_that_make_no_sense_are_2() {
    let feature = &path_of("unreachable.feature");
    for (arguments, said) in [
        (&[][..], "Usage: unbroken"),
        (&["walk"], "'walk'"),
        (&["run"], "<FEATURES>"),
        (&["run", feature, "--timeout", "0"], "--timeout"),
        (&["run", feature, "--concurrency", "many"], "--concurrency"),
        (&["run", feature, "--fail-on", "never"], "must, should, may"),
        (&["run", feature, "--tags", "@a", "--name", "b"], "--name"),
        (
            &["run", feature, "--name", "("],
            "--name is no regular expression",
        ),
        (
            &["run", feature, "--tags", "@a and"],
            "--tags is no tag expression",
        ),
    ] {
        let ended = Program::with(arguments).without_docker().play_out();
        assert_eq!(ended.code, Some(2), "{arguments:?} {ended:#?}");
        assert!(ended.err.contains(said), "{said}: {ended:#?}");
        assert_eq!(ended.out, "", "{arguments:?}");
    }
}
