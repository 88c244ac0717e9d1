//! Handles: names of what a C program holds.
//!
//! ```text
//!  63            20 19      4 3  2 1 0
//!  | generation     | index   | 0 |kind|1|     an address that malloc gives is even: never a handle
//! ```
//!
//! A handle that was freed names a generation that is over, so that it is refused, and so is one of another kind or an
//! address. What is freed while another thread is inside lives until that thread is out.
//!
//! Invariant: a handle is never dereferenced.

use super::result::{Answer, Failure, MLAGSYNC_E_HANDLE, MLAGSYNC_E_SYSTEM};
use parking_lot::RwLock;
use std::sync::Arc;

/// Handles of one kind that are alive at once.
const MOST: usize = 1 << 16;
const INDEX_SHIFT: u32 = 4;
const GENERATION_SHIFT: u32 = 20;
/// 44 bits: at a million a second, half a year.
const GENERATIONS: u64 = 1 << (64 - GENERATION_SHIFT);

/// Everything of one kind that has a handle.
pub(super) struct Table<T> {
    /// Between 0 and 3, in the handle: a builder is no switch.
    kind: u64,
    name: &'static str,
    slots: RwLock<Vec<Slot<T>>>,
}

struct Slot<T> {
    generation: u64,
    held: Option<Arc<T>>,
}

impl<T> Table<T> {
    /// An empty one.
    pub(super) const fn new(kind: u64, name: &'static str) -> Self {
        Table { kind, name, slots: RwLock::new(Vec::new()) }
    }

    /// Gives it a handle.
    pub(super) fn insert(&self, value: Arc<T>) -> Answer<usize> {
        let mut slots = self.slots.write();
        let index = match slots.iter().position(|slot| slot.held.is_none()) {
            Some(index) => index,
            None if slots.len() < MOST => {
                slots.push(Slot { generation: 0, held: None });
                slots.len() - 1
            }
            None => {
                return Err(Failure::new(MLAGSYNC_E_SYSTEM, format!("there are {MOST} of {}s", self.name)));
            }
        };
        let slot = &mut slots[index];
        slot.generation = (slot.generation + 1) % GENERATIONS;
        slot.held = Some(value);
        let handle = slot.generation << GENERATION_SHIFT | (index as u64) << INDEX_SHIFT | self.kind << 1 | 1;
        Ok(handle as usize)
    }

    /// What it names.
    pub(super) fn find(&self, handle: usize) -> Answer<Arc<T>> {
        let slots = self.slots.read();
        let slot = self.index(&slots, handle)?;
        slots[slot].held.clone().ok_or_else(|| self.refusal())
    }

    /// Takes the name away. What it named lives until the last user is done.
    pub(super) fn remove(&self, handle: usize) -> Answer<Arc<T>> {
        let mut slots = self.slots.write();
        let slot = self.index(&slots, handle)?;
        slots[slot].held.take().ok_or_else(|| self.refusal())
    }

    fn index(&self, slots: &[Slot<T>], handle: usize) -> Answer<usize> {
        if handle == 0 {
            return Err(Failure::null(self.name));
        }
        let handle = handle as u64;
        let index = (handle >> INDEX_SHIFT) as usize & (MOST - 1);
        let ours = handle & 0b1111 == self.kind << 1 | 1;
        match slots.get(index) {
            Some(slot) if ours && slot.generation == handle >> GENERATION_SHIFT => Ok(index),
            _ => Err(self.refusal()),
        }
    }

    fn refusal(&self) -> Failure {
        Failure::new(MLAGSYNC_E_HANDLE, format!("this is no {}, or one that was freed", self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capi::result::MLAGSYNC_E_NULL;

    #[test]
    fn a_freed_handle_is_refused_even_when_its_place_is_taken_again() {
        let table = Table::new(1, "thing");
        let first = table.insert(Arc::new(1)).expect("room");
        assert_eq!(table.find(first).ok().as_deref(), Some(&1));
        assert_eq!(table.remove(first).ok().as_deref(), Some(&1));
        let second = table.insert(Arc::new(2)).expect("room");
        assert_ne!(first, second);
        assert_eq!(table.find(first).expect_err("freed").code, MLAGSYNC_E_HANDLE);
        assert_eq!(table.remove(first).expect_err("freed").code, MLAGSYNC_E_HANDLE);
        assert_eq!(table.find(second).ok().as_deref(), Some(&2));
    }

    #[test]
    fn what_is_no_handle_is_refused() {
        let (table, other) = (Table::new(1, "thing"), Table::new(2, "other thing"));
        let handle = table.insert(Arc::new(())).expect("room");
        other.insert(Arc::new(())).expect("room");
        assert_eq!(table.find(0).expect_err("NULL").code, MLAGSYNC_E_NULL);
        for wrong in [1, 2, 8, 0x7fff_1234_5670, usize::MAX, handle + 1, handle ^ 8, handle + (1 << 20)] {
            assert_eq!(table.find(wrong).expect_err("no handle").code, MLAGSYNC_E_HANDLE, "{wrong:#x}");
        }
        assert_eq!(other.find(handle).expect_err("another kind").code, MLAGSYNC_E_HANDLE);
    }
}
