//! How a hop is made: the column `how` of a route.

use std::str::FromStr;

use unbroken_adapters::Descriptor;
use unbroken_adapters::service::Sending;

/// What the cell says, before it is known what the other rows say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// Where the message comes from.
    pub source: Source,
    /// What the receiver does with it.
    pub receiver: Receiver,
    /// Whether it goes back to the service that asked for it.
    pub reply: bool,
}

/// Where the message of a hop comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Its sender makes it for this hop.
    Made(Sending),
    /// It is the one of an earlier row, which reaches this receiver as well.
    SameMessage,
    /// It is what the receiver of an earlier row rejected.
    DeadLetter,
}

/// What a receiver is to do out of the ordinary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Receiver {
    /// Nothing.
    #[default]
    Plain,
    /// It waits for all messages of the hop, and accounts for them with one span.
    TakesAsOne,
    /// It fails at the first attempt.
    FailsOnce,
    /// It answers, and works on.
    InBackground,
    /// It is held until its cause has ended.
    Held,
}

/// What one can say, for messages.
const WAYS: &str = "\"3 times\", \"3 in parallel\", \"3 as one\", \"from the outbox\", \"same \
                    message\" or \"dead letter\"; \"taken as one\", \"fails once\", \"in the \
                    background\" or \"held\"; \"reply\"; several of them with commas between";
/// More than anybody needs to see whether context gets lost.
const MOST: u16 = 1000;

impl Default for Source {
    fn default() -> Self {
        Self::Made(Sending::Once)
    }
}

impl How {
    /// Why a hop over this boundary cannot be made so, if it cannot.
    pub fn objection(&self, over: &Descriptor) -> Option<&'static str> {
        let can = over.capabilities;
        let messages = over.is_messaging();
        match self.source {
            Source::Made(Sending::AsOne(_)) if !can.batches => {
                return Some("it has neither batches nor streams");
            }
            Source::Made(Sending::FromOutbox) if !messages => {
                return Some("a request is made when it is sent");
            }
            Source::SameMessage if !can.fan_out => return Some("a message has one receiver"),
            Source::DeadLetter if !can.dead_letters => {
                return Some("what is rejected goes nowhere by itself");
            }
            _ => {}
        }
        match self.receiver {
            Receiver::TakesAsOne if !messages => Some("each request is answered by itself"),
            Receiver::FailsOnce if messages && !can.redelivery => {
                Some("a message is delivered once")
            }
            Receiver::InBackground if messages => {
                Some("nobody waits for the one who takes a message")
            }
            Receiver::Held if !messages => Some("whoever calls waits for the answer"),
            _ if self.reply && !messages => Some("an answer goes back the way that the call came"),
            _ => None,
        }
    }
}

impl FromStr for How {
    type Err = String;

    fn from_str(cell: &str) -> Result<Self, Self::Err> {
        let mut how = Self::default();
        for words in cell.split(',').map(str::trim) {
            let plain = match words {
                "reply" => !std::mem::replace(&mut how.reply, true),
                "taken as one" => take(&mut how.receiver, Receiver::TakesAsOne),
                "fails once" => take(&mut how.receiver, Receiver::FailsOnce),
                "in the background" => take(&mut how.receiver, Receiver::InBackground),
                "held" => take(&mut how.receiver, Receiver::Held),
                "same message" => take(&mut how.source, Source::SameMessage),
                "dead letter" => take(&mut how.source, Source::DeadLetter),
                "from the outbox" => take(&mut how.source, Source::Made(Sending::FromOutbox)),
                words => take(&mut how.source, Source::Made(several(words)?)),
            };
            if !plain {
                return Err(format!("{words:?} does not go with what stands before it"));
            }
        }
        Ok(how)
    }
}

/// Puts something where nothing was said yet; whether that is so.
fn take<T: Default + PartialEq>(place: &mut T, value: T) -> bool {
    std::mem::replace(place, value) == T::default()
}

/// Reads `3 times`, `3 in parallel`, `3 as one`.
fn several(words: &str) -> Result<Sending, String> {
    let unknown = || format!("{words:?} is no way to make a hop; there are {WAYS}");
    let (number, manner) = words.split_once(' ').ok_or_else(unknown)?;
    let manner = match manner {
        "times" => Sending::Times,
        "in parallel" => Sending::InParallel,
        "as one" => Sending::AsOne,
        _ => return Err(unknown()),
    };
    match number.parse() {
        Ok(number @ 2..=MOST) => Ok(manner(number)),
        _ => Err(format!("{number:?} must be a number from 2 to {MOST}")),
    }
}

#[cfg(test)]
mod tests {
    use unbroken_adapters::Boundaries;

    use super::*;

    fn how(cell: &str) -> How {
        cell.parse().expect(cell)
    }

    #[test]
    fn a_cell_says_what_the_sender_and_what_the_receiver_does() {
        let how = how("3 as one, taken as one");
        assert_eq!(how.source, Source::Made(Sending::AsOne(3)));
        assert_eq!(how.receiver, Receiver::TakesAsOne);
        assert!(!how.reply);
    }

    #[test]
    fn what_means_nothing_says_what_would() {
        for (cell, part) in [
            (
                "thrice",
                "\"thrice\" is no way to make a hop; there are \"3 times\"",
            ),
            ("3 at once", "is no way"),
            ("1 times", "\"1\" must be a number from 2 to 1000"),
            ("99999999 times", "must be a number"),
            (
                "3 times, 4 in parallel",
                "\"4 in parallel\" does not go with",
            ),
            ("fails once, taken as one", "does not go with"),
            ("reply, reply", "does not go with"),
            ("", "is no way"),
        ] {
            let why = cell.parse::<How>().expect_err(cell);
            assert!(why.contains(part), "{cell}: {why}");
        }
    }

    #[test]
    fn what_a_boundary_cannot_do_it_says() {
        let able = |cell: &str| -> Vec<_> {
            let boundaries = Boundaries::all();
            let able = boundaries.iter().map(|b| b.descriptor());
            let able = able.filter(|over| how(cell).objection(over).is_none());
            able.map(|over| over.name).collect()
        };
        assert!(!able("3 as one").contains(&"HTTP"));
        assert_eq!(able("dead letter"), ["AMQP", "SQS"]);
        assert_eq!(able("in the background"), ["gRPC", "HTTP"]);
        assert_eq!(able("reply"), ["AMQP", "Kafka", "memory", "SQS"]);
        assert_eq!(able("from the outbox"), ["AMQP", "Kafka", "memory", "SQS"]);
    }
}
