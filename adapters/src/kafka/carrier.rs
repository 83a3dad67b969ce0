use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use rdkafka::message::{Header, Headers, OwnedHeaders};

use crate::Carrier;

/// What is to be sent: every entry as it stands. A record header is a list entry too, so nothing
/// is lost on the way.
pub(super) fn to_headers(carrier: &Carrier) -> OwnedHeaders {
    let headers = OwnedHeaders::new_with_capacity(carrier.len());
    carrier.iter().fold(headers, |headers, (key, value)| {
        headers.insert(Header {
            key,
            value: Some(value.as_ref()),
        })
    })
}

/// What has come. A null value reads as an empty one: both say that nothing is there.
pub(super) fn from_headers<H: Headers>(headers: Option<&H>) -> Carrier {
    let mut carrier = Carrier::new();
    let Some(headers) = headers else {
        return carrier;
    };
    for index in 0..headers.count() {
        // rdkafka takes it for granted that a name is UTF-8, and panics where it is not. Whoever
        // sends such a name must not be able to end the receiving.
        let entry = catch_unwind(AssertUnwindSafe(|| {
            headers.try_get(index).map(|header| {
                let value = header.value.unwrap_or_default();
                (header.key.to_owned(), Bytes::copy_from_slice(value))
            })
        }));
        let unreadable = || Some((char::REPLACEMENT_CHARACTER.to_string(), Bytes::new()));
        if let Some((name, value)) = entry.unwrap_or_else(|_| unreadable()) {
            carrier.append(name, value);
        }
    }
    carrier
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_carrier_survives(
            entries in prop::collection::vec(
                // librdkafka hands names on as C strings: NUL ends them.
                ("[^\u{0}]{0,12}", prop::collection::vec(any::<u8>(), 0..40)),
                0..12,
            )
        ) {
            let carrier: Carrier = entries.into_iter().collect();
            prop_assert_eq!(from_headers(Some(&to_headers(&carrier))), carrier);
        }
    }

    #[test]
    fn a_null_value_reads_as_an_empty_one() {
        let headers = OwnedHeaders::new().insert(Header::<&[u8]> {
            key: "traceparent",
            value: None,
        });
        let carrier: Carrier = [("traceparent", "")].into_iter().collect();
        assert_eq!(from_headers(Some(&headers)), carrier);
    }

    #[test]
    fn a_record_without_headers_has_an_empty_carrier() {
        assert!(from_headers::<OwnedHeaders>(None).is_empty());
    }
}
