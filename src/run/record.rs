//! The record: everything that the node is told, written to a file for a replay.
//!
//! Policy. A replay needs the record from its first line, so it is not rotated: when it has grown to
//! [`limits::RECORD_MAX`], or the disk refuses, recording ends for good and says so, and the daemon goes on. It is
//! flushed at least once a second and at the end of the daemon, by a panic too; only a kill can cost its last second.
//! The node waits for the disk: who records accepts that.

use super::StartError;
use crate::limits;
use crate::node::NodeSettings;
use crate::node::io::Input;
use crate::node::log::Writer;
use crate::time::Time;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A record being written.
pub(crate) struct Recorder {
    path: PathBuf,
    /// `None` once recording has ended.
    writer: Option<Writer<Counted>>,
    /// When what is in our buffer has to be handed on, if there is something.
    due: Option<Time>,
}

impl Recorder {
    /// Begins a record for an instance that starts.
    pub(crate) fn open(path: &Path, settings: &NodeSettings) -> Result<Recorder, StartError> {
        Self::create(path, settings).map_err(|source| StartError::Record { path: path.to_owned(), source })
    }

    /// Begins a record; what the file held is gone.
    pub(crate) fn create(path: &Path, settings: &NodeSettings) -> io::Result<Recorder> {
        let out = Counted { out: BufWriter::new(File::create(path)?), bytes: 0 };
        let mut writer = Writer::new(out, settings)?;
        writer.flush()?;
        Ok(Recorder { path: path.to_owned(), writer: Some(writer), due: None })
    }

    /// Notes what the node is about to be told.
    pub(crate) fn note(&mut self, at: Time, input: &Input) {
        let Some(writer) = &mut self.writer else { return };
        let result = writer.note(at, input);
        self.due = self.due.or(Some(at + limits::RECORD_FLUSH));
        self.end_if(result);
        self.tick(at);
    }

    /// When [`Recorder::tick`] is to be called.
    pub(crate) fn due(&self) -> Option<Time> {
        self.due
    }

    /// Flushes when it is time to.
    pub(crate) fn tick(&mut self, now: Time) {
        if self.due.is_some_and(|due| due <= now) {
            self.flush();
        }
    }

    /// Gives the operating system what is still in our buffer.
    pub(crate) fn flush(&mut self) {
        self.due = None;
        let result = self.writer.as_mut().map_or(Ok(()), Writer::flush);
        self.end_if(result);
    }

    fn end_if(&mut self, result: io::Result<()>) {
        if let Err(error) = result {
            tracing::error!(path = %self.path.display(), %error, "recording ends here");
            self.writer = None;
            self.due = None;
        }
    }
}

/// A file that takes so much and no more.
struct Counted {
    out: BufWriter<File>,
    bytes: u64,
}

impl Write for Counted {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if self.bytes + buffer.len() as u64 > limits::RECORD_MAX {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                "the record has reached its largest size",
            ));
        }
        let written = self.out.write(buffer)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
