use std::sync::LazyLock;

use bolero::check;
use regex::bytes::Regex;

use super::{slices, values};
use crate::b3::{B3, Context, Decision, NAMES};

const SINGLE: &[&str] = &[
    "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1-05e3ac9a4f6e3b90",
    "64fe8b2a57d3eff7-e457b5a2e4d86bd1-d",
    "64fe8b2a57d3eff7-e457b5a2e4d86bd1",
    "0",
];

const FIELDS: &[&str] = &[
    "80f198ee56343ba864fe8b2a57d3eff7",
    "64fe8b2a57d3eff7",
    "0000000000000000",
    "1",
    "0",
];

/// One header, by the text of b3-propagation.
static GRAMMAR: LazyLock<Regex> = LazyLock::new(|| {
    let id = "([0-9a-f]{16})";
    let grammar = format!(
        r"(?s-u)\A(?:((?:[0-9a-f]{{16}})?[0-9a-f]{{16}})-{id}(?:-[01d](?:-{id})?)?|[01d])\z"
    );
    Regex::new(&grammar).expect("a grammar")
});

#[test]
fn b3_in_one_header() {
    let inputs = values(SINGLE, b"0f1d-D ", 0..3);
    check!().with_generator(inputs).for_each(|values| {
        let read = B3::single(slices(values));
        assert_eq!(read.is_ok(), is_one(values), "{read:?}");
        if let Ok(read) = read {
            assert_eq!(B3::parse(read.to_string().as_bytes()), Ok(read));
        }
    });
}

#[test]
fn b3_in_several_headers() {
    let inputs = values(FIELDS, b"0f1d-D ", 0..6);
    check!().with_generator(inputs).for_each(|values| {
        let header = |name: &str| {
            let at = NAMES.iter().position(|other| *other == name)?;
            // What is not there is told apart from what is empty.
            values
                .get(at)
                .map(Vec::as_slice)
                .filter(|value| *value != b"")
        };
        let Ok(read) = B3::multi(header) else { return };
        assert_eq!(read.context.is_some(), header(NAMES[0]).is_some());
        // One header says the same, but for a parent where the decision is left open.
        let said = match read {
            B3 {
                context: Some(context),
                decision: Decision::Defer,
            } => B3 {
                context: Some(Context {
                    parent_id: None,
                    ..context
                }),
                ..read
            },
            said => said,
        };
        assert_eq!(B3::parse(said.to_string().as_bytes()), Ok(said));
    });
}

/// What the grammar says, and that no id is zero.
fn is_one(values: &[Vec<u8>]) -> bool {
    let [value] = values else { return false };
    let Some(fields) = GRAMMAR.captures(value.trim_ascii()) else {
        return false;
    };
    let mut ids = fields.iter().skip(1).flatten();
    !ids.any(|id| id.as_bytes().iter().all(|byte| *byte == b'0'))
}
