//! What must be so in every call.

use unbroken_adapters::b3::{self, B3};
use unbroken_adapters::w3c::{BAGGAGE, Member, TraceParent};
use unbroken_adapters::xray::{self, TraceHeader};
use unbroken_adapters::{Carrier, Format};

use super::{contexts, names, said};
use crate::check::case::Beside;

/// What is wrong with a call, whatever came in; nothing, if it says nothing of it.
pub(in crate::check::judge) fn wrong_with(
    what: Beside,
    sent: &Carrier,
    got: &Carrier,
) -> Option<Result<(), String>> {
    match what {
        // Who is sent what is no baggage may remove it, and need not.
        Beside::AlwaysBaggage if malformed(sent).is_some() => None,
        Beside::AlwaysBaggage => Format::Baggage.stands_on(got).then(|| {
            malformed(got).map_or(Ok(()), |why| {
                Err(format!(
                    "{}, which is not valid: {why}",
                    said(got, &[BAGGAGE])
                ))
            })
        }),
        Beside::AlwaysIn(format) => format.stands_on(got).then(|| {
            validity(format, got)
                .map_err(|why| format!("{}, which is not valid: {why}", said(got, names(format))))
        }),
        Beside::Agree => {
            let contexts = contexts(got);
            let [(first, context), others @ ..] = &contexts[..] else {
                return None;
            };
            let same = |other: &TraceParent| {
                (other.trace_id, other.parent_id) == (context.trace_id, context.parent_id)
            };
            let (second, other) = match others.iter().find(|(_, other)| !same(other)) {
                _ if others.is_empty() => return None,
                None => return Some(Ok(())),
                Some(found) => found,
            };
            Some(Err(format!(
                "{}/{} as {first} and {}/{} as {second}",
                context.trace_id, context.parent_id, other.trace_id, other.parent_id
            )))
        }
        _ => None,
    }
}

/// Why something that stands there as baggage is none. How much may stand there is no matter: the
/// limits are the least that is to be passed on.
fn malformed(carrier: &Carrier) -> Option<String> {
    let why = |value: &[u8]| match str::from_utf8(value) {
        Err(_) => Some("no text".to_owned()),
        Ok(text) => {
            let mut members = text.split(',').map(Member::parse);
            members.find_map(Result::err).map(|why| why.to_string())
        }
    };
    carrier.all(BAGGAGE).find_map(|value| why(value))
}

fn validity(format: Format, got: &Carrier) -> Result<(), String> {
    match format {
        Format::B3 => B3::single(got.all(b3::SINGLE).map(|value| &**value))
            .map(drop)
            .map_err(|why| why.to_string()),
        Format::B3Multi => B3::multi(|name| got.all(name).next().map(|value| &**value))
            .map(drop)
            .map_err(|why| why.to_string()),
        Format::XRay => {
            let values: Vec<_> = xray::values(got).collect();
            let [value] = values[..] else {
                return Err(format!("{} values where one is allowed", values.len()));
            };
            let text = str::from_utf8(value).map_err(|_| "no text".to_owned())?;
            TraceHeader::parse(text)
                .map(drop)
                .map_err(|why| why.to_string())
        }
        Format::TraceContext | Format::Baggage => Ok(()),
    }
}
