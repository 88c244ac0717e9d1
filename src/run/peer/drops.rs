//! Segments that the kernel threw away without telling anybody: read from its counters.
//!
//! The counters are those of a whole network namespace, so they say that it happens and why, not to whom.

use crate::limits;
use crate::run::netns;
use crate::run::vpn::Place;
use crate::session::io::SilentDrop;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::time::Instant;

/// The kernel's names of what is looked at.
const NAMES: [(&str, SilentDrop); 7] = [
    ("TCPMD5NotFound", SilentDrop::Md5Missing),
    ("TCPMD5Unexpected", SilentDrop::Md5Unexpected),
    ("TCPMD5Failure", SilentDrop::Md5Wrong),
    ("TCPAORequired", SilentDrop::AoMissing),
    ("TCPAOKeyNotFound", SilentDrop::AoUnexpected),
    ("TCPAOBad", SilentDrop::AoWrong),
    ("TCPMinTTLDrop", SilentDrop::TtlTooLow),
];

/// One namespace's counters, and how they stood when they were last looked at.
#[derive(Debug)]
pub(super) struct Drops {
    /// Opened inside the namespace, whose counters it shows from wherever it is read.
    file: File,
    last: [u64; NAMES.len()],
    due: Instant,
}

impl Drops {
    /// Begins to count from now on; `None` where the kernel does not tell.
    pub(super) fn open(place: &Place) -> Option<Drops> {
        let open = || {
            let mut file = File::open("/proc/thread-self/net/netstat")?;
            let last = read(&mut file)?;
            Ok(Drops { file, last, due: Instant::now() + limits::DROPS_CHECK })
        };
        let opened = netns::within_or_here(place.netns(), open);
        opened.inspect_err(|error| tracing::debug!(%error, "cannot read the kernel's counters of TCP")).ok()
    }

    /// When to look next.
    pub(super) fn due(&self) -> Instant {
        self.due
    }

    /// What was thrown away since the last look, if it is time for one.
    pub(super) fn look(&mut self, now: Instant) -> Vec<(SilentDrop, u64)> {
        if self.due > now {
            return Vec::new();
        }
        self.due = now + limits::DROPS_CHECK;
        let Ok(counts) = read(&mut self.file) else { return Vec::new() };
        let before = std::mem::replace(&mut self.last, counts);
        let news = NAMES.iter().zip(counts.iter().zip(before));
        news.filter(|(_, (now, before))| **now > *before)
            .map(|((_, what), (now, before))| (*what, now - before))
            .collect()
    }
}

fn read(file: &mut File) -> io::Result<[u64; NAMES.len()]> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_string(&mut text)?;
    Ok(counts(&text))
}

/// The counters that have a name, zero for those that this kernel lacks.
fn counts(text: &str) -> [u64; NAMES.len()] {
    let mut lines = text.lines().filter_map(|line| line.strip_prefix("TcpExt:"));
    let (names, values) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let mut counts = [0; NAMES.len()];
    for (name, value) in names.split_whitespace().zip(values.split_whitespace()) {
        if let Some(at) = NAMES.iter().position(|(known, _)| *known == name) {
            counts[at] = value.parse().unwrap_or(0);
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_found_by_name() {
        let text = "TcpExt: SyncookiesSent TCPMD5NotFound Other TCPMinTTLDrop\nTcpExt: 9 3 8 5\nIpExt: TCPAOBad\nIpExt: 7\n";
        assert_eq!(counts(text), [3, 0, 0, 0, 0, 0, 5]);
        assert_eq!(counts("what a kernel never says"), [0; NAMES.len()]);
    }
}
