//! Tells dependants where the header is, links a library only when asked to, and generates the
//! bindings afresh under the feature `bindgen`: from the own header, or from a vendor's.
//!
//! Invariant: no C compiler and no libclang take part in a default build.

use std::env;
use std::path::PathBuf;

#[cfg(feature = "bindgen")]
#[path = "build/fill.rs"]
mod fill;
#[cfg(feature = "bindgen")]
#[path = "build/generate.rs"]
mod generate;
#[cfg(feature = "bindgen")]
#[path = "build/headers.rs"]
mod headers;
#[path = "build/place.rs"]
mod place;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-env-changed=SAI_INCLUDE_DIR");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let include = root.join("include");
    // Dependants read this as DEP_SAI_INCLUDE.
    println!("cargo:include={}", include.display());
    // The tests compile probes for the target that they run on, and generate bindings from headers that they make.
    for (name, value) in [("SAI_SYS_TARGET", "TARGET"), ("SAI_SYS_RUSTC", "RUSTC")] {
        println!("cargo:rustc-env={name}={}", env::var(value).expect("cargo sets it"));
    }
    let this = env::current_exe().expect("a build script is a file");
    println!("cargo:rustc-env=SAI_SYS_GENERATOR={}", this.display());

    if env::var_os("CARGO_FEATURE_LINKED").is_some()
        && let Err(why) = link()
    {
        return refuse(&why);
    }

    #[cfg(feature = "bindgen")]
    if let Err(why) = generate::bindings(&root, &include) {
        refuse(&why);
    }
    #[cfg(not(feature = "bindgen"))]
    if env::var_os("SAI_INCLUDE_DIR").is_some() {
        println!(
            "cargo::warning=SAI_INCLUDE_DIR is set and not used: build with the feature `bindgen` to take the vendor's headers"
        );
    }
}

/// One message, in cargo's own manner, which ends the build and shows nothing else.
fn refuse(why: &str) {
    for line in why.lines() {
        println!("cargo::error={line}");
    }
}

/// Has whoever builds upon this linked with the libsai.
fn link() -> Result<(), String> {
    if env::var_os("CARGO_FEATURE_DEFINED").is_some() {
        return Err("the feature `linked` excludes the simulator, which would be a second SAI in the program: the feature `cli` \
             of mlagsync, its tests, its benchmarks and its examples are built with that. Build with --no-default-features \
             --features linked (and capi, where C is to call), not with --all-features"
            .to_owned());
    }
    println!("cargo:rerun-if-env-changed=SAI_LIB_DIR");
    if let Some(named) = env::var_os("SAI_LIB_DIR") {
        let directory = place::directory("SAI_LIB_DIR", &PathBuf::from(named))?;
        if !["libsai.so", "libsai.a"].iter().any(|name| directory.join(name).exists()) {
            return Err(format!(
                "there is neither a libsai.so nor a libsai.a in SAI_LIB_DIR ({}): the linker takes -lsai from there, whatever \
                 number a library of the vendor's has behind its name (ln -s libsai.so.1 libsai.so)",
                directory.display()
            ));
        }
        println!("cargo:rustc-link-search=native={}", directory.display());
    }
    println!("cargo:rustc-link-lib=dylib=sai");
    Ok(())
}
