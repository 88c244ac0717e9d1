//! What configuration and session both say of a channel: who dials, how far away the peer may be, what signs its
//! segments, and what the DFS group is called in the pair.
//!
//! Invariant: words only. The grammar is `config`'s, what follows from them `session`'s and `run`'s.

use crate::addr::Mac;
use crate::auth::{KeyId, KeyRing, Password};
use serde::{Deserialize, Serialize};

/// Which side opens the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectMode {
    /// The numerically larger address.
    #[default]
    Auto,
    /// This one, and it takes the peer's as well.
    Active,
    /// The other one.
    Passive,
}

/// How far away a peer may be whose packets are taken (GTSM, RFC 5082). Every sender of this protocol sends with 255.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TtlSecurity {
    /// A neighbour where the peer's address lies in a connected subnet, anywhere otherwise.
    #[default]
    Auto,
    /// At most so many hops away, 1 being a neighbour.
    Hops(u8),
    /// Anywhere.
    Disabled,
}

impl TtlSecurity {
    /// The lowest TTL or hop limit that is taken, if one is asked for.
    pub fn least(self, connected: bool) -> Option<u8> {
        match self {
            TtlSecurity::Auto => connected.then_some(255),
            TtlSecurity::Hops(hops) => Some(255 - hops.saturating_sub(1)),
            TtlSecurity::Disabled => None,
        }
    }
}

/// How TCP itself signs segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TcpSigning {
    /// RFC 2385, for those who must.
    Md5,
    /// RFC 5925, with HMAC-SHA-1-96; the same id in both directions.
    Ao {
        /// SendID and RecvID.
        id: KeyId,
    },
}

/// What signs segments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TcpKey {
    /// How.
    pub signing: TcpSigning,
    /// With what; `None` only when it was read from a record.
    #[serde(skip)]
    pub password: Option<Password>,
}

/// What keeps others out of a channel. None of it touches a connection that stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Security {
    /// The keys of the protocol's own authentication; none: it asks for none.
    pub keys: KeyRing,
    /// How far away the peer may be.
    pub ttl: TtlSecurity,
    /// What signs segments.
    pub tcp: Option<TcpKey>,
}

/// The DFS group as this device has it, for people and for the pair's LACP. Told to the peer, and shown there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupFacts {
    /// The larger is the master of the pair.
    pub priority: u8,
    /// The system id that both devices show to what is dual-homed.
    pub system_id: Option<Mac>,
}

impl GroupFacts {
    /// The priority of a device that has none configured.
    pub const PRIORITY: u8 = 100;
}

impl Default for GroupFacts {
    fn default() -> Self {
        GroupFacts { priority: Self::PRIORITY, system_id: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_ttl_follows_from_the_hops() {
        assert_eq!(TtlSecurity::Auto.least(true), Some(255));
        assert_eq!(TtlSecurity::Auto.least(false), None);
        assert_eq!(TtlSecurity::Hops(1).least(false), Some(255));
        assert_eq!(TtlSecurity::Hops(254).least(true), Some(2));
        assert_eq!(TtlSecurity::Disabled.least(true), None);
    }

    #[test]
    fn a_record_holds_no_password() {
        let password = "correct horse".parse().ok();
        let tcp = Some(TcpKey { signing: TcpSigning::Ao { id: 7 }, password });
        let json = serde_json::to_string(&Security { tcp, ..Security::default() }).unwrap();
        assert_eq!(json, r#"{"keys":[],"ttl":"auto","tcp":{"signing":{"ao":{"id":7}}}}"#);
        let read: Security = serde_json::from_str(&json).unwrap();
        assert_eq!(read.tcp.unwrap().password, None);
    }
}
