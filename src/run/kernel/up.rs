//! A kernel mirror as the platform file wants it.
//!
//! Invariant: opened before anything is started, so that a kernel that may not be written to is a reason not to start.

use super::outlet::KernelOutlet;
use super::{Bells, KernelConfig, KernelMirror};
use crate::limits;
use crate::run::StartError;
use crate::run::engine::bell;
use crate::run::platform::Platform;
use crate::run::platform::kernel::KernelWrites;
use crate::run::wake::Wake;
use crossbeam_channel::bounded;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Words and questions that wait for the kernel mirror.
const ORDERS_WAITING: usize = 256;

/// A kernel mirror that is ready to run, the core's end of it, and what is rung at the end.
pub(crate) struct KernelUp {
    pub(crate) mirror: KernelMirror,
    pub(crate) outlet: KernelOutlet,
    pub(crate) bell: Arc<Wake>,
}

impl KernelUp {
    /// Opens it, if the platform file asks for one.
    pub(crate) fn of(platform: &Platform, stop: &Arc<AtomicBool>) -> Result<Option<KernelUp>, StartError> {
        let Some(KernelWrites { mirror, refresh, protocol }) = platform.kernel_writes() else {
            return Ok(None);
        };
        let bells = Bells { orders: bell()?, end: bell()?, stop: stop.clone() };
        let bell = bells.end.clone();
        let (out, told) = bounded(limits::KERNEL_WORDS);
        let config = KernelConfig {
            interfaces: platform.interfaces.clone(),
            mirror,
            protocol,
            at_exit: platform.kernel_at_exit,
            receive_buffer: limits::NETLINK_BUFFER,
        };
        let opened = KernelMirror::open(config, bounded(ORDERS_WAITING), out, bells);
        let (mirror, handle) = opened.map_err(StartError::KernelMirror)?;
        Ok(Some(KernelUp { mirror, outlet: KernelOutlet::new(handle, told, refresh), bell }))
    }
}
