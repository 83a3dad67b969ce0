//! Whatever comes over the wire is answered, and answered right.
//!
//! Each target feeds a parser with what `bolero` makes up: a second or so in `cargo test`, ten
//! million inputs or a coverage-guided search as docs/testing.md says. Not to panic is not
//! enough: what is read is rendered and read again, and a second reader of another make, a
//! regular expression or the SDK's propagator, must agree where it is able to.

mod b3;
mod baggage;
mod traceparent;
mod tracestate;

use std::ops::Range;

use bolero::{ValueGenerator, produce};

/// What is longer is of no other kind.
const LONGEST: usize = 1 << 14;

/// Header values: good ones with a few bytes changed, which get past the first check of a parser
/// and to its last; and some that are nothing but chance.
fn values(
    seeds: &'static [&'static str],
    alphabet: &'static [u8],
    count: Range<usize>,
) -> impl ValueGenerator<Output = Vec<Vec<u8>>> {
    let edits = produce::<Vec<(u16, u8, u8)>>().with().len(0_usize..6);
    let value = (produce::<u8>(), edits);
    let value = value.map_gen(move |(seed, edits): (u8, Vec<(u16, u8, u8)>)| {
        let seed = usize::from(seed) % (seeds.len() + 1);
        let mut value = seeds
            .get(seed)
            .map_or_else(Vec::new, |seed| seed.as_bytes().to_vec());
        for edit in edits {
            apply(&mut value, edit, alphabet);
        }
        value.truncate(LONGEST);
        value
    });
    produce::<Vec<Vec<u8>>>().with().values(value).len(count)
}

/// Changes a value at one place: another byte, one more, one less, or a piece of it again.
fn apply(value: &mut Vec<u8>, (at, how, byte): (u16, u8, u8), alphabet: &[u8]) {
    let at = usize::from(at) % (value.len() + 1);
    let likely = alphabet[usize::from(byte) % alphabet.len()];
    match how % 8 {
        0 if at < value.len() => value[at] = likely,
        1 if at < value.len() => value[at] = byte,
        2 => value.insert(at, likely),
        3 => value.insert(at, byte),
        4 if at < value.len() => _ = value.remove(at),
        5 => value.truncate(at),
        // So that limits are passed: as often as it takes.
        6 => {
            let piece = value[at..].to_vec();
            value.extend(piece.repeat(usize::from(byte % 8)));
        }
        _ => value.extend_from_slice(&alphabet[at % alphabet.len()..]),
    }
}

/// All of them, as a parser wants them.
fn slices(values: &[Vec<u8>]) -> impl Iterator<Item = &[u8]> {
    values.iter().map(Vec::as_slice)
}
