//! Takes passwords out of a line before anybody is shown it.
//!
//! A line that is refused is repeated, with a `^` under the word, on terminals and in logs. What is wrong with it may be
//! the very word that says where the password begins, so this does not parse: a line that smells of a password keeps
//! only words that are none.
//!
//! Invariant: nothing that stands behind `password`, and of a line of authentication nothing but its own vocabulary, is in
//! what comes out.

use super::diagnostic::Span;
use super::refusal::Refusal;
use crate::auth::{MASK, PasswordError};

/// Words of the lines that have passwords: no password is lost by showing them.
const VOCABULARY: &[&str] =
    &["undo", "authentication-mode", "tcp-authentication", "hmac-sha256", "md5", "ao", "key-id", "password"];

/// The line as it may be shown, and where the word at `span` stands in it.
pub fn mask(line: &str, span: Span) -> (String, Span) {
    let tokens = tokens(line);
    if !smells(&tokens) {
        return (line.to_owned(), span);
    }
    let mut shown = String::new();
    let mut column = 0;
    let mut moved = span;
    let mut after_key_id = false;
    for (at, token) in tokens.iter().enumerate() {
        let blank = token.text.starts_with([' ', '\t']);
        let before = tokens[..at].iter().rev().find(|t| !t.text.starts_with([' ', '\t']));
        let secret = before.is_some_and(|t| is_password_word(t.text));
        let number = after_key_id && token.text.len() <= 3 && token.text.bytes().all(|b| b.is_ascii_digit());
        let known = is_harmless(token.text);
        // Behind `password` everything goes, blanks and all: how many words it has is nobody's business either.
        let rest = if secret && !blank { Some(MASK) } else { None };
        let text = match rest {
            Some(mask) => mask,
            None if blank || known || number => token.text,
            None => MASK,
        };
        let length = text.chars().count();
        if span.column >= token.column && (span.column < token.column + token.length || rest.is_some()) {
            let inside = if text == token.text { span.column - token.column } else { 0 };
            moved = Span {
                column: column + inside,
                length: if inside == 0 && text == MASK { length } else { span.length },
            };
        }
        shown.push_str(text);
        column += length;
        if rest.is_some() {
            break;
        }
        if !blank {
            after_key_id = token.text.eq_ignore_ascii_case("key-id");
        }
    }
    let past = tokens.last().map_or(0, |t| t.column + t.length);
    if span.column >= past {
        moved = Span { column: column + 1, length: span.length };
    }
    (shown, moved)
}

/// The refusal of a line that was masked, without words that may be its password.
pub(super) fn hide(mut refusal: Refusal) -> Refusal {
    match &mut refusal {
        Refusal::Unrecognized { word, .. }
        | Refusal::Ambiguous { word, .. }
        | Refusal::TrailingWord { word }
        | Refusal::Number { word, .. } => {
            let number = word.len() <= 3 && word.bytes().all(|b| b.is_ascii_digit());
            if !number && !is_harmless(word) {
                MASK.clone_into(word);
            }
        }
        Refusal::NonAscii { .. } => refusal = Refusal::Password(PasswordError::Character),
        _ => {}
    }
    refusal
}

/// True for a word of the vocabulary, a beginning of one, or a slip of the pen in one of the first keywords.
fn is_harmless(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    VOCABULARY.iter().any(|known| begins(known, word))
        || !super::near::nearest(&lower, VOCABULARY[1..3].iter().copied(), 1).is_empty()
}

/// A run of blanks or of other characters.
struct Token<'a> {
    text: &'a str,
    column: usize,
    length: usize,
}

fn tokens(line: &str) -> Vec<Token<'_>> {
    let is_blank = |c: char| c == ' ' || c == '\t';
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut start = 0;
    let mut column = 0;
    let mut from = 0;
    let mut last: Option<bool> = None;
    for (at, (offset, c)) in line.char_indices().enumerate() {
        if last.is_some_and(|blank| blank != is_blank(c)) {
            tokens.push(Token { text: &line[start..offset], column: from, length: at - from });
            (start, from) = (offset, at);
        }
        last = Some(is_blank(c));
        column = at + 1;
    }
    if start < line.len() {
        tokens.push(Token { text: &line[start..], column: from, length: column - from });
    }
    tokens
}

/// True when the line may hold a password, by what it looks like.
fn smells(tokens: &[Token<'_>]) -> bool {
    let words =
        || tokens.iter().map(|t| t.text.trim_start_matches('"')).filter(|t| !t.starts_with([' ', '\t']));
    let first = words().find(|word| !begins("undo", word) || word.len() < 2);
    let by_first = first.is_some_and(|word| {
        let word = word.to_ascii_lowercase();
        word.starts_with("au") || word.starts_with("tcp-a") || word.contains("auth") || word.contains("hmac")
    });
    by_first
        || words().any(is_password_word)
        || words().any(|word| word.to_ascii_lowercase().starts_with("hmac"))
}

/// `password`, whole, shortened, or mistyped.
fn is_password_word(word: &str) -> bool {
    let word = word.trim_matches('"').to_ascii_lowercase();
    let near = super::near::nearest(&word, ["password"].into_iter(), 1);
    (word.len() >= 2 && "password".starts_with(&word))
        || (word.len() >= 5 && !near.is_empty())
        || word.starts_with("passw")
}

/// True when `word` is the beginning of `keyword`, or all of it.
fn begins(keyword: &str, word: &str) -> bool {
    !word.is_empty() && keyword.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}
