//! `docs/check.md`.

use unbroken_adapters::Format;

use super::weight;
use crate::check::case::{Case, Speaks};
use crate::check::cases::cases;

const ABOUT: &str = include_str!("about.md");

/// What a check is, what its reports say, and every case.
pub fn cases_page() -> String {
    let mut page = ABOUT.to_owned();
    let (always, others): (Vec<&Case>, Vec<&Case>) =
        cases().partition(|case| is_always_tried(case));
    page.push_str("| id | what is tried | sent | demanded | suite |\n|---|---|---|---|---|\n");
    for case in always {
        let suite = case.suite.unwrap_or("–");
        page.push_str(&format!("{} {suite} |\n", row(case)));
    }
    page.push_str(
        "\n### With `--propagators`\n\nEach is tried where all the formats in the last column are asked for.\n\n\
         | id | what is tried | sent | demanded | formats |\n|---|---|---|---|---|\n",
    );
    for case in others {
        page.push_str(&format!("{} {} |\n", row(case), formats(case.speaks)));
    }
    page
}

fn is_always_tried(case: &Case) -> bool {
    case.speaks.is_met_by(&[Format::TraceContext])
}

fn row(case: &Case) -> String {
    format!(
        "| {} | {} | {} | {} |",
        case.id,
        cell(case.title),
        sent(case),
        demanded(case)
    )
}

/// The formats that a case is about.
pub(super) fn formats(speaks: Speaks) -> String {
    match speaks {
        Speaks::All(formats) => {
            let names: Vec<_> = formats.iter().map(|format| format.as_str()).collect();
            names.join(", ")
        }
        Speaks::Several => "two that name a span".to_owned(),
    }
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
