//! `docs/conformance.md`.

use unbroken::check::case::Case;
use unbroken::check::cases::cases;
use unbroken::check::judge::Judgement;
use unbroken::report;
use unbroken::rules::Level;
use unbroken_adapters::Address;

use crate::deviations::{DEVIATIONS, Deviation};
use crate::findings::{Mark, Shown, ids};
use crate::suite::{DISAGREEMENTS, SETTINGS, counts};

const ABOUT: &str = include_str!("about.md");
const BEYOND: &str = include_str!("beyond.md");
const SPEED: &str = include_str!("speed.md");

/// The page, of what was shown of every subject over HTTP and beyond.
pub(crate) fn page(all: &[&Shown], beyond: &[&Shown]) -> String {
    [
        ABOUT.to_owned(),
        subjects(all),
        sums(all),
        rules(all),
        other_boundaries(beyond),
        deviations(&[all, beyond].concat()),
        disagreements(all),
        SPEED.to_owned(),
    ]
    .join("\n")
}

fn row(cells: impl IntoIterator<Item = String>) -> String {
    let cells: Vec<_> = cells.into_iter().collect();
    format!("| {} |\n", cells.join(" | "))
}

fn table(heading: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let heading = heading.iter().map(|cell| (*cell).to_owned());
    let width = heading.len();
    let mut table = row(heading) + &format!("|{}\n", "---|".repeat(width));
    table.extend(rows.map(row));
    table
}

fn subjects(all: &[&Shown]) -> String {
    let line = |shown: &&Shown| {
        let [runtime, telemetry, server, client] = shown.subject.made_of();
        let name = shown.subject.name.to_owned();
        vec![name, runtime, telemetry, server, client]
    };
    let heading = [
        "",
        "language",
        "OpenTelemetry",
        "receives with",
        "sends with",
    ];
    "## The subjects\n\n".to_owned() + &table(&heading, all.iter().map(line))
}

fn sums(all: &[&Shown]) -> String {
    let settings = SETTINGS.iter().enumerate();
    let theirs = settings.map(|(place, (strict, spec))| {
        let title = format!("suite, {strict}/{spec}: ok / FAIL / ERROR / skipped");
        let counts = all.iter().map(|shown| {
            let counts = counts(&shown.recorded, place).map(|count| count.to_string());
            counts.join(" / ")
        });
        (title, counts.collect::<Vec<_>>())
    });
    let levels = [Level::Must, Level::Should];
    let ours = Judgement::ALL.into_iter().flat_map(|by| {
        levels.map(|level| {
            let title = format!("{}, {level}: held / broken / not shown", by.as_str());
            let sums = all.iter().map(|shown| {
                let [held, broken, hidden] = shown.sums(by, level);
                format!("{held} / {broken} / {hidden}")
            });
            (title, sums.collect::<Vec<_>>())
        })
    });
    let line =
        |(title, cells): (String, Vec<String>)| std::iter::once(title).chain(cells).collect();
    "## In sum\n\nThe suite's verdicts at `STRICT_LEVEL`/`SPEC_LEVEL`, which are those of `--suite --strict … --spec …` as well, test by \
     test; and ours.\n\n"
        .to_owned()
        + &table(&heading(all, ""), theirs.chain(ours).map(line))
}

fn heading<'a>(all: &[&'a Shown], first: &'a str) -> Vec<&'a str> {
    let names = all.iter().map(|shown| shown.subject.name);
    std::iter::once(first).chain(names).collect()
}

/// One line for each rule: its cases differ by a letter.
fn rules(all: &[&Shown]) -> String {
    let mut rules: Vec<(&str, Vec<&Case>)> = Vec::new();
    for case in cases() {
        let rule = case.id.trim_end_matches(|c: char| c.is_ascii_lowercase());
        match rules.last_mut() {
            Some((last, cases)) if *last == rule => cases.push(case),
            _ => rules.push((rule, vec![case])),
        }
    }
    let line = |(rule, cases): (&str, Vec<&Case>)| {
        let marks: Vec<_> = all.iter().map(|shown| marked(shown, &cases)).collect();
        // Of formats that no subject speaks.
        let nothing = Mark::Unasked.to_string();
        if marks.iter().all(|mark| *mark == nothing) {
            return None;
        }
        let title = match &*cases {
            [case] => format!("{rule}: {}", case.title),
            [first, .., last] => format!("{rule}: {} … {}", first.title, last.title),
            [] => rule.to_owned(),
        };
        Some(std::iter::once(title).chain(marks).collect())
    };
    "## Rule by rule\n\n✔ all of it held · ✘ must, ✘ should: the worst of what did not · ? something was not shown · – nothing is asked of it. \
     [check.md](check.md) lists the cases.\n\n"
        .to_owned()
        + &table(&heading(all, ""), rules.into_iter().filter_map(line))
}

/// The worst that the wire shows, and what the spans show where that is worse.
fn marked(shown: &Shown, cases: &[&Case]) -> String {
    let worst = |by| {
        let marks = cases.iter().flat_map(|case| shown.marks(case.id, by));
        marks.max().unwrap_or(Mark::Unasked)
    };
    let wire = worst(Judgement::Wire);
    let others = [Judgement::Spans, Judgement::Agree].into_iter();
    let others = others.filter(|by| worst(*by) > wire);
    let others = others.map(|by| format!(", {} {}", by.as_str(), worst(by)));
    wire.to_string() + &others.collect::<String>()
}

/// What was asked and shown over other boundaries, in sum.
fn other_boundaries(beyond: &[&Shown]) -> String {
    let asked = Judgement::ALL.map(|by| [Level::Must, Level::Should].map(|level| (by, level)));
    let titles = asked
        .as_flattened()
        .iter()
        .map(|(by, level)| format!("{}, {level}", by.as_str()));
    let titles: Vec<_> = titles.collect();
    let mut heading = vec!["", "judged as"];
    heading.extend(titles.iter().map(String::as_str));
    let line = |shown: &&Shown| {
        let mut cells = vec![shown.name.clone(), shown.relation().to_owned()];
        cells.extend(asked.as_flattened().iter().map(|(by, level)| {
            let [held, broken, hidden] = shown.sums(*by, *level);
            format!("{held} / {broken} / {hidden}")
        }));
        cells
    };
    BEYOND.to_owned() + "\n" + &table(&heading, beyond.iter().map(line))
}

fn deviations(all: &[&Shown]) -> String {
    let deviations = DEVIATIONS.iter().map(|known| deviation(known, all));
    format!(
        "## Deviations\n\nTo see one: the subject on port 8080, what it is told to call on port 9999 (`nc -l 9999` shows \
         what it hears), both on one network, and the line. `<new>` is an id that was not sent.\n{}",
        deviations.collect::<String>()
    )
}

fn deviation(deviation: &Deviation, all: &[&Shown]) -> String {
    let sources = deviation.sources.iter().map(|url| format!("<{url}>"));
    let sources: Vec<_> = sources.collect();
    let mut demanded = None;
    let mut lines = Vec::new();
    for (name, cases) in deviation.shown {
        let shown = all.iter().find(|shown| shown.name == *name);
        let found = shown.and_then(|shown| shown.first_finding(deviation.by));
        let goes_on = found.map(|found| {
            demanded.get_or_insert(found.demanded);
            let actual = found.actual.replace('|', "\\|");
            // What names a span stands in such marks already.
            match actual.contains('`') {
                true => actual.replace('<', "\\<"),
                false => format!("`{actual}`"),
            }
        });
        let goes_on = goes_on.unwrap_or_else(|| "–".to_owned());
        lines.push(vec![(*name).to_owned(), cases.join(", "), goes_on]);
    }
    let is_http = |(name, _): &(&str, _)| !name.contains(" over ");
    let request = match deviation.shown.iter().any(is_http) {
        true => format!("```sh\n{}\n```", line(deviation.by)),
        false => format!("Sent: {}.", carrier(deviation.by)),
    };
    format!(
        "\n### {}\n\n{}\n\n{}\n\n{request}\n\nDemanded: {}.\n\n{}",
        deviation.title,
        deviation.why,
        sources.join(" · "),
        demanded.unwrap_or_default().replace('<', "\\<"),
        table(
            &["", "cases", &format!("what goes on in {}", deviation.by)],
            lines.into_iter()
        ),
    )
}

/// What a case sends, where no shell speaks the boundary.
fn carrier(id: &str) -> String {
    let case = cases().find(|case| case.id == id);
    let exchange = case.and_then(|case| case.exchange(&ids()));
    let headers = exchange
        .map(|exchange| exchange.headers)
        .unwrap_or_default();
    let header = |(name, value): &(String, Vec<u8>)| format!("`{name}: {}`", value.escape_ascii());
    headers.iter().map(header).collect::<Vec<_>>().join(", ")
}

/// The request of a case, for a shell. A case that looks at all others is seen in one of them.
fn line(id: &str) -> String {
    let case = |id: &str| cases().find(|case| case.id == id);
    let target = Address::parse("http://127.0.0.1:8080/").expect("an address");
    let exchange = case(id).and_then(|case| case.exchange(&ids()));
    let exchange = exchange.or_else(|| case("WIRE-023a")?.exchange(&ids()));
    let exchange = exchange.unwrap_or_else(|| panic!("{id} is no case that can be shown"));
    report::curl(&target, "127.0.0.1:9999", &exchange)
}

/// Where the suite's verdict and ours are of another weight.
fn disagreements(all: &[&Shown]) -> String {
    let lines = DISAGREEMENTS.iter().map(|(test, why)| {
        let verdicts = all.iter().map(|shown| match shown.disagreement(test) {
            Some((theirs, ours)) => format!("{theirs}, {ours}"),
            None => "–".to_owned(),
        });
        let mut cells = vec![format!("`{test}`")];
        cells.extend(verdicts);
        cells.push((*why).to_owned());
        cells
    });
    let mut heading = heading(all, "test");
    heading.push("why");
    "## Where the suite says otherwise\n\nWhat the suite says at strictness 2 and level 2, and the worst that we say of the cases that \
     are about the same. Where there is a dash, both say the same.\n\n"
        .to_owned()
        + &table(&heading, lines)
}
