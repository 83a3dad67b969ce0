//! Stories told by hand, for tests.
//!
//! A story is a few lines of text, and looks like the tree that it tells of:
//!
//! ```text
//! client  HTTP   gateway              | a2 → a2
//! gateway memory orders  follows-from | a5 → a5
//!
//! a1 client internal
//!   a2 client client @0
//!     a3 gateway server @0
//!       a4 gateway internal
//!         a5 gateway producer @1
//! b6 orders consumer @1 ~a5
//! ```
//!
//! - A row of the route is what a scenario would say, the way it is made in brackets; behind the
//!   bar stands what the tap saw before and after the middle: contexts, `none` for a message without a traceparent, any other
//!   word as it is; `a2@q` was seen at the place `q`. With one side only, both are alike; without
//!   a bar there was no tap.
//! - A span is its id, its service and its kind. The letter of the id is its trace. Its parent is
//!   the span that it is indented under, or the one after `^`. `@1` speaks of hop 1, `@x` of
//!   another run, `~a5` links, `=name` names it, `failed` is its status; `receive`, `create`,
//!   `resend`, `first-send`, `remote`, `local` and `dropped-…` say what else it says; `early` or `late` is when a
//!   cause ended whose receiver was held.
//! - `%boto3sqs` is the scope of the span's instrumentation, and a `+` in a name is a space.
//! - A context on the wire may say more: `a2/03` is one with these flags, `a2+tracestate=v=1` has an
//!   entry beside it, and `none+b3:a2` is one in another format; `a=1*3` is short for `a=111`.
//! - `carries tracestate v=1`, `carries baggage user=alice`, `unsampled`, `random`, `speaks orders
//!   b3,tracecontext`, `beyond partner` and `third partner` are what a scenario says of its request;
//!   `refused 0 why` is a send that was.
//! - `silent orders`, `unsettled`, `sent a2` (a context of the harness itself) and `malformed
//!   orders @1` say the rest.

use std::fmt;
use std::sync::Arc;

use opentelemetry::{SpanId, TraceId};
use rustc_hash::FxHashMap;
use unbroken_adapters::tap::{Point, Sighting};
use unbroken_adapters::{Boundaries, Carrier, Format, Relation};

use crate::evidence::{Evidence, Wire, token};
use crate::request::Request;
use crate::route::{Route, Row};
use crate::span::{
    Attribute, Defect, Dropped, Field, Link, Malformed, Origin, Span, SpanKind, Status, Value,
};
use crate::story::{Beginning, Story};
use crate::token::HopToken;

pub(crate) const RUN: u32 = 1;
pub(crate) const ANOTHER_RUN: HopToken = HopToken { run: 2, hop: 0 };

/// A span's name in a story: a letter for the trace, and a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id(pub(crate) char, pub(crate) u64);

/// A story, before it becomes evidence.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) rows: Vec<Row>,
    pub(crate) wires: Vec<Option<[Vec<String>; 2]>>,
    pub(crate) spans: Vec<Teller>,
    pub(crate) silent: Vec<String>,
    pub(crate) sent: Vec<Id>,
    pub(crate) malformed: Vec<Teller>,
    pub(crate) unsettled: bool,
    pub(crate) request: Request,
    pub(crate) refusals: Vec<(usize, String)>,
}

/// A span of a story, before it becomes one.
#[derive(Clone, Debug)]
pub(crate) struct Teller {
    pub(crate) id: Id,
    pub(crate) parent: Option<u64>,
    pub(crate) service: String,
    pub(crate) kind: SpanKind,
    pub(crate) name: String,
    pub(crate) scope: String,
    pub(crate) hops: Vec<HopToken>,
    pub(crate) links: Vec<Id>,
    pub(crate) receives: bool,
    /// Whether it made a message, and left the sending to another.
    pub(crate) creates: bool,
    /// How many attempts came before it, where it says so.
    pub(crate) resends: Option<i64>,
    /// What it says of where its parent is.
    pub(crate) remote: Option<bool>,
    pub(crate) failed: bool,
    /// Whether it had ended when the receiver, which was held, was let go on.
    pub(crate) ended_first: Option<bool>,
    pub(crate) dropped: Dropped,
    /// When it began, by the clock of its host.
    pub(crate) start: u64,
}

/// The evidence of a story.
pub(crate) fn evidence(story: &str) -> Evidence {
    tell(story).evidence()
}

/// Reads a story.
pub(crate) fn tell(story: &str) -> Told {
    let mut told = Told::default();
    // The spans that the next line may be indented under.
    let mut path: Vec<(usize, Id)> = Vec::new();
    for line in story.lines().filter(|line| !line.trim().is_empty()) {
        let indent = line.len() - line.trim_start().len();
        let words: Vec<_> = line.split_whitespace().collect();
        match *words {
            ["unsettled"] => told.unsettled = true,
            ["silent", ref services @ ..] => {
                told.silent
                    .extend(services.iter().map(|&name| name.to_owned()));
            }
            ["carries", "tracestate", state] => {
                state.clone_into(&mut told.request.luggage.trace_state);
            }
            ["carries", "baggage", baggage] => {
                told.request.luggage.baggage.push(in_full(baggage));
            }
            ["unsampled"] => told.request.luggage.sampled = false,
            ["random"] => told.request.luggage.random = true,
            ["speaks", service, formats] => {
                let formats = Format::list(formats).expect(line);
                told.request.formats.insert(service.to_owned(), formats);
            }
            ["beyond", service] => {
                told.request.beyond.insert(service.to_owned());
            }
            ["third", service] => {
                told.request.third_parties.insert(service.to_owned());
            }
            ["refused", hop, ref why @ ..] => {
                let hop = hop.parse().expect(line);
                told.refusals.push((hop, why.join(" ")));
            }
            ["sent", id] => told.sent.push(id_of(id).expect(line)),
            ["malformed", ref rest @ ..] => {
                told.malformed.push(teller(Id('f', 1), rest, line));
            }
            [first, ref rest @ ..] => match id_of(first).filter(|id| id.0 <= 'f') {
                None => told.row(line),
                Some(id) => {
                    path.retain(|(above, _)| *above < indent);
                    let mut span = teller(id, rest, line);
                    if let Some((_, Id(trace, above))) = path.last() {
                        assert_eq!(*trace, id.0, "a parent is of the same trace: {line}");
                        span.parent = span.parent.or(Some(*above));
                    }
                    path.push((indent, id));
                    told.spans.push(span);
                }
            },
            [] => {}
        }
    }
    told
}

fn id_of(word: &str) -> Option<Id> {
    let trace = word.chars().next().filter(|c| c.is_alphabetic())?;
    Some(Id(trace, word[trace.len_utf8()..].parse().ok()?))
}

fn teller(id: Id, words: &[&str], line: &str) -> Teller {
    let kind = words[1..].iter().find_map(|word| kind_of(word));
    let kind = kind.unwrap_or_default();
    let mut span = Teller::new(id, words[0], kind);
    for word in &words[1..] {
        match word.split_at(1) {
            ("@", "x") => span.hops.push(ANOTHER_RUN),
            ("@", hop) => span.hops.push(token(RUN, hop.parse().expect(line))),
            ("~", target) => span.links.push(id_of(target).expect(line)),
            ("^", parent) => span.parent = Some(id_of(parent).expect(line).1),
            ("=", name) => span.name = name.replace('+', " "),
            ("%", scope) => scope.clone_into(&mut span.scope),
            _ => match *word {
                "receive" => span.receives = true,
                "create" => span.creates = true,
                "resend" => span.resends = Some(1),
                "first-send" => span.resends = Some(0),
                "remote" => span.remote = Some(true),
                "local" => span.remote = Some(false),
                "failed" => span.failed = true,
                "early" => span.ended_first = Some(true),
                "late" => span.ended_first = Some(false),
                "dropped-links" => span.dropped.links = 1,
                "dropped-events" => span.dropped.events = 1,
                word => assert!(kind_of(word).is_some(), "{word:?} means nothing: {line}"),
            },
        }
    }
    span
}

fn kind_of(word: &str) -> Option<SpanKind> {
    use SpanKind::{Client, Consumer, Internal, Producer, Server, Unspecified};
    let kinds = [Internal, Server, Client, Producer, Consumer, Unspecified];
    kinds.into_iter().find(|kind| kind.as_str() == word)
}

impl Told {
    fn row(&mut self, line: &str) {
        let (row, wire) = match line.split_once('|') {
            Some((row, wire)) => (row, Some(wire)),
            None => (line, None),
        };
        let (row, how) = match row.split_once('(') {
            Some((row, how)) => (row, how.split(')').next().map(str::to_owned)),
            None => (row, None),
        };
        let mut cells = row.split_whitespace().map(str::to_owned);
        let mut cell = || cells.next().expect(line);
        let (from, over, to) = (cell(), cell(), cell());
        let row = Row {
            how,
            line: self.rows.len() + 1,
            from,
            over,
            to,
            relation: cells.next(),
        };
        let words = |side: &str| side.split_whitespace().map(str::to_owned).collect();
        self.rows.push(row);
        self.wires.push(wire.map(|wire| match wire.split_once('→') {
            Some((before, after)) => [words(before), words(after)],
            None => [words(wire), words(wire)],
        }));
    }

    pub(crate) fn evidence(&self) -> Evidence {
        let route = Route::of(&self.rows, &Boundaries::all()).expect("a route");
        let roots = route.hops().iter().enumerate();
        let roots = roots.filter(|(_, hop)| hop.relation == Relation::Root);
        let entry = self.spans.first().map_or('a', |span| span.id.0);
        let beginning = Beginning {
            entry: trace_id(self.sent.first().map_or(entry, |id| id.0)),
            service: route.entry().to_owned(),
            roots: roots.map(|(hop, _)| token(RUN, hop)).collect(),
        };
        let sent: Vec<_> = self.sent.iter().map(|id| ids(*id)).collect();
        let wires = self.wires.iter().zip(route.hops());
        let wires: Vec<_> = wires
            .map(|(wire, hop)| match wire {
                None => Wire::untapped(),
                Some([before, after]) => {
                    let seen = |point, words: &[String]| -> Vec<_> {
                        let words = words
                            .iter()
                            .map(|word| word.split_once('@').unwrap_or((word, "")));
                        words
                            .map(|(word, place)| Sighting {
                                point,
                                place: place.to_owned(),
                                carrier: carrier(word),
                            })
                            .collect()
                    };
                    let mut sightings = seen(Point::BeforeMiddle, before);
                    sightings.extend(seen(Point::AfterMiddle, after));
                    match self.request.formats.get(&hop.to) {
                        Some(formats) => Wire::tapped_by(&sightings, formats),
                        None => Wire::tapped(&sightings),
                    }
                }
            })
            .collect();
        let mut evidence = Evidence::of(
            route,
            RUN,
            Story::continuing(self.spans(), &beginning, &sent),
            wires,
            self.malformed.iter().map(Teller::malformed).collect(),
            self.silent.clone(),
        );
        evidence.settled = !self.unsettled;
        let held = self.spans.iter().flat_map(|span| {
            let hops = span.hops.iter().map(|token| usize::from(token.hop));
            hops.filter_map(|hop| Some((hop, span.ended_first?)))
        });
        let held: Vec<_> = held.collect();
        evidence
            .with_held(&held)
            .with_request(self.request.clone())
            .with_refusals(&self.refusals)
    }

    pub(crate) fn spans(&self) -> Vec<Arc<Span>> {
        let mut origins = FxHashMap::default();
        let spans = self.spans.iter().map(|span| {
            let origin = origins.entry((&span.service, &span.scope));
            let origin = origin.or_insert_with(|| Arc::new(span.origin()));
            Arc::new(span.span(origin))
        });
        spans.collect()
    }
}

impl Teller {
    pub(crate) fn new(id: Id, service: &str, kind: SpanKind) -> Self {
        Self {
            id,
            parent: None,
            service: service.to_owned(),
            kind,
            name: format!("{} {id}", kind.as_str()),
            scope: String::new(),
            hops: Vec::new(),
            links: Vec::new(),
            receives: false,
            creates: false,
            resends: None,
            remote: None,
            failed: false,
            ended_first: None,
            dropped: Dropped::default(),
            start: id.1,
        }
    }

    fn span(&self, origin: &Arc<Origin>) -> Span {
        let (trace_id, span_id) = ids(self.id);
        let links = self.links.iter().map(|target| ids(*target));
        let attribute = |key: &str, value| Attribute {
            key: key.into(),
            value,
        };
        let operation =
            |name: &str| attribute("messaging.operation.type", Value::Text(name.into()));
        let attributes = [
            self.receives.then(|| operation("receive")),
            self.creates.then(|| operation("create")),
            self.resends
                .map(|count| attribute("http.request.resend_count", Value::Int(count))),
        ];
        let address = |hop| Value::Text(format!("http://host/{hop}").into());
        let addresses = self
            .hops
            .iter()
            .map(|hop| attribute("url.full", address(hop)));
        let attributes = attributes.into_iter().flatten().chain(addresses);
        Span {
            trace_id,
            span_id,
            parent: self.parent.map(SpanId::from),
            parent_is_remote: self.remote,
            trace_flags: None,
            trace_state: "".into(),
            kind: self.kind,
            name: self.name.as_str().into(),
            start: self.start,
            end: self.start,
            attributes: attributes.collect(),
            links: links
                .map(|(trace_id, span_id)| Link {
                    trace_id,
                    span_id,
                    trace_state: "".into(),
                    trace_flags: None,
                    is_remote: None,
                    attributes: Vec::new(),
                })
                .collect(),
            malformed_links: None,
            status: match self.failed {
                true => Status::Error("on purpose".into()),
                false => Status::Unset,
            },
            dropped: self.dropped,
            hops: self.hops.clone(),
            origin: Arc::clone(origin),
        }
    }

    fn origin(&self) -> Origin {
        let service: Box<str> = self.service.as_str().into();
        Origin {
            service: Some(service.clone()),
            scope: self.scope.as_str().into(),
            resource: vec![Attribute {
                key: "service.name".into(),
                value: Value::Text(service),
            }],
            ..Origin::default()
        }
    }

    fn malformed(&self) -> Arc<Malformed> {
        Arc::new(Malformed {
            defects: vec![Defect {
                field: Field::SpanId,
                bytes: [0; 8].into(),
                length: 8,
            }],
            trace_id: None,
            span_id: None,
            name: "broken".into(),
            kind: self.kind,
            hops: self.hops.clone(),
            origin: Arc::new(self.origin()),
        })
    }
}

/// In the notation, with every parent written out.
impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (row, wire) in self.rows.iter().zip(&self.wires) {
            let relation = row.relation.as_deref().unwrap_or_default();
            write!(f, "{} {} {} {relation}", row.from, row.over, row.to)?;
            row.how.iter().try_for_each(|how| write!(f, " ({how})"))?;
            match wire {
                Some([before, after]) => {
                    writeln!(f, " | {} → {}", before.join(" "), after.join(" "))?;
                }
                None => writeln!(f)?,
            }
        }
        self.spans.iter().try_for_each(|span| writeln!(f, "{span}"))
    }
}

impl fmt::Display for Teller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, trace) = (self.id, self.id.0);
        write!(f, "{id} {} {}", self.service, self.kind.as_str())?;
        self.parent
            .iter()
            .try_for_each(|id| write!(f, " ^{trace}{id}"))?;
        self.hops
            .iter()
            .try_for_each(|hop| write!(f, " @{}", hop.hop))?;
        self.links
            .iter()
            .try_for_each(|link| write!(f, " ~{link}"))?;
        f.write_str(if self.receives { " receive" } else { "" })?;
        f.write_str(if self.failed { " failed" } else { "" })
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.0, self.1)
    }
}

pub(crate) fn ids(Id(trace, span): Id) -> (TraceId, SpanId) {
    (trace_id(trace), SpanId::from(span))
}

/// A hexadecimal letter stands for itself, thirty-two times; any other for its number.
pub(crate) fn trace_id(trace: char) -> TraceId {
    match (trace, trace.to_digit(16)) {
        ('a'..='f', Some(digit)) => TraceId::from(u128::from(digit) * (u128::MAX / 15)),
        _ => TraceId::from(u128::from(u32::from(trace))),
    }
}

/// `a2/03+tracestate=v=1+b3:a2`: a traceparent, and what stands beside it.
fn carrier(word: &str) -> Carrier {
    let mut parts = word.split('+');
    let first = parts.next().unwrap_or_default();
    let mut carrier = Carrier::new();
    match (first, context(first)) {
        ("none", _) => {}
        (_, Some(context)) => carrier.append("traceparent", format!("00-{context}")),
        (word, None) => carrier.append("traceparent", word.to_owned()),
    }
    for part in parts {
        let entry = part.split_once('=');
        let format = part.split_once(':').filter(|_| entry.is_none());
        match (entry, format) {
            (Some((name, value)), _) => carrier.append(name, in_full(value)),
            (_, Some((format, word))) => in_format(format, word, &mut carrier),
            _ => panic!("{part:?} is no name=value and no format:context"),
        }
    }
    carrier
}

/// `a=1*3,b=2` is `a=111,b=2`.
fn in_full(list: &str) -> String {
    let members = list.split(',').map(|member| {
        let times = member.rsplit_once('*').and_then(|(member, times)| {
            let times: usize = times.parse().ok()?;
            let end = member.chars().next_back()?;
            Some(member.to_owned() + &end.to_string().repeat(times - 1))
        });
        times.unwrap_or_else(|| member.to_owned())
    });
    members.collect::<Vec<_>>().join(",")
}

fn in_format(format: &str, word: &str, carrier: &mut Carrier) {
    let context = context(word).expect(word);
    let mut fields = context.split('-').map(str::to_owned);
    let mut field = || fields.next().expect("three fields");
    let (trace, span, flags) = (field(), field(), field());
    let sampled = flags[1..].to_owned();
    match format {
        "b3" => carrier.append("b3", format!("{trace}-{span}-{sampled}")),
        "b3multi" => {
            carrier.append("x-b3-traceid", trace);
            carrier.append("x-b3-spanid", span);
            carrier.append("x-b3-sampled", sampled);
        }
        "xray" => {
            let (time, rest) = trace.split_at(8);
            let header = format!("Root=1-{time}-{rest};Parent={span};Sampled={sampled}");
            carrier.append("x-amzn-trace-id", header);
        }
        other => panic!("{other:?} is no format"),
    }
}

/// The fields of a context: it is sampled if its flags do not say otherwise.
fn context(word: &str) -> Option<String> {
    let (id, flags) = word.split_once('/').unwrap_or((word, "01"));
    let (trace, span) = ids(id_of(id)?);
    Some(format!("{trace}-{span}-{flags}"))
}
