//! One message for several receivers: LINK-007.

use unbroken_adapters::Relation;

use crate::evidence::Evidence;
use crate::rules::blame::Inquiry;
use crate::rules::link::{messages, redelivery};
use crate::rules::{Outcome, unseen};

pub(super) fn every_receiver_is_tied(evidence: &Evidence) -> Vec<Outcome> {
    let inquiry = Inquiry::of(evidence);
    let shares = |hop: usize| !evidence.route.hops()[hop].is_dead_letter();
    let hops = messages(evidence).filter(|(index, hop, _)| {
        let sharing = evidence.route.sharing(*index).filter(|&hop| shares(hop));
        hop.relation != Relation::Root && shares(*index) && sharing.count() > 1
    });
    hops.map(|(index, _, crossing)| {
        if let Some(unseen) = unseen(evidence, index) {
            return unseen;
        }
        let made_for = &evidence.crossings[evidence.route.made_for(index)];
        match made_for.wire.before() {
            Some(sent) => {
                let contexts = redelivery::sent_with(evidence, sent, crossing);
                let to_what = "the one context that the message was sent with";
                redelivery::tied(&inquiry, index, &contexts, to_what)
            }
            None => Outcome::not_shown(index, "no tap saw what the message was sent with"),
        }
    })
    .collect()
}
