//! The two switches together: started, settled, compared.

use super::compare::{Comparison, compare};
use super::error::DemoError;
use super::hosts::OWN_ADDRESSES;
use super::patience::{LONG, Patience, Poll};
use super::progress::Progress;
use super::switch::Switch;
use super::world::{LEAVES, World};
use crate::show::reason_text;
use mlagsync::node::view::{Counters, SessionView};
use std::time::Duration;

/// A comparison that is not clean is made so often before it counts.
const ATTEMPTS: usize = 4;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(250);

/// The world and the two daemons in it.
pub(crate) struct Pair {
    /// Their daemons; before the world, so that they are gone when it goes.
    pub(crate) switches: [Switch; 2],
    /// The kernels.
    pub(crate) world: World,
    /// Whether to go on waiting.
    pub(crate) patience: Patience,
}

impl Pair {
    /// Starts both daemons.
    pub(crate) fn start(&mut self) -> Result<(), DemoError> {
        for number in [0, 1] {
            self.start_one(number)?;
        }
        Ok(())
    }

    /// Starts one daemon.
    pub(crate) fn start_one(&mut self, number: usize) -> Result<(), DemoError> {
        self.switches[number].start(&self.world.leaves[number].ns, &self.patience)
    }

    /// Waits until both daemons have learned everything that their kernels know.
    pub(crate) fn await_learned(&mut self, expected: [u64; 2], progress: &Progress) -> Result<(), DemoError> {
        let patience = self.patience.clone();
        let total = expected[0] + expected[1];
        patience.until("the two daemons to learn what their kernels know", LONG, || {
            let [one, two] = &mut self.switches;
            let learned = [one.counters()?.local, two.counters()?.local];
            if learned == expected.map(|own| own + OWN_ADDRESSES) {
                return Ok(Poll::Ready(()));
            }
            progress.at(learned.iter().sum(), total);
            Ok(Poll::NotYet(format!("{learned:?} of {expected:?}, and {OWN_ADDRESSES} own addresses each")))
        })
    }

    /// How many neighbours each kernel has.
    pub(crate) fn kernel_counts(&mut self) -> Result<[u64; 2], DemoError> {
        let [one, two] = &mut self.world.leaves;
        Ok([one.neighbors()?.len() as u64, two.neighbors()?.len() as u64])
    }

    /// Waits until both kernels have as many neighbours as they should.
    pub(crate) fn await_kernels(&mut self, expected: [u64; 2]) -> Result<(), DemoError> {
        let patience = self.patience.clone();
        patience.until("the kernels to resolve the hosts", LONG, || {
            let counts = self.kernel_counts()?;
            if counts == expected {
                return Ok(Poll::Ready(()));
            }
            Ok(Poll::NotYet(format!("{counts:?} of {expected:?} neighbours")))
        })
    }

    /// Waits until each switch has learned what its kernel has, has been told of everything by the other, and knows of
    /// every entry what the ASIC made of it.
    ///
    /// What the ASIC refused is settled as well: the comparison tells.
    pub(crate) fn settle(
        &mut self,
        expected: [u64; 2],
        progress: &Progress,
    ) -> Result<[Counters; 2], DemoError> {
        let patience = self.patience.clone();
        let total = expected[0] + expected[1];
        patience.until("the two switches to synchronise", LONG, || {
            let [one, two] = &mut self.switches;
            let sessions = [one.session()?, two.session()?];
            let counters = [one.counters()?, two.counters()?];
            let settled = [0, 1]
                .map(|own| is_settled(&sessions[own], &counters[own], expected[own], expected[1 - own]));
            if settled == [true, true] {
                return Ok(Poll::Ready(counters));
            }
            progress.at(counters.iter().map(|counters| counters.programmed).sum(), total);
            let states = [0, 1].map(|own| state(LEAVES[own], &sessions[own], &counters[own], expected[own]));
            Ok(Poll::NotYet(states.join("; ")))
        })
    }

    /// Compares each kernel with the other switch's ASIC.
    pub(crate) fn compare(&mut self, when: &'static str) -> Result<[Comparison; 2], DemoError> {
        Ok([self.compare_one(0, when)?, self.compare_one(1, when)?])
    }

    fn compare_one(&mut self, learner: usize, when: &'static str) -> Result<Comparison, DemoError> {
        let mut attempts = 0;
        loop {
            let kernel = self.world.leaves[learner].neighbors()?;
            let dump = self.switches[1 - learner].asic()?;
            let found = compare(&kernel, &dump.rows);
            attempts += 1;
            // A kernel may let go of a host that it resolved at any moment; what stays wrong is wrong.
            if found.is_clean() || attempts == ATTEMPTS {
                return Ok(Comparison {
                    when,
                    kernel_of: LEAVES[learner],
                    asic_of: LEAVES[1 - learner],
                    ..found
                });
            }
            self.patience.check()?;
            std::thread::park_timeout(BETWEEN_ATTEMPTS);
        }
    }

    /// Has both daemons say goodbye.
    pub(crate) fn stop(&mut self) {
        for switch in &mut self.switches {
            switch.stop(&self.patience);
        }
    }
}

fn is_settled(session: &SessionView, counters: &Counters, own: u64, peers: u64) -> bool {
    let told_everything = counters.local == own + OWN_ADDRESSES && counters.remote == peers + OWN_ADDRESSES;
    // The gateways are the same on both switches, so each refuses to have them for hosts.
    let all_judged = counters.wanted + counters.refused >= counters.remote;
    let final_in_asic = counters.programmed + counters.parked >= counters.wanted;
    session.up && session.received_end && told_everything && all_judged && final_in_asic
}

fn state(name: &str, session: &SessionView, counters: &Counters, own: u64) -> String {
    let session = match (session.up, &session.reason) {
        (true, _) => "up".to_owned(),
        (false, Some(reason)) => format!("down, {}", reason_text(reason)),
        (false, None) => "down".to_owned(),
    };
    format!(
        "{name} is {session}, learned {} of {}, received {}, programmed {} of {}, {} refused or parked",
        counters.local,
        own + OWN_ADDRESSES,
        counters.remote,
        counters.programmed,
        counters.wanted,
        counters.refused + counters.parked
    )
}
