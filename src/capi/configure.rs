//! Command lines from C, and the channel in a struct for a program that has none.
//!
//! Invariant: the grammar and the rules are `config`'s: the struct is made into the line that a person would type.

use super::builder::LINES_MOST;
use super::convert;
use super::input::{self, Place};
use super::life::with_running;
use super::result::*;
use super::tell::stopped;
use super::text;
use super::types::*;
use crate::addr::{DfsGroupId, TcpPort};
use crate::config::PeerLink;
use crate::embed::{ConfigureError, Mlagsync};
use std::ffi::c_char;

/// Where the diagnostics go.
struct Diagnostics {
    buffer: *mut c_char,
    size: usize,
    needed: *mut usize,
}

impl Diagnostics {
    fn put(&self, text: &str) {
        // SAFETY: by the header, writable for `size`, or NULL.
        let whole = unsafe { text::write(text, self.buffer, self.size) };
        // SAFETY: by the header, writable, or NULL.
        if let Ok(place) = unsafe { Place::new("needed", self.needed) } {
            place.put(whole);
        }
    }
}

fn configure(api: &Mlagsync, lines: &str, check: bool, diagnostics: &Diagnostics) -> Answer {
    match api.configure(lines, check) {
        Ok(_) => {
            diagnostics.put("");
            Ok(MLAGSYNC_OK)
        }
        Err(ConfigureError::Lines(faults)) => {
            let all = faults.iter().map(|fault| fault.text.as_str()).collect::<Vec<_>>().join("\n");
            diagnostics.put(&all);
            Err(Failure::new(MLAGSYNC_E_REFUSED, all))
        }
        Err(ConfigureError::Stopped) => Err(stopped()),
    }
}

/// Takes command lines.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_configure(
    handle: *mut mlagsync_t,
    text: *const c_char,
    length: usize,
    flags: u32,
    diagnostics: *mut c_char,
    size: usize,
    needed: *mut usize,
) -> mlagsync_result_t {
    with_running(handle, |api| {
        // SAFETY: by the header, `length` bytes, or NULL.
        let lines = unsafe { text::read_counted("text", text, length, LINES_MOST) }?;
        let check = match flags {
            0 => false,
            MLAGSYNC_CONFIGURE_CHECK => true,
            other => return Err(Failure::invalid(format!("there is no set of flags {other:#x}"))),
        };
        configure(api, &lines, check, &Diagnostics { buffer: diagnostics, size, needed })
    })
}

/// The channel of the pair.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_configure_channel(
    handle: *mut mlagsync_t,
    channel: *const mlagsync_channel_t,
    diagnostics: *mut c_char,
    size: usize,
    needed: *mut usize,
) -> mlagsync_result_t {
    with_running(handle, |api| {
        let lines = match channel.is_null() {
            true => undo(api)?,
            false => {
                // SAFETY: by the header, readable for its struct_size.
                let channel = unsafe { input::read("channel", channel) }?;
                line(&channel)?
            }
        };
        configure(api, &lines, false, &Diagnostics { buffer: diagnostics, size, needed })
    })
}

/// The lines that make this channel.
fn line(channel: &mlagsync_channel_t) -> Answer<String> {
    let group = DfsGroupId::new(channel.dfs_group)
        .ok_or_else(|| Failure::invalid(format!("there is no DFS group {}", channel.dfs_group)))?;
    let port = TcpPort::new(channel.tcp_port).map_err(|e| Failure::invalid(e.to_string()))?;
    let (source, peer) = (convert::ip("source", &channel.source)?, convert::ip("peer", &channel.peer)?);
    let link = PeerLink::new(source, peer, convert::vrf(&channel.vrf)?, port)
        .map_err(|refusal| Failure::invalid(refusal.to_string()))?;
    Ok(format!("dfs-group {group}\n {link}\n"))
}

/// The lines that take the channel away that is in force; none where there is none.
fn undo(api: &Mlagsync) -> Answer<String> {
    let shown = api.configuration().map_err(|e| Failure::new(MLAGSYNC_E_TIMEOUT, e.to_string()))?.dfs_group;
    let find = |word: &str| shown.lines().map(str::trim).find(|line| line.starts_with(word));
    Ok(match (find("dfs-group "), find("peer-link ")) {
        (Some(group), Some(link)) => format!("{group}\n undo {link}\n"),
        _ => String::new(),
    })
}
