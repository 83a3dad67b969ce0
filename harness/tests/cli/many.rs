//! The journey, again and again, and side by side.

use crate::program::{Program, scenarios};
use crate::reports::without_ids;

#[test]
fn twenty_runs_in_a_row_are_told_in_the_same_words() {
    let program = Program::run("journey.feature").and(&["--tags", "@twenty"]);
    let ended = program.and(&["--concurrency", "1"]).play_out();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(ended.out.ends_with("20 passed, 0 failed\n"), "{ended:#?}");
    let said = scenarios(&ended.out);
    assert_eq!(said.len(), 20, "{ended:#?}");
    without_ids(|| insta::assert_snapshot!("an_order_leaves_one_unbroken_trace", said[0]));
    // Nothing of a green report is random: there is no id in it.
    for (copy, said_again) in said.iter().enumerate() {
        assert_eq!(*said_again, said[0], "copy {copy}");
    }
}

#[test]
fn sixty_four_runs_side_by_side_do_not_disturb_each_other() {
    let program = Program::run("journey.feature").and(&["--tags", "@sixty-four"]);
    let program = program.and(&["--concurrency", "64", "--detail", "failures"]);
    let ended = program.play_out();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(ended.out.ends_with("64 passed, 0 failed\n"), "{ended:#?}");
}
