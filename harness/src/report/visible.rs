//! What others wrote, so that a reader sees all of it, and nothing obeys it.

/// Characters that nobody sees are written out: those that control a terminal, turn the direction
/// of the text, or are no characters at all, which XML cannot hold. So is what the log of a step
/// on GitHub would take for a command.
pub(super) fn visible(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_none = |c: char| matches!(u32::from(c) & 0xffff, 0xfffe | 0xffff);
    let show = |c: char| match c.is_control() || turns(c) || is_none(c) {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    let shown: String = text.chars().map(show).collect();
    disarmed(&shown)
}

/// GitHub obeys a line that begins with `::command::`, whatever white space stands before it, and
/// `##[command]` anywhere.
fn disarmed(line: &str) -> String {
    let line = line.replace("##[", "##\\u{5b}");
    match line.trim_start().strip_prefix("::") {
        Some(rest) if rest.contains("::") => line.replacen(':', "\\u{3a}", 1),
        _ => line,
    }
}

/// The same of several lines.
pub(crate) fn visible_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(visible).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        assert_eq!(
            visible_lines("a\u{1b}[1m\u{7f}é\r\n\u{202e}\u{ffff}"),
            "a\\u{1b}[1m\\u{7f}é\n\\u{202e}\\u{ffff}"
        );
        assert_eq!(visible("a\r\nb"), "a\\r\\nb");
    }

    #[test]
    fn what_a_log_on_github_would_obey_is_written_out() {
        for (said, shown) in [
            ("::stop-commands::x", "\\u{3a}:stop-commands::x"),
            (" \u{a0}::error a=b::c", " \u{a0}\\u{3a}:error a=b::c"),
            ("a ##[add-mask]b", "a ##\\u{5b}add-mask]b"),
            ("a ::error::b", "a ::error::b"),
            ("::1", "::1"),
        ] {
            assert_eq!(visible(said), shown);
        }
        let lines = visible_lines("its last words:\n::error::a\nb");
        assert_eq!(lines, "its last words:\n\\u{3a}:error::a\nb");
    }
}
