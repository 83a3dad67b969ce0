//! An adapter without its injection, or without its extraction.

use unbroken_adapters::{Boundaries, Descriptor};

use crate::program::{Program, scenarios};
use crate::reports::without_ids;

/// Over every boundary there is: the scenario is red, and the finding names the hop and the side.
#[test]
fn a_loss_makes_every_boundary_red_and_names_the_hop_and_the_side() {
    let ended = Program::run("losses.feature").play_out();
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    let said = scenarios(&ended.out);
    let boundaries = Boundaries::all();
    let boundaries: Vec<_> = boundaries.iter().map(|b| b.descriptor()).collect();
    assert_eq!(said.len(), 3 * boundaries.len(), "{ended:#?}");
    for boundary in boundaries {
        for (what, whom, rule) in [
            ("orders does not inject", "orders", crossing(boundary)),
            ("billing does not extract", "billing", crossing(boundary)),
            ("billing loses it inside", "billing", inside(boundary)),
        ] {
            let headline = format!("✘ {what} [{}]  failed\n", boundary.name);
            let said = said.iter().find(|said| said.starts_with(&headline));
            let said = said.unwrap_or_else(|| panic!("{headline}{ended:#?}"));
            let place = format!("{rule} (must) on orders ─{}→ billing: ", boundary.name);
            let findings = said.split("\n\n");
            let finding = findings.into_iter().find(|text| text.starts_with(&place));
            let finding = finding.unwrap_or_else(|| panic!("{place}{said}"));
            let blame = format!("\n  blame     {whom}: ");
            assert!(finding.contains(&blame), "{blame}{said}");
        }
    }
    let over_kafka = |said: &&String| said.starts_with("✘ orders does not inject [Kafka]");
    let over_kafka = said.iter().find(over_kafka).expect("it was run");
    without_ids(|| insta::assert_snapshot!("a_producer_that_does_not_inject", over_kafka));
}

/// The rule that ties the consequence to what crossed.
fn crossing(boundary: &Descriptor) -> &'static str {
    if boundary.is_messaging() {
        "LINK-001"
    } else {
        "HOP-001"
    }
}

/// The rule that ties the handler's work to the consequence.
fn inside(boundary: &Descriptor) -> &'static str {
    if boundary.is_messaging() {
        "LINK-013"
    } else {
        "HOP-009"
    }
}
