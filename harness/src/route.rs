//! The route: the tree of hops that a request is to take, both the request and the expectation.

pub mod how;
mod origin;
mod row;

use std::collections::BTreeMap;
use std::fmt;

use unbroken_adapters::service::{Sending, Taking};
use unbroken_adapters::{Boundaries, Descriptor, Relation};

pub use origin::Origin;
pub use row::{RouteError, Row};

/// A tree of hops. It has one entry, and no service that sends on is reached twice.
#[derive(Clone, Debug)]
pub struct Route {
    entry: String,
    hops: Vec<Hop>,
}

/// One crossing of one boundary, as it is declared.
#[derive(Clone, Debug)]
pub struct Hop {
    /// Whose side the cause is on.
    pub from: String,
    /// Whose side the consequence is on.
    pub to: String,
    /// The boundary that is crossed.
    pub over: &'static Descriptor,
    /// What its address says beside where it is, such as `carrier=header` over SQS.
    pub params: Vec<(String, String)>,
    /// How the consequence is to be tied to the cause.
    pub relation: Relation,
    /// The hop that reaches `from`; none where `from` is the entry.
    pub after: Option<usize>,
    /// Where its messages come from.
    pub origin: Origin,
    /// What the receiver does with them.
    pub taking: Taking,
    /// Whether it goes back to the service that asked for it, and ends there.
    pub reply: bool,
}

impl Route {
    /// Makes a tree of the rows, or says which line is wrong and why.
    pub fn of(rows: &[Row], boundaries: &Boundaries) -> Result<Self, RouteError> {
        let first = rows.first().ok_or(RouteError::Empty { line: 0 })?;
        let ways = rows.iter().map(Row::how).collect::<Result<Vec<_>, _>>()?;
        let sends = |service: &str| rows.iter().any(|row| row.from == service);
        let mut reached: BTreeMap<&str, usize> = BTreeMap::new();
        // Whoever gets a reply was reached before.
        for (index, row) in rows.iter().enumerate().filter(|(at, _)| !ways[*at].reply) {
            if let Some(earlier) = reached.insert(&row.to, index)
                && sends(&row.to)
            {
                return Err(RouteError::ReachedTwice {
                    line: row.line,
                    first: rows[earlier].line,
                    service: row.to.clone(),
                });
            }
        }
        let mut unreached = rows.iter().filter(|row| !reached.contains_key(&*row.from));
        let entry = unreached
            .next()
            .ok_or(RouteError::NoEntry { line: first.line })?;
        if let Some(other) = unreached.find(|row| row.from != entry.from) {
            return Err(RouteError::TwoEntries {
                line: other.line,
                first: entry.from.clone(),
                second: other.from.clone(),
            });
        }
        let hops = rows
            .iter()
            .map(|row| row.hop(reached.get(&*row.from).copied(), boundaries))
            .collect::<Result<Vec<_>, _>>()?;
        let mut route = Self {
            entry: entry.from.clone(),
            hops,
        };
        if let Some(hop) = (0..rows.len()).find(|&hop| !route.leads_to_entry(hop)) {
            return Err(RouteError::Circle {
                line: rows[hop].line,
                service: rows[hop].from.clone(),
            });
        }
        let wrong = |hop: usize, reason| RouteError::How {
            line: rows[hop].line,
            reason,
        };
        for (hop, &how) in ways.iter().enumerate() {
            origin::send(&mut route, hop, how).map_err(|reason| wrong(hop, reason))?;
        }
        for hop in route.outward() {
            origin::take(&mut route, hop, ways[hop]).map_err(|reason| wrong(hop, reason))?;
        }
        for (hop, Row { to, .. }) in rows.iter().enumerate() {
            if route.hops[hop].taking == Taking::Rejecting && route.next(Some(hop)).count() > 0 {
                let reason = format!("{to:?} rejects the message, and so sends nothing on");
                return Err(wrong(hop, reason));
            }
        }
        Ok(route)
    }

    /// The service that the request begins at.
    pub fn entry(&self) -> &str {
        &self.entry
    }

    /// Every hop, in the order of the table. Hops are named by their index here.
    pub fn hops(&self) -> &[Hop] {
        &self.hops
    }

    /// Every service once: the entry first, then as the hops reach them.
    pub fn services(&self) -> Vec<&str> {
        let mut services = vec![self.entry()];
        for hop in &self.hops {
            if !services.contains(&&*hop.to) {
                services.push(&hop.to);
            }
        }
        services
    }

    /// The hops that follow on `hop`, or on the entry: what its receiver sends.
    pub fn next(&self, after: Option<usize>) -> impl Iterator<Item = usize> {
        let hops = self.hops.iter().enumerate();
        hops.filter(move |(_, hop)| hop.after == after)
            .map(|(index, _)| index)
    }

    /// The hops that reach a service.
    pub fn reaching(&self, service: &str) -> impl Iterator<Item = usize> {
        let hops = self.hops.iter().enumerate();
        hops.filter(move |(_, hop)| hop.to == service)
            .map(|(index, _)| index)
    }

    /// The hops that the messages of a hop make: itself, and those that share them.
    pub fn sharing(&self, hop: usize) -> impl Iterator<Item = usize> {
        let made_for = self.made_for(hop);
        (0..self.hops.len()).filter(move |&other| self.made_for(other) == made_for)
    }

    /// The hop that the messages of a hop were made for: itself, unless it shares another's.
    pub fn made_for(&self, hop: usize) -> usize {
        match self.hops[hop].origin {
            Origin::Own(_) => hop,
            Origin::Shared(other) | Origin::Rejected(other) => other,
        }
    }

    /// How many messages cross a hop in all, what is delivered again not counted: whoever sends
    /// does so each time that it is reached itself.
    pub fn messages(&self, hop: usize) -> usize {
        let times = match self.hops[self.made_for(hop)].origin {
            Origin::Own(sending) => usize::from(sending.messages()),
            Origin::Shared(_) | Origin::Rejected(_) => 1,
        };
        times.saturating_mul(self.times(hop))
    }

    /// How many carriers cross a hop: each message has one of its own, and a stream one for all.
    pub fn carriers(&self, hop: usize) -> usize {
        match self.hops[hop].is_stream() {
            true => self.times(hop),
            false => self.messages(hop),
        }
    }

    /// How often the hop is made.
    fn times(&self, hop: usize) -> usize {
        let made_for = &self.hops[self.made_for(hop)];
        made_for.after.map_or(1, |before| self.handled(before))
    }

    /// How often the receiver of a hop does what it does: once for each message, or for all of them
    /// together.
    pub fn handled(&self, hop: usize) -> usize {
        match self.hops[hop].taking {
            Taking::Together(_) => 1,
            _ => self.messages(hop),
        }
    }

    /// How many spans the receiver of a hop makes for it at least.
    pub fn consequences(&self, hop: usize) -> usize {
        match self.hops[hop].taking {
            Taking::Together(_) => 1,
            Taking::AfterFailing => self.messages(hop) + 1,
            _ => self.carriers(hop),
        }
    }

    /// A hop and those before it, back to one that the entry makes.
    pub fn way(&self, hop: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(hop), |&hop| self.hops[hop].after)
    }

    /// How many hops it takes to have crossed this one.
    pub fn depth(&self, hop: usize) -> usize {
        self.way(hop).count()
    }

    /// Every hop, those nearer to the entry first.
    pub fn outward(&self) -> Vec<usize> {
        let mut hops: Vec<_> = (0..self.hops.len()).collect();
        hops.sort_by_key(|&hop| self.depth(hop));
        hops
    }

    /// Between whom the hops are, for messages: `client to orders, orders to billing`.
    pub fn pairs(&self) -> String {
        let mut pairs: Vec<_> = self.hops.iter().map(Hop::pair).collect();
        pairs.dedup();
        pairs.join(", ")
    }

    fn leads_to_entry(&self, hop: usize) -> bool {
        self.way(hop).nth(self.hops.len()).is_none()
    }
}

impl Hop {
    /// Whether each of its messages is made for it, and sent by itself and once: then each has a
    /// context of its own.
    pub fn sends_each(&self) -> bool {
        use Sending::{InParallel, Once, Times};
        matches!(self.origin, Origin::Own(Once | Times(_) | InParallel(_)))
    }

    /// Whether it brings what the receiver of another hop rejected.
    pub fn is_dead_letter(&self) -> bool {
        matches!(self.origin, Origin::Rejected(_))
    }

    /// Whether it is one call with several messages.
    pub fn is_stream(&self) -> bool {
        !self.over.is_messaging() && matches!(self.origin, Origin::Own(Sending::AsOne(_)))
    }

    /// Whether its receiver answers, and works on in a task of its own.
    pub fn goes_on(&self) -> bool {
        self.taking == Taking::InBackground
    }
}

impl Hop {
    fn pair(&self) -> String {
        format!("{} to {}", self.from, self.to)
    }
}

impl fmt::Display for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ─{}→ {}", self.from, self.over.name, self.to)
    }
}

#[cfg(test)]
mod tests {
    use Relation::{Child, Either, Link};

    use super::row::names;
    use super::*;

    fn route(rows: &[&str]) -> Result<Route, RouteError> {
        let rows: Vec<_> = rows
            .iter()
            .enumerate()
            .map(|(index, row)| {
                let (row, how) = match row.split_once(" how ") {
                    Some((row, how)) => (row, Some(how.to_owned())),
                    None => (*row, None),
                };
                let mut cells = row.split_whitespace().map(str::to_owned);
                let mut cell = || cells.next().unwrap_or_default();
                Row {
                    how,
                    line: 10 + index,
                    from: cell(),
                    over: cell(),
                    to: cell(),
                    relation: cells.next(),
                }
            })
            .collect();
        Route::of(&rows, &Boundaries::all())
    }

    fn why(rows: &[&str]) -> String {
        route(rows).expect_err("no route").to_string()
    }

    #[test]
    fn a_chain_with_a_fan_out_is_a_tree_of_hops() {
        let route = route(&[
            "client HTTP gateway",
            "gateway memory orders follows-from",
            "gateway http audit",
            "orders memory billing",
        ])
        .expect("a route");
        assert_eq!(route.entry(), "client");
        let after: Vec<_> = route.hops().iter().map(|hop| hop.after).collect();
        assert_eq!(after, [None, Some(0), Some(0), Some(1)]);
        let relations: Vec<_> = route.hops().iter().map(|hop| hop.relation).collect();
        assert_eq!(relations, [Child, Link, Child, Either]);
        assert_eq!(
            route.services(),
            ["client", "gateway", "orders", "audit", "billing"]
        );
        assert_eq!(route.next(Some(0)).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn the_order_of_the_rows_does_not_matter() {
        let route = route(&["b HTTP c", "a HTTP b"]).expect("a route");
        assert_eq!((route.entry(), route.hops()[0].after), ("a", Some(1)));
    }

    #[test]
    fn the_address_of_a_hop_may_say_more_than_where_it_is() {
        let route = route(&["a SQS?carrier=header b"]).expect("a route");
        let hop = &route.hops()[0];
        assert_eq!(
            (hop.over.name, hop.params[0].0.as_str()),
            ("SQS", "carrier")
        );
        assert_eq!(
            why(&["a SQS?header b"]),
            "line 10: \"header\" is no key=value"
        );
        assert_eq!(
            why(&["a HTTP?x=y b"]),
            "line 10: an address over HTTP takes no parameters"
        );
    }

    #[test]
    fn a_service_may_be_reached_twice_if_it_sends_nothing() {
        assert!(route(&["a HTTP b", "a memory b"]).is_ok());
    }

    #[test]
    fn a_message_may_reach_several_receivers_and_be_rejected_by_one() {
        let route = route(&[
            "a AMQP b how 3 times",
            "a AMQP c how same message",
            "a SQS d",
            "a SQS e how dead letter",
        ])
        .expect("a route");
        let origins: Vec<_> = route.hops().iter().map(|hop| hop.origin).collect();
        let own = |sending| Origin::Own(sending);
        assert_eq!(
            origins,
            [
                own(Sending::Times(3)),
                Origin::Shared(0),
                own(Sending::Once),
                Origin::Rejected(2)
            ]
        );
        assert_eq!(route.hops()[2].taking, Taking::Rejecting);
        assert_eq!(route.sharing(1).collect::<Vec<_>>(), [0, 1]);
        assert_eq!((route.messages(1), route.messages(3)), (3, 1));
    }

    #[test]
    fn what_a_sender_does_it_does_for_each_message_that_reaches_it() {
        let route = route(&[
            "a memory b follows-from how 3 times",
            "b memory c follows-from how 2 times, taken as one",
            "c memory d how fails once",
        ])
        .expect("a route");
        let counts = |hop| (route.messages(hop), route.consequences(hop));
        assert_eq!([counts(0), counts(1), counts(2)], [(3, 3), (6, 1), (1, 2)]);
        assert_eq!(route.hops()[1].taking, Taking::Together(6));
    }

    #[test]
    fn a_reply_goes_back_to_where_the_request_came_from() {
        let route = route(&["a memory b", "b memory a how reply"]).expect("a route");
        assert_eq!(route.entry(), "a");
        assert!(route.hops()[1].reply);
        assert_eq!(route.next(Some(1)).count(), 0);
    }

    #[test]
    fn what_cannot_be_made_so_says_why() {
        for (rows, reason) in [
            (
                &["a HTTP b how reply"][..],
                "over HTTP this cannot be made: an answer goes back",
            ),
            (&["a memory b how reply"], "nobody asked \"a\" for a reply"),
            (
                &["a memory b", "b memory c how reply"],
                "\"b\" was reached by \"a\", so its reply goes there and not to \"c\"",
            ),
            (
                &["a Kafka b how same message"],
                "no row before it goes from \"a\" over Kafka",
            ),
            (
                &["a SQS b how fails once", "a SQS c how dead letter"],
                "\"b\" is to reject the message, and nothing else",
            ),
            (
                &["a SQS b", "a SQS c how dead letter", "b HTTP d"],
                "\"b\" rejects the message, and so sends nothing on",
            ),
            (
                &["a SQS b follows-from how taken as one"],
                "there is one message",
            ),
            (
                &["a SQS b child how 3 times, taken as one"],
                "one span for several messages can be child of none of them",
            ),
            (
                &["a SQS b how 3 times, fails once"],
                "what fails once is one message",
            ),
        ] {
            let why = why(rows);
            assert!(why.contains(reason), "{rows:?}: {why}");
        }
    }

    #[test]
    fn what_is_no_route_names_the_line_and_the_reason() {
        assert_eq!(why(&[]), "line 0: the route has no hops");
        assert_eq!(
            why(&["a HTTP b", "b pigeon c"]),
            format!(
                "line 11: no boundary is called \"pigeon\"; there are {}, \
                 and in a scenario's own table any, any call, any queue and any broker",
                names(&Boundaries::all())
            )
        );
        assert_eq!(
            why(&["a HTTP b cousin"]),
            "line 10: \"cousin\" is no relation; it is one of: child, follows-from (or link), \
             child+link, either, root"
        );
        assert_eq!(why(&["a HTTP"]), "line 10: the column \"to\" is empty");
        assert_eq!(
            why(&["a HTTP b", "x HTTP y"]),
            "line 11: \"x\" is reached by nobody, and \"a\" is the entry already"
        );
        assert_eq!(
            why(&["a HTTP b", "a HTTP c", "c HTTP b", "b HTTP d"]),
            "line 12: \"b\" is reached a second time (first at line 10) and sends on: the route is \
             no tree"
        );
        assert_eq!(
            why(&["a HTTP b", "b HTTP a"]),
            "line 10: the route has no entry: every service is reached by another"
        );
        assert_eq!(
            why(&["a HTTP b", "x HTTP y", "y HTTP x"]),
            "line 11: \"x\" is not reached from the entry: the route runs in a circle"
        );
    }
}
