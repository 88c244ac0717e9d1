//! `sweep` and `resync`: what an operator may decide about the peer's claims.

use crate::args::OperateArgs;
use crate::control::{ask, connect};
use crate::failure::Failure;
use crate::stdio::Out;
use mlagsync::run::ctl::{Reply, Request};
use std::io::Write;

/// Sweeps what awaits it.
pub(crate) fn sweep(args: &OperateArgs, out: &mut Out) -> Result<(), Failure> {
    done(args, &Request::Sweep, out, |claims| match claims {
        0 => "nothing awaits a sweep".to_owned(),
        claims => format!("{claims} claims of the peer's are swept"),
    })
}

/// Asks the peer to name everything anew.
pub(crate) fn resync(args: &OperateArgs, out: &mut Out) -> Result<(), Failure> {
    done(args, &Request::Resync, out, |claims| {
        format!("the peer is asked to name everything anew; {claims} claims of its are held meanwhile")
    })
}

fn done(
    args: &OperateArgs,
    request: &Request,
    out: &mut Out,
    words: impl Fn(u64) -> String,
) -> Result<(), Failure> {
    let mut client = connect(args.to.control.as_deref())?;
    let Reply::Done { claims } = ask(&mut client, request)? else { return Err(Failure::WrongReply) };
    if args.to.json {
        return Ok(out.json(&serde_json::json!({ "claims": claims }))?);
    }
    writeln!(out, "{}", words(claims))?;
    Ok(out.flush()?)
}
