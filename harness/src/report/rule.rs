//! The catalogue, for reading: on a terminal, and as a page.

use super::{DIM, HEAD, paint};
use crate::rules::{Authority, Capability, Family, Needs, Rule, catalogue, text};

/// A line for each rule.
pub fn rules() -> String {
    let line = |rule: &Rule| {
        let level = format!("{:<6}", rule.level.to_string());
        format!("{:<9} {} {}\n", rule.id, paint(DIM, &level), rule.title)
    };
    catalogue().map(line).collect()
}

/// Everything that there is to say of one rule.
pub fn rule(rule: &Rule) -> String {
    let mut lines = vec![
        format!("{} {}", paint(HEAD, rule.id), paint(HEAD, rule.title)),
        format!("{} {}", paint(DIM, "level:    "), rule.level),
        format!(
            "{} {}: {}",
            paint(DIM, "source:   "),
            authority(rule),
            rule.source
        ),
        format!("{} {}", paint(DIM, "evidence: "), evidence(rule)),
    ];
    if let Some(needed) = capabilities(rule) {
        lines.push(format!("{} {needed}", paint(DIM, "applies:  ")));
    }
    lines.extend(text(rule.id).lines().map(str::to_owned));
    lines.push(String::new());
    lines.join("\n")
}

/// `docs/rules.md`.
pub fn rules_page() -> String {
    let mut page = String::from(
        "# The rules\n\nGenerated from `harness/src/rules/`. Ids are permanent. *Must* breaks the trace, *should* needs a \
         good reason, *may* is advice.\nWithout its evidence a rule is *not shown*: said, counted, and never a pass.\n\n\
         | id | level | rule |\n|---|---|---|\n",
    );
    for rule in catalogue() {
        let anchor = rule.id.to_lowercase();
        page.push_str(&format!(
            "| [{}](#{anchor}) | {} | {} |\n",
            rule.id, rule.level, rule.title
        ));
    }
    for rule in catalogue() {
        page.push_str(&format!(
            "\n## {}\n\n**{}** ({}). Evidence: {}.{}\n\n{}: {}.\n\n{}",
            rule.id,
            rule.title,
            rule.level,
            evidence(rule),
            capabilities(rule)
                .map(|needed| format!(" Applies {needed}."))
                .unwrap_or_default(),
            authority(rule),
            rule.source,
            text(rule.id)
        ));
    }
    page
}

fn authority(rule: &Rule) -> &'static str {
    match rule.authority {
        Authority::Specification if rule.family() == Family::Context => {
            "The specification says so of the carriers that it defines, and on others it is a convention"
        }
        Authority::Specification => "The specification says so",
        Authority::Derived => "It follows from the specification",
        Authority::Suite => "Only the specification's test suite says so",
        Authority::Convention => "Unbroken's convention, after",
    }
}

fn evidence(rule: &Rule) -> String {
    let needs = rule.evidence.iter().map(|needs| match needs {
        Needs::CauseSpans => "the sender's spans",
        Needs::ConsequenceSpans => "the receiver's spans",
        Needs::Wire => "the carrier on the wire",
        Needs::Settled => "a settled story",
    });
    let needs: Vec<_> = needs.collect();
    match needs.is_empty() {
        true => "any span".to_owned(),
        false => needs.join(", "),
    }
}

/// Where a rule has something to decide, if that is not everywhere.
fn capabilities(rule: &Rule) -> Option<String> {
    let needed = rule.capabilities.iter().map(|needed| match needed {
        Capability::RepeatedNames => "where a carrier can hold a name twice",
        Capability::Batches => "where several messages can arrive at once",
        Capability::Redelivery => "where a message that was not taken comes again",
        Capability::DeadLetters => "where there is a place for what is rejected",
        Capability::FanOut => "where several receivers get each message",
    });
    let needed: Vec<_> = needed.collect();
    (!needed.is_empty()).then(|| needed.join(", and "))
}
