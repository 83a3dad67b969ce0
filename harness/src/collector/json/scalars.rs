//! The values that SDKs write in several ways.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

use super::base64;

/// An id of `N` bytes, or whatever stood in its place.
pub(super) struct Id<const N: usize>(pub(super) Vec<u8>);

impl<'de, const N: usize> Deserialize<'de> for Id<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // No text is both: the hexadecimal form of an id is longer than its base64.
        let right = |bytes: &Vec<u8>| bytes.len() == N;
        let id = hex(&text).filter(right);
        let id = id.or_else(|| base64(&text).filter(right));
        let id = id.or_else(|| hex(&text));
        Ok(Self(id.unwrap_or_else(|| text.into_bytes())))
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = |pair: &[u8]| match *pair {
        [high, low] => u8::try_from(digit(high)? << 4 | digit(low)?).ok(),
        _ => None,
    };
    text.as_bytes().chunks(2).map(byte).collect()
}

/// A whole number of any width that OTLP has, as a number or as a string.
pub(super) struct Int(pub(super) i128);

impl Int {
    /// As 64 bits, of which protobuf takes the lowest.
    pub(super) fn signed(&self) -> i64 {
        let [low @ .., _, _, _, _, _, _, _, _] = self.0.to_le_bytes();
        i64::from_le_bytes(low)
    }
}

/// A number with a fraction, or one of the three words for what is no number.
pub(super) struct Number(pub(super) f64);

/// A number or the name of one.
pub(super) struct Enum(pub(super) i32);

impl Enum {
    const NAMES: [(&str, i32); 9] = [
        ("UNSPECIFIED", 0),
        ("INTERNAL", 1),
        ("SERVER", 2),
        ("CLIENT", 3),
        ("PRODUCER", 4),
        ("CONSUMER", 5),
        ("UNSET", 0),
        ("OK", 1),
        ("ERROR", 2),
    ];

    /// The names of kinds and of codes have nothing in common, so one list does for both. One
    /// that is not in it is unspecified, as an unknown number is.
    fn named(name: &str) -> i32 {
        let upper = name.to_ascii_uppercase();
        let bare = upper.strip_prefix("SPAN_KIND_");
        let bare = bare.or_else(|| upper.strip_prefix("STATUS_CODE_"));
        let bare = bare.unwrap_or(&upper);
        let known = Self::NAMES.iter().find(|(known, _)| *known == bare);
        known.map_or_else(|| bare.parse().unwrap_or(0), |(_, number)| *number)
    }
}

/// What stood there.
enum Scalar<'a> {
    Int(i128),
    Float(f64),
    Text(&'a str),
}

trait FromScalar: Sized {
    const EXPECTED: &'static str;

    fn from_scalar(scalar: Scalar<'_>) -> Option<Self>;
}

impl FromScalar for Int {
    const EXPECTED: &'static str = "a whole number, or a string of one";

    fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Int(int) => Some(Self(int)),
            Scalar::Float(float) => whole(float).map(Self),
            Scalar::Text(text) => text.trim().parse().ok().map(Self),
        }
    }
}

impl FromScalar for Number {
    const EXPECTED: &'static str = "a number, or a string of one";

    #[expect(clippy::cast_precision_loss, reason = "as JSON's own numbers do")]
    fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Int(int) => Some(Self(int as f64)),
            Scalar::Float(float) => Some(Self(float)),
            // "NaN", "Infinity" and "-Infinity" among them.
            Scalar::Text(text) => text.trim().parse().ok().map(Self),
        }
    }
}

impl FromScalar for Enum {
    const EXPECTED: &'static str = "a number, or the name of one";

    fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
        Some(Self(match scalar {
            Scalar::Int(int) => int.try_into().unwrap_or(0),
            Scalar::Float(float) => whole(float)?.try_into().unwrap_or(0),
            Scalar::Text(text) => Self::named(text),
        }))
    }
}

/// `1e9` and `3.0` are whole numbers too.
#[expect(clippy::cast_possible_truncation, reason = "looked at before")]
fn whole(float: f64) -> Option<i128> {
    let is_whole = float.fract() == 0.0 && float.abs() < 2_f64.powi(64);
    is_whole.then_some(float as i128)
}

struct ScalarVisitor<T>(std::marker::PhantomData<T>);

impl<T: FromScalar> Visitor<'_> for ScalarVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_i64<E: Error>(self, int: i64) -> Result<T, E> {
        let wrong = || E::invalid_value(Unexpected::Signed(int), &self);
        T::from_scalar(Scalar::Int(int.into())).ok_or_else(wrong)
    }

    fn visit_u64<E: Error>(self, int: u64) -> Result<T, E> {
        let wrong = || E::invalid_value(Unexpected::Unsigned(int), &self);
        T::from_scalar(Scalar::Int(int.into())).ok_or_else(wrong)
    }

    fn visit_f64<E: Error>(self, float: f64) -> Result<T, E> {
        let wrong = || E::invalid_value(Unexpected::Float(float), &self);
        T::from_scalar(Scalar::Float(float)).ok_or_else(wrong)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        let wrong = || E::invalid_value(Unexpected::Str(text), &self);
        T::from_scalar(Scalar::Text(text)).ok_or_else(wrong)
    }
}

macro_rules! deserialize_scalars {
    ($($name:ident)*) => { $(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(ScalarVisitor::<Self>(std::marker::PhantomData))
            }
        }
    )* };
}

deserialize_scalars!(Int Number Enum);
