//! Standard output, kept for what this program was asked to print.
//!
//! A SAI library may print what it likes to descriptor 1. So at the start the real standard output is put aside and
//! descriptor 1 is made another name for standard error: chatter can never get into a JSON document or a pipe.
//!
//! Invariant: nothing in the program uses `print!`; everything goes through [`Out`].

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::fd::AsFd;

/// The real standard output.
#[derive(Debug)]
pub(crate) struct Out {
    file: BufWriter<File>,
    terminal: bool,
}

impl Out {
    /// Takes standard output away from the rest of the process. To be called once, before anything else is loaded.
    pub(crate) fn take() -> io::Result<Out> {
        let stdout = io::stdout();
        let terminal = stdout.is_terminal();
        let real = stdout.as_fd().try_clone_to_owned()?;
        nix::unistd::dup2_stdout(io::stderr())?;
        Ok(Out { file: BufWriter::with_capacity(64 * 1024, File::from(real)), terminal })
    }

    /// Writes `value` as one JSON document, indented for a person and compact for a pipe.
    pub(crate) fn json<T: serde::Serialize>(&mut self, value: &T) -> io::Result<()> {
        if self.terminal {
            serde_json::to_writer_pretty(&mut self.file, value)?;
        } else {
            serde_json::to_writer(&mut self.file, value)?;
        }
        self.file.write_all(b"\n")?;
        self.file.flush()
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
