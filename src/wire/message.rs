//! What a frame says.

use super::control::{self, Goodbye, Notify};
use super::dictionary::{self, Interfaces, Named};
use super::frame::{Frame, Kind};
use super::proof::{Exception, Hardware};
use super::resume::{self, End, Resume, Resync};
use super::{Hello, WireError, proof, record};
use crate::auth::PROOF;
use crate::limits;
use crate::neighbor::{Claim, Key};
use crate::table::change::{Buckets, Digest, SyncNumber};

/// A frame, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// HELLO.
    Hello(Hello),
    /// NOTIFY.
    Notify(Notify),
    /// KEEPALIVE.
    Keepalive,
    /// GOODBYE.
    Goodbye(Goodbye),
    /// RESUME.
    Resume(Resume),
    /// BEGIN; with its number where RESUME is in force.
    Begin(Option<SyncNumber>),
    /// END; with what was named where RESUME is in force.
    End(Option<End>),
    /// RESYNC.
    Resync(Resync),
    /// AUTH.
    Auth([u8; PROOF]),
    /// REDIAL.
    Redial,
    /// INTERFACES; the caller decides whether its dictionary learns them.
    Interfaces(Vec<Named>),
    /// UPSERT of either family.
    Upserts(Vec<(Key, Claim)>),
    /// DELETE of either family.
    Deletes(Vec<Key>),
    /// DIGEST.
    Digest(Digest),
    /// BUCKETS-ASK.
    BucketsAsk,
    /// BUCKETS: these, from the first on.
    Buckets {
        /// The first one's number.
        first: u16,
        /// They.
        digests: Vec<Digest>,
    },
    /// REPAIR-ASK.
    RepairAsk(Buckets),
    /// SCOPE-BEGIN.
    ScopeBegin(Buckets),
    /// SCOPE-END.
    ScopeEnd,
    /// CONFIRM of either family.
    Confirms(Vec<Key>),
    /// HARDWARE.
    Hardware(Hardware),
    /// EXCEPTIONS of either family.
    Exceptions(Vec<Exception>),
    /// A frame of a kind that is not known here and may be skipped.
    Skipped,
}

impl Message {
    /// Reads the whole frame, or nothing of it.
    ///
    /// # Errors
    /// What is wrong with its form.
    pub fn decode(frame: &Frame<'_>, interfaces: &Interfaces) -> Result<Message, WireError> {
        let Some(kind) = frame.kind() else { return Ok(Message::Skipped) };
        match kind {
            Kind::Hello => Hello::decode(frame).map(Message::Hello),
            Kind::Notify => Notify::decode(frame).map(Message::Notify),
            Kind::Goodbye => Goodbye::decode(frame).map(Message::Goodbye),
            Kind::Auth => control::decode_auth(frame).map(Message::Auth),
            Kind::Redial => empty(kind, frame, Message::Redial),
            Kind::Keepalive => empty(kind, frame, Message::Keepalive),
            Kind::Resume => Resume::decode(frame).map(Message::Resume),
            Kind::Begin => resume::decode_begin(frame),
            Kind::End => resume::decode_end(frame),
            Kind::Resync => Resync::decode(frame).map(Message::Resync),
            Kind::Interfaces => dictionary::decode(frame, limits::MAX_INTERFACES).map(Message::Interfaces),
            Kind::UpsertV4 | Kind::UpsertV6 | Kind::DeleteV4 | Kind::DeleteV6 => {
                record::decode(kind, frame, interfaces)
            }
            Kind::ConfirmV4 | Kind::ConfirmV6 => record::keys(kind, frame, interfaces).map(Message::Confirms),
            Kind::ExceptionsV4 | Kind::ExceptionsV6 => proof::decode_exceptions(kind, frame, interfaces),
            Kind::Digest
            | Kind::BucketsAsk
            | Kind::Buckets
            | Kind::RepairAsk
            | Kind::ScopeBegin
            | Kind::ScopeEnd
            | Kind::Hardware => proof::decode(kind, frame),
        }
    }
}

fn empty(kind: Kind, frame: &Frame<'_>, message: Message) -> Result<Message, WireError> {
    if frame.body.is_empty() && frame.count == 0 {
        Ok(message)
    } else {
        Err(WireError::Form { kind, what: "has a body" })
    }
}
