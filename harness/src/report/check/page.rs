//! `docs/check.md`.

use super::weight;
use crate::check::case::Case;
use crate::check::cases::cases;

const ABOUT: &str = include_str!("about.md");

/// What a check is, what its reports say, and every case.
pub fn cases_page() -> String {
    let mut page = ABOUT.to_owned();
    for case in cases() {
        page.push_str(&format!(
            "| {} | {} | {} | {} | {} |\n",
            case.id,
            cell(case.title),
            sent(case),
            demanded(case),
            case.suite.unwrap_or("–")
        ));
    }
    page
}

fn sent(case: &Case) -> String {
    let Some(template) = case.sends.template() else {
        return "–".to_owned();
    };
    let header = |(name, value): &(&str, &[u8])| {
        let value = value.escape_ascii().to_string();
        let shown: String = value.chars().take(MOST_SHOWN).collect();
        let more = if shown.len() < value.len() { "…" } else { "" };
        format!("``{name}: {}{more}``", cell(&shown))
    };
    match template {
        [] => "nothing".to_owned(),
        headers => headers.iter().map(header).collect::<Vec<_>>().join("<br>"),
    }
}

/// More than this of a value makes a table unreadable.
const MOST_SHOWN: usize = 100;

fn demanded(case: &Case) -> String {
    let demands = case.demands.iter().map(|demand| {
        let what = demand.what.in_words();
        format!("{what} ({})", weight(demand))
    });
    demands.collect::<Vec<_>>().join("<br>")
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
