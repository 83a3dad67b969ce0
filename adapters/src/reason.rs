use std::error::Error;

/// An error and everything it came from, on one line: client libraries say what happened in the
/// last of their sources (`connection refused`), and only that something did in the first.
pub(crate) fn reason(error: &dyn Error) -> String {
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_says = cause.to_string();
        // Some wrappers repeat their source.
        if !reason.ends_with(&cause_says) {
            reason = format!("{reason}: {cause_says}");
        }
        source = cause.source();
    }
    reason
}

/// The beginning of what the other side said: answers hold whole pages at times, and a reason
/// that is passed back hop by hop must not grow with each.
pub(crate) fn short(said: &str) -> String {
    said.chars().take(200).collect()
}
