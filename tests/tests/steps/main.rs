//! Steps of one's own, on the world of Unbroken: what they see, and what they leave behind when
//! they fail. This program is both: the one that has such steps, and the one that runs it.

use std::env;
use std::process::{Command, ExitCode, Output};

use cucumber::then;
use libtest_mimic::{Arguments, Failed, Trial};
use unbroken::steps::World;

/// Set for the one that has the steps.
const INNER: &str = "UNBROKEN_TEST_STEPS";

#[then("nothing was found")]
fn nothing_was_found(world: &mut World) {
    let judgement = world.judgement().expect("a request took its route");
    assert!(judgement.findings().is_empty());
}

#[then("a step of one's own fails")]
fn fails(_: &mut World) -> Result<(), &'static str> {
    Err("a reason of one's own")
}

#[then("a step of one's own panics")]
fn panics(world: &mut World) {
    panic!("on purpose, after {} step(s)", world.own::<usize>());
}

#[then("a step of one's own ends the process")]
fn ends_the_process(_: &mut World) {
    std::process::abort();
}

fn main() -> ExitCode {
    if env::var_os(INNER).is_some() {
        return unbroken::main("tests/steps/own.feature");
    }
    let arguments = Arguments::from_args();
    let trials = vec![
        Trial::test("a_step_sees_what_was_judged", sees),
        Trial::test("a_step_that_fails_is_a_finding", failed),
        Trial::test("a_step_that_panics_leaves_nothing", panicked),
        Trial::test("a_step_that_ends_the_process_leaves_nothing", aborted),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn sees() -> Result<(), Failed> {
    let (_, output) = play("@sees")?;
    expect(&output, Some(0), "1 passed, 0 failed")
}

fn failed() -> Result<(), Failed> {
    let (_, output) = play("@fails")?;
    expect(&output, Some(1), "a reason of one's own")
}

fn panicked() -> Result<(), Failed> {
    let (process, output) = play("@panics")?;
    expect(&output, Some(1), "on purpose, after 0 step(s)")?;
    nothing_is_left_by(process)
}

fn aborted() -> Result<(), Failed> {
    let (process, output) = play("@aborts")?;
    expect(&output, None, "")?;
    nothing_is_left_by(process)
}

/// Runs this program again, for the scenarios of a tag, and waits until its reaper has ended too:
/// that one gets a copy of standard output, which is at its end when nobody has it any more.
fn play(tag: &str) -> Result<(u32, Output), Failed> {
    let child = Command::new("sh")
        .args(["-c", r#"exec "$0" --tags "$1" 3>&1"#])
        .arg(env::current_exe()?)
        .arg(tag)
        .envs([(INNER, "1"), ("NO_COLOR", "1")])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()?;
    Ok((child.id(), child.wait_with_output()?))
}

fn expect(output: &Output, code: Option<i32>, said: &str) -> Result<(), Failed> {
    let out = String::from_utf8_lossy(&output.stdout);
    if output.status.code() == code && out.contains(said) {
        return Ok(());
    }
    let err = String::from_utf8_lossy(&output.stderr);
    let status = output.status;
    Err(format!("expected {code:?} and {said:?}, got {status}\n{out}\n{err}").into())
}

/// No container and no network.
fn nothing_is_left_by(process: u32) -> Result<(), Failed> {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname")?;
    let space = std::fs::read_link("/proc/self/ns/pid").expect("a space of processes");
    let label = format!(
        "label=unbroken.owner={}/{}/{process}",
        host.trim(),
        space.display()
    );
    for list in [&["ps", "--all"][..], &["network", "ls"]] {
        let listed = Command::new("docker")
            .args(list)
            .args(["--quiet", "--filter", &label])
            .output()?;
        let left = String::from_utf8_lossy(&listed.stdout);
        if !listed.status.success() || !left.is_empty() {
            return Err(format!("{list:?} of {process}: {left}").into());
        }
    }
    Ok(())
}
