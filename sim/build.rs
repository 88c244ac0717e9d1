//! How the drop-in `libsai.so` is linked.
//!
//! Invariant: only the cdylib is touched.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Programs linked with it ask for it by the name that vendors' libraries have, wherever they were linked.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libsai.so");
    // Method tables live as long as the process: a client that closed the library may still hold one, and it must
    // find functions that answer UNINITIALIZED there.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
}
