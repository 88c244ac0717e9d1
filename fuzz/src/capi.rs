//! Calls of the C ABI, in any order, with any values in their structs.
//!
//! Of pointers each is NULL or points to what its function takes, with any struct_size, count and length that lie in that
//! memory, or that are refused before it is looked at; handles are good, freed, or made up. What makes files is left out.
#![allow(clippy::multiple_unsafe_ops_per_block, reason = "one call of many, whichever the bytes say")]

use super::bytes::Bytes;
use mlagsync::capi::*;
use std::ffi::{c_char, c_void};
use std::ptr::{null, null_mut};

/// Memory that every struct is in, with room behind it.
const ROOM: usize = 4096;

/// Aligned for every struct; what it holds is the fuzzer's.
#[repr(C, align(16))]
struct Memory([u8; ROOM]);

impl Memory {
    fn from(bytes: &mut Bytes<'_>) -> Memory {
        let mut memory = Memory([0; ROOM]);
        let length = usize::from(bytes.byte());
        let taken = bytes.take(length);
        memory.0[..taken.len()].copy_from_slice(taken);
        memory
    }

    /// The struct in it, its size what it is in most cases and always inside of the memory.
    fn sized<T>(&mut self, bytes: &mut Bytes<'_>) -> *mut T {
        let size = match bytes.byte() {
            0..=199 => size_of::<T>() as u32,
            200..=229 => u32::from(bytes.word()) % ROOM as u32,
            230..=239 => 0,
            _ => return null_mut(),
        };
        self.0[..4].copy_from_slice(&size.to_ne_bytes());
        self.0.as_mut_ptr().cast()
    }

    fn plain<T>(&mut self, bytes: &mut Bytes<'_>) -> *mut T {
        if bytes.byte() > 239 { null_mut() } else { self.0.as_mut_ptr().cast() }
    }

    /// A text: a zero stands at the end of the memory.
    fn text(&mut self, bytes: &mut Bytes<'_>) -> *const c_char {
        self.0[ROOM - 1] = 0;
        self.plain::<c_char>(bytes).cast_const()
    }
}

/// A count that the memory holds for elements of up to 256 bytes, or one that is refused.
fn count(bytes: &mut Bytes<'_>) -> usize {
    match bytes.byte() {
        few @ 0..=15 => few.into(),
        16..=239 => 1,
        240..=247 => usize::MAX,
        _ => (1 << 20) + 1,
    }
}

unsafe extern "C" fn query(_: i32, _: *mut *mut c_void) -> i32 {
    // SAI_STATUS_NOT_IMPLEMENTED: there is no ASIC behind it.
    -2
}

unsafe extern "C" fn version(to: *mut u64) -> i32 {
    // SAFETY: SAI's caller gives a place.
    unsafe { to.write(11_801) };
    0
}

fn function(address: *const ()) -> mlagsync_function_t {
    // SAFETY: a function's address, under the type that stands for every function.
    Some(unsafe { std::mem::transmute::<*const (), unsafe extern "C" fn()>(address) })
}

/// What the program holds.
#[derive(Default)]
struct Program {
    builders: Vec<usize>,
    handles: Vec<usize>,
    /// Freed names, which are tried again.
    gone: Vec<usize>,
    starts: u32,
}

impl Program {
    fn name(&self, bytes: &mut Bytes<'_>, from: &[usize]) -> usize {
        let index = usize::from(bytes.byte());
        match bytes.byte() {
            0..=219 => from.get(index % from.len().max(1)).copied().unwrap_or(0),
            220..=235 => self.gone.get(index % self.gone.len().max(1)).copied().unwrap_or(1),
            _ => bytes.number() as usize,
        }
    }
}

/// Calls, until the bytes end; then everything that is left is ended.
pub fn capi(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let mut program = Program::default();
    while !bytes.is_empty() {
        let mut memory = Memory::from(&mut bytes);
        let result = match bytes.below(8) {
            0 => build(&mut program, &mut memory, &mut bytes),
            1 => set(&program, &mut memory, &mut bytes),
            2 => life(&mut program, &mut bytes),
            3 => tell(&program, &mut memory, &mut bytes),
            4 | 5 => hear(&program, &mut memory, &mut bytes),
            6 => show(&program, &mut memory, &mut bytes),
            _ => configure(&program, &mut memory, &mut bytes),
        };
        assert!((MLAGSYNC_E_PANIC + 1..=MLAGSYNC_LEFT_BEHIND).contains(&result), "result {result}");
    }
    for handle in program.handles {
        // SAFETY: a name.
        assert_eq!(unsafe { mlagsync_free(std::ptr::without_provenance_mut(handle)) }, MLAGSYNC_OK);
    }
    for builder in program.builders {
        // SAFETY: a name.
        assert_eq!(unsafe { mlagsync_builder_free(std::ptr::without_provenance_mut(builder)) }, MLAGSYNC_OK);
    }
}

fn build(program: &mut Program, memory: &mut Memory, bytes: &mut Bytes<'_>) -> i32 {
    let mut builder = null_mut();
    // SAFETY: a text that ends, and a place.
    let made = unsafe { mlagsync_builder_new(memory.text(bytes), &raw mut builder) };
    if made == MLAGSYNC_OK {
        program.builders.push(builder.addr());
        let mut sai = [0u8; size_of::<mlagsync_sai_t>()];
        sai[..4].copy_from_slice(&(size_of::<mlagsync_sai_t>() as u32).to_ne_bytes());
        // SAFETY: all zeros is such a struct.
        let mut sai: mlagsync_sai_t = unsafe { sai.as_ptr().cast::<mlagsync_sai_t>().read_unaligned() };
        (sai.switch_oid, sai.api_query) = (1, function(query as *const ()));
        sai.query_api_version = function(version as *const ());
        // SAFETY: a struct that is there.
        assert_eq!(unsafe { mlagsync_builder_sai(builder, &sai) }, MLAGSYNC_OK);
    }
    made
}

fn set(program: &Program, memory: &mut Memory, bytes: &mut Bytes<'_>) -> i32 {
    let builder = std::ptr::without_provenance_mut(program.name(bytes, &program.builders));
    let (number, other) = (bytes.word().cast_signed().into(), bytes.number());
    let text = memory.text(bytes);
    let second = if bytes.byte() > 127 { null() } else { text };
    // SAFETY: texts that end, and lengths that lie in the memory or are refused.
    unsafe {
        match bytes.below(12) {
            0 => mlagsync_builder_model(builder, text, second),
            1 => mlagsync_builder_node_id(builder, other),
            2 => mlagsync_builder_ownership(builder, number),
            3 => mlagsync_builder_fdb(builder, number),
            4 => mlagsync_builder_lifetimes(builder, other as u32, bytes.word().into()),
            5 => mlagsync_builder_restart_time(builder, other as u32),
            6 => mlagsync_builder_vpn_instance(builder, text, second, null()),
            7 => mlagsync_builder_configuration(builder, text, usize::from(bytes.word()) % ROOM),
            8 => mlagsync_builder_limits(builder, memory.sized(bytes)),
            9 => mlagsync_builder_vrf_hosts(builder, second, other),
            10 => mlagsync_builder_interface_hosts(builder, memory.plain(bytes), other),
            _ => mlagsync_builder_calls_on_nos_thread(builder),
        }
    }
}

fn life(program: &mut Program, bytes: &mut Bytes<'_>) -> i32 {
    let what = bytes.below(6);
    if what < 2 && program.starts < 3 {
        let builder = program.name(bytes, &program.builders);
        let mut handle = null_mut();
        program.starts += 1;
        // SAFETY: a name, and a place.
        let started = unsafe { mlagsync_start(std::ptr::without_provenance_mut(builder), &raw mut handle) };
        if started == MLAGSYNC_OK {
            program.handles.push(handle.addr());
        }
        return started;
    }
    let (name, is_builder) = match what {
        2 => (program.name(bytes, &program.builders), true),
        _ => (program.name(bytes, &program.handles), false),
    };
    // SAFETY: names, whatever they name.
    unsafe {
        match what {
            2 | 3 => {
                let freed = match is_builder {
                    true => mlagsync_builder_free(std::ptr::without_provenance_mut(name)),
                    false => mlagsync_free(std::ptr::without_provenance_mut(name)),
                };
                if freed >= 0 {
                    program.builders.retain(|other| *other != name);
                    program.handles.retain(|other| *other != name);
                    program.gone.push(name);
                }
                freed
            }
            4 => mlagsync_run_batches(std::ptr::without_provenance_mut(name), 0, &mut 0),
            _ => mlagsync_stop(std::ptr::without_provenance_mut(name), 10_000),
        }
    }
}

fn tell(program: &Program, memory: &mut Memory, bytes: &mut Bytes<'_>) -> i32 {
    let handle = std::ptr::without_provenance_mut(program.name(bytes, &program.handles));
    let number = u32::from(bytes.word());
    // Pointers in a struct are the fuzzer's numbers otherwise: they point behind the struct, or nowhere.
    let behind = memory.0[2048..].as_ptr();
    // SAFETY: structs in the memory, and what they point to too.
    unsafe {
        match bytes.below(10) {
            0 | 1 => {
                let binding = memory.sized::<mlagsync_binding_t>(bytes);
                if let Some(binding) = binding.as_mut() {
                    (binding.addresses, binding.address_count) = (behind.cast(), (bytes.byte() % 64).into());
                }
                mlagsync_bind(handle, binding)
            }
            2 => mlagsync_unbind(handle, memory.plain(bytes)),
            3 => mlagsync_member(handle, memory.sized(bytes)),
            4 => mlagsync_member_gone(handle, number),
            5 => {
                let link = memory.sized::<mlagsync_peer_link_t>(bytes);
                if let Some(link) = link.as_mut() {
                    (link.next_hops, link.next_hop_count) = (behind.cast(), (bytes.byte() % 8).into());
                }
                mlagsync_peer_link(handle, link)
            }
            6 => mlagsync_asic(handle, number.cast_signed()),
            7 => mlagsync_lifetimes(handle, number, 0),
            8 => mlagsync_dump_begin(handle),
            _ => mlagsync_local_complete(handle),
        }
    }
}

fn hear(program: &Program, memory: &mut Memory, bytes: &mut Bytes<'_>) -> i32 {
    let handle = std::ptr::without_provenance_mut(program.name(bytes, &program.handles));
    let (many, mut taken) = (count(bytes), 0);
    // Elements that grow are as many as the memory holds of the largest that it may say.
    let one = if many > 15 { many } else { many.min(1) };
    // SAFETY: as many elements as the memory has, or a count that is refused.
    unsafe {
        match bytes.below(6) {
            0 => mlagsync_learned(handle, memory.sized(bytes), one, 0, &raw mut taken),
            1 => mlagsync_static(handle, memory.plain(bytes), many, 0, &raw mut taken),
            2 => mlagsync_confirmed(handle, memory.plain(bytes), many, 0, &raw mut taken),
            3 => mlagsync_forgotten(handle, memory.plain(bytes), many, 0, &raw mut taken),
            4 => mlagsync_unanswered(handle, memory.plain(bytes), many, 0, &raw mut taken),
            _ => mlagsync_fdb(handle, memory.sized(bytes), one, 0, &raw mut taken),
        }
    }
}

fn show(program: &Program, memory: &mut Memory, bytes: &mut Bytes<'_>) -> i32 {
    let handle = std::ptr::without_provenance_mut(program.name(bytes, &program.handles));
    let (mut cursor, mut written) = (bytes.number(), 0);
    let mut rows = Memory([0; ROOM]);
    let row = rows.0.as_mut_ptr();
    let (size, capacity) = (usize::from(bytes.byte()), usize::from(bytes.byte() % 16));
    // SAFETY: structs in the memory; rows of up to 255 bytes, 15 of them; a buffer of what is said.
    unsafe {
        match bytes.below(10) {
            0 => mlagsync_session(handle, memory.sized(bytes)),
            1 => mlagsync_counts(handle, memory.sized(bytes)),
            2 => mlagsync_next_event(handle, memory.sized(bytes), 0),
            3 => mlagsync_event_fd(handle, &mut 0),
            4 => {
                let filter = memory.sized(bytes);
                mlagsync_neighbors(
                    handle,
                    filter,
                    row.cast(),
                    size,
                    capacity,
                    &raw mut cursor,
                    &raw mut written,
                )
            }
            5 => {
                let filter = memory.sized(bytes);
                mlagsync_hosts(handle, filter, row.cast(), size, capacity, &raw mut cursor, &raw mut written)
            }
            6 => mlagsync_why(handle, memory.plain(bytes), row.cast(), size * 16, &raw mut written),
            7 => mlagsync_configuration(handle, row.cast(), size, &raw mut written),
            // It would wait for a SAI that nobody calls; it is refused before that.
            8 => mlagsync_repair(handle, memory.sized(bytes), null_mut()),
            _ => mlagsync_show(handle, size as i32 % 6, row.cast(), size * 16, &raw mut written),
        }
    }
}

fn configure(program: &Program, memory: &mut Memory, bytes: &mut Bytes<'_>) -> i32 {
    let handle = std::ptr::without_provenance_mut(program.name(bytes, &program.handles));
    let mut diagnostics = [0; 64];
    let (size, mut needed) = (usize::from(bytes.byte() % 65), 0);
    let buffer = diagnostics.as_mut_ptr();
    let length = usize::from(bytes.word()) % ROOM;
    // Only looked at: what is in force opens sockets.
    // SAFETY: a text of that length, a struct in the memory, and a buffer of what is said.
    unsafe {
        match bytes.below(3) {
            0 => mlagsync_configure_channel(handle, null(), buffer, size, &raw mut needed),
            _ => {
                let text = memory.text(bytes);
                mlagsync_configure(
                    handle,
                    text,
                    length,
                    MLAGSYNC_CONFIGURE_CHECK,
                    buffer,
                    size,
                    &raw mut needed,
                )
            }
        }
    }
}
