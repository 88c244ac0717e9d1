//! The ASIC read back, and compared with what the node wants.
//!
//! Everything is asked of the SAI thread and of the core, and what the node believes is never taken for what the ASIC
//! holds. The table does not stand still meanwhile: a disagreement counts only when the node wanted the same thing
//! before the ASIC was read and after.
//!
//! Runs on a thread of its own, because SAI may take as long as it likes.

use super::protocol::{
    AsicDump, AsicMethod, AsicRow, HostQuery, RepairReport, Reply, Request, VERIFY_ROWS_MAX, VerifyReport,
    VerifyRow,
};
use crate::addr::{InterfaceId, Mac};
use crate::limits;
use crate::mirror::batch::{Batch, BatchDone, BatchId, Op, OpKind, Outcome};
use crate::neighbor::{Host, Key};
use crate::node::view::{Cursor, HostState, HostView, Page};
use crate::run::asic::AsicHandle;
use crate::run::core::Question;
use crate::sai::{Oid, id};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use thiserror::Error;

/// Entries that one reading batch asks for.
const READ_AT_ONCE: usize = 256;
/// How often it is looked whether SAI comes back: whoever asks is told within a blink.
const LOOK: Duration = Duration::from_millis(50);
/// Batches with this bit in their name are ours; the mirror's have it clear.
const OURS: u64 = 1 << 63;

/// True when the batch was asked for here and not by the mirror.
pub(crate) fn is_ours(id: BatchId) -> bool {
    id.0 & OURS != 0
}

/// Why the ASIC was not read.
#[derive(Debug, Error)]
pub(crate) enum ReadBackError {
    /// The core did not answer.
    #[error("the daemon is stopping")]
    Stopping,
    /// SAI does not come back.
    #[error("the SAI library has been inside one call for {} s; the ASIC cannot be read", .0.as_secs())]
    Hanging(Duration),
    /// It took too long altogether.
    #[error("the ASIC was not read within {} s", limits::READ_BACK.as_secs())]
    Late,
    /// The thread is gone, or has other dumps to do.
    #[error("the SAI thread does not take the request")]
    NotTaken,
    /// SAI refused.
    #[error("the SAI library cannot show its neighbours: {0}")]
    Sai(String),
}

/// Everything that reading back needs.
#[derive(Clone)]
pub(crate) struct ReadBack {
    /// To the core.
    core: Sender<Question>,
    /// To the SAI thread.
    asic: AsicHandle,
    /// What became of our own reading batches.
    answers: Receiver<BatchDone>,
    /// Our router interfaces.
    rifs: Rifs,
}

/// The router interfaces that are bound, as the core publishes them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rifs(Arc<Mutex<BothWays>>);

#[derive(Debug, Default)]
struct BothWays {
    rifs: BTreeMap<InterfaceId, Oid<id::RouterInterface>>,
    interfaces: BTreeMap<Oid<id::RouterInterface>, InterfaceId>,
}

impl Rifs {
    /// The interface is bound to this one, or to none.
    pub(crate) fn set(&self, interface: InterfaceId, rif: Option<Oid<id::RouterInterface>>) {
        let mut both = self.0.lock();
        let before = match rif {
            Some(rif) => both.rifs.insert(interface, rif),
            None => both.rifs.remove(&interface),
        };
        if let Some(before) = before {
            both.interfaces.remove(&before);
        }
        if let Some(rif) = rif {
            both.interfaces.insert(rif, interface);
        }
    }

    fn rif(&self, interface: InterfaceId) -> Option<Oid<id::RouterInterface>> {
        self.0.lock().rifs.get(&interface).copied()
    }

    fn interface(&self, rif: Oid<id::RouterInterface>) -> Option<InterfaceId> {
        self.0.lock().interfaces.get(&rif).copied()
    }
}

/// An entry's place in the ASIC.
type Place = (Oid<id::RouterInterface>, IpAddr);

/// What the node wants, settled, and where it has no verdict.
#[derive(Default)]
struct Wanted {
    settled: BTreeMap<Place, Mac>,
    unsettled: BTreeSet<Place>,
}

impl ReadBack {
    /// With these ways to the core and to the SAI thread, and these router interfaces.
    pub(crate) fn new(
        core: Sender<Question>,
        asic: AsicHandle,
        answers: Receiver<BatchDone>,
        rifs: Rifs,
    ) -> ReadBack {
        ReadBack { core, asic, answers, rifs }
    }

    /// The neighbours that the ASIC holds.
    pub(crate) fn dump(&self) -> Result<AsicDump, ReadBackError> {
        let deadline = Instant::now() + limits::READ_BACK;
        let (method, held) = match self.list(deadline)? {
            Some(held) => (AsicMethod::Listed, held),
            None => {
                let wanted = self.wanted(deadline)?;
                (AsicMethod::ByKey, self.read(wanted.settled.keys().chain(&wanted.unsettled), deadline)?)
            }
        };
        let rows = held.into_iter().map(|((rif, ip), host)| AsicRow {
            interface: self.interface(rif),
            rif: rif.raw(),
            ip,
            mac: host.mac,
            no_host_route: host.no_host_route,
        });
        Ok(AsicDump { method, rows: rows.collect() })
    }

    /// The ASIC compared with what is wanted.
    pub(crate) fn verify(&self) -> Result<VerifyReport, ReadBackError> {
        Ok(self.look(Instant::now() + limits::READ_BACK)?.0)
    }

    /// The same, then what differs is looked at by the node and programmed again, then the same once more.
    pub(crate) fn repair(&self) -> Result<RepairReport, ReadBackError> {
        let deadline = Instant::now() + limits::READ_BACK;
        let (before, places) = self.look(deadline)?;
        if places.is_empty() {
            return Ok(RepairReport { after: before.clone(), before, unrepaired: 0 });
        }
        let keys = places.iter().filter_map(|(rif, ip)| {
            let interface = self.interface(*rif)?;
            Some(Key { interface, ip: *ip })
        });
        let keys: Vec<Key> = keys.collect();
        for keys in keys.chunks(limits::EVIDENCE_AT_ONCE) {
            self.ask(Request::Repair, keys.to_vec(), deadline)?;
        }
        // What cannot be repaired (there is no room, a library that refuses) is still to be told.
        let patience = deadline.min(Instant::now() + limits::REPAIR);
        while Instant::now() < patience && !self.wanted(deadline)?.unsettled.is_disjoint(&places) {
            std::thread::park_timeout(Duration::from_millis(20));
        }
        let (after, wrong) = self.look(deadline)?;
        let uncertain = self.wanted(deadline)?.unsettled;
        let unrepaired = places.iter().filter(|place| wrong.contains(place) || uncertain.contains(place));
        Ok(RepairReport { before, unrepaired: unrepaired.count() as u64, after })
    }

    /// The ASIC compared with what is wanted, and where it differs.
    fn look(&self, deadline: Instant) -> Result<(VerifyReport, BTreeSet<Place>), ReadBackError> {
        let before = self.wanted(deadline)?;
        let (method, held) = match self.list(deadline)? {
            Some(held) => (AsicMethod::Listed, held),
            None => (AsicMethod::ByKey, self.read(before.settled.keys(), deadline)?),
        };
        let after = self.wanted(deadline)?;
        Ok(self.compare(method, &before, &held, &after))
    }

    fn compare(
        &self,
        method: AsicMethod,
        before: &Wanted,
        held: &BTreeMap<Place, Host>,
        after: &Wanted,
    ) -> (VerifyReport, BTreeSet<Place>) {
        let mut wrong = BTreeSet::new();
        let mut report = VerifyReport {
            method,
            wanted: 0,
            equal: 0,
            unsettled: 0,
            held: held.len() as u64,
            missing: Vec::new(),
            differing: Vec::new(),
            foreign: Vec::new(),
            missing_count: 0,
            differing_count: 0,
            foreign_count: 0,
        };
        let mut unsettled: BTreeSet<&Place> = before.unsettled.iter().chain(&after.unsettled).collect();
        let either: BTreeSet<&Place> = before.settled.keys().chain(after.settled.keys()).collect();
        for place in either {
            let wanted = before.settled.get(place);
            let holds = held.get(place).map(|host| host.mac);
            if wanted != after.settled.get(place) || unsettled.contains(place) {
                unsettled.insert(place);
                continue;
            }
            let row = self.row(place, wanted.copied(), holds);
            if holds.as_ref() != wanted {
                wrong.insert(*place);
            }
            match holds {
                Some(mac) if Some(&mac) == wanted => report.equal += 1,
                Some(_) => note(&mut report.differing, &mut report.differing_count, row),
                None => note(&mut report.missing, &mut report.missing_count, row),
            }
        }
        for (place, host) in held {
            let ours = self.interface(place.0).is_some();
            if ours && !before.settled.contains_key(place) && !unsettled.contains(place) {
                note(&mut report.foreign, &mut report.foreign_count, self.row(place, None, Some(host.mac)));
            }
        }
        report.unsettled = unsettled.len() as u64;
        report.wanted = report.equal + report.differing_count + report.missing_count + report.unsettled;
        (report, wrong)
    }

    fn row(&self, (rif, ip): &Place, wanted: Option<Mac>, held: Option<Mac>) -> VerifyRow {
        VerifyRow { interface: self.interface(*rif), rif: rif.raw(), ip: *ip, wanted, held }
    }

    fn interface(&self, rif: Oid<id::RouterInterface>) -> Option<InterfaceId> {
        self.rifs.interface(rif)
    }

    /// Everything that the node wants, page by page.
    fn wanted(&self, deadline: Instant) -> Result<Wanted, ReadBackError> {
        let mut wanted = Wanted::default();
        let mut after: Option<Cursor> = None;
        loop {
            let Page { rows, next } = self.hosts(after, deadline)?;
            for HostView { interface, ip, mac, state, .. } in rows {
                let Some(rif) = self.rifs.rif(interface) else { continue };
                match (state, mac) {
                    (HostState::Programmed, Some(mac)) => _ = wanted.settled.insert((rif, ip), mac),
                    (HostState::Refused { .. }, _) => {}
                    _ => _ = wanted.unsettled.insert((rif, ip)),
                }
            }
            match next {
                Some(_) => after = next,
                None => return Ok(wanted),
            }
        }
    }

    fn hosts(&self, after: Option<Cursor>, deadline: Instant) -> Result<Page<HostView>, ReadBackError> {
        let request = Request::ShowHosts(HostQuery { after, ..HostQuery::default() });
        match self.ask(request, Vec::new(), deadline)? {
            Reply::Hosts(page) => Ok(page),
            _ => Err(ReadBackError::Stopping),
        }
    }

    /// Asks the core.
    fn ask(&self, request: Request, keys: Vec<Key>, deadline: Instant) -> Result<Reply, ReadBackError> {
        let (answer, answers) = bounded(1);
        let answer = Box::new(move |reply| drop(answer.send(reply)));
        let question = Question { request, keys, answer };
        self.core.send_deadline(question, deadline).map_err(|_| ReadBackError::Stopping)?;
        answers.recv_deadline(deadline).map_err(|_| ReadBackError::Stopping)
    }

    /// Everything that the ASIC lists; `None` when the library cannot list.
    fn list(&self, deadline: Instant) -> Result<Option<BTreeMap<Place, Host>>, ReadBackError> {
        self.is_back()?;
        let answers = self.asic.dump();
        match self.patiently(&answers, deadline)? {
            Ok(dump) => {
                Ok(Some(dump.entries.into_iter().map(|(key, host)| ((key.rif, key.ip), host)).collect()))
            }
            Err(error) if error.is_lacking() => Ok(None),
            Err(error) => Err(ReadBackError::Sai(error.to_string())),
        }
    }

    /// What the ASIC holds at these places.
    fn read<'a>(
        &self,
        places: impl Iterator<Item = &'a Place>,
        deadline: Instant,
    ) -> Result<BTreeMap<Place, Host>, ReadBackError> {
        // Answers to a reader that gave up.
        while self.answers.try_recv().is_ok() {}
        let mut held = BTreeMap::new();
        let places: Vec<Place> = places.copied().collect();
        for (number, chunk) in places.chunks(READ_AT_ONCE).enumerate() {
            let ops = chunk.iter().map(|(rif, ip)| Op { row: 0, rif: *rif, ip: *ip, host: Host::default() });
            let name = BatchId(OURS | number as u64);
            let batch = Batch { id: name, kind: OpKind::Read, ops: ops.collect() };
            self.asic.submit(batch).map_err(|_| ReadBackError::NotTaken)?;
            let done = loop {
                let done = self.patiently(&self.answers, deadline)?;
                if done.id == name {
                    break done;
                }
            };
            for (place, outcome) in chunk.iter().zip(done.outcomes) {
                match outcome {
                    Outcome::Held(Some(host)) => _ = held.insert(*place, host),
                    Outcome::Held(None) => {}
                    Outcome::Refused(status) | Outcome::Unknown(status) => {
                        return Err(ReadBackError::Sai(format!("status {}", status.0)));
                    }
                    Outcome::Done | Outcome::NotExecuted => {
                        return Err(ReadBackError::Sai("it did not answer for every entry".to_owned()));
                    }
                }
            }
        }
        Ok(held)
    }

    /// What is asked while a call hangs would only wait behind it, and keep others from asking.
    fn is_back(&self) -> Result<(), ReadBackError> {
        let inside = self.asic.health().in_call_for.filter(|inside| *inside >= limits::CALL_ALARMS[0]);
        inside.map_or(Ok(()), |inside| Err(ReadBackError::Hanging(inside)))
    }

    /// Waits for the SAI thread, but not for a call that does not come back; least of all for one that was inside
    /// before anything was asked.
    fn patiently<T>(&self, answers: &Receiver<T>, deadline: Instant) -> Result<T, ReadBackError> {
        let asked = Instant::now();
        loop {
            match answers.recv_timeout(LOOK) {
                Ok(answer) => return Ok(answer),
                Err(RecvTimeoutError::Disconnected) => return Err(ReadBackError::NotTaken),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let health = self.asic.health();
            match health.in_call_for {
                Some(inside) if inside >= patience_for(inside, asked.elapsed()) => {
                    return Err(ReadBackError::Hanging(inside));
                }
                _ if !health.alive => return Err(ReadBackError::NotTaken),
                _ if Instant::now() >= deadline => return Err(ReadBackError::Late),
                _ => {}
            }
        }
    }
}

/// How long a call that has been inside for so long may be when the answer was asked for so long ago.
fn patience_for(inside: Duration, asked: Duration) -> Duration {
    if inside > asked { limits::CALL_ALARMS[0] } else { limits::CALL_HANGS }
}

fn note(rows: &mut Vec<VerifyRow>, count: &mut u64, row: VerifyRow) {
    *count += 1;
    if rows.len() < VERIFY_ROWS_MAX {
        rows.push(row);
    }
}
