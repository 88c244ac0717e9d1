//! A refusal with its place: the line, a `^` under the word, and one sentence.
//!
//! ```text
//! line 3: peer-link source ip 10.1.0.3 peer 10.1.0.3 tcp-port 2048
//!                                           ^
//! Error: The peer address 10.1.0.3 is also the source address; name the other device's address.
//! ```
//!
//! Invariant: no password of the line is in here. Rendering never writes a control character or anything outside ASCII from the line, so a hostile file
//! cannot steer the reader's terminal, and every character is one column wide.

use std::fmt;

use super::refusal::Refusal;
use super::secret;

/// Where a word stands in its line, in characters from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first character.
    pub column: usize,
    /// How many characters, quotes included.
    pub length: usize,
}

/// Why a line was not taken, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The line's number in its file, from 1; none when it was typed.
    pub number: Option<usize>,
    /// The line as it was entered, without its end and without passwords; cut when it was too long to be a line at all.
    pub line: String,
    /// The offending word; where the next word belongs, if one is missing.
    pub span: Span,
    /// What is wrong, and what to do.
    pub refusal: Refusal,
}

impl Diagnostic {
    pub(super) fn new(line: &str, span: Span, refusal: Refusal) -> Self {
        let (shown, span) = secret::mask(line, span);
        let refusal = if shown == line { refusal } else { secret::hide(refusal) };
        let line = shown;
        Self { number: None, line, span, refusal }
    }

    /// The same refusal, known to come from line `number` of a file.
    #[must_use]
    pub fn at(mut self, number: usize) -> Self {
        self.number = Some(number);
        self
    }

    /// The requirement that the line breaks, as `PL-06`.
    pub fn requirement(&self) -> &'static str {
        self.refusal.requirement()
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = self.number.map(|number| format!("line {number}: ")).unwrap_or_default();
        let shown: String = self.line.chars().map(printable).collect();
        // Tabs are repeated under themselves, so that the caret stands right whatever the terminal's tab stops are.
        let pad: String = (shown.chars().chain(std::iter::repeat(' ')))
            .take(self.span.column)
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        writeln!(f, "{prefix}{shown}")?;
        writeln!(f, "{:width$}{pad}^", "", width = prefix.len())?;
        write!(f, "Error: {}", self.refusal)
    }
}

impl std::error::Error for Diagnostic {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.refusal)
    }
}

fn printable(c: char) -> char {
    if c == '\t' || c == ' ' || c.is_ascii_graphic() { c } else { '?' }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: &str, column: usize) -> Diagnostic {
        Diagnostic::new(line, Span { column, length: 1 }, Refusal::UnclosedQuote)
    }

    #[test]
    fn the_caret_stands_under_the_word_with_and_without_a_line_number() {
        let typed = at("quit x", 5);
        assert_eq!(typed.to_string().lines().nth(1), Some("     ^"));
        let numbered = typed.at(12);
        let lines: Vec<String> = numbered.to_string().lines().map(str::to_owned).collect();
        assert_eq!(lines[0].find('x'), lines[1].find('^'));
        assert!(lines[0].starts_with("line 12: "));
    }

    #[test]
    fn tabs_before_the_word_are_kept_in_the_caret_line() {
        assert_eq!(at("\tquit\tx", 6).to_string().lines().nth(1), Some("\t    \t^"));
    }

    #[test]
    fn a_caret_past_the_end_of_the_line_is_still_drawn() {
        assert_eq!(at("undo", 5).to_string().lines().nth(1), Some("     ^"));
    }

    #[test]
    fn nothing_of_the_line_can_steer_a_terminal() {
        let text = at("a\u{1b}[2Jb\u{202e}c\u{7}", 0).to_string();
        assert_eq!(text.lines().next(), Some("a?[2Jb?c?"));
    }
}
