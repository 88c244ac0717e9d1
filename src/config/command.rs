//! One line in, one command out.
//!
//! The grammar is small enough to be read off the functions below: each takes the words it needs and names what it would
//! have taken when they are missing. Keywords may be shortened as long as one meaning is left, and written in any case;
//! names keep theirs.
//!
//! Invariant: total (every string is a command or a [`Diagnostic`]) and without state: the view is an argument.

use super::address::{self, shown};
use super::diagnostic::{Diagnostic, Span};
use super::peer_link::{Form, PeerLink};
use super::refusal::Refusal;
use super::setting::{Setting, SettingName};
use super::setting_words;
use super::words::{self, Word};
use crate::addr::{DfsGroupId, VpnInstance};

/// Where a line is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum View {
    /// Before `system-view`: look, do not change.
    User,
    /// After `system-view`.
    System,
    /// After `dfs-group N`.
    DfsGroup(DfsGroupId),
}

/// What a line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// A blank line or a comment.
    Nothing,
    /// `system-view`.
    SystemView,
    /// `dfs-group N`: make it if it is not there, and go into it.
    DfsGroup(DfsGroupId),
    /// `undo dfs-group N`, with all that is in it.
    UndoDfsGroup(DfsGroupId),
    /// `peer-link source …`.
    PeerLink(PeerLink),
    /// `undo peer-link source …`, the whole line.
    UndoPeerLink(PeerLink),
    /// Another line of the group: `authentication-mode …`, `connect-mode …`, `hold-time …` and so on.
    Set(Setting),
    /// `undo` of one of these.
    Unset(SettingName),
    /// `commit`.
    Commit,
    /// `quit`: one view up.
    Quit,
    /// `return`: to the user view.
    Return,
}

/// Reads one line as entered in `view`; its line end may still be on it.
pub fn parse_line(view: View, line: &str) -> Result<Command, Diagnostic> {
    parse(view, line).map(|parsed| parsed.command).map_err(|failed| *failed.diagnostic)
}

/// A command, and where its words stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parsed {
    pub(super) command: Command,
    pub(super) places: Places,
}

/// Where the words of a line stand, for a `^` drawn after the line was read. Words that are not there are empty spans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    /// The command's own keyword, after `undo`.
    pub(super) keyword: Span,
    pub(super) group: Span,
    pub(super) form: Span,
    pub(super) source: Span,
    pub(super) vpn: Option<Span>,
    pub(super) peer_keyword: Span,
    pub(super) peer: Span,
    pub(super) port: Span,
}

/// A line that is no command; whether it was on its way to undo a peer-link decides what the user is told.
pub(super) struct Failed {
    pub(super) diagnostic: Box<Diagnostic>,
    /// The place of `peer-link` in `undo peer-link …`.
    pub(super) undo_peer_link: Option<Span>,
}

impl From<Diagnostic> for Failed {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { diagnostic: Box::new(diagnostic), undo_peer_link: None }
    }
}

const COMMIT: &str = "commit";
const DFS_GROUP: &str = "dfs-group";
const PEER_LINK: &str = "peer-link";
const QUIT: &str = "quit";
const RETURN: &str = "return";
const SYSTEM_VIEW: &str = "system-view";
const UNDO: &str = "undo";

/// Every first keyword: recognised in each view, so that a command of another view is told from a slip of the pen.
const FIRST: &[&str] = &[
    setting_words::AUTHENTICATION,
    COMMIT,
    setting_words::CONNECT_MODE,
    DFS_GROUP,
    setting_words::HOLD_TIME,
    setting_words::KEEPALIVE,
    setting_words::M_LAG,
    PEER_LINK,
    setting_words::PRIORITY,
    QUIT,
    RETURN,
    SYSTEM_VIEW,
    setting_words::TCP_AUTHENTICATION,
    setting_words::TTL_SECURITY,
    UNDO,
];

/// What can be undone in the DFS-group view.
const UNDOABLE: &[&str] = &[
    setting_words::AUTHENTICATION,
    setting_words::CONNECT_MODE,
    DFS_GROUP,
    setting_words::HOLD_TIME,
    setting_words::KEEPALIVE,
    setting_words::M_LAG,
    PEER_LINK,
    setting_words::PRIORITY,
    setting_words::TCP_AUTHENTICATION,
    setting_words::TTL_SECURITY,
];

const TO_SYSTEM: &str = "`system-view`";
const TO_GROUP: &str = "the DFS-group view with `dfs-group 1`";
const TO_BOTH: &str = "`system-view` and `dfs-group 1`";

pub(super) fn parse(view: View, line: &str) -> Result<Parsed, Failed> {
    let line = words::trim_end(line);
    if words::is_blank(line) {
        return Ok(Parsed { command: Command::Nothing, places: Places::default() });
    }
    let mut reader = Reader::new(line)?;
    let mut places = Places::default();
    let (first, span) = reader.keyword(FIRST, view.commands())?;
    places.keyword = span;
    let needs_system = || match view {
        View::User => Err(reader.refuse(span, Refusal::WrongView { command: first, way: TO_SYSTEM })),
        View::System | View::DfsGroup(_) => Ok(()),
    };
    let command = match first {
        SYSTEM_VIEW => Command::SystemView,
        QUIT => Command::Quit,
        RETURN => Command::Return,
        COMMIT => {
            needs_system()?;
            Command::Commit
        }
        DFS_GROUP => {
            needs_system()?;
            Command::DfsGroup(reader.group(&mut places)?)
        }
        PEER_LINK => {
            reader.needs_group(view, first, span)?;
            Command::PeerLink(reader.peer_link(&mut places)?)
        }
        setting if setting_words::FIRST.contains(&setting) => {
            reader.needs_group(view, first, span)?;
            Command::Set(reader.setting(setting)?)
        }
        _undo => {
            needs_system()?;
            return reader.undo(view, places);
        }
    };
    reader.end()?;
    Ok(Parsed { command, places })
}

/// A peer-link line by itself, wherever it comes from.
pub(super) fn parse_peer_link(line: &str) -> Result<PeerLink, Diagnostic> {
    let mut reader = Reader::new(words::trim_end(line))?;
    reader.keyword(&[PEER_LINK], &[PEER_LINK])?;
    let link = reader.peer_link(&mut Places::default())?;
    reader.end()?;
    Ok(link)
}

impl View {
    /// The keywords that an error offers.
    fn commands(self) -> &'static [&'static str] {
        match self {
            View::User => &[SYSTEM_VIEW, QUIT, RETURN],
            View::System => &[COMMIT, DFS_GROUP, QUIT, RETURN, UNDO],
            View::DfsGroup(_) => FIRST,
        }
    }
}

/// The words of one line, taken from the front.
pub(super) struct Reader<'a> {
    line: &'a str,
    words: std::vec::IntoIter<Word<'a>>,
    /// Where the next word would stand.
    next: usize,
}

impl<'a> Reader<'a> {
    fn new(line: &'a str) -> Result<Self, Diagnostic> {
        Ok(Self { line, words: words::split(line)?.into_iter(), next: 0 })
    }

    pub(super) fn refuse(&self, span: Span, refusal: Refusal) -> Diagnostic {
        Diagnostic::new(self.line, span, refusal)
    }

    /// The next word, or the complaint that one of `expected` is missing.
    pub(super) fn word(&mut self, expected: &[&'static str]) -> Result<Word<'a>, Diagnostic> {
        let Some(word) = self.words.next() else {
            let span = Span { column: self.next, length: 1 };
            return Err(self.refuse(span, Refusal::Incomplete { expected: expected.to_vec() }));
        };
        self.next = word.span.column + word.span.length + 1;
        Ok(word)
    }

    /// The next word, which is not a name: plain ASCII without quotes.
    pub(super) fn plain(&mut self, expected: &[&'static str]) -> Result<Word<'a>, Diagnostic> {
        let word = self.word(expected)?;
        if word.quoted {
            return Err(self.refuse(word.span, Refusal::StrayQuote));
        }
        if let Some((at, character)) = word.text.chars().enumerate().find(|(_, c)| !c.is_ascii()) {
            let span = Span { column: word.span.column + at, length: 1 };
            return Err(self.refuse(span, Refusal::NonAscii { character }));
        }
        Ok(word)
    }

    /// One of `keywords`, whole or as an unambiguous beginning; `offered` are those that an error names.
    pub(super) fn keyword(
        &mut self,
        keywords: &[&'static str],
        offered: &[&'static str],
    ) -> Result<(&'static str, Span), Diagnostic> {
        let word = self.plain(offered)?;
        if let Some(exact) = keywords.iter().find(|keyword| keyword.eq_ignore_ascii_case(word.text)) {
            return Ok((exact, word.span));
        }
        let begins = |keyword: &&&str| {
            keyword.get(..word.text.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.text))
        };
        let matches: Vec<&'static str> = keywords.iter().filter(begins).copied().collect();
        match matches[..] {
            [one] => Ok((one, word.span)),
            [] => {
                let refusal = Refusal::Unrecognized { word: shown(word.text), expected: offered.to_vec() };
                Err(self.refuse(word.span, refusal))
            }
            _ => Err(self.refuse(word.span, Refusal::Ambiguous { word: shown(word.text), matches })),
        }
    }

    /// True when nothing is left.
    pub(super) fn is_over(&self) -> bool {
        self.words.as_slice().is_empty()
    }

    /// Nothing may be left.
    fn end(&mut self) -> Result<(), Diagnostic> {
        match self.words.next() {
            None => Ok(()),
            Some(word) => Err(self.refuse(word.span, Refusal::TrailingWord { word: shown(word.text) })),
        }
    }

    fn needs_group(&self, view: View, command: &'static str, span: Span) -> Result<(), Diagnostic> {
        let way = match view {
            View::DfsGroup(_) => return Ok(()),
            View::System => TO_GROUP,
            View::User => TO_BOTH,
        };
        Err(self.refuse(span, Refusal::WrongView { command, way }))
    }

    fn undo(mut self, view: View, mut places: Places) -> Result<Parsed, Failed> {
        let offered: &[&str] = if matches!(view, View::DfsGroup(_)) { UNDOABLE } else { &[DFS_GROUP] };
        let (what, span) = self.keyword(UNDOABLE, offered)?;
        places.keyword = span;
        if what == DFS_GROUP {
            let command = Command::UndoDfsGroup(self.group(&mut places)?);
            self.end()?;
            return Ok(Parsed { command, places });
        }
        if what != PEER_LINK {
            self.needs_group(view, what, span)?;
            let command = Command::Unset(self.undo_setting(what)?);
            self.end()?;
            return Ok(Parsed { command, places });
        }
        self.needs_group(view, "undo peer-link", span)?;
        let link = self.peer_link(&mut places).and_then(|link| self.end().map(|()| link));
        match link {
            Ok(link) => Ok(Parsed { command: Command::UndoPeerLink(link), places }),
            Err(diagnostic) => Err(Failed { diagnostic: Box::new(diagnostic), undo_peer_link: Some(span) }),
        }
    }

    fn group(&mut self, places: &mut Places) -> Result<DfsGroupId, Diagnostic> {
        let word = self.plain(&["the number of the DFS group"])?;
        places.group = word.span;
        let group = if word.text.starts_with('0') { None } else { word.text.parse().ok() };
        group.ok_or_else(|| self.refuse(word.span, Refusal::DfsGroupNumber { word: shown(word.text) }))
    }

    /// What follows `peer-link`.
    fn peer_link(&mut self, places: &mut Places) -> Result<PeerLink, Diagnostic> {
        self.keyword(&["source"], &["source"])?;
        let (form, span) = self.keyword(&["ip", "ipv6"], &["ip", "ipv6"])?;
        let form = if form == "ip" { Form::Ip } else { Form::Ipv6 };
        places.form = span;
        let source = self.address(form, true, &mut places.source)?;
        let (mut next, mut span) = self.keyword(&["vpn-instance", "peer"], &["vpn-instance", "peer"])?;
        let mut vpn = VpnInstance::public();
        if next == "vpn-instance" {
            vpn = self.vpn(places)?;
            (next, span) = self.keyword(&["peer"], &["peer"])?;
        }
        debug_assert_eq!(next, "peer");
        places.peer_keyword = span;
        let peer = self.address(form, false, &mut places.peer)?;
        // Compared as soon as both are known: the caret belongs under the peer, whatever follows it.
        if source == peer {
            return Err(self.refuse(places.peer, Refusal::SameAddress { address: peer }));
        }
        self.keyword(&["tcp-port"], &["tcp-port"])?;
        let word = self.plain(&["a port from 1024 to 65535"])?;
        places.port = word.span;
        let port = word.text.parse().map_err(|refusal| self.refuse(word.span, Refusal::Port(refusal)))?;
        PeerLink::new(source, peer, vpn, port).map_err(|refusal| self.refuse(places.peer, refusal))
    }

    fn address(
        &mut self,
        form: Form,
        after_source: bool,
        place: &mut Span,
    ) -> Result<std::net::IpAddr, Diagnostic> {
        let expected = match form {
            Form::Ip => "an IPv4 address",
            Form::Ipv6 => "an IPv6 address",
        };
        let word = self.plain(&[expected])?;
        *place = word.span;
        address::parse(word.text, form, after_source).map_err(|refusal| self.refuse(word.span, refusal))
    }

    fn vpn(&mut self, places: &mut Places) -> Result<VpnInstance, Diagnostic> {
        let word = self.word(&["the name of a VPN instance"])?;
        places.vpn = Some(word.span);
        let vpn: VpnInstance =
            word.text.parse().map_err(|refusal| self.refuse(word.span, Refusal::VpnName(refusal)))?;
        // The public instance is what a line without the name means, so its name is never written.
        if vpn.is_public() { Err(self.refuse(word.span, Refusal::VpnReserved)) } else { Ok(vpn) }
    }
}
