//! The subjects: who they are, and of what, as their lock files say.

use serde_json::Value;

/// A service with stock OpenTelemetry that speaks the protocol of the W3C suite.
pub(crate) struct Subject {
    /// As the page calls it.
    pub(crate) name: &'static str,
    /// As `containers/images.txt` does, with its tag.
    pub(crate) image: &'static str,
    /// The language, as Debian has it.
    runtime: &'static str,
    /// What of OpenTelemetry is in it.
    telemetry: &'static [Part],
    /// What it receives with.
    server: Part,
    /// What it sends with.
    client: Part,
    lock: Lock,
    /// The boundaries beyond HTTP that it speaks, and over which what it does is always the same.
    pub(crate) over: &'static [&'static str],
    /// The verdicts of the W3C suite on it, as recorded.
    pub(crate) recorded: &'static str,
}

/// A part, and what the lock file calls it; nothing, if it comes with the language.
struct Part(&'static str, Option<&'static str>);

/// A lock file, in one of the formats that there are.
enum Lock {
    Pip(&'static str),
    Npm(&'static str),
    Maven(&'static str),
    Go(&'static str),
    Cargo(&'static str),
}

macro_rules! service {
    ($file:literal) => {
        include_str!(concat!("../../../containers/services/", $file))
    };
}

const BEYOND_HTTP: &[&str] = &["gRPC", "Kafka", "AMQP", "SQS"];

/// All of them, in the order of the page.
pub(crate) static SUBJECTS: &[Subject] = &[
    Subject {
        name: "Python",
        image: "unbroken/subject-python:1",
        runtime: "Python 3.13",
        telemetry: &[
            Part("SDK", Some("opentelemetry-sdk")),
            Part(
                "instrumentations",
                Some("opentelemetry-instrumentation-fastapi"),
            ),
        ],
        server: Part("FastAPI", Some("fastapi")),
        client: Part("requests", Some("requests")),
        lock: Lock::Pip(service!("subject-python/requirements.txt")),
        over: &["gRPC", "SQS"],
        recorded: include_str!("recorded/python.txt"),
    },
    Subject {
        name: "Node",
        image: "unbroken/subject-node:1",
        runtime: "Node 20",
        telemetry: &[
            Part("core", Some("@opentelemetry/core")),
            Part(
                "auto-instrumentations",
                Some("@opentelemetry/auto-instrumentations-node"),
            ),
        ],
        server: Part("Express", Some("express")),
        client: Part("`node:http`", None),
        lock: Lock::Npm(service!("subject-node/package-lock.json")),
        over: BEYOND_HTTP,
        recorded: include_str!("recorded/node.txt"),
    },
    Subject {
        name: "Java",
        image: "unbroken/subject-java:1",
        runtime: "OpenJDK 21",
        telemetry: &[Part("agent", Some("opentelemetry-javaagent"))],
        server: Part("`jdk.httpserver`", None),
        client: Part("`java.net.http`", None),
        lock: Lock::Maven(service!("subject-java/pom.xml")),
        over: BEYOND_HTTP,
        recorded: include_str!("recorded/java.txt"),
    },
    Subject {
        name: "Go",
        image: "unbroken/subject-go:1",
        runtime: "Go 1.24",
        telemetry: &[
            Part("SDK", Some("go.opentelemetry.io/otel/sdk")),
            Part(
                "otelhttp",
                Some("go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"),
            ),
        ],
        server: Part("`net/http`", None),
        client: Part("`net/http`", None),
        lock: Lock::Go(service!("subject-go/go.mod")),
        over: BEYOND_HTTP,
        recorded: include_str!("recorded/go.txt"),
    },
    Subject {
        name: "Rust",
        image: "unbroken/subject-rust:1",
        runtime: "Rust 1.85",
        telemetry: &[
            Part("SDK", Some("opentelemetry_sdk")),
            Part("opentelemetry-http", Some("opentelemetry-http")),
        ],
        server: Part("axum", Some("axum")),
        client: Part("reqwest", Some("reqwest")),
        lock: Lock::Cargo(service!("subject-rust/Cargo.lock")),
        over: &[],
        recorded: include_str!("recorded/rust.txt"),
    },
];

impl Subject {
    /// What it is made of, as cells of a table: language, OpenTelemetry, server, client.
    pub(crate) fn made_of(&self) -> [String; 4] {
        let telemetry = self.telemetry.iter().map(|part| self.in_words(part));
        [
            self.runtime.to_owned(),
            telemetry.collect::<Vec<_>>().join(", "),
            self.in_words(&self.server),
            self.in_words(&self.client),
        ]
    }

    fn in_words(&self, Part(name, package): &Part) -> String {
        match package {
            Some(package) => format!("{name} {}", self.lock.version(package)),
            None => (*name).to_owned(),
        }
    }
}

impl Lock {
    /// The version that is locked. A part that its lock file does not know is a mistake in the list.
    fn version(&self, package: &str) -> String {
        let found = match self {
            Self::Pip(text) => after(text, &format!("\n{package}=="), "\n"),
            Self::Npm(text) => {
                let lock: Option<Value> = serde_json::from_str(text).ok();
                lock.and_then(|lock| {
                    let package = &lock["packages"][format!("node_modules/{package}")];
                    Some(package["version"].as_str()?.to_owned())
                })
            }
            Self::Maven(text) => {
                let artifact = format!("<artifactId>{package}</artifactId>");
                let rest = text.split_once(&artifact).map(|(_, rest)| rest);
                rest.and_then(|rest| after(rest, "<version>", "<"))
            }
            Self::Go(text) => after(text, &format!("\t{package} v"), "\n"),
            Self::Cargo(text) => after(text, &format!("name = \"{package}\"\nversion = \""), "\""),
        };
        found.unwrap_or_else(|| panic!("no lock file names {package}"))
    }
}

/// What stands in a text after this, up to that.
fn after(text: &str, this: &str, that: &str) -> Option<String> {
    let (_, rest) = text.split_once(this)?;
    Some(rest.split_once(that)?.0.to_owned())
}
