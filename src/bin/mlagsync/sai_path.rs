//! Where the simulator's `libsai.so` is, for a program that was built, moved or installed.
//!
//! ```text
//! target/release/mlagsync   beside it, or deps/libsai.so where cargo puts it
//! anywhere/mlagsync         anywhere/libsai.so
//! /usr/bin/mlagsync         /usr/lib/mlagsync/sim/libsai.so
//! ```

use std::io;
use std::path::{Path, PathBuf};

/// The file name of every SAI library.
const LIBRARY: &str = "libsai.so";

/// Why there is no library.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SaiPathError {
    /// The one that was named cannot be used.
    #[error("the SAI library {} cannot be read: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is nowhere.
    #[error(
        "{LIBRARY} is in none of the places where it belongs: {}; name it with --sai PATH",
        looked.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    Nowhere {
        /// Every place that was looked at, in order.
        looked: Vec<PathBuf>,
    },
    /// The system does not say where the program itself is.
    #[error("this program's own place is unknown ({0}): name the SAI library with --sai PATH")]
    NoExecutable(io::Error),
}

/// The library that was asked for, if it can be read, or else the simulator that came with the program.
pub(crate) fn find(asked: Option<&Path>) -> Result<PathBuf, SaiPathError> {
    if let Some(path) = asked {
        return readable(path);
    }
    let executable = std::env::current_exe().map_err(SaiPathError::NoExecutable)?;
    let looked = places(&executable);
    match looked.iter().find(|path| path.is_file()) {
        Some(path) => Ok(path.clone()),
        None => Err(SaiPathError::Nowhere { looked }),
    }
}

fn readable(path: &Path) -> Result<PathBuf, SaiPathError> {
    let opened = std::fs::File::open(path).and_then(|file| match file.metadata()?.is_file() {
        true => std::path::absolute(path),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file")),
    });
    opened.map_err(|source| SaiPathError::Unreadable { path: path.to_owned(), source })
}

fn places(executable: &Path) -> Vec<PathBuf> {
    let here = executable.parent().unwrap_or(Path::new("/"));
    let mut places = vec![here.join(LIBRARY), here.join("deps").join(LIBRARY)];
    if let Some(prefix) = here.parent() {
        places.push(prefix.join("lib/mlagsync/sim").join(LIBRARY));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_are_those_of_a_moved_a_built_and_an_installed_program_in_that_order() {
        let places = places(Path::new("/usr/bin/mlagsync"));
        let expected = ["/usr/bin/libsai.so", "/usr/bin/deps/libsai.so", "/usr/lib/mlagsync/sim/libsai.so"];
        assert_eq!(places, expected.map(PathBuf::from));
    }

    #[test]
    fn a_named_library_is_never_replaced_by_another() {
        let error = find(Some(Path::new("/nowhere/libsai.so"))).unwrap_err();
        assert!(error.to_string().contains("/nowhere/libsai.so"), "{error}");
    }

    #[test]
    fn the_error_names_every_place() {
        let looked = places(Path::new("/a/b/mlagsync"));
        let text = SaiPathError::Nowhere { looked: looked.clone() }.to_string();
        assert!(looked.iter().all(|path| text.contains(&path.display().to_string())), "{text}");
    }
}
