//! Queues of ports: ids that a port names in its queue list, there as long as the port is.
//!
//! Clients read the list at start, and some refuse a port that has none.
//!
//! Invariant: a queue has no rows; a method table of queues does not exist, so nobody looks into one.

use sai_sys::sai_object_type_t as T;

use super::Switch;
use crate::object::Object;
use crate::refusal::Result;
use crate::value::Value;

/// Queues of every port, the CPU's too.
pub(crate) const QUEUES: u64 = 8;

/// The attribute of a queue that names its port.
pub(super) const PORT: u32 = 1;

const QUEUE: T = T::SAI_OBJECT_TYPE_QUEUE;

impl Switch {
    /// Gives a new port its queues.
    pub(crate) fn add_queues(&mut self, port: u64) -> Result<()> {
        for _ in 0..QUEUES {
            let id = self.next_id(QUEUE)?.id();
            self.touch_object(id);
            self.insert(id, Object { attrs: vec![(PORT, Value::Num(port))], users: 1 });
        }
        Ok(())
    }

    /// Takes the queues of a port that goes.
    pub(crate) fn drop_queues(&mut self, port: u64) {
        for id in self.queues(port) {
            self.touch_object(id);
            self.take_out(id);
        }
    }

    /// Queues of a port.
    pub(crate) fn queues(&self, port: u64) -> Box<[u64]> {
        self.with(QUEUE, PORT, port).map(|(id, _)| id).collect()
    }
}
