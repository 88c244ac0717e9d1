//! The reasons in words, for people here and for the other side.

use super::io::{Cause, DownReason, SilentDrop};
use crate::wire::control::Notify;
use std::fmt;

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Closed => f.write_str("closed by the other side"),
            Cause::Refused => f.write_str("refused or reset by the other side"),
            Cause::TimedOut => f.write_str("timed out"),
            Cause::PortInUse { owner: Some(owner) } => write!(f, "the port is in use by {owner}"),
            Cause::PortInUse { owner: None } => f.write_str("the port is in use"),
            Cause::Other(words) => f.write_str(words),
        }
    }
}

impl fmt::Display for DownReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DownReason::NotConfigured => f.write_str("no peer-link is configured"),
            DownReason::SourceNotLocal { source } => {
                write!(f, "the source address {source} is not an address of this device in that VPN instance")
            }
            DownReason::PortInUse { port, owner: Some(owner) } => {
                write!(f, "port {port} is in use by {owner}")
            }
            DownReason::PortInUse { port, owner: None } => {
                write!(f, "port {port} is in use by another program")
            }
            DownReason::ListenFailed { error } => write!(f, "cannot listen: {error}"),
            DownReason::Connecting => f.write_str("connecting"),
            DownReason::PeerRefuses { port } => {
                write!(f, "the peer refuses connections on port {port}: is the same port configured there?")
            }
            DownReason::PeerSilent { port } => {
                write!(
                    f,
                    "the peer does not answer on port {port}: is it reachable, and are the same port and the same tcp-authentication configured there?"
                )
            }
            DownReason::DialFailed { error } => write!(f, "cannot connect: {error}"),
            DownReason::NobodyDials { seconds } => write!(
                f,
                "the peer, whose turn it is to connect, has not for {seconds} s: is it reachable, and is the same port configured there?"
            ),
            DownReason::Handshake => f.write_str("connected, waiting for the peer's HELLO"),
            DownReason::NoHello { cause: Some(cause) } => write!(
                f,
                "the connection ended before the peer's HELLO ({cause}): is this device's address configured there as its peer?"
            ),
            DownReason::NoHello { cause: None } => f.write_str(
                "connected, but the peer's HELLO did not come: is it mlagsync that listens there?",
            ),
            DownReason::PortDiffers { ours, theirs } => {
                write!(f, "the peer uses TCP port {theirs}, this device {ours}")
            }
            DownReason::GroupDiffers { ours, theirs } => {
                write!(f, "the peer is in DFS group {theirs}, this device in {ours}")
            }
            DownReason::SameNodeId { node } => write!(f, "both devices have the node id {node}"),
            DownReason::VersionDiffers { ours, theirs } => write!(
                f,
                "no protocol version in common: the peer speaks {} to {}, this device {} to {}",
                theirs.0, theirs.1, ours.0, ours.1
            ),
            DownReason::AuthRequired => f.write_str(
                "the peer does not authenticate itself, and authentication-mode is configured here: configure it there, too",
            ),
            DownReason::AuthNotConfigured => f.write_str(
                "the peer asks for authentication, and no authentication-mode is configured here",
            ),
            DownReason::AuthAlgorithmDiffers { theirs } => write!(
                f,
                "the peer authenticates with algorithm {theirs}, which is not known here; this device uses hmac-sha256"
            ),
            DownReason::NoCommonKey { ours, theirs } => {
                write!(f, "no key id in common: the peer has {}, this device {}", Ids(theirs), Ids(ours))
            }
            DownReason::WrongPassword { key } => write!(
                f,
                "the peer does not prove key {key}: is the same password configured there for this key id?"
            ),
            DownReason::NoAuth { cause: Some(cause) } => {
                write!(f, "the connection ended before the peer proved its key ({cause})")
            }
            DownReason::NoAuth { cause: None } => {
                f.write_str("the peer said HELLO, but did not prove its key in time")
            }
            DownReason::NotAuthentic => f.write_str(
                "a frame's authentication tag was wrong: it was changed on its way, or came from somebody else",
            ),
            DownReason::SegmentsDropped { what } => {
                write!(f, "nothing is heard of the peer, and this device's kernel drops segments: {what}")
            }
            DownReason::HoldExpired { hold_ms } => {
                write!(f, "nothing was heard from the peer for {hold_ms} ms")
            }
            DownReason::ProtocolError { detail } => write!(f, "the peer broke the protocol: {detail}"),
            DownReason::PeerNotified { code, text } => {
                write!(f, "the peer ended the session: {text} (code {code})")
            }
            DownReason::ConnectionLost { cause } => write!(f, "the connection was lost: {cause}"),
            DownReason::PeerGoodbye => {
                f.write_str("the peer said goodbye: it stops, or its peer-link was undone")
            }
        }
    }
}

/// Key ids, one behind the other.
struct Ids<'a>(&'a [u8]);

impl fmt::Display for Ids<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, id) in self.0.iter().enumerate() {
            write!(f, "{}{id}", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl fmt::Display for SilentDrop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SilentDrop::Md5Missing => {
                "they have no TCP-MD5 signature, and tcp-authentication md5 is configured here"
            }
            SilentDrop::Md5Unexpected => {
                "they are signed with TCP-MD5, and no tcp-authentication md5 is configured here"
            }
            SilentDrop::Md5Wrong => {
                "their TCP-MD5 signature is wrong: is the same tcp-authentication password configured there?"
            }
            SilentDrop::AoMissing => {
                "they have no TCP-AO signature, and tcp-authentication ao is configured here"
            }
            SilentDrop::AoUnexpected => {
                "they are signed with a TCP-AO key that is not configured here: is it the same key-id there?"
            }
            SilentDrop::AoWrong => {
                "their TCP-AO signature is wrong: is the same tcp-authentication password configured there?"
            }
            SilentDrop::TtlTooLow => {
                "their TTL is too low: the peer is further away than ttl-security allows, or does not send with TTL 255"
            }
        })
    }
}

/// A NOTIFY that tells the other side our reason.
pub(super) fn notify(code: u16, reason: &DownReason) -> Vec<u8> {
    let text = match reason {
        DownReason::ProtocolError { detail } => detail.clone(),
        DownReason::GroupDiffers { ours, .. } => format!("this side is in DFS group {ours}"),
        DownReason::PortDiffers { ours, .. } => format!("this side uses TCP port {ours}"),
        DownReason::VersionDiffers { ours, .. } => {
            format!("this side speaks versions {} to {}", ours.0, ours.1)
        }
        DownReason::SameNodeId { node } => format!("this side has the node id {node} too"),
        DownReason::AuthRequired => "this side authenticates, and was offered no key".to_owned(),
        DownReason::AuthNotConfigured => "this side has no key to authenticate with".to_owned(),
        DownReason::NoCommonKey { ours, .. } => format!("this side has the key ids {}", Ids(ours)),
        DownReason::WrongPassword { key } => format!("key {key} was not proved: another password?"),
        other => other.to_string(),
    };
    let mut bytes = Vec::new();
    Notify { code, text }.encode(&mut bytes);
    bytes
}
