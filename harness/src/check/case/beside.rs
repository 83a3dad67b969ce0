//! What can be demanded of baggage, and of a context in formats beside W3C's.

use unbroken_adapters::Format;

/// What can be demanded where a service speaks several formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Each member of the baggage that was sent, with its value.
    Members,
    /// The same, as where nothing stands in the way (BAG-001a).
    MembersAsEver,
    /// One of the members that were sent.
    OneMember,
    /// The properties of the members that go on.
    Properties,
    /// In every call: no baggage that is not valid.
    AlwaysBaggage,
    /// The trace that was sent in this format, in whatever formats go out.
    Joins(Format),
    /// The same, as where nothing stands in the way.
    JoinsAsEver(Format),
    /// Nothing of what was sent in this format, which is not valid.
    Begins(Format),
    /// A span id of the service's own in the trace that was sent in this format.
    OwnSpan(Format),
    /// The decision that was sent in this format, whether to sample or not.
    Sampled(Format, bool),
    /// The decision not to sample, which was sent in this format without any ids.
    Denied(Format),
    /// In B3: that the trace is to be debugged.
    Debug(Format),
    /// The trace of one of two contexts that were sent in these formats: which, the report says.
    OneOf(Format, Format),
    /// Of two such the first.
    First(Format, Format),
    /// In every call: nothing in this format that is not valid.
    AlwaysIn(Format),
    /// In every call: the same span in each format that goes out.
    Agree,
}

impl Beside {
    /// What is expected, as a report says it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Members | Self::MembersAsEver => "every member of the baggage, with its value",
            Self::OneMember => "one of the members with the same key",
            Self::Properties => "the properties of the member",
            Self::AlwaysBaggage => "baggage that is valid, or none",
            Self::Joins(_) | Self::JoinsAsEver(_) => "the trace that was sent, in any format",
            Self::Begins(_) => "nothing of what was sent, in any format",
            Self::OwnSpan(_) => "a span id of the service's own",
            Self::Sampled(_, true) => "sampled, as it came",
            Self::Sampled(_, false) | Self::Denied(_) => "not sampled, as it came",
            Self::Debug(_) => "debug, as it came",
            Self::OneOf(..) => "the trace of one of the two contexts",
            Self::First(..) => "the trace of the one that takes precedence",
            Self::AlwaysIn(Format::B3) => "one valid b3 header",
            Self::AlwaysIn(Format::B3Multi) => "valid x-b3 headers",
            Self::AlwaysIn(Format::XRay) => "one valid X-Amzn-Trace-Id",
            Self::AlwaysIn(_) => "what is valid in its format",
            Self::Agree => "one span in every format",
        }
    }

    /// Whether it is due where the service goes on with what came in, and not where it follows from it.
    pub fn is_of_a_child(self) -> bool {
        !matches!(
            self,
            Self::AlwaysBaggage | Self::Begins(_) | Self::AlwaysIn(_) | Self::Agree
        )
    }

    /// Whether it shows that something that came in went on.
    pub fn is_kept(self) -> bool {
        matches!(
            self,
            Self::Members
                | Self::MembersAsEver
                | Self::Joins(_)
                | Self::JoinsAsEver(_)
                | Self::OneOf(..)
        )
    }
}
