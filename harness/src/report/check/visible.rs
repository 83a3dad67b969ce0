//! What others wrote, so that a reader sees all of it.

/// Characters that nobody sees are written out: those that control a terminal, turn the direction
/// of the text, or are no characters at all, which XML cannot hold.
pub(super) fn visible(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_none = |c: char| matches!(u32::from(c) & 0xffff, 0xfffe | 0xffff);
    let show = |c: char| match c.is_control() || turns(c) || is_none(c) {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    text.chars().map(show).collect()
}

/// The same of several lines.
pub(super) fn visible_lines(text: &str) -> String {
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
    }
}
