//! The code under test: brings hosts into an ASIC's host table through SAI, and says of each what became of it.
//!
//! It knows nothing of the simulator. It believes a status only as far as a status can be believed: after a refusal
//! it reads back what the table holds.

use std::mem::zeroed;
use std::net::Ipv4Addr;

use sai_sys::*;

/// A station's address.
pub type Mac = [u8; 6];

/// What became of a host.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The hardware holds it with the MAC that was asked for.
    Programmed,
    /// The hardware does not hold it, for this reason.
    Refused(Status),
}

/// The host table of one router interface.
pub struct HostTable<'a> {
    /// The library's method table for neighbours.
    pub api: &'a sai_neighbor_api_t,
    /// Does the library's release have the bulk members of that table (1.11 and later)? In an older one they are not
    /// NULL: there is no such memory.
    pub has_bulk_members: bool,
    /// The switch.
    pub switch: sai_object_id_t,
    /// The router interface.
    pub rif: sai_object_id_t,
}

const MAC: sai_neighbor_entry_attr_t = sai_neighbor_entry_attr_t::SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS;
const IGNORE: sai_bulk_op_error_mode_t = sai_bulk_op_error_mode_t::SAI_BULK_OP_ERROR_MODE_IGNORE_ERROR;

impl HostTable<'_> {
    /// Programs hosts: in one call where the library can, else one by one.
    pub fn program(&self, hosts: &[(Ipv4Addr, Mac)]) -> Vec<Outcome> {
        let entries: Vec<_> = hosts.iter().map(|(ip, _)| self.entry(*ip)).collect();
        let attrs: Vec<_> = hosts.iter().map(|(_, mac)| attribute(*mac)).collect();
        let statuses = self.create_many(&entries, &attrs);
        hosts.iter().zip(statuses).map(|((ip, mac), status)| self.judge(*ip, *mac, status)).collect()
    }

    /// The MAC that the hardware has for a host.
    pub fn read(&self, ip: Ipv4Addr) -> Result<Mac, Status> {
        let get = self.api.get_neighbor_entry_attribute.ok_or(Status::NOT_IMPLEMENTED)?;
        let (entry, mut attr) = (self.entry(ip), attribute([0; 6]));
        // SAFETY: both are values of ours that live through the call.
        let status = unsafe { get(&raw const entry, 1, &raw mut attr) };
        // SAFETY: the attribute's value is a MAC.
        if status == Status::SUCCESS.0 { Ok(unsafe { attr.value.mac }) } else { Err(Status(status)) }
    }

    /// One status for each entry. Which of them a call touched is only known because they were filled before it.
    fn create_many(&self, entries: &[sai_neighbor_entry_t], attrs: &[sai_attribute_t]) -> Vec<Status> {
        let mut statuses = vec![Status::NOT_EXECUTED.0; entries.len()];
        let bulk = if self.has_bulk_members { self.api.create_neighbor_entries } else { None };
        if let Some(create) = bulk {
            let counts = vec![1; entries.len()];
            let mut lists: Vec<_> = attrs.iter().map(std::ptr::from_ref).collect();
            // SAFETY: five lists of the same length.
            unsafe {
                create(
                    entries.len() as u32,
                    entries.as_ptr(),
                    counts.as_ptr(),
                    lists.as_mut_ptr(),
                    IGNORE,
                    statuses.as_mut_ptr(),
                );
            }
        }
        for ((entry, attr), status) in entries.iter().zip(attrs).zip(&mut statuses) {
            if *status == Status::NOT_EXECUTED.0 {
                *status = self.create(entry, attr).0;
            }
        }
        statuses.into_iter().map(Status).collect()
    }

    fn create(&self, entry: &sai_neighbor_entry_t, attr: &sai_attribute_t) -> Status {
        let Some(create) = self.api.create_neighbor_entry else { return Status::NOT_IMPLEMENTED };
        // SAFETY: both are references.
        Status(unsafe { create(entry, 1, attr) })
    }

    fn set(&self, entry: &sai_neighbor_entry_t, attr: &sai_attribute_t) -> Status {
        let Some(set) = self.api.set_neighbor_entry_attribute else { return Status::NOT_IMPLEMENTED };
        // SAFETY: both are references.
        Status(unsafe { set(entry, attr) })
    }

    fn judge(&self, ip: Ipv4Addr, mac: Mac, status: Status) -> Outcome {
        match self.read(ip) {
            Ok(there) if there == mac => Outcome::Programmed,
            // Somebody was there with another MAC, or the hardware garbled ours.
            Ok(_) => match self.set(&self.entry(ip), &attribute(mac)) {
                Status::SUCCESS if self.read(ip) == Ok(mac) => Outcome::Programmed,
                status => Outcome::Refused(status),
            },
            Err(why) if status == Status::SUCCESS => Outcome::Refused(why),
            Err(_) => Outcome::Refused(status),
        }
    }

    fn entry(&self, ip: Ipv4Addr) -> sai_neighbor_entry_t {
        // SAFETY: zero is a value of every member.
        let mut entry: sai_neighbor_entry_t = unsafe { zeroed() };
        entry.switch_id = self.switch;
        entry.rif_id = self.rif;
        entry.ip_address.addr_family = sai_ip_addr_family_t::SAI_IP_ADDR_FAMILY_IPV4;
        entry.ip_address.addr.ip4 = u32::from_ne_bytes(ip.octets());
        entry
    }
}

fn attribute(mac: Mac) -> sai_attribute_t {
    // SAFETY: zero is a value of every member.
    let mut attr: sai_attribute_t = unsafe { zeroed() };
    attr.id = MAC.0;
    attr.value.mac = mac;
    attr
}
