//! Directories that a variable of the environment names.
//!
//! Invariant: what is answered is absolute, and is there.

use std::env;
use std::path::{Path, PathBuf};

/// The directory of this name: as it is, or from where cargo was called. Build scripts run elsewhere.
pub(crate) fn directory(variable: &str, name: &Path) -> Result<PathBuf, String> {
    if name.is_absolute() {
        return match name.is_dir() {
            true => Ok(name.to_owned()),
            false => Err(format!("{variable} names {}, which is not a directory", name.display())),
        };
    }
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    println!("cargo:rerun-if-env-changed=PWD");
    let called = env::var_os("PWD").map(PathBuf::from).filter(|path| path.is_absolute());
    let bases: Vec<PathBuf> = called.into_iter().chain(manifest.parent().map(Path::to_owned)).collect();
    // A dot at the beginning is left out, so that the answer is a path as others write it.
    let plain = name.strip_prefix(".").unwrap_or(name);
    bases.iter().map(|base| base.join(plain)).find(|path| path.is_dir()).ok_or_else(|| {
        let looked: Vec<String> = bases.iter().map(|base| base.display().to_string()).collect();
        format!(
            "{variable} names {}, which is a directory neither in {}: a name that does not begin with a slash is taken from \
             where cargo is called",
            name.display(),
            looked.join(" nor in ")
        )
    })
}
