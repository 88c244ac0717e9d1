//! One connection takes the place of another without a loss: because its keys are worn, because what keeps others out was
//! changed, or because the side that waits to be dialled asks for it (REDIAL).
//!
//! Only the side that dials can make a connection; the other one asks it to. Meanwhile the old connection stands, and it
//! goes on standing when the new one comes to nothing.

use super::io::{DownReason, SilentDrop};
use super::{Session, dials};
use crate::limits;
use crate::time::Time;
use crate::wire::control;

impl Session {
    /// Has a connection replaced whose keys are worn, and again later if that came to nothing.
    pub(super) fn renew_worn(&mut self, now: Time) {
        let Some(link) = self.link.as_mut().filter(|link| link.is_worn(now)) else { return };
        link.renew_at = now + limits::REKEY_RETRY;
        link.renew_frames += limits::REKEY_FRAMES / 16;
        self.renew(now);
    }

    /// Has the established connection replaced by a new one, from whichever side.
    pub(super) fn renew(&mut self, now: Time) {
        let (Some(settings), Some(link)) = (&self.settings, &mut self.link) else { return };
        self.counters.renewals += 1;
        if dials(settings) {
            self.renew_until = Some(now + limits::REPLACE_GRACE);
            self.channel.hurry(now);
        } else {
            let mut bytes = Vec::new();
            control::redial(&mut bytes);
            link.conn.send(now, bytes, &mut self.out);
        }
    }

    /// The peer asked to be dialled anew. A peer that asks over and over is dialled no more often than it would be if it
    /// closed each time.
    pub(super) fn redialled(&mut self, now: Time) {
        let (Some(settings), Some(link)) = (&self.settings, &self.link) else { return };
        if dials(settings) && self.renew_until.is_none() {
            self.counters.renewals += 1;
            self.renew_until = Some(now + limits::REPLACE_GRACE);
            self.channel.hurry(now.max(link.since + limits::BACKOFF_MAX_ANSWERED));
        }
    }

    /// The kernel threw segments away. That says why nothing is heard; somebody of whom something is heard has another
    /// reason, and strangers may make the kernel drop as many as they like.
    pub(super) fn segments_dropped(&mut self, now: Time, what: SilentDrop, segments: u64) {
        self.counters.dropped_segments += segments;
        self.dropped = Some((what, now));
        let vague = matches!(
            self.reason,
            DownReason::Connecting
                | DownReason::NobodyDials { .. }
                | DownReason::PeerSilent { .. }
                | DownReason::SegmentsDropped { .. }
        );
        if vague && self.link.is_none() && self.pending.is_empty() {
            self.down(now, DownReason::SegmentsDropped { what });
        }
    }

    /// Why nothing is heard, if the kernel has thrown segments away lately.
    pub(super) fn silence(&self, now: Time) -> Option<DownReason> {
        let (what, at) = self.dropped?;
        (now.since(at) < limits::NOBODY_DIALS).then_some(DownReason::SegmentsDropped { what })
    }
}
