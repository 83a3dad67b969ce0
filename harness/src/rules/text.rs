//! What there is to say of each rule beyond its title, as prose in files of its own.

/// Why a rule matters, how it usually breaks, and how to mend it: three paragraphs, one line each.
/// Empty for an id that is not in the catalogue.
pub fn text(id: &str) -> &'static str {
    macro_rules! texts {
        ($($id:literal)*) => {
            match id {
                $($id => include_str!(concat!("text/", $id, ".md")),)*
                _ => "",
            }
        };
    }
    texts! {
        "TREE-001" "TREE-002" "TREE-003" "TREE-004" "TREE-005" "TREE-006" "TREE-007" "TREE-008"
        "TREE-009" "TREE-010" "TREE-011"
        "HOP-001" "HOP-002" "HOP-003" "HOP-004" "HOP-005" "HOP-006" "HOP-007" "HOP-008" "HOP-009"
        "LINK-001" "LINK-002" "LINK-003" "LINK-004" "LINK-005" "LINK-006" "LINK-007" "LINK-008" "LINK-009"
        "LINK-010" "LINK-011" "LINK-012" "LINK-013" "LINK-014" "LINK-015"
        "WIRE-002" "WIRE-017" "WIRE-018" "WIRE-021" "WIRE-022" "WIRE-023" "WIRE-024"
        "STATE-002" "STATE-016" "STATE-017"
        "BAG-001" "BAG-002" "BAG-003" "BAG-004" "BAG-005" "BAG-006" "BAG-007" "BAG-008"
        "FLAG-001" "FLAG-002" "FLAG-003" "FLAG-004"
        "EDGE-001" "EDGE-002"
        "B3-001" "B3-002" "B3-003" "B3-004" "B3-005" "B3-006"
        "XRAY-001" "XRAY-002"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::catalogue;

    #[test]
    fn every_rule_says_why_it_matters_how_it_breaks_and_how_to_mend_it() {
        for rule in catalogue() {
            let paragraphs: Vec<_> = text(rule.id).split("\n\n").collect();
            let begins = ["Why it matters: ", "How it breaks: ", "How to mend it: "];
            assert_eq!(paragraphs.len(), begins.len(), "{}", rule.id);
            for (paragraph, beginning) in paragraphs.iter().zip(begins) {
                assert!(paragraph.starts_with(beginning), "{}: {paragraph}", rule.id);
            }
        }
        assert_eq!(text("TREE-000"), "");
    }
}
