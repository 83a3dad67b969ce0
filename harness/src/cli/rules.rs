//! `unbroken rules`.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::ExitCode;

use crate::check::case::Case;
use crate::check::cases::cases;
use crate::report;
use crate::rules::{catalogue, rule};

/// Lists every rule and every case, or explains what has this id: a rule, a case, or all the cases
/// of a rule.
pub(super) fn explain(id: Option<&str>) -> ExitCode {
    let page = match id {
        None => Ok(report::rules() + "\n" + &report::cases()),
        Some(id) => explained(id),
    };
    match page {
        Ok(page) => {
            // A reader that closes the pipe has read enough.
            let _ = anstream::stdout().write_all(page.as_bytes());
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

fn explained(id: &str) -> Result<String, String> {
    let rule = rule(&id.to_uppercase()).map(report::rule);
    let is_meant = |case: &&Case| {
        id.eq_ignore_ascii_case(case.id) || id.eq_ignore_ascii_case(without_letter(case.id))
    };
    let cases = cases().filter(is_meant).map(report::case);
    let pages: Vec<_> = rule.into_iter().chain(cases).collect();
    match pages.is_empty() {
        true => Err(unknown(id)),
        false => Ok(pages.join("\n")),
    }
}

/// What there is instead, as near as can be told.
fn unknown(id: &str) -> String {
    let all = catalogue()
        .map(|rule| rule.id)
        .chain(cases().map(|case| case.id));
    let all: BTreeSet<_> = all.collect();
    let family = |id: &str| id.split('-').next().unwrap_or_default().to_uppercase();
    let ours: Vec<_> = all
        .iter()
        .copied()
        .filter(|known| family(known) == family(id))
        .collect();
    let families: BTreeSet<_> = all.iter().map(|known| family(known)).collect();
    let families: Vec<_> = families.into_iter().collect();
    let instead = match ours.is_empty() {
        true => format!("the families are {}", families.join(", ")),
        false => format!("of {} there are {}", family(id), ours.join(", ")),
    };
    format!("there is no rule or case {id:?}: {instead}; `unbroken rules` lists them")
}

/// The id of the rule that a case is one of.
fn without_letter(id: &str) -> &str {
    id.trim_end_matches(|c: char| c.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_and_every_case_is_explained_however_its_id_is_written() {
        let ids = catalogue()
            .map(|rule| rule.id)
            .chain(cases().map(|case| case.id));
        for id in ids {
            let page = explained(&id.to_lowercase()).expect(id);
            assert!(page.contains(id), "{page}");
        }
    }

    #[test]
    fn the_id_of_a_rule_explains_all_its_cases() {
        let page = explained("WIRE-006").expect("two cases");
        assert!(page.contains("WIRE-006a") && page.contains("WIRE-006b"));
        let page = explained("WIRE-017").expect("a rule and two cases");
        assert!(page.contains("How to mend it") && page.contains("WIRE-017b"));
    }

    #[test]
    fn who_errs_is_told_what_there_is() {
        let why = explained("WIRE-099").expect_err("there is none");
        assert!(
            why.contains("of WIRE there are WIRE-001, WIRE-002"),
            "{why}"
        );
        let why = explained("nonsense").expect_err("there is none");
        assert!(why.contains("the families are B3, BAG, EDGE"), "{why}");
    }
}
