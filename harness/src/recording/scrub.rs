//! What a recording does not tell.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::evidence::Evidence;
use crate::span::Attribute;

/// The run of every recording.
pub(super) const RUN: u32 = 1;

/// Where everything took place.
const HOST: &str = "host";

/// And on which port.
const PORT: i64 = 1;

/// Replaces what is of one run, or of one machine.
pub(super) struct Scrubber {
    run: String,
    /// Trace ids and span ids, each with its number in its place.
    ids: HashMap<String, String>,
    first: u64,
}

/// An id, or the trace id of an X-Ray header, which is cut in two.
static ID: LazyLock<Regex> =
    LazyLock::new(|| regex(r"[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{24}|[0-9a-f]{16}"));

static AUTHORITY: LazyLock<Regex> = LazyLock::new(|| regex(r"(://)[^/?\s]+"));

static IP: LazyLock<Regex> = LazyLock::new(|| regex(r"\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b"));

/// Keys under which instrumentations of all years write hosts.
static HOSTS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(^|\.)(host|hostname|address|addr|peer\.name|host\.name|ip|bootstrap_servers|client_ip)$",
    )
});

static PORTS: LazyLock<Regex> = LazyLock::new(|| regex(r"(^|\.)port$"));

/// Of a resource: who it is, and what made the spans.
static TELLING: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^(service\.name|service\.instance\.id|telemetry\..*)$"));

#[expect(
    clippy::expect_used,
    reason = "they are written above, and tried by tests"
)]
fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a regular expression")
}

impl Scrubber {
    pub(super) fn of(evidence: &Evidence) -> Self {
        let mut spans: Vec<_> = evidence.story.spans().iter().collect();
        spans.sort_by_key(|span| (span.start, span.end));
        let mut ids = HashMap::new();
        let mut traces = 0;
        for (n, span) in spans.iter().enumerate() {
            let trace = ids.entry(span.trace_id.to_string());
            trace.or_insert_with(|| {
                traces += 1;
                format!("{traces:032x}")
            });
            ids.insert(span.span_id.to_string(), format!("{:016x}", n + 1));
        }
        Self {
            run: format!("{:08x}", evidence.run),
            ids,
            first: spans.first().map_or(0, |span| span.start),
        }
    }

    /// A text, with nothing in it of this run and this machine.
    pub(super) fn text(&self, text: &str) -> String {
        let text = text.replace(&self.run, &format!("{RUN:08x}"));
        let text = AUTHORITY.replace_all(&text, format!("${{1}}{HOST}"));
        let text = IP.replace_all(&text, HOST);
        let text = ID.replace_all(&text, |found: &Captures| self.id(&found[0]));
        text.into_owned()
    }

    /// A text that stands under a name.
    pub(super) fn entry(&self, name: &str, text: &str) -> String {
        match HOSTS.is_match(name) {
            true => HOST.to_owned(),
            false => self.text(text),
        }
    }

    /// A number that stands under a name: ports are of one run.
    pub(super) fn number(name: &str, number: i64) -> i64 {
        match PORTS.is_match(name) {
            true => PORT,
            false => number,
        }
    }

    /// What may be told of a resource.
    pub(super) fn resource(attributes: &[Attribute]) -> Vec<Attribute> {
        let telling = attributes.iter().filter(|a| TELLING.is_match(&a.key));
        telling.cloned().collect()
    }

    /// Nanoseconds since the first span started, which is the first.
    pub(super) fn time(&self, nanos: u64) -> u64 {
        nanos.saturating_sub(self.first) + 1
    }

    fn id(&self, found: &str) -> String {
        let whole = found.replace('-', "");
        match self.ids.get(&whole) {
            Some(number) if whole.len() < found.len() => {
                let (epoch, rest) = number.split_at(8);
                format!("{epoch}-{rest}")
            }
            Some(number) => number.clone(),
            None => found.to_owned(),
        }
    }
}
