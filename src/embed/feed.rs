//! What the NOS tells: its interfaces and ports, and the neighbours that it learned.
//!
//! Everything goes through one bounded inbox, in order. What was taken is never dropped; what was not is said.

use super::handle::Mlagsync;
use crate::addr::{InterfaceId, Mac, MlagId};
use crate::limits;
use crate::neighbor::{Attachment, Flags, Key};
use crate::node::io::{AsicNews, Binding, Evidence, FdbNews, Input, Lifetimes, Member, PeerLink};
use crossbeam_channel::{SendTimeoutError, TrySendError};
use std::time::{Duration, Instant};
use thiserror::Error;

/// What becomes of a caller for whom there is no room now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {
    /// It is told [`FeedError::Again`] at once.
    Try,
    /// It waits for at most so long.
    Block(Duration),
}

/// Not everything was taken. What was is never dropped; the rest is to be told again.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum FeedError {
    /// There is no room now: the core has more to do than it can.
    #[error("{taken} were taken, there is no room for more now")]
    Again {
        /// So many were taken, from the first on.
        taken: usize,
    },
    /// The instance has been stopped.
    #[error("{taken} were taken, the instance is stopped")]
    Stopped {
        /// So many were taken, from the first on.
        taken: usize,
    },
}

/// A neighbour that the NOS learned by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Learned {
    /// Which.
    pub key: Key,
    /// Its MAC.
    pub mac: Mac,
    /// Where it hangs: by the port that heard it.
    pub attachment: Attachment,
    /// Facts beside.
    pub flags: Flags,
    /// A reply or a change; false for what was known before and is told again, which never contests the peer's claim.
    pub fresh: bool,
}

/// A neighbour by its address and MAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Neighbor {
    /// Which.
    pub key: Key,
    /// Its MAC.
    pub mac: Mac,
}

/// None of these waits for SAI or the network. What takes a [`Feed`] returns at once, or within the time that it says; what
/// tells one thing waits for room for at most a second, [`FED_PATIENCE`](crate::limits::FED_PATIENCE), which there is unless
/// the core is flooded.
impl Mlagsync {
    /// These neighbours are there. Answers how many were taken, which is all of them.
    pub fn learned(&self, neighbors: &[Learned], feed: Feed) -> Result<usize, FeedError> {
        self.feed(neighbors, feed, |&Learned { key, mac, attachment, flags, fresh }| Evidence::Learned {
            key,
            mac,
            attachment,
            flags,
            fresh,
        })
    }

    /// These are gone.
    pub fn forgotten(&self, keys: &[Key], feed: Feed) -> Result<usize, FeedError> {
        self.feed(keys, feed, |key| Evidence::Forgotten { key: *key })
    }

    /// These answered, and what they answered came over the peer-link or a tunnel: if the peer claims them, it is told to
    /// keep them. It is never a claim of this device's.
    pub fn confirmed(&self, neighbors: &[Neighbor], feed: Feed) -> Result<usize, FeedError> {
        self.feed(neighbors, feed, |&Neighbor { key, mac }| Evidence::Heard { key, mac })
    }

    /// These an operator configured: they beat every claim on this device and are not told to the peer.
    pub fn became_static(&self, neighbors: &[Neighbor], feed: Feed) -> Result<usize, FeedError> {
        self.feed(neighbors, feed, |&Neighbor { key, mac }| Evidence::Static { key, mac })
    }

    /// Nobody answered when these were probed, as [`Event::Probe`](crate::node::io::Event::Probe) asked for.
    pub fn unanswered(&self, keys: &[Key], feed: Feed) -> Result<usize, FeedError> {
        self.feed_as(keys, feed, |keys| Input::Unanswered(keys.to_vec()))
    }

    /// The NOS has told everything that it knew at start.
    pub fn local_complete(&self) -> Result<(), FeedError> {
        self.tell(Input::LocalComplete)
    }

    /// Everything that is known locally is told anew from here on, up to [`Mlagsync::dump_end`]: after a restart of the
    /// NOS's own ARP and ND.
    pub fn dump_begin(&self) -> Result<(), FeedError> {
        self.tell(Input::DumpBegin)
    }

    /// Neighbours that were not told since [`Mlagsync::dump_begin`] are gone.
    pub fn dump_end(&self) -> Result<(), FeedError> {
        self.tell(Input::DumpEnd)
    }

    /// An interface that both devices share is this router interface here; told anew whenever one of its facts changes.
    pub fn bind(&self, binding: Binding) -> Result<(), FeedError> {
        self.tell(Input::Bind(binding))
    }

    /// The interface is to go: what the ASIC holds of ours on it is removed, and
    /// [`Event::Released`](crate::node::io::Event::Released) says when.
    pub fn unbind(&self, interface: InterfaceId) -> Result<(), FeedError> {
        self.tell(Input::Unbind(interface))
    }

    /// The members of an M-LAG, this device's and the peer's; told anew whenever one of them changes.
    pub fn member(&self, member: Member) -> Result<(), FeedError> {
        self.tell(Input::Member(member))
    }

    /// There is no such M-LAG any more.
    pub fn member_gone(&self, mlag: MlagId) -> Result<(), FeedError> {
        self.tell(Input::MemberGone(mlag))
    }

    /// The link between both devices, with the next hop to the peer in each VRF; told anew whenever it changes.
    pub fn peer_link(&self, link: PeerLink) -> Result<(), FeedError> {
        self.tell(Input::PeerLink(link))
    }

    /// What SAI notified of the FDB, in its order.
    pub fn fdb(&self, news: &[FdbNews], feed: Feed) -> Result<usize, FeedError> {
        self.feed_as(news, feed, |news| Input::Fdb(news.to_vec()))
    }

    /// What the ASIC as a whole is, from its notifications or from whoever restarts its SDK.
    pub fn asic(&self, news: AsicNews) -> Result<(), FeedError> {
        self.tell(Input::Asic(news))
    }

    /// How long the peer's claims live on without a session, from now on.
    pub fn lifetimes(&self, times: Lifetimes) -> Result<(), FeedError> {
        self.tell(Input::Lifetimes(times))
    }

    fn feed<T>(&self, items: &[T], feed: Feed, of: impl Fn(&T) -> Evidence) -> Result<usize, FeedError> {
        self.feed_as(items, feed, |items| Input::Evidence(items.iter().map(&of).collect()))
    }

    fn feed_as<T>(&self, items: &[T], feed: Feed, of: impl Fn(&[T]) -> Input) -> Result<usize, FeedError> {
        let deadline = match feed {
            Feed::Try => None,
            Feed::Block(patience) => Some(Instant::now() + patience),
        };
        let mut taken = 0;
        for items in items.chunks(limits::FED_AT_ONCE) {
            self.offer(of(items), deadline, taken)?;
            taken += items.len();
        }
        Ok(taken)
    }

    /// Something that is one thing: waits a moment for room.
    fn tell(&self, input: Input) -> Result<(), FeedError> {
        self.offer(input, Some(Instant::now() + limits::FED_PATIENCE), 0)
    }

    fn offer(&self, input: Input, deadline: Option<Instant>, taken: usize) -> Result<(), FeedError> {
        if self.is_stopped() {
            return Err(FeedError::Stopped { taken });
        }
        let offered = match deadline {
            None => self.fed().try_send(input).map_err(|e| matches!(e, TrySendError::Full(_))),
            Some(at) => {
                self.fed().send_deadline(input, at).map_err(|e| matches!(e, SendTimeoutError::Timeout(_)))
            }
        };
        offered.map_err(|full| if full { FeedError::Again { taken } } else { FeedError::Stopped { taken } })
    }
}
