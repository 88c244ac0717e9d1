//! An established session: the receiving half, the hold timer, and the [`Sender`].
//!
//! Invariant: a frame is judged whole before anything of it is handed out.

use super::conn::{Conn, Outbox};
use super::io::{DownReason, Received, SessionOutput, Settings, Tuning};
use super::proof::Reports;
use super::resume::{Copy, Naming, Owner};
use super::sender::Sender;
use super::status::Counters;
use super::{ProtocolFault, dials, hello};
use crate::limits;
use crate::table::change::Position;
use crate::time::Time;
use crate::wire::hello::capability;
use crate::wire::{Decoder, Frame, Hello, Interfaces, Message, WireError};
use std::time::Duration;

#[derive(Debug)]
pub(super) struct Link {
    pub(super) conn: Conn,
    /// What it came up with; the present settings may be others already.
    pub(super) settings: Settings,
    pub(super) peer: Hello,
    pub(super) hold: Duration,
    pub(super) keepalive: Duration,
    pub(super) since: Time,
    /// When a byte last came.
    pub(super) heard: Time,
    /// When a keepalive is looked into next.
    pub(super) keepalive_at: Time,
    /// Its configuration was replaced: it ends then at the latest.
    pub(super) until: Option<Time>,
    pub(super) sender: Sender,
    pub(super) received_end: bool,
    /// The capabilities in force.
    pub(super) in_force: u64,
    /// RESUME is among them.
    pub(super) resumes: bool,
    /// The peer asked to be dialled anew.
    pub(super) redial: bool,
    /// When its keys have been used for long enough, …
    pub(super) renew_at: Time,
    /// … and for how many frames in either direction.
    pub(super) renew_frames: u64,
    pub(super) reports: Reports,
    pub(super) naming: Naming,
    /// The peer is naming some buckets again.
    in_scope: bool,
    pub(super) decoder: Decoder,
    interfaces: Interfaces,
}

/// What ends a session from the peer's side.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// It broke the protocol, and is to be told so.
    Fault(ProtocolFault),
    /// It said why it ends.
    Told(DownReason),
    /// A tag was wrong: what came may be anybody's.
    NotAuthentic,
}

impl From<ProtocolFault> for Ended {
    fn from(fault: ProtocolFault) -> Self {
        Ended::Fault(fault)
    }
}

impl Link {
    /// A session over a connection.
    pub(super) fn new(
        conn: Conn,
        decoder: Decoder,
        settings: Settings,
        peer: Hello,
        tuning: &Tuning,
        copy: &Copy,
        now: Time,
    ) -> Self {
        let in_force = capability::in_force(tuning.capabilities, peer.capabilities);
        let resumes = in_force & capability::RESUME != 0;
        let size = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
        let max_frame = size(peer.max_frame).min(tuning.frame());
        let max_interfaces = size(peer.max_interfaces).min(limits::MAX_INTERFACES);
        let mut link = Link {
            conn,
            peer,
            hold: Duration::ZERO,
            keepalive: Duration::ZERO,
            since: now,
            heard: now,
            keepalive_at: now,
            until: None,
            sender: Sender::new(max_frame, max_interfaces, in_force, tuning.window),
            received_end: false,
            in_force,
            resumes,
            redial: false,
            renew_at: now + limits::REKEY,
            renew_frames: limits::REKEY_FRAMES,
            reports: Reports::default(),
            in_scope: false,
            decoder,
            interfaces: Interfaces::default(),
            naming: Naming::new(resumes, copy),
            settings,
        };
        // The side that dials does what is due by itself; the other one asks for it only when it does not.
        if !dials(&link.settings) {
            link.renew_at = link.renew_at + limits::REPLACE_GRACE;
            link.renew_frames += limits::REKEY_FRAMES / 16;
        }
        link.decoder.set_limit(tuning.frame());
        link.retime(now);
        link
    }

    /// Says what is held, first of all.
    pub(super) fn introduce(&mut self, now: Time, owner: &Owner, restarted: bool, out: &mut Outbox) {
        if self.resumes {
            let mut bytes = Vec::new();
            self.naming.introduction(owner, restarted).encode(&mut bytes);
            self.conn.send(now, bytes, out);
        }
    }

    /// Takes its times from its settings, of which the hold and the keepalive time may have changed.
    pub(super) fn retime(&mut self, now: Time) {
        self.hold = hello::hold(&self.settings, &self.peer);
        // Never so rarely that one lost wake-up costs the session.
        self.keepalive = self.settings.keepalive.min(self.hold / 3);
        self.keepalive_at = now + self.keepalive;
    }

    /// Whether its keys have been used for long enough: for a day, or for as many frames as a counter of 32 bits has.
    pub(super) fn is_worn(&self, now: Time) -> bool {
        let Some(sealer) = &self.conn.sealer else { return false };
        self.renew_at <= now || sealer.count().max(self.decoder.opened()) >= self.renew_frames
    }

    /// Takes bytes in and hands out what they say.
    pub(super) fn bytes(
        &mut self,
        now: Time,
        mut bytes: &[u8],
        copy: &mut Copy,
        out: &mut Outbox,
        counters: &mut Counters,
    ) -> Result<(), Ended> {
        self.heard = now;
        // The decoder lends out what it decoded; it is put back when the bytes are used up.
        let mut decoder = std::mem::replace(&mut self.decoder, Decoder::new(0));
        let result = loop {
            match decoder.next(&mut bytes) {
                Ok(None) => break Ok(()),
                Err(WireError::Tag) => break Err(Ended::NotAuthentic),
                Err(error) => break Err(Ended::Fault(error.into())),
                Ok(Some(frame)) => {
                    if let Err(ended) = self.frame(&frame, copy, out, counters) {
                        break Err(ended);
                    }
                }
            }
        };
        self.decoder = decoder;
        result
    }

    /// Takes what proves a copy: the peer's word about ours, and ours about the peer's.
    fn proof(&mut self, message: Message) -> Result<Option<Received>, ProtocolFault> {
        let capability = match message {
            Message::Confirms(_) => capability::CONFIRM,
            Message::Hardware(_) | Message::Exceptions(_) => capability::HARDWARE,
            _ => capability::DIGEST,
        };
        if self.in_force & capability == 0 {
            return Err(ProtocolFault::new("a frame came whose capability is not in force"));
        }
        self.naming.check_known()?;
        Ok(Some(match message {
            Message::Digest(digest) => Received::Digest(digest),
            Message::Buckets { first, digests } => Received::Buckets { first, digests },
            Message::BucketsAsk => {
                self.sender.proofs.asked = true;
                return Ok(None);
            }
            Message::RepairAsk(buckets) => {
                self.sender.proofs.repair = Some(buckets);
                return Ok(None);
            }
            Message::ScopeBegin(buckets) => {
                if !self.naming.is_done() || std::mem::replace(&mut self.in_scope, true) {
                    return Err(ProtocolFault::new("SCOPE-BEGIN came within a sync or a scope"));
                }
                Received::ScopeBegin(buckets)
            }
            Message::ScopeEnd => {
                if !std::mem::take(&mut self.in_scope) {
                    return Err(ProtocolFault::new("SCOPE-END came without SCOPE-BEGIN"));
                }
                Received::ScopeEnd
            }
            Message::Confirms(keys) => Received::Confirms(keys),
            Message::Hardware(hardware) => Received::Hardware(hardware),
            Message::Exceptions(exceptions) => Received::Exceptions(exceptions),
            _ => return Ok(None),
        }))
    }

    fn frame(
        &mut self,
        frame: &Frame<'_>,
        copy: &mut Copy,
        out: &mut Outbox,
        counters: &mut Counters,
    ) -> Result<(), Ended> {
        let message = Message::decode(frame, &self.interfaces).map_err(ProtocolFault::from)?;
        counters.received_frames += 1;
        self.naming.check_position(frame.position)?;
        match message {
            Message::Keepalive | Message::Skipped => {}
            Message::Redial => self.redial = true,
            Message::Auth(_) => return Err(ProtocolFault::new("AUTH came where none was due").into()),
            Message::Hello(_) => return Err(ProtocolFault::new("HELLO came a second time").into()),
            Message::Notify(notify) => {
                return Err(Ended::Told(DownReason::PeerNotified { code: notify.code, text: notify.text }));
            }
            Message::Goodbye(goodbye) => {
                if goodbye.restart_ms > 0 {
                    let after = Duration::from_millis(goodbye.restart_ms.into());
                    out.say(SessionOutput::PeerRestarts { after });
                }
                return Err(Ended::Told(DownReason::PeerGoodbye));
            }
            Message::Resume(resume) => {
                self.naming.resume(&resume)?;
                out.say(SessionOutput::Received(Received::Owner(resume.own)));
                self.sender.offer(resume.held);
            }
            Message::Resync(_) => {
                self.naming.check_known()?;
                counters.served_resyncs += 1;
                self.sender.ask();
            }
            Message::Begin(sync) => {
                self.naming.begin(sync, copy)?;
                self.in_scope = false;
                out.say(SessionOutput::Received(Received::Begin));
            }
            Message::End(end) => {
                self.naming.end(end.as_ref(), copy)?;
                self.received_end = true;
                let (count, sum) = end.map_or((None, None), |end| (end.count, end.sum));
                out.say(SessionOutput::Received(Received::End { count, sum }));
            }
            Message::Interfaces(named) => {
                self.naming.check_known()?;
                self.interfaces.learn(&named);
                for entry in named {
                    let received = Received::Interface { interface: entry.interface, vrf: entry.vrf };
                    out.say(SessionOutput::Received(received));
                }
            }
            Message::Upserts(claims) => {
                self.naming.entries()?;
                counters.received_upserts += claims.len() as u64;
                out.say(SessionOutput::Received(Received::Upserts(claims)));
            }
            Message::Deletes(keys) => {
                self.naming.entries()?;
                counters.received_deletes += keys.len() as u64;
                out.say(SessionOutput::Received(Received::Deletes(keys)));
            }
            Message::Digest(_)
            | Message::BucketsAsk
            | Message::Buckets { .. }
            | Message::RepairAsk(_)
            | Message::ScopeBegin(_)
            | Message::ScopeEnd
            | Message::Confirms(_)
            | Message::Hardware(_)
            | Message::Exceptions(_) => {
                if let Some(received) = self.proof(message)? {
                    out.say(SessionOutput::Received(received));
                }
            }
        }
        if frame.position != Position(0) {
            self.naming.advance(frame.position, copy, out);
        }
        Ok(())
    }
}
