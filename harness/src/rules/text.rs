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
