//! The grammar of a DFS group's settings: what follows their first keyword.
//!
//! Invariant: refusals repeat words; those that may be a password are taken out by `secret`, for each line at once.

use std::time::Duration;

use super::address::shown;
use super::command::Reader;
use super::diagnostic::Diagnostic;
use super::refusal::Refusal;
use super::setting::{Setting, SettingName};
use crate::addr::Mac;
use crate::auth::{KeyId, Password, PasswordError};
use crate::peering::{ConnectMode, TcpKey, TcpSigning, TtlSecurity};

pub(super) const AUTHENTICATION: &str = "authentication-mode";
pub(super) const CONNECT_MODE: &str = "connect-mode";
pub(super) const HOLD_TIME: &str = "hold-time";
pub(super) const KEEPALIVE: &str = "keepalive-interval";
pub(super) const M_LAG: &str = "m-lag";
pub(super) const PRIORITY: &str = "priority";
pub(super) const TCP_AUTHENTICATION: &str = "tcp-authentication";
pub(super) const TTL_SECURITY: &str = "ttl-security";

const SYSTEM_ID: &str = "system-id";
const PASSWORD: &str = "password";
const KEY_ID: &str = "key-id";

/// A number, its bounds, and how to say what is missing.
struct Number {
    what: &'static str,
    bounds: std::ops::RangeInclusive<u32>,
    expected: &'static str,
}

const KEY_IDS: Number = Number { what: "a key id", bounds: 0..=255, expected: "a key id from 0 to 255" };
const PRIORITIES: Number =
    Number { what: "a priority", bounds: 1..=254, expected: "a priority from 1 to 254" };
const HOPS: Number =
    Number { what: "a number of hops", bounds: 1..=254, expected: "a number of hops from 1 to 254" };
const HOLD: Number =
    Number { what: "a hold time", bounds: 300..=600_000, expected: "a hold time from 300 to 600000 ms" };
const INTERVAL: Number = Number {
    what: "a keepalive interval",
    bounds: 100..=200_000,
    expected: "a keepalive interval from 100 to 200000 ms",
};

impl Reader<'_> {
    /// What follows `keyword`, which one of the constants above is.
    pub(super) fn setting(&mut self, keyword: &'static str) -> Result<Setting, Diagnostic> {
        Ok(match keyword {
            AUTHENTICATION => {
                self.keyword(&["hmac-sha256"], &["hmac-sha256"])?;
                let (key, password) = self.key_and_password(&[KEY_ID, PASSWORD])?;
                Setting::Authentication { key, password }
            }
            TCP_AUTHENTICATION => {
                let (signing, _) = self.keyword(&["ao", "md5"], &["ao", "md5"])?;
                let is_md5 = signing == "md5";
                let words: &[&str] = if is_md5 { &[PASSWORD] } else { &[KEY_ID, PASSWORD] };
                let (id, password) = self.key_and_password(words)?;
                let signing = if is_md5 { TcpSigning::Md5 } else { TcpSigning::Ao { id } };
                Setting::TcpAuthentication(TcpKey { signing, password })
            }
            CONNECT_MODE => {
                let modes = ["active", "auto", "passive"];
                Setting::ConnectMode(match self.keyword(&modes, &modes)?.0 {
                    "active" => ConnectMode::Active,
                    "auto" => ConnectMode::Auto,
                    _passive => ConnectMode::Passive,
                })
            }
            HOLD_TIME => Setting::HoldTime(Duration::from_millis(self.number(&HOLD)?.into())),
            KEEPALIVE => Setting::Keepalive(Duration::from_millis(self.number(&INTERVAL)?.into())),
            PRIORITY => {
                let priority = self.number(&PRIORITIES)?;
                Setting::Priority(u8::try_from(priority).expect("its bounds fit"))
            }
            M_LAG => {
                self.keyword(&[SYSTEM_ID], &[SYSTEM_ID])?;
                let word = self.plain(&["a MAC address"])?;
                let mac = word.text.parse().ok().filter(|mac: &Mac| *mac != Mac::ZERO && !mac.is_multicast());
                let refusal = || Refusal::SystemId { word: shown(word.text) };
                Setting::SystemId(mac.ok_or_else(|| self.refuse(word.span, refusal()))?)
            }
            _ttl_security => match self.keyword(&["disable", "hops"], &["disable", "hops"])?.0 {
                "hops" => {
                    let hops = self.number(&HOPS)?;
                    Setting::TtlSecurity(TtlSecurity::Hops(u8::try_from(hops).expect("its bounds fit")))
                }
                _disable => Setting::TtlSecurity(TtlSecurity::Disabled),
            },
        })
    }

    /// What follows `undo` and `keyword`. A setting has one value, so that value need not be said, but a key its id.
    pub(super) fn undo_setting(&mut self, keyword: &'static str) -> Result<SettingName, Diagnostic> {
        Ok(match keyword {
            AUTHENTICATION => {
                self.keyword(&["hmac-sha256"], &["hmac-sha256"])?;
                let mut key = 0;
                if !self.is_over() {
                    self.keyword(&[KEY_ID], &[KEY_ID])?;
                    key = self.key_id()?;
                }
                SettingName::Authentication(key)
            }
            CONNECT_MODE => SettingName::ConnectMode,
            HOLD_TIME => SettingName::HoldTime,
            KEEPALIVE => SettingName::Keepalive,
            M_LAG => {
                self.keyword(&[SYSTEM_ID], &[SYSTEM_ID])?;
                SettingName::SystemId
            }
            PRIORITY => SettingName::Priority,
            TCP_AUTHENTICATION => SettingName::TcpAuthentication,
            _ttl_security => SettingName::TtlSecurity,
        })
    }

    fn key_and_password(&mut self, words: &[&'static str]) -> Result<(KeyId, Option<Password>), Diagnostic> {
        let mut key = 0;
        let (mut next, _) = self.keyword(words, words)?;
        if next == KEY_ID {
            key = self.key_id()?;
            (next, _) = self.keyword(&[PASSWORD], &[PASSWORD])?;
        }
        debug_assert_eq!(next, PASSWORD);
        Ok((key, self.password()?))
    }

    fn key_id(&mut self) -> Result<KeyId, Diagnostic> {
        Ok(u8::try_from(self.number(&KEY_IDS)?).expect("its bounds fit"))
    }

    /// A password, in quotes if it has spaces; `None` for the mask.
    fn password(&mut self) -> Result<Option<Password>, Diagnostic> {
        let word = self.word(&["the password"])?;
        match word.text.parse() {
            Ok(password) => Ok(Some(password)),
            Err(PasswordError::Masked) => Ok(None),
            Err(error) => Err(self.refuse(word.span, Refusal::Password(error))),
        }
    }

    fn number(&mut self, number: &Number) -> Result<u32, Diagnostic> {
        let word = self.plain(&[number.expected])?;
        let digits = word.text.bytes().all(|b| b.is_ascii_digit());
        let canonical = digits && (word.text == "0" || !word.text.starts_with('0'));
        let value = if canonical { word.text.parse().ok() } else { None };
        value.filter(|value| number.bounds.contains(value)).ok_or_else(|| {
            let refusal = Refusal::Number {
                word: shown(word.text),
                what: number.what,
                least: *number.bounds.start(),
                most: *number.bounds.end(),
            };
            self.refuse(word.span, refusal)
        })
    }
}

/// Every first keyword of a setting.
pub(super) const FIRST: [&str; 8] =
    [AUTHENTICATION, CONNECT_MODE, HOLD_TIME, KEEPALIVE, M_LAG, PRIORITY, TCP_AUTHENTICATION, TTL_SECURITY];
