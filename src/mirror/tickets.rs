//! Up to which of the peer's positions the ASIC has done with everything.
//!
//! ```text
//!   acked        closed windows, by position               open
//!     ●──────┬──────────┬──────────┬───────────┬──────────┬ ─ ─ ─
//!            │ 3 to come│ 0 to come│ 12 to come│ 7 to come│
//!            └ the front goes when nothing of it is to come: acked moves to its position
//! ```
//!
//! The peer's changes come in windows, each with a position. A row whose change is not final in the ASIC holds a
//! *ticket* of its window; a later change takes the ticket along to its own. Rows are looked at in the order in which
//! they were marked, so a count of marks says which window a row belongs to, and whether all of a window was looked at.
//!
//! Invariant: a position is acknowledged only when no row of any window up to it is to be looked at or holds a ticket.
//! However many windows come, few are kept: beyond the bound the open one takes in what follows.

use crate::limits::TICKET_WINDOWS;
use crate::table::change::Position;
use std::collections::VecDeque;

/// The number of a window; zero is none.
pub(crate) type Ticket = u32;

#[derive(Clone, Copy, Debug)]
struct Window {
    position: Position,
    outstanding: u32,
    /// Marks up to here belong to it.
    mark: u64,
}

impl Window {
    const OPEN: Window = Window { position: Position(0), outstanding: 0, mark: u64::MAX };
}

/// The windows that are not acknowledged.
#[derive(Debug)]
pub(crate) struct Tickets {
    /// The last one is open. Never empty.
    windows: VecDeque<Window>,
    /// The number of the first of them.
    first: Ticket,
    /// Which of them the row belongs to that is looked at next, or an earlier one.
    current: usize,
    looked_at: u64,
    acked: Position,
    /// What the open window is closed with as soon as there is room for another.
    closing: Option<(Position, u64)>,
}

impl Default for Tickets {
    fn default() -> Self {
        Tickets {
            windows: VecDeque::from([Window::OPEN]),
            first: 1,
            current: 0,
            looked_at: 0,
            acked: Position(0),
            closing: None,
        }
    }
}

impl Tickets {
    /// The peer names everything anew: positions begin again. What is not final holds the new ones back, too.
    pub(crate) fn begin(&mut self) {
        self.acked = Position(0);
        for window in &mut self.windows {
            window.position = Position(0);
        }
        self.closing = self.closing.map(|(_, mark)| (Position(0), mark));
    }

    /// What is acknowledged is in doubt again: it is taken back, and acknowledged anew when every row that takes the
    /// ticket that this answers is final.
    pub(crate) fn retreat(&mut self) -> Ticket {
        let position = std::mem::replace(&mut self.acked, Position(0));
        self.windows.push_front(Window { position, outstanding: 0, mark: self.looked_at });
        self.first = before(self.first);
        self.current += 1;
        self.first
    }

    /// Everything that was marked so far is part of what leads up to this position.
    pub(crate) fn close(&mut self, position: Position, marks: u64) {
        self.closing = Some((position, marks));
        self.advance();
    }

    /// The next marked row is looked at. Answers the window that it belongs to.
    #[inline]
    pub(crate) fn look(&mut self) -> Ticket {
        while self.windows[self.current].mark <= self.looked_at {
            self.current += 1;
        }
        self.looked_at += 1;
        self.number(self.current)
    }

    /// A row of this window is not final.
    #[inline]
    pub(crate) fn take(&mut self, ticket: Ticket) {
        let at = self.index(ticket);
        self.windows[at].outstanding += 1;
    }

    /// A row that held a ticket is final, or takes another.
    #[inline]
    pub(crate) fn give_back(&mut self, ticket: Ticket) {
        let at = self.index(ticket);
        self.windows[at].outstanding -= 1;
    }

    /// Up to where everything is final.
    pub(crate) fn acked(&mut self) -> Position {
        self.advance();
        self.acked
    }

    /// Up to where everything was final when it was last looked.
    pub(crate) fn last_acked(&self) -> Position {
        self.acked
    }

    /// The window that everything belongs to which was marked up to now and is not of an earlier one.
    pub(crate) fn latest(&self) -> Ticket {
        self.number(self.windows.len() - 1)
    }

    /// True when everything that was marked when there were so many marks and the window was the latest is final.
    pub(crate) fn is_done(&self, latest: Ticket, marks: u64) -> bool {
        let windows = self.windows.iter().take(self.index(latest).saturating_add(1));
        let gone = self.index(latest) >= self.windows.len();
        self.looked_at >= marks && (gone || windows.into_iter().all(|window| window.outstanding == 0))
    }

    fn advance(&mut self) {
        loop {
            if self.windows.len() < TICKET_WINDOWS
                && let Some((position, mark)) = self.closing.take()
                && let Some(open) = self.windows.back_mut()
            {
                (open.position, open.mark) = (position, mark);
                self.windows.push_back(Window::OPEN);
            }
            let front = self.windows[0];
            if front.outstanding > 0 || front.mark > self.looked_at {
                return;
            }
            self.windows.pop_front();
            self.acked = self.acked.max(front.position);
            self.first = next(self.first);
            self.current = self.current.saturating_sub(1);
        }
    }

    fn number(&self, at: usize) -> Ticket {
        // Numbers come round after four billion windows; few are in use at a time, and zero never is.
        let number = u64::from(self.first) + at as u64;
        let most = u64::from(u32::MAX);
        (if number > most { number - most } else { number }) as Ticket
    }

    #[inline]
    fn index(&self, ticket: Ticket) -> usize {
        let behind = ticket.wrapping_sub(self.first);
        // A number that is smaller than the first one has come round, past zero.
        (if ticket < self.first { behind.wrapping_sub(1) } else { behind }) as usize
    }
}

fn before(ticket: Ticket) -> Ticket {
    if ticket == 1 { u32::MAX } else { ticket - 1 }
}

fn next(ticket: Ticket) -> Ticket {
    ticket.checked_add(1).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_waits_for_every_row_of_every_window_up_to_it() {
        let mut tickets = Tickets::default();
        tickets.close(Position(10), 2);
        assert_eq!(tickets.acked(), Position(0), "two rows are to be looked at");
        let one = tickets.look();
        tickets.take(one);
        assert_eq!(tickets.look(), one);
        assert_eq!(tickets.acked(), Position(0), "one of them is not final");
        tickets.close(Position(20), 3);
        let two = tickets.look();
        assert_ne!(one, two);
        tickets.close(Position(30), 3);
        assert_eq!(tickets.acked(), Position(0), "what is done behind it does not count yet");
        tickets.give_back(one);
        assert_eq!(tickets.acked(), Position(30));
    }

    #[test]
    fn what_is_looked_at_before_its_window_is_closed_counts_to_it() {
        let mut tickets = Tickets::default();
        let open = tickets.look();
        tickets.take(open);
        tickets.close(Position(5), 1);
        assert_eq!(tickets.acked(), Position(0));
        tickets.give_back(open);
        assert_eq!(tickets.acked(), Position(5));
    }

    #[test]
    fn a_sync_begins_at_zero_and_what_was_not_final_holds_it_back() {
        let mut tickets = Tickets::default();
        let old = tickets.look();
        tickets.take(old);
        tickets.close(Position(500), 1);
        tickets.begin();
        tickets.close(Position(3), 1);
        assert_eq!(tickets.acked(), Position(0));
        tickets.give_back(old);
        assert_eq!(tickets.acked(), Position(3), "and not 500, which is a position of before");
    }

    #[test]
    fn a_slow_asic_costs_few_windows_and_the_last_position_is_reached_all_the_same() {
        let mut tickets = Tickets::default();
        let mut held = Vec::new();
        for n in 0..10 * TICKET_WINDOWS as u64 {
            let ticket = tickets.look();
            tickets.take(ticket);
            held.push(ticket);
            tickets.close(Position(n + 1), n + 1);
        }
        assert_eq!(tickets.windows.len(), TICKET_WINDOWS);
        for (nth, ticket) in held.iter().enumerate() {
            assert!(tickets.acked() <= Position(nth as u64), "nothing of row {nth} was final");
            tickets.give_back(*ticket);
        }
        assert_eq!(tickets.acked(), Position(10 * TICKET_WINDOWS as u64));
        assert_eq!(tickets.windows.len(), 1);
    }

    #[test]
    fn what_was_acknowledged_is_taken_back_and_waits_for_what_is_in_doubt() {
        let mut tickets = Tickets { first: 1, ..Tickets::default() };
        tickets.look();
        tickets.close(Position(10), 1);
        assert_eq!(tickets.acked(), Position(10));
        let open = tickets.look();
        tickets.take(open);
        let doubt = tickets.retreat();
        tickets.take(doubt);
        assert_eq!(tickets.acked(), Position(0));
        assert_eq!(tickets.latest(), open, "what changes from now on is not part of it");
        tickets.close(Position(20), 2);
        tickets.give_back(open);
        assert_eq!(tickets.acked(), Position(0));
        tickets.give_back(doubt);
        assert_eq!(tickets.acked(), Position(20));
        // With nothing in doubt, nothing is taken back for long; and one doubt may follow another.
        let (one, two) = (tickets.retreat(), tickets.retreat());
        assert_ne!(one, two);
        assert_eq!(tickets.acked(), Position(20));
    }

    #[test]
    fn numbers_come_round_past_zero() {
        let mut tickets = Tickets { first: u32::MAX - 1, ..Tickets::default() };
        let mut held = Vec::new();
        for n in 1..=4 {
            let ticket = tickets.look();
            tickets.take(ticket);
            held.push(ticket);
            tickets.close(Position(n), n);
        }
        assert_eq!(held, [u32::MAX - 1, u32::MAX, 1, 2]);
        for (n, ticket) in (1..).zip(held) {
            tickets.give_back(ticket);
            assert_eq!(tickets.acked(), Position(n));
        }
    }
}
