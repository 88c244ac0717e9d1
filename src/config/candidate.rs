//! Two-stage configuration: lines change a candidate, `commit` checks the whole of it and makes it the running one
//! (PL-19).
//!
//! A candidate may hold what no running configuration may, both forms of the channel at once, because the order of the
//! lines must not matter: `undo` of one form and the other form go into force in one commit (PL-08).
//!
//! Invariant: a refused line changes nothing, and a refused commit changes neither the running configuration nor the
//! candidate, so that the user can mend it and commit again.

use std::net::SocketAddr;
use std::time::Duration;

use super::command::{self, Command, Failed, Places, View};
use super::diagnostic::{Diagnostic, Span};
use super::environment::Environment;
use super::group::{Change, Config, DfsGroup};
use super::model::Ipv6Transport;
use super::peer_link::{Form, PeerLink};
use super::refusal::Refusal;
use super::setting::{Set, Setting, Settings};
use crate::addr::DfsGroupId;
use crate::auth::PasswordError;
use crate::limits;

/// What is being entered, over what is running.
#[derive(Clone, Debug)]
pub struct Candidate {
    running: Config,
    draft: Option<Draft>,
    view: View,
}

/// What a line did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing: blank, a comment, or what is in the candidate already (PL-17).
    Nothing,
    /// The candidate differs from what it was.
    Changed,
    /// Another view.
    Moved(View),
    /// `commit`: call [`Candidate::commit`], which needs the environment.
    Commit,
    /// `quit` in the user view: the end of the conversation.
    Leave,
}

/// A DFS group while it is being edited.
#[derive(Clone, Debug)]
struct Draft {
    id: DfsGroupId,
    ip: Option<Entry>,
    ipv6: Option<Entry>,
    settings: Settings,
}

/// A peer-link with the line that it came from, so that a fault found at commit points at what the user wrote.
#[derive(Clone, Debug)]
struct Entry {
    link: PeerLink,
    line: String,
    number: Option<usize>,
    places: Places,
}

impl Candidate {
    /// A candidate that says what `running` says, in the user view.
    pub fn new(running: Config) -> Self {
        let draft = running.dfs_group.as_ref().map(Draft::of);
        Self { running, draft, view: View::User }
    }

    /// What is in force.
    pub fn running(&self) -> &Config {
        &self.running
    }

    /// Where the next line is entered.
    pub fn view(&self) -> View {
        self.view
    }

    /// Whether there is something to commit.
    pub fn is_changed(&self) -> bool {
        let settings = |draft: &Option<Draft>| draft.as_ref().map(|draft| draft.settings.clone());
        let running = Self::new(self.running.clone());
        // Two passwords are the same line to whoever reads it.
        self.lines() != running.lines() || settings(&self.draft) != settings(&running.draft)
    }

    /// The lines of the candidate, in the order and form of a configuration file, the passwords masked.
    pub fn lines(&self) -> Vec<String> {
        let Some(draft) = &self.draft else { return Vec::new() };
        let links = draft.links().into_iter().map(|link| format!(" {link}"));
        let settings = draft.settings.configured();
        let settings = settings.iter().map(|setting| format!(" {setting}"));
        std::iter::once(format!("dfs-group {}", draft.id)).chain(links).chain(settings).collect()
    }

    /// Forgets what was not committed.
    pub fn discard(&mut self) {
        self.draft = self.running.dfs_group.as_ref().map(Draft::of);
        let exists = |id| self.draft.as_ref().is_some_and(|draft| draft.id == id);
        if matches!(self.view, View::DfsGroup(id) if !exists(id)) {
            self.view = View::System;
        }
    }

    /// The prompt of a device called `name`: `[~…]` when all is committed, `[*…]` when it is not.
    pub fn prompt(&self, name: &str) -> String {
        let mark = if self.is_changed() { '*' } else { '~' };
        match self.view {
            View::User => format!("<{name}>"),
            View::System => format!("[{mark}{name}]"),
            View::DfsGroup(id) => format!("[{mark}{name}-dfs-group-{id}]"),
        }
    }

    /// Takes one line, as it was typed.
    pub fn enter(&mut self, line: &str) -> Result<Reply, Diagnostic> {
        self.enter_numbered(line, None)
    }

    /// Takes a whole text, with or without `system-view` and `commit`, and commits what it says on top of this candidate.
    ///
    /// All or nothing: with a fault anywhere nothing is changed, and every fault is reported with its line's number.
    pub fn load(&mut self, text: &str, environment: &dyn Environment) -> Result<Change, Vec<Diagnostic>> {
        let mut work = self.clone();
        work.view = View::System;
        let mut faults = Vec::new();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (index, line) in text.lines().enumerate() {
            if index == limits::CONFIG_LINES {
                let refusal = Refusal::TooManyLines { limit: limits::CONFIG_LINES };
                faults.push(Diagnostic::new("", Span::default(), refusal).at(index + 1));
            }
            if index >= limits::CONFIG_LINES || faults.len() >= limits::CONFIG_FAULTS {
                break;
            }
            match work.enter_numbered(line, Some(index + 1)) {
                Ok(Reply::Commit) if faults.is_empty() => {
                    faults.extend(work.commit(environment).err().into_iter().flatten())
                }
                Ok(_) => {}
                // Behind a view that could not be entered every line is in the wrong one: that is said once.
                Err(fault) if matches!(fault.refusal, Refusal::WrongView { .. }) && !faults.is_empty() => {}
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() {
            faults.extend(work.commit(environment).err().into_iter().flatten());
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let change = Change::between(self.running.dfs_group.clone(), work.running.dfs_group.clone());
        *self = Self { view: self.view, ..work };
        self.discard();
        Ok(change)
    }

    /// Checks the whole candidate and puts it into force; every fault at once, none of them a change.
    pub fn commit(&mut self, environment: &dyn Environment) -> Result<Change, Vec<Diagnostic>> {
        let after = match &self.draft {
            None => None,
            Some(draft) => Some(draft.check(&self.running, environment)?),
        };
        let change = Change::between(self.running.dfs_group.clone(), after.clone());
        self.running.dfs_group = after;
        Ok(change)
    }

    fn enter_numbered(&mut self, line: &str, number: Option<usize>) -> Result<Reply, Diagnostic> {
        let numbered = |fault: Diagnostic| match number {
            Some(number) => fault.at(number),
            None => fault,
        };
        let parsed = command::parse(self.view, line).map_err(|failed| numbered(self.explain(failed)))?;
        let line = super::words::trim_end(line);
        let refuse = |span, refusal| numbered(Diagnostic::new(line, span, refusal));
        let places = parsed.places;
        match parsed.command {
            Command::Nothing => Ok(Reply::Nothing),
            Command::Commit => Ok(Reply::Commit),
            Command::SystemView => Ok(self.go(View::System)),
            Command::Return => Ok(self.go(View::User)),
            Command::Quit => Ok(match self.view {
                View::User => Reply::Leave,
                View::System => self.go(View::User),
                View::DfsGroup(_) => self.go(View::System),
            }),
            Command::DfsGroup(id) => match &self.draft {
                Some(draft) if draft.id != id => {
                    Err(refuse(places.group, Refusal::AnotherDfsGroup { configured: draft.id }))
                }
                Some(_) => Ok(self.go(View::DfsGroup(id))),
                None => {
                    self.draft = Some(Draft::new(id));
                    Ok(self.go(View::DfsGroup(id)))
                }
            },
            Command::UndoDfsGroup(id) => match &self.draft {
                Some(draft) if draft.id == id => {
                    self.draft = None;
                    self.view = View::System;
                    Ok(Reply::Changed)
                }
                _ => Err(refuse(places.group, Refusal::NoSuchDfsGroup { asked: id })),
            },
            Command::PeerLink(link) => {
                let entry = Entry { link, line: line.to_owned(), number, places };
                Ok(self.set(entry))
            }
            Command::Set(setting) => {
                let View::DfsGroup(id) = self.view else { return Ok(Reply::Nothing) };
                let mut settings = self.draft.as_ref().map_or_else(Settings::default, |d| d.settings.clone());
                let refusal = match settings.set(&setting) {
                    Set::Same => return Ok(Reply::Nothing),
                    Set::Changed => {
                        self.draft.get_or_insert_with(|| Draft::new(id)).settings = settings;
                        return Ok(Reply::Changed);
                    }
                    Set::Masked => Refusal::Password(PasswordError::Masked),
                    Set::TooManyKeys => Refusal::TooManyKeys { limit: limits::KEYS },
                };
                Err(refuse(places.keyword, refusal))
            }
            Command::Unset(name) => match self.draft.as_mut().map(|draft| draft.settings.unset(name)) {
                Some(true) => Ok(Reply::Changed),
                _ => Err(refuse(places.keyword, Refusal::NotSet { name })),
            },
            Command::UndoPeerLink(link) => match self.unset(&link, &places) {
                Ok(()) => Ok(Reply::Changed),
                Err((span, refusal)) => Err(refuse(span, refusal)),
            },
        }
    }

    fn go(&mut self, view: View) -> Reply {
        self.view = view;
        Reply::Moved(view)
    }

    /// Puts a peer-link into its form's place. The same line again is nothing; another replaces it (PL-17).
    fn set(&mut self, entry: Entry) -> Reply {
        let View::DfsGroup(id) = self.view else { return Reply::Nothing };
        let draft = self.draft.get_or_insert_with(|| Draft::new(id));
        let place = draft.place(entry.link.form());
        if place.as_ref().is_some_and(|held| held.link == entry.link) {
            return Reply::Nothing;
        }
        *place = Some(entry);
        Reply::Changed
    }

    /// Takes a peer-link out, if the whole line is what is configured (PL-02).
    fn unset(&mut self, link: &PeerLink, places: &Places) -> Result<(), (Span, Refusal)> {
        let configured = self.links();
        let Some(draft) = self.draft.as_mut().filter(|_| !configured.is_empty()) else {
            return Err((places.keyword, Refusal::UndoNothing));
        };
        let place = draft.place(link.form());
        match place {
            None => Err((places.form, Refusal::UndoMismatch { configured })),
            Some(held) if held.link == *link => {
                *place = None;
                Ok(())
            }
            Some(held) => {
                Err((first_difference(&held.link, link, places), Refusal::UndoMismatch { configured }))
            }
        }
    }

    fn links(&self) -> Vec<PeerLink> {
        self.draft.as_ref().map_or_else(Vec::new, |draft| draft.links().into_iter().cloned().collect())
    }

    /// A line that broke off on its way to undo the peer-link is answered with what is configured.
    fn explain(&self, failed: Failed) -> Diagnostic {
        let mut fault = *failed.diagnostic;
        if let (Some(keyword), Refusal::Incomplete { .. }) = (failed.undo_peer_link, &fault.refusal) {
            let configured = self.links();
            if configured.is_empty() {
                (fault.span, fault.refusal) = (keyword, Refusal::UndoNothing);
            } else {
                fault.refusal = Refusal::UndoPartial { configured };
            }
        }
        fault
    }
}

impl Default for Candidate {
    fn default() -> Self {
        Self::new(Config::default())
    }
}

impl Draft {
    fn new(id: DfsGroupId) -> Self {
        Self { id, ip: None, ipv6: None, settings: Settings::default() }
    }

    fn of(group: &DfsGroup) -> Self {
        let mut draft = Self { settings: group.settings.clone(), ..Self::new(group.id) };
        if let Some(link) = &group.peer_link {
            *draft.place(link.form()) = Some(Entry::of(group.id, link));
        }
        draft
    }

    fn place(&mut self, form: Form) -> &mut Option<Entry> {
        match form {
            Form::Ip => &mut self.ip,
            Form::Ipv6 => &mut self.ipv6,
        }
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.ip.iter().chain(&self.ipv6)
    }

    fn links(&self) -> Vec<&PeerLink> {
        self.entries().map(|entry| &entry.link).collect()
    }

    /// The group that this draft makes, if nothing speaks against it.
    fn check(&self, running: &Config, environment: &dyn Environment) -> Result<DfsGroup, Vec<Diagnostic>> {
        let mut faults = Vec::new();
        for entry in self.entries() {
            entry.check(running.peer_link(), environment, &mut faults);
        }
        if let (Some(ip), Some(ipv6)) = (&self.ip, &self.ipv6) {
            // The caret belongs under what is new; if both are, under the second.
            let new = if running.peer_link() == Some(&ipv6.link) { ip } else { ipv6 };
            let (ip, ipv6) = (Box::new(ip.link.clone()), Box::new(ipv6.link.clone()));
            faults.push(new.refuse(new.places.form, Refusal::BothForms { ip, ipv6 }));
        }
        let Settings { hold, keepalive, .. } = self.settings;
        if keepalive * 3 > hold {
            let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
            let (keepalive_ms, hold_ms) = (ms(keepalive), ms(hold));
            let line = Setting::Keepalive(keepalive).to_string();
            let column = line.rfind(' ').map_or(0, |at| at + 1);
            let span = Span { column, length: line.len() - column };
            faults.push(Diagnostic::new(&line, span, Refusal::KeepaliveTooLong { keepalive_ms, hold_ms }));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let settings = self.settings.clone();
        Ok(DfsGroup {
            settings,
            id: self.id,
            peer_link: self.entries().next().map(|entry| entry.link.clone()),
        })
    }
}

impl Entry {
    /// A running peer-link, as if its canonical line had been entered.
    fn of(group: DfsGroupId, link: &PeerLink) -> Self {
        let line = link.to_string();
        // A canonical line always parses; should it not, the carets stand at the beginning and nothing else suffers.
        let places =
            command::parse(View::DfsGroup(group), &line).map(|parsed| parsed.places).unwrap_or_default();
        Self { link: link.clone(), line, number: None, places }
    }

    fn refuse(&self, span: Span, refusal: Refusal) -> Diagnostic {
        let fault = Diagnostic::new(&self.line, span, refusal);
        match self.number {
            Some(number) => fault.at(number),
            None => fault,
        }
    }

    /// Asks the device about this line: the model (PL-15), the VPN instance (PL-04), the port (PL-07).
    fn check(&self, running: Option<&PeerLink>, environment: &dyn Environment, faults: &mut Vec<Diagnostic>) {
        let link = &self.link;
        if running == Some(link) {
            return;
        }
        if let Some(refusal) = refused_by_model(link.form(), environment) {
            faults.push(self.refuse(self.places.form, refusal));
        }
        let vpn = link.vpn();
        if !vpn.is_public() && !environment.vpn_instance_exists(vpn) {
            let span = self.places.vpn.unwrap_or_default();
            faults.push(self.refuse(span, Refusal::NoSuchVpn { vpn: vpn.clone() }));
            // Who owns a port in an instance that is not there is not a question.
            return;
        }
        let address = SocketAddr::new(link.source(), link.port().number());
        if let Some(owner) = environment.port_owner(vpn, address, running) {
            let refusal = Refusal::PortInUse { port: link.port(), vpn: vpn.clone(), owner };
            faults.push(self.refuse(self.places.port, refusal));
        }
    }
}

fn refused_by_model(form: Form, environment: &dyn Environment) -> Option<Refusal> {
    let (model, mode) = (environment.model(), environment.forwarding_mode());
    if form == Form::Ip || model.ipv6_transport.allowed_in(mode) {
        return None;
    }
    let name = model.name.to_owned();
    Some(match model.ipv6_transport {
        Ipv6Transport::StandardModeOnly => Refusal::Ipv6ForwardingMode { model: name, mode },
        Ipv6Transport::No | Ipv6Transport::Yes => Refusal::Ipv6NotOnModel { model: name },
    })
}

/// The first word of `entered`, standing at `places`, that is not as in `held`.
fn first_difference(held: &PeerLink, entered: &PeerLink, places: &Places) -> Span {
    if held.source() != entered.source() {
        places.source
    } else if held.vpn() != entered.vpn() {
        places.vpn.unwrap_or(places.peer_keyword)
    } else if held.peer() != entered.peer() {
        places.peer
    } else {
        places.port
    }
}
