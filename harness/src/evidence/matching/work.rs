use super::{Crossing, Ground, receives};
use crate::story::{Beneath, SpanIndex, plumbing, ties};
use crate::token;

/// What each receiver did: every span of its own, and with them the causes of the next hops.
///
/// Of a service that several hops reach, work belongs to the hop that it descends from or is tied
/// to. Work that is tied to none of them belongs to the one that it names; or else it is said to belong
/// to the first, so that it is not forgotten.
pub(super) fn find(ground: &Ground, crossings: &mut [Crossing]) {
    let mut own: Vec<Vec<SpanIndex>> = vec![Vec::new(); ground.route.services().len()];
    for (at, service) in ground.services.iter().enumerate() {
        if let Some(service) = *service
            && is_work(ground, at)
        {
            own[service].push(at);
        }
    }
    for (service, own) in own.iter().enumerate() {
        let reaches = |hop: &usize| ground.ends[*hop].1 == service;
        let hops = (0..crossings.len()).filter(reaches);
        // What is done for a reply can be told only by where it hangs: the rest was done before.
        let (replies, hops): (Vec<_>, Vec<_>) =
            hops.partition(|&hop| ground.route.hops()[hop].reply);
        let mut own = own.clone();
        for reply in replies {
            let tied = tied(ground, &own, &crossings[reply]);
            let (mine, rest): (Vec<_>, Vec<_>) = own.into_iter().partition(|at| tied.contains(*at));
            crossings[reply].work = without_consequences(&mine, &crossings[reply]);
            own = rest;
        }
        match *hops {
            [] => {}
            [hop] => crossings[hop].work = without_consequences(&own, &crossings[hop]),
            [first, ..] => {
                let tied: Vec<_> = hops
                    .iter()
                    .map(|&hop| tied(ground, &own, &crossings[hop]))
                    .collect();
                for (&hop, tied) in hops.iter().zip(&tied) {
                    let mine = own.iter().copied().filter(|&at| tied.contains(at));
                    let mine: Vec<_> = mine.collect();
                    crossings[hop].work = without_consequences(&mine, &crossings[hop]);
                }
                let stray = own.iter().copied();
                let stray = stray.filter(|&at| !tied.iter().any(|tied| tied.contains(at)));
                for at in stray {
                    let mut named = token::of_run(&ground.story.span(at).hops, ground.run);
                    let named = named.find(|hop| hops.contains(hop));
                    crossings[named.unwrap_or(first)].work.push(at);
                }
                for hop in hops {
                    crossings[hop].work.sort_unstable();
                }
            }
        }
    }
}

/// Neither what received, nor plumbing, nor what was done for another run alone.
fn is_work(ground: &Ground, at: SpanIndex) -> bool {
    let span = ground.story.span(at);
    let runs = || span.hops.iter().map(|hop| hop.run);
    let of_another = runs().next().is_some() && runs().all(|run| run != ground.run);
    !receives(span.kind) && !of_another && !plumbing::is_plumbing(ground.story, at)
}

fn tied<'a>(ground: &Ground<'a>, own: &[SpanIndex], crossing: &Crossing) -> Beneath<'a> {
    let contexts = crossing.wire.context_set();
    let own = own.iter().copied();
    let mine = own.filter(|&at| {
        let mut ties = ties(ground.story.span(at));
        ties.any(|ids| contexts.contains(&ids))
    });
    let consequences = crossing.consequences.iter().copied();
    ground.story.beneath(consequences.chain(mine))
}

fn without_consequences(spans: &[SpanIndex], crossing: &Crossing) -> Vec<SpanIndex> {
    let is_consequence = |at: &SpanIndex| crossing.consequences.binary_search(at).is_ok();
    let spans = spans.iter().copied();
    spans.filter(|at| !is_consequence(at)).collect()
}
