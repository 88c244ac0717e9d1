//! A member of an M-LAG goes down on leaf-2, and comes up again: where packets to the hosts behind it leave.
//!
//! The daemons are started anew for it, with ports in the ASIC, and program the FDB themselves. What is asked of the ASIC is
//! where a packet would go, by the simulator's own control socket; no daemon is asked.

use super::acts::act;
use super::error::DemoError;
use super::hosts::{Host, Port};
use super::pair::Pair;
use super::patience::{LONG, Poll};
use super::progress::Progress;
use super::report::Act;
use super::switch::SwitchError;
use super::world::LEAVES;
use std::collections::HashSet;
use std::io::{self, BufRead, BufReader, Write};
use std::net::IpAddr;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The front ports of the member's LAG, counted from 1, …
pub(super) const MEMBER: [usize; 2] = [1, 2];
/// … and that of the peer-link.
pub(super) const PEER_LINK: usize = 3;

/// Where the simulator of a switch takes commands.
pub(super) fn control(dir: &Path, number: usize) -> PathBuf {
    dir.join(format!("{}.asic", LEAVES[number]))
}

/// The commands of a simulated switch.
struct Asic {
    stream: BufReader<UnixStream>,
}

impl Asic {
    fn connect(path: &Path) -> io::Result<Asic> {
        Ok(Asic { stream: BufReader::new(UnixStream::connect(path)?) })
    }

    fn ask(&mut self, command: &str) -> io::Result<Vec<String>> {
        self.stream.get_mut().write_all(format!("{command}\n").as_bytes())?;
        let mut said = Vec::new();
        loop {
            let mut line = String::new();
            let length = self.stream.read_line(&mut line)?;
            let line = line.trim_end().to_owned();
            match &line[..] {
                "ok" => return Ok(said),
                _ if length == 0 || line.starts_with("error: ") => {
                    return Err(io::Error::other(format!("{command}: {line}")));
                }
                _ => said.push(line),
            }
        }
    }

    /// How many of these hosts' packets leave by none of these ports, and what becomes of the first of them.
    fn elsewhere(
        &mut self,
        router: &str,
        hosts: &[IpAddr],
        ports: &[&String],
    ) -> io::Result<(usize, String)> {
        let by: Vec<String> =
            ports.iter().map(|port| format!("port: {},", port.trim_start_matches("0x"))).collect();
        let (mut count, mut first) = (0, String::new());
        for host in hosts {
            let said = self.ask(&format!("forward {router} {host}"))?.join(" ");
            if !by.iter().any(|port| said.contains(port)) {
                count += 1;
                if first.is_empty() {
                    first = format!("{host}: {said}");
                }
            }
        }
        Ok((count, first))
    }
}

/// Starts both daemons with these platforms, takes leaf-2's member down and up again, and waits each time until packets to
/// all its hosts leave where they should.
pub(super) fn member_down(
    pair: &mut Pair,
    hosts: &[Host],
    platforms: &[String; 2],
    dir: &Path,
    progress: &Progress,
) -> Result<Vec<Act>, DemoError> {
    pair.stop();
    for (switch, platform) in pair.switches.iter().zip(platforms) {
        let written = std::fs::write(&switch.config, platform);
        written.map_err(|source| DemoError::File { path: switch.config.clone(), source })?;
    }
    let expected = pair.kernel_counts()?;
    pair.start()?;
    pair.settle(expected, progress)?;

    let known: HashSet<IpAddr> =
        pair.world.leaves[0].neighbors()?.into_iter().map(|((_, ip), _)| ip).collect();
    let dual_homed =
        |host: &&Host| host.leaf == 0 && host.port == Port::MlagMember && known.contains(&host.ip);
    let hosts: Vec<IpAddr> = hosts.iter().filter(dual_homed).map(|host| host.ip).collect();
    if hosts.is_empty() {
        return Ok(Vec::new());
    }
    let failed = |source: io::Error| SwitchError::Answer { name: LEAVES[1], text: source.to_string() };
    let mut asic = Asic::connect(&control(dir, 1)).map_err(failed)?;
    let router = asic.ask("objects virtual_router").map_err(failed)?.swap_remove(0);
    // The port towards the CPU comes first.
    let front = asic.ask("objects port").map_err(failed)?;
    let (member, peer_link) = (MEMBER.map(|n| &front[n]), [&front[PEER_LINK]]);
    let patience = pair.patience.clone();
    let all_leave = |asic: &mut Asic, what: &str, ports: &[&String]| {
        let began = Instant::now();
        patience.until(what, LONG, || {
            let (count, first) = asic.elsewhere(&router, &hosts, ports).map_err(failed)?;
            Ok(match count {
                0 => Poll::Ready(began.elapsed().as_secs_f64() * 1e3),
                _ => Poll::NotYet(format!("{count} of {} do not, such as {first}", hosts.len())),
            })
        })
    };
    all_leave(&mut asic, "packets to dual-homed hosts to leave by the member", &member)?;
    let mut acts = Vec::new();
    for (state, ports, what) in
        [("down", &peer_link[..], "a member of an M-LAG goes down"), ("up", &member[..], "it comes up again")]
    {
        for port in member {
            asic.ask(&format!("link {port} {state}")).map_err(failed)?;
        }
        let wait = format!("packets to the member's hosts to leave where they should when it is {state}");
        let took = all_leave(&mut asic, &wait, ports)?;
        acts.push(act(what, vec![took]));
    }
    Ok(acts)
}
