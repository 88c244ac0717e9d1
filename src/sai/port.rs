//! Front ports: how they are, and that they are to be up.

use super::attr::port as at;
use super::error::Error;
use super::id::{self, Oid};
use super::object;
use super::switch::Switch;
use super::table::{Method, method};
use sai_sys::{sai_port_api_t, sai_port_oper_status_t};

const SET: Method<sai_port_api_t, object::Set> = method!(sai_port_api_t, set_port_attribute);
const GET: Method<sai_port_api_t, object::Get> = method!(sai_port_api_t, get_port_attribute);

/// How a port's link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortState {
    /// It is up.
    Up,
    /// It is not: down, being tested, not there, or not known.
    Down,
}

impl PortState {
    pub(super) fn of(status: sai_port_oper_status_t) -> PortState {
        match status {
            sai_port_oper_status_t::SAI_PORT_OPER_STATUS_UP => PortState::Up,
            _ => PortState::Down,
        }
    }
}

impl Switch {
    /// How a port's link is now.
    pub fn port_state(&self, port: Oid<id::Port>) -> Result<PortState, Error> {
        let status = self.library().get(&GET, port, at::OPER_STATUS)?;
        Ok(PortState::of(sai_port_oper_status_t(status.cast_unsigned())))
    }

    /// Says that a port is to be up, or not.
    pub fn set_port_enabled(&self, port: Oid<id::Port>, enabled: bool) -> Result<(), Error> {
        self.library().set(&SET, port, at::ADMIN_STATE, enabled)
    }
}
