//! The cases, as data: one id for each.
//!
//! A rule of several cases has a letter for each of them. A case sends one request; what it demands
//! is judged one by one, each with its own level.

mod b3;
mod baggage;
mod several;
mod traceparent;
mod tracestate;
mod xray;

use unbroken_adapters::Format;

use super::case::{At, Beside, Case, Demand, Sends, Speaks, Template, What};
use crate::rules::{Authority, Level};
use Authority::{Convention, Derived, Specification, Suite};
use Level::{May, Must, Should};

/// Every case, in the order of the catalogue.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    let families = [
        traceparent::CASES,
        tracestate::CASES,
        baggage::CASES,
        b3::CASES,
        xray::CASES,
        several::CASES,
    ];
    families.into_iter().flatten()
}

/// The base cases of the formats that name a span: whether a context that is sent in it is kept.
pub const KEEPS: [(Format, &str); 3] = [
    (Format::B3, "B3-003a"),
    (Format::B3Multi, "B3-003b"),
    (Format::XRay, "XRAY-002a"),
];
/// The same of baggage.
pub const KEEPS_BAGGAGE: &str = "BAG-001a";

/// The case without which nothing that begins anew says anything: whether a good traceparent is kept.
pub const KEEPS_TRACE: &str = "WIRE-002";
/// The same of a good tracestate.
pub const KEEPS_STATE: &str = "STATE-002a";

const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";
const GOOD: &[u8] = b"00-{trace}-{parent}-01";

const PARSING: &str = "Trace Context level 2, §3.2.2 traceparent header field values, and the processing model: \
                       what is invalid is not parsed, and a new traceparent is created";
const MUTATING: &str = "Trace Context level 2, §3.4 Mutating the traceparent field: it MUST be sent to outgoing \
                        requests; to restart the trace is permitted";
const STATE: &str = "Trace Context level 2, §3.5 Mutating the tracestate field: it MUST be sent to outgoing requests, \
                     keys of others SHOULD NOT be deleted, and the order of what is unmodified MUST be preserved";
const LENIENT: &str = "W3C trace-context test suite, at its strictness 2; Trace Context level 2 says that a vendor MAY \
                       validate the tracestate, and MAY discard what is not valid";

const fn demand(what: What, level: Level, authority: Authority) -> Demand {
    Demand {
        what,
        level,
        authority,
        at: At::Any,
    }
}

const fn at(at: At, demand: Demand) -> Demand {
    Demand { at, ..demand }
}

/// A case with one call.
const fn case(
    id: &'static str,
    title: &'static str,
    sends: &'static Template,
    demands: &'static [Demand],
    source: &'static str,
    suite: &'static str,
) -> Case {
    Case {
        id,
        title,
        sends: Sends::These(sends),
        calls: 1,
        demands,
        source,
        // Nothing there is about it.
        suite: if suite.is_empty() { None } else { Some(suite) },
        speaks: Speaks::All(&[Format::TraceContext]),
    }
}

/// One of a service that speaks these formats. The suite knows none of them.
const fn beside(
    speaks: Speaks,
    id: &'static str,
    title: &'static str,
    sends: &'static Template,
    demands: &'static [Demand],
    source: &'static str,
) -> Case {
    Case {
        speaks,
        ..case(id, title, sends, demands, source, "")
    }
}

const fn of_others(what: Beside, level: Level, authority: Authority) -> Demand {
    demand(What::Beside(what), level, authority)
}

/// The same, where what is sent is not what HTTP allows.
const fn illegal(case: Case) -> Case {
    let sends = match case.sends {
        Sends::These(template) => Sends::Illegal(template),
        sends => sends,
    };
    Case { sends, ..case }
}

/// The same, with three calls.
const fn several(case: Case) -> Case {
    Case { calls: 3, ..case }
}

/// About what came of all others.
const fn over_all(case: Case) -> Case {
    Case {
        sends: Sends::NothingOfItsOwn,
        ..case
    }
}

const KEEP: &[Demand] = &[
    demand(What::Valid, Must, Specification),
    demand(What::Keep, Should, Specification),
];
const KEEP_AS_EVER: &[Demand] = &[demand(What::KeepAsEver, Must, Specification)];
const NEW: &[Demand] = &[demand(What::New, Must, Specification)];
const NEW_DERIVED: &[Demand] = &[demand(What::New, Must, Derived)];
const INHERITED: &[Demand] = &[
    demand(What::Inherited, Should, Specification),
    demand(What::InOrder, Must, Specification),
];
const INHERITED_AS_EVER: &[Demand] = &[
    demand(What::InheritedAsEver, Must, Specification),
    demand(What::InOrder, Must, Specification),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::check::case::Ids;
    use crate::check::suite::TESTS;

    #[test]
    fn no_id_stands_for_two_cases() {
        let ids: BTreeSet<_> = cases().map(|case| case.id).collect();
        assert_eq!(ids.len(), cases().count());
    }

    #[test]
    fn every_test_of_the_suite_has_its_counterpart_and_no_other_is_named() {
        let name = |name: &'static str| name.rsplit('.').next().unwrap_or(name);
        let theirs: BTreeSet<_> = TESTS.iter().map(|test| name(test.name)).collect();
        let ours: BTreeSet<_> = cases().filter_map(|case| case.suite).collect();
        assert_eq!(theirs.len(), 41);
        assert_eq!(ours, theirs);
    }

    #[test]
    fn no_template_is_left_unfilled() {
        let ids = Ids::of(0, 0);
        for case in cases() {
            for (name, value) in case.exchange(&ids).map(|e| e.headers).unwrap_or_default() {
                let value = value.escape_ascii().to_string();
                for left in ["{trace", "{parent", "{TRACE", "{PARENT", "*"] {
                    // It stands for itself where every character is tried.
                    let all = ["STATE-007a", "STATE-007b", "BAG-003g", "BAG-003h"];
                    let allowed = left == "*" && all.contains(&case.id);
                    assert!(
                        allowed || !value.contains(left),
                        "{}: {name}: {value}",
                        case.id
                    );
                }
            }
        }
    }
}
