//! Pages in `docs/` that are generated, and must not be stale.
//!
//! `UPDATE_EXPECT=1 cargo test -p unbroken` writes them anew; the matrix of faults, which needs the
//! scenarios as they are run, is generated beside their reading.

use expect_test::expect_file;
use unbroken::stage::PARTS;
use unbroken::steps::{Phrase, vocabulary};

#[test]
fn the_step_reference_lists_every_step() {
    let mut page = String::from(
        "# Steps\n\nGenerated from `harness/src/steps/`. `{string}` is a text in quotation marks, `{int}` a number, `{word}` a word.\n",
    );
    let mut last = "";
    for Phrase {
        keyword,
        pattern,
        says,
    } in vocabulary()
    {
        if keyword != std::mem::replace(&mut last, keyword) {
            page.push_str(&format!("\n## {keyword}\n\n"));
        }
        page.push_str(&format!("- `{keyword} {pattern}`: {says}\n"));
    }
    expect_file!["../../docs/steps.md"].assert_eq(&page);
}

#[test]
fn the_catalogue_lists_every_rule() {
    expect_file!["../../docs/rules.md"].assert_eq(&unbroken::report::rules_page());
}

#[test]
fn the_page_of_check_lists_every_case() {
    expect_file!["../../docs/check.md"].assert_eq(&unbroken::report::cases_page());
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
