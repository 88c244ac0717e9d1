//! What the core answers, between two inputs: a bounded look at the node, or an operator's word to it.

use super::Core;
use crate::neighbor::Key;
use crate::node::io::Input;
use crate::node::view::{HostFilter, NeighborFilter};
use crate::run::ctl::protocol::{HostQuery, NeighborQuery, PAGE_MAX, Reply, Request, WhyQuery};

impl Core {
    /// The answer to a question.
    pub(super) fn answer(&mut self, request: Request, keys: Vec<Key>) -> Reply {
        match request {
            Request::Sweep => {
                let claims = self.node.session().awaits_sweep;
                self.tell(Input::Sweep);
                Reply::Done { claims }
            }
            Request::Resync => {
                let view = self.node.session();
                if !view.up {
                    return Reply::Error { text: "there is no session: nobody could be asked".to_owned() };
                }
                self.tell(Input::Resync);
                Reply::Done { claims: self.node.counters().remote }
            }
            Request::Repair => {
                let claims = keys.len() as u64;
                self.tell(Input::Repair(keys));
                Reply::Done { claims }
            }
            Request::ShowSession => {
                let since_told = u64::try_from(self.now().since(self.told).as_millis()).unwrap_or(u64::MAX);
                let mut view = self.node.session();
                view.since_ms = view.since_ms.saturating_add(since_told);
                Reply::Session(view)
            }
            Request::ShowCounters => Reply::Counters(self.node.counters()),
            Request::ShowConfig => Reply::Config(self.known.config.clone()),
            Request::Why(WhyQuery { ip }) => Reply::Why(self.node.why(ip)),
            Request::ShowPorts => Reply::Ports { ports: self.members.view() },
            Request::SetPort(query) => self.set_port(query),
            Request::TellFdb(query) => self.tell_fdb(query),
            Request::ShowKernel => match &self.links.kernel {
                Some(kernel) => Reply::Kernel(kernel.view()),
                None => Reply::Error {
                    text: "nothing is written into the kernel: set kernel-mirror in the platform file"
                        .to_owned(),
                },
            },
            Request::ShowAdmission => Reply::Admission(self.node.admission()),
            Request::ShowHistory => Reply::History(self.node.history()),
            Request::ShowNeighbors(NeighborQuery { interface, ip, mac, origin, after, limit }) => {
                let filter = NeighborFilter { interface, ip, mac, origin };
                Reply::Neighbors(self.node.neighbors(after, page(limit), &filter))
            }
            Request::ShowHosts(HostQuery { interface, ip, mac, trouble, after, limit }) => {
                let filter = HostFilter { interface, ip, mac, trouble };
                Reply::Hosts(self.node.hosts(after, page(limit), &filter))
            }
            Request::DumpAsic | Request::Verify | Request::ShowLevel | Request::Configure(_) => {
                Reply::Error { text: "this is not the core thread's to answer".to_owned() }
            }
        }
    }
}

fn page(limit: Option<usize>) -> usize {
    limit.unwrap_or(PAGE_MAX).clamp(1, PAGE_MAX)
}
