//! Every bound of the house, each with its reason.
//!
//! Invariant: a number that limits something is stated here and nowhere else.

use std::time::Duration;

/// A channel's silence on either side ends the session after this; the larger of both ends' values counts.
pub const HOLD: Duration = Duration::from_secs(5);
/// A byte at least this often keeps the other side's hold timer from running out four times over.
pub const KEEPALIVE: Duration = Duration::from_secs(1);
/// First pause before the channel is dialled again.
pub const BACKOFF_MIN: Duration = Duration::from_millis(100);
/// Longest pause while the peer's address answers at all (refused, reset): its daemon may be back any moment.
pub const BACKOFF_MAX_ANSWERED: Duration = Duration::from_millis(800);
/// Longest pause while nothing answers: the path is down, hurrying helps nobody.
pub const BACKOFF_MAX_SILENT: Duration = Duration::from_secs(5);
/// A connection that has not completed its HELLO by then is closed.
pub const HELLO_TIMEOUT: Duration = Duration::from_secs(3);
/// A dial that was not answered by then is given up: long enough for one repeated SYN.
pub const DIAL_TIMEOUT: Duration = Duration::from_secs(3);
/// Pause before listening is tried again after it failed: who has the port may let go of it.
pub const LISTEN_RETRY: Duration = Duration::from_secs(1);
/// The side that waits to be dialled says after this that nobody does, and again each time the wait has doubled. Twice
/// what the other side needs at its slowest.
pub const NOBODY_DIALS: Duration = Duration::from_secs(12);
/// How long the old channel outlives a change of its configuration while the new one is being made (PL-17).
pub const REPLACE_GRACE: Duration = Duration::from_secs(60);
/// Shortest hold time in force, whatever both sides say: below it a scheduling pause would pass for a dead peer.
pub const HOLD_MIN: Duration = Duration::from_millis(300);
/// Longest hold time that a peer may impose on us: beyond it a dead peer would look alive for too long.
pub const HOLD_MAX: Duration = Duration::from_secs(600);
/// Called later than promised by more than this, the session takes the difference for time in which it was not run, and
/// does not count it as the peer's silence.
pub const LATE: Duration = Duration::from_millis(250);
/// Connections that may wait for their HELLO at once; the oldest goes when another comes.
pub const MAX_PENDING: usize = 2;
/// On a slow link, a frame is cut to what the link takes in this time: it counts only when all of it is there.
pub const FRAME_TIME: Duration = Duration::from_millis(100);
/// On a slow link, a window of changes, and what is handed to the kernel ahead of it, is cut to what the link takes in
/// this time: a position that is reached survives the connection.
pub const WINDOW_TIME: Duration = Duration::from_secs(1);
/// Changes in one window at least, however slow the link: fewer would be all headers.
pub const WINDOW_LEAST: usize = 64;
/// The link's rate is measured over this much time in which it had something to take, …
pub const RATE_SAMPLE: Duration = Duration::from_millis(100);
/// … or over this many bytes, if they are taken sooner.
pub const RATE_SAMPLE_BYTES: u64 = 256 * 1024;
/// Longest frame that both sides can agree on.
pub const MAX_FRAME_AGREED: usize = 512 * 1024;
/// Longest frame, unless both sides agreed on more.
pub const MAX_FRAME: usize = 64 * 1024;
/// Longest frame before the peer's HELLO was accepted: a stranger makes us hold no more than this.
pub const MAX_FRAME_PENDING: usize = 512;
/// Bytes handed to the socket's writer and not yet taken by the kernel. What is on its way cannot be overtaken: with
/// [`NOT_SENT`], [`RECEIVE_BUFFER`] and what waits for the other core, it is what a change waits behind in the midst of a
/// full sync. All of them together are a few milliseconds of a receiver's work, at 20 ns a byte; and still more than
/// a network between the two switches of a pair holds.
pub const WRITE_WINDOW: usize = 64 * 1024;
/// Free bytes in the write window that are worth encoding another window for: fewer make for small frames.
pub const WRITE_ROOM: usize = 32 * 1024;
/// Changes that leave the cursor in one window, grouped by kind.
pub const WINDOW_CHANGES: usize = 4096;
/// Changed claims that wait to be told before their turn: a burst of moves, not a table that changes as a whole. What
/// comes beyond is told in its turn.
pub const EARLY_WAITING: usize = 256;
/// One part in so many of a window may be told ahead of it, so that the order goes on under any churn.
pub const EARLY_SHARE: usize = 8;
/// Claims that a full sync names before it comes to their places; they are remembered until the next one.
pub const EARLY_ROWS: usize = 4096;
/// Smallest first batch to the ASIC.
pub const BATCH_FIRST: usize = 16;
/// Largest batch to the ASIC: one call must not hold the table for long.
pub const BATCH_MAX: usize = 4096;
/// A batch is sized so that the ASIC is measured to need at most this long for it. An urgent change may wait behind
/// [`BATCHES_IN_FLIGHT`] of them; at 20 us a call, what is called for is still 99 parts in a hundred of it.
pub const BATCH_ASIC_TIME: Duration = Duration::from_micros(1500);
/// Batches handed to the SAI thread and not answered: one running, one ready behind it.
pub const BATCHES_IN_FLIGHT: usize = 2;
/// Deletions remembered for a peer that has not been told of them. Beyond it the oldest is forgotten and the peer is
/// synchronised in full once more: a table's worth of departed hosts must not be kept for a peer that is away.
pub const MAX_TOMBSTONES: usize = 65_536;
/// Events that are remembered for people: a bad night's worth.
pub const HISTORY: usize = 100;
/// The peer's single-homed hosts are given up so long after the session was first lost: longer than a device needs to
/// restart.
pub const STALE_TIMER: Duration = Duration::from_secs(360);
/// A neighbour that is not heard ages out after so long, on most devices. The peer's last claims end after twice that.
pub const AGEING: Duration = Duration::from_secs(1200);
/// Longest restart that a peer may announce: its claims do not live on for longer on its word alone.
pub const RESTART_MAX: Duration = Duration::from_secs(3600);
/// A sweep of more claims than this, and of more than half of the copy, waits: a peer that came back without its table is
/// more likely than that most hosts left at once.
pub const SWEEP_GUARD: usize = 1000;
/// How often in a row a copy that differs is asked for anew at once.
pub const RESYNC_TRIES: u32 = 2;
/// Pause before it is asked for anew from then on: what two syncs did not put right is somebody's fault, not chance.
pub const RESYNC_PAUSE: Duration = Duration::from_secs(60);
/// Pause before a copy that was not whole is asked for anew because there is room; doubled each time it did not help …
pub const ROOM_PAUSE: Duration = Duration::from_secs(60);
/// … up to this.
pub const ROOM_PAUSE_MAX: Duration = Duration::from_secs(3600);
/// Rows that the node looks at for one input: some milliseconds, so that a table that changes as a whole keeps nobody
/// waiting; more than one input can bring, so that what comes is decided about at once.
pub const WORK_AT_ONCE: usize = 16_384;
/// Hosts of them that are looked at in one go when a member or the peer-link changes: well under a millisecond, so that
/// the ASIC, whose first batches are small, does not wait for more of them to be found.
pub(crate) const REPOINT_AT_ONCE: usize = 1024;
/// Flushes of many FDB entries that are looked into one after the other; beyond it all entries are looked at once more.
pub const FDB_NEWS: usize = 64;
/// Events of keys that are remembered for `why`: half a megabyte; a busy pair's last minutes.
pub const TRAIL: usize = 8192;
/// Rows looked at for one page of a view: about a millisecond, so that the largest table holds nobody up.
pub const VIEW_SCAN: usize = 16_384;
/// Pauses before an entry is tried again that something else stands in the way of: a MAC that the FDB has not learned
/// yet comes within seconds or not soon.
pub const RETRY_WAITS: [Duration; 7] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(16),
    Duration::from_secs(32),
    Duration::from_secs(60),
];
/// A library that says SUCCESS before it is done is read back after these pauses, each counted from the reading before; what
/// is not there at the last of them was lost. What such libraries have queued is worked off within a second.
pub const CONFIRM_WAITS: [Duration; 5] = [
    Duration::from_millis(5),
    Duration::from_millis(20),
    Duration::from_millis(100),
    Duration::from_millis(500),
    Duration::from_secs(2),
];
/// So many writes of one entry in a row of which the library said SUCCESS, and that were never seen, are told of.
pub const LOST_TOLD: u8 = 3;
/// Entries that this is said of are told of at the first, and then so often.
pub const LOST_TELL_PERIOD: Duration = Duration::from_secs(60);
/// New entries that such a library has said SUCCESS for and that were not seen: while there are so many, no other is
/// created, or what it has queued would outlast the pauses.
pub const CONFIRM_WINDOW: usize = 4096;
/// So many readings in a row must show at once what was written, and for so long, before a library that was caught saying
/// SUCCESS too early is believed again.
pub const CONFIRM_PROMPT: u32 = 1024;
/// See [`CONFIRM_PROMPT`].
pub const CONFIRM_LEAST: Duration = Duration::from_secs(60);
/// One entry of each of the first so many batches that wrote is read back at once, to see whether SUCCESS means done; …
pub const SAMPLES_FIRST: u32 = 4;
/// … and then one of every so many batches.
pub const SAMPLES_EVERY: u32 = 64;
/// What is in the ASIC and not ours is counted first after this, and then so often; …
pub const SURVEY_FIRST: Duration = Duration::from_secs(5);
/// … each count lists the whole table in one call, some ten milliseconds for the largest. …
pub const SURVEY_PERIOD: Duration = Duration::from_secs(60);
/// … A number that is news is told when it was found again after this: a NOS writes a neighbour before it tells of the host.
pub const SURVEY_AGAIN: Duration = Duration::from_secs(1);
/// Keys of a listing that the node looks up at once.
pub const SURVEY_SLICE: usize = 4096;
/// The whole table is read back within this: what somebody else broke forwards wrongly for no longer.
pub const SCRUB_ROUND: Duration = Duration::from_secs(600);
/// Of the ASIC's time, reading back takes at most one part in so many …
pub const SCRUB_SHARE: u32 = 10;
/// … and a batch of it at most this: so long an urgent change may have to wait behind it.
pub const SCRUB_ASIC_TIME: Duration = Duration::from_millis(1);
/// Entries that are read back at once, at most.
pub const SCRUB_BATCH: usize = 256;
/// Rows that are looked at for one batch of it.
pub const SCRUB_SCAN: usize = 16_384;
/// While the ASIC has other things to do, reading back is tried again after this.
pub const SCRUB_YIELD: Duration = Duration::from_millis(100);
/// An entry that was repaired is looked at again after this: somebody who writes it himself does so soon.
pub const SCRUB_AGAIN: Duration = Duration::from_secs(5);
/// Entries of which that is remembered.
pub const SCRUB_REPAIRED: usize = 256;
/// So often is an entry repaired before it is said that somebody else writes it.
pub const SCRUB_REPAIRS: u8 = 3;
/// Every so many rounds a repair is forgotten of each entry that was found as it should be.
pub const SCRUB_FORGETS: u32 = 16;
/// An entry that somebody else writes is repaired every second round, then every fourth, and so on to the power of two of
/// this.
pub const SCRUB_PATIENCE: u8 = 6;
/// Repairs that are told of one by one within [`SCRUB_TELL_PERIOD`]; the others are counted.
pub const SCRUB_TELLS: usize = 10;
/// See [`SCRUB_TELLS`].
pub const SCRUB_TELL_PERIOD: Duration = Duration::from_secs(60);
/// Hosts that were refused, and entries that were adopted, that are told of one by one within [`HOST_TELL_PERIOD`]; the
/// others are counted: a peer may claim a whole table that is refused.
pub const HOST_TELLS: usize = 100;
/// See [`HOST_TELLS`].
pub const HOST_TELL_PERIOD: Duration = Duration::from_secs(10);
/// An SDK that answers nothing but that it is not there for so long is taken for one that restarts: what it holds after
/// that has to be read back.
pub const ASIC_LOST: Duration = Duration::from_secs(5);
/// Attempts in a row that settle nothing before an entry has to wait: a library that contradicts itself is not asked
/// in a loop.
pub const RETRY_TRIES: u8 = 4;
/// A full hardware table is asked this often whether it has room again.
pub const ROOM_PROBE: Duration = Duration::from_secs(1);
/// First pause after the switch as a whole could not answer; doubled each time, up to [`TROUBLE_MAX`].
pub const TROUBLE_MIN: Duration = Duration::from_millis(100);
/// Longest pause of that kind.
pub const TROUBLE_MAX: Duration = Duration::from_secs(10);
/// Parts that a copy is divided into when it is not what it should be: of a million claims a thousand are told again for
/// one that differs, and what names the parts fits a frame.
pub const BUCKETS: usize = 1024;
/// A digest that changed is told again after this: soon enough that a copy is wrong for seconds, seldom enough that it
/// costs nothing.
pub const DIGEST_PERIOD: Duration = Duration::from_secs(10);
/// … and one that did not change after this: a copy can change by itself.
pub const DIGEST_REPEAT: Duration = Duration::from_secs(60);
/// Looking at the buckets walks over the whole table: a peer gets them no more often than this.
pub const BUCKETS_PAUSE: Duration = Duration::from_secs(5);
/// After an alarm over a copy that no sync puts right, digests are not looked at for so long.
pub const AUDIT_PAUSE: Duration = Duration::from_secs(60);
/// What the hardware holds is reported no more often than this: a frame of 52 bytes for all that the ASIC did meanwhile.
pub const REPORT_PERIOD: Duration = Duration::from_millis(10);
/// Claims that are not in the hardware and are listed one by one, here and for the peer: what a person looks through, and
/// one window of changes.
pub const EXCEPTIONS: usize = 4096;
/// Of these, so many are shown with the session.
pub const SHOWN_EXCEPTIONS: usize = 100;
/// Confirmations are collected for so long: a host that answers often is one record.
pub const CONFIRM_PERIOD: Duration = Duration::from_secs(1);
/// Confirmations that are collected: 50 kB a second at most. What is dropped is said again by the host's next answer.
pub const CONFIRMS: usize = 4096;
/// A device whose peer does not come, or whose ASIC does not come to an end, opens its ports after this all the same.
pub const READY_FALLBACK: Duration = Duration::from_secs(240);
/// Windows of the peer's changes that are told apart while the ASIC has not done with them: the acknowledged position
/// moves in steps of one; a table's worth of windows of the largest size is a quarter of it.
pub const TICKET_WINDOWS: usize = 1024;
/// Interfaces that one session's dictionary may name: every VLAN and as many bridge domains again, twice over.
pub const MAX_INTERFACES: usize = 16_384;
/// Interfaces that are held because somebody spoke of them: a dictionary's indices may be given anew without end.
pub const HELD_INTERFACES: usize = 4 * MAX_INTERFACES;
/// Claims of the peer's that are kept: twice the largest pair. Beyond it the copy is truncated.
pub const MAX_CLAIMS: usize = 2_000_000;
/// Interfaces of one VRF, beside its own, on which the peer may claim an address: each of them is weighed against each
/// other one whenever one changes. Beyond it the copy is truncated; a host that moves is on two.
pub const MAX_RIVALS: usize = 32;
/// Interfaces of one VRF, beside its own, on which an address may be claimed here: the peer's share and as many of our
/// own, so that what the peer claims leaves room for what was learned here.
pub const MAX_LOCAL_RIVALS: usize = 2 * MAX_RIVALS + 1;
/// So often may a host move within [`MOVE_WINDOW`] (RFC 7432, 15.1: five moves).
pub const MAX_MOVES: usize = 5;
/// The time in which moves are counted (RFC 7432, 15.1: 180 seconds).
pub const MOVE_WINDOW: Duration = Duration::from_secs(180);
/// A host that moved more often than that stays where it is for so long, as far as this device has a say in it.
pub const FREEZE: Duration = Duration::from_secs(1800);
/// Hosts whose moves are counted at once: a data centre's worth of machines moved within one window.
pub const MAX_MOVING: usize = 65_536;
/// Characters in a line of configuration: three times the longest legal command with room for indentation; what is
/// longer is not a command, and is not repeated whole in an error.
pub const CONFIG_LINE_CHARS: usize = 510;
/// Lines in a configuration text: a whole device's file fits, a device node given by mistake does not.
pub const CONFIG_LINES: usize = 100_000;
/// Faults reported for one configuration text: more say nothing new.
pub const CONFIG_FAULTS: usize = 50;
/// The netlink socket's buffer for notices to begin with: some 60,000 neighbours between two looks at it.
pub const NETLINK_BUFFER: usize = 16 * 1024 * 1024;
/// The buffer is doubled at each overflow up to here; beyond it a dump is cheaper.
pub const NETLINK_BUFFER_MAX: usize = 128 * 1024 * 1024;
/// The buffer of the socket that hears of links alone: a thousand of them may change between two looks at it.
pub const LINK_BUFFER: usize = 1024 * 1024;
/// How often a named network namespace in which the channel lies is looked at: it may be deleted and made again.
pub const NETNS_CHECK: Duration = Duration::from_secs(1);
/// Pieces of local evidence that one input carries: the node works it off between two looks at the peer.
pub const EVIDENCE_AT_ONCE: usize = 1024;
/// Passes over a kernel table that loses entries while it is dumped; all passes are joined.
pub const DUMP_PASSES: usize = 4;
/// How often the kernel is asked whether it had to refuse neighbours because its table is full.
pub const KERNEL_TABLE_CHECK: Duration = Duration::from_secs(10);
/// Bytes that are read from the channel in one go.
pub const READ_CHUNK: usize = 16 * 1024;
/// Bytes that the kernel holds unsent beyond what is on its way: little, so that what is urgent is not behind much.
pub const NOT_SENT: u32 = 16 * 1024;
/// Bytes that the kernel holds until the channel is read, as far as it does not count its own overhead. Left to itself it
/// would take in a whole table, and nothing could come before that. A quarter of it makes a connection over loopback, whose
/// segments are as long, stall for tens of milliseconds at a time.
pub const RECEIVE_BUFFER: usize = 64 * 1024;
/// A connection that we closed may take so long to write what was handed over and to hear the other side close.
pub const CLOSE_LINGER: Duration = Duration::from_secs(2);
/// Connections that we closed and that may linger so at once; beyond it the one that has lingered longest is reset.
pub const LINGERING: usize = 32;
/// Connections that are accepted before the others have their turn.
pub const ACCEPTS_AT_ONCE: usize = 16;
/// After an accept that failed for want of something (descriptors, memory), the listener rests so long.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Events that are logged in a [`LOG_PERIOD`]: all that happens in an ordinary life, and some more.
pub const LOG_LINES: usize = 100;
/// The time that [`LOG_LINES`] are for.
pub const LOG_PERIOD: Duration = Duration::from_secs(1);
/// At the end of the daemon, so long.
pub const LAST_WORDS: Duration = Duration::from_millis(300);
/// Smallest longest frame that a peer may ask for, so that a window is not all headers.
pub const MIN_MAX_FRAME: usize = 4096;
/// Fewest interfaces that a peer's copy of our dictionary must take: every one of two windows' changes may name another.
pub const MIN_MAX_INTERFACES: usize = 2 * WINDOW_CHANGES;
/// Clients of the control socket at once: people and their scripts.
pub const CONTROL_CLIENTS: usize = 64;
/// Reading the whole ASIC back is given up after this.
pub const READ_BACK: Duration = Duration::from_secs(120);
/// Entries that are programmed again because they were found wrong may take so long before they are looked at once more.
pub const REPAIR: Duration = Duration::from_secs(10);
/// A SAI call that has been inside for so long is not waited for by somebody who only wants to look.
pub const CALL_HANGS: Duration = Duration::from_secs(5);
/// A SAI call that has been inside for so long is an alarm, each time once.
pub const CALL_ALARMS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(10)];
/// Largest record of a node's inputs: a day of a large pair; a replay needs all of it.
pub const RECORD_MAX: u64 = 16 * 1024 * 1024 * 1024;
/// A record is given to the operating system at least this often.
pub const RECORD_FLUSH: Duration = Duration::from_secs(1);
/// The SAI library may take so long to come up before the daemon gives up on it.
pub const ASIC_START: Duration = Duration::from_secs(120);
/// Threads that have not ended so long after they were told to are left behind.
pub const STOP: Duration = Duration::from_secs(5);
/// Fewest characters of a password: PBKDF2 makes a guess expensive, not a short word safe.
pub const PASSWORD_MIN: usize = 8;
/// Most characters of a password: the longest key that the kernel takes for TCP-MD5 and TCP-AO.
pub const PASSWORD_MAX: usize = 80;
/// Passwords that are configured at once: an old one, a new one, and some that were forgotten.
pub const KEYS: usize = 8;
/// Rounds of PBKDF2-HMAC-SHA256: about 0.2 s once at configuration, and as much for each guess at what was overheard.
pub const PASSWORD_ROUNDS: u32 = 600_000;
/// Frames of one direction that one connection's keys seal, after which it is replaced.
pub const REKEY_FRAMES: u64 = 1 << 32;
/// Time that one connection's keys are used for, after which it is replaced.
pub const REKEY: Duration = Duration::from_secs(24 * 60 * 60);
/// A replacement that came to nothing is tried again after this.
pub const REKEY_RETRY: Duration = Duration::from_secs(10 * 60);
/// How often the kernel is asked what it threw away without telling anybody.
pub const DROPS_CHECK: Duration = Duration::from_secs(1);
/// Records that a new journal has room for: 2 MiB of disk, a table as most are.
pub const JOURNAL_FIRST: usize = 65_536;
/// Records that it may have: more than any host table has entries.
pub const JOURNAL_MAX: usize = 1 << 23;
/// What it grows by when the disk has no room for twice as much.
pub const JOURNAL_STEP: usize = 4096;
/// Growing is tried again only after so many that found no room: each attempt is a system call in the way of an entry.
pub const JOURNAL_RETRY: u64 = 1024;
/// What the ASIC may do late, after the process that asked for it has died, is looked for so long after a warm start, and
/// then so long after the look before; at the last of these instants what was seen is believed.
pub const LATE_CHECKS: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(4), Duration::from_secs(25), Duration::from_secs(30)];
/// Entries that are adopted at once after a warm start: the node is told of them in pieces, as of everything.
pub const ADOPT_AT_ONCE: usize = 4096;
/// Words of a NOS that wait for the core: each is up to [`FED_AT_ONCE`] pieces of evidence, so that is a megabyte or two.
pub const FED_WAITING: usize = 32;
/// Pieces of evidence in one word of a NOS's: between two of them the core has other things to do.
pub const FED_AT_ONCE: usize = 1024;
/// How long a NOS that tells one thing, and not a batch, waits for room.
pub const FED_PATIENCE: Duration = Duration::from_secs(1);
/// How long a NOS that asks waits for the core.
pub const ASK_PATIENCE: Duration = Duration::from_secs(1);
/// News that wait for a NOS's callback.
pub const NEWS_WAITING: usize = 1024;
/// The NDA_PROTOCOL value of what this daemon writes into the kernel's neighbour table, unless the platform file says
/// another: none that `linux/rtnetlink.h` gives to a routing daemon.
pub const KERNEL_PROTOCOL: u8 = 77;
/// Rows that one word to the kernel mirror is about: a few milliseconds of the kernel's time.
pub const KERNEL_WORD: usize = 512;
/// Words to the kernel mirror that may be under way: one that it works on, and the next one.
pub const KERNEL_WORDS: usize = 2;
/// Requests to the kernel in one system call; each of them may be answered, and the answers wait in the socket's buffer.
pub const KERNEL_BULK: usize = 256;
/// Requests in one system call after answers were lost time and again: the answer to one fits into any buffer.
pub const KERNEL_BULK_MIN: usize = 1;
/// The buffer for the kernel's answers: a bulk of refusals, many times over.
pub const KERNEL_ANSWERS: usize = 2 * 1024 * 1024;
/// What the kernel refused is tried again after the first of these, then after the next ones.
pub const KERNEL_RETRY: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(60),
];
/// Hosts that the kernel is made to probe at once: three packets each, a second apart.
pub const KERNEL_PROBES: usize = 256;
/// Questions about hosts (is it still there? it answered the peer) that wait for the kernel mirror. What is dropped is
/// asked again by the next confirmation, or ended by the ghost ceiling.
pub const KERNEL_QUESTIONS: usize = 65_536;
/// A probe that the kernel has said nothing of for so long is looked at: longer than three probes a second apart.
pub const KERNEL_PROBE_PATIENCE: Duration = Duration::from_secs(10);
/// Percentages of a host table, or of a quota, that are told when they are reached: the first is the time to plan, the
/// second the time to act.
pub const THRESHOLDS: [u8; 2] = [70, 85];
/// … and told again only after so many percent fewer in between.
pub const THRESHOLD_FALL: u8 = 5;
/// Hosts that were turned away are told of at once, and then no more often than this, with their number.
pub const REJECTS_PERIOD: Duration = Duration::from_secs(60);
/// One part in so many of the table may have to make way for others …
pub const EVICTED_PART: u64 = 10;
/// … in this time: what comes and goes in bursts must not turn the table over.
pub const EVICTION_WINDOW: Duration = Duration::from_secs(60);
/// Hosts that make way for others in the hardware at a time: as many as one answer of the ASIC lets in.
pub const EVICTED_AT_ONCE: usize = 64;
/// So often is a host refused although a slot was freed before it is taken that its place in the table, and not the
/// table's room, is the matter: nobody makes way for it any more.
pub const ROOM_TRIES: u8 = 4;
