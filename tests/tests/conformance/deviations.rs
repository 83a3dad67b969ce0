//! What the subjects are known to do otherwise than is demanded, and why.
//!
//! The reasons were found by reading their sources. A deviation that is gone, and one that is not listed here, make the
//! test red.

/// One reason, for as many subjects and cases as it has.
pub(crate) struct Deviation {
    pub(crate) title: &'static str,
    /// Who, and in which cases.
    pub(crate) shown: &'static [(&'static str, &'static [&'static str])],
    /// The case whose request shows it best.
    pub(crate) by: &'static str,
    pub(crate) why: &'static str,
    /// Where it can be read.
    pub(crate) sources: &'static [&'static str],
}

/// All of them, in the order of the page.
pub(crate) static DEVIATIONS: &[Deviation] = &[
    Deviation {
        title: "Of two traceparent headers one is taken",
        shown: &[
            ("Python", &["WIRE-003"]),
            ("Java", &["WIRE-003"]),
            ("Go", &["WIRE-003"]),
            ("Rust", &["WIRE-003"]),
            ("Python over gRPC", &["WIRE-003"]),
            ("Java over gRPC", &["WIRE-003"]),
            ("Java over Kafka", &["WIRE-003"]),
            ("Go over gRPC", &["WIRE-003"]),
            ("Go over Kafka", &["WIRE-003"]),
        ],
        by: "WIRE-003",
        why: "OpenTelemetry's propagators ask the carrier for the value of a name, and get the first; Python's is given all, \
              and takes the first itself. Over gRPC and Kafka Java's agent gets the last, as Python over gRPC does. That two are none is asked by the W3C suite alone. Node's HTTP server \
              joins the two with a comma, and what comes of that is not valid.",
        sources: &[
            "https://github.com/open-telemetry/opentelemetry-specification/issues/1870",
            "https://github.com/open-telemetry/opentelemetry-java/issues/1676",
        ],
    },
    Deviation {
        title: "Of several tracestate headers one is read, and no other",
        shown: &[
            (
                "Java",
                &[
                    "STATE-004c",
                    "STATE-005",
                    "STATE-011a",
                    "STATE-012a",
                    "STATE-012c",
                    "STATE-012d",
                    "STATE-012e",
                ],
            ),
            (
                "Go",
                &[
                    "STATE-004c",
                    "STATE-005",
                    "STATE-011a",
                    "STATE-012a",
                    "STATE-012c",
                    "STATE-012d",
                    "STATE-012e",
                ],
            ),
            (
                "Rust",
                &[
                    "STATE-004c",
                    "STATE-005",
                    "STATE-011a",
                    "STATE-012a",
                    "STATE-012c",
                    "STATE-012d",
                    "STATE-012e",
                ],
            ),
            ("Python over gRPC", &["STATE-005"]),
            ("Java over gRPC", &["STATE-005"]),
            ("Java over Kafka", &["STATE-005"]),
            ("Go over gRPC", &["STATE-005"]),
            ("Go over Kafka", &["STATE-005"]),
        ],
        by: "STATE-005",
        why: "The same: a getter returns one value. OpenTelemetry's specification has had `GetAll` since 2025; the \
              propagators of the trace context do not use it yet. It is a must of the W3C specification that the headers are \
              combined. What is sent in another header is lost, and whether it would have been accepted is not seen.",
        sources: &[
            "https://github.com/open-telemetry/opentelemetry-specification/issues/433",
            "https://github.com/open-telemetry/opentelemetry-specification/issues/4471",
            "https://github.com/open-telemetry/opentelemetry-go/issues/6652",
        ],
    },
    Deviation {
        title: "The random flag is lost",
        shown: &[
            ("Node", &["WIRE-022c", "WIRE-022d"]),
            ("Go", &["WIRE-022c", "WIRE-022d"]),
            ("Rust", &["WIRE-022c", "WIRE-022d"]),
            ("Node over gRPC", &["WIRE-022c", "WIRE-022d"]),
            ("Node over Kafka", &["WIRE-022c", "WIRE-022d"]),
            ("Node over AMQP", &["WIRE-022c", "WIRE-022d"]),
            ("Go over gRPC", &["WIRE-022c", "WIRE-022d"]),
            ("Go over Kafka", &["WIRE-022c", "WIRE-022d"]),
            ("Go over AMQP", &["WIRE-022c", "WIRE-022d"]),
            ("Go over SQS", &["WIRE-022c", "WIRE-022d"]),
        ],
        by: "WIRE-022d",
        why: "It is of level 2 of the specification. Node's SDK makes the flags of a span of the sampling decision alone; Go and \
              Rust mask all flags but that one, both when they read and when they write, and this version of Go takes a \
              traceparent of version 00 with flags above 02 for invalid, so that 03 begins a new trace.",
        sources: &[
            "https://github.com/open-telemetry/opentelemetry-specification/issues/3411",
            "https://github.com/open-telemetry/opentelemetry-go/pull/7834",
            "https://github.com/open-telemetry/opentelemetry-rust/issues/1238",
        ],
    },
    Deviation {
        title: "Keys of a tracestate are read by the grammar of level 1",
        shown: &[
            (
                "Python",
                &[
                    "STATE-010a",
                    "STATE-010b",
                    "STATE-010c",
                    "STATE-010e",
                    "STATE-012d",
                    "STATE-012e",
                ],
            ),
            (
                "Node",
                &[
                    "STATE-010a",
                    "STATE-010b",
                    "STATE-010c",
                    "STATE-010e",
                    "STATE-012d",
                    "STATE-012e",
                ],
            ),
            (
                "Java",
                &["STATE-010a", "STATE-010b", "STATE-010c", "STATE-010e"],
            ),
            (
                "Go",
                &["STATE-010a", "STATE-010b", "STATE-010c", "STATE-010e"],
            ),
            ("Rust", &["STATE-010b", "STATE-010c"]),
        ],
        by: "STATE-010b",
        why: "There `@` stands once, with at most 241 characters before it and 14 after it, and a digit comes first only where \
              there is one. Level 2 has one kind of key. Node leaves the member out, the others the whole tracestate.",
        sources: &[
            "https://github.com/w3c/trace-context/pull/386",
            "https://github.com/w3c/trace-context/issues/576",
        ],
    },
    Deviation {
        title: "A key that stands twice costs the whole tracestate",
        shown: &[
            (
                "Python",
                &["STATE-006a", "STATE-006b", "STATE-006c", "STATE-006d"],
            ),
            ("Java", &["STATE-006a", "STATE-006b"]),
            ("Go", &["STATE-006a", "STATE-006b"]),
        ],
        by: "STATE-006b",
        why: "It was so in the suite until 2021. The specification makes uniqueness the business of who sends; to pass both \
              on, or to drop one, is what the suite asks for now. Java and Go do not see a second header, and pass on the first.",
        sources: &[
            "https://github.com/w3c/trace-context/pull/477",
            "https://github.com/open-telemetry/opentelemetry-go/pull/4638",
            "https://github.com/open-telemetry/opentelemetry-python/issues/5314",
        ],
    },
    Deviation {
        title: "A blank member costs the whole tracestate",
        shown: &[("Go", &["STATE-004d"])],
        by: "STATE-004d",
        why: "`ParseTraceState` skips members of no length at all; one of blanks and tabs is an invalid member to it.",
        sources: &[
            "https://github.com/open-telemetry/opentelemetry-go/blob/v1.38.0/trace/tracestate.go",
        ],
    },
    Deviation {
        title: "An empty tracestate is sent",
        shown: &[("Node", &["STATE-017"]), ("Rust", &["STATE-017"])],
        by: "STATE-017",
        why: "Rust's propagator sets the header whatever is in it, so that each call has one. Node's does where a tracestate came \
              in of which nothing is left. gRPC and SQS refuse a value of no length.",
        sources: &[
            "https://github.com/open-telemetry/opentelemetry-rust/blob/main/opentelemetry-sdk/src/propagation/trace_context.rs",
            "https://github.com/open-telemetry/opentelemetry-js/blob/main/packages/opentelemetry-core/src/trace/W3CTraceContextPropagator.ts",
            "https://github.com/googleapis/google-cloud-rust/pull/6746",
        ],
    },
    Deviation {
        title: "A traceparent that ends with a dash is taken",
        shown: &[("Go", &["WIRE-016"]), ("Rust", &["WIRE-016"])],
        by: "WIRE-016",
        why: "Go cuts at each dash and asks that nothing is left, and nothing is; Rust splits at dashes that *end* a field.",
        sources: &[
            "https://github.com/open-telemetry/opentelemetry-go/blob/v1.38.0/propagation/trace_context.go",
            "https://github.com/open-telemetry/opentelemetry-rust/blob/main/opentelemetry-sdk/src/propagation/trace_context.rs",
        ],
    },
    Deviation {
        title: "The header's name begins with a capital letter",
        shown: &[("Go", &["WIRE-017b"])],
        by: "WIRE-017b",
        why: "`http.Header` of Go's library has canonical names, and Go writes them as they are over HTTP/1.1.",
        sources: &[
            "https://github.com/open-telemetry/opentelemetry-go/issues/673",
            "https://github.com/open-telemetry/opentelemetry-go/pull/3049",
        ],
    },
    Deviation {
        title: "The length of fields is not looked at",
        shown: &[(
            "Rust",
            &[
                "WIRE-009c",
                "WIRE-009d",
                "WIRE-009e",
                "WIRE-010e",
                "WIRE-011e",
                "WIRE-012c",
                "WIRE-012d",
            ],
        )],
        by: "WIRE-010e",
        why: "Version and flags are read as numbers, however many digits they have, and so are ids, up to their width: what is too \
              short becomes another id, with zeros before it. The trace goes on under an id that nobody has.",
        sources: &[
            "https://github.com/open-telemetry/opentelemetry-rust/blob/main/opentelemetry-sdk/src/propagation/trace_context.rs",
        ],
    },
    Deviation {
        title: "A plus is taken for a digit",
        shown: &[(
            "Rust",
            &["WIRE-015a", "WIRE-015b", "WIRE-015c", "WIRE-015d"],
        )],
        by: "WIRE-015b",
        why: "`from_str_radix` of Rust's library takes a sign.",
        sources: &["https://doc.rust-lang.org/std/primitive.u128.html#method.from_str_radix"],
    },
    Deviation {
        title: "A version in upper case is taken",
        shown: &[("Rust", &["WIRE-014c"])],
        by: "WIRE-014c",
        why: "Ids and flags are looked at for upper case, the version is not. The specification can be read in either way.",
        sources: &[
            "https://github.com/open-telemetry/opentelemetry-rust/blob/main/opentelemetry-sdk/src/propagation/trace_context.rs",
        ],
    },
    Deviation {
        title: "Members of a tracestate are hardly looked at",
        shown: &[("Rust", &["STATE-013b", "STATE-015c", "STATE-015d"])],
        by: "STATE-013b",
        why: "An empty key, an empty value and a tab in a value are passed on. The specification lets one pass on what is not valid; \
              the suite does not, and calls it an error of its own parser.",
        sources: &[
            "https://github.com/open-telemetry/opentelemetry-rust/blob/main/opentelemetry/src/trace/span_context.rs",
        ],
    },
    Deviation {
        title: "A no-break space before the value is taken for white space",
        shown: &[("Node", &["WIRE-015i"])],
        by: "WIRE-015i",
        why: "The propagator's expression begins with `\\s?`, which in JavaScript is more than the blank and the tab of HTTP.",
        sources: &[
            "https://github.com/open-telemetry/opentelemetry-js/blob/main/packages/opentelemetry-core/src/trace/W3CTraceContextPropagator.ts",
        ],
    },
    Deviation {
        title: "Of several baggage headers the first is read",
        shown: &[("Python", &["BAG-002a"]), ("Rust", &["BAG-002a"])],
        by: "BAG-002a",
        why: "A getter that returns one value, as above; Python's returns all, and the propagator takes the first.",
        sources: &[
            "https://github.com/open-telemetry/opentelemetry-specification/pull/4295",
            "https://github.com/open-telemetry/opentelemetry-python/blob/main/opentelemetry-api/src/opentelemetry/baggage/propagation/__init__.py",
        ],
    },
    Deviation {
        title: "Baggage is encoded as a form is",
        shown: &[("Python", &["BAG-003a", "BAG-003h"])],
        by: "BAG-003a",
        why: "`quote_plus` makes a plus of a blank, which others read as a plus, and encodes keys, which nobody decodes.",
        sources: &["https://github.com/open-telemetry/opentelemetry-python/pull/5567"],
    },
    Deviation {
        title: "Properties of baggage become part of the value",
        shown: &[("Python", &["BAG-004a", "BAG-004b", "BAG-004c"])],
        by: "BAG-004b",
        why: "A member is split at its first equals sign and no further, so that the semicolon is taken for a part of the value, \
              and goes on percent-encoded.",
        sources: &[
            "https://github.com/open-telemetry/opentelemetry-python/blob/main/opentelemetry-api/src/opentelemetry/baggage/propagation/__init__.py",
            "https://github.com/w3c/baggage/issues/138",
        ],
    },
    Deviation {
        title: "Members of baggage with more than 4096 bytes are dropped",
        shown: &[
            ("Python", &["BAG-006b"]),
            ("Node", &["BAG-006b"]),
            ("Go", &["BAG-006b"]),
        ],
        by: "BAG-006b",
        why: "It was a limit of an early draft. Since 2022 there are two: 64 members and 8192 bytes in all must go on.",
        sources: &["https://github.com/w3c/baggage/pull/89"],
    },
    Deviation {
        title: "Members of baggage that are valid are dropped",
        shown: &[("Node", &["BAG-001e", "BAG-003h"])],
        by: "BAG-001e",
        why: "An empty value is taken for none; and keys are percent-decoded, which fails where a percent sign stands for itself.",
        sources: &[
            "https://github.com/open-telemetry/opentelemetry-js/blob/main/packages/opentelemetry-core/src/baggage/utils.ts",
        ],
    },
    Deviation {
        title: "Values of baggage are cut and decoded twice",
        shown: &[("Rust", &["BAG-003d", "BAG-003f", "BAG-003g"])],
        by: "BAG-003g",
        why: "A member is split at each equals sign, and what comes after the second is dropped; a percent sign is not among what is \
              encoded again, so that `%2520` goes on as `%20`.",
        sources: &[
            "https://github.com/open-telemetry/opentelemetry-rust/blob/main/opentelemetry-sdk/src/propagation/baggage.rs",
        ],
    },
    Deviation {
        title: "Over SQS nothing but X-Ray's header is sent",
        shown: &[(
            "Java over SQS",
            &[
                "WIRE-001",
                "WIRE-002",
                "WIRE-008",
                "WIRE-010a",
                "WIRE-010b",
                "WIRE-010c",
                "WIRE-010d",
                "WIRE-010e",
                "WIRE-011a",
                "WIRE-011b",
                "WIRE-011c",
                "WIRE-011d",
                "WIRE-011e",
                "WIRE-012a",
                "WIRE-012b",
                "WIRE-012c",
                "WIRE-012d",
                "WIRE-015a",
                "WIRE-015b",
                "WIRE-015c",
                "WIRE-015d",
                "WIRE-015e",
                "WIRE-015f",
                "WIRE-015g",
                "WIRE-015h",
                "WIRE-015i",
            ],
        )],
        by: "WIRE-002",
        why: "The agent puts `X-Amzn-Trace-Id` into the request, which becomes the system attribute `AWSTraceHeader` of the message, and \
              reads that alone; traceparent as an attribute is an experimental option, and is off.",
        sources: &[
            "https://github.com/open-telemetry/opentelemetry-java-instrumentation/pull/8405",
            "https://github.com/open-telemetry/opentelemetry-java-instrumentation/issues/5167",
        ],
    },
    Deviation {
        title: "Over SQS the handler is outside of its consumer's span",
        shown: &[(
            "Node over SQS",
            &[
                "STATE-002a",
                "STATE-002b",
                "WIRE-002",
                "WIRE-021",
                "WIRE-022a",
                "WIRE-022c",
                "WIRE-022e",
                "WIRE-022f",
                "WIRE-022g",
            ],
        )],
        by: "WIRE-002",
        why: "The span of receiving has ended when the messages are there, and a span for each is made only where they are gone through \
              by `forEach` or `map`. A handler in a loop has no span above it, and what it sends begins a trace of its own, without a link.",
        sources: &[
            "https://github.com/open-telemetry/opentelemetry-js-contrib/issues/707",
            "https://github.com/open-telemetry/opentelemetry-js-contrib/issues/1477",
        ],
    },
];
