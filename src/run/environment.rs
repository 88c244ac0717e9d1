//! The device as `commit` sees it, asked of the system.

use super::peer;
use super::platform::Platform;
use super::vpn::Places;
use crate::addr::VpnInstance;
use crate::config::{Environment, ForwardingMode, Model, PeerLink, PortOwner};
use std::net::SocketAddr;

/// This device: its platform file for what it is, the kernel for what is there.
pub(crate) struct Device<'a> {
    model: &'static Model,
    mode: ForwardingMode,
    places: &'a Places,
}

impl<'a> Device<'a> {
    /// The device that the platform describes. Fails with the sentence about a model or a mode that nobody knows.
    pub(crate) fn new(platform: &Platform, places: &'a Places) -> Result<Device<'a>, String> {
        let model = Model::named(&platform.model).map_err(|e| e.to_string())?;
        let mode = platform.forwarding_mode.as_deref().map(str::parse).transpose();
        let mode = mode.map_err(|e: crate::config::UnknownName| e.to_string())?.unwrap_or_default();
        Ok(Device { model, mode, places })
    }
}

impl Environment for Device<'_> {
    fn model(&self) -> &Model {
        self.model
    }

    fn forwarding_mode(&self) -> ForwardingMode {
        self.mode
    }

    fn vpn_instance_exists(&self, vpn: &VpnInstance) -> bool {
        self.places.exists(vpn)
    }

    fn port_owner(
        &self,
        vpn: &VpnInstance,
        address: SocketAddr,
        running: Option<&PeerLink>,
    ) -> Option<PortOwner> {
        if running.is_some_and(|link| link.vpn() == vpn && link.listens_on() == address) {
            return None;
        }
        peer::port_owner(self.places.place(vpn), address).map(|what| PortOwner { what })
    }
}
