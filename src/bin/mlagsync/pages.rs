//! `completions` and `man`: pages that the build script generated from the argument tree.

use crate::args::Shell;
use crate::failure::Failure;
use crate::stdio::Out;
use std::io::Write;
use std::path::Path;

/// File name and text of every manual page.
const PAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/man_pages.rs"));

/// Prints a shell's completions.
pub(crate) fn completions(shell: Shell, out: &mut Out) -> Result<(), Failure> {
    let text = match shell {
        Shell::Bash => include_str!(concat!(env!("OUT_DIR"), "/completions.bash")),
        Shell::Zsh => include_str!(concat!(env!("OUT_DIR"), "/completions.zsh")),
        Shell::Fish => include_str!(concat!(env!("OUT_DIR"), "/completions.fish")),
    };
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Prints a manual page: the program's own, or a subcommand's.
pub(crate) fn man(page: Option<&str>, out: &mut Out) -> Result<(), Failure> {
    let name = page.map_or("mlagsync.1".to_owned(), |page| format!("mlagsync-{page}.1"));
    let Some((_, text)) = PAGES.iter().find(|(file, _)| *file == name) else {
        let there = PAGES.iter().filter_map(|(file, _)| file.strip_prefix("mlagsync-")?.strip_suffix(".1"));
        let asked = page.unwrap_or_default().chars().take(40).collect();
        return Err(Failure::NoPage { asked, there: there.collect::<Vec<_>>().join(", ") });
    };
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Writes every manual page to a directory, which is made if it is not there.
pub(crate) fn man_to(dir: &Path) -> Result<(), Failure> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        |source| Failure::File { path, source }
    };
    std::fs::create_dir_all(dir).map_err(failed(dir))?;
    for (name, text) in PAGES {
        let path = dir.join(name);
        std::fs::write(&path, text).map_err(failed(&path))?;
    }
    Ok(())
}
