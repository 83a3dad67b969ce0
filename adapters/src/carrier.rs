//! Where a boundary carries context.

use bytes::Bytes;
use opentelemetry::propagation::{Extractor, Injector};

/// An ordered list of name → bytes, in which names may repeat.
///
/// This is the lowest common form of HTTP headers, gRPC metadata, Kafka record headers, AMQP
/// `headers` and SQS attributes, and the only one that can hold what goes wrong on them: two
/// `traceparent`s, bytes that are no text, values that are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carrier {
    entries: Vec<(String, Bytes)>,
}

impl Carrier {
    /// A carrier with nothing on it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entry after all others; one of the same name stays.
    pub fn append(&mut self, name: impl Into<String>, value: impl Into<Bytes>) {
        self.entries.push((name.into(), value.into()));
    }

    /// Every value under `name`, in order. Names are compared without regard to ASCII case, as
    /// HTTP does; boundaries whose names are case-sensitive carry the context in lower case.
    pub fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a Bytes> + use<'a, 'n> {
        self.iter()
            .filter(move |(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Every entry, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Bytes)> {
        self.entries
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<N: Into<String>, V: Into<Bytes>> FromIterator<(N, V)> for Carrier {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(entries: I) -> Self {
        let entries = entries
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        Self { entries }
    }
}

impl Injector for Carrier {
    /// Replaces what stands under `key`: a propagator that injects twice must not leave two.
    fn set(&mut self, key: &str, value: String) {
        self.entries
            .retain(|(name, _)| !name.eq_ignore_ascii_case(key));
        self.append(key, value);
    }
}

impl Extractor for Carrier {
    fn get(&self, key: &str) -> Option<&str> {
        self.all(key).next().and_then(|v| str::from_utf8(v).ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.iter().map(|(name, _)| name).collect()
    }

    /// A value that is no text reads as the empty string: it is there, and it is not valid.
    fn get_all(&self, key: &str) -> Option<Vec<&str>> {
        let values: Vec<_> = self
            .all(key)
            .map(|v| str::from_utf8(v).unwrap_or_default())
            .collect();
        (!values.is_empty()).then_some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_repeat_and_keep_their_order() {
        let carrier: Carrier = [("a", "1"), ("b", "2"), ("A", "3")].into_iter().collect();
        assert_eq!(carrier.all("a").collect::<Vec<_>>(), ["1", "3"]);
    }

    #[test]
    fn injecting_replaces_every_entry_of_that_name() {
        let mut carrier: Carrier = [("traceparent", "old"), ("Traceparent", "older")]
            .into_iter()
            .collect();
        carrier.set("traceparent", "new".into());
        assert_eq!(
            carrier.iter().collect::<Vec<_>>(),
            [("traceparent", &Bytes::from("new"))]
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_there_but_not_readable() {
        let carrier: Carrier = [("traceparent", &[0xff_u8][..])]
            .into_iter()
            .map(|(n, v)| (n, Bytes::copy_from_slice(v)))
            .collect();
        assert_eq!(Extractor::get(&carrier, "traceparent"), None);
        assert_eq!(carrier.get_all("traceparent"), Some(vec![""]));
    }
}
