/// Why a `tracestate` cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TraceStateError {
    /// A member is not `key=value` in the grammar of level 2, §3.3.1.
    #[error("the member {0:?} is not key=value")]
    Member(String),
    /// A key stands twice.
    #[error("the key {0:?} stands twice")]
    Repeated(String),
    /// More members than are allowed.
    #[error("{0} members; 32 are allowed")]
    TooMany(usize),
    /// The bytes are no text.
    #[error("not text")]
    NotText,
}

const MOST_MEMBERS: usize = 32;
const LONGEST: usize = 256;

/// Reads the members of all `tracestate` values, in order; several headers are one list (§3.3).
///
/// Empty values and empty members are allowed and vanish. Anything invalid spoils the whole, as
/// the specification lets a parser decide; the traceparent beside it is not affected.
pub fn parse_tracestate<'a>(
    values: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<(&'a str, &'a str)>, TraceStateError> {
    let mut members: Vec<(&str, &str)> = Vec::new();
    for value in values {
        let text = str::from_utf8(value).map_err(|_| TraceStateError::NotText)?;
        for member in text.split(',') {
            let member = member.trim_matches([' ', '\t']);
            if member.is_empty() {
                continue;
            }
            let (key, value) = member
                .split_once('=')
                .filter(|(key, value)| is_key(key) && is_value(value))
                .ok_or_else(|| TraceStateError::Member(member.to_owned()))?;
            if members.iter().any(|(found, _)| *found == key) {
                return Err(TraceStateError::Repeated(key.to_owned()));
            }
            members.push((key, value));
        }
    }
    if members.len() > MOST_MEMBERS {
        return Err(TraceStateError::TooMany(members.len()));
    }
    Ok(members)
}

/// Level 2: `( lcalpha / DIGIT ) 0*255 ( lcalpha / DIGIT / "_" / "-"/ "*" / "/" / "@" )`.
fn is_key(key: &str) -> bool {
    let first = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    key.len() <= LONGEST
        && key.bytes().next().is_some_and(first)
        && key.bytes().all(|c| first(c) || b"_-*/@".contains(&c))
}

/// `0*255(chr) nblk-chr`: printable ASCII without `,` and `=`, not ending in a blank.
fn is_value(value: &str) -> bool {
    (1..=LONGEST).contains(&value.len())
        && !value.ends_with(' ')
        && value
            .bytes()
            .all(|c| matches!(c, b' '..=b'~') && !b",=".contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(value: &str) -> Result<Vec<(&str, &str)>, TraceStateError> {
        parse_tracestate([value.as_bytes()])
    }

    #[test]
    fn members_keep_their_order_over_several_headers() {
        let headers = [&b"foo=1 , \tbar=2"[..], b"", b"baz@v=3"];
        assert_eq!(
            parse_tracestate(headers).expect("valid"),
            [("foo", "1"), ("bar", "2"), ("baz@v", "3")]
        );
    }

    #[test]
    fn what_the_grammar_forbids_is_refused() {
        for bad in [
            "foo",
            "=1",
            "foo=",
            "FOO=1",
            "@foo=1",
            "foo=a=b",
            "foo=\u{7}",
            "foo =1",
        ] {
            assert!(
                matches!(parse(bad), Err(TraceStateError::Member(_))),
                "{bad:?}"
            );
        }
        assert_eq!(parse("a=1,a=2"), Err(TraceStateError::Repeated("a".into())));
    }

    #[test]
    fn limits_are_inclusive() {
        let list = |n: usize| {
            (0..n)
                .map(|i| format!("k{i}=v"))
                .collect::<Vec<_>>()
                .join(",")
        };
        assert!(parse(&list(32)).is_ok());
        assert_eq!(parse(&list(33)), Err(TraceStateError::TooMany(33)));
        assert!(parse(&format!("{}=v", "k".repeat(256))).is_ok());
        assert!(parse(&format!("{}=v", "k".repeat(257))).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_at_all_give_an_answer(value: Vec<u8>) {
            let _ = parse_tracestate([value.as_slice()]);
        }
    }
}
