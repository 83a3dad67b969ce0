//! Pages in `docs/` that are generated, and must not be stale.
//!
//! `UPDATE_EXPECT=1 cargo test -p unbroken` writes them anew; the matrix of faults, which needs the
//! scenarios as they are run, is generated beside their reading.

use expect_test::expect_file;
use unbroken::stage::PARTS;

/// The steps with their doc comments, as they stand in the source.
const STEPS: [(&str, &str); 3] = [
    ("Given", include_str!("../src/steps/given.rs")),
    ("When", include_str!("../src/steps/when.rs")),
    ("Then", include_str!("../src/steps/then.rs")),
];

#[test]
fn the_step_reference_lists_every_step() {
    let mut page = String::from(
        "# Steps\n\nGenerated from `harness/src/steps/`. `{string}` is a text in quotation marks, `{int}` a number.\n",
    );
    for (keyword, source) in STEPS {
        page.push_str(&format!("\n## {keyword}\n\n"));
        let attribute = format!("#[{}(", keyword.to_lowercase());
        assert_eq!(
            source.matches(&attribute).count(),
            steps(source, &attribute).len()
        );
        for (pattern, says) in steps(source, &attribute) {
            page.push_str(&format!("- `{keyword} {pattern}`: {says}\n"));
        }
    }
    expect_file!["../../docs/steps.md"].assert_eq(&page);
}

#[test]
fn the_catalogue_lists_every_rule() {
    expect_file!["../../docs/rules.md"].assert_eq(&unbroken::report::rules_page());
}

#[test]
fn the_reference_of_middles_lists_every_part_and_every_manner() {
    let mut page = String::from(
        "# Middles\n\nGenerated from `harness/src/stage/middle.rs`. A hop may pass through a real part, in a container, \
         with a tap on either side of it:\n`Given the hop from \"orders\" to \"billing\" passes through \"nginx\"`, or \
         `… \"nginx\", which \"strips what it does not know\"`.\n\n\
         | part | what it is | over | it passes everything on, or it |\n|---|---|---|---|\n",
    );
    for part in &PARTS {
        let (over, manners) = (part.over.join(", "), part.manners.join(", "));
        let manners = if manners.is_empty() { "–" } else { &manners };
        page.push_str(&format!(
            "| {} | {} | {over} | {manners} |\n",
            part.name, part.title
        ));
    }
    page.push_str(
        "\n## One of your own\n\nAny image that is here already:\n\n\
         ```gherkin\n\
         Given the hop from \"gateway\" to \"orders\" passes through the image \"acme/proxy:3\" on port 8080, ready when it logs \"listening\"\n\
         Given the hop from \"orders\" to \"billing\" passes through the image \"acme/mirror:1\", ready when it logs \"running\"\n\
         ```\n\n\
         Its environment tells it what to do:\n\n\
         - `FORWARD`: where to send on. Of calls it is `http://host:port` or `grpc://host:port`, and the path stays as it \
         is; over a queue it is the whole address, such as `kafka://host:port/topic`.\n\
         - `LISTEN`: over a queue, the address to take from.\n\
         - `OTEL_…`: where spans go, as for any subject. A proxy that exports a span of its own, and puts that into the \
         carrier, is a hop of its own and no finding.\n\n\
         [An example](../containers/services/python-middle/middle.py) does both in 60 lines.\n",
    );
    expect_file!["../../docs/middles.md"].assert_eq(&page);
}

/// Each step's pattern, and what its doc comment says.
fn steps(source: &str, attribute: &str) -> Vec<(String, String)> {
    let mut steps = Vec::new();
    let mut says: Vec<&str> = Vec::new();
    // A long one stands on a line of its own.
    let source = source.replace("(\n    expr", "(expr");
    for line in source.lines() {
        if let Some(comment) = line.strip_prefix("/// ") {
            says.push(comment);
        } else if let Some(rest) = line.strip_prefix(attribute) {
            assert!(!says.is_empty(), "the step {rest} says nothing of itself");
            steps.push((pattern(rest), says.join(" ")));
            says.clear();
        } else {
            says.clear();
        }
    }
    steps
}

/// The text between the outer quotation marks; of a regular expression, a readable form.
fn pattern(attribute: &str) -> String {
    let from = attribute.find('"').map_or(0, |at| at + 1);
    let to = attribute.rfind('"').unwrap_or(attribute.len());
    let pattern = attribute[from..to]
        .trim_start_matches('^')
        .trim_end_matches('$');
    pattern
        .replace(r#""([^"]+)""#, "{string}")
        .replace("(.+)", "…")
}
