//! Building with a vendor's headers: those of every release are taken, what a release lacks is filled in, and what
//! cannot be taken is said in one sentence.
#![cfg(feature = "bindgen")]

mod support {
    pub(crate) mod reduce;
}

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sai_sys::releases::{RELEASES, Release, TABLES};
use support::reduce::{edit, reduce};

const OLDEST: Release = r(1, 10, 0);

#[test]
fn headers_of_every_release_from_1_10_on_are_taken() {
    // The first of each minor release, and each in which a table is longer than in the one before.
    let sizes = |release: Release| TABLES.iter().map(|table| table.size_in(release)).collect::<Vec<_>>();
    let differs = |two: &[Release]| two[0].minor != two[1].minor || sizes(two[0]) != sizes(two[1]);
    let releases = RELEASES.windows(2).filter(|two| differs(two)).map(|two| two[1]);
    let releases: Vec<Release> = releases.chain([r(1, 10, 1), r(1, 18, 1)]).collect();
    assert_eq!((releases.len(), releases[0]), (12, OLDEST));
    for release in releases {
        let dir = scratch(&format!("release-{release}"));
        let directories = reduce(release, &dir);
        let out = generated(&dir, &directories);
        let later = TABLES.iter().flat_map(|table| {
            let members = table.members.iter().filter(move |member| member.since > release);
            members.map(|member| format!("{}::{}", table.name, member.name))
        });
        let mut later: Vec<String> = later.collect();
        // The published form of this number is a macro with arguments, which no generator reads.
        let mut lacking = lacking(&out);
        lacking.retain(|name| name.contains("::"));
        later.sort();
        lacking.sort();
        assert_eq!(lacking, later, "{release}");
        let text = fs::read_to_string(out.join("bindings.rs")).expect("written");
        let number = release.api_version();
        assert!(text.contains(&format!("SAI_API_VERSION: sai_api_version_t = {number};")), "{release}");
    }
}

/// What C sees in the vendor's headers, and what Rust sees in the bindings, is the same, and tables are as long as
/// the history knows them.
#[test]
fn c_and_rust_see_the_same() {
    for release in [OLDEST, r(1, 13, 0), Release::CURRENT.min(r(1, 18, 1))] {
        let dir = scratch(&format!("same-{release}"));
        let directories = reduce(release, &dir);
        let seen = compare(&dir, &directories);
        assert_eq!(seen, release.to_string());
    }
}

/// The headers of whoever runs this.
#[test]
fn the_headers_of_sai_include_dir_are_taken() {
    let Some(list) = std::env::var_os("SAI_INCLUDE_DIR") else {
        // Without any: the newest that we can make, so that the same is seen of something.
        let dir = scratch("own");
        assert_eq!(compare(&dir, &reduce(r(1, 18, 1), &dir)), "1.18.1");
        return;
    };
    let dir = scratch("theirs");
    let release = compare(&dir, &std::env::split_paths(&list).collect::<Vec<_>>());
    println!("SAI_INCLUDE_DIR: the headers are of SAI {release}");
    let lacking = lacking(&dir.join("out"));
    println!("SAI_INCLUDE_DIR: of what is used they lack {}: {}", lacking.len(), lacking.join(", "));
}

#[test]
fn what_is_newer_than_us_is_the_vendors() {
    let dir = scratch("newer");
    let directories = reduce(r(1, 18, 1), &dir);
    let neighbor = directories[0].join("saineighbor.h");
    edit(
        &neighbor,
        "} sai_neighbor_api_t;",
        "    sai_create_neighbor_entry_fn later;\n} sai_neighbor_api_t;",
    );
    edit(&directories[0].join("saiversion.h"), "SAI_MINOR 18", "SAI_MINOR 19");
    assert_eq!(compare(&dir, &directories), "1.19.1");
    let text = fs::read_to_string(dir.join("out/bindings.rs")).expect("written");
    assert!(text.contains("pub later: sai_create_neighbor_entry_fn"), "their member is there");
}

#[test]
fn what_a_release_lacks_is_filled_in() {
    let dir = scratch("lacking");
    let directories = reduce(r(1, 18, 1), &dir);
    let (types, status) = (directories[0].join("saitypes.h"), directories[0].join("saistatus.h"));
    edit(&types, "SAI_OBJECT_TYPE_LAG = 2,", "");
    edit(&status, "#define SAI_STATUS_STAGE_MISMATCH", "#define NO_STAGE_MISMATCH");
    let out = generated(&dir, &directories);
    let lacking = lacking(&out);
    let has = |name: &str| lacking.iter().any(|lacked| lacked == name);
    assert!(has("sai_object_type_t::SAI_OBJECT_TYPE_LAG"), "{lacking:?}");
    assert!(has("SAI_STATUS_STAGE_MISMATCH"), "{lacking:?}");
    compile(&dir);
}

#[test]
fn what_cannot_be_taken_is_said() {
    let dir = scratch("refused");
    let refused = |directories: &[PathBuf], words: &[&str]| {
        let output = generate(&dir, directories);
        let said = String::from_utf8(output.stdout).expect("text");
        let errors: Vec<&str> = said.lines().filter(|line| line.starts_with("cargo::error=")).collect();
        assert!(!errors.is_empty(), "{words:?} was taken");
        let said = errors.join("\n");
        assert!(words.iter().all(|word| said.contains(word)), "{said}\nlacks one of {words:?}");
        let beside = String::from_utf8(output.stderr).expect("text");
        assert!(!beside.contains("panicked"), "{beside}");
    };
    refused(&[dir.join("nowhere")], &["nowhere", "is not a directory"]);
    refused(std::slice::from_ref(&dir), &["there is no sai.h", &dir.display().to_string()]);
    refused(&[], &["SAI_INCLUDE_DIR is empty"]);

    let old = reduce(r(1, 9, 1), &dir.join("old"));
    refused(&old, &["are of SAI 1.9.1", "1.10.0 is the oldest"]);
    fs::remove_file(old[0].join("saiversion.h")).expect("it was there");
    refused(&old, &["tell no release", "1.10.0, the oldest"]);

    let halves = reduce(r(1, 12, 0), &dir.join("half"));
    refused(&halves[..1], &["include saiextensions.h", "need two", "SAI/inc:SAI/experimental"]);

    let patched = reduce(r(1, 16, 0), &dir.join("patched"));
    let neighbor = patched[0].join("saineighbor.h");
    edit(
        &neighbor,
        "    sai_remove_neighbor_entry_fn remove",
        "    sai_remove_neighbor_entry_fn ours;\n    sai_remove_neighbor_entry_fn remove",
    );
    refused(&patched, &["sai_neighbor_api_t", "has ours where no release of SAI has it"]);

    let broken = reduce(r(1, 16, 0), &dir.join("broken"));
    edit(&broken[0].join("saitypes.h"), "typedef enum _sai_object_type_t {", "typedef enum {{");
    refused(&broken, &["do not compile"]);
}

const fn r(major: u16, minor: u16, revision: u16) -> Release {
    Release { major, minor, revision }
}

fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("vendor").join(name);
    drop(fs::remove_dir_all(&dir));
    fs::create_dir_all(dir.join("out")).expect("a new directory");
    dir
}

/// The generator as cargo would run it.
fn generate(dir: &Path, directories: &[PathBuf]) -> Output {
    let mut generator = Command::new(env!("SAI_SYS_GENERATOR"));
    let list = std::env::join_paths(directories).expect("paths without a colon");
    generator.env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR")).env("OUT_DIR", dir.join("out"));
    generator.env("TARGET", env!("SAI_SYS_TARGET")).env("RUSTC", env!("SAI_SYS_RUSTC"));
    generator.env("CARGO_FEATURE_BINDGEN", "1").env("SAI_INCLUDE_DIR", list);
    generator.output().expect("the generator runs")
}

fn generated(dir: &Path, directories: &[PathBuf]) -> PathBuf {
    let output = generate(dir, directories);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && !said.contains("cargo::error="), "{said}");
    dir.join("out")
}

fn lacking(out: &Path) -> Vec<String> {
    let text = fs::read_to_string(out.join("headers.rs")).expect("written");
    serde_json::from_str(text.trim_start_matches('&')).expect("a list")
}

fn rustc(dir: &Path) -> Command {
    let mut rustc = Command::new(env!("SAI_SYS_RUSTC"));
    rustc.args(["--edition", "2024"]).env("OUT_DIR", dir.join("out"));
    rustc
}

/// The crate, with the bindings that were generated. Each of their layouts is checked as it compiles.
fn compile(dir: &Path) -> PathBuf {
    let library = dir.join("libsai_sys.rlib");
    let mut rustc = rustc(dir);
    rustc.args(["--crate-name", "sai_sys", "--crate-type", "rlib", "--cfg", "feature=\"bindgen\""]);
    rustc.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).arg("-o").arg(&library);
    text_of(&mut rustc);
    library
}

fn text_of(command: &mut Command) -> String {
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// What every release has and everybody uses: (in C, in Rust).
const SAME: &[(&str, &str)] = &[
    ("sizeof(sai_attribute_t)", "size_of::<sai_attribute_t>()"),
    ("sizeof(sai_attribute_value_t)", "size_of::<sai_attribute_value_t>()"),
    ("sizeof(sai_neighbor_entry_t)", "size_of::<sai_neighbor_entry_t>()"),
    ("offsetof(sai_neighbor_entry_t, ip_address)", "offset_of!(sai_neighbor_entry_t, ip_address)"),
    ("sizeof(sai_fdb_entry_t)", "size_of::<sai_fdb_entry_t>()"),
    ("offsetof(sai_fdb_entry_t, bv_id)", "offset_of!(sai_fdb_entry_t, bv_id)"),
    ("sizeof(sai_route_entry_t)", "size_of::<sai_route_entry_t>()"),
    ("offsetof(sai_route_entry_t, destination)", "offset_of!(sai_route_entry_t, destination)"),
    ("sizeof(sai_ip_address_t)", "size_of::<sai_ip_address_t>()"),
    ("sizeof(sai_ip_prefix_t)", "size_of::<sai_ip_prefix_t>()"),
    ("sizeof(sai_object_key_t)", "size_of::<sai_object_key_t>()"),
    ("sizeof(sai_service_method_table_t)", "size_of::<sai_service_method_table_t>()"),
    (
        "offsetof(sai_neighbor_api_t, get_neighbor_entry_attribute)",
        "offset_of!(sai_neighbor_api_t, get_neighbor_entry_attribute)",
    ),
    ("offsetof(sai_route_api_t, create_route_entries)", "offset_of!(sai_route_api_t, create_route_entries)"),
    ("offsetof(sai_fdb_api_t, create_fdb_entries)", "offset_of!(sai_fdb_api_t, create_fdb_entries)"),
    (
        "offsetof(sai_switch_api_t, get_switch_attribute)",
        "offset_of!(sai_switch_api_t, get_switch_attribute)",
    ),
    ("SAI_API_NEIGHBOR", "sai_api_t::SAI_API_NEIGHBOR.0"),
    ("SAI_OBJECT_TYPE_NEIGHBOR_ENTRY", "sai_object_type_t::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY.0"),
    (
        "SAI_NEIGHBOR_ENTRY_ATTR_NO_HOST_ROUTE",
        "sai_neighbor_entry_attr_t::SAI_NEIGHBOR_ENTRY_ATTR_NO_HOST_ROUTE.0",
    ),
    ("SAI_FDB_ENTRY_ATTR_ALLOW_MAC_MOVE", "sai_fdb_entry_attr_t::SAI_FDB_ENTRY_ATTR_ALLOW_MAC_MOVE.0"),
    (
        "SAI_SWITCH_ATTR_DEFAULT_VIRTUAL_ROUTER_ID",
        "sai_switch_attr_t::SAI_SWITCH_ATTR_DEFAULT_VIRTUAL_ROUTER_ID.0",
    ),
    (
        "SAI_SWITCH_ATTR_AVAILABLE_IPV4_NEIGHBOR_ENTRY",
        "sai_switch_attr_t::SAI_SWITCH_ATTR_AVAILABLE_IPV4_NEIGHBOR_ENTRY.0",
    ),
    ("SAI_STATUS_TABLE_FULL", "SAI_STATUS_TABLE_FULL"),
    ("SAI_STATUS_NOT_EXECUTED", "SAI_STATUS_NOT_EXECUTED"),
    ("SAI_STATUS_ATTR_NOT_SUPPORTED_0", "SAI_STATUS_ATTR_NOT_SUPPORTED_0"),
    ("SAI_API_VERSION", "SAI_API_VERSION"),
];

/// Generates, compiles, and has C and Rust print the same things. Answers the release.
fn compare(dir: &Path, directories: &[PathBuf]) -> String {
    generated(dir, directories);
    let library = compile(dir);

    let mut c = "#include <stddef.h>\n#include <stdio.h>\n#include <sai.h>\nint main(void) {\n".to_owned();
    let mut rust = "use sai_sys::*;\nuse std::mem::{offset_of, size_of};\nfn main() {\n".to_owned();
    for (in_c, in_rust) in SAME {
        c += &format!("    printf(\"%lld\\n\", (long long)({in_c}));\n");
        rust += &format!("    println!(\"{{}}\", ({in_rust}) as i64);\n");
    }
    fs::write(dir.join("probe.c"), c + "    return 0;\n}\n").expect("writable");
    fs::write(dir.join("probe.rs"), rust + "    eprintln!(\"{}\", Release::CURRENT);\n}\n")
        .expect("writable");

    let mut build = cc::Build::new();
    build.target(env!("SAI_SYS_TARGET")).host(env!("SAI_SYS_TARGET")).opt_level(0);
    let mut compiler = build.get_compiler().to_command();
    for directory in directories {
        compiler.arg("-I").arg(directory);
    }
    text_of(compiler.arg(dir.join("probe.c")).arg("-o").arg(dir.join("probe-c")));
    let mut compiler = rustc(dir);
    compiler.arg("--extern").arg(format!("sai_sys={}", library.display()));
    text_of(compiler.arg(dir.join("probe.rs")).arg("-o").arg(dir.join("probe-rust")));

    let seen_by_c = text_of(&mut Command::new(dir.join("probe-c")));
    let output = Command::new(dir.join("probe-rust")).output().expect("it runs");
    let seen_by_rust = String::from_utf8(output.stdout).expect("text");
    for ((what, c), rust) in SAME.iter().zip(seen_by_c.lines()).zip(seen_by_rust.lines()) {
        assert_eq!(c, rust, "{} in C, {} in Rust", what.0, what.1);
    }
    assert_eq!(seen_by_c.lines().count(), SAME.len());
    String::from_utf8(output.stderr).expect("text").trim().to_owned()
}
