//! Where the control socket is, and questions to the daemon behind it.

use crate::failure::Failure;
use mlagsync::node::view::Cursor;
use mlagsync::run::ctl::protocol::Page;
use mlagsync::run::ctl::{Client, Reply, Request};
use std::path::{Path, PathBuf};

/// Where a daemon's control socket is when nobody says otherwise: the user's own runtime directory, or the system's
/// for root and for services, which have none.
pub(crate) fn default_path() -> PathBuf {
    let own = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|dir| dir.is_absolute());
    match own {
        Some(dir) if !nix::unistd::geteuid().is_root() => dir.join("mlagsync.sock"),
        _ => PathBuf::from("/run/mlagsync/mlagsync.sock"),
    }
}

/// Connects to the socket that was asked for, or to the default one.
pub(crate) fn connect(asked: Option<&Path>) -> Result<Client, Failure> {
    Ok(Client::connect(asked.map_or_else(default_path, Path::to_owned))?)
}

/// Asks, and turns a refusal into a failure.
pub(crate) fn ask(client: &mut Client, request: &Request) -> Result<Reply, Failure> {
    match client.ask(request)? {
        Reply::Error { text } => Err(Failure::Refused(text)),
        reply => Ok(reply),
    }
}

/// Fetches a long table page by page and hands over each page's rows as they come, so that no table has to fit into
/// memory and the first rows are there at once.
pub(crate) fn pages<T>(
    client: &mut Client,
    request: impl Fn(Option<Cursor>) -> Request,
    rows_of: impl Fn(Reply) -> Option<Page<T>>,
    mut each: impl FnMut(Vec<T>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let page = rows_of(ask(client, &request(after))?).ok_or(Failure::WrongReply)?;
        each(page.rows)?;
        match page.next {
            // A daemon that sends us round in a circle is broken; without this we would go round with it.
            Some(next) if after < Some(next) => after = Some(next),
            Some(_) => return Err(Failure::WrongReply),
            None => return Ok(()),
        }
    }
}
