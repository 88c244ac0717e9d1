//! What connections do: they stand, they bring bytes, one of them is established, they close.

use super::hello;
use super::io::{Cause, ConnId, DownReason, Role, SessionOutput, Transport};
use super::link::{Ended, Link};
use super::pending::{Pending, Verdict};
use super::reason::notify;
use super::{ProtocolFault, Session};
use crate::auth;
use crate::limits;
use crate::time::Time;
use crate::wire::Hello;
use crate::wire::control::{Notify, code};
use std::net::SocketAddr;

impl Session {
    pub(super) fn connected(&mut self, now: Time, conn: ConnId, role: Role, remote: SocketAddr) {
        let ours = role == Role::Accepted || self.channel.dialled(conn);
        let Some(settings) = self.settings.as_ref().filter(|_| ours && self.source_present == Some(true))
        else {
            self.out.close(conn, true);
            return;
        };
        if remote.ip().to_canonical() != settings.peer {
            self.counters.strangers += 1;
            self.out.close(conn, true);
            return;
        }
        if self.pending.len() >= limits::MAX_PENDING {
            let oldest = self.pending.remove(0);
            self.counters.crowded_out += 1;
            self.out.close(oldest.conn.id, true);
        }
        let keys = &settings.security.keys;
        let psk = keys.ids().next().and_then(|highest| keys.psk(highest));
        let nonce = auth::nonce(psk, [self.dice.next(), self.dice.next()]);
        let pending =
            Pending::greet(now, conn, role, hello::ours(settings, &self.tuning, nonce), &mut self.out);
        self.pending.push(pending);
        self.channel.heard(now);
        let vague = matches!(
            self.reason,
            DownReason::Connecting
                | DownReason::NobodyDials { .. }
                | DownReason::PeerRefuses { .. }
                | DownReason::PeerSilent { .. }
                | DownReason::DialFailed { .. }
                | DownReason::SegmentsDropped { .. }
        );
        if vague {
            self.down(now, DownReason::Handshake);
        }
    }

    pub(super) fn bytes(&mut self, now: Time, conn: ConnId, bytes: &[u8]) {
        if self.link.as_ref().is_some_and(|link| link.conn.id == conn) {
            self.link_bytes(now, bytes);
        } else if let Some(at) = self.pending.iter().position(|pending| pending.conn.id == conn) {
            self.pending_bytes(now, at, bytes);
        }
    }

    fn pending_bytes(&mut self, now: Time, at: usize, bytes: &[u8]) {
        self.counters.received_bytes += bytes.len() as u64;
        let Some(settings) = self.settings.as_ref() else { return };
        let (verdict, used) = self.pending[at].bytes(now, bytes, settings, &mut self.out);
        let refuse = match verdict {
            Verdict::Waiting => return,
            Verdict::Welcome(hello) => return self.establish(now, at, hello, &bytes[used..]),
            Verdict::Refused(refused) => {
                self.counters.refused_hellos += 1;
                let auth = (code::AUTH_REQUIRED..=code::AUTH_TIMEOUT).contains(&refused.code);
                self.counters.refused_auths += u64::from(auth);
                Some((refused.code, refused.reason))
            }
            Verdict::Fault(ProtocolFault(detail)) => {
                self.counters.faults += 1;
                Some((code::PROTOCOL_ERROR, DownReason::ProtocolError { detail }))
            }
            Verdict::Told(reason) => {
                let pending = self.pending.remove(at);
                self.out.close(pending.conn.id, true);
                return self.attempt_failed(now, pending.conn.role, reason);
            }
        };
        if let Some((code, reason)) = refuse {
            let mut pending = self.pending.remove(at);
            pending.conn.send(now, notify(code, &reason), &mut self.out);
            self.out.close(pending.conn.id, false);
            self.attempt_failed(now, pending.conn.role, reason);
        }
    }

    fn establish(&mut self, now: Time, at: usize, hello: Hello, rest: &[u8]) {
        let mut pending = self.pending.remove(at);
        let Some(settings) = self.settings.clone() else { return };
        let by_larger = |role: Role| (role == Role::Dialled) == (settings.source > settings.peer);
        let stands =
            |link: &Link| link.until.is_none() && by_larger(link.conn.role) && !by_larger(pending.conn.role);
        if self.link.as_ref().is_some_and(stands) {
            let text = "another connection stands, which the larger address opened".to_owned();
            let mut bytes = Vec::new();
            Notify { code: code::OTHER_STANDS, text }.encode(&mut bytes);
            pending.conn.send(now, bytes, &mut self.out);
            self.out.close(pending.conn.id, false);
            return;
        }
        let Pending { conn, decoder, .. } = pending;
        let mut link = Link::new(conn, decoder, settings, hello, &self.tuning, &self.copy, now);
        link.introduce(now, &self.owner, self.counters.sessions == 0, &mut self.out);
        self.renew_until = None;
        self.dropped = None;
        if link.hold != link.settings.hold {
            self.out.transport(Transport::Hold { conn: link.conn.id, hold: link.hold });
        }
        let before = self.link.replace(link);
        if let Some(before) = &before {
            self.counters.superseded += 1;
            self.retire(now, before.conn.id);
        }
        if before.as_ref().is_none_or(|before| before.peer.node != hello.node) {
            self.counters.sessions += 1;
            self.since = now;
            self.out.say(SessionOutput::Up { peer: hello.node });
        }
        if !rest.is_empty() {
            self.counters.received_bytes -= rest.len() as u64;
            self.link_bytes(now, rest);
        }
    }

    fn link_bytes(&mut self, now: Time, bytes: &[u8]) {
        let Some(link) = &mut self.link else { return };
        self.counters.received_bytes += bytes.len() as u64;
        let frames = self.counters.received_frames;
        let result = link.bytes(now, bytes, &mut self.copy, &mut self.out, &mut self.counters);
        let redial = std::mem::take(&mut link.redial);
        if self.counters.received_frames > frames {
            self.let_go();
        }
        if redial {
            self.redialled(now);
        }
        let Err(ended) = result else { return };
        let Some(mut link) = self.link.take() else { return };
        match ended {
            Ended::Told(reason) => {
                self.out.close(link.conn.id, true);
                self.lost(now, &link, reason);
            }
            Ended::NotAuthentic => {
                self.counters.not_authentic += 1;
                let reason = DownReason::NotAuthentic;
                link.conn.send(now, notify(code::NOT_AUTHENTIC, &reason), &mut self.out);
                self.out.close(link.conn.id, false);
                self.lost(now, &link, reason);
            }
            Ended::Fault(ProtocolFault(detail)) => {
                self.counters.faults += 1;
                let reason = DownReason::ProtocolError { detail };
                link.conn.send(now, notify(code::PROTOCOL_ERROR, &reason), &mut self.out);
                self.out.close(link.conn.id, false);
                self.lost(now, &link, reason);
            }
        }
    }

    /// A newer connection has taken this one's place. It is closed only when the peer has said something on the newer one
    /// and so has it established too: until then its end would look like the loss of the session there.
    fn retire(&mut self, now: Time, conn: ConnId) {
        self.let_go();
        self.retired = Some((conn, now + limits::HELLO_TIMEOUT));
    }

    /// Closes the connection whose place was taken.
    pub(super) fn let_go(&mut self) {
        if let Some((conn, _)) = self.retired.take() {
            self.out.close(conn, true);
        }
    }

    pub(super) fn closed(&mut self, now: Time, conn: ConnId, cause: Cause) {
        if self.retired.take_if(|(retired, _)| *retired == conn).is_some() {
            return;
        }
        if let Some(link) = self.link.take_if(|link| link.conn.id == conn) {
            self.lost(now, &link, DownReason::ConnectionLost { cause });
        } else if let Some(at) = self.pending.iter().position(|pending| pending.conn.id == conn) {
            let pending = self.pending.remove(at);
            self.attempt_failed(now, pending.conn.role, pending.unfinished(Some(cause)).reason);
        }
    }
}
