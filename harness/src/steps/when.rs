//! When: the request takes its route.

use cucumber::gherkin::Step;
use cucumber::when;

use super::World;
use super::world::Failure;
use crate::verdict::Verdict;

/// The route: a table with the columns `from`, `over`, `to`, and optionally `as` and `how`. `over` is a boundary, perhaps
/// with parameters of its address (`SQS?carrier=header`, `Kafka?key=7`), or one of `any`, `any call`, `any queue` and
/// `any broker`, which make a scenario for each that can do it. `how` is the way that the hop is made: `3 times`,
/// `3 in parallel`, `3 as one`, `from the outbox`, `same message` or `dead letter`; `taken as one`, `fails once`,
/// `in the background` or `held`; `reply`; several of them with commas between.
#[when("a request takes this route")]
async fn a_request_takes_this_route(world: &mut World, step: &Step) -> Result<(), Failure> {
    match &step.table {
        Some(table) => world.perform(table).await,
        None => world.fail(
            Verdict::Mistaken,
            format!(
                "line {}: the table of the route is missing",
                step.position.line
            ),
        ),
    }
}
