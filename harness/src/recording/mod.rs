//! Runs that are written down, to be judged again without what they were made with.
//!
//! A recording is a file of OTLP/JSON, which any reader of traces can read, with the route, the
//! carriers that the taps saw, and what else the judge knows beside it. It says nothing of where
//! it was made: ids, addresses, host names and times are replaced, each one by the same
//! throughout, and of a resource only what names a service and its SDK is kept.
//!
//! | where | what |
//! |---|---|
//! | [`Recording::of`] | writes a run down |
//! | [`Recording::read`] | reads it again |
//! | [`Recording::evidence`] | lays it before the judge, by way of the collector's own decoder |

mod otlp;
mod pretty;
mod scrub;
#[cfg(test)]
mod tests;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use opentelemetry::TraceId;
use serde::{Deserialize, Serialize};
use unbroken_adapters::tap::{Point, Sighting};
use unbroken_adapters::{Boundaries, Carrier, Relation};

use crate::collector::{Encoding, PayloadError, Store};
use crate::evidence::{Evidence, Reading, Wire, token};
use crate::request::Request;
use crate::route::{Route, RouteError, Row};
use crate::story::{Aside, Beginning, Story, gather};
use scrub::Scrubber;

/// A run, written down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recording {
    route: Vec<Line>,
    run: u32,
    entry: String,
    /// What the tap of each hop saw; null where there was no tap.
    wires: Vec<Option<Vec<Seen>>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    silent: Vec<String>,
    settled: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    remarks: Vec<String>,
    /// The hops whose send was refused, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    refusals: Vec<(usize, String)>,
    #[serde(default, skip_serializing_if = "is_plain")]
    request: Request,
    /// OTLP, as the file of an exporter has it.
    resource_spans: serde_json::Value,
}

/// Why a text is no recording.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// It is not JSON, or says something else.
    #[error("not a recording: {0}")]
    Json(#[from] serde_json::Error),
    /// Its spans cannot be read.
    #[error("not a recording: {0}")]
    Spans(#[from] PayloadError),
    /// Its route is none.
    #[error("not a recording: {0}")]
    Route(#[from] RouteError),
    /// The trace that it begins with has no id.
    #[error("not a recording: {0:?} is no trace id")]
    Entry(String),
    /// A value on a wire is neither text nor base64.
    #[error("not a recording: {0:?} is no base64")]
    Bytes(String),
}

/// A row of the route.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Line {
    from: String,
    over: String,
    to: String,
    #[serde(rename = "as", default, skip_serializing_if = "Option::is_none")]
    relation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    how: Option<String>,
}

/// A carrier, seen once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Seen {
    at: Side,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    place: String,
    carrier: Vec<(String, Text)>,
}

/// On which side of the middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Side {
    Before,
    After,
}

/// A value on a wire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Text {
    Plain(String),
    Bytes { base64: String },
}

impl Recording {
    /// Writes down what came of a route that these rows tell of.
    pub fn of(rows: &[Row], evidence: &Evidence) -> Self {
        let scrubber = Scrubber::of(evidence);
        let wires = evidence.crossings.iter();
        let wires = wires.map(|crossing| {
            let (before, after) = crossing.wire.before().zip(crossing.wire.after())?;
            let before = before.iter().map(|r| Seen::of(Side::Before, r, &scrubber));
            let after = after.iter().map(|r| Seen::of(Side::After, r, &scrubber));
            Some(before.chain(after).collect())
        });
        let refusals = evidence.crossings.iter().enumerate();
        let refusals = refusals
            .filter_map(|(hop, crossing)| Some((hop, scrubber.text(crossing.refused.as_ref()?))));
        Self {
            route: rows.iter().map(Line::of).collect(),
            run: scrub::RUN,
            entry: scrubber.text(&evidence.story.entry().to_string()),
            wires: wires.collect(),
            silent: evidence.silent.clone(),
            settled: evidence.settled,
            remarks: evidence.remarks.iter().map(|r| scrubber.text(r)).collect(),
            refusals: refusals.collect(),
            request: evidence.request.clone(),
            resource_spans: otlp::resource_spans(evidence.story.spans(), &scrubber),
        }
    }

    /// Reads what [`Display`](fmt::Display) wrote.
    pub fn read(text: &str) -> Result<Self, RecordingError> {
        Ok(serde_json::from_str(text)?)
    }

    /// The evidence, as it was before it was written down.
    pub fn evidence(&self) -> Result<Evidence, RecordingError> {
        let rows = self.route.iter().zip(1..).map(|(line, n)| line.row(n));
        let route = Route::of(&rows.collect::<Vec<_>>(), &Boundaries::all())?;
        let unreadable = |_| RecordingError::Entry(self.entry.clone());
        let entry = TraceId::from_hex(&self.entry).map_err(unreadable)?;
        let collector = Store::new();
        collector.receive(Encoding::Json, self.to_string().into())?;
        let roots = route.hops().iter().enumerate();
        let roots = roots.filter(|(_, hop)| hop.relation == Relation::Root);
        let beginning = Beginning {
            entry,
            service: route.entry().to_owned(),
            roots: roots.map(|(hop, _)| token(self.run, hop)).collect(),
        };
        let story = Story::assemble(
            gather(&collector, self.run, entry, &Aside::default()),
            &beginning,
        );
        let wires = self.wires.iter().zip(route.hops());
        let wires = wires.map(|(seen, hop)| {
            let Some(seen) = seen else {
                return Ok(Wire::untapped());
            };
            let seen: Result<Vec<_>, _> = seen.iter().map(Seen::sighting).collect();
            Ok(match self.request.formats.get(&hop.to) {
                Some(formats) => Wire::tapped_by(&seen?, formats),
                None => Wire::tapped(&seen?),
            })
        });
        let wires = wires.collect::<Result<_, RecordingError>>()?;
        let malformed = collector.malformed_of(self.run);
        let silent = self.silent.clone();
        let evidence = Evidence::of(route, self.run, story, wires, malformed, silent);
        let mut evidence = evidence
            .with_remarks(self.remarks.clone())
            .with_request(self.request.clone())
            .with_refusals(&self.refusals);
        evidence.settled = self.settled;
        Ok(evidence)
    }
}

fn is_plain(request: &Request) -> bool {
    *request == Request::default()
}

impl fmt::Display for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = serde_json::to_value(self).map_err(|_| fmt::Error)?;
        f.write_str(&pretty::print(&value))
    }
}

impl Line {
    fn of(row: &Row) -> Self {
        Self {
            from: row.from.clone(),
            over: row.over.clone(),
            to: row.to.clone(),
            relation: row.relation.clone(),
            how: row.how.clone(),
        }
    }

    fn row(&self, line: usize) -> Row {
        Row {
            line,
            from: self.from.clone(),
            over: self.over.clone(),
            to: self.to.clone(),
            relation: self.relation.clone(),
            how: self.how.clone(),
        }
    }
}

impl Seen {
    fn of(at: Side, reading: &Reading, scrubber: &Scrubber) -> Self {
        let entries = reading.carrier.iter();
        let carrier = entries.map(|(name, value)| {
            let value = match str::from_utf8(value) {
                Ok(text) => Text::Plain(scrubber.entry(name, text)),
                Err(_) => Text::Bytes {
                    base64: STANDARD.encode(value),
                },
            };
            (name.to_owned(), value)
        });
        Self {
            at,
            place: scrubber.text(&reading.place),
            carrier: carrier.collect(),
        }
    }

    fn sighting(&self) -> Result<Sighting, RecordingError> {
        let entries = self.carrier.iter();
        let entries = entries.map(|(name, value)| Ok((name.clone(), value.bytes()?)));
        Ok(Sighting {
            point: match self.at {
                Side::Before => Point::BeforeMiddle,
                Side::After => Point::AfterMiddle,
            },
            place: self.place.clone(),
            carrier: entries.collect::<Result<Carrier, RecordingError>>()?,
        })
    }
}

impl Text {
    fn bytes(&self) -> Result<Vec<u8>, RecordingError> {
        match self {
            Self::Plain(text) => Ok(text.clone().into_bytes()),
            Self::Bytes { base64 } => {
                let wrong = |_| RecordingError::Bytes(base64.clone());
                STANDARD.decode(base64).map_err(wrong)
            }
        }
    }
}
