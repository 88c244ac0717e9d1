//! Sets `sai_1_9`: the simulator's sources, as a library older than `sai_query_api_version`.

fn main() {
    println!("cargo::rustc-cfg=sai_1_9");
    println!("cargo::rerun-if-changed=build.rs");
}
