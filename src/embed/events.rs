//! News for the NOS: bounded subscriptions, and what does not fit is counted and told.
//!
//! Invariant: whoever publishes never waits for whoever reads.

use crate::node::io::Event;
use crate::run::core;
use crossbeam_channel::{Receiver, Sender, TryRecvError, TrySendError, bounded};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Something that the NOS is told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum News {
    /// What happened.
    Event(Event),
    /// So much more happened that it did not fit: whoever follows events looks at the snapshots again.
    Overflow {
        /// How many news were not kept.
        lost: u64,
    },
    /// A thread of ours ended without being told to. The instance is to be stopped and started anew.
    ThreadEnded {
        /// Which.
        thread: &'static str,
        /// Why.
        error: String,
    },
}

/// Everybody who is told.
#[derive(Debug, Default)]
pub(super) struct Hub(Mutex<Subscribers>);

#[derive(Debug, Default)]
struct Subscribers {
    all: Vec<Subscriber>,
    closed: bool,
}

#[derive(Debug)]
struct Subscriber {
    news: Sender<News>,
    lost: Arc<AtomicU64>,
}

impl Hub {
    /// Another one; after the end it is told of the end at once.
    pub(super) fn subscribe(&self, room: usize) -> Subscription {
        let (news_in, news) = bounded(room.max(1));
        let lost = Arc::new(AtomicU64::new(0));
        let mut subscribers = self.0.lock();
        if !subscribers.closed {
            subscribers.all.push(Subscriber { news: news_in, lost: lost.clone() });
        }
        Subscription { news, lost }
    }

    /// Tells everybody who has room.
    pub(super) fn publish(&self, news: &News) {
        self.0.lock().all.retain(|subscriber| subscriber.tell(news));
    }

    /// For the core: tells everybody, and ends all subscriptions when the core ends.
    pub(super) fn outlet(self: &Arc<Self>) -> core::News {
        let end = End(self.clone());
        Box::new(move |event| end.0.publish(&News::Event(event.clone())))
    }
}

impl Subscriber {
    /// False when nobody listens any more.
    fn tell(&self, news: &News) -> bool {
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost > 0 && self.news.try_send(News::Overflow { lost }).is_err() {
            self.lost.fetch_add(lost + 1, Ordering::Relaxed);
            return true;
        }
        match self.news.try_send(news.clone()) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                self.lost.fetch_add(1, Ordering::Relaxed);
                true
            }
            Err(TrySendError::Disconnected(_)) => false,
        }
    }
}

/// Dropped with the core.
struct End(Arc<Hub>);

impl Drop for End {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.publish(&News::ThreadEnded { thread: "mlag-core", error: "it panicked".to_owned() });
        }
        let mut subscribers = self.0.0.lock();
        subscribers.closed = true;
        subscribers.all.clear();
    }
}

/// News in their order, from the moment of subscribing on. It ends with the instance, when everything was taken.
#[derive(Debug)]
pub struct Subscription {
    news: Receiver<News>,
    lost: Arc<AtomicU64>,
}

impl Subscription {
    /// The next, if there is one now. Does not wait.
    pub fn next_now(&self) -> Option<News> {
        match self.news.try_recv() {
            Ok(news) => Some(news),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => self.overflow(),
        }
    }

    /// The next, waited for until the patience is over.
    pub fn next_within(&self, patience: Duration) -> Option<News> {
        let deadline = Instant::now() + patience;
        self.next_now().or_else(|| self.news.recv_deadline(deadline).ok().or_else(|| self.overflow()))
    }

    /// The next, however long it takes; `None` when the instance has ended and everything was taken.
    pub fn wait(&self) -> Option<News> {
        self.next_now().or_else(|| self.news.recv().ok().or_else(|| self.overflow()))
    }

    fn overflow(&self) -> Option<News> {
        let lost = self.lost.swap(0, Ordering::Relaxed);
        (lost > 0).then_some(News::Overflow { lost })
    }
}
