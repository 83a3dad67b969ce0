//! What a case is: what is sent, and what is demanded of what is sent on.

mod beside;

use opentelemetry::{SpanId, TraceId};
use unbroken_adapters::Format;

use super::exchange::{Exchange, Header};
use crate::rules::{Authority, Level};
use crate::token::HopToken;
pub use beside::Beside;

/// One thing to try, with the id of its rule and a letter where a rule has several.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Permanent, such as `WIRE-006a`.
    pub id: &'static str,
    /// What is tried, in one line.
    pub title: &'static str,
    /// The headers that it is tried with, as templates: see [`render`].
    pub sends: Sends,
    /// How many calls the service is asked to make.
    pub calls: usize,
    /// What is demanded of them.
    pub demands: &'static [Demand],
    /// The clause that the demands come from.
    pub source: &'static str,
    /// The test of the W3C suite that is about the same.
    pub suite: Option<&'static str>,
    /// What a service must speak for it to be tried.
    pub speaks: Speaks,
}

/// What a service is to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// All of these formats.
    All(&'static [Format]),
    /// Two formats that name a span, whichever they are.
    Several,
}

/// Names and templates of values.
pub type Template = [(&'static str, &'static [u8])];

/// What a case sends.
#[derive(Clone, Copy, Debug)]
pub enum Sends {
    /// These headers.
    These(&'static Template),
    /// These, which are not what HTTP allows: to refuse them is right as well.
    Illegal(&'static Template),
    /// Nothing of its own: it is about what came of all other cases.
    NothingOfItsOwn,
}

/// One demand on what is sent on.
#[derive(Clone, Copy, Debug)]
pub struct Demand {
    /// What.
    pub what: What,
    /// How bad it is if it is not so.
    pub level: Level,
    /// Who says so.
    pub authority: Authority,
    /// At which levels of the specification it is one.
    pub at: At,
}

/// At which levels of the specification something is demanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// At each.
    Any,
    /// At level 1 only.
    First,
    /// From level 2 on.
    Second,
}

/// What can be demanded.
#[derive(Clone, Copy, Debug)]
pub enum What {
    /// One valid traceparent.
    Valid,
    /// The trace id that was sent.
    Keep,
    /// The trace id that was sent, as where nothing stands in the way (WIRE-002): a service may begin
    /// anew always, but not because of this.
    KeepAsEver,
    /// A valid traceparent with nothing in it of what was sent.
    New,
    /// The same where what was sent is valid: over a link, a trace of its own begins.
    Anew,
    /// A link to what was sent.
    Linked,
    /// Nothing of what was sent, be there a traceparent or not.
    NotContinued,
    /// A parent id of its own, or, of who only passes on, nothing touched.
    OwnParent,
    /// As many parent ids as calls.
    ParentsDiffer,
    /// One trace id in all calls.
    OneTrace,
    /// The sampled flag, set or not.
    Sampled(bool),
    /// The random flag, set or not, if the trace is kept.
    Random(bool),
    /// No flag that nobody knows.
    KnownFlags,
    /// Each member of the tracestate that was sent.
    Inherited,
    /// The same, as where nothing stands in the way (STATE-002a).
    InheritedAsEver,
    /// What is there of the members that were sent is in their order.
    InOrder,
    /// One of these members.
    OneOf(&'static [&'static str]),
    /// None of these members.
    Without(&'static [&'static [u8]]),
    /// No more members than these.
    AtMost(usize),
    /// In every call: nothing that is no traceparent, and it once only.
    AlwaysValid,
    /// In every call: its name in lower case.
    LowerCase,
    /// In every call: no tracestate that is empty.
    NeverEmpty,
    /// A context on the wire that names a span which was exported. What spans are asked for.
    Exported,
    /// Calls that belong to the span which was made of the request. What spans are asked for.
    OneStory,
    /// What is about other formats.
    Beside(Beside),
}

impl Case {
    /// What is to be performed for it, in the trace that is its own; nothing, if it only looks on.
    pub fn exchange(&self, ids: &Ids) -> Option<Exchange> {
        let headers = self.sends.template()?.iter();
        Some(Exchange {
            name: format!("{}-{}", ids.token, self.id),
            trace: Some(ids.trace.clone()),
            headers: headers
                .map(|(name, value)| ((*name).to_owned(), render(value, ids)))
                .collect(),
            calls: self.calls,
            mark: None,
        })
    }

    /// What is demanded where this level is asked for, and the strictness of the suite's setting.
    pub fn demands(&self, spec: u8, strict: u8) -> impl Iterator<Item = &'static Demand> {
        self.demands.iter().filter(move |demand| {
            let asked = match demand.at {
                At::Any => true,
                At::First => spec < 2,
                At::Second => spec >= 2,
            };
            asked && (strict >= 2 || demand.authority != Authority::Suite)
        })
    }
}

impl What {
    /// What is expected, as a report says it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Valid | Self::AlwaysValid => "one valid traceparent of version 00",
            Self::Keep | Self::KeepAsEver => "the trace id that was sent",
            Self::New => "a new, valid traceparent, and nothing in it of what was sent",
            Self::Anew => "a trace of its own, valid, and nothing in it of what was sent",
            Self::Linked => "a link to what was sent",
            Self::NotContinued => "nothing of what was sent",
            Self::OwnParent => "a parent id of the service's own",
            Self::ParentsDiffer => "a parent id of its own for each call",
            Self::OneTrace => "one trace id in all calls",
            Self::Sampled(true) => "the sampled flag, as it came",
            Self::Sampled(false) => "no sampled flag, as it came",
            Self::Random(true) => "the random flag, as it came",
            Self::Random(false) => "no random flag, as it came",
            Self::KnownFlags => "no flags but 01 and 02",
            Self::Inherited | Self::InheritedAsEver => "every member of the tracestate",
            Self::InOrder => "the members in their order",
            Self::OneOf(_) => "one of the members with the same key",
            Self::Without(_) => "a tracestate without what is not valid, or none",
            Self::AtMost(_) => "a tracestate of no more members than are allowed, or none",
            Self::LowerCase => "the names in lower case",
            Self::NeverEmpty => "a tracestate with members, or none",
            Self::Exported => "a context that names a span which was exported",
            Self::OneStory => "a call that hangs under the span of the request",
            Self::Beside(beside) => beside.in_words(),
        }
    }

    /// Whether it shows that something that came in went on.
    pub fn is_kept(self) -> bool {
        match self {
            Self::Keep | Self::KeepAsEver | Self::Inherited | Self::InheritedAsEver => true,
            Self::Beside(beside) => beside.is_kept(),
            _ => false,
        }
    }
}

impl Speaks {
    /// Whether who speaks these formats is to be asked.
    pub fn is_met_by(self, formats: &[Format]) -> bool {
        let names_a_span = |format: &&Format| **format != Format::Baggage;
        match self {
            Self::All(all) => all.iter().all(|format| formats.contains(format)),
            Self::Several => formats.iter().filter(names_a_span).count() > 1,
        }
    }
}

impl Sends {
    /// The headers, if there are any.
    pub fn template(self) -> Option<&'static Template> {
        match self {
            Self::These(template) | Self::Illegal(template) => Some(template),
            Self::NothingOfItsOwn => None,
        }
    }
}

/// What a case is known by: of no other case, so that what is seen of it belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ids {
    /// What its own addresses are named after, and so what stands in the attributes of spans.
    pub token: HopToken,
    /// 32 lower-case hexadecimal digits.
    pub trace: String,
    /// 16 of them.
    pub parent: String,
}

impl Ids {
    /// Those of the case in this place. There is a letter in either, at the beginning and at the end:
    /// upper case is to be told from lower.
    pub fn of(run: u64, place: usize) -> Self {
        Self {
            token: HopToken {
                run: (run >> 32) as u32,
                hop: u16::try_from(place).unwrap_or(u16::MAX),
            },
            trace: format!("c{:015x}a{place:014x}d", run >> 4),
            parent: format!("b{:010x}{place:04x}e", run & 0xff_ffff_ffff),
        }
    }

    /// The same as spans have them.
    pub fn context(&self) -> Option<crate::story::Ids> {
        let trace = TraceId::from_hex(&self.trace).ok()?;
        Some((trace, SpanId::from_hex(&self.parent).ok()?))
    }
}

/// Fills a template in: `{trace}` and `{parent}` are the ids, `{TRACE}` and `{PARENT}` the same in
/// upper case, `{trace-1}` and `{parent-1}` without the first digit, `{trace~1}` and `{parent~1}`
/// without the last, likewise of more digits, and `{z*256}` is a letter so many times. What is in
/// other braces stays as it is.
pub fn render(template: &[u8], ids: &Ids) -> Vec<u8> {
    let mut rendered = Vec::new();
    let mut rest = template;
    while let Some((&first, after)) = rest.split_first() {
        let end = after.iter().position(|byte| *byte == b'}');
        let name = end.filter(|_| first == b'{').map(|end| &after[..end]);
        if let Some(value) = name.and_then(|name| value(name, ids)) {
            rendered.extend_from_slice(value.as_bytes());
            rest = &after[end.map_or(0, |end| end + 1)..];
        } else {
            rendered.push(first);
            rest = after;
        }
    }
    rendered
}

fn value(name: &[u8], ids: &Ids) -> Option<String> {
    let name = str::from_utf8(name).ok()?;
    if let Some((letter, times)) = name.split_once('*') {
        let times = times.parse().ok().filter(|_| letter.len() == 1)?;
        return Some(letter.repeat(times));
    }
    let (id, without) = match name.find(['-', '~']) {
        Some(at) => name.split_at(at),
        None => (name, ""),
    };
    let id = match id {
        "trace" => ids.trace.clone(),
        "parent" => ids.parent.clone(),
        "TRACE" => ids.trace.to_uppercase(),
        "PARENT" => ids.parent.to_uppercase(),
        _ => return None,
    };
    let digits = || {
        without[1..]
            .parse()
            .ok()
            .filter(|digits| *digits < id.len())
    };
    match without.as_bytes().first() {
        None => Some(id),
        Some(b'-') => Some(id[digits()?..].to_owned()),
        Some(_) => Some(id[..id.len() - digits()?].to_owned()),
    }
}

/// All values of a header, whatever the case of its name.
pub fn values<'a>(headers: &'a [Header], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    let named = headers
        .iter()
        .filter(move |(found, _)| found.eq_ignore_ascii_case(name));
    named.map(|(_, value)| &**value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_filled_in_and_foreign_braces_stay() {
        let ids = Ids::of(0x1234_5678_9abc_def0, 7);
        assert_eq!((ids.trace.len(), ids.parent.len()), (32, 16));
        let render = |text: &str| String::from_utf8(render(text.as_bytes(), &ids)).expect("text");
        assert_eq!(render("{trace~1}."), format!("{}.", &ids.trace[..31]));
        assert_eq!(render("{PARENT-2}"), ids.parent[2..].to_uppercase());
        assert_eq!(render("{trace~24}-{trace-8}").replace('-', ""), ids.trace);
        assert_eq!(
            render("{trace-32}{trace-}{trace~x}"),
            "{trace-32}{trace-}{trace~x}"
        );
        assert_eq!(render("{z*4}=1"), "zzzz=1");
        assert_eq!(render("z{|}~{what}{"), "z{|}~{what}{");
    }
}
