//! What every boundary must do, mounted over each of them, against the brokers of a real stage:
//! a test for each clause and boundary. To run some: `cargo test --test boundaries -- Kafka`.

mod amqp;
mod bench;
mod check;
mod kafka;
mod sqs;
mod stage;

use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::time::timeout;
use unbroken_adapters::conformance::CLAUSES;
use unbroken_adapters::tap::{Point, Sighting};
use unbroken_adapters::{
    Address, Boundaries, Boundary, Carrier, Delivery, Handler, Message, Refusal,
};

use bench::Bench;

/// Where an address chooses between ways to carry context, each of them is a boundary.
const VARIANTS: &[(&str, &str, &str)] = &[("SQS", "carrier", "header")];

/// How long anything may take that is going to happen.
const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    if let Some(code) = unbroken::role::play() {
        return code;
    }
    let arguments = Arguments::from_args();
    let bench = match Bench::new() {
        Ok(bench) => Arc::new(bench),
        Err(error) => {
            eprintln!("no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut trials = mounted(&bench);
    trials.extend(amqp::trials(&bench));
    trials.extend(check::trials(&bench));
    trials.extend(kafka::trials(&bench));
    trials.extend(sqs::trials(&bench));
    trials.extend(stage::trials(&bench));
    let conclusion = libtest_mimic::run(&arguments, trials);
    bench.close();
    conclusion.exit_code()
}

/// Every clause over every boundary.
fn mounted(bench: &Arc<Bench>) -> Vec<Trial> {
    let boundaries = Boundaries::all();
    let names = boundaries
        .iter()
        .map(|boundary| (boundary.descriptor().name, None));
    let variants = VARIANTS.iter();
    let variants = variants.map(|(name, param, value)| (*name, Some((*param, *value))));
    let mounted = names.chain(variants).flat_map(|(name, variant)| {
        CLAUSES.iter().map(move |(clause, keep)| {
            let title = match variant {
                Some((_, value)) => format!("{name}+{value}::{clause}"),
                None => format!("{name}::{clause}"),
            };
            let bench = Arc::clone(bench);
            let trial = move || {
                bench.wait(async {
                    let ground = bench.ground(name, variant).await?;
                    keep(&ground).await.map_err(Into::into)
                })
            };
            Trial::test(title, trial)
        })
    });
    mounted.collect()
}

/// A message arrives just as it was sent, and was seen like that on either side of the broker.
async fn delivered(
    boundary: &dyn Boundary,
    address: &Address,
    carrier: Carrier,
) -> Result<(), Failed> {
    let (recorder, mut sightings) = mpsc::unbounded_channel();
    let (handler, mut deliveries) = passing_on();
    let tap = boundary
        .tap(address, Ipv4Addr::LOCALHOST.into(), recorder.into())
        .await?;
    let _serving = boundary.serve(&tap.receiver, 1, handler).await?;
    let body = "[]".into();
    let sent = Message { carrier, body };
    boundary.send(&tap.sender, sent.clone()).await?;
    let delivery = timeout(PATIENCE, deliveries.recv()).await?;
    let delivery = delivery.ok_or("nothing can arrive any more")?;
    if delivery.messages != [sent.clone()] {
        return Err("it arrived otherwise than it was sent".into());
    }
    for point in [Point::BeforeMiddle, Point::AfterMiddle] {
        let sighting = timeout(PATIENCE, sightings.recv()).await?;
        let as_sent = |s: &Sighting| s.point == point && s.carrier == sent.carrier;
        if !sighting.as_ref().is_some_and(as_sent) {
            return Err(format!("it was seen otherwise {point:?}").into());
        }
    }
    Ok(())
}

/// Messages that are sent as one arrive in their order.
async fn in_order(boundary: &dyn Boundary, address: &Address) -> Result<(), Failed> {
    const MANY: u32 = 200;
    let numbered = |n: u32| Message {
        carrier: [("number", n.to_string())].into_iter().collect(),
        body: "[]".into(),
    };
    let sent: Vec<_> = (0..MANY).map(numbered).collect();
    boundary.send_all(address, sent.clone()).await?;
    let (handler, mut deliveries) = passing_on();
    let _serving = boundary.serve(address, 7, handler).await?;
    let mut arrived = Vec::new();
    while arrived.len() < sent.len() {
        let delivery = timeout(PATIENCE, deliveries.recv()).await?;
        arrived.extend(delivery.ok_or("nothing can arrive any more")?.messages);
    }
    if arrived == sent {
        return Ok(());
    }
    let numbers = arrived.iter().map(|message| message.carrier.all("number"));
    let numbers: Vec<_> = numbers
        .flatten()
        .map(|number| number.escape_ascii().to_string())
        .collect();
    Err(format!("they arrived as {}", numbers.join(" ")).into())
}

/// A handler that takes everything, and passes it on.
fn passing_on() -> (Handler, UnboundedReceiver<Delivery>) {
    let (arrived, deliveries) = mpsc::unbounded_channel();
    let handler: Handler = Arc::new(move |delivery| {
        let passed_on = arrived
            .send(delivery)
            .map_err(|_| Refusal::Failed("nobody looks".to_owned()));
        Box::pin(std::future::ready(passed_on))
    });
    (handler, deliveries)
}
