//! Reports on the terminal, modulo what is random in them.

/// Trace ids and span ids are of every run's own.
pub(crate) fn without_ids(assert: impl FnOnce()) {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter("[0-9a-f]{32}", "<trace>");
    settings.add_filter("[0-9a-f]{16}", "<span>");
    // What SQS calls a message.
    settings.add_filter(
        "message [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "message <id>",
    );
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(assert);
}
