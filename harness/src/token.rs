//! The name of a hop: `ub_1a2b3c4d_3`, the third hop of the run `1a2b3c4d`.
//!
//! Each hop has a path, a topic or a queue of its own, which bears this name. Instrumentations
//! write such addresses into the attributes of their spans, under names that differ between
//! languages and years; the token is found wherever it stands.

use std::fmt;
use std::iter;
use std::str::FromStr;

const PREFIX: &[u8; 3] = b"ub_";
const RUN_DIGITS: usize = 8;
/// `ub_`, eight digits, `_`, and at least one digit more.
const SHORTEST: usize = PREFIX.len() + RUN_DIGITS + 2;

/// One hop of one run, as it stands in addresses: `ub_` and the run in eight lower-case
/// hexadecimal digits, `_` and the hop in decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HopToken {
    /// Which run: a random number.
    pub run: u32,
    /// Which hop of its route.
    pub hop: u16,
}

/// A text is not the name of a hop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the name of a hop, such as ub_1a2b3c4d_3")]
pub struct NoToken(String);

impl HopToken {
    /// Every token in `text`, from left to right, repetitions included.
    ///
    /// What stands around a token does not matter, since it may be anything: a slash, a dot, a
    /// percent-encoded slash (whose last byte is a letter). Only a number has an end: `…_12` is
    /// hop 12, and never hop 1; one with a leading zero, or beyond 65535, is no hop.
    pub fn find_all(text: &str) -> impl Iterator<Item = Self> + '_ {
        let mut rest = text.as_bytes();
        iter::from_fn(move || {
            while rest.len() >= SHORTEST {
                rest = after_prefix(rest)?;
                let found =
                    leading_run(rest).and_then(|(run, number)| Some((run, leading_hop(number)?)));
                if let Some((run, hop)) = found {
                    return Some(Self { run, hop });
                }
            }
            None
        })
    }
}

/// The hops of one run among some tokens, by their place on the route.
pub fn of_run(tokens: &[HopToken], run: u32) -> impl Iterator<Item = usize> {
    let own = tokens.iter().filter(move |token| token.run == run);
    own.map(|token| usize::from(token.hop))
}

/// The first run that `text` names: of `ub_1a2b3c4d_orders`, the id of a service's instance, it
/// is `1a2b3c4d`.
pub fn find_run(text: &str) -> Option<u32> {
    let mut rest = text.as_bytes();
    loop {
        rest = after_prefix(rest)?;
        if let Some((run, _)) = leading_run(rest) {
            return Some(run);
        }
    }
}

impl fmt::Display for HopToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ub_{:08x}_{}", self.run, self.hop)
    }
}

impl FromStr for HopToken {
    type Err = NoToken;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::find_all(text)
            .next()
            .filter(|token| token.to_string() == text)
            .ok_or_else(|| NoToken(text.to_owned()))
    }
}

/// What follows the next prefix.
fn after_prefix(bytes: &[u8]) -> Option<&[u8]> {
    let at = bytes.windows(PREFIX.len()).position(|w| w == PREFIX)?;
    bytes.get(at + PREFIX.len()..)
}

/// The run, and what follows its `_`.
fn leading_run(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = bytes.split_at_checked(RUN_DIGITS)?;
    let mut run = 0;
    for &byte in digits {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        run = run << 4 | u32::from(digit);
    }
    rest.strip_prefix(b"_").map(|rest| (run, rest))
}

fn leading_hop(bytes: &[u8]) -> Option<u16> {
    let end = bytes.iter().position(|byte| !byte.is_ascii_digit());
    let digits = &bytes[..end.unwrap_or(bytes.len())];
    match digits {
        [b'0', _, ..] => None,
        _ => str::from_utf8(digits).ok()?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(text: &str) -> Vec<String> {
        HopToken::find_all(text).map(|t| t.to_string()).collect()
    }

    #[test]
    fn a_token_is_found_wherever_it_stands() {
        for text in [
            "ub_1a2b3c4d_3",
            "http://localhost:8080/ub_1a2b3c4d_3?x=1",
            "http://sqs:9324/000/ub_1a2b3c4d_3.fifo",
            "sqs%2Fub_1a2b3c4d_3%2F",
            "ub_ub_ub_1a2b3c4d_ub_1a2b3c4d_3 publish",
        ] {
            assert_eq!(found(text), ["ub_1a2b3c4d_3"], "{text}");
        }
    }

    #[test]
    fn several_tokens_come_in_their_order() {
        assert_eq!(
            found("ub_00000001_1,ub_00000001_2ub_00000002_0"),
            ["ub_00000001_1", "ub_00000001_2", "ub_00000002_0"]
        );
    }

    #[test]
    fn what_only_resembles_a_token_is_none() {
        for text in [
            "",
            "ub_",
            "ub_1a2b3c4d",
            "ub_1a2b3c4d_",
            "ub_1A2B3C4D_3",
            "ub_1a2b3c4_3",
            "ub_1a2b3c4d5_3",
            "ub_1a2b3c4d_03",
            "ub_1a2b3c4d_65536",
            "ub_1a2b3c4d_orders",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
            assert!(text.parse::<HopToken>().is_err());
        }
    }

    #[test]
    fn an_instance_names_its_run() {
        assert_eq!(find_run("ub_1a2b3c4d_orders"), Some(0x1a2b_3c4d));
        assert_eq!(find_run("627cc493-f310-47de-96bd-71410b7dec09"), None);
        assert_eq!(find_run("ub_1a2b3c4d"), None);
    }

    proptest! {
        #[test]
        fn every_token_survives_the_way_through_text(run: u32, hop: u16) {
            let token = HopToken { run, hop };
            prop_assert_eq!(token.to_string().parse(), Ok(token));
        }

        #[test]
        fn surroundings_hide_no_token(
            before in "(ub_|_|[0-9a-f]|\\PC){0,20}",
            run: u32,
            hop: u16,
            after in "([^0-9].{0,20})?",
        ) {
            let token = HopToken { run, hop };
            let text = format!("{before}{token}{after}");
            prop_assert!(HopToken::find_all(&text).any(|found| found == token));
            prop_assert!(find_run(&text).is_some());
        }

        #[test]
        fn whatever_is_found_stands_in_the_text(text in "(ub_|_|[0-9a-f]{8}|[0-9]|.){0,40}") {
            for token in HopToken::find_all(&text) {
                prop_assert!(text.contains(&token.to_string()));
            }
        }
    }
}
