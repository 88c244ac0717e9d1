//! A file in memory that outlives the process: where what SAI does not keep is kept.
//!
//! What is written to the mapping is the kernel's as soon as it is written, so it survives a kill; it is not synced, for
//! an ASIC does not outlive the machine either. Its blocks are there before it is mapped, so that a full disk is an error
//! of [`Region::grow`] and never a signal. It is mapped and not written by calls because it is written before each entry
//! that is created: one store then, and not a system call.
//!
//! Invariant: one process at a time has the file. Whoever cuts it short without asking for its lock ends that process.

use memmap2::MmapMut;
use nix::errno::Errno;
use nix::fcntl::{FallocateFlags, Flock, FlockArg, fallocate};
use nix::sys::resource::{Resource, getrlimit};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

/// A mapped file.
#[derive(Debug)]
pub struct Region {
    file: Flock<File>,
    map: MmapMut,
}

impl Region {
    /// Opens or makes the file and maps it, at least so many bytes of it. [`io::ErrorKind::WouldBlock`] says that another
    /// process has it.
    pub fn open(path: &Path, least: usize) -> io::Result<Region> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        let file = Flock::lock(file, FlockArg::LockExclusiveNonblock)
            .map_err(|(_, errno)| io::Error::from(errno))?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
        }
        let len = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
        let map = map(&file, len, len.max(least))?;
        Ok(Region { file, map })
    }

    /// Makes it larger; new bytes are zero. When that fails, everything is as it was.
    pub fn grow(&mut self, len: usize) -> io::Result<()> {
        self.map = map(&self.file, self.map.len(), len.max(self.map.len()))?;
        Ok(())
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// Its bytes, to be written.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.map
    }
}

/// Sees to it that every byte has its block, and maps them.
fn map(file: &Flock<File>, has: usize, len: usize) -> io::Result<MmapMut> {
    let reserved = reserve(file, has, len);
    if reserved.is_err() {
        // What a failed attempt added is given back; the file is never made shorter than it is mapped.
        let _ = file.set_len(has as u64);
    }
    reserved?;
    let file: &File = file;
    // SAFETY: the file is locked for us, every byte up to `len` has its block, and nothing here makes it shorter than
    // what is mapped of it; other programs that ignore the lock can end this process by doing so, as the module says.
    unsafe { memmap2::MmapOptions::new().len(len).map_mut(file) }
}

fn reserve(file: &Flock<File>, has: usize, len: usize) -> io::Result<()> {
    let size = i64::try_from(len).map_err(io::Error::other)?;
    // Beyond it the system does not only refuse: its signal (SIGXFSZ) ends the process.
    let (limit, _) = getrlimit(Resource::RLIMIT_FSIZE)?;
    if len > has && len as u64 > limit {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    match fallocate(&**file, FallocateFlags::empty(), 0, size) {
        Ok(()) => Ok(()),
        // A file system that cannot reserve blocks has them once they were written.
        Err(Errno::EOPNOTSUPP | Errno::ENOSYS) => {
            let mut page = vec![0; 1 << 16];
            let mut at = 0;
            while at < len {
                let n = page.len().min(len - at);
                page[..n].fill(0);
                if at < has {
                    let held = n.min(has - at);
                    file.read_exact_at(&mut page[..held], at as u64)?;
                }
                file.write_all_at(&page[..n], at as u64)?;
                at += n;
            }
            Ok(())
        }
        Err(errno) => Err(errno.into()),
    }
}
