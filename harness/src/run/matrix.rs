//! The matrix of faults: what the scenarios of this project say is found where, as a page.

use std::collections::BTreeMap;
use std::path::Path;

use cucumber::gherkin::Scenario;
use expect_test::expect_file;
use unbroken_adapters::{Boundaries, Descriptor, Fault, Maker};

use super::mount::{Mount, quoted, suffered};

/// A fault on a boundary: the rules that find it, each with the side to blame.
type Found = BTreeMap<(&'static str, &'static str), Vec<(String, &'static str)>>;

#[test]
fn every_fault_is_found_on_every_boundary_where_it_can_be_made() {
    let boundaries = Boundaries::all();
    let found = found(&boundaries);
    let mut missing = Vec::new();
    for fault in Fault::all() {
        for over in boundaries.iter().map(|boundary| boundary.descriptor()) {
            let applies = fault.objection(over, false).is_none();
            if applies != found.contains_key(&(fault.id(), over.name)) {
                missing.push(format!("{fault} over {}", over.name));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "no scenario of features/ finds, or one makes what cannot be made: {missing:?}"
    );
}

#[test]
fn every_scenario_of_a_fault_asks_that_nothing_else_is_lost() {
    for scenario in scenarios(&Boundaries::all()) {
        let mut steps = scenario.steps.iter();
        let asks = steps.any(|step| step.value == "nothing else is lost");
        assert!(
            asks || suffered(&scenario).next().is_none(),
            "{}",
            scenario.name
        );
    }
}

#[test]
fn the_matrix_of_faults_lists_what_is_found_where() {
    let boundaries = Boundaries::all();
    let found = found(&boundaries);
    let over: Vec<_> = boundaries.iter().map(|b| b.descriptor()).collect();
    let mut page = String::from(
        "# Faults\n\n\
         Generated from `adapters/src/fault.rs` and the scenarios of `features/`, each of which is run by `cargo test` on \
         the real broker. Each fault can be put into any scenario, to see whether it is found:\n\
         `Given the hop from \"orders\" to \"billing\" suffers \"F-14\"`.\n\n\
         A cell names the rule that finds the fault, and the side of the hop that is blamed; the scenario also says that \
         nothing else is found but what follows from it. An empty cell is a fault that cannot be made there: why stands \
         below.\n\n| id | what goes wrong |",
    );
    for over in &over {
        page.push_str(&format!(" {} |", over.name));
    }
    page.push_str(&format!("\n|---|---|{}\n", "---|".repeat(over.len())));
    for fault in Fault::all() {
        page.push_str(&format!("| {fault} | {} |", fault.title()));
        for over in &over {
            page.push_str(&format!(" {} |", cell(&found, fault, over)));
        }
        page.push('\n');
    }
    page.push_str("\n## Why a cell is empty\n\n");
    for fault in Fault::all() {
        for (why, names) in reasons(fault, &over) {
            page.push_str(&format!("- {fault} over {}: {why}.\n", names.join(", ")));
        }
    }
    page.push_str(
        "\n## Who makes it, and where it was met\n\n| id | made by | met at |\n|---|---|---|\n",
    );
    for fault in Fault::all() {
        let maker = match fault.maker() {
            Maker::Sender => "the sender",
            Maker::Middle => "a middle on the hop",
            Maker::Receiver => "the receiver",
        };
        page.push_str(&format!("| {fault} | {maker} | {} |\n", fault.seen_at()));
    }
    expect_file!["../../../docs/faults.md"].assert_eq(&page);
}

fn cell(found: &Found, fault: Fault, over: &Descriptor) -> String {
    let rulings = found.get(&(fault.id(), over.name));
    let rulings = rulings.into_iter().flatten();
    let mut cells: Vec<_> = rulings
        .map(|(rule, side)| format!("{rule} {side}"))
        .collect();
    cells.dedup();
    cells.join("<br>")
}

/// Why a fault cannot be made, with the boundaries where it cannot.
fn reasons(
    fault: Fault,
    over: &[&'static Descriptor],
) -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut reasons = BTreeMap::<_, Vec<_>>::new();
    for over in over {
        if let Some(why) = fault.objection(over, false) {
            reasons.entry(why).or_default().push(over.name);
        }
    }
    reasons
}

/// Reads it off the scenarios, mounted as they are run.
fn found(boundaries: &Boundaries) -> Found {
    let mut found = Found::new();
    let scenarios = scenarios(boundaries);
    for scenario in &scenarios {
        for (from, to, fault) in suffered(scenario) {
            let Some(over) = crossed(scenario, boundaries, from, to) else {
                continue;
            };
            let asked = scenario.steps.iter().filter_map(|step| {
                let [hop, rule, whom] = quoted(&step.value, " is to blame")?;
                let sides = [(from == whom, "sender"), (to == whom, "receiver")];
                let side = sides.into_iter().find(|(is_it, _)| *is_it);
                let side = match (side, whom) {
                    (Some((_, side)), _) => side,
                    (None, "the middle") => "middle",
                    (None, _) => "both",
                };
                // What a receiver loses may show only in what it sends on.
                (hop == to || whom == to).then_some((rule.to_owned(), side))
            });
            let rulings = found.entry((fault.id(), over)).or_default();
            rulings.extend(asked);
            rulings.sort();
        }
    }
    found
}

/// Every scenario of this project, mounted as it is run, by name.
fn scenarios(boundaries: &Boundaries) -> Vec<Scenario> {
    let features = Path::new(env!("CARGO_MANIFEST_DIR")).join("../features");
    let mount = Mount::over(boundaries);
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        mount
            .read(&entry.expect("a file").path())
            .expect("a feature")
    };
    let features = std::fs::read_dir(features).expect("the features of this project");
    let mut scenarios: Vec<_> = features.flat_map(|entry| read(entry).scenarios).collect();
    scenarios.sort_by_key(|scenario| scenario.name.clone());
    scenarios
}

/// The boundary of the first hop from one service to another.
fn crossed(
    scenario: &Scenario,
    boundaries: &Boundaries,
    from: &str,
    to: &str,
) -> Option<&'static str> {
    let mut hops = super::mount::hops(scenario);
    let hop = hops.find(|hop| hop.from == from && hop.to == to)?;
    let name = hop.over.split('?').next().unwrap_or_default();
    Some(boundaries.named(name)?.descriptor().name)
}
