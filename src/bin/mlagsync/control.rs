//! Where the control socket is, and questions to the daemon behind it.

use crate::failure::Failure;
use mlagsync::node::view::Cursor;
use mlagsync::run::ctl::protocol::Page;
use mlagsync::run::ctl::{Client, Reply, Request};
use std::path::{Path, PathBuf};

/// Where a daemon's control socket is when nobody says otherwise.
pub(crate) fn default_path() -> PathBuf {
    path_for(nix::unistd::geteuid().is_root(), std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from))
}

/// The user's own runtime directory; the system's for root, whose daemon was started by the system and whose questions
/// may come from a login session, and for services, which have none.
fn path_for(root: bool, runtime_dir: Option<PathBuf>) -> PathBuf {
    match runtime_dir.filter(|dir| !root && dir.is_absolute()) {
        Some(dir) => dir.join("mlagsync.sock"),
        None => PathBuf::from("/run/mlagsync/mlagsync.sock"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_and_services_share_the_systems_directory_and_users_have_their_own() {
        let own = Some(PathBuf::from("/run/user/1000"));
        let of_the_system = Path::new("/run/mlagsync/mlagsync.sock");
        assert_eq!(path_for(false, own.clone()), Path::new("/run/user/1000/mlagsync.sock"));
        assert_eq!(path_for(true, own), of_the_system);
        assert_eq!(path_for(false, None), of_the_system);
        assert_eq!(path_for(false, Some(PathBuf::from("relative"))), of_the_system);
    }
}
