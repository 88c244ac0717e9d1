//! What the process holds: whether the library is initialised, with which profile, and its switches.
//!
//! Each switch has its own lock; the lock of the world is held only to find it, so that tests on different switches
//! do not wait for each other, and a call that hangs keeps nobody from looking.
//!
//! Invariant: no unsafe; a lock that a panic poisoned is taken all the same, because the panic was answered with
//! FAILURE and the next call is judged afresh.

use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use sai_sys::Status;

use crate::abi::services::Services;
use crate::control;
use crate::hang::Gate;
use crate::misuse::{Counts, Kind, NOWHERE};
use crate::oid::Oid;
use crate::profile::Settings;
use crate::refusal::Result;
use crate::switch::Switch;
use crate::trace::{self, Tape};

/// A switch with what must be reachable while its lock is held.
pub(crate) struct Cell {
    switch: Mutex<Switch>,
    pub(crate) id: u64,
    pub(crate) gate: Arc<Gate>,
    pub(crate) misuse: Arc<Counts>,
    /// A client's call is being worked on.
    is_called: AtomicBool,
    /// Path of the control socket.
    control: Option<PathBuf>,
    /// Where its calls are written down.
    pub(crate) tape: Option<Arc<Tape>>,
    /// SWITCH_HARDWARE_INFO, which tells the switches of a process apart.
    pub(crate) hardware: Vec<u8>,
}

impl Drop for Cell {
    fn drop(&mut self) {
        if let Some(path) = &self.control {
            control::close(path);
        }
    }
}

impl Cell {
    /// Waits for the switch.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Switch> {
        self.switch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the switch as a client's call does, which must not find another one there.
    #[inline]
    pub(crate) fn enter(&self) -> Inside<'_> {
        let switch = match self.switch.try_lock() {
            Ok(switch) => switch,
            Err(TryLockError::Poisoned(error)) => error.into_inner(),
            Err(TryLockError::WouldBlock) => {
                // Tests and the control socket may look at any time.
                if self.is_called.load(Ordering::Relaxed) {
                    self.misuse.note(Kind::TwoThreads);
                }
                self.lock()
            }
        };
        self.is_called.store(true, Ordering::Relaxed);
        Inside { switch, is_called: &self.is_called }
    }
}

/// A switch that a client's call works on.
pub(crate) struct Inside<'a> {
    switch: MutexGuard<'a, Switch>,
    is_called: &'a AtomicBool,
}

impl Deref for Inside<'_> {
    type Target = Switch;

    #[inline]
    fn deref(&self) -> &Switch {
        &self.switch
    }
}

impl DerefMut for Inside<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Switch {
        &mut self.switch
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        // Before the lock is given back: the fields go after this.
        self.is_called.store(false, Ordering::Relaxed);
    }
}

/// What an initialised library knows.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) services: Services,
    pub(crate) settings: Settings,
    /// Where calls are written down that are for no switch.
    pub(crate) tape: Option<Arc<Tape>>,
}

#[derive(Default)]
struct World {
    session: Option<Session>,
    /// There was a session, and it is over.
    has_ended: bool,
    /// By index, from 1. An index is never given twice.
    switches: Vec<Option<Arc<Cell>>>,
}

static WORLD: Mutex<World> = Mutex::new(World { session: None, has_ended: false, switches: Vec::new() });

fn world() -> MutexGuard<'static, World> {
    WORLD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Opens the trace that a profile asks for.
pub(crate) fn tape(settings: &Settings) -> Result<Option<Arc<Tape>>> {
    let Some(path) = &settings.trace else { return Ok(None) };
    trace::open(path).map(Some).map_err(|error| {
        eprintln!("SAI_SIM: SAI_SIM_TRACE: {}: {error}", path.display());
        Status::FAILURE
    })
}

/// Initialises the library, if it is not.
pub(crate) fn initialize(session: Session) -> Result<()> {
    let mut world = world();
    if world.session.is_some() {
        return Err(Status::FAILURE);
    }
    NOWHERE.follow(session.settings.misuse);
    world.session = Some(session);
    world.has_ended = false;
    Ok(())
}

/// Forgets everything.
pub(crate) fn uninitialize() -> Result<()> {
    let mut world = world();
    world.session.take().ok_or(Status::UNINITIALIZED)?;
    world.has_ended = true;
    let gone: Vec<_> = world.switches.iter_mut().filter_map(Option::take).collect();
    drop(world);
    drop(gone);
    Ok(())
}

/// The session, or UNINITIALIZED.
pub(crate) fn session() -> Result<Session> {
    world().session.clone().ok_or(Status::UNINITIALIZED)
}

/// Notes a refusal that only misuse gets: the library has ended, or the switch is gone.
pub(crate) fn blame<R>(result: Result<R>) -> Result<R> {
    match result {
        Err(Status::UNINITIALIZED) if world().has_ended => NOWHERE.note(Kind::AfterEnd),
        Err(Status::ITEM_NOT_FOUND) => NOWHERE.note(Kind::StaleSwitch),
        _ => {}
    }
    result
}

/// Is the library initialised?
pub(crate) fn is_initialized() -> bool {
    world().session.is_some()
}

/// Adds a switch, which `boot` makes once its index is known: the one it had before, if it comes back. No two have the
/// same hardware info.
pub(crate) fn add(
    hardware: Vec<u8>,
    wanted: Option<u16>,
    boot: impl FnOnce(u16) -> Result<Switch>,
) -> Result<u64> {
    let mut world = world();
    if world.session.is_none() {
        return Err(Status::UNINITIALIZED);
    }
    if world.switches.iter().flatten().any(|cell| cell.hardware == hardware) {
        return Err(Status::ITEM_ALREADY_EXISTS);
    }
    let index = match wanted {
        Some(index) => index,
        None => u16::try_from(world.switches.len() + 1).map_err(|_| Status::INSUFFICIENT_RESOURCES)?,
    };
    let place = usize::from(index).checked_sub(1).ok_or(Status::INVALID_NV_STORAGE)?;
    if world.switches.get(place).is_some_and(Option::is_some) {
        return Err(Status::ITEM_ALREADY_EXISTS);
    }
    let switch = boot(index)?;
    let tape = tape(&switch.settings)?;
    let (id, gate, misuse) = (switch.id.id(), Arc::clone(&switch.gate), Arc::clone(&switch.misuse));
    misuse.follow(switch.settings.misuse);
    let control = switch.settings.control.clone();
    if let Some(path) = &control {
        control::serve(path, id).map_err(|error| {
            eprintln!("SAI_SIM: SAI_SIM_CONTROL: {}: {error}", path.display());
            Status::FAILURE
        })?;
    }
    if world.switches.len() <= place {
        world.switches.resize_with(place + 1, || None);
    }
    let (switch, is_called) = (Mutex::new(switch), AtomicBool::new(false));
    world.switches[place] =
        Some(Arc::new(Cell { switch, id, gate, misuse, is_called, control, tape, hardware }));
    Ok(id)
}

/// Takes a switch out.
pub(crate) fn remove(id: u64) -> Result<()> {
    let cell = {
        let mut world = world();
        let index = index(&world, id)?;
        world.switches[index].take().ok_or(Status::ITEM_NOT_FOUND)?
    };
    cell.gate.release();
    Ok(())
}

/// The switch that any id of its objects belongs to.
pub(crate) fn find(id: u64) -> Result<Arc<Cell>> {
    let world = world();
    let index = index(&world, id)?;
    world.switches[index].as_ref().map(Arc::clone).ok_or(Status::ITEM_NOT_FOUND)
}

fn index(world: &World, id: u64) -> Result<usize> {
    if world.session.is_none() {
        return Err(Status::UNINITIALIZED);
    }
    let index = Oid::parse(id).ok_or(Status::INVALID_PARAMETER)?.switch as usize - 1;
    if index < world.switches.len() { Ok(index) } else { Err(Status::ITEM_NOT_FOUND) }
}

/// The switch with this hardware info.
pub(crate) fn with_hardware(hardware: &[u8]) -> Option<Arc<Cell>> {
    world().switches.iter().flatten().find(|cell| cell.hardware == hardware).map(Arc::clone)
}

/// Every switch.
pub(crate) fn all() -> Vec<Arc<Cell>> {
    world().switches.iter().flatten().map(Arc::clone).collect()
}
