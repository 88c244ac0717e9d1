//! Sets `sai_1_9`: the simulator's sources, as a library older than `sai_query_api_version`.

fn main() {
    println!("cargo::rustc-cfg=sai_1_9");
    // As for the simulator itself: a method table outlives the library's closing.
    println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    println!("cargo::rerun-if-changed=build.rs");
}
