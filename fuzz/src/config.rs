//! Lines of configuration, typed one by one, and the same as a file.

use super::bytes::Bytes;
use mlagsync::addr::{DfsGroupId, VpnInstance};
use mlagsync::config::{
    Candidate, Command, Environment, ForwardingMode, Model, PeerLink, PortOwner, View, parse_line,
};
use std::net::SocketAddr;

/// A device as the first byte describes it.
struct Device {
    model: &'static Model,
    mode: ForwardingMode,
    vpns: bool,
    taken: bool,
}

impl Environment for Device {
    fn model(&self) -> &Model {
        self.model
    }

    fn forwarding_mode(&self) -> ForwardingMode {
        self.mode
    }

    fn vpn_instance_exists(&self, _: &VpnInstance) -> bool {
        self.vpns
    }

    fn port_owner(&self, _: &VpnInstance, _: SocketAddr, _: Option<&PeerLink>) -> Option<PortOwner> {
        self.taken.then(|| PortOwner { what: "another program".to_owned() })
    }
}

/// The first byte is the device, the rest is what somebody types.
pub fn config(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let how = bytes.byte();
    let models = Model::all();
    let device = Device {
        model: &models[usize::from(how >> 2) % models.len()],
        mode: ForwardingMode::Standard,
        vpns: how & 1 != 0,
        taken: how & 2 != 0,
    };
    let text = String::from_utf8_lossy(bytes.0);
    let group = DfsGroupId::new(1).expect("a group's number");
    let mut candidate = Candidate::default();
    for line in text.split('\n').take(64) {
        for view in [View::User, View::System, View::DfsGroup(group)] {
            parse(view, line);
        }
        let before = (candidate.lines(), candidate.running().clone(), candidate.view());
        if candidate.enter(line).is_err() {
            assert_eq!(before, (candidate.lines(), candidate.running().clone(), candidate.view()));
        }
        let before = (candidate.lines(), candidate.running().clone());
        match candidate.commit(&device) {
            Ok(_) => assert!(!candidate.is_changed()),
            Err(_) => assert_eq!(before, (candidate.lines(), candidate.running().clone())),
        }
        // What runs is shown as lines that make the same of a device that has nothing.
        let shown = candidate.running().to_string();
        let mut other = Candidate::default();
        let loaded = other.load(&shown, &Device { taken: false, ..device });
        assert!(loaded.is_ok(), "{shown} is not taken: {}", loaded.err().unwrap_or_default()[0]);
        assert_eq!(other.running(), candidate.running(), "{shown}");
    }
    let before = candidate.running().clone();
    if candidate.load(&text, &device).is_err() {
        assert_eq!(candidate.running(), &before);
    }
}

fn parse(view: View, line: &str) {
    match parse_line(view, line) {
        Ok(Command::PeerLink(link)) => {
            let shown = link.to_string();
            assert_eq!(shown.parse::<PeerLink>().ok(), Some(link), "{shown}");
        }
        Ok(_) => {}
        Err(fault) => {
            let length = fault.line.chars().count();
            assert!(fault.span.column <= length + 1 && fault.span.length >= 1, "{fault:?}");
            let text = fault.to_string();
            assert_eq!(text.lines().count(), 3, "{text}");
            assert!(!text.lines().any(|l| l.chars().any(|c| c != '\t' && c.is_control())), "{text:?}");
        }
    }
}
