//! The control socket of a switch in a running process: `SAI_SIM_CONTROL` names it, a line is a command.
//!
//! The commands are those of [`commands`](crate::commands); `help` lists them.
//!
//! The answer is the lines asked for, then `ok`, or `error: ` and why. Ids are hexadecimal.
//!
//! Invariant: only the socket; a client on the socket waits for nobody but the switch.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use crate::commands;
use crate::inspect::View;

/// Answers on a socket until the switch is gone.
pub(crate) fn serve(path: &Path, switch: u64) -> std::io::Result<()> {
    // What a dead process left there is nobody's.
    if UnixStream::connect(path).is_err() {
        let _ = std::fs::remove_file(path);
    }
    let listener = UnixListener::bind(path)?;
    let run = move || {
        for stream in listener.incoming() {
            let (Ok(stream), Some(_)) = (stream, View::of(switch)) else { break };
            // One that cannot be served closes; the next may be served.
            let _ = std::thread::Builder::new().name("sai-sim-control".into()).spawn(move || {
                let _ = talk(&stream, switch);
            });
        }
    };
    std::thread::Builder::new().name("sai-sim-control".into()).spawn(run).map(|_| ())
}

/// Takes the socket away and wakes its thread, which finds the switch gone.
pub(crate) fn close(path: &Path) {
    let _ = UnixStream::connect(path);
    let _ = std::fs::remove_file(path);
}

fn talk(mut stream: &UnixStream, switch: u64) -> std::io::Result<()> {
    for line in BufReader::new(stream).lines() {
        // A look keeps its switch alive, so it lasts for one command only.
        let answer = match View::of(switch) {
            Some(view) => commands::answer(&view, &line?),
            None => Err("the switch is gone".into()),
        };
        let text = match answer {
            Ok(lines) => lines + "ok\n",
            Err(why) => format!("error: {why}\n"),
        };
        stream.write_all(text.as_bytes())?;
    }
    Ok(())
}
