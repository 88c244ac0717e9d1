//! A vendor's headers: where they are, and of which release.
//!
//! Invariant: what is wrong with them is said in one sentence that names the place and what to do.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::place::directory;

/// The oldest release that has what is needed.
const OLDEST: (u32, u32) = (1, 10);

/// A set of headers.
pub(crate) struct Headers {
    /// On the include path, in this order.
    pub(crate) directories: Vec<PathBuf>,
    /// `sai.h`.
    pub(crate) main: PathBuf,
    /// Major, minor and revision.
    pub(crate) release: (u32, u32, u32),
}

impl Headers {
    /// Those that `SAI_INCLUDE_DIR` names, if it is set.
    pub(crate) fn named() -> Option<Result<Self, String>> {
        let list = env::var_os("SAI_INCLUDE_DIR")?;
        Some(Self::find(env::split_paths(&list).filter(|path| !path.as_os_str().is_empty())))
    }

    fn find(named: impl Iterator<Item = PathBuf>) -> Result<Self, String> {
        let directories: Vec<PathBuf> =
            named.map(|path| directory("SAI_INCLUDE_DIR", &path)).collect::<Result<_, _>>()?;
        if directories.is_empty() {
            return Err("SAI_INCLUDE_DIR is empty: name the directory of sai.h, or unset it".to_owned());
        }
        for directory in &directories {
            println!("cargo:rerun-if-changed={}", directory.display());
        }
        let find = |name: &str| directories.iter().map(|d| d.join(name)).find(|path| path.is_file());
        let Some(main) = find("sai.h") else {
            return Err(format!("there is no sai.h in SAI_INCLUDE_DIR ({})", list(&directories)));
        };
        let release = find("saiversion.h").as_deref().and_then(release).ok_or_else(|| {
            format!(
                "the headers in SAI_INCLUDE_DIR ({}) tell no release (SAI_MAJOR, SAI_MINOR and SAI_REVISION in \
                 saiversion.h): they are older than {}.{}.0, the oldest release that can be built with",
                list(&directories),
                OLDEST.0,
                OLDEST.1
            )
        })?;
        if (release.0, release.1) < OLDEST {
            return Err(format!(
                "the headers in SAI_INCLUDE_DIR ({}) are of SAI {}.{}.{}: {}.{}.0 is the oldest release that can be \
                 built with",
                list(&directories),
                release.0,
                release.1,
                release.2,
                OLDEST.0,
                OLDEST.1
            ));
        }
        Ok(Headers { directories, main, release })
    }

    /// What clang said, in words that help.
    pub(crate) fn explain(&self, said: &str) -> String {
        let missing = said.split('\'').nth(1).filter(|_| said.contains("file not found"));
        match missing {
            // The published headers include three of C's and one of the system's.
            Some(file) if !file.contains("sai") => format!(
                "{file}, which the headers of SAI include and which is not of SAI, is not where clang looks: its own come with \
                 clang or libclang-common-*-dev (Fedora: clang), the C library's with libc6-dev (glibc-devel); other \
                 directories are said by BINDGEN_EXTRA_CLANG_ARGS, as in BINDGEN_EXTRA_CLANG_ARGS=-I/usr/lib/clang/16/include"
            ),
            Some(file) => format!(
                "the headers of SAI {}.{}.{} include {file}, which is in none of the directories of SAI_INCLUDE_DIR \
                 ({}): releases from 1.10.1 on need two, as in SAI_INCLUDE_DIR=SAI/inc:SAI/experimental",
                self.release.0,
                self.release.1,
                self.release.2,
                list(&self.directories)
            ),
            None => {
                format!("the headers in SAI_INCLUDE_DIR ({}) do not compile: {said}", list(&self.directories))
            }
        }
    }
}

fn list(directories: &[PathBuf]) -> String {
    directories.iter().map(|d| d.display().to_string()).collect::<Vec<_>>().join(":")
}

/// The numbers that a `saiversion.h` defines.
fn release(path: &Path) -> Option<(u32, u32, u32)> {
    let text = fs::read_to_string(path).ok()?;
    let number = |name: &str| {
        text.lines().find_map(|line| {
            let mut words = line.trim_start().strip_prefix('#')?.split_whitespace();
            let value =
                (words.next() == Some("define") && words.next() == Some(name)).then(|| words.next())??;
            value.trim_matches(['(', ')']).parse().ok()
        })
    };
    Some((number("SAI_MAJOR")?, number("SAI_MINOR")?, number("SAI_REVISION")?))
}
