//! Content lines of iCalendar (RFC 5545 §3.1).
//!
//! Always true: a line ends with CRLF and is at most 75 octets long; a longer one is folded between characters. Text is
//! escaped, and control characters, which no line can hold, are left out.

use std::borrow::Cow;

/// The most octets of a line, without its end.
const LONGEST: usize = 75;

/// Lines as they are written, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Lines(String);

impl Lines {
    /// A line whose value is written as it is: its text, or its number or date, holds nothing to escape.
    pub(crate) fn exact(&mut self, name: &str, value: &str) {
        self.fold(&format!("{name}:{value}"));
    }

    /// A line whose value is text of people.
    pub(crate) fn text(&mut self, name: &str, value: &str) {
        self.fold(&format!("{name}:{}", escaped(value)));
    }

    /// All lines.
    pub(crate) fn finish(self) -> String {
        self.0
    }

    fn fold(&mut self, line: &str) {
        let mut room = LONGEST;
        for character in line.chars().filter(|it| !it.is_control() || *it == '\t') {
            if character.len_utf8() > room {
                self.0.push_str("\r\n ");
                // The space counts.
                room = LONGEST - 1;
            }
            self.0.push(character);
            room -= character.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['\\', ';', ',', '\n', '\r']) {
        return text.into();
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.replace("\r\n", "\n").chars() {
        match character {
            '\\' | ';' | ',' => escaped.extend(['\\', character]),
            '\n' | '\r' => escaped.push_str("\\n"),
            other => escaped.push(other),
        }
    }
    escaped.into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str) -> String {
        let mut lines = Lines::default();
        lines.text("SUMMARY", text);
        lines.finish()
    }

    /// What a reader makes of it (RFC 5545 §3.1 and §3.3.11).
    fn read(written: &str) -> String {
        let unfolded = written.replace("\r\n ", "");
        let value = unfolded.strip_prefix("SUMMARY:").and_then(|it| it.strip_suffix("\r\n")).expect("a line");
        let mut read = String::new();
        let mut characters = value.chars();
        while let Some(character) = characters.next() {
            match character {
                '\\' => read.push(characters.next().map_or('\\', |it| if it == 'n' { '\n' } else { it })),
                other => read.push(other),
            }
        }
        read
    }

    #[test]
    fn text_of_people_is_escaped() {
        assert_eq!(written("Kurz; 3D, \\ tisk\r\nv sále"), "SUMMARY:Kurz\\; 3D\\, \\\\ tisk\\nv sále\r\n");
    }

    #[test]
    fn a_text_cannot_add_a_line() {
        let written = written("x\r\nEND:VCALENDAR\u{0}\u{85}");
        assert_eq!(written, "SUMMARY:x\\nEND:VCALENDAR\r\n");
    }

    proptest! {
        /// Whatever is written is read as it was, from lines of at most 75 octets.
        #[test]
        fn text_survives_and_lines_stay_short(text in "[\\PC\n]{0,300}") {
            let written = written(&text);
            prop_assert!(written.split("\r\n").all(|line| line.len() <= LONGEST), "{}", written);
            prop_assert_eq!(read(&written), text);
        }
    }
}
