use unbroken_adapters::Relation;
use unbroken_adapters::service::{Sending, Taking};

use super::Route;
use super::how::{How, Receiver, Source};

/// Where the messages of a hop come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Its sender makes them for this hop.
    Own(Sending),
    /// They are those of another hop, which reach this receiver as well: fan-out.
    Shared(usize),
    /// They are those of another hop, whose receiver rejected them: dead letters.
    Rejected(usize),
}

impl Default for Origin {
    fn default() -> Self {
        Self::Own(Sending::Once)
    }
}

/// Lets the messages of a hop come from where its row says. Errors say what does not fit.
pub(super) fn send(route: &mut Route, index: usize, how: How) -> Result<(), String> {
    let hop = &route.hops[index];
    if let Some(why) = how.objection(hop.over) {
        return Err(format!("over {} this cannot be made: {why}", hop.over.name));
    }
    let origin = match how.source {
        Source::Made(sending) => Origin::Own(sending),
        Source::SameMessage => Origin::Shared(earlier(route, index)?),
        Source::DeadLetter => Origin::Rejected(earlier(route, index)?),
    };
    if let Origin::Shared(other) | Origin::Rejected(other) = origin {
        let mut sharing = route.sharing(other);
        if let Some(twice) = sharing.find(|&hop| route.hops[hop].to == route.hops[index].to) {
            let to = &route.hops[twice].to;
            return Err(format!("{to:?} gets this message already"));
        }
    }
    if let Origin::Rejected(other) = origin {
        if route
            .sharing(other)
            .any(|hop| route.hops[hop].is_dead_letter())
        {
            return Err("what is rejected goes to one place".to_owned());
        }
        route.hops[other].taking = Taking::Rejecting;
    }
    if how.reply {
        replies(route, index)?;
    }
    route.hops[index].origin = origin;
    route.hops[index].reply = how.reply;
    Ok(())
}

/// Lets the receiver of a hop take them as its row says, once it is known of every hop before
/// this one how many there are.
pub(super) fn take(route: &mut Route, index: usize, how: How) -> Result<(), String> {
    let messages = route.messages(index);
    let hop = &mut route.hops[index];
    match how.receiver {
        Receiver::Plain => {}
        _ if hop.taking == Taking::Rejecting => {
            return Err(format!(
                "{:?} is to reject the message, and nothing else with it",
                hop.to
            ));
        }
        Receiver::TakesAsOne if !matches!(hop.relation, Relation::Link | Relation::Either) => {
            return Err(format!(
                "one span for several messages can be {} of none of them: say follows-from",
                hop.relation
            ));
        }
        Receiver::TakesAsOne if messages == 1 => {
            return Err("there is one message, and nothing to take it with".to_owned());
        }
        Receiver::TakesAsOne => {
            let all = u16::try_from(messages);
            let all =
                all.map_err(|_| format!("{messages} messages are too many to take as one"))?;
            hop.taking = Taking::Together(all);
        }
        Receiver::InBackground => hop.taking = Taking::InBackground,
        Receiver::Held => hop.taking = Taking::Held,
        Receiver::FailsOnce if messages > 1 => {
            return Err("what fails once is one message".to_owned());
        }
        Receiver::FailsOnce => {
            hop.taking = Taking::AfterFailing;
            if !hop.over.is_messaging() {
                hop.origin = Origin::Own(Sending::Retrying);
            }
        }
    }
    Ok(())
}

/// The last row before this one that goes from the same service over the same boundary, and has
/// messages of its own.
fn earlier(route: &Route, index: usize) -> Result<usize, String> {
    let hop = &route.hops[index];
    let mut before = (0..index).rev();
    let like = |&other: &usize| {
        let other = &route.hops[other];
        other.from == hop.from
            && other.over.name == hop.over.name
            && matches!(other.origin, Origin::Own(_))
            && !other.reply
    };
    before.find(like).ok_or_else(|| {
        format!(
            "no row before it goes from {:?} over {}, so there is no message to share",
            hop.from, hop.over.name
        )
    })
}

/// A reply goes to where the request came from, and ends there.
fn replies(route: &Route, index: usize) -> Result<(), String> {
    let hop = &route.hops[index];
    let asked = hop.after.map(|request| &route.hops[request].from);
    if asked == Some(&hop.to) {
        return Ok(());
    }
    Err(match asked {
        Some(asked) => format!(
            "{:?} was reached by {asked:?}, so its reply goes there and not to {:?}",
            hop.from, hop.to
        ),
        None => format!("nobody asked {:?} for a reply", hop.from),
    })
}
