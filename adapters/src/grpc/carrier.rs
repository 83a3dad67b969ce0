//! Carrier ⇄ metadata.

use hyper::HeaderMap;
use hyper::header::HeaderValue;
use tonic::metadata::{
    AsciiMetadataKey, AsciiMetadataValue, BinaryMetadataKey, BinaryMetadataValue, KeyAndValueRef,
    MetadataMap,
};

use crate::Carrier;

/// What gRPC itself sets. Metadata of these names would be dropped without a word.
const RESERVED: [&str; 5] = [
    "te",
    "content-type",
    "grpc-message",
    "grpc-message-type",
    "grpc-status",
];

/// Every entry in order, names in lower case; `-bin` entries hold raw bytes and travel as base64.
/// The error says which entry metadata cannot hold.
pub(super) fn metadata_of(carrier: &Carrier) -> Result<MetadataMap, String> {
    let mut metadata = MetadataMap::with_capacity(carrier.len());
    for (name, value) in carrier.iter() {
        let refused = |why: &str| format!("the entry {name:?} {why}");
        let lower = name.to_ascii_lowercase();
        if RESERVED.contains(&lower.as_str()) {
            return Err(refused("has a name that gRPC sets itself"));
        }
        if lower.ends_with("-bin") {
            let key = BinaryMetadataKey::from_bytes(lower.as_bytes());
            let key = key.map_err(|_| refused("has no valid name"))?;
            metadata.append_bin(key, BinaryMetadataValue::from_bytes(value));
        } else {
            let key = AsciiMetadataKey::from_bytes(lower.as_bytes());
            let key = key.map_err(|_| refused("has no valid name"))?;
            if !value.iter().all(|byte| matches!(byte, b' '..=b'~')) {
                return Err(refused("holds something other than printable ASCII"));
            }
            let value = AsciiMetadataValue::try_from(&value[..]);
            metadata.append(key, value.map_err(|_| refused("has no valid value"))?);
        }
    }
    Ok(metadata)
}

/// All metadata of a request. A `-bin` value that is no base64 comes as it stood on the wire.
pub(super) fn carrier_of(headers: &HeaderMap) -> Carrier {
    let metadata = MetadataMap::from_headers(headers.clone());
    let mut carrier = Carrier::new();
    for entry in metadata.iter() {
        match entry {
            KeyAndValueRef::Ascii(name, value) => {
                carrier.append(name.as_str(), value.as_bytes().to_vec());
            }
            KeyAndValueRef::Binary(name, value) => {
                let raw = value.to_bytes();
                let raw = raw.unwrap_or_else(|_| value.as_encoded_bytes().to_vec().into());
                carrier.append(name.as_str(), raw);
            }
        }
    }
    carrier
}

/// A value as it stands in a header: under a name that ends in `-bin` as base64.
pub(super) fn value_of(name: &str, value: &[u8]) -> Option<HeaderValue> {
    if !name.ends_with("-bin") {
        return HeaderValue::from_bytes(value).ok();
    }
    let value = BinaryMetadataValue::from_bytes(value);
    HeaderValue::from_bytes(value.as_encoded_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use proptest::prelude::*;

    fn through(carrier: &Carrier) -> Carrier {
        carrier_of(&metadata_of(carrier).expect("valid").into_headers())
    }

    #[test]
    fn repeated_names_and_empty_values_stay_in_order() {
        let carrier: Carrier = [("traceparent", "1"), ("traceparent", "2"), ("b", "")]
            .into_iter()
            .collect();
        assert_eq!(through(&carrier), carrier);
    }

    #[test]
    fn what_metadata_cannot_hold_is_refused_by_name() {
        for (name, value) in [
            ("a b", &b"1"[..]),
            ("", b"1"),
            ("ümlaut-bin", b"1"),
            ("a", b"\x00"),
            ("a", b"\xff"),
            ("TE", b"trailers"),
        ] {
            let mut carrier = Carrier::new();
            carrier.append(name, value);
            let error = metadata_of(&carrier).expect_err(name);
            assert!(error.contains(&format!("{name:?}")), "{error}");
        }
    }

    #[test]
    fn a_binary_value_that_is_no_base64_is_not_lost() {
        let mut headers = HeaderMap::new();
        headers.append("x-bin", "!".parse().expect("valid"));
        assert_eq!(carrier_of(&headers), [("x-bin", "!")].into_iter().collect());
    }

    proptest! {
        #[test]
        fn any_bytes_travel_under_a_binary_name(value: Vec<u8>) {
            let carrier: Carrier = [("x-bin", Bytes::from(value))].into_iter().collect();
            prop_assert_eq!(through(&carrier), carrier);
        }

        #[test]
        fn any_carrier_gives_an_answer(name: String, value: Vec<u8>) {
            let _ = metadata_of(&[(name, value)].into_iter().collect());
        }
    }
}
