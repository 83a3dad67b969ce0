//! What stock instrumentations really export, judged: `tests/fixtures/<language>/<case>.json`, and
//! beside each what is to be found in it, written down by hand before the judge was asked.
//!
//! ```text
//! # why
//! conforms
//! LINK-013 must on the hop to enricher blames enricher
//! so also TREE-005 on the hop to enricher
//! not shown HOP-003 on the hop to enricher
//! TREE-010 may in the story blames nobody that can be named
//! ```
//!
//! Every finding is named, of any level, and nothing else may be there.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use unbroken::recording::Recording;
use unbroken::rules::{Finding, Outcome, Rule};
use unbroken::verdict::Judgement;

type Lines = BTreeSet<String>;

#[test]
fn every_fixture_is_judged_as_its_expectation_says() {
    let mut wrong = String::new();
    let all = fixtures();
    for fixture in &all {
        let expected = expectation(&fs::read_to_string(fixture.with_extension("expected")).expect(
            "a fixture stands beside an expectation, which is written before the judge is asked",
        ));
        let recording = fs::read_to_string(fixture).expect("readable");
        let recording = Recording::read(&recording).expect("a recording");
        let found = findings(&Judgement::of(recording.evidence().expect("evidence")));
        if found != expected {
            let _ = writeln!(wrong, "{}", fixture.display());
            for line in expected.difference(&found) {
                let _ = writeln!(wrong, "  - {line}");
            }
            for line in found.difference(&expected) {
                let _ = writeln!(wrong, "  + {line}");
            }
        }
    }
    assert!(wrong.is_empty(), "expected (-) and found (+):\n{wrong}");
    assert!(all.len() > 40, "{} fixtures are left", all.len());
}

#[test]
fn no_expectation_is_without_its_fixture() {
    for expectation in files("expected") {
        assert!(
            expectation.with_extension("json").exists(),
            "{expectation:?}"
        );
    }
}

#[test]
fn a_fixture_is_small_and_tells_nothing_of_where_it_was_made() {
    let address = regex::Regex::new(r"\b\d{1,3}(\.\d{1,3}){3}\b").expect("valid");
    for fixture in fixtures() {
        let text = fs::read_to_string(&fixture).expect("readable");
        assert!(text.len() < 30_000, "{fixture:?}: {} bytes", text.len());
        for telling in [
            "host.name",
            "process.",
            "os.",
            "/home/",
            "/root/",
            "localhost",
        ] {
            assert!(!text.contains(telling), "{fixture:?} tells {telling:?}");
        }
        let found = address.find(&text).map(|found| found.as_str());
        assert_eq!(found, None, "{fixture:?}");
    }
}

fn fixtures() -> Vec<PathBuf> {
    files("json")
}

fn files(extension: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let entries = |folder: &Path| {
        let entries = fs::read_dir(folder).expect("a folder");
        entries.map(|entry| entry.expect("readable").path())
    };
    let folders = entries(&root).filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| entries(&folder).collect::<Vec<_>>());
    let mut files: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}

/// The lines that say something.
fn expectation(text: &str) -> Lines {
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

/// What was found, in the words of an expectation.
fn findings(judgement: &Judgement) -> Lines {
    let hop = |hop: Option<usize>| match hop {
        Some(hop) => format!("on the hop to {}", judgement.evidence.route.hops()[hop].to),
        None => "in the story".to_owned(),
    };
    let follows = |(rule, finding): &(&'static Rule, &Finding)| {
        format!("so also {} {}", rule.id, hop(finding.hop))
    };
    let mut lines = Lines::new();
    for loss in judgement.losses() {
        let on = loss
            .finding
            .hop
            .map(|hop| &judgement.evidence.route.hops()[hop]);
        lines.insert(format!(
            "{} {} {} blames {}",
            loss.rule.id,
            loss.finding.level,
            hop(loss.finding.hop),
            loss.finding.blame.whom(on)
        ));
        lines.extend(loss.follows.iter().map(follows));
    }
    for ruling in &judgement.rulings {
        for outcome in &ruling.outcomes {
            if let Outcome::NotShown { hop: at, .. } = outcome {
                lines.insert(format!("not shown {} {}", ruling.rule.id, hop(*at)));
            }
        }
    }
    if lines.is_empty() {
        lines.insert("conforms".to_owned());
    }
    lines
}
