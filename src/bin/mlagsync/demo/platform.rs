//! The two switches' configuration: the command lines of the reference's examples, and a platform file for each.

use super::error::DemoError;
use super::hosts::{Port, Vlan};
use super::member;
use super::world::{LEAVES, bridge, port};
use std::net::IpAddr;
use std::path::Path;

/// The channel between the two, as one of the two examples has it.
pub(crate) struct Channel {
    /// The two ends' addresses.
    pub(crate) ends: [IpAddr; 2],
    /// Of their common subnet.
    pub(crate) prefix_length: u8,
}

impl Channel {
    /// The IPv4 example, or the IPv6 one.
    pub(crate) fn new(ipv6: bool) -> Channel {
        let (ends, prefix_length) = match ipv6 {
            false => (["10.1.0.3", "10.1.0.4"], 24),
            true => (["2001:db8:1::1", "2001:db8:1::2"], 64),
        };
        Channel { ends: ends.map(|end| end.parse().expect("an address")), prefix_length }
    }

    /// The command line on one of the two switches.
    pub(crate) fn line(&self, number: usize) -> String {
        let (source, peer) = (self.ends[number], self.ends[1 - number]);
        let form = if source.is_ipv4() { "ip" } else { "ipv6" };
        format!("peer-link source {form} {source} peer {peer} tcp-port 2048")
    }
}

/// Sorts `--profile` arguments into the two switches' profiles.
pub(crate) fn profiles(arguments: &[String]) -> Result<[Vec<String>; 2], DemoError> {
    let mut profiles = [Vec::new(), Vec::new()];
    for line in arguments {
        let named =
            LEAVES.iter().position(|leaf| line.strip_prefix(leaf).is_some_and(|rest| rest.starts_with(':')));
        let text = named.map_or(line.as_str(), |leaf| &line[LEAVES[leaf].len() + 1..]);
        let legal =
            text.split_once('=').is_some_and(|(key, _)| !key.trim().is_empty() && !text.contains('\n'));
        if !legal {
            return Err(DemoError::Profile { line: line.clone() });
        }
        for (number, profile) in profiles.iter_mut().enumerate() {
            if named.is_none_or(|leaf| leaf == number) {
                profile.push(text.to_owned());
            }
        }
    }
    Ok(profiles)
}

/// One switch's platform file; with the places of its ports in the ASIC, it programs the FDB, and the simulator takes
/// commands. Nobody reads the ASIC back but the demo itself, which is to see what the library did and not what was
/// repaired.
pub(crate) fn text(
    number: usize,
    channel: &Channel,
    library: &Path,
    profile: &[String],
    dir: &Path,
    ports: bool,
) -> String {
    let name = LEAVES[number];
    let mut text = format!(
        "hostname = {}\nnode-id = {}\nscrub-s = 0\ncontrol = {}\ndfs-group = \"\"\"\ndfs-group 1\n {}\n\"\"\"\n",
        quoted(name),
        number + 1,
        quoted(&dir.join(format!("{name}.sock")).display().to_string()),
        channel.line(number)
    );
    if ports {
        text += "fdb = \"managed\"\n";
    }
    let control = ports.then(|| format!("SAI_SIM_CONTROL={}", member::control(dir, number).display()));
    let profile: Vec<&str> = profile.iter().map(String::as_str).chain(control.as_deref()).collect();
    text += &format!(
        "\n[sai]\nlibrary = {}\nprofile = {}\n",
        quoted(&library.display().to_string()),
        quoted(&profile.join("\n"))
    );
    for vlan in Vlan::ALL {
        let interface = bridge(vlan);
        text += &format!(
            "\n[[interface]]\nname = \"{interface}\"\nnetdev = \"{interface}\"\nattachment = \"m-lag 7\"\n"
        );
        for (side, role) in [(Port::MlagMember, "m-lag 7"), (Port::Orphan, "orphan")] {
            text += &format!("\n[[port]]\nnetdev = \"{}\"\nrole = \"{role}\"\n", port(side, vlan));
            // A role has one place, whichever of its network devices has it.
            if ports && side == Port::MlagMember && vlan == Vlan::Ten {
                text += &format!("sai-lag = {:?}\n", member::MEMBER);
            }
        }
    }
    if ports {
        text += &format!("\n[[port]]\nrole = \"peer-link\"\nsai-port = {}\n", member::PEER_LINK);
    }
    text
}

/// A TOML basic string. JSON's escapes are among TOML's, and JSON escapes all that TOML must, but DEL.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_lines_are_the_examples() {
        assert_eq!(Channel::new(false).line(0), "peer-link source ip 10.1.0.3 peer 10.1.0.4 tcp-port 2048");
        let expected = "peer-link source ipv6 2001:db8:1::1 peer 2001:db8:1::2 tcp-port 2048";
        assert_eq!(Channel::new(true).line(0), expected);
    }

    #[test]
    fn a_profile_line_is_for_both_or_for_the_one_it_names() {
        let lines = ["A=1", "leaf-2:B=leaf-1:x", "leaf-1:C="].map(str::to_owned);
        let [one, two] = profiles(&lines).expect("legal");
        assert_eq!(one, ["A=1", "C="]);
        assert_eq!(two, ["A=1", "B=leaf-1:x"]);
    }

    #[test]
    fn what_is_no_profile_line_is_refused() {
        for line in ["A", "=1", "leaf-1:A", "leaf-1:=1", "A=1\nB=2"] {
            let error = profiles(&[line.to_owned()]).unwrap_err().to_string();
            assert!(error.contains("KEY=VALUE"), "{error}");
        }
    }

    #[test]
    fn the_platform_files_are_legal_whatever_the_paths_and_profiles_hold() {
        let profile = vec!["A=\"x\" \\ \u{7f} \u{1}".to_owned(), "B='y'".to_owned()];
        for (number, ports) in [(0, false), (1, false), (0, true), (1, true)] {
            let library = Path::new("/a \"quoted\" \\ place/libsai.so");
            let text = text(number, &Channel::new(true), library, &profile, Path::new("/tmp/x"), ports);
            let platform: mlagsync::run::Platform = toml::from_str(&text).expect(&text);
            platform.validate().expect(&text);
            let read = platform.sai.profile.expect("it has one");
            assert!(read.starts_with(&profile.join("\n")), "{read}");
            assert_eq!(read.contains("SAI_SIM_CONTROL=/tmp/x/leaf-"), ports);
            assert_eq!(platform.sai.library.as_deref(), Some(library));
        }
    }
}
