//! What we say in HELLO, and what we make of the peer's.

use super::io::{DownReason, Settings, Tuning};
use crate::auth::KeyId;
use crate::limits;
use crate::peering::GroupFacts;
use crate::wire::control::code;
use crate::wire::hello::{HMAC_SHA256, Hello, Offer, VERSIONS};
use std::time::Duration;

/// Our HELLO.
pub(super) fn ours(settings: &Settings, tuning: &Tuning, nonce: [u8; 16]) -> Hello {
    let number = |n: usize| u32::try_from(n).expect("limits fit 32 bits");
    Hello {
        versions: VERSIONS,
        capabilities: tuning.capabilities,
        node: settings.node_id,
        group: settings.group,
        port: settings.port,
        hold_ms: u32::try_from(settings.hold.as_millis()).unwrap_or(u32::MAX),
        max_frame: number(tuning.frame()),
        max_interfaces: number(limits::MAX_INTERFACES),
        max_claims: number(limits::MAX_CLAIMS),
        nonce,
        auth: Offer::of(settings.security.keys.ids()),
        facts: (settings.facts != GroupFacts::default()).then_some(settings.facts),
    }
}

/// Why the peer's HELLO is refused, with the code that tells it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) code: u16,
    pub(super) reason: DownReason,
}

/// Compares the peer's HELLO with our settings. What is asked first is told first: without a common version the rest
/// need not mean anything; of two groups that share a wire by mistake, the port says nothing. Answers the key that both
/// have to prove, where keys are configured.
pub(super) fn check(settings: &Settings, theirs: &Hello) -> Result<Option<KeyId>, Refused> {
    let refuse = |code, reason| Err(Refused { code, reason });
    if theirs.versions.0 > VERSIONS.1 || theirs.versions.1 < VERSIONS.0 {
        let reason = DownReason::VersionDiffers { ours: VERSIONS, theirs: theirs.versions };
        return refuse(code::VERSION_DIFFERS, reason);
    }
    if theirs.group != settings.group {
        let reason = DownReason::GroupDiffers { ours: settings.group, theirs: theirs.group };
        return refuse(code::GROUP_DIFFERS, reason);
    }
    if theirs.port != settings.port {
        let reason = DownReason::PortDiffers { ours: settings.port, theirs: theirs.port };
        return refuse(code::PORT_DIFFERS, reason);
    }
    if theirs.node == settings.node_id {
        return refuse(code::SAME_NODE_ID, DownReason::SameNodeId { node: theirs.node });
    }
    let below = |theirs: u32, least: usize| usize::try_from(theirs).is_ok_and(|theirs| theirs < least);
    if below(theirs.max_frame, limits::MIN_MAX_FRAME)
        || below(theirs.max_interfaces, limits::MIN_MAX_INTERFACES)
    {
        let detail = format!(
            "HELLO: takes frames of {} bytes and {} interfaces, which is below what the protocol asks for",
            theirs.max_frame, theirs.max_interfaces
        );
        return refuse(code::LIMITS_TOO_LOW, DownReason::ProtocolError { detail });
    }
    key(settings, theirs)
}

/// The key that is to be proved. Whoever has keys talks to nobody without, whatever took the other's offer away.
fn key(settings: &Settings, theirs: &Hello) -> Result<Option<KeyId>, Refused> {
    let keys = &settings.security.keys;
    let (code, reason) = match &theirs.auth {
        None if keys.is_empty() => return Ok(None),
        None => (code::AUTH_REQUIRED, DownReason::AuthRequired),
        Some(_) if keys.is_empty() => (code::AUTH_NOT_CONFIGURED, DownReason::AuthNotConfigured),
        Some(offer) if offer.algorithm != HMAC_SHA256 => {
            (code::AUTH_ALGORITHM, DownReason::AuthAlgorithmDiffers { theirs: offer.algorithm })
        }
        Some(offer) => match keys.common(offer.ids()) {
            Some(key) => return Ok(Some(key)),
            None => {
                let (ours, theirs) = (keys.ids().collect(), offer.ids().to_vec());
                (code::NO_COMMON_KEY, DownReason::NoCommonKey { ours, theirs })
            }
        },
    };
    Err(Refused { code, reason })
}

/// The hold time in force: the larger of both, within reason.
pub(super) fn hold(settings: &Settings, theirs: &Hello) -> Duration {
    let larger = settings.hold.max(Duration::from_millis(theirs.hold_ms.into()));
    larger.clamp(limits::HOLD_MIN, limits::HOLD_MAX)
}
