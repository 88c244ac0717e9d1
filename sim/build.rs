//! How the drop-in `libsai.so` is linked, and the target that tests compile their C clients for.
//!
//! Invariant: only the cdylib is touched.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Programs linked with it ask for it by the name that vendors' libraries have, wherever they were linked.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libsai.so");
    // Method tables live as long as the process: a client that closed the library may still hold one, and it must
    // find functions that answer UNINITIALIZED there.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    println!("cargo:rustc-env=SAI_SIM_TARGET={}", env::var("TARGET").expect("cargo sets it"));
}
