use std::fmt;

/// One entry of a `baggage` header ([W3C Baggage], §3.2).
///
/// [W3C Baggage]: https://www.w3.org/TR/baggage/
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    /// A token; keys may repeat.
    pub key: String,
    /// As the application said it: percent-encoding is undone.
    pub value: String,
    /// What is appended to the value. It is opaque, and stays as it stood on the wire.
    pub properties: Vec<Property>,
}

/// A word or `key=value` after the value of a member.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Property {
    /// A token.
    pub key: String,
    /// Percent-encoded, if it needs to be; none for a mere word.
    pub value: Option<String>,
}

/// Why bytes are no `baggage`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaggageError {
    /// A member is not `key=value`.
    #[error("the member {0:?} is not key=value")]
    Member(String),
    /// A property is neither a word nor `key=value`.
    #[error("the property {0:?} is neither a word nor key=value")]
    Property(String),
    /// A `%` does not begin two hexadecimal digits.
    #[error("a % in {0:?} does not stand before two hexadecimal digits")]
    Percent(String),
    /// More members than everybody must hand on.
    #[error("{0} members; 64 are what everybody must hand on")]
    TooMany(usize),
    /// More bytes than everybody must hand on.
    #[error("{0} bytes; 8192 are what everybody must hand on")]
    TooLong(usize),
    /// The bytes are no text.
    #[error("not text")]
    NotText,
}

/// How many members everybody must hand on.
const MOST_MEMBERS: usize = 64;
/// How many bytes everybody must hand on, commas included.
const MOST_BYTES: usize = 8192;

/// Reads the members of all `baggage` values, in order; several headers are one list (§3.1).
///
/// An empty value says nothing. Anything invalid, or beyond what everybody must hand on, is an
/// error: what is kept of it the specification leaves open.
pub fn parse_baggage<'a>(
    values: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<Member>, BaggageError> {
    let mut members = Vec::new();
    let mut bytes = 0;
    for value in values {
        // The comma that joins it to the value before.
        bytes += value.len() + usize::from(bytes > 0);
        if bytes > MOST_BYTES {
            return Err(BaggageError::TooLong(bytes));
        }
        let text = str::from_utf8(value).map_err(|_| BaggageError::NotText)?;
        if text.trim_matches(is_blank).is_empty() {
            continue;
        }
        for member in text.split(',') {
            members.push(Member::parse(member)?);
        }
    }
    match members.len() {
        many if many > MOST_MEMBERS => Err(BaggageError::TooMany(many)),
        _ => Ok(members),
    }
}

impl Member {
    /// Reads what stands between two commas.
    pub fn parse(text: &str) -> Result<Self, BaggageError> {
        let mut parts = text.split(';');
        let entry = parts.next().unwrap_or_default();
        let bad = || BaggageError::Member(entry.trim_matches(is_blank).to_owned());
        let (key, value) = pair(entry).ok_or_else(bad)?;
        let value = value.ok_or_else(bad)?;
        let properties = parts.map(|property| match pair(property) {
            Some((key, value)) => Ok(Property {
                key: key.to_owned(),
                value: value.map(str::to_owned),
            }),
            None => Err(BaggageError::Property(property.to_owned())),
        });
        Ok(Self {
            key: key.to_owned(),
            value: decoded(value)?,
            properties: properties.collect::<Result<_, _>>()?,
        })
    }
}

/// As it stands on the wire: whatever must be encoded is, and nothing else.
impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}=", self.key)?;
        for byte in self.value.bytes() {
            match byte {
                b'%' => f.write_str("%25")?,
                byte if is_octet(byte) => write!(f, "{}", char::from(byte))?,
                byte => write!(f, "%{byte:02X}")?,
            }
        }
        self.properties
            .iter()
            .try_for_each(|property| write!(f, ";{property}"))
    }
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{}={value}", self.key),
            None => f.write_str(&self.key),
        }
    }
}

/// `key`, or `key = value`: a token, and octets that may be none. Further `=` are of the value.
fn pair(text: &str) -> Option<(&str, Option<&str>)> {
    let (key, value) = match text.split_once('=') {
        Some((key, value)) => (key, Some(value.trim_matches(is_blank))),
        None => (text, None),
    };
    let key = key.trim_matches(is_blank);
    let is_token = !key.is_empty() && key.bytes().all(is_token);
    let is_value = value.is_none_or(|value| value.bytes().all(is_octet));
    (is_token && is_value).then_some((key, value))
}

/// Bytes that are no UTF-8 become U+FFFD, as the specification wants it.
fn decoded(value: &str) -> Result<String, BaggageError> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                let byte = digit().zip(digit()).map(|(high, low)| high << 4 | low);
                let byte = byte.and_then(|byte| u8::try_from(byte).ok());
                byte.ok_or_else(|| BaggageError::Percent(value.to_owned()))?
            }
            byte => byte,
        });
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// `OWS`.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

/// `tchar` of RFC 7230, §3.2.6.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// `baggage-octet`: printable ASCII without blank, `"`, `,`, `;` and `\`.
fn is_octet(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~') && !br#"",;\"#.contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(value: &str) -> Result<Vec<Member>, BaggageError> {
        parse_baggage([value.as_bytes()])
    }

    fn member(key: &str, value: &str, properties: &[(&str, Option<&str>)]) -> Member {
        let properties = properties.iter().map(|(key, value)| Property {
            key: (*key).to_owned(),
            value: value.map(str::to_owned),
        });
        Member {
            key: key.to_owned(),
            value: value.to_owned(),
            properties: properties.collect(),
        }
    }

    #[test]
    fn the_specifications_own_example_has_three_members() {
        let example = "key1=value1;property1;property2, key2 = value2, key3=value3; propertyKey=propertyValue";
        assert_eq!(
            parse(example).expect("valid"),
            [
                member(
                    "key1",
                    "value1",
                    &[("property1", None), ("property2", None)]
                ),
                member("key2", "value2", &[]),
                member("key3", "value3", &[("propertyKey", Some("propertyValue"))]),
            ]
        );
    }

    #[test]
    fn several_headers_are_one_list_and_keys_may_repeat() {
        let headers = [&b"userId =\t alice"[..], b"", b"node=DF%2028,userId=bob"];
        let members = parse_baggage(headers).expect("valid");
        let members: Vec<_> = members.iter().map(|m| (&*m.key, &*m.value)).collect();
        assert_eq!(
            members,
            [("userId", "alice"), ("node", "DF 28"), ("userId", "bob")]
        );
    }

    #[test]
    fn a_value_may_be_empty_or_hold_further_equals_signs() {
        let members = parse("a=,b=c==d").expect("valid");
        assert_eq!((&*members[0].value, &*members[1].value), ("", "c==d"));
    }

    #[test]
    fn what_is_no_utf8_decodes_to_the_replacement_character() {
        assert_eq!(parse("a=x%FFy").expect("valid")[0].value, "x\u{fffd}y");
    }

    #[test]
    fn what_the_grammar_forbids_is_refused_and_says_why() {
        use BaggageError as E;
        for bad in [
            "a", "=1", "a b=1", "ä=1", "a=ä", "a=b c", "a=\"b\"", "a=1,", ",", "a=\\",
        ] {
            assert!(
                matches!(parse(bad), Err(E::Member(_))),
                "{bad:?}: {:?}",
                parse(bad)
            );
        }
        for bad in ["a=1;", "a=1; =2", "a=1;b c"] {
            assert!(matches!(parse(bad), Err(E::Property(_))), "{bad:?}");
        }
        for bad in ["a=%", "a=%2", "a=%2g", "a=%+2"] {
            assert!(matches!(parse(bad), Err(E::Percent(_))), "{bad:?}");
        }
        assert_eq!(parse_baggage([&b"a=\xff"[..]]), Err(E::NotText));
    }

    #[test]
    fn limits_are_inclusive() {
        let list = |n: usize| vec!["k=v"; n].join(",");
        assert_eq!(parse(&list(64)).map(|members| members.len()), Ok(64));
        assert_eq!(parse(&list(65)), Err(BaggageError::TooMany(65)));
        let long = |n: usize| format!("k={}", "v".repeat(n - 2));
        assert!(parse(&long(8192)).is_ok());
        assert_eq!(parse(&long(8193)), Err(BaggageError::TooLong(8193)));
        let two = [long(4096), long(4096)];
        let two = two.iter().map(String::as_bytes);
        assert_eq!(parse_baggage(two), Err(BaggageError::TooLong(8193)));
    }

    proptest! {
        #[test]
        fn any_bytes_at_all_give_an_answer(values: Vec<Vec<u8>>, text in "[a=%;, 0-9]{0,40}") {
            let _ = parse_baggage(values.iter().map(Vec::as_slice));
            let _ = parse(&text);
        }

        #[test]
        fn every_member_survives_the_way_through_text(
            key in "[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,12}",
            value in ".{0,20}",
            properties in prop::collection::vec(("[a-z]{1,4}", prop::option::of("[!-+]{0,3}")), 0..3),
        ) {
            let octets = |value: String| value.replace('"', "");
            let properties = properties.into_iter().map(|(key, value)| Property {
                key,
                value: value.map(octets),
            });
            let member = Member { key, value, properties: properties.collect() };
            prop_assert_eq!(Member::parse(&member.to_string()), Ok(member));
        }
    }
}
