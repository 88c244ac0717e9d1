//! A line cut into words: blanks separate, quotes hold a name with spaces together.
//!
//! Invariant: knows nothing of commands. Columns are characters, because the caret is drawn in characters.

use super::diagnostic::{Diagnostic, Span};
use super::refusal::Refusal;
use crate::limits;

/// One word: its text without quotes, and its place with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) span: Span,
    /// Written in quotes: a name, never a keyword or a number.
    pub(super) quoted: bool,
}

/// `line` without its end: `\n`, `\r\n` or a lone `\r`.
pub(super) fn trim_end(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

/// Whether the line says nothing: blank, or a comment (`#` as its first word's first character).
pub(super) fn is_blank(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t']);
    line.is_empty() || line.starts_with('#')
}

/// Cuts `line`, which has no line end any more.
pub(super) fn split(line: &str) -> Result<Vec<Word<'_>>, Diagnostic> {
    check_length(line)?;
    check_characters(line)?;
    let mut words = Vec::new();
    let mut chars = line.char_indices().enumerate().peekable();
    while let Some((column, (start, first))) = chars.next() {
        if is_separator(first) {
            continue;
        }
        let quoted = first == '"';
        let (mut length, mut end) = (1, start + first.len_utf8());
        let mut closed = false;
        while let Some(&(at, (offset, c))) = chars.peek() {
            let over = if quoted { closed } else { is_separator(c) };
            if over && is_separator(c) {
                break;
            }
            // A quote glued to a word is a slip of the pen in either order: `my"vpn"`, `"my"vpn`.
            if over || (c == '"' && !quoted) {
                let column = if over { at - 1 } else { at };
                return Err(Diagnostic::new(line, Span { column, length: 1 }, Refusal::StrayQuote));
            }
            closed = c == '"';
            (length, end) = (length + 1, offset + c.len_utf8());
            chars.next();
        }
        if quoted && !closed {
            return Err(Diagnostic::new(line, Span { column, length }, Refusal::UnclosedQuote));
        }
        let text = if quoted { &line[start + 1..end - 1] } else { &line[start..end] };
        words.push(Word { text, span: Span { column, length }, quoted });
    }
    Ok(words)
}

fn is_separator(c: char) -> bool {
    c == ' ' || c == '\t'
}

fn check_length(line: &str) -> Result<(), Diagnostic> {
    const SHOWN: usize = 72;
    let length = line.chars().count();
    if length <= limits::CONFIG_LINE_CHARS {
        return Ok(());
    }
    let head: String = line.chars().take(SHOWN).collect();
    let refusal = Refusal::LineTooLong { length, limit: limits::CONFIG_LINE_CHARS };
    Err(Diagnostic::new(&format!("{head}..."), Span { column: SHOWN, length: 3 }, refusal))
}

fn check_characters(line: &str) -> Result<(), Diagnostic> {
    match line.chars().enumerate().find(|&(_, c)| c != '\t' && c.is_control()) {
        None => Ok(()),
        Some((column, character)) => {
            Err(Diagnostic::new(line, Span { column, length: 1 }, Refusal::ControlCharacter { character }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<&str> {
        split(line).expect("a good line").into_iter().map(|word| word.text).collect()
    }

    fn refusal(line: &str) -> (usize, Refusal) {
        let diagnostic = split(line).expect_err("a bad line");
        (diagnostic.span.column, diagnostic.refusal)
    }

    #[test]
    fn blanks_and_tabs_separate_in_any_number() {
        assert_eq!(texts(" \tdfs-group\t  1 "), ["dfs-group", "1"]);
        assert_eq!(texts(""), [""; 0]);
    }

    #[test]
    fn spans_count_characters_and_include_quotes() {
        let words = split("\ta \"b c\" d").expect("a good line");
        let spans: Vec<_> = words.iter().map(|w| (w.span.column, w.span.length, w.quoted)).collect();
        assert_eq!(spans, [(1, 1, false), (3, 5, true), (9, 1, false)]);
        assert_eq!(words[1].text, "b c");
    }

    #[test]
    fn characters_of_several_bytes_are_one_column() {
        let words = split("\u{e9}\u{20ac} \"\u{1f600}\" x").expect("a good line");
        let found: Vec<_> = words.iter().map(|w| (w.text, w.span.column, w.span.length)).collect();
        assert_eq!(found, [("\u{e9}\u{20ac}", 0, 2), ("\u{1f600}", 3, 3), ("x", 7, 1)]);
    }

    #[test]
    fn an_empty_pair_of_quotes_is_an_empty_word() {
        assert_eq!(texts("a \"\" b"), ["a", "", "b"]);
    }

    #[test]
    fn quotes_must_close_and_stand_alone() {
        assert_eq!(refusal("a \"b c"), (2, Refusal::UnclosedQuote));
        assert_eq!(refusal("a b\"c\""), (3, Refusal::StrayQuote));
        assert_eq!(refusal("a \"b\"c"), (4, Refusal::StrayQuote));
        assert_eq!(refusal("a \"b\"\"c\""), (4, Refusal::StrayQuote));
    }

    #[test]
    fn control_characters_are_named() {
        assert_eq!(refusal("a\0"), (1, Refusal::ControlCharacter { character: '\0' }));
        assert_eq!(refusal("a\nb"), (1, Refusal::ControlCharacter { character: '\n' }));
        assert_eq!(refusal("a\u{7f}"), (1, Refusal::ControlCharacter { character: '\u{7f}' }));
    }

    #[test]
    fn the_longest_line_passes_and_one_more_character_does_not() {
        let limit = limits::CONFIG_LINE_CHARS;
        assert_eq!(texts(&"a".repeat(limit)).len(), 1);
        let (_, refused) = refusal(&"a".repeat(limit + 1));
        assert_eq!(refused, Refusal::LineTooLong { length: limit + 1, limit });
        let shown = split(&"a".repeat(100_000)).expect_err("too long").to_string();
        assert!(shown.len() < 400, "a refused line is not repeated whole: {} bytes", shown.len());
    }

    #[test]
    fn line_ends_of_both_kinds_are_taken_off_once() {
        assert_eq!(trim_end("quit\r\n"), "quit");
        assert_eq!(trim_end("quit\n"), "quit");
        assert_eq!(trim_end("quit\r"), "quit");
        assert_eq!(trim_end("quit\n\n"), "quit\n");
    }

    #[test]
    fn comments_and_blank_lines_say_nothing() {
        for line in ["", " ", "\t", "#", "  # a comment with \u{e9}", "#dfs-group 1"] {
            assert!(is_blank(line), "{line:?}");
        }
        assert!(!is_blank("quit # no trailing comments"));
    }
}
