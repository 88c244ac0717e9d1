//! The log of everything that a node was told, as JSON lines, and its replay.
//!
//! The first line says what the node was made with; every other one is an instant and an input. A node decides by its
//! inputs and its seed alone, so replaying a log repeats every output.
//!
//! Invariant: a log is written before the node is told, so that the input that ends a process is in it.

use crate::auth::KeyRing;
use crate::node::io::{Input, Output};
use crate::node::{Node, NodeSettings};
use crate::session::io::SessionInput;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Write};
use thiserror::Error;

/// The form of the log. A reader refuses a log of another form.
const FORM: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    mlagsync_log: u32,
    settings: NodeSettings,
}

#[derive(Debug, Deserialize)]
struct Line {
    at: Time,
    input: Input,
}

#[derive(Debug, Serialize)]
struct LineRef<'a> {
    at: Time,
    input: &'a Input,
}

/// Why a log cannot be read.
#[derive(Debug, Error)]
pub enum LogError {
    /// The file cannot be read.
    #[error("the log cannot be read")]
    Io(#[from] io::Error),
    /// There is no header line.
    #[error("the log is empty")]
    Empty,
    /// It was written in another form.
    #[error("the log is of form {found}, this program reads form {FORM}")]
    Form {
        /// Its form.
        found: u32,
    },
    /// A line is not what it should be.
    #[error("line {line} of the log is damaged")]
    Line {
        /// Which, counted from one.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// Writes a log.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
}

impl<W: Write> Writer<W> {
    /// Begins a log of a node that was made with `settings`.
    pub fn new(mut out: W, settings: &NodeSettings) -> io::Result<Self> {
        write_line(&mut out, &Header { mlagsync_log: FORM, settings: settings.clone() })?;
        Ok(Writer { out })
    }

    /// Notes what the node is about to be told.
    pub fn note(&mut self, at: Time, input: &Input) -> io::Result<()> {
        write_line(&mut self.out, &LineRef { at, input })
    }

    /// Hands on what a buffer below still holds.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// What was written to.
    pub fn into_inner(self) -> W {
        self.out
    }
}

/// Reads a log: the settings first, then the inputs one by one.
#[derive(Debug)]
pub struct Reader<R> {
    lines: io::Lines<R>,
    settings: NodeSettings,
    line: usize,
}

impl<R: BufRead> Reader<R> {
    /// Reads the header.
    pub fn new(input: R) -> Result<Self, LogError> {
        let mut lines = input.lines();
        let first = lines.next().ok_or(LogError::Empty)??;
        let header: Header =
            serde_json::from_str(&first).map_err(|source| LogError::Line { line: 1, source })?;
        if header.mlagsync_log != FORM {
            return Err(LogError::Form { found: header.mlagsync_log });
        }
        Ok(Reader { lines, settings: header.settings, line: 1 })
    }

    /// What the node was made with.
    pub fn settings(&self) -> &NodeSettings {
        &self.settings
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<(Time, Input), LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.lines.next()?;
        self.line += 1;
        Some(text.map_err(LogError::Io).and_then(|text| {
            let line: Line =
                serde_json::from_str(&text).map_err(|source| LogError::Line { line: self.line, source })?;
            Ok((line.at, line.input))
        }))
    }
}

/// Runs a node through a log, hands out what it put out, and answers it as it stands at the end.
///
/// A log of an authenticated channel needs its keys ([`replay_with`]): it holds their ids only, and without them nobody
/// proves anything.
pub fn replay(log: impl BufRead, output: impl FnMut(Time, Output)) -> Result<Node, LogError> {
    replay_with(log, &KeyRing::default(), output)
}

/// The same, with the keys of the configuration that was in force.
pub fn replay_with(
    log: impl BufRead,
    keys: &KeyRing,
    mut output: impl FnMut(Time, Output),
) -> Result<Node, LogError> {
    let reader = Reader::new(log)?;
    let mut node = Node::new(reader.settings().clone());
    for line in reader {
        let (at, mut input) = line?;
        if let Input::Session(SessionInput::Configure(Some(settings))) = &mut input {
            settings.security.keys.fill(keys);
        }
        node.handle(at, input);
        while let Some(out) = node.poll() {
            output(at, out);
        }
    }
    Ok(node)
}

fn write_line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}
