//! The record: everything that the node is told, written to a file for a replay.
//!
//! Policy. A replay needs the record from its first line, so it is not rotated: when it has grown to
//! [`limits::RECORD_MAX`], or the disk refuses, recording ends for good and says so, and the daemon goes on. It is
//! flushed at least once a second and at the end of the daemon, by a panic too; only a kill can cost its last second.
//! The node waits for the disk: who records accepts that.

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
    writer: Option<Writer<Counted>>,
    flushed: Time,
}

impl Recorder {
    /// Begins a record; what the file held is gone.
    pub(crate) fn create(path: &Path, settings: &NodeSettings) -> io::Result<Recorder> {
        let out = Counted { out: BufWriter::new(File::create(path)?), bytes: 0 };
        let writer = Some(Writer::new(out, settings)?);
        Ok(Recorder { path: path.to_owned(), writer, flushed: Time::ZERO })
    }

    /// Notes what the node is about to be told.
    pub(crate) fn note(&mut self, at: Time, input: &Input) {
        let Some(writer) = &mut self.writer else { return };
        let mut result = writer.note(at, input);
        if result.is_ok() && at.since(self.flushed) >= limits::RECORD_FLUSH {
            self.flushed = at;
            result = self.flush();
        }
        if let Err(error) = result {
            tracing::error!(path = %self.path.display(), %error, "recording ends here");
            self.writer = None;
        }
    }

    /// Gives the operating system what is still in our buffer.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.writer.as_mut().map_or(Ok(()), Writer::flush)
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
