//! Which cases are tried over a boundary, and why others are not.
//!
//! Where a specification says how context stands on a carrier, everything is tried. Elsewhere it is
//! the core, as far as the carrier can express it; what is demanded there is by convention.

use unbroken_adapters::Descriptor;

use super::case::{Case, Demand};
use super::exchange::Header;
use crate::rules::Authority;

/// A case that was not tried, or of which nothing is demanded.
#[derive(Debug)]
pub struct LeftOut {
    /// Which.
    pub case: &'static Case,
    /// Why.
    pub why: String,
}

impl LeftOut {
    pub(super) fn of(case: &'static Case, why: impl Into<String>) -> Self {
        let why = why.into();
        Self { case, why }
    }
}

/// The rules that are tried on any carrier.
const CORE: &[&str] = &[
    "WIRE-001",
    "WIRE-002",
    "WIRE-003",
    "WIRE-008",
    "WIRE-010",
    "WIRE-011",
    "WIRE-012",
    "WIRE-015",
    "WIRE-021",
    "WIRE-022",
    "STATE-002",
    "STATE-005",
    "STATE-014",
    "STATE-016",
    "BAG-001",
    "BAG-003",
    "BAG-004",
    "BAG-007",
    "BAG-008",
    "B3-001",
    "B3-002",
    "B3-003",
    "B3-004",
    "B3-005",
    "B3-006",
    "B3-007",
    "B3-008",
];

/// Why a case is not tried over a boundary, if it is not, where these headers are sent for it and
/// these beside them.
pub(super) fn objection(
    case: &Case,
    headers: &[Header],
    beside: &[Header],
    over: &Descriptor,
) -> Option<String> {
    if over.specified.is_some() {
        return None;
    }
    let is_odd = |(name, _): &Header| name.bytes().any(|byte| byte.is_ascii_uppercase());
    let rule = case.id.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let of_http = match rule {
        "WIRE-013" => Some("white space around a value is part of it everywhere but in HTTP"),
        _ if headers.iter().any(is_odd) => Some("names are the same in any case in HTTP alone"),
        _ if !CORE.contains(&rule) => Some("beyond HTTP the core of the cases is tried"),
        _ => None,
    };
    let entries = headers.iter().chain(beside);
    let entries = entries.map(|(name, value)| (&**name, &**value));
    of_http
        .map(str::to_owned)
        .or_else(|| over.objection(entries))
}

/// Where nothing specifies what is demanded, it is by convention, and nobody violates anything.
pub(super) fn by_convention(demand: Demand) -> Demand {
    Demand {
        authority: Authority::Convention,
        ..demand
    }
}

#[cfg(test)]
mod tests {
    use unbroken_adapters::Boundaries;

    use super::*;
    use crate::check::case::Ids;
    use crate::check::cases::cases;

    /// The cases that are not tried for want of expression, with why.
    fn inexpressible(over: &str) -> Vec<(&'static str, String)> {
        let boundaries = Boundaries::all();
        let over = boundaries.named(over).expect("it is there").descriptor();
        let ids = Ids::of(0, 0);
        let objections = cases().filter_map(|case| {
            let headers = case.exchange(&ids).map(|exchange| exchange.headers)?;
            let why = objection(case, &headers, &[], over)?;
            why.starts_with(over.carrier).then_some((case.id, why))
        });
        objections.collect()
    }

    #[test]
    fn the_core_is_made_of_rules_that_are_there() {
        for rule in CORE {
            assert!(cases().any(|case| case.id.starts_with(rule)), "{rule}");
        }
    }

    #[test]
    fn what_a_carrier_cannot_express_is_left_out_with_why() {
        for over in ["HTTP", "Kafka", "memory"] {
            assert_eq!(inexpressible(over), [], "{over}");
        }
        let ids = |over| {
            inexpressible(over)
                .into_iter()
                .map(|(id, _)| id)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            ids("gRPC"),
            ["WIRE-015h", "WIRE-015i", "BAG-001d", "BAG-007i"]
        );
        assert_eq!(ids("AMQP"), ["WIRE-003", "STATE-005"]);
        // No attribute is empty.
        assert_eq!(ids("SQS"), ["WIRE-003", "STATE-005", "BAG-007j"]);
        let (_, why) = &inexpressible("SQS")[0];
        assert_eq!(why, "message attributes have each name once");
    }

    #[test]
    fn what_is_sent_beside_a_case_takes_its_room() {
        let boundaries = Boundaries::all();
        let sqs = boundaries.named("SQS").expect("it is there").descriptor();
        let case = cases()
            .find(|case| case.id == "STATE-002a")
            .expect("it is there");
        let headers = case.exchange(&Ids::of(0, 0)).expect("it sends").headers;
        let beside: Vec<_> = (0..9).map(|n| (format!("x-{n}"), b"1".to_vec())).collect();
        assert_eq!(objection(case, &headers, &beside[..8], sqs), None);
        let why = objection(case, &headers, &beside, sqs);
        assert_eq!(why.as_deref(), Some("message attributes are 10 at most"));
    }

    #[test]
    fn white_space_is_https_alone() {
        let boundaries = Boundaries::all();
        let kafka = boundaries.named("Kafka").expect("it is there").descriptor();
        let case = cases()
            .find(|case| case.id == "WIRE-013a")
            .expect("it is there");
        assert!(objection(case, &[], &[], kafka).is_some_and(|why| why.contains("HTTP")));
    }
}
