use std::iter::Peekable;
use std::str::Chars;

/// A step, as a reader is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// Given, When or Then.
    pub keyword: &'static str,
    /// How it reads: `{string}` is a text in quotation marks, `{int}` a number.
    pub pattern: String,
    /// What it means.
    pub says: String,
}

/// Where the steps are defined, with their doc comments.
const SOURCES: [(&str, &str); 3] = [
    ("Given", include_str!("given.rs")),
    ("When", include_str!("when.rs")),
    ("Then", include_str!("then.rs")),
];

/// How alike a step must be to what somebody wrote, from 0 to 1, to be what was meant.
const ALIKE: f64 = 0.5;

/// Every step, in the order of the source.
pub fn vocabulary() -> Vec<Phrase> {
    let phrases = SOURCES
        .iter()
        .flat_map(|(keyword, source)| phrases(keyword, source));
    phrases.collect()
}

/// The step that may have been meant by one that nobody defined.
pub(crate) fn nearest(step: &str) -> Option<Phrase> {
    let step = generalised(step);
    let alike = |phrase: &Phrase| strsim::normalized_levenshtein(&step, &phrase.pattern);
    let phrases = vocabulary().into_iter();
    let rated = phrases.map(|phrase| (alike(&phrase), phrase));
    let nearest = rated.max_by(|(a, _), (b, _)| a.total_cmp(b));
    nearest
        .filter(|(alike, _)| *alike > ALIKE)
        .map(|(_, phrase)| phrase)
}

fn phrases(keyword: &'static str, source: &str) -> Vec<Phrase> {
    let attribute = format!("#[{}(", keyword.to_lowercase());
    let mut phrases = Vec::new();
    let mut says: Vec<&str> = Vec::new();
    // A long one stands on a line of its own.
    let source = source.replace("(\n    expr", "(expr");
    for line in source.lines() {
        if let Some(comment) = line.strip_prefix("/// ") {
            says.push(comment);
        } else {
            phrases.extend(line.strip_prefix(&attribute).map(|rest| Phrase {
                keyword,
                pattern: pattern(rest),
                says: says.join(" "),
            }));
            says.clear();
        }
    }
    phrases
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

/// A step with what it captures taken out, so that it is like its pattern.
fn generalised(step: &str) -> String {
    let mut text = String::new();
    let mut rest = step.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '"' => {
                skip(&mut rest, |letter| letter != '"');
                rest.next();
                text.push_str("{string}");
            }
            '0'..='9' => {
                skip(&mut rest, |letter| letter.is_ascii_digit());
                text.push_str("{int}");
            }
            other => text.push(other),
        }
    }
    text
}

fn skip(letters: &mut Peekable<Chars>, these: impl Fn(char) -> bool) {
    while letters.next_if(|letter| these(*letter)).is_some() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_there_and_says_what_it_means() {
        let vocabulary = vocabulary();
        for (keyword, source) in SOURCES {
            let attribute = format!("#[{}(", keyword.to_lowercase());
            let there = vocabulary.iter().filter(|phrase| phrase.keyword == keyword);
            assert_eq!(there.count(), source.matches(&attribute).count());
        }
        for phrase in vocabulary {
            assert!(!phrase.says.is_empty(), "{phrase:?}");
        }
    }

    #[test]
    fn a_slip_of_the_pen_finds_what_was_meant() {
        let meant = |step| nearest(step).map(|phrase| phrase.pattern);
        let port = "{string} runs the image {string} on port {int}, ready when it logs {string}";
        for (written, meant_by_it) in [
            (
                "the story is one conected tree",
                "the story is one connected tree",
            ),
            ("a request takes the route", "a request takes this route"),
            (
                r#""a" runs image "b" on port 8080 ready when it logs "up""#,
                port,
            ),
            (
                r#"the hop from "a" to "b" goes through "nginx""#,
                "the hop from {string} to {string} passes through {string}",
            ),
        ] {
            assert_eq!(meant(written).as_deref(), Some(meant_by_it), "{written}");
        }
        assert_eq!(
            meant("I am logged in as an administrator of the shop"),
            None
        );
        assert_eq!(meant(r#"""#), None);
    }
}
