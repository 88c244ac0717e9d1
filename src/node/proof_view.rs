//! What a node shows of what was proved: positions, readiness, exceptions, digests.
//!
//! Invariant: looking changes nothing, and shows a bounded number of exceptions; the rest is in the counts.

use super::Node;
use super::hardware::{PeerState, Reason};
use super::ready::Ready;
use crate::limits::SHOWN_EXCEPTIONS;
use crate::neighbor::Key;
use crate::table::change::{ChangeSource, Digest, Position};
use crate::table::row::RowId;
use crate::wire::hello::capability;
use serde::{Deserialize, Serialize};

/// Proof in both directions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProofView {
    /// This device's life, as the peer knows it.
    pub incarnation: String,
    /// The position of this device's latest change.
    pub tail: Position,
    /// Up to here its changes were handed to the channel.
    pub sent: Position,
    /// Up to here the peer's hardware is done with them, as it says.
    pub peer_acked: Option<Position>,
    /// Up to here the peer's changes were received.
    pub received: Option<Position>,
    /// Up to here our hardware is done with them.
    pub acked: Position,
    /// Is this device ready?
    pub ready: Option<Ready>,
    /// Is the peer?
    pub peer_ready: Option<Ready>,
    /// A SAI call does not come back on this device.
    #[serde(default)]
    pub hangs: bool,
    /// Or on the peer, as it says.
    #[serde(default)]
    pub peer_hangs: bool,
    /// Claims of the peer's that our hardware does not hold.
    pub exceptions: ExceptionsView,
    /// Claims of ours that the peer's hardware does not hold, as it says.
    pub peer_exceptions: Option<ExceptionsView>,
    /// The digest of what the peer was told, where that is known: number of claims and sum.
    pub digest: Option<String>,
    /// The digest of the copy of the peer's claims.
    pub copy_digest: Option<String>,
    /// Digests of the copy that were compared.
    pub digests_compared: u64,
    /// … that differed.
    pub digests_differed: u64,
    /// Times that the copy was put right.
    pub copies_repaired: u64,
    /// Times that it could not be.
    pub copies_unrepaired: u64,
    /// Neighbours of the peer's that were confirmed to it.
    pub confirms_sent: u64,
    /// Neighbours of ours that the peer confirmed.
    pub confirms_received: u64,
}

/// Claims that are not in the hardware.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExceptionsView {
    /// How many.
    pub total: u64,
    /// Not all of them are listed by whom they are told.
    pub overflow: bool,
    /// How many by reason.
    pub reasons: Vec<ReasonView>,
    /// Some of them.
    pub some: Vec<ExceptionView>,
}

/// A reason and how many have it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReasonView {
    /// Why.
    pub reason: Reason,
    /// How many.
    pub count: u64,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExceptionView {
    /// Which.
    pub key: Key,
    /// Why.
    pub reason: Reason,
    /// What SAI said, where it was asked; zero otherwise.
    pub status: i32,
}

/// As JSON readers that know no 128-bit numbers can compare it.
fn text(digest: Digest) -> String {
    format!("{} claims, {:032x}", digest.count, digest.sum)
}

impl Node {
    /// What was proved, and what was not.
    pub fn proof(&self) -> ProofView {
        let (proof, session) = (&self.proof, self.session.counters());
        let row = |key: &Key, number: u16, status| ExceptionView {
            key: *key,
            reason: Reason::from_number(number),
            status,
        };
        let reasons = |counts: &mut dyn Iterator<Item = (u16, u32)>| {
            let one =
                |(number, count)| ReasonView { reason: Reason::from_number(number), count: u64::from(count) };
            counts.map(one).collect()
        };
        let listed = proof.exceptions.listed().take(SHOWN_EXCEPTIONS);
        ProofView {
            incarnation: format!("{:016x}", self.session.incarnation().0),
            tail: self.table.tail(),
            sent: self.table.cursor(),
            peer_acked: proof.peer.report.as_ref().map(|report| report.position),
            received: self.session.held().map(|held| held.position),
            acked: self.mirror.tickets.last_acked(),
            ready: Some(proof.ready.state()),
            peer_ready: Some(proof.peer_ready.state()),
            hangs: proof.hangs,
            peer_hangs: proof.peer.report.as_ref().is_some_and(|report| report.hangs),
            exceptions: ExceptionsView {
                total: proof.exceptions.total() as u64,
                overflow: proof.exceptions.overflow(),
                reasons: reasons(&mut proof.exceptions.counts()),
                some: listed.map(|(key, code, status)| row(key, code.into(), status)).collect(),
            },
            peer_exceptions: proof.peer.report.as_ref().map(|report| ExceptionsView {
                total: report.exceptions.into(),
                overflow: report.overflow,
                reasons: reasons(&mut report.reasons.iter().copied()),
                some: proof
                    .peer
                    .listed
                    .iter()
                    .take(SHOWN_EXCEPTIONS)
                    .map(|(key, (number, status))| row(key, *number, *status))
                    .collect(),
            }),
            digest: self.table.digest().map(text),
            copy_digest: self.session.in_force(capability::DIGEST).then(|| text(self.table.copy_digest())),
            digests_compared: proof.audit.tally.compared,
            digests_differed: proof.audit.tally.differed,
            copies_repaired: proof.audit.tally.repaired,
            copies_unrepaired: proof.audit.tally.alarms,
            confirms_sent: session.sent_confirms,
            confirms_received: proof.confirmed,
        }
    }

    /// What the peer's hardware has done of the local claim of a row, if it says anything.
    pub(super) fn peer_state(&self, key: &Key, row: RowId) -> Option<PeerState> {
        self.proof.peer.state(key, self.table.place(row))
    }
}
