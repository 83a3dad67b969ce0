//! The story as a whole: one connected tree.

mod connected;
mod shape;
mod silence;

use super::{Authority, Level, Needs, Rule};

const TRACE_API: &str =
    "OpenTelemetry trace API, \"SpanContext\" and \"Determining the parent span\"";

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "TREE-001",
        title: "every trace of the story has exactly one root",
        level: Level::Must,
        authority: Authority::Convention,
        source: TRACE_API,
        evidence: &[Needs::Settled],
        capabilities: &[],
        check: shape::one_root,
    },
    Rule {
        id: "TREE-002",
        title: "every parent is present",
        level: Level::Must,
        authority: Authority::Convention,
        source: TRACE_API,
        evidence: &[Needs::Settled],
        capabilities: &[],
        check: shape::parents_are_present,
    },
    Rule {
        id: "TREE-003",
        title: "no span is its own ancestor",
        level: Level::Must,
        authority: Authority::Specification,
        source: TRACE_API,
        evidence: &[],
        capabilities: &[],
        check: shape::no_cycle,
    },
    Rule {
        id: "TREE-004",
        title: "span ids are unique in a trace",
        level: Level::Must,
        authority: Authority::Specification,
        source: "Trace Context level 2, §3.2.2.4 parent-id; OTLP, Span.span_id",
        evidence: &[],
        capabilities: &[],
        check: shape::ids_are_unique,
    },
    Rule {
        id: "TREE-005",
        title: "the cause, the consequence and the work of every hop are reached from the entry",
        level: Level::Must,
        authority: Authority::Convention,
        source: "OpenTelemetry overview, \"Traces\" and \"Links between spans\"",
        evidence: &[Needs::CauseSpans, Needs::ConsequenceSpans, Needs::Settled],
        capabilities: &[],
        check: connected::every_hop_is_reached,
    },
    Rule {
        id: "TREE-006",
        title: "no work is lost: every span that a service made for the request is in the story",
        level: Level::Must,
        authority: Authority::Convention,
        source: "OpenTelemetry overview, \"Traces\"",
        evidence: &[Needs::Settled],
        capabilities: &[],
        check: connected::no_lost_work,
    },
    Rule {
        id: "TREE-007",
        title: "ids are valid: 16 and 8 bytes, not all zero",
        level: Level::Must,
        authority: Authority::Specification,
        source: "OpenTelemetry trace API, \"SpanContext\"; OTLP, Span.trace_id, Span.span_id",
        evidence: &[],
        capabilities: &[],
        check: shape::ids_are_valid,
    },
    Rule {
        id: "TREE-008",
        title: "nothing was dropped by an SDK's limits",
        level: Level::Should,
        authority: Authority::Convention,
        source: "OpenTelemetry trace SDK, \"Span limits\"; OTLP, Span.dropped_links_count",
        evidence: &[],
        capabilities: &[],
        check: shape::nothing_was_dropped,
    },
    Rule {
        id: "TREE-009",
        title: "the root of the entry is no client span: something made the call",
        level: Level::Should,
        authority: Authority::Convention,
        source: "OpenTelemetry trace API, SpanKind",
        evidence: &[],
        capabilities: &[],
        check: shape::root_is_no_client,
    },
    Rule {
        id: "TREE-010",
        title: "no plumbing stands beside the story",
        level: Level::May,
        authority: Authority::Convention,
        source: "OpenTelemetry trace API, SpanKind",
        evidence: &[Needs::Settled],
        capabilities: &[],
        check: connected::no_plumbing,
    },
    Rule {
        id: "TREE-011",
        title: "the story is whole: every hop has its spans on both sides",
        level: Level::Must,
        authority: Authority::Convention,
        source: "semantic conventions v1.44, HTTP, RPC and messaging spans",
        evidence: &[Needs::CauseSpans, Needs::ConsequenceSpans, Needs::Settled],
        capabilities: &[],
        check: connected::every_hop_is_whole,
    },
];
