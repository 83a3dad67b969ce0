//! The body of the request: what each service is to be told.

use unbroken_adapters::Maker;
use unbroken_adapters::service::{Element, SenderOptions};

use super::Plan;
use super::place::Place;
use crate::route::Origin;

/// What a service is to be told so that the request takes its route. Messages that several
/// receivers share tell all of them, each by its name.
pub(super) fn elements(plan: &Plan, places: &[Place], after: Option<usize>) -> Vec<Element> {
    let own = plan
        .route
        .next(after)
        .filter_map(|index| match plan.route.hops()[index].origin {
            Origin::Own(sending) => Some((index, sending)),
            Origin::Shared(_) | Origin::Rejected(_) => None,
        });
    let elements = own.map(|(index, sending)| {
        let hop = &plan.route.hops()[index];
        let receivers: Vec<_> = plan.route.sharing(index).collect();
        let arguments = receivers.iter().flat_map(|&receiver| {
            let by = (receivers.len() > 1).then(|| plan.route.hops()[receiver].to.clone());
            let elements = elements(plan, places, Some(receiver)).into_iter();
            elements.map(move |element| element.only_by(by.clone()))
        });
        let arguments: Vec<_> = arguments.collect();
        let options = SenderOptions {
            sending,
            by: None,
            without_baggage: plan.request.third_parties.contains(&hop.to),
            fault: plan.fault(index, Maker::Sender),
        };
        Element {
            url: places[index]
                .sender
                .for_whom(plan.is_contained(&hop.from))
                .clone(),
            arguments: serde_json::json!(arguments),
            unbroken: (options != SenderOptions::default()).then_some(options),
        }
    });
    elements.collect()
}
