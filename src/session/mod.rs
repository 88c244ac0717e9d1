//! The peer state machine: one channel, kept up.
//!
//! ```text
//!            Configure, SourcePresent                     HELLO in order
//!  nothing ───────────────────────────► listening ─┬────────────────────────► link ──► Up, BEGIN …
//!                                                  │ the larger address dials  │
//!                                                  └──────── back-off ◄────────┘ Down(reason)
//! ```
//!
//! | part | holds |
//! |---|---|
//! | [`io`] | what goes in and what comes out |
//! | `channel` | listening and dialling |
//! | `connections` | what connections do, and which of them is established |
//! | `pending` | connections whose HELLO, or whose AUTH, is awaited |
//! | `renewal` | a connection that is replaced by another of the same configuration |
//! | `link` | the established session: receiving, hold, keepalive |
//! | `sender` | the cursor that becomes BEGIN, windows, END |
//! | `resume` | what outlives a connection: where both copies stand |
//! | [`proof`] | digests, scopes, reports of the hardware, confirmations |
//! | [`status`] | what is shown |
//!
//! Use: [`Session::handle`] for every input, [`Session::drive`] behind it with the source of changes, then
//! [`Session::poll`] until it is empty; again at [`Session::next_wake`].
//!
//! Invariant: there is at most one established session. A newer connection takes its place only with a complete, valid
//! HELLO and, where keys are configured, with the proof of one; what the old one had not delivered is dropped, and no
//! loss is reported, because none is: it is told again.
//! A connection that the smaller address opened never takes the place of one that the larger opened, so that both sides
//! decide alike when both dialled.

mod backoff;
mod channel;
mod conn;
mod connections;
mod hello;
pub mod io;
mod link;
mod pending;
pub mod proof;
mod rate;
mod reason;
mod renewal;
mod resume;
mod sender;
pub mod status;
#[cfg(test)]
mod tests;

use crate::limits;
use crate::peering::ConnectMode;
use crate::table::change::{ChangeSource, Incarnation, SyncNumber};
use crate::time::Time;
use crate::wire::control::{Goodbye, Notify, code};
use crate::wire::{WireError, control};
use backoff::{Dice, Failure};
use channel::Channel;
use conn::Outbox;
use io::{
    Cause, ConnId, DownReason, Role, SessionInput, SessionOutput, Settings, SilentDrop, Transport, Tuning,
};
use link::Link;
use pending::Pending;
use reason::notify;
use resume::{Copy, Owner};
pub use status::{Counters, Status};

/// One peer's session.
#[derive(Debug)]
pub struct Session {
    dice: Dice,
    tuning: Tuning,
    owner: Owner,
    copy: Copy,
    settings: Option<Settings>,
    /// `None` until it was said of the present settings' source.
    source_present: Option<bool>,
    channel: Channel,
    /// The oldest first.
    pending: Vec<Pending>,
    link: Option<Link>,
    /// A connection whose place was taken, and when it is closed at the latest.
    retired: Option<(ConnId, Time)>,
    reason: DownReason,
    /// What the next GOODBYE announces.
    restart_ms: u32,
    since: Time,
    /// A connection that takes the place of the established one is dialled for until then.
    renew_until: Option<Time>,
    /// Why the kernel last threw segments away, and when it was last said.
    dropped: Option<(SilentDrop, Time)>,
    /// What `next_wake` promised when it was last asked for.
    promised: Option<Time>,
    counters: Counters,
    out: Outbox,
}

/// How the peer broke the protocol, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ProtocolFault(String);

impl ProtocolFault {
    fn new(words: &str) -> Self {
        ProtocolFault(words.to_owned())
    }
}

impl From<WireError> for ProtocolFault {
    fn from(error: WireError) -> Self {
        ProtocolFault(error.to_string())
    }
}

impl Session {
    /// A session without a channel. The seed decides pauses and nonces, and who we are for the peer: another one each
    /// time the process starts.
    pub fn new(seed: u64, tuning: Tuning) -> Self {
        let mut dice = Dice::new(seed);
        let owner = Owner { incarnation: Incarnation(dice.next().max(1)), sync: SyncNumber(0) };
        Session {
            dice,
            tuning,
            owner,
            copy: Copy::default(),
            settings: None,
            source_present: None,
            channel: Channel::default(),
            pending: Vec::new(),
            link: None,
            retired: None,
            reason: DownReason::NotConfigured,
            restart_ms: 0,
            since: Time::ZERO,
            renew_until: None,
            dropped: None,
            promised: None,
            counters: Counters::default(),
            out: Outbox::default(),
        }
    }

    /// Takes an input in. Inputs of connections and listeners that are gone are ignored.
    pub fn handle(&mut self, now: Time, input: SessionInput) {
        self.forgive_lateness(now);
        match input {
            SessionInput::Configure(settings) => self.configure(now, settings),
            SessionInput::Leave { restart_ms } => {
                self.restart_ms = restart_ms;
                self.configure(now, None);
                self.restart_ms = 0;
            }
            SessionInput::SourcePresent(present) => self.source(now, present),
            SessionInput::Listening { listener, result } => {
                if let Some(reason) = self.channel.listened(now, listener, result, self.settings.as_ref()) {
                    self.down(now, reason);
                }
            }
            SessionInput::Connected { conn, role, remote } => self.connected(now, conn, role, remote),
            SessionInput::DialFailed { conn, cause } => {
                if self.channel.dialled(conn) {
                    self.dial_failed(now, cause);
                }
            }
            SessionInput::Bytes { conn, bytes } => self.bytes(now, conn, &bytes),
            SessionInput::Written { conn, bytes } => {
                if let Some(link) = self.link.as_mut().filter(|link| link.conn.id == conn) {
                    link.conn.written(now, bytes);
                } else if let Some(pending) = self.pending.iter_mut().find(|p| p.conn.id == conn) {
                    pending.conn.written(now, bytes);
                }
            }
            SessionInput::Closed { conn, cause } => self.closed(now, conn, cause),
            SessionInput::Dropped { what, segments } => self.segments_dropped(now, what, segments),
            SessionInput::Wake => {}
        }
        self.expire(now);
        self.open(now);
    }

    /// Sends what the source has, as far as the write window has room. Does nothing while there is no session.
    pub fn drive<S: ChangeSource + ?Sized>(&mut self, now: Time, source: &mut S) {
        let Some(link) = &mut self.link else { return };
        let written = link.sender.drive(now, source, &mut self.owner, &mut link.conn, &mut self.out);
        self.counters.sent_upserts += written.upserts;
        self.counters.sent_deletes += written.deletes;
    }

    /// The next thing to do for the owner, in order.
    pub fn poll(&mut self) -> Option<SessionOutput> {
        self.out.queue.pop_front()
    }

    /// When to come back with [`SessionInput::Wake`] if nothing else comes first.
    pub fn next_wake(&mut self) -> Option<Time> {
        let settings = self.settings.as_ref();
        let timers = self.pending.iter().map(Pending::due);
        let link = self.link.iter().flat_map(|link| {
            let worn = link.conn.sealer.is_some().then_some(link.renew_at);
            let timers = [Some(link.heard + link.hold), Some(link.keepalive_at), link.until, worn];
            let proofs = [link.sender.proofs.next_wake(), link.reports.next_wake()];
            timers.into_iter().chain(proofs).flatten()
        });
        let channel = settings.and_then(|settings| {
            let dials = self.wants_dial(settings);
            self.channel.next_wake(dials, self.waits(settings))
        });
        let retired = self.retired.map(|(_, until)| until);
        self.promised = timers.chain(link).chain(channel).chain(self.renew_until).chain(retired).min();
        self.promised
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        let link = self.link.as_ref();
        Status {
            up: link.is_some(),
            reason: self.reason.clone(),
            since: self.since,
            peer: link.map(|link| link.peer.node),
            role: link.map(|link| link.conn.role),
            key: link.and_then(|link| link.conn.key),
            peer_facts: link.and_then(|link| link.peer.facts),
            hold: link.map(|link| link.hold),
            received_end: link.is_some_and(|link| link.received_end),
            sent_end: link.is_some_and(|link| link.sender.sent_end),
        }
    }

    /// The channel's configuration.
    pub fn settings(&self) -> Option<&Settings> {
        self.settings.as_ref()
    }

    /// Counts since start.
    pub fn counters(&self) -> Counters {
        Counters { sent_bytes: self.out.sent_bytes, dials: self.channel.dials, ..self.counters }
    }

    /// A device that was stopped must not take its own absence for the peer's.
    fn forgive_lateness(&mut self, now: Time) {
        let late = self.promised.map_or(std::time::Duration::ZERO, |promised| now.since(promised));
        if late > limits::LATE
            && let Some(link) = &mut self.link
        {
            link.heard = link.heard + late;
        }
        self.promised = None;
    }

    fn configure(&mut self, now: Time, settings: Option<Settings>) {
        if self.settings == settings {
            return;
        }
        let old = std::mem::replace(&mut self.settings, settings);
        for mut pending in self.pending.drain(..) {
            // Our HELLO is on its way, and for the peer the session may stand already.
            let leaves = self.settings.is_none();
            if leaves {
                pending.conn.send(now, farewell(self.restart_ms), &mut self.out);
            }
            self.out.close(pending.conn.id, !leaves);
        }
        let Some(settings) = &self.settings else {
            self.source_present = None;
            self.channel.shut(&mut self.out);
            self.goodbye(now, DownReason::NotConfigured);
            return;
        };
        let same_place = |other: &Settings| other.source == settings.source && other.vpn == settings.vpn;
        if !old.as_ref().is_some_and(same_place) {
            self.source_present = None;
        }
        self.channel.renew(now, &mut self.out);
        match &mut self.link {
            None => self.down(now, DownReason::Connecting),
            Some(link) => {
                // Times take effect at once, and what keeps others out does not touch who is in; anything else makes
                // another channel of it, which takes over when it stands.
                let Settings { hold, keepalive, connect, facts, .. } = *settings;
                let security = settings.security.clone();
                let secured = security != link.settings.security;
                let retimed = Settings { hold, keepalive, connect, facts, security, ..link.settings.clone() };
                let replaced = retimed != *settings;
                if replaced {
                    link.until = Some(link.until.unwrap_or(now + limits::REPLACE_GRACE));
                    self.reason = DownReason::Connecting;
                } else {
                    link.settings = retimed;
                    link.retime(now);
                    link.until = None;
                    self.renew_until = None;
                    let (conn, hold) = (link.conn.id, link.hold);
                    self.out.transport(Transport::Hold { conn, hold });
                }
                if replaced || secured {
                    self.renew(now);
                }
            }
        }
    }

    fn source(&mut self, now: Time, present: bool) {
        let Some(settings) = &self.settings else { return };
        if self.source_present == Some(present) {
            return;
        }
        self.source_present = Some(present);
        if present {
            self.channel.renew(now, &mut self.out);
            self.down(now, DownReason::Connecting);
            return;
        }
        let reason = DownReason::SourceNotLocal { source: settings.source };
        for pending in self.pending.drain(..) {
            self.out.close(pending.conn.id, true);
        }
        // A link that is being replaced has its own, older source address.
        match self.link.take_if(|link| link.until.is_none()) {
            Some(link) => {
                self.out.close(link.conn.id, true);
                self.lost(now, &link, reason);
            }
            None => self.down(now, reason),
        }
    }

    /// What is due by now.
    fn expire(&mut self, now: Time) {
        while let Some(at) = self.pending.iter().position(|pending| pending.due() <= now) {
            let mut pending = self.pending.remove(at);
            let hello::Refused { code, reason } = pending.unfinished(None);
            let what = if code == code::HELLO_TIMEOUT { "HELLO" } else { "AUTH" };
            let mut bytes = Vec::new();
            Notify { code, text: format!("the {what} did not come in time") }.encode(&mut bytes);
            pending.conn.send(now, bytes, &mut self.out);
            self.out.close(pending.conn.id, false);
            self.attempt_failed(now, pending.conn.role, reason);
        }
        if self.retired.is_some_and(|(_, until)| until <= now) {
            self.let_go();
        }
        if self.channel.dial_expired(now, &mut self.out) {
            self.dial_failed(now, Cause::TimedOut);
        }
        if let Some(mut link) = self.link.take_if(|link| link.heard + link.hold <= now) {
            let hold_ms = u64::try_from(link.hold.as_millis()).unwrap_or(u64::MAX);
            let reason = DownReason::HoldExpired { hold_ms };
            // What is stuck in the socket would hold the farewell back for ever.
            let stuck = !link.conn.is_idle();
            if !stuck {
                link.conn.send(now, notify(code::HOLD_EXPIRED, &reason), &mut self.out);
            }
            self.out.close(link.conn.id, stuck);
            self.lost(now, &link, reason);
        }
        if self.link.as_ref().is_some_and(|link| link.until.is_some_and(|until| until <= now)) {
            let reason = self.reason.clone();
            self.goodbye(now, reason);
        }
        if let Some(link) = &mut self.link
            && link.keepalive_at <= now
        {
            link.keep_alive(now, &mut self.out);
        }
        if let Some(settings) = &self.settings
            && self.waits(settings)
            && let Some(seconds) = self.channel.nobody(now)
        {
            let reason = self.silence(now).unwrap_or(DownReason::NobodyDials { seconds });
            self.down(now, reason);
        }
        self.renew_until = self.renew_until.filter(|until| *until > now);
        self.renew_worn(now);
    }

    /// Listens and dials, or stops to, as is wanted now.
    fn open(&mut self, now: Time) {
        let Some(settings) = &self.settings else { return };
        let present = self.source_present == Some(true);
        self.channel.listen(now, settings, present, &mut self.out);
        let wanted = self.wants_dial(settings);
        self.channel.dial(now, settings, wanted, &mut self.out);
    }

    /// True when this side is to dial and nothing that it dialled is under way.
    fn wants_dial(&self, settings: &Settings) -> bool {
        dials(settings)
            && self.source_present == Some(true)
            && self.link.as_ref().is_none_or(|link| link.until.is_some() || self.renew_until.is_some())
            && self.pending.iter().all(|pending| pending.conn.role != Role::Dialled)
    }

    /// True when this side waits to be dialled and has nothing.
    fn waits(&self, settings: &Settings) -> bool {
        !dials(settings) && self.link.is_none() && self.pending.is_empty() && self.channel.listens()
    }

    fn dial_failed(&mut self, now: Time, cause: Cause) {
        let Some(port) = self.settings.as_ref().map(|settings| settings.port) else { return };
        let (failure, reason) = match cause {
            Cause::Refused => (Failure::Answered, DownReason::PeerRefuses { port }),
            Cause::TimedOut => {
                (Failure::Silent, self.silence(now).unwrap_or(DownReason::PeerSilent { port }))
            }
            cause => (Failure::Silent, DownReason::DialFailed { error: cause.to_string() }),
        };
        self.channel.pause(now, failure, &mut self.dice);
        self.down(now, reason);
    }

    /// A connection ended before it was established.
    fn attempt_failed(&mut self, now: Time, role: Role, reason: DownReason) {
        if role == Role::Dialled {
            self.channel.pause(now, Failure::Answered, &mut self.dice);
        }
        self.down(now, reason);
    }

    /// The established session is over.
    fn lost(&mut self, now: Time, link: &Link, reason: DownReason) {
        self.let_go();
        // A session that breaks as soon as it stands is not worth hurrying for.
        if now.since(link.since) >= link.hold {
            self.channel.forgive();
        }
        self.renew_until = None;
        self.channel.heard(now);
        self.channel.pause(now, Failure::Answered, &mut self.dice);
        self.since = now;
        self.reason = reason.clone();
        self.out.say(SessionOutput::Down(reason));
    }

    /// Ends the session from this side, in good order, if there is one.
    fn goodbye(&mut self, now: Time, reason: DownReason) {
        let Some(mut link) = self.link.take() else { return self.down(now, reason) };
        link.conn.send(now, farewell(self.restart_ms), &mut self.out);
        self.out.close(link.conn.id, false);
        self.lost(now, &link, reason);
    }

    /// Notes why there is no session; while one stands, why there would be none without it.
    fn down(&mut self, now: Time, reason: DownReason) {
        if self.reason == reason {
            return;
        }
        if self.link.is_none() {
            if self.reason == DownReason::NotConfigured || reason == DownReason::NotConfigured {
                self.since = now;
            }
            self.out.say(SessionOutput::Down(reason.clone()));
        }
        self.reason = reason;
    }
}

impl Link {
    /// What waits in the socket is as good a sign of life as a keepalive, and the peer that does not read it would not
    /// read that either.
    fn keep_alive(&mut self, now: Time, out: &mut Outbox) {
        let due = self.conn.active + self.keepalive;
        if due > now {
            self.keepalive_at = due;
            return;
        }
        if self.conn.is_idle() {
            let mut bytes = Vec::new();
            control::keepalive(&mut bytes);
            self.conn.send(now, bytes, out);
        }
        self.keepalive_at = now + self.keepalive;
    }
}

/// A GOODBYE.
fn farewell(restart_ms: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    Goodbye { restart_ms }.encode(&mut bytes);
    bytes
}

/// The numerically larger address dials, unless it was said otherwise.
fn dials(settings: &Settings) -> bool {
    match settings.connect {
        ConnectMode::Auto => settings.source > settings.peer,
        ConnectMode::Active => true,
        ConnectMode::Passive => false,
    }
}
