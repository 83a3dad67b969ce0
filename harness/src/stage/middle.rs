//! Real parts in the middle of a hop: what stands between services in the world, and is nobody's
//! service.
//!
//! A part is told by its environment what to do: `FORWARD` says where to send on, and over a queue
//! `LISTEN` where to take from. A tap on either side of it sees what it did.

use unbroken_adapters::{Descriptor, Medium};

use super::Subject;

/// What a hop passes through on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Middle {
    /// One that comes with Unbroken.
    Part {
        /// Which.
        part: &'static Part,
        /// What it does to what passes; without a manner it passes everything on.
        manner: Option<&'static str>,
    },
    /// An image of the user's own.
    Image(Subject),
}

/// A real part that comes with Unbroken: an image that others made, and how it is set up here.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// As scenarios write it.
    pub name: &'static str,
    /// What it is, in a line.
    pub title: &'static str,
    /// The schemes of the boundaries that it can stand on.
    pub over: &'static [&'static str],
    /// What it can be told to do otherwise than pass everything on.
    pub manners: &'static [&'static str],
    /// As `containers/images.txt` calls its image.
    pub(super) image: &'static str,
    /// Where it is called, if it is.
    pub(super) port: Option<u16>,
    /// What its log says when it is ready.
    pub(super) ready: &'static str,
    /// What is run in the image; it reads `LISTEN`, `FORWARD` and `MANNER`.
    pub(super) script: &'static str,
}

/// Every part there is.
pub static PARTS: [Part; 4] = [
    Part {
        name: "nginx",
        title: "a reverse proxy",
        over: &["http", "grpc"],
        manners: &["strips what it does not know"],
        image: "nginx",
        port: Some(8080),
        ready: "start worker process ",
        script: include_str!("../../../containers/middles/nginx"),
    },
    Part {
        name: "HAProxy",
        title: "a reverse proxy",
        over: &["http", "grpc"],
        manners: &[
            "strips what it does not know",
            "repeats the context",
            "joins the context",
        ],
        image: "haproxy",
        port: Some(8080),
        ready: "Loading success",
        script: include_str!("../../../containers/middles/haproxy"),
    },
    Part {
        name: "a Kafka mirror",
        title: "Kafka's console consumer, piped into its console producer",
        over: &["kafka"],
        manners: &["drops headers"],
        image: "kafka",
        port: None,
        ready: "ProducerId set to",
        script: include_str!("../../../containers/middles/kafka-mirror"),
    },
    Part {
        name: "a RabbitMQ shovel",
        title: "a dynamic shovel, on a node of its own",
        over: &["amqp"],
        manners: &[],
        image: "rabbitmq",
        port: None,
        ready: "Server startup complete",
        script: include_str!("../../../containers/middles/rabbitmq-shovel"),
    },
];

impl Middle {
    /// The part of this name, in any case, which behaves in this manner; or what there is.
    pub fn part(name: &str, manner: Option<&str>) -> Result<Self, String> {
        let is_called_so = |part: &&Part| part.name.eq_ignore_ascii_case(name);
        let part = PARTS.iter().find(is_called_so).ok_or_else(|| {
            let names: Vec<_> = PARTS.iter().map(|part| part.name).collect();
            let names = names.join(", ");
            format!("nothing to pass through is called {name:?}; there are {names}")
        })?;
        let manner = manner.map(|manner| part.manner(manner)).transpose()?;
        Ok(Self::Part { part, manner })
    }

    /// Why it cannot stand on a hop over this boundary, if it cannot.
    pub(super) fn objection(&self, over: &Descriptor) -> Option<String> {
        let direct = over.medium == Medium::Direct;
        match self {
            _ if over.medium == Medium::Process => {
                Some("it runs outside of this process".to_owned())
            }
            Self::Part { part, .. } if !part.over.contains(&over.scheme) => {
                Some(format!("it speaks {}", part.over.join(" and ")))
            }
            Self::Image(Subject { port: None, .. }) if direct => {
                Some("no port is given where it is called".to_owned())
            }
            _ => None,
        }
    }

    /// For messages and for the name of its container.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Part { part, .. } => part.name,
            Self::Image(subject) => &subject.image,
        }
    }

    pub(super) fn port(&self) -> Option<u16> {
        match self {
            Self::Part { part, .. } => part.port,
            Self::Image(subject) => subject.port,
        }
    }
}

impl Part {
    fn manner(&self, wanted: &str) -> Result<&'static str, String> {
        let manner = self.manners.iter().find(|manner| **manner == wanted);
        manner.copied().ok_or_else(|| match self.manners {
            [] => format!("{:?} passes everything on, and nothing else", self.name),
            manners => {
                let manners: Vec<_> = manners.iter().map(|m| format!("{m:?}")).collect();
                let manners = manners.join(", ");
                format!(
                    "{:?} cannot be one which {wanted:?}, but {manners}",
                    self.name
                )
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_found_by_its_name_and_knows_its_manners() {
        for part in &PARTS {
            let found = Middle::part(&part.name.to_uppercase(), None);
            assert_eq!(found, Ok(Middle::Part { part, manner: None }));
            for manner in part.manners {
                assert!(Middle::part(part.name, Some(manner)).is_ok(), "{manner}");
                assert!(part.script.contains(manner), "{}: {manner}", part.name);
            }
        }
    }

    #[test]
    fn who_is_not_there_and_what_cannot_be_done_is_said_with_what_can() {
        let unknown = Middle::part("squid", None).expect_err("unknown");
        assert!(unknown.contains("nginx, HAProxy"), "{unknown}");
        let manner = Middle::part("nginx", Some("dances")).expect_err("unknown");
        assert!(manner.contains("strips what it does not know"), "{manner}");
        let none = Middle::part("a RabbitMQ shovel", Some("dances")).expect_err("unknown");
        assert!(none.contains("passes everything on"), "{none}");
    }
}
