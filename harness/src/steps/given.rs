//! Given: who plays the services, and what is to go wrong.

#![expect(
    clippy::needless_pass_by_value,
    reason = "what a step captures is handed to it"
)]

use std::collections::BTreeMap;

use cucumber::gherkin::Step;
use cucumber::given;
use unbroken_adapters::{Address, Format};

use super::World;
use super::world::{About, Failure};
use crate::rules;
use crate::stage::{Middle, Participant, Subject};
use crate::verdict::{Known, Verdict};

/// The reference service, in a container of its own, exporting over the network.
#[given(expr = "{string} runs in a container")]
fn runs_in_a_container(world: &mut World, service: String, step: &Step) -> Result<(), Failure> {
    plays(world, step, service, Participant::Contained)
}

/// A subject that is called: it gets the port's requests once its log says the words.
#[given(expr = "{string} runs the image {string} on port {int}, ready when it logs {string}")]
fn runs_the_image_on_a_port(
    world: &mut World,
    service: String,
    image: String,
    port: u64,
    ready: String,
    step: &Step,
) -> Result<(), Failure> {
    let Ok(port) = u16::try_from(port) else {
        return world.fail(Verdict::Mistaken, format!("{port} is no port"));
    };
    let port = Some(port);
    let subject = subject(image, port, ready);
    plays(world, step, service, Participant::Image(subject))
}

/// A subject that consumes: where from stands in its environment variable `LISTEN`, with commas between several.
#[given(expr = "{string} runs the image {string}, ready when it logs {string}")]
fn runs_the_image(
    world: &mut World,
    service: String,
    image: String,
    ready: String,
    step: &Step,
) -> Result<(), Failure> {
    let port = None;
    let subject = subject(image, port, ready);
    plays(world, step, service, Participant::Image(subject))
}

/// What a subject's environment says beside that, such as `"KAFKA=iterator"`. Its image is said first.
#[given(expr = "{string} is told {string}")]
fn is_told(
    world: &mut World,
    service: String,
    variable: String,
    step: &Step,
) -> Result<(), Failure> {
    let given = world.given(step, About::Service(service.clone()))?;
    let told = match (given.cast.get_mut(&service), variable.split_once('=')) {
        (Some(Participant::Image(subject)), Some((name, value))) => {
            let environment = &mut subject.environment;
            environment.insert(name.to_owned(), value.to_owned());
            return Ok(());
        }
        (_, None) => format!("{variable:?} is no NAME=value"),
        (_, Some(_)) => format!("{service:?} runs no image, and so nothing can be told to it"),
    };
    world.fail(Verdict::Mistaken, told)
}

/// A subject that somebody else runs on this machine, and that is called over HTTP or gRPC. It exports to port 4318
/// (`--otlp-port`), at least every five seconds (`--settle`), under the name that it has here (`OTEL_SERVICE_NAME`).
#[given(expr = "{string} listens at {string}")]
fn listens_at(world: &mut World, service: String, url: String, step: &Step) -> Result<(), Failure> {
    match Address::parse(&url) {
        Ok(address) => plays(world, step, service, Participant::Listening { address }),
        Err(error) => world.fail(Verdict::Mistaken, error.to_string()),
    }
}

/// A service whose spans go elsewhere, or nowhere. What needs them is not shown, and a scenario that asks for it
/// (`the story is one connected tree`) is red; what the wire shows is judged.
#[given(expr = "{string} exports no spans")]
fn exports_no_spans(world: &mut World, service: String, step: &Step) -> Result<(), Failure> {
    let given = world.given(step, About::Service(service.clone()))?;
    given.silent.insert(service);
    Ok(())
}

/// Work of a service that is of no request, such as `"GET /health"`, `"HEAD"` or `"heartbeat"`: a trace of its own that
/// begins with a span of this name, links to nothing, and does not speak of the route, is not missed in the story.
#[given(expr = "{string} does {string} of its own accord")]
fn does_of_its_own_accord(
    world: &mut World,
    service: String,
    span: String,
    step: &Step,
) -> Result<(), Failure> {
    let given = world.given(step, About::Route)?;
    let own = given.own_accord.entry(service).or_default();
    own.insert(span);
    Ok(())
}

/// What the entry sends as `tracestate`.
#[given(expr = "the request carries the trace state {string}")]
fn carries_the_trace_state(world: &mut World, state: String, step: &Step) -> Result<(), Failure> {
    let given = world.given(step, About::Route)?;
    given.request.luggage.trace_state = state;
    Ok(())
}

/// What the entry sends as `baggage`, be it valid or not. Said twice, it is sent in two headers, where a carrier can
/// hold a name twice.
#[given(expr = "the request carries the baggage {string}")]
fn carries_the_baggage(world: &mut World, baggage: String, step: &Step) -> Result<(), Failure> {
    let given = world.given(step, About::Route)?;
    given.request.luggage.baggage.push(baggage);
    Ok(())
}

/// Nothing records it, so no service exports spans of it: it is judged by what stands on the wire alone, and a
/// scenario asks for `every hop carries the context on`.
#[given(expr = "the request is not sampled")]
fn is_not_sampled(world: &mut World, step: &Step) -> Result<(), Failure> {
    let given = world.given(step, About::Route)?;
    given.request.luggage.sampled = false;
    Ok(())
}

/// The entry sets the flag of Trace Context level 2 that says so.
#[given(expr = "the request's trace id is random")]
fn is_random(world: &mut World, step: &Step) -> Result<(), Failure> {
    let given = world.given(step, About::Route)?;
    given.request.luggage.random = true;
    Ok(())
}

/// Which formats a reference service sends and understands, by their names in `OTEL_PROPAGATORS`: `tracecontext`,
/// `baggage`, `b3`, `b3multi`, `xray`, parted by commas. It sends all of them, and of what arrives the first counts that
/// names a span. Nobody told speaks `tracecontext,baggage`.
#[given(expr = "{string} speaks {string}")]
fn speaks(world: &mut World, service: String, formats: String, step: &Step) -> Result<(), Failure> {
    match Format::list(&formats) {
        Ok(formats) => {
            let given = world.given(step, About::Service(service.clone()))?;
            given.request.formats.insert(service, formats);
            Ok(())
        }
        Err(error) => world.fail(Verdict::Mistaken, error.to_string()),
    }
}

/// There the trace begins anew. The hop to it is `follows-from`, with a link to the trace outside, or `root`.
#[given(expr = "{string} stands beyond a trust boundary")]
fn stands_beyond_a_trust_boundary(
    world: &mut World,
    service: String,
    step: &Step,
) -> Result<(), Failure> {
    let given = world.given(step, About::Route)?;
    given.request.beyond.insert(service);
    Ok(())
}

/// Baggage is none of its business, and does not go there.
#[given(expr = "{string} is a third party")]
fn is_a_third_party(world: &mut World, service: String, step: &Step) -> Result<(), Failure> {
    let given = world.given(step, About::Route)?;
    given.request.third_parties.insert(service);
    Ok(())
}

/// A mistake, made on purpose to see whether it is found; `docs/faults.md` lists them.
#[given(expr = "the hop from {string} to {string} suffers {string}")]
fn suffers(
    world: &mut World,
    from: String,
    to: String,
    fault: String,
    step: &Step,
) -> Result<(), Failure> {
    match fault.parse() {
        Ok(fault) => {
            let given = world.given(step, About::Route)?;
            given.faults.push((from, to, fault));
            Ok(())
        }
        Err(error) => world.fail(Verdict::Mistaken, format!("{error}")),
    }
}

/// A real part in between, in a container, with a tap on either side of it; `docs/middles.md` lists them.
#[given(expr = "the hop from {string} to {string} passes through {string}")]
fn passes_through(
    world: &mut World,
    from: String,
    to: String,
    part: String,
    step: &Step,
) -> Result<(), Failure> {
    pass_through(world, step, (from, to), Middle::part(&part, None))
}

/// The same, where it does something to what passes.
#[given(expr = "the hop from {string} to {string} passes through {string}, which {string}")]
fn passes_through_which(
    world: &mut World,
    from: String,
    to: String,
    part: String,
    manner: String,
    step: &Step,
) -> Result<(), Failure> {
    pass_through(world, step, (from, to), Middle::part(&part, Some(&manner)))
}

/// A proxy of one's own: what comes to its port it is to send on to where its environment variable `FORWARD` says, such
/// as `http://host:1234`.
#[given(
    expr = "the hop from {string} to {string} passes through the image {string} on port {int}, ready when it logs {string}"
)]
fn passes_through_the_image_on_a_port(
    world: &mut World,
    from: String,
    to: String,
    image: String,
    port: u64,
    ready: String,
    step: &Step,
) -> Result<(), Failure> {
    let port = u16::try_from(port).map_err(|_| format!("{port} is no port"));
    let middle = port.map(|port| {
        let port = Some(port);
        Middle::Image(subject(image, port, ready))
    });
    pass_through(world, step, (from, to), middle)
}

/// A mirror or bridge of one's own between two queues: where to take from stands in its environment variable `LISTEN`,
/// and where to put to in `FORWARD`, such as `kafka://broker:19092/topic`.
#[given(
    expr = "the hop from {string} to {string} passes through the image {string}, ready when it logs {string}"
)]
fn passes_through_the_image(
    world: &mut World,
    from: String,
    to: String,
    image: String,
    ready: String,
    step: &Step,
) -> Result<(), Failure> {
    let port = None;
    let middle = Middle::Image(subject(image, port, ready));
    pass_through(world, step, (from, to), Ok(middle))
}

/// Puts somebody in the place of a service.
fn plays(
    world: &mut World,
    step: &Step,
    service: String,
    participant: Participant,
) -> Result<(), Failure> {
    let given = world.given(step, About::Service(service.clone()))?;
    given.cast.insert(service, participant);
    Ok(())
}

fn pass_through(
    world: &mut World,
    step: &Step,
    (from, to): (String, String),
    middle: Result<Middle, String>,
) -> Result<(), Failure> {
    match middle {
        Ok(middle) => {
            let given = world.given(step, About::Route)?;
            given.middles.push((from, to, middle));
            Ok(())
        }
        Err(why) => world.fail(Verdict::Mistaken, why),
    }
}

/// A finding that is known, and why. When it is no longer found, the scenario is red.
#[given(regex = r#"^"([^"]+)" is known to break on the hop to "([^"]+)": (.+)$"#)]
fn is_known_to_break(
    world: &mut World,
    rule: String,
    to: String,
    because: String,
    step: &Step,
) -> Result<(), Failure> {
    let Some(rule) = rules::rule(&rule) else {
        return world.fail(
            Verdict::Mistaken,
            format!("there is no rule {rule:?}; `unbroken rules` lists them"),
        );
    };
    let rule = rule.id;
    let given = world.given(step, About::Route)?;
    given.known.push(Known { rule, to, because });
    Ok(())
}

fn subject(image: String, port: Option<u16>, ready: String) -> Subject {
    Subject {
        image,
        port,
        ready,
        environment: BTreeMap::new(),
    }
}
