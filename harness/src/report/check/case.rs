//! A case by itself, for whoever wants to know what it is about.

use unbroken_adapters::Address;

use super::curl::{LISTENER, curl};
use super::page::formats;
use super::{DIM, HEAD, paint, weight};
use crate::check::case::{Case, Ids, Sends};
use crate::check::cases::cases as all;
use crate::rules::Level;

/// Where the line for a shell sends it to: whoever reads it puts their own in its place.
const TARGET: &str = "http://127.0.0.1:8080/";

/// A line for each case.
pub fn cases() -> String {
    let line = |case: &Case| {
        let levels = case.demands.iter().map(|demand| demand.level);
        let level = levels.max().unwrap_or(Level::May).to_string();
        format!(
            "{:<11} {} {}\n",
            case.id,
            paint(DIM, &format!("{level:<6}")),
            case.title
        )
    };
    let lines: String = all().map(line).collect();
    format!(
        "{}\n\n{lines}",
        paint(HEAD, "The cases of `unbroken check`")
    )
}

/// Everything that there is to say of one case: what is sent, what is demanded, who says so, and how
/// to try it by hand.
pub fn case(case: &Case) -> String {
    let mut text = paint(HEAD, &format!("{} {}\n", case.id, case.title));
    let mut line = |label: &str, words: &str| {
        let label = format!("{:<10}", format!("{label}:"));
        text.push_str(&format!("{} {words}\n", paint(DIM, &label)));
    };
    let speaks = formats(case.speaks);
    line("case of", "unbroken check");
    line("formats", &speaks);
    for sent in sent(case) {
        line("sent", &sent);
    }
    for demand in case.demands {
        line(
            "demanded",
            &format!("{} ({})", demand.what.in_words(), weight(demand)),
        );
    }
    line("source", case.source);
    if let Some(test) = case.suite {
        line("suite", test);
    }
    if let Some(curl) = by_hand(case) {
        line("curl", &curl);
    }
    text
}

fn sent(case: &Case) -> Vec<String> {
    let Some(template) = case.sends.template() else {
        return vec!["nothing of its own: it looks at what came of all other cases".to_owned()];
    };
    if template.is_empty() {
        return vec!["no context".to_owned()];
    }
    let may_be_refused = match case.sends {
        Sends::Illegal(_) => ", which HTTP does not allow: to answer 4xx is right as well",
        _ => "",
    };
    let header = |(name, value): &(&str, &[u8])| {
        let value = value.escape_ascii();
        format!("{name}: {value}{may_be_refused}")
    };
    template.iter().map(header).collect()
}

/// With ids that everybody knows from the specification.
fn by_hand(case: &Case) -> Option<String> {
    let ids = Ids {
        trace: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
        parent: "00f067aa0ba902b7".to_owned(),
        ..Ids::of(0, 0)
    };
    let target = Address::parse(TARGET).ok()?;
    Some(curl(&target, LISTENER, &case.exchange(&ids)?))
}
