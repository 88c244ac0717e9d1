//! Writes the headers of an older release, made from our own, and prints what `SAI_INCLUDE_DIR` is to be:
//!
//! ```sh
//! export SAI_INCLUDE_DIR=$(cargo run -q -p sai-sys --example reduce -- 1.10.2 /tmp/headers)
//! cargo check --lib --features bindgen
//! ```

#[path = "../tests/support/reduce.rs"]
#[allow(dead_code, reason = "the tests edit headers, too")]
mod reduce;

use std::path::Path;
use std::process::ExitCode;

use sai_sys::releases::RELEASES;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let (Some(release), Some(into), None) = (words.next(), words.next(), words.next()) else {
        eprintln!("usage: reduce RELEASE DIRECTORY, as in: reduce 1.10.2 /tmp/headers");
        return ExitCode::from(2);
    };
    let Some(release) = RELEASES.iter().find(|known| known.to_string() == release) else {
        let known: Vec<String> = RELEASES.iter().map(ToString::to_string).collect();
        eprintln!("{release} is no release that is known: {}", known.join(" "));
        return ExitCode::from(2);
    };
    let directories = reduce::reduce(*release, Path::new(&into));
    match std::env::join_paths(directories) {
        Ok(list) => println!("{}", list.display()),
        Err(e) => {
            eprintln!("{into}: {e}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
