//! What the core hears of ports and of the FDB, and what it tells the node of it.
//!
//! Invariant: SAI is asked on its own thread only; nothing in here waits for it.

use super::{Core, Turn};
use crate::node::io::{AsicDown, AsicNews, FdbChange, FdbNews, Footing, Input};
use crate::run::ctl::ports::{FdbQuery, PortQuery};
use crate::run::ctl::protocol::Reply;
use crate::sai::{Domain, FdbEvent, FdbNotice, Notice, Oid, PortState, SwitchState, Told};

/// What the FDB news of an operator's lack.
const INCOMPLETE: &str =
    "what was learned or moved is one MAC, of one interface, on one port: give all three";

impl Core {
    /// Takes what was said of links, and tells the node what follows from all of it.
    pub(super) fn take_links(&mut self) {
        let mut changed = false;
        let turn = Turn::begin();
        while let Some(word) = turn.next(&self.links.links) {
            self.members.netdev(&word.netdev, word.state);
            changed = true;
        }
        while let Some(states) = turn.next(&self.links.port_states) {
            self.members.answer(states);
            changed = true;
        }
        while let Some(told) = turn.check().then(|| self.links.notices.as_ref()?.urgent.next()).flatten() {
            match told {
                Told::Notice(Notice::Ports(ports)) => {
                    ports.into_iter().for_each(|(port, state)| self.members.notice(port, state));
                    changed = true;
                }
                Told::Notice(Notice::Switch(state)) => self.switch_state(state),
                Told::Lost => {
                    tracing::warn!(
                        "SAI told more of ports at once than there was room for: they are asked for"
                    );
                    self.ports_to_ask = true;
                }
            }
        }
        if changed {
            self.tell_ports();
        }
        if self.ports_to_ask {
            self.ask_ports();
        }
    }

    /// Takes what was said of the FDB, a little at a time.
    pub(super) fn take_fdb_notices(&mut self) {
        let turn = Turn::begin();
        while let Some(told) = turn.check().then(|| self.links.notices.as_ref()?.fdb.next()).flatten() {
            let news = match told {
                Told::Notice(notices) => notices.iter().filter_map(|notice| self.fdb_news(notice)).collect(),
                // Whatever was lost may have been the end of any entry.
                Told::Lost => {
                    tracing::warn!("SAI told more of the FDB at once than there was room for");
                    vec![FdbNews { change: FdbChange::Flushed, domain: None, mac: None, port: None }]
                }
            };
            if !news.is_empty() {
                self.tell(Input::Fdb(news));
            }
            self.take_urgent();
        }
    }

    /// Tells the node what is new of the ports.
    pub(super) fn tell_ports(&mut self) {
        for input in self.members.changes() {
            self.tell(input);
        }
    }

    /// Has the SAI thread ask how the front ports are, if it takes the errand.
    fn ask_ports(&mut self) {
        let ports = self.members.ask();
        let answers = self.links.port_states_in.clone();
        let errand = move |switch: &crate::sai::Switch| {
            let state = |port: Oid<_>| Some((port, switch.port_state(port).ok()?));
            // Nobody may be left to hear it.
            let _ = answers.try_send(ports.into_iter().filter_map(state).collect::<Vec<(_, PortState)>>());
        };
        self.ports_to_ask = !self.links.asic.errand(Box::new(errand));
    }

    /// The switch says how it is. That it is up is news only after it was not.
    fn switch_state(&mut self, state: SwitchState) {
        let news = match state {
            SwitchState::Down => AsicNews::Down { why: AsicDown::Switch },
            SwitchState::Failed => AsicNews::Down { why: AsicDown::Failed },
            SwitchState::Up if self.switch_down => AsicNews::Restarted { intact: None },
            SwitchState::Up => return,
            SwitchState::Unknown => {
                tracing::warn!("the SAI library does not know how the switch is");
                return;
            }
        };
        self.switch_down = state != SwitchState::Up;
        // What it told of ports meanwhile, it may have told nobody.
        self.ports_to_ask |= state == SwitchState::Up;
        self.tell(Input::Asic(news));
    }

    /// `None`: it is of a VLAN or a bridge that no interface of ours stands on.
    fn fdb_news(&self, notice: &FdbNotice) -> Option<FdbNews> {
        let change = match notice.event {
            FdbEvent::Learned => FdbChange::Learned,
            FdbEvent::Moved => FdbChange::Moved,
            FdbEvent::Aged => FdbChange::Aged,
            FdbEvent::Flushed => FdbChange::Flushed,
        };
        let domain = match notice.domain {
            None => None,
            Some(raw) => Some(self.domains().find(|domain| raw_id(*domain) == raw)?),
        };
        let port = notice.port.map(|port| self.members.known_as(port));
        Some(FdbNews { change, domain, mac: notice.mac, port })
    }

    fn domains(&self) -> impl Iterator<Item = Domain> {
        self.bindings.values().filter_map(|binding| match binding.footing {
            Footing::Bridged(domain) => Some(domain),
            Footing::Routed(_) | Footing::Untold => None,
        })
    }

    /// An operator says how a port is.
    pub(super) fn set_port(&mut self, query: PortQuery) -> Reply {
        let PortQuery { role, side, state } = query;
        if let Err(error) = self.members.by_hand(role, side, state) {
            return Reply::Error { text: error.to_string() };
        }
        self.tell_ports();
        let ports = self.members.view().into_iter().filter(|port| port.role == role).collect();
        Reply::Ports { ports }
    }

    /// An operator, or a NOS without notifications, says what happened in the FDB.
    pub(super) fn tell_fdb(&mut self, query: FdbQuery) -> Reply {
        match self.news_by_hand(query) {
            Ok(news) => {
                self.tell(Input::Fdb(vec![news]));
                Reply::Done { claims: 0 }
            }
            Err(text) => Reply::Error { text },
        }
    }

    fn news_by_hand(&self, query: FdbQuery) -> Result<FdbNews, String> {
        let FdbQuery { change, interface, mac, role, bridge_port } = query;
        let domain = match interface {
            None => None,
            Some(interface) => {
                let binding = self.bindings.get(&interface);
                let binding = binding.ok_or_else(|| format!("there is no interface {interface} here"))?;
                let Footing::Bridged(domain) = binding.footing else {
                    return Err(format!("{interface} stands on no VLAN and no bridge: it has no FDB"));
                };
                Some(domain)
            }
        };
        let port = match (role, bridge_port) {
            (Some(_), Some(_)) => {
                return Err("a port is named by its role or by its bridge port, not both".to_owned());
            }
            (None, None) => None,
            (None, Some(raw)) => Some(self.members.known_as(Oid::from_raw(raw))),
            (Some(role), None) => Some(self.members.bridge_port(role).map_err(|error| error.to_string())?),
        };
        let is_one = matches!(change, FdbChange::Learned | FdbChange::Moved);
        if is_one && (domain.is_none() || mac.is_none() || port.is_none()) {
            return Err(INCOMPLETE.to_owned());
        }
        Ok(FdbNews { change, domain, mac, port })
    }
}

fn raw_id(domain: Domain) -> u64 {
    match domain {
        Domain::Vlan(vlan) => vlan.raw(),
        Domain::Bridge(bridge) => bridge.raw(),
    }
}
