use bytes::Bytes;
use lapin::types::{AMQPValue, FieldTable, LongString, ShortString};

use crate::Carrier;

/// Of all names and values of one message. Headers must fit into one frame, and the broker's have
/// at most 128 KiB; what is left out here is for the length of each field.
pub(super) const MOST_BYTES: usize = 96 * 1024;

/// What each header takes beside its name and value: the lengths of both, and the type.
const FIELD_BYTES: usize = 6;

/// What is to be sent. Values are long strings, which hold any bytes and which every client
/// reads; the broker closes the connection over a short one. The table has each name once: the last
/// entry wins. The error says why the carrier cannot be expressed.
pub(super) fn to_table(carrier: &Carrier) -> Result<FieldTable, String> {
    let mut table = FieldTable::default();
    let (mut bytes, mut frame) = (0, 0);
    for (name, value) in carrier.iter() {
        bytes += name.len() + value.len();
        frame += name.len() + value.len() + FIELD_BYTES;
        let name = ShortString::try_new(name).map_err(|error| error.to_string())?;
        table.insert(name, AMQPValue::LongString(LongString::from(&value[..])));
    }
    // A frame that is too long would end the connection, and with it what others are sending.
    if bytes > MOST_BYTES || frame > MOST_BYTES + MOST_BYTES / 4 {
        return Err(format!("{bytes} bytes of headers do not fit into a frame"));
    }
    Ok(table)
}

/// What has come. Other clients send numbers, tables and the like: they read as their text.
pub(super) fn from_table(table: Option<&FieldTable>) -> Carrier {
    let entries = table.into_iter().flatten();
    entries
        .map(|(name, value)| (name.as_str(), bytes_of(value)))
        .collect()
}

fn bytes_of(value: &AMQPValue) -> Bytes {
    match value {
        AMQPValue::LongString(value) => Bytes::copy_from_slice(value.as_bytes()),
        AMQPValue::ByteArray(value) => Bytes::copy_from_slice(value.as_slice()),
        AMQPValue::Void => Bytes::new(),
        other => text_of(other).into(),
    }
}

fn text_of(value: &AMQPValue) -> String {
    match value {
        AMQPValue::Boolean(value) => value.to_string(),
        AMQPValue::ShortShortInt(value) => value.to_string(),
        AMQPValue::ShortShortUInt(value) => value.to_string(),
        AMQPValue::ShortInt(value) => value.to_string(),
        AMQPValue::ShortUInt(value) => value.to_string(),
        AMQPValue::LongInt(value) => value.to_string(),
        AMQPValue::LongUInt(value) => value.to_string(),
        AMQPValue::LongLongInt(value) => value.to_string(),
        AMQPValue::Float(value) => value.to_string(),
        AMQPValue::Double(value) => value.to_string(),
        AMQPValue::DecimalValue(value) => format!("{}e-{}", value.value, value.scale),
        AMQPValue::Timestamp(value) => value.to_string(),
        AMQPValue::ShortString(value) => value.to_string(),
        AMQPValue::LongString(value) => value.to_string(),
        AMQPValue::ByteArray(value) => String::from_utf8_lossy(value.as_slice()).into_owned(),
        AMQPValue::Void => String::new(),
        AMQPValue::FieldArray(values) => {
            let values: Vec<_> = values.as_slice().iter().map(text_of).collect();
            format!("[{}]", values.join(", "))
        }
        AMQPValue::FieldTable(table) => {
            let fields = table.into_iter();
            let fields: Vec<_> = fields
                .map(|(name, value)| format!("{name}: {}", text_of(value)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lapin::types::{DecimalValue, FieldArray};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_has_each_name_once_survives_in_the_order_of_names(
            entries in prop::collection::btree_map(
                ".{0,12}", prop::collection::vec(any::<u8>(), 0..40), 0..12,
            )
        ) {
            let carrier: Carrier = entries.into_iter().collect();
            let table = to_table(&carrier).expect("short names");
            prop_assert_eq!(from_table(Some(&table)), carrier);
        }
    }

    #[test]
    fn of_two_entries_of_one_name_the_last_one_is_sent() {
        let twice: Carrier = [("a", "1"), ("a", "2")].into_iter().collect();
        let once: Carrier = [("a", "2")].into_iter().collect();
        assert_eq!(from_table(to_table(&twice).ok().as_ref()), once);
    }

    #[test]
    fn what_cannot_be_expressed_is_refused() {
        let long: Carrier = [("a".repeat(256), "")].into_iter().collect();
        assert!(to_table(&long).is_err());
        let large: Carrier = [("a", vec![b'x'; MOST_BYTES])].into_iter().collect();
        assert!(to_table(&large).is_err());
        let many = (0..20_000).map(|n| (format!("{n:x}"), ""));
        assert!(to_table(&many.collect()).is_err());
        let fits: Carrier = [("a", vec![b'x'; MOST_BYTES - 1])].into_iter().collect();
        assert!(to_table(&fits).is_ok());
    }

    #[test]
    fn what_is_no_string_reads_as_its_text() {
        let decimal = DecimalValue { scale: 2, value: 5 };
        let array = FieldArray::from(vec![AMQPValue::LongInt(1), AMQPValue::Void]);
        let mut inner = FieldTable::default();
        inner.insert("k".into(), AMQPValue::LongString("v".into()));
        let values = [
            (AMQPValue::Boolean(true), "true"),
            (AMQPValue::LongLongInt(-7), "-7"),
            (AMQPValue::Double(0.5), "0.5"),
            (AMQPValue::DecimalValue(decimal), "5e-2"),
            (AMQPValue::Timestamp(9), "9"),
            (AMQPValue::ByteArray(b"raw".as_slice().into()), "raw"),
            (AMQPValue::FieldArray(array), "[1, ]"),
            (AMQPValue::FieldTable(inner), "{k: v}"),
            (AMQPValue::Void, ""),
        ];
        for (value, text) in values {
            let mut table = FieldTable::default();
            table.insert("name".into(), value);
            let carrier: Carrier = [("name", text)].into_iter().collect();
            assert_eq!(from_table(Some(&table)), carrier);
        }
    }
}
