//! From nothing to the verdict: a whole run in a process of its own, against what the slowest
//! broker needs by itself until it says that it is ready.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use unbroken_adapters::Broker;

/// With this variable the executable of the benchmark is `unbroken run`.
const VARIABLE: &str = "UNBROKEN_BENCH_RUNS_A_FEATURE";
const FEATURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../features/journey.feature");
const IMAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../containers/images.txt");
const DEADLINE: Duration = Duration::from_mins(1);

/// Plays the run, if that is what this process was started for.
pub(crate) fn play() -> Option<ExitCode> {
    std::env::var_os(VARIABLE)?;
    Some(unbroken::main(FEATURE))
}

/// How long a run of `journey.feature` takes until its verdict is on the screen, and until it has
/// removed everything and ended.
pub(crate) fn run() -> (Duration, Duration) {
    let start = Instant::now();
    let executable = std::env::current_exe().expect("a path");
    let mut command = Command::new(executable);
    command.env(VARIABLE, "1");
    let (mut child, lines) = started(command);
    let verdict = until(&lines, "An order leaves one unbroken trace", start);
    let status = child.wait().expect("it ends");
    let said: Vec<_> = lines.iter().map(|(_, line)| line).collect();
    assert!(status.success(), "{status}: {}", said.join("\n"));
    (verdict, start.elapsed())
}

/// How long each broker takes from `docker run` to the line that says ready, all side by side.
pub(crate) fn brokers(brokers: &[&'static Broker]) -> Vec<Duration> {
    let start = Instant::now();
    let running: Vec<_> = brokers
        .iter()
        .map(|&broker| thread::spawn(move || ready(broker, start)))
        .collect();
    let took = running
        .into_iter()
        .map(|thread| thread.join().expect("ready"));
    took.collect()
}

fn ready(broker: &'static Broker, start: Instant) -> Duration {
    let name = format!("unbroken-bench-{}-{}", std::process::id(), broker.name);
    let mut command = Command::new("docker");
    command.args(["run", "--rm", "--name", &name, "--publish"]);
    command.arg(format!("127.0.0.1::{}", broker.port));
    for (variable, value) in broker.environment {
        command.arg("--env").arg(format!("{variable}={value}"));
    }
    command.arg(image(broker.name)).args(broker.command);
    let (mut child, lines) = started(command);
    let container = Container(name.clone());
    if !broker.after_start.is_empty() {
        let tell = || {
            let words = broker.after_start.iter();
            let words = words.map(|word| word.replace("{port}", "9092"));
            let mut exec = Command::new("docker");
            exec.arg("exec").arg(&name).args(words);
            exec.stderr(Stdio::null()).status()
        };
        while !tell().is_ok_and(|status| status.success()) && start.elapsed() < DEADLINE {}
    }
    let took = until(&lines, broker.ready, start);
    drop(container);
    let _ = child.wait();
    took
}

/// A container that is removed whatever happens.
struct Container(String);

impl Drop for Container {
    fn drop(&mut self) {
        let mut remove = Command::new("docker");
        remove.args(["rm", "--force", "--volumes", &self.0]);
        let _ = remove.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

/// What it prints comes line by line, with the moment.
fn started(mut command: Command) -> (Child, Receiver<(Instant, String)>) {
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let (sender, lines) = channel();
    let out = child
        .stdout
        .take()
        .map(|out| Box::new(out) as Box<dyn Read + Send>);
    let err = child
        .stderr
        .take()
        .map(|err| Box::new(err) as Box<dyn Read + Send>);
    for stream in [out, err].into_iter().flatten() {
        let sender = sender.clone();
        thread::spawn(move || {
            for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                let _ = sender.send((Instant::now(), line));
            }
        });
    }
    (child, lines)
}

fn until(lines: &Receiver<(Instant, String)>, words: &str, start: Instant) -> Duration {
    let mut said = Vec::new();
    while let Ok((at, line)) = lines.recv_timeout(DEADLINE.saturating_sub(start.elapsed())) {
        if line.contains(words) {
            return at - start;
        }
        said.push(line);
    }
    panic!(
        "{words:?} was not said within {DEADLINE:?}:\n{}",
        said.join("\n")
    );
}

/// The image that the stage would take: the first of its line that is here.
fn image(name: &str) -> String {
    let list = std::fs::read_to_string(IMAGES).expect("the list of images");
    let lines = list.lines().map(|line| line.split_whitespace());
    let images = lines.filter_map(|mut line| (line.next() == Some(name)).then_some(line));
    let is_here = |image: &&str| {
        let inspect = ["image", "inspect", image];
        let output = Command::new("docker").args(inspect).output();
        output.is_ok_and(|output| output.status.success())
    };
    let found = images.flatten().find(is_here).map(str::to_owned);
    found.unwrap_or_else(|| panic!("there is no image for {name}: run `containers/setup`"))
}
