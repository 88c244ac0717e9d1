//! Listening and dialling: what is asked of the socket's owner to get a connection at all.
//!
//! Invariant: the present state is compared with what is wanted; no event decides by itself what to do next.

use super::backoff::{Backoff, Dice, Failure};
use super::conn::Outbox;
use super::io::{Cause, ConnId, DownReason, ListenId, Protection, Settings, Transport};
use crate::addr::VpnInstance;
use crate::limits;
use crate::time::Time;
use std::net::SocketAddr;

#[derive(Debug, Default)]
pub(super) struct Channel {
    listening: Listening,
    /// Where, in which VPN instance, and how, when not off.
    place: Option<Place>,
    dialling: Option<Dialling>,
    /// Not to be dialled before.
    dial_at: Time,
    backoff: Backoff,
    /// Since when nobody has dialled, and when that is to be said (again).
    quiet: Quiet,
    next_name: u64,
    pub(super) dials: u64,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Listening {
    #[default]
    Off,
    Asked(ListenId),
    On(ListenId),
    Failed {
        retry_at: Time,
    },
}

#[derive(Debug, PartialEq, Eq)]
struct Place {
    local: SocketAddr,
    vpn: VpnInstance,
    protection: Protection,
}

#[derive(Debug)]
struct Dialling {
    conn: ConnId,
    since: Time,
}

#[derive(Debug, Default)]
struct Quiet {
    since: Time,
    said: u64,
}

impl Quiet {
    /// The wait doubles each time it was said.
    fn due(&self) -> Time {
        self.since + limits::NOBODY_DIALS.max(std::time::Duration::from_secs(2 * self.said))
    }
}

impl Channel {
    /// Forgets what was tried: the configuration is another one.
    pub(super) fn renew(&mut self, now: Time, out: &mut Outbox) {
        self.give_up_dial(out);
        self.backoff.reset();
        self.dial_at = now;
        self.heard(now);
    }

    /// Stops everything.
    pub(super) fn shut(&mut self, out: &mut Outbox) {
        self.give_up_dial(out);
        self.unlisten(out);
    }

    /// The peer showed itself.
    pub(super) fn heard(&mut self, now: Time) {
        self.quiet = Quiet { since: now, said: 0 };
    }

    /// The next failure is the first one again.
    pub(super) fn forgive(&mut self) {
        self.backoff.reset();
    }

    /// Dials anew as soon as may be, with the shortest pauses, but not before `earliest`.
    pub(super) fn hurry(&mut self, earliest: Time) {
        self.backoff.reset();
        self.dial_at = earliest;
    }

    /// Puts the next dial off.
    pub(super) fn pause(&mut self, now: Time, failure: Failure, dice: &mut Dice) {
        self.dial_at = now + self.backoff.pause(failure, dice);
    }

    /// True when it listens.
    pub(super) fn listens(&self) -> bool {
        matches!(self.listening, Listening::On(_))
    }

    /// Takes the answer to listening; says why not.
    pub(super) fn listened(
        &mut self,
        now: Time,
        listener: ListenId,
        result: Result<(), Cause>,
        settings: Option<&Settings>,
    ) -> Option<DownReason> {
        let current = match self.listening {
            Listening::Asked(id) | Listening::On(id) => id == listener,
            Listening::Off | Listening::Failed { .. } => false,
        };
        if !current {
            return None;
        }
        let Err(cause) = result else {
            self.listening = Listening::On(listener);
            self.heard(now);
            return None;
        };
        self.listening = Listening::Failed { retry_at: now + limits::LISTEN_RETRY };
        Some(match cause {
            Cause::PortInUse { owner } => DownReason::PortInUse { port: settings?.port, owner },
            cause => DownReason::ListenFailed { error: cause.to_string() },
        })
    }

    /// Listens where it is wanted, and nowhere else.
    pub(super) fn listen(&mut self, now: Time, settings: &Settings, present: bool, out: &mut Outbox) {
        let wanted = present.then(|| Place {
            local: SocketAddr::new(settings.source, settings.port),
            vpn: settings.vpn.clone(),
            protection: settings.protection(),
        });
        if self.place != wanted {
            self.unlisten(out);
        }
        let due = match self.listening {
            Listening::Off => true,
            Listening::Failed { retry_at } => retry_at <= now,
            Listening::Asked(_) | Listening::On(_) => false,
        };
        if due && let Some(place) = wanted {
            let listener = ListenId(self.name());
            self.listening = Listening::Asked(listener);
            let Place { local, vpn, protection } = &place;
            let (local, vpn, protection) = (*local, vpn.clone(), protection.clone());
            self.place = Some(place);
            out.transport(Transport::Listen { listener, local, vpn, protection });
        }
    }

    /// Dials when that is wanted and time; gives up a dial that is not wanted any more. Nobody is dialled as long as
    /// listening fails: a channel whose port another program has is held down (PL-07).
    pub(super) fn dial(&mut self, now: Time, settings: &Settings, wanted: bool, out: &mut Outbox) {
        if !wanted || !self.listens() {
            self.give_up_dial(out);
        } else if self.dialling.is_none() && self.dial_at <= now {
            let conn = ConnId(self.name());
            self.dials += 1;
            self.dialling = Some(Dialling { conn, since: now });
            out.transport(Transport::Dial {
                conn,
                local: settings.source,
                remote: SocketAddr::new(settings.peer, settings.port),
                vpn: settings.vpn.clone(),
                protection: settings.protection(),
            });
        }
    }

    /// True when this was the dial under way; it is over then.
    pub(super) fn dialled(&mut self, conn: ConnId) -> bool {
        self.dialling.take_if(|dialling| dialling.conn == conn).is_some()
    }

    /// True when the dial under way was not answered in time; it is given up then.
    pub(super) fn dial_expired(&mut self, now: Time, out: &mut Outbox) -> bool {
        let expired = self.dialling.as_ref().is_some_and(|d| d.since + limits::DIAL_TIMEOUT <= now);
        if expired {
            self.give_up_dial(out);
        }
        expired
    }

    /// For how many seconds nobody has dialled, when that is to be said.
    pub(super) fn nobody(&mut self, now: Time) -> Option<u64> {
        if self.quiet.due() > now {
            return None;
        }
        self.quiet.said = now.since(self.quiet.since).as_secs();
        Some(self.quiet.said)
    }

    /// When something is due here: `dials` and `waits` say which side of it we are on.
    pub(super) fn next_wake(&self, dials: bool, waits: bool) -> Option<Time> {
        let retry = match self.listening {
            Listening::Failed { retry_at } => Some(retry_at),
            _ => None,
        };
        let dial = match &self.dialling {
            Some(dialling) => Some(dialling.since + limits::DIAL_TIMEOUT),
            None => (dials && self.listens()).then_some(self.dial_at),
        };
        let quiet = waits.then(|| self.quiet.due());
        [retry, dial, quiet].into_iter().flatten().min()
    }

    fn unlisten(&mut self, out: &mut Outbox) {
        if let Listening::Asked(listener) | Listening::On(listener) = self.listening {
            out.transport(Transport::Unlisten { listener });
        }
        self.listening = Listening::Off;
        self.place = None;
    }

    fn give_up_dial(&mut self, out: &mut Outbox) {
        if let Some(dialling) = self.dialling.take() {
            out.close(dialling.conn, true);
        }
    }

    /// Dials and listeners are numbered together; the top bit is the socket owner's.
    fn name(&mut self) -> u64 {
        self.next_name += 1;
        self.next_name
    }
}

#[cfg(test)]
impl Channel {
    /// Has a dial under way that was not asked for: a peer that takes roles otherwise.
    pub(super) fn pretend_dialling(&mut self, conn: ConnId, now: Time) {
        self.dialling = Some(Dialling { conn, since: now });
    }
}
