//! The verdicts of the W3C suite: as it gave them itself, beside ours.

use std::collections::BTreeMap;

use unbroken::check::suite::{Tested, Verdict};

/// The settings that were recorded: `STRICT_LEVEL` and `SPEC_LEVEL`, in the order of the columns.
pub(crate) const SETTINGS: [(u8, u8); 4] = [(2, 2), (2, 1), (1, 2), (1, 1)];

/// The verdict of each test at each setting, by its name.
pub(crate) type Recorded = BTreeMap<String, [String; SETTINGS.len()]>;

/// Reads a file of `recorded/`.
pub(crate) fn recorded(text: &str) -> Recorded {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let line = |line: &str| {
        let mut words = line.split_whitespace().map(str::to_owned);
        let name = words.next()?;
        let verdicts: Vec<_> = words.collect();
        Some((name, verdicts.try_into().ok()?))
    };
    lines.filter_map(line).collect()
}

/// A verdict in the words of the suite.
pub(crate) fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok",
        Verdict::Fail(_) => "FAIL",
        Verdict::Error(_) => "ERROR",
        Verdict::Skipped(_) => "skipped",
    }
}

/// Every test of which our verdict is another than the suite's.
pub(crate) fn differences(recorded: &Recorded, place: usize, tested: &[Tested]) -> Vec<String> {
    let ours: BTreeMap<_, _> = tested
        .iter()
        .map(|test| (test.name, &test.verdict))
        .collect();
    let mut differences = Vec::new();
    for (name, verdicts) in recorded {
        let theirs = &verdicts[place];
        match ours.get(&**name) {
            Some(verdict) if word(verdict) == theirs => {}
            Some(verdict) => {
                differences.push(format!(
                    "{name}: the suite says {theirs}, and we {verdict:?}"
                ));
            }
            None => differences.push(format!("{name}: we have no such test")),
        }
    }
    let foreign = ours.keys().filter(|name| !recorded.contains_key(**name));
    differences.extend(foreign.map(|name| format!("{name}: the suite has no such test")));
    differences
}

/// How often each verdict was given: ok, FAIL, ERROR, skipped.
pub(crate) fn counts(recorded: &Recorded, place: usize) -> [usize; 4] {
    ["ok", "FAIL", "ERROR", "skipped"].map(|word| {
        let verdicts = recorded.values();
        verdicts.filter(|verdicts| verdicts[place] == word).count()
    })
}

/// Tests of which our own verdict is of another weight than the suite's, and why.
pub(crate) static DISAGREEMENTS: &[(&str, &str)] = &[
    (
        "test_traceparent_duplicated",
        "The specification does not say what two headers are. That they are none is demanded by the suite alone, and is a should here.",
    ),
    (
        "test_traceparent_trace_id_too_short",
        "The suite compares with an id that its own parser would refuse, so that whoever pads the id passes. Here 16 digits in a row \
         of what was sent are enough, and it is a must.",
    ),
    (
        "test_tracestate_duplicated_keys",
        "The specification lets one discard what is not valid. A should of the suite.",
    ),
    (
        "test_tracestate_key_illegal_vendor_format",
        "By the grammar of level 2 these keys are valid; that they go on is a should of the specification. At level 1, which is what \
         the SDKs read, they are not, and it is the suite that is strict.",
    ),
    (
        "test_tracestate_key_length_limit",
        "That keys of others go on is a should of the specification. Where they stand in a second header, that it is read is a must of \
         another case, STATE-005.",
    ),
    (
        "test_tracestate_member_count_limit",
        "Of 33 members the suite wants none to go on. The specification lets the surplus go alone, which is what Node does. Where only \
         the first of four headers is read, 32 members do not go on either: a should; that headers are combined is a must of \
         another case, STATE-005.",
    ),
    (
        "test_tracestate_value_illegal_characters",
        "Where a member is not valid, the suite wants none to go on. The specification lets the invalid one go alone.",
    ),
];
