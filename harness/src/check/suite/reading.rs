//! How the suite reads headers. It is not how they are to be read.

use std::fmt;

use crate::check::case::values;
use crate::check::exchange::Header;

/// Why a test does not pass.
pub(super) enum Broken {
    /// An assertion does not hold.
    Assertion(String),
    /// The suite's parser raised.
    Parser(String),
}

/// A traceparent: fields that are missing are made up.
#[derive(Debug)]
pub(super) struct Parent {
    /// The trace.
    of: Option<String>,
    id: Option<String>,
    pub(super) flags: u8,
}

/// The members of a tracestate: of a key that stands twice the first counts.
#[derive(Debug, Default)]
pub(super) struct State(Vec<(String, String)>);

impl Parent {
    pub(super) fn of(headers: &[Header]) -> Result<Self, Broken> {
        let values: Vec<_> = values(headers, "traceparent").collect();
        let [value] = values[..] else {
            let count = values.len();
            return Err(Broken::Assertion(format!(
                "expect one traceparent header, got {count}"
            )));
        };
        let value = String::from_utf8_lossy(value);
        let raised = |what: &str| Broken::Parser(format!("{what} in {value:?}"));
        let fields: Vec<_> = value.trim_ascii().split('-').collect();
        if fields.len() > 4 {
            return Err(raised("too many fields"));
        }
        if fields[0] != "00" {
            return Err(raised("unsupported version"));
        }
        let field = |place: usize, digits: usize| match fields.get(place) {
            Some(field) if field.len() != digits || !field.bytes().all(is_digit) => {
                Err(raised("a field that does not match"))
            }
            Some(field) if place < 3 && field.bytes().all(|digit| digit == b'0') => {
                Err(raised("an id that is all zero"))
            }
            field => Ok(field.map(|field| (*field).to_owned())),
        };
        let flags = field(3, 2)?.and_then(|flags| u8::from_str_radix(&flags, 16).ok());
        Ok(Self {
            of: field(1, 32)?,
            id: field(2, 16)?,
            flags: flags.unwrap_or(0),
        })
    }

    /// What is made up is in no trace that anybody asks for.
    pub(super) fn is_in(&self, trace: &str) -> bool {
        self.of.as_deref() == Some(trace)
    }

    pub(super) fn parent_id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

impl fmt::Display for Parent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or = |id: &Option<String>| id.clone().unwrap_or_else(|| "made-up".to_owned());
        write!(f, "00-{}-{}-{:02x}", or(&self.of), or(&self.id), self.flags)
    }
}

impl State {
    pub(super) fn of(headers: &[Header]) -> Result<Self, Broken> {
        let mut members: Vec<(String, String)> = Vec::new();
        for value in values(headers, "tracestate") {
            let value = String::from_utf8_lossy(value);
            for member in value
                .split(',')
                .map(|member| member.trim_matches([' ', '\t']))
            {
                if member.is_empty() {
                    continue;
                }
                let pair = member
                    .split_once('=')
                    .filter(|(key, value)| is_key(key) && is_value(value));
                let Some((key, value)) = pair else {
                    return Err(Broken::Parser(format!(
                        "illegal key-value format {member:?}"
                    )));
                };
                if !members.iter().any(|(found, _)| found == key) {
                    members.push((key.to_owned(), value.to_owned()));
                }
            }
        }
        Ok(Self(members))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        let mut members = self.0.iter();
        let (_, value) = members.find(|(found, _)| found == key)?;
        Some(value)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members = self.0.iter().map(|(key, value)| format!("{key}={value}"));
        f.write_str(&members.collect::<Vec<_>>().join(","))
    }
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

fn is_key(key: &str) -> bool {
    let first = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    (1..=256).contains(&key.len())
        && key.bytes().next().is_some_and(first)
        && key.bytes().all(|c| first(c) || b"_-*/@".contains(&c))
}

fn is_value(value: &str) -> bool {
    (1..=256).contains(&value.len())
        && !value.ends_with(' ')
        && value
            .bytes()
            .all(|c| matches!(c, b' '..=b'~') && !b",=".contains(&c))
}
