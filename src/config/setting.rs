//! The lines of a DFS group beside its peer-link: who dials, its times, what keeps others out, what the pair is called.
//!
//! ```text
//! authentication-mode hmac-sha256 [key-id K] password P        undo authentication-mode hmac-sha256 [key-id K]
//! connect-mode auto|active|passive                             undo connect-mode
//! hold-time MS                                                 undo hold-time
//! keepalive-interval MS                                        undo keepalive-interval
//! m-lag system-id MAC                                          undo m-lag system-id
//! priority N                                                   undo priority
//! tcp-authentication md5 password P                            undo tcp-authentication
//! tcp-authentication ao [key-id K] password P
//! ttl-security hops N|disable                                  undo ttl-security
//! ```
//!
//! What says the default is not shown, as it is not configured. A password is shown as `******`; a line that says that
//! keeps the password that is there, and is refused where there is none.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use crate::addr::Mac;
use crate::auth::{KeyId, MASK, Password};
use crate::limits;
use crate::peering::{ConnectMode, GroupFacts, TcpKey, TcpSigning, TtlSecurity};

/// What one line sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// `authentication-mode`: one key more.
    Authentication {
        /// Its id.
        key: KeyId,
        /// Its password; `None`: as it is.
        password: Option<Password>,
    },
    /// `connect-mode`.
    ConnectMode(ConnectMode),
    /// `hold-time`.
    HoldTime(Duration),
    /// `keepalive-interval`.
    Keepalive(Duration),
    /// `m-lag system-id`.
    SystemId(Mac),
    /// `priority`.
    Priority(u8),
    /// `tcp-authentication`; a password of `None`: as it is.
    TcpAuthentication(TcpKey),
    /// `ttl-security`.
    TtlSecurity(TtlSecurity),
}

/// Which setting `undo` takes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SettingName {
    /// `authentication-mode` of this key id.
    Authentication(KeyId),
    /// `connect-mode`.
    ConnectMode,
    /// `hold-time`.
    HoldTime,
    /// `keepalive-interval`.
    Keepalive,
    /// `m-lag system-id`.
    SystemId,
    /// `priority`.
    Priority,
    /// `tcp-authentication`.
    TcpAuthentication,
    /// `ttl-security`.
    TtlSecurity,
}

impl Setting {
    /// What takes it back.
    pub fn name(&self) -> SettingName {
        match self {
            Setting::Authentication { key, .. } => SettingName::Authentication(*key),
            Setting::ConnectMode(_) => SettingName::ConnectMode,
            Setting::HoldTime(_) => SettingName::HoldTime,
            Setting::Keepalive(_) => SettingName::Keepalive,
            Setting::SystemId(_) => SettingName::SystemId,
            Setting::Priority(_) => SettingName::Priority,
            Setting::TcpAuthentication(_) => SettingName::TcpAuthentication,
            Setting::TtlSecurity(_) => SettingName::TtlSecurity,
        }
    }
}

impl fmt::Display for Setting {
    /// The whole line in canonical form, the password masked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Setting::Authentication { key, .. } => {
                write!(f, "{} password {MASK}", SettingName::Authentication(*key))
            }
            Setting::ConnectMode(mode) => write!(f, "connect-mode {}", mode_word(*mode)),
            Setting::HoldTime(time) => write!(f, "hold-time {}", time.as_millis()),
            Setting::Keepalive(time) => write!(f, "keepalive-interval {}", time.as_millis()),
            Setting::SystemId(mac) => write!(f, "m-lag system-id {mac}"),
            Setting::Priority(priority) => write!(f, "priority {priority}"),
            Setting::TcpAuthentication(TcpKey { signing, .. }) => match signing {
                TcpSigning::Md5 => write!(f, "tcp-authentication md5 password {MASK}"),
                TcpSigning::Ao { id } => {
                    write!(f, "tcp-authentication ao{} password {MASK}", KeyIdWords(*id))
                }
            },
            Setting::TtlSecurity(TtlSecurity::Hops(hops)) => write!(f, "ttl-security hops {hops}"),
            Setting::TtlSecurity(TtlSecurity::Disabled) => f.write_str("ttl-security disable"),
            Setting::TtlSecurity(TtlSecurity::Auto) => f.write_str("undo ttl-security"),
        }
    }
}

impl fmt::Display for SettingName {
    /// The words behind `undo`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SettingName::Authentication(key) => {
                write!(f, "authentication-mode hmac-sha256{}", KeyIdWords(*key))
            }
            SettingName::ConnectMode => f.write_str("connect-mode"),
            SettingName::HoldTime => f.write_str("hold-time"),
            SettingName::Keepalive => f.write_str("keepalive-interval"),
            SettingName::SystemId => f.write_str("m-lag system-id"),
            SettingName::Priority => f.write_str("priority"),
            SettingName::TcpAuthentication => f.write_str("tcp-authentication"),
            SettingName::TtlSecurity => f.write_str("ttl-security"),
        }
    }
}

/// ` key-id K`, or nothing for the one that a line without it means.
struct KeyIdWords(KeyId);

impl fmt::Display for KeyIdWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 { Ok(()) } else { write!(f, " key-id {}", self.0) }
    }
}

fn mode_word(mode: ConnectMode) -> &'static str {
    match mode {
        ConnectMode::Auto => "auto",
        ConnectMode::Active => "active",
        ConnectMode::Passive => "passive",
    }
}

/// Everything that is set in a group; what is not is at its default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The passwords, by key id; none: the channel asks for no authentication.
    pub keys: BTreeMap<KeyId, Password>,
    /// Which side dials.
    pub connect: ConnectMode,
    /// The hold time.
    pub hold: Duration,
    /// The keepalive interval.
    pub keepalive: Duration,
    /// How far away the peer may be.
    pub ttl: TtlSecurity,
    /// What signs segments.
    pub tcp: Option<TcpKey>,
    /// The group as this device has it.
    pub facts: GroupFacts,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            keys: BTreeMap::new(),
            connect: ConnectMode::default(),
            hold: limits::HOLD,
            keepalive: limits::KEEPALIVE,
            ttl: TtlSecurity::default(),
            tcp: None,
            facts: GroupFacts::default(),
        }
    }
}

/// What a line came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Set {
    /// It says what is there already.
    Same,
    /// It changed something.
    Changed,
    /// Its password is masked, and there is none that could stay as it is.
    Masked,
    /// There are as many keys as there may be.
    TooManyKeys,
}

impl Settings {
    /// Sets what a line says.
    pub(super) fn set(&mut self, setting: &Setting) -> Set {
        let before = self.clone();
        match setting.clone() {
            Setting::Authentication { key, password: None } if self.keys.contains_key(&key) => {}
            Setting::Authentication { password: None, .. } => return Set::Masked,
            Setting::Authentication { key, password: Some(password) } => {
                if self.keys.len() >= limits::KEYS && !self.keys.contains_key(&key) {
                    return Set::TooManyKeys;
                }
                self.keys.insert(key, password);
            }
            Setting::ConnectMode(mode) => self.connect = mode,
            Setting::HoldTime(time) => self.hold = time,
            Setting::Keepalive(time) => self.keepalive = time,
            Setting::SystemId(mac) => self.facts.system_id = Some(mac),
            Setting::Priority(priority) => self.facts.priority = priority,
            Setting::TcpAuthentication(TcpKey { signing, password: None }) => {
                if self.tcp.as_ref().is_none_or(|key| key.signing != signing) {
                    return Set::Masked;
                }
            }
            Setting::TcpAuthentication(key) => self.tcp = Some(key),
            Setting::TtlSecurity(ttl) => self.ttl = ttl,
        }
        if *self == before { Set::Same } else { Set::Changed }
    }

    /// Takes a setting back to its default. False when it is there already.
    pub(super) fn unset(&mut self, name: SettingName) -> bool {
        let (before, default) = (self.clone(), Settings::default());
        match name {
            SettingName::Authentication(key) => _ = self.keys.remove(&key),
            SettingName::ConnectMode => self.connect = default.connect,
            SettingName::HoldTime => self.hold = default.hold,
            SettingName::Keepalive => self.keepalive = default.keepalive,
            SettingName::SystemId => self.facts.system_id = None,
            SettingName::Priority => self.facts.priority = default.facts.priority,
            SettingName::TcpAuthentication => self.tcp = None,
            SettingName::TtlSecurity => self.ttl = default.ttl,
        }
        *self != before
    }

    /// What is set, in the order of a configuration file.
    pub fn configured(&self) -> Vec<Setting> {
        let Settings { keys, connect, hold, keepalive, ttl, tcp, facts } = self;
        let default = Settings::default();
        let keys = keys
            .iter()
            .map(|(key, password)| Setting::Authentication { key: *key, password: Some(password.clone()) });
        let others = [
            (*connect != default.connect).then_some(Setting::ConnectMode(*connect)),
            (*hold != default.hold).then_some(Setting::HoldTime(*hold)),
            (*keepalive != default.keepalive).then_some(Setting::Keepalive(*keepalive)),
            facts.system_id.map(Setting::SystemId),
            (facts.priority != default.facts.priority).then_some(Setting::Priority(facts.priority)),
            tcp.clone().map(Setting::TcpAuthentication),
            (*ttl != default.ttl).then_some(Setting::TtlSecurity(*ttl)),
        ];
        keys.chain(others.into_iter().flatten()).collect()
    }
}

impl Serialize for Settings {
    /// As lines, the passwords masked. They are for people: passwords that are not there cannot be read back.
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let lines = self.configured();
        let mut seq = s.serialize_seq(Some(lines.len()))?;
        for line in lines {
            seq.serialize_element(&line.to_string())?;
        }
        seq.end()
    }
}
