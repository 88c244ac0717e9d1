//! A connection that is not established yet: HELLO is awaited and, where keys are configured, AUTH behind it.
//!
//! ```text
//!            HELLO in order, no keys                       Welcome
//!  Hello ──────────────────────────────────────────────────────►
//!    │  HELLO in order, a key in common: AUTH goes out        ▲
//!    └──────────────► Auth ───────────────────────────────────┘ AUTH proves the key
//! ```
//!
//! Invariant: it holds no more than one unfinished frame of 512 bytes, and that for no longer than three seconds. Nothing
//! but the proof of the key makes a connection out of it where keys are configured.

use super::ProtocolFault;
use super::conn::{Conn, Outbox};
use super::hello::{self, Refused};
use super::io::{ConnId, DownReason, Role, Settings};
use crate::auth::{End, Greeting, KeyId, Opener, PROOF, Schedule, is_proof};
use crate::limits;
use crate::time::Time;
use crate::wire::control::{self, code};
use crate::wire::{Decoder, Hello, Interfaces, Message};

#[derive(Debug)]
pub(super) struct Pending {
    pub(super) conn: Conn,
    pub(super) decoder: Decoder,
    since: Time,
    /// Our HELLO, which is part of what is proved.
    ours: Said,
    stage: Stage,
}

/// A HELLO and the frame that it came in.
#[derive(Debug)]
struct Said {
    hello: Hello,
    frame: Vec<u8>,
}

impl Said {
    fn greeting(&self) -> Greeting<'_> {
        Greeting { frame: &self.frame, nonce: &self.hello.nonce }
    }
}

#[derive(Debug)]
enum Stage {
    Hello,
    Auth(Box<Awaited>),
}

/// What the peer has to say to be who it says it is.
struct Awaited {
    hello: Hello,
    key: KeyId,
    proof: [u8; PROOF],
    opener: Opener,
}

impl std::fmt::Debug for Awaited {
    /// The proof is no secret that lasts, but nobody needs to read it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Awaited({}, key {})", self.hello.node, self.key)
    }
}

/// What the bytes so far amount to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// No whole frame yet.
    Waiting,
    /// A HELLO that is in order and, where that is asked for, proved.
    Welcome(Hello),
    /// A HELLO that is not.
    Refused(Refused),
    /// Something else.
    Fault(ProtocolFault),
    /// The peer refuses us.
    Told(DownReason),
}

impl Pending {
    /// Says HELLO.
    pub(super) fn greet(now: Time, id: ConnId, role: Role, ours: Hello, out: &mut Outbox) -> Self {
        let mut conn = Conn::new(id, role, now);
        let mut frame = Vec::new();
        ours.encode(&mut frame);
        conn.send(now, frame.clone(), out);
        let ours = Said { hello: ours, frame };
        let decoder = Decoder::new(limits::MAX_FRAME_PENDING);
        Pending { conn, decoder, since: now, ours, stage: Stage::Hello }
    }

    /// When patience ends.
    pub(super) fn due(&self) -> Time {
        self.since + limits::HELLO_TIMEOUT
    }

    /// Why it comes to nothing when the connection ends, or patience does, and the code that tells it.
    pub(super) fn unfinished(&self, cause: Option<super::io::Cause>) -> Refused {
        match self.stage {
            Stage::Hello => Refused { code: code::HELLO_TIMEOUT, reason: DownReason::NoHello { cause } },
            Stage::Auth(_) => Refused { code: code::AUTH_TIMEOUT, reason: DownReason::NoAuth { cause } },
        }
    }

    /// Takes bytes up to the end of the frame that decides; answers how many.
    pub(super) fn bytes(
        &mut self,
        now: Time,
        bytes: &[u8],
        settings: &Settings,
        out: &mut Outbox,
    ) -> (Verdict, usize) {
        let mut rest = bytes;
        let verdict = loop {
            let (message, frame) = match self.decoder.next(&mut rest) {
                Ok(None) => break Verdict::Waiting,
                Ok(Some(frame)) => (Message::decode(&frame, &Interfaces::default()), frame.whole),
                Err(error) => break Verdict::Fault(error.into()),
            };
            match (message, &mut self.stage) {
                (Ok(Message::Skipped), _) => {}
                (Ok(Message::Notify(notify)), _) => {
                    break Verdict::Told(DownReason::PeerNotified { code: notify.code, text: notify.text });
                }
                (Ok(Message::Hello(theirs)), Stage::Hello) => match hello::check(settings, &theirs) {
                    Err(refused) => break Verdict::Refused(refused),
                    Ok(None) => break Verdict::Welcome(theirs),
                    Ok(Some(key)) => {
                        let theirs = Said { hello: theirs, frame: frame.to_vec() };
                        if let Err(refused) = self.prove(now, settings, key, &theirs, out) {
                            break Verdict::Refused(refused);
                        }
                    }
                },
                (Ok(Message::Auth(said)), Stage::Auth(awaited)) => {
                    if !is_proof(&said, &awaited.proof) {
                        break Verdict::Refused(wrong_password(awaited.key));
                    }
                    self.conn.key = Some(awaited.key);
                    self.decoder.set_opener(awaited.opener.clone());
                    break Verdict::Welcome(awaited.hello);
                }
                (Ok(_), Stage::Hello) => {
                    break Verdict::Fault(ProtocolFault::new("the first frame is not HELLO"));
                }
                (Ok(_), Stage::Auth(_)) => {
                    break Verdict::Fault(ProtocolFault::new("the frame behind HELLO is not AUTH"));
                }
                (Err(error), _) => break Verdict::Fault(error.into()),
            }
        };
        (verdict, bytes.len() - rest.len())
    }

    /// Says AUTH, and from there on seals; works out what the peer has to say.
    fn prove(
        &mut self,
        now: Time,
        settings: &Settings,
        key: KeyId,
        theirs: &Said,
        out: &mut Outbox,
    ) -> Result<(), Refused> {
        // Only a ring that was read from a record lacks a key that it names.
        let psk = settings.security.keys.psk(key).ok_or_else(|| wrong_password(key))?;
        let (end, dialler, acceptor) = match self.conn.role {
            Role::Dialled => (End::Dialler, &self.ours, theirs),
            Role::Accepted => (End::Acceptor, theirs, &self.ours),
        };
        let schedule = Schedule::new(psk, dialler.greeting(), acceptor.greeting());
        let mut bytes = Vec::new();
        control::auth(&mut bytes, &schedule.proof(end));
        self.conn.send(now, bytes, out);
        self.conn.sealer = Some(schedule.sealer(end));
        let (proof, opener) = (schedule.proof(end.other()), schedule.opener(end.other()));
        self.stage = Stage::Auth(Box::new(Awaited { hello: theirs.hello, key, proof, opener }));
        Ok(())
    }
}

fn wrong_password(key: KeyId) -> Refused {
    Refused { code: code::WRONG_PASSWORD, reason: DownReason::WrongPassword { key } }
}
