//! Stories of any size, in the shapes that stories have.

use std::sync::Arc;

use opentelemetry::{SpanId, TraceId};
use unbroken::evidence::{Evidence, Wire};
use unbroken::route::{Route, Row};
use unbroken::span::{Attribute, Dropped, Link, Origin, Span, SpanKind, Status, Value};
use unbroken::story::{Beginning, Story};
use unbroken::token::HopToken;
use unbroken_adapters::tap::{Point, Sighting};
use unbroken_adapters::{Boundaries, Carrier};

const RUN: u32 = 0x1a2b_3c4d;
/// How many messages a consumer takes at once.
const BATCH: usize = 64;

/// What a run left behind, before anybody has looked at it.
pub(crate) struct Remains {
    route: Route,
    spans: Vec<Arc<Span>>,
    sightings: Vec<Vec<Sighting>>,
    /// Whether nothing is to be found in it.
    pub(crate) is_whole: bool,
}

/// Makes about so many spans.
type Shape = fn(usize) -> Remains;

/// The shapes, each with the function that makes it.
pub(crate) const SHAPES: [(&str, Shape); 5] = [
    ("journey", journey),
    ("deep chain", chain),
    ("wide fan-out", fan_out),
    ("batch links", batches),
    ("lost messages", lost),
];

impl Remains {
    /// How many spans there are.
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// A copy of the list of spans: what the store hands out.
    pub(crate) fn gathered(&self) -> Vec<Arc<Span>> {
        self.spans.clone()
    }

    /// What a stage makes of it: the story beside the route.
    pub(crate) fn assemble(&self, spans: Vec<Arc<Span>>) -> Evidence {
        let beginning = Beginning {
            entry: trace(0),
            service: self.route.entry().to_owned(),
            roots: Vec::new(),
        };
        let story = Story::assemble(spans, &beginning);
        let wires = self.sightings.iter().map(|seen| Wire::tapped(seen));
        let (route, wires) = (self.route.clone(), wires.collect());
        let mut evidence = Evidence::of(route, RUN, story, wires, Vec::new(), Vec::new());
        evidence.settled = true;
        evidence
    }
}

/// `journey.feature`: six hops over five boundaries, and whatever each handler did besides.
fn journey(spans: usize) -> Remains {
    let mut cast = Cast::of(&[
        ["client", "HTTP", "gateway", "child"],
        ["gateway", "gRPC", "orders", "child"],
        ["orders", "Kafka", "billing", "follows-from"],
        ["orders", "SQS", "audit", "follows-from"],
        ["billing", "AMQP", "mailer", "follows-from"],
        ["mailer", "HTTP", "delivery", "child"],
    ]);
    let root = cast.enter();
    let share = spans.saturating_sub(1 + 6 * 3) / 6;
    let gateway = cast.hop(0, root);
    let orders = cast.hop(1, gateway);
    let billing = cast.hop(2, orders);
    let audit = cast.hop(3, orders);
    let mailer = cast.hop(4, billing);
    let delivery = cast.hop(5, mailer);
    let handlers = [gateway, orders, billing, audit, mailer, delivery];
    let mut dice = Dice(7);
    for (to, handler) in [
        "gateway", "orders", "billing", "audit", "mailer", "delivery",
    ]
    .into_iter()
    .zip(handlers)
    {
        let mut own = vec![handler];
        for _ in 0..share {
            // Under one of the last few: handlers are bushes, neither lists nor stars.
            let back = 1 + dice.roll(own.len().min(16));
            let parent = own[own.len() - back];
            own.push(cast.work(to, parent));
        }
    }
    cast.leave()
}

/// One call, and under it a chain in which every span is the child of the one before.
fn chain(spans: usize) -> Remains {
    let mut cast = Cast::of(&[["client", "HTTP", "orders", "child"]]);
    let root = cast.enter();
    let mut last = cast.hop(0, root);
    while cast.spans.len() < spans {
        last = cast.work("orders", last);
    }
    cast.leave()
}

/// One call, and a handler with nothing but children.
fn fan_out(spans: usize) -> Remains {
    let mut cast = Cast::of(&[["client", "HTTP", "orders", "child"]]);
    let root = cast.enter();
    let handler = cast.hop(0, root);
    while cast.spans.len() < spans {
        cast.work("orders", handler);
    }
    cast.leave()
}

/// One call, whose handler has messages to send.
fn orders() -> (Cast, At) {
    let mut cast = Cast::of(&[
        ["client", "HTTP", "orders", "child"],
        ["orders", "Kafka", "billing", "follows-from"],
    ]);
    let root = cast.enter();
    let handler = cast.hop(0, root);
    (cast, handler)
}

/// One call, a message for every order, and a consumer that takes many at once and links to each.
fn batches(spans: usize) -> Remains {
    let (mut cast, handler) = orders();
    while cast.spans.len() < spans {
        let causes: Vec<_> = (0..BATCH).map(|_| cast.sends(1, handler)).collect();
        let consequence = cast.receives(1, None, &causes);
        cast.work("billing", consequence);
    }
    cast.leave()
}

/// One call, a message for every order, and a consumer that begins a trace with each.
fn lost(spans: usize) -> Remains {
    let (mut cast, handler) = orders();
    while cast.spans.len() < spans {
        cast.sends(1, handler);
        let consequence = cast.receives(1, None, &[]);
        cast.work("billing", consequence);
    }
    Remains {
        is_whole: false,
        ..cast.leave()
    }
}

type At = (TraceId, SpanId);

/// Makes spans as reference services do.
struct Cast {
    route: Route,
    spans: Vec<Arc<Span>>,
    sightings: Vec<Vec<Sighting>>,
    origins: Vec<Arc<Origin>>,
    traces: u128,
}

impl Cast {
    fn of(rows: &[[&str; 4]]) -> Self {
        let rows: Vec<_> = rows
            .iter()
            .map(|[from, over, to, relation]| Row {
                line: 0,
                from: (*from).to_owned(),
                over: (*over).to_owned(),
                to: (*to).to_owned(),
                relation: Some((*relation).to_owned()),
                how: None,
            })
            .collect();
        let route = Route::of(&rows, &Boundaries::all()).expect("a route");
        let origins = route.services().into_iter().map(|service| {
            Arc::new(Origin {
                service: Some(service.into()),
                run: Some(RUN),
                scope: "unbroken.reference-service".into(),
                ..Origin::default()
            })
        });
        Self {
            origins: origins.collect(),
            spans: Vec::new(),
            sightings: vec![Vec::new(); route.hops().len()],
            route,
            traces: 1,
        }
    }

    /// The root of the entry.
    fn enter(&mut self) -> At {
        let entry = self.route.entry().to_owned();
        self.span(&entry, SpanKind::Internal, trace(0), None, None, &[])
    }

    /// Both sides of a hop and the handler's span, which is what comes back.
    fn hop(&mut self, hop: usize, parent: At) -> At {
        let cause = self.sends(hop, parent);
        let consequence = match self.route.hops()[hop].over.is_messaging() {
            true => self.receives(hop, None, &[cause]),
            false => self.receives(hop, Some(cause), &[]),
        };
        let to = self.route.hops()[hop].to.clone();
        self.work(&to, consequence)
    }

    fn sends(&mut self, hop: usize, parent: At) -> At {
        let from = self.route.hops()[hop].from.clone();
        let kind = match self.route.hops()[hop].over.is_messaging() {
            true => SpanKind::Producer,
            false => SpanKind::Client,
        };
        let cause = self.span(&from, kind, parent.0, Some(parent.1), Some(hop), &[]);
        let traceparent = format!("00-{}-{}-01", cause.0, cause.1);
        let carrier: Carrier = [("traceparent", traceparent)].into_iter().collect();
        for point in [Point::BeforeMiddle, Point::AfterMiddle] {
            let carrier = carrier.clone();
            self.sightings[hop].push(Sighting {
                point,
                place: String::new(),
                carrier,
            });
        }
        cause
    }

    fn receives(&mut self, hop: usize, parent: Option<At>, links: &[At]) -> At {
        let to = self.route.hops()[hop].to.clone();
        let (kind, trace) = if let Some((trace, _)) = parent {
            (SpanKind::Server, trace)
        } else {
            self.traces += 1;
            (SpanKind::Consumer, trace(self.traces))
        };
        let parent = parent.map(|(_, span)| span);
        self.span(&to, kind, trace, parent, Some(hop), links)
    }

    fn work(&mut self, service: &str, parent: At) -> At {
        let (trace, span) = parent;
        self.span(service, SpanKind::Internal, trace, Some(span), None, &[])
    }

    fn span(
        &mut self,
        service: &str,
        kind: SpanKind,
        trace: TraceId,
        parent: Option<SpanId>,
        hop: Option<usize>,
        links: &[At],
    ) -> At {
        let mut services = self.origins.iter();
        let origin = services.find(|origin| origin.service.as_deref() == Some(service));
        let number = self.spans.len() as u64 + 1;
        let id = SpanId::from(scattered(number));
        let hops = hop.map(|hop| HopToken {
            run: RUN,
            hop: u16::try_from(hop).expect("a short route"),
        });
        let hops: Vec<_> = hops.into_iter().collect();
        let named = hops
            .iter()
            .map(|hop| attribute("url.full", &hop.to_string()));
        let attributes = named.chain([
            attribute("code.function.name", "orders::place"),
            attribute("thread.name", "worker-1"),
        ]);
        let links = links.iter().map(|&(trace_id, span_id)| Link {
            trace_id,
            span_id,
            trace_state: Box::default(),
            trace_flags: Some(1),
            is_remote: Some(true),
            attributes: Vec::new(),
        });
        self.spans.push(Arc::new(Span {
            trace_id: trace,
            span_id: id,
            parent,
            parent_is_remote: None,
            trace_flags: Some(1),
            trace_state: Box::default(),
            kind,
            name: "a span of the usual length".into(),
            start: number,
            end: number + 1,
            attributes: attributes.collect(),
            links: links.collect(),
            malformed_links: None,
            status: Status::Unset,
            dropped: Dropped::default(),
            hops,
            origin: Arc::clone(origin.expect("a service of the route")),
        }));
        (trace, id)
    }

    /// In the order of a store: traces in a piece, and their spans as they came, children often
    /// before their parents.
    fn leave(mut self) -> Remains {
        let mut dice = Dice(11);
        for at in 1..self.spans.len() {
            let window = at.min(64);
            self.spans.swap(at, at - dice.roll(window + 1));
        }
        self.spans.sort_by_key(|span| {
            // The entry's trace last, as the store finds it among those that touch the run.
            (span.trace_id == trace(0), span.trace_id.to_bytes())
        });
        Remains {
            route: self.route,
            spans: self.spans,
            sightings: self.sightings,
            is_whole: true,
        }
    }
}

/// Ids that differ everywhere, as random ones do.
fn scattered(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31) | 1
}

fn trace(number: u128) -> TraceId {
    TraceId::from((number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}

fn attribute(key: &str, value: &str) -> Attribute {
    Attribute {
        key: key.into(),
        value: Value::Text(value.into()),
    }
}

/// The same numbers in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides.max(1)
    }
}
