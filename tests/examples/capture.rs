//! Captures the fixtures: what stock instrumentations really export, and what stood on the wire.
//!
//! ```text
//! containers/setup subjects
//! cargo run -p unbroken-tests --example capture -- [FILTER]
//! ```
//!
//! Each case of `cases.txt` whose path contains the filter is performed on a stage with real
//! brokers, and written to `harness/tests/fixtures/<path>.json`. What is expected of it is written
//! by hand, beside it, and never here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use unbroken::recording::Recording;
use unbroken::request::Request;
use unbroken::role;
use unbroken::route::{Route, Row};
use unbroken::stage::{Options, Participant, Plan, Stage, Subject};
use unbroken::story::OwnAccord;

/// Where the fixtures stand, and the list of what they are.
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../harness/tests/fixtures");

/// A line of the list: where it goes, who plays, and the route.
struct Case {
    path: String,
    rows: Vec<Row>,
    cast: BTreeMap<String, Participant>,
}

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    if let Some(played) = role::play() {
        return played;
    }
    let filter = std::env::args().nth(1).unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime
        .map_err(Failure::from)
        .and_then(|runtime| runtime.block_on(capture(&filter)))
    {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn capture(filter: &str) -> Result<ExitCode, Failure> {
    let stage = Stage::new(Options {
        timeout: Duration::from_secs(12),
        ..Options::default()
    });
    let list = std::fs::read_to_string(Path::new(FIXTURES).join("cases.txt"))?;
    let mut code = ExitCode::SUCCESS;
    for case in cases(&list)?
        .iter()
        .filter(|case| case.path.contains(filter))
    {
        match perform(&stage, case).await {
            Ok(said) => println!("{}: {said}", case.path),
            Err(error) => {
                eprintln!("{}: {error}", case.path);
                code = ExitCode::FAILURE;
            }
        }
    }
    stage.close().await;
    Ok(code)
}

async fn perform(stage: &Stage, case: &Case) -> Result<String, Failure> {
    let plan = Plan {
        name: case.path.clone(),
        route: Route::of(&case.rows, stage.boundaries())?,
        cast: case.cast.clone(),
        middles: BTreeMap::new(),
        faults: BTreeMap::new(),
        silent: BTreeSet::new(),
        own_accord: OwnAccord::new(),
        request: Request::default(),
    };
    let evidence = stage.perform(&plan).await?;
    let recording = Recording::of(&case.rows, &evidence).to_string();
    let file = Path::new(FIXTURES).join(format!("{}.json", case.path));
    std::fs::create_dir_all(file.parent().unwrap_or(Path::new(FIXTURES)))?;
    std::fs::write(&file, &recording)?;
    let spans = evidence.story.spans().len();
    Ok(format!("{spans} spans, {} bytes", recording.len()))
}

/// Reads the list: `path: from ─over→ to, …; service=image VARIABLE=value …; …`.
fn cases(list: &str) -> Result<Vec<Case>, Failure> {
    let lines = list.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| case(line).ok_or_else(|| format!("no case: {line}").into()))
        .collect()
}

fn case(line: &str) -> Option<Case> {
    let (path, rest) = line.split_once(':')?;
    let mut parts = rest.split(';');
    let rows = parts
        .next()?
        .split(',')
        .zip(1..)
        .map(|(hop, line)| row(hop, line));
    let rows: Vec<_> = rows.collect::<Option<_>>()?;
    let cast = parts.map(|part| participant(part, &rows));
    Some(Case {
        path: path.trim().to_owned(),
        cast: cast.collect::<Option<_>>()?,
        rows,
    })
}

fn row(hop: &str, line: usize) -> Option<Row> {
    let mut words = hop.split_whitespace().map(str::to_owned);
    Some(Row {
        line,
        from: words.next()?,
        over: words.next()?,
        to: words.next()?,
        relation: words.next(),
        how: None,
    })
}

/// Subjects listen on port 8080 for HTTP, and on port 8081 for gRPC.
fn participant(part: &str, rows: &[Row]) -> Option<(String, Participant)> {
    let mut words = part.split_whitespace();
    let (service, image) = words.next()?.split_once('=')?;
    let reached = rows.iter().find(|row| row.to == service)?;
    let environment = words.map(|word| word.split_once('='));
    let environment = environment.map(|pair| pair.map(|(n, v)| (n.to_owned(), v.to_owned())));
    let subject = Subject {
        image: format!("unbroken/{image}:1"),
        port: match reached.over.as_str() {
            "HTTP" => Some(8080),
            "gRPC" => Some(8081),
            _ => None,
        },
        ready: "ready".to_owned(),
        environment: environment.collect::<Option<_>>()?,
    };
    Some((service.to_owned(), Participant::Image(subject)))
}
