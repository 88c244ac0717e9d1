//! The core's end of the kernel mirror: what a full channel does not take waits here, in order.
//!
//! Invariant: words are at most as many as the node lets be under way; questions beyond a bound are dropped and counted.

use super::questions::Question;
use super::view::KernelView;
use super::{KernelHandle, Order, Told};
use crate::limits;
use crate::node::Node;
use crate::node::io::{Event, Input, KernelWord};
use crossbeam_channel::Receiver;
use std::collections::VecDeque;

/// The core's end.
pub(crate) struct KernelOutlet {
    handle: KernelHandle,
    told: Receiver<Told>,
    held: VecDeque<Order>,
    /// Hosts are refreshed and probed.
    refresh: bool,
    dropped: u64,
}

impl KernelOutlet {
    pub(crate) fn new(handle: KernelHandle, told: Receiver<Told>, refresh: bool) -> KernelOutlet {
        KernelOutlet { handle, told, held: VecDeque::new(), refresh, dropped: 0 }
    }

    /// What the mirror tells.
    pub(crate) fn inbox(&self) -> &Receiver<Told> {
        &self.told
    }

    /// What the node is to be told of it.
    pub(crate) fn input(told: Told) -> Input {
        match told {
            Told::Taken => Input::KernelTaken,
            Told::Unanswered(keys) => Input::Unanswered(keys),
        }
    }

    /// A word of the node's.
    pub(crate) fn word(&mut self, word: KernelWord) {
        self.held.push_back(Order::Word(word));
    }

    /// Hosts are to be refreshed, or probed, where the node says so.
    pub(crate) fn hear(&mut self, node: &mut Node, event: &Event) {
        let key = match event {
            Event::Confirmed { key } | Event::Probe { key } if self.refresh => *key,
            _ => return,
        };
        let Some((mac, own)) = node.claimed(&key) else { return };
        let question = match event {
            Event::Confirmed { .. } if own => Question::Confirmed { key, mac },
            Event::Confirmed { .. } => return,
            _ => Question::Probe { key, mac, own },
        };
        if self.held.len() >= limits::KERNEL_QUESTIONS {
            self.dropped += 1;
        } else {
            self.held.push_back(Order::Question(question));
        }
    }

    /// Hands out what waits, as far as the channel takes it.
    pub(crate) fn flush(&mut self) {
        while let Some(order) = self.held.pop_front() {
            if let Err(back) = self.handle.submit(order) {
                self.held.push_front(back);
                return;
            }
        }
    }

    /// True when something waits.
    pub(crate) fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// What there is to show.
    pub(crate) fn view(&self) -> KernelView {
        let mut view = self.handle.view();
        view.dropped += self.dropped;
        view
    }
}
