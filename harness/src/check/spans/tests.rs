//! The whole check, against services whose wire and whose spans are right or wrong, each by itself.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, TraceContextExt, Tracer, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, IdGenerator, RandomIdGenerator, SdkTracer,
    SdkTracerProvider,
};
use unbroken_adapters::service::{Config, Element, Listen, Service, Taking};
use unbroken_adapters::w3c::{Propagator, TRACEPARENT, TRACESTATE};
use unbroken_adapters::{
    Address, Boundaries, Carrier, Delivery, Fault, Format, Message, Relation, Serving,
};

use super::Collector;
use crate::check::judge::{Judgement, Outcome};
use crate::check::{Check, Checked, Ending};
use crate::collector::{InProcess, Store};
use crate::report;
use crate::rules::Level;
use crate::token::HopToken;

/// How long anything may take that is going to happen.
const PATIENCE: Duration = Duration::from_secs(20);
/// Long enough for what is there already.
const AT_ONCE: Duration = Duration::from_millis(200);

fn provider(store: &Store) -> SdkTracerProvider {
    SdkTracerProvider::builder()
        .with_resource(
            Resource::builder_empty()
                .with_service_name("subject")
                .build(),
        )
        .with_simple_exporter(InProcess::new(store))
        .build()
}

fn asked(target: &Address, store: &Store, settle: Duration) -> Check {
    Check {
        timeout: PATIENCE,
        collector: Some(Collector {
            store: store.clone(),
            settle,
        }),
        ..Check::of(target.clone())
    }
}

async fn check(target: &Address, store: &Store, settle: Duration) -> Checked {
    let checked = asked(target, store, settle).go().await;
    checked.expect("the probe listens")
}

fn address() -> Address {
    Address::parse("http://127.0.0.1:0/check").expect("an address")
}

/// The reference service, in this process, that may make a mistake.
async fn reference(provider: SdkTracerProvider, fault: Option<Fault>) -> Service {
    let (problems, _) = tokio::sync::mpsc::unbounded_channel();
    let service = Service::start(Config {
        name: "subject".to_owned(),
        listen: vec![Listen {
            address: address(),
            relation: Relation::Child,
            taking: Taking::Each,
            fault,
        }],
        provider,
        boundaries: Boundaries::all(),
        formats: vec![Format::TraceContext],
        send_timeout: PATIENCE,
        problems,
    });
    service.await.expect("it listens")
}

async fn reference_is_checked(fault: Option<Fault>) -> Checked {
    let store = Store::new();
    let service = reference(provider(&store), fault).await;
    let target = service.addresses().next().expect("it listens").clone();
    check(&target, &store, AT_ONCE).await
}

/// What a misbehaving service has at hand: its tracer, what came in, and what it was asked for.
struct Asked {
    tracer: SdkTracer,
    got: Carrier,
    mark: HopToken,
}

impl Asked {
    /// The context that came in, read as it should be.
    fn context(&self) -> Context {
        Propagator.extract_with_context(&Context::new(), &self.got)
    }

    /// Makes the span of the server, under this.
    fn serve(&self, under: &Context) -> Context {
        let span = self.tracer.span_builder("POST /check");
        let span = span.with_kind(SpanKind::Server);
        let query = format!("unbroken={}", self.mark);
        let span = span.with_attributes([KeyValue::new("url.query", query)]);
        under.with_span(span.start_with_context(&self.tracer, under))
    }

    /// Makes the span of a call, under this, and the headers that go with it.
    fn call(&self, under: &Context) -> Carrier {
        let span = self.tracer.span_builder("POST").with_kind(SpanKind::Client);
        sent(&under.with_span(span.start_with_context(&self.tracer, under)))
    }

    /// What it got of contexts, as it got it.
    fn copy(&self) -> Carrier {
        let ours = |name: &str| [TRACEPARENT, TRACESTATE].contains(&name);
        let got = self.got.iter().filter(|(name, _)| ours(name));
        got.map(|(name, value)| (name, value.clone())).collect()
    }
}

fn sent(cx: &Context) -> Carrier {
    let mut carrier = Carrier::new();
    Propagator.inject_context(cx, &mut carrier);
    carrier
}

/// A context in the trace of `cx` for a span that is never made.
fn of_no_span(cx: &Context) -> Carrier {
    let of = cx.span().span_context().clone();
    let made_up: SpanId = RandomIdGenerator::default().new_span_id();
    let context = SpanContext::new(
        of.trace_id(),
        made_up,
        of.trace_flags(),
        true,
        of.trace_state().clone(),
    );
    sent(&cx.with_remote_span_context(context))
}

/// A service that calls with what `act` makes of each request.
async fn service(store: &Store, act: fn(&Asked) -> Carrier) -> Serving {
    let boundaries = Boundaries::all();
    let tracer = provider(store).tracer("by hand");
    let http = Arc::clone(boundaries.at(&address()).expect("HTTP is there"));
    let client = Arc::clone(&http);
    let handler = Arc::new(move |delivery: Delivery| {
        let (client, tracer) = (Arc::clone(&client), tracer.clone());
        async move {
            for message in delivery.messages {
                let elements = Element::list(&message.body).expect("a list");
                let asked = Asked {
                    tracer: tracer.clone(),
                    got: message.carrier,
                    mark: HopToken::find_all(elements[0].url.as_str())
                        .next()
                        .expect("every call has the name of its case"),
                };
                for element in elements {
                    let call = Message {
                        carrier: act(&asked),
                        body: "[]".into(),
                    };
                    let called = client.send(&element.url, call).await;
                    called.expect("the probe takes it");
                }
            }
            Ok(())
        }
        .boxed()
    });
    http.serve(&address(), 1, handler)
        .await
        .expect("it listens")
}

async fn is_checked(act: fn(&Asked) -> Carrier) -> Checked {
    let store = Store::new();
    let service = service(&store, act).await;
    check(&service.address, &store, AT_ONCE).await
}

/// What is said by one judgement: how many demands held, what was not shown, and in which cases there is a finding.
fn said(checked: &Checked, by: Judgement) -> String {
    let mut held = 0;
    let mut others: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (trial, rulings) in checked.trials.iter().zip(&checked.rulings) {
        for ruling in rulings.iter().filter(|ruling| ruling.by == by) {
            let what = format!("{}, {:?}", ruling.demand.level, ruling.demand.what);
            let what = what.split('(').next().unwrap_or_default().to_owned();
            let line = match &ruling.outcome {
                Outcome::Held => {
                    held += 1;
                    continue;
                }
                Outcome::Finding { .. } => format!("finding, {what}"),
                Outcome::NotShown(why) => format!("not shown, {what}: {why}"),
            };
            others.entry(line).or_default().push(trial.case.id);
        }
    }
    let lines = others
        .iter()
        .map(|(line, ids)| format!("{line}\n    {}\n", ids.join(" ")));
    format!("{held} held\n{}", lines.collect::<String>())
}

/// What is said by the spans, and of whether they agree with the wire.
fn of_spans(checked: &Checked) -> String {
    let spans = said(checked, Judgement::Spans);
    let agree = said(checked, Judgement::Agree);
    format!("by its spans: {spans}\nwhether they agree: {agree}")
}

#[tokio::test]
async fn who_does_it_right_is_right_by_all_three() {
    let checked = reference_is_checked(None).await;
    let spans = checked.spans.as_ref().expect("there is a collector");
    assert_eq!((spans.missing(), spans.unsampled()), (0, 3));
    assert_eq!(checked.ending(Level::Must), Ending::Conforms);
    insta::assert_snapshot!("reference", of_spans(&checked));
}

#[tokio::test]
async fn spans_that_come_late_are_waited_for() {
    let store = Store::new();
    let delay = BatchConfigBuilder::default().with_scheduled_delay(Duration::from_millis(300));
    let late = BatchSpanProcessor::builder(InProcess::new(&store)).with_batch_config(delay.build());
    let provider = SdkTracerProvider::builder().with_span_processor(late.build());
    let service = reference(provider.build(), None).await;
    let target = service.addresses().next().expect("it listens");
    let checked = check(target, &store, PATIENCE).await;
    let spans = checked.spans.as_ref().expect("there is a collector");
    assert_eq!(spans.missing(), 0);
    assert_eq!(checked.ending(Level::Must), Ending::Conforms);
    assert_eq!(store.counts().held, 0, "what was judged is forgotten");
}

#[tokio::test]
async fn a_flood_of_spans_that_have_nothing_to_do_with_it_ends_in_the_end() {
    let store = Store::new();
    // It exports none of its own, and something comes all the time.
    let service = service(&store, |asked| of_no_span(&asked.context())).await;
    let tracer = provider(&store).tracer("flood");
    let flood = tokio::spawn(async move {
        let mut often = tokio::time::interval(AT_ONCE / 10);
        loop {
            often.tick().await;
            drop(tracer.span_builder("tick").start(&tracer));
        }
    });
    let checked = tokio::time::timeout(PATIENCE, check(&service.address, &store, AT_ONCE)).await;
    flood.abort();
    let checked = checked.expect("it ends");
    let spans = checked.spans.expect("there is a collector");
    assert!(!spans.say_anything());
    assert!(spans.came > 0);
}

#[tokio::test]
async fn who_copies_the_header_beside_right_spans_names_no_span() {
    let checked = is_checked(|asked| {
        drop(asked.serve(&asked.context()));
        asked.copy()
    })
    .await;
    insta::assert_snapshot!("copies", of_spans(&checked));
}

#[tokio::test]
async fn what_is_the_same_in_a_hundred_cases_is_told_once_with_what_to_look_at() {
    let store = Store::new();
    let service = service(&store, |asked| {
        drop(asked.serve(&asked.context()));
        asked.copy()
    })
    .await;
    let check = asked(&service.address, &store, AT_ONCE);
    let checked = check.go().await.expect("the probe listens");
    let page = anstream::adapter::strip_str(&report::checked(&check, &checked)).to_string();
    let told: Vec<_> = page.split("\n\n").collect();
    let told = told
        .iter()
        .filter(|told| told.contains("by wire and spans"));
    let told: Vec<_> = told.collect();
    let [told] = told.as_slice() else {
        panic!("{told:#?}");
    };
    assert!(
        told.starts_with("WIRE-002 (should, convention, by wire and spans)"),
        "{told}"
    );
    for said in [
        "expected  a context that names a span which was exported, under `POST /check` (server)",
        "which names what was sent, and no span of the service",
        "likewise  WIRE-005a WIRE-005b",
        "look at   whether the client is instrumented",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
}

#[tokio::test]
async fn a_span_that_begins_anew_beside_a_wire_that_goes_on_is_found() {
    let checked = is_checked(|asked| {
        let served = asked.serve(&Context::new());
        match asked.context() {
            cx if cx.has_active_span() => of_no_span(&cx),
            _ => asked.call(&served),
        }
    })
    .await;
    insta::assert_snapshot!("spans-begin-anew", of_spans(&checked));
}

#[tokio::test]
async fn a_call_whose_span_is_never_exported_is_found() {
    let checked = is_checked(|asked| of_no_span(&asked.serve(&asked.context()))).await;
    insta::assert_snapshot!("never-exports-the-call", of_spans(&checked));
}

#[tokio::test]
async fn a_call_that_hangs_elsewhere_than_the_request_is_found() {
    let checked = reference_is_checked(Some(Fault::LostInside)).await;
    insta::assert_snapshot!("lost-inside", of_spans(&checked));
}

#[tokio::test]
async fn of_who_exports_nothing_nothing_is_shown() {
    let checked = is_checked(|asked| match asked.context() {
        cx if cx.has_active_span() => of_no_span(&cx),
        cx => of_no_span(&cx.with_remote_span_context(SpanContext::new(
            RandomIdGenerator::default().new_trace_id(),
            RandomIdGenerator::default().new_span_id(),
            opentelemetry::TraceFlags::SAMPLED,
            true,
            opentelemetry::trace::TraceState::NONE,
        ))),
    })
    .await;
    let spans = checked.spans.as_ref().expect("there is a collector");
    assert!(!spans.say_anything());
    assert_eq!(checked.ending(Level::Must), Ending::Findings);
    insta::assert_snapshot!("exports-nothing", of_spans(&checked));
}
