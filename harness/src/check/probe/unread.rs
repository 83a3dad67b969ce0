//! What came to a probe, and could not be read there: that is to be said, and is no silence.

use std::collections::BTreeMap;
use std::fmt;

/// What something was that came to a probe over HTTP, and is no call that it can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unread {
    /// The beginning of an encrypted connection.
    Tls,
    /// HTTP/2 by a client that knows nothing else.
    Http2,
    /// In its first line.
    NoHttp,
    /// HTTP, with a line that has no colon, or a name that is no text.
    NoHeader,
    /// More of a head than anybody keeps.
    TooLong,
    /// It was closed, or nothing more came, before its head was whole.
    Unfinished,
}

impl Unread {
    /// What it was, so many times.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tls => "TLS",
            Self::Http2 => "HTTP/2",
            Self::NoHttp => "no HTTP",
            Self::NoHeader => "a line of the head that is no header",
            Self::TooLong => "a head of more than 128 KiB",
            Self::Unfinished => "a head that does not end",
        }
    }

    /// What to look at.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Tls => {
                "whether the service calls http://, and not https://: the probe has no certificate"
            }
            Self::Http2 => {
                "whether its client speaks HTTP/1.1, as the probe does; gRPC is received with --probe grpc=HOST:PORT"
            }
            Self::NoHttp => "what the service sends there: the probe expects HTTP/1.1",
            Self::NoHeader | Self::TooLong => "the headers of its calls",
            Self::Unfinished => "what ends or holds its calls before they are sent",
        }
    }
}

/// How often what came could not be read, by what it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllUnread(BTreeMap<Unread, usize>);

impl AllUnread {
    /// One more.
    pub(super) fn add(&mut self, unread: Unread) {
        *self.0.entry(unread).or_default() += 1;
    }

    /// Whether everything could be read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each, with how often it was that.
    pub fn iter(&self) -> impl Iterator<Item = (Unread, usize)> {
        self.0.iter().map(|(unread, times)| (*unread, *times))
    }

    /// What most of it was.
    pub fn most(&self) -> Option<Unread> {
        let most = self.iter().max_by_key(|(_, times)| *times);
        most.map(|(unread, _)| unread)
    }
}

impl fmt::Display for AllUnread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = self.iter();
        let each = each.map(|(unread, times)| format!("{times} × {}", unread.as_str()));
        f.write_str(&each.collect::<Vec<_>>().join(", "))
    }
}
