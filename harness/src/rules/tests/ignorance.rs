//! The judge knows nothing of faults, and of no boundary by its name.
//!
//! A rule that asked which fault was made would pass its own test and find nothing in the wild;
//! one that asked for a broker's name would be wrong for the next boundary. So the sources of
//! the judge are read word by word.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use unbroken_adapters::Boundaries;

/// The rooms of the judge.
const JUDGE: [&str; 4] = ["story", "evidence", "evidence.rs", "rules"];

/// Names of instrumentations of brokers, which are known so that their plumbing is.
const SCOPES: &str = "story/plumbing.rs";

#[test]
fn the_judge_knows_nothing_of_faults() {
    let faults = ["fault", "faults"].map(str::to_owned);
    assert_eq!(
        offences(&faults),
        [""; 0],
        "story, evidence and rules must find what goes wrong by what is seen of it, and not by \
         being told: the plan of the stage holds the faults, keep them there"
    );
}

#[test]
fn the_judge_knows_no_boundary_by_its_name() {
    let known = offences(&boundaries()).into_iter();
    let known = known.filter(|offence| !offence.starts_with(SCOPES));
    assert_eq!(
        known.collect::<Vec<_>>(),
        [""; 0],
        "what differs between boundaries is data in their descriptors: ask for the capability, \
         or the rule is wrong for the boundary that comes next"
    );
}

#[test]
fn a_name_is_recognized_in_code_and_in_a_text_of_its_own_but_not_in_prose() {
    let faults = ["fault".to_owned()];
    for code in [
        "hop.fault",
        "hop_fault",
        "use a::FaultError;",
        "x(Fault)",
        "\"fault\"",
    ] {
        assert_eq!(forbidden(code, &faults).len(), 1, "{code}");
    }
    for code in [
        "kafka::Tap",
        "KafkaTap",
        "over == \"Kafka\"",
        "\"gRPC\"",
        "is_grpc",
        "HTTP",
    ] {
        assert_eq!(forbidden(code, &boundaries()).len(), 1, "{code}");
    }
    for prose in [
        "// fault",
        "Default",
        "\"its fault\"",
        "\"http.request.resend_count\"",
    ] {
        let names = [&faults[..], &boundaries()].concat();
        assert_eq!(forbidden(prose, &names), [""; 0], "{prose}");
    }
}

/// The names and schemes of all boundaries, in lower case.
fn boundaries() -> Vec<String> {
    let boundaries = Boundaries::all();
    let descriptors = boundaries.iter().map(|boundary| boundary.descriptor());
    let names = descriptors.flat_map(|it| [it.name.to_lowercase(), it.scheme.to_lowercase()]);
    names.collect()
}

/// What is forbidden in the judge's sources, each with its file.
fn offences(names: &[String]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = JUDGE.iter().flat_map(|room| sources(&root.join(room)));
    let offences = files.flat_map(|file| {
        let source = fs::read_to_string(&file).expect("it was listed");
        let file = file.strip_prefix(&root).expect("it was listed below it");
        let found = forbidden(&source, names).into_iter();
        let found = found.map(|token| format!("{} says {token}", file.display()));
        found.collect::<Vec<_>>()
    });
    offences.collect()
}

/// The Rust files of a room, without its tests.
fn sources(at: &Path) -> Vec<PathBuf> {
    if at.file_stem().is_some_and(|stem| stem == "tests") {
        return Vec::new();
    }
    if at.is_file() {
        let is_rust = at.extension().is_some_and(|extension| extension == "rs");
        return is_rust.then(|| at.to_owned()).into_iter().collect();
    }
    let entries = fs::read_dir(at).expect("a room of the judge");
    let entries = entries.map(|entry| entry.expect("readable").path());
    entries.flat_map(|entry| sources(&entry)).collect()
}

/// Every identifier with one of the names in it, and every text that is one of them. Prose, be
/// it a comment or a sentence of a finding, may speak of anything.
fn forbidden(source: &str, names: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![source.parse::<TokenStream>().expect("it was compiled")];
    while let Some(tokens) = open.pop() {
        for token in tokens {
            let is_one = match &token {
                TokenTree::Group(group) => {
                    open.push(group.stream());
                    false
                }
                TokenTree::Ident(name) => words(&name.to_string())
                    .iter()
                    .any(|word| names.contains(word)),
                TokenTree::Literal(text) => {
                    let text = text.to_string().to_lowercase();
                    names.iter().any(|name| text.trim_matches('"') == name)
                }
                TokenTree::Punct(_) => false,
            };
            if is_one {
                found.push(token.to_string());
            }
        }
    }
    found
}

/// The words of `snake_case` and `CamelCase` in lower case, and what stands between underscores
/// as a whole.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in name.split('_') {
        let mut word = String::new();
        for c in part.chars() {
            if c.is_uppercase() && word.ends_with(char::is_lowercase) {
                words.push(word.to_lowercase());
                word.clear();
            }
            word.push(c);
        }
        words.extend([word.to_lowercase(), part.to_lowercase()]);
    }
    words
}
