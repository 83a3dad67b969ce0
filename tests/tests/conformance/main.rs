//! Real services with stock OpenTelemetry, checked, and laid beside what is known of them and
//! beside what the W3C suite says. `docs/conformance.md` is what they showed:
//! `UPDATE_EXPECT=1 cargo test --test conformance` writes it anew.
//!
//! The services are images, which `containers/setup subjects` builds. What needs an image that is
//! not there is ignored, and says so.

mod bench;
mod beyond;
mod deviations;
mod findings;
mod page;
mod subjects;
mod suite;

use std::process::ExitCode;
use std::sync::Arc;

use expect_test::expect_file;
use libtest_mimic::{Arguments, Failed, Trial};

use bench::Bench;
use subjects::SUBJECTS;

fn main() -> ExitCode {
    if let Some(played) = unbroken::role::play() {
        return played;
    }
    let arguments = Arguments::from_args();
    let bench = match Bench::new() {
        Ok(bench) => Arc::new(bench),
        Err(error) => {
            eprintln!("no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let places = 0..SUBJECTS.len();
    let mut trials: Vec<_> = places
        .flat_map(|place| [subject(&bench, place), beyond(&bench, place)])
        .collect();
    trials.push(page(&bench));
    let conclusion = libtest_mimic::run(&arguments, trials);
    bench.close();
    conclusion.exit_code()
}

/// What a subject does is what is known of it.
fn subject(bench: &Arc<Bench>, place: usize) -> Trial {
    let title = format!("{}::does what is known of it", SUBJECTS[place].name);
    let bench_of_it = Arc::clone(bench);
    let trial = Trial::test(title, move || {
        let shown = bench_of_it.shown(place)?;
        let said = [shown.surprises(), shown.differences(), shown.unexplained()].concat();
        said_nothing(&said)
    });
    ignored_unless(bench.is_there(place), trial)
}

/// The same, over other boundaries.
fn beyond(bench: &Arc<Bench>, place: usize) -> Trial {
    let title = format!("{}::does so beyond HTTP", SUBJECTS[place].name);
    let bench_of_it = Arc::clone(bench);
    let trial = Trial::test(title, move || {
        let shown = bench_of_it.beyond(place)?.iter();
        let said = shown.flat_map(|shown| {
            let surprises = shown.surprises().into_iter();
            surprises.map(|said| format!("{}: {said}", shown.name))
        });
        said_nothing(&said.collect::<Vec<_>>())
    });
    ignored_unless(bench.is_there(place), trial)
}

/// The page says what all of them do.
fn page(bench: &Arc<Bench>) -> Trial {
    let is_there = (0..SUBJECTS.len()).all(|place| bench.is_there(place));
    let bench = Arc::clone(bench);
    let trial = Trial::test("the page says what they do", move || {
        let places = 0..SUBJECTS.len();
        let mut shown = Vec::new();
        let mut beyond = Vec::new();
        for place in places {
            shown.push(bench.shown(place)?);
            beyond.extend(bench.beyond(place)?);
        }
        expect_file!["../../../docs/conformance.md"].assert_eq(&page::page(&shown, &beyond));
        said_nothing(&findings::outdated(&shown))
    });
    ignored_unless(is_there, trial)
}

fn ignored_unless(is_there: bool, trial: Trial) -> Trial {
    match is_there {
        true => trial,
        false => trial
            .with_kind("wants the images that `containers/setup subjects` builds")
            .with_ignored_flag(true),
    }
}

fn said_nothing(said: &[String]) -> Result<(), Failed> {
    match said {
        [] => Ok(()),
        said => Err(said.join("\n").into()),
    }
}
