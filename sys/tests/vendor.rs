//! Building with a vendor's headers: those of every release are taken, what a release lacks is filled in, and what
//! cannot be taken is said in one sentence.
#![cfg(feature = "bindgen")]

mod support {
    pub(crate) mod reduce;
}

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sai_sys::releases::{RELEASES, Release, TABLES};
use support::reduce::{LATER, edit, reduce};

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
        let members = LATER.iter().filter(|(_, _, since)| *since > release);
        later.extend(members.map(|(of, member, _)| format!("{of}::{member}")));
        if release < r(1, 14, 0) {
            later.push("sai_object_type_t::SAI_OBJECT_TYPE_EXTENSIONS_RANGE_BASE".to_owned());
        }
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

/// Structures that got members where there was room for them have those members with headers from before, too, and are
/// not another byte long for it.
#[test]
fn members_that_came_later_are_there_and_change_no_layout() {
    let dir = scratch("members");
    let directories = reduce(OLDEST, &dir);
    let union = fs::read_to_string(directories[0].join("saitypes.h")).expect("a header");
    assert!(!union.contains("sai_json_t json;\n    sai_ip_prefix_list_t"), "1.10 has no such member");
    let before = generated(&dir, &directories);
    let library = compile(&dir);
    let text = fs::read_to_string(before.join("bindings.rs")).expect("written");
    // What is not ours stays as it is.
    assert!(text.contains("pub mac_address: sai_mac_t"), "a key that ours only has the size of");
    let program = "use sai_sys::*;\nfn main() {\n    let told = sai_port_oper_status_notification_t { port_id: 7, \
        port_state: sai_port_oper_status_t::SAI_PORT_OPER_STATUS_UP, port_error_status: \
        sai_port_error_status_t::SAI_PORT_ERROR_STATUS_CRC_RATE };\n    let mut attr = sai_attribute_t::default();\n    \
        attr.value.json = sai_json_t { json: sai_s8_list_t { count: 3, list: std::ptr::null_mut() } };\n    \
        assert_eq!(unsafe { attr.value.s8list.count }, 3);\n    assert_eq!((told.port_id, \
        told.port_error_status.0), (7, 64));\n    assert_eq!(size_of_val(&told), 16);\n    \
        assert_eq!(size_of_val(&attr.value), size_of::<sai_attribute_value_t>());\n    print!(\"{}\", \
        size_of::<sai_attribute_value_t>());\n}\n";
    fs::write(dir.join("later.rs"), program).expect("writable");
    let mut compiler = rustc(&dir);
    compiler.arg("--extern").arg(format!("sai_sys={}", library.display()));
    text_of(compiler.arg(dir.join("later.rs")).arg("-o").arg(dir.join("later")));
    let size = text_of(&mut Command::new(dir.join("later")));
    assert_eq!(size, size_of::<sai_sys::sai_attribute_value_t>().to_string());
}

/// A vendor's own value in the union makes it longer, and nothing else of it; one that is shorter than ours is left alone.
#[test]
fn a_union_that_is_not_as_long_as_ours_keeps_its_length() {
    let dir = scratch("union");
    let directories = reduce(OLDEST, &dir);
    let types = directories[0].join("saitypes.h");
    edit(&types, "    char chardata[32];", "    char chardata[32];\n    uint64_t vendors_own[20];");
    let text = fs::read_to_string(generated(&dir, &directories).join("bindings.rs")).expect("written");
    compile(&dir);
    assert!(text.contains("pub vendors_own: [u64; 20usize]") && text.contains("pub json: sai_json_t"));

    let notified = directories[0].join("saiport.h");
    edit(&notified, "    sai_port_oper_status_t port_state;\n", "    uint8_t port_state;\n");
    let text = fs::read_to_string(generated(&dir, &directories).join("bindings.rs")).expect("written");
    compile(&dir);
    let (_, structure) =
        text.split_once("pub struct sai_port_oper_status_notification_t {").expect("it is there");
    let structure = structure.split_once('}').expect("it ends").0;
    assert!(!structure.contains("port_error_status"), "it begins otherwise: {structure}");
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
    edit(&types, "SAI_OBJECT_TYPE_LAG,", "SAI_OBJECT_TYPE_OF_ANOTHER_NAME,");
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
    refused(&[PathBuf::from("no/where")], &["names no/where", "neither in", "from where cargo is called"]);

    let old = reduce(r(1, 9, 1), &dir.join("old"));
    refused(&old, &["are of SAI 1.9.1", "1.10.0 is the oldest"]);
    fs::remove_file(old[0].join("saiversion.h")).expect("it was there");
    refused(&old, &["tell no release", "1.10.0, the oldest"]);

    let halves = reduce(r(1, 12, 0), &dir.join("half"));
    refused(&halves[..1], &["include saiexperimentalbmtor.h", "need two", "SAI/inc:SAI/experimental"]);

    let patched = reduce(r(1, 16, 0), &dir.join("patched"));
    let neighbor = patched[0].join("saineighbor.h");
    edit(
        &neighbor,
        "    sai_remove_neighbor_entry_fn remove",
        "    sai_remove_neighbor_entry_fn ours;\n    sai_remove_neighbor_entry_fn remove",
    );
    refused(&patched, &["sai_neighbor_api_t", "has ours where no release of SAI has it"]);

    let broken = reduce(r(1, 16, 0), &dir.join("broken"));
    edit(&broken[0].join("saitypes.h"), "typedef enum _sai_object_type_t\n{", "typedef enum {{");
    refused(&broken, &["do not compile"]);
}

/// A colon too many, spaces, and names from where cargo was called.
#[test]
fn directories_are_taken_as_people_write_them() {
    let dir = scratch("with a space");
    let directories = reduce(r(1, 12, 0), &dir.join("the headers"));
    let relative = |path: &PathBuf| path.strip_prefix(&dir).expect("it is in there").to_owned();
    let names: Vec<PathBuf> = directories.iter().map(relative).collect();
    let list = format!(":{}:{}/:", names[0].display(), names[1].display());
    for (list, called_in) in
        [(list.as_str(), dir.as_path()), (&list.replace("the headers", "./the headers"), &dir)]
    {
        let output = generator(&dir, list).env("PWD", called_in).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && !said.contains("cargo::error="), "{list}: {said}");
        assert!(said.contains(&format!("cargo:rerun-if-changed={}", directories[0].display())), "{said}");
        let text = fs::read_to_string(dir.join("out/bindings.rs")).expect("written");
        assert!(text.contains("SAI_API_VERSION: sai_api_version_t = 11200;"));
        fs::remove_file(dir.join("out/bindings.rs")).expect("it was there");
    }
}

/// What this machine lacks is not the headers' fault.
#[test]
fn what_the_machine_lacks_is_named_with_its_package() {
    let dir = scratch("machine");
    let directories = reduce(r(1, 12, 0), &dir);
    let list = std::env::join_paths(&directories).expect("no colon");
    let said = |name: &str, value: &Path| {
        let mut generator = generator(&dir, &list);
        let output = generator.env(name, value).output().expect("it runs");
        let beside = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!beside.contains("panicked"), "{beside}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let error = said("LIBCLANG_PATH", &dir.join("out"));
    let errors: Vec<&str> = error.lines().filter(|line| line.starts_with("cargo::error=")).collect();
    assert_eq!(errors.len(), 1, "{error}");
    assert!(!error.contains("do not compile"), "{error}");
    for word in ["no libclang", "libclang-dev", "clang-devel", "LIBCLANG_PATH"] {
        assert!(errors[0].contains(word), "{error}");
    }
    let error = said("BINDGEN_EXTRA_CLANG_ARGS", Path::new("-nostdinc"));
    for word in ["cargo::error=", "not of SAI", "clang", "libc6-dev", "BINDGEN_EXTRA_CLANG_ARGS"] {
        assert!(error.contains(word), "{error}");
    }
    assert!(!error.contains("need two"), "{error}");
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
    let list = std::env::join_paths(directories).expect("paths without a colon");
    generator(dir, list).output().expect("the generator runs")
}

fn generator(dir: &Path, list: impl AsRef<OsStr>) -> Command {
    let mut generator = Command::new(env!("SAI_SYS_GENERATOR"));
    generator.env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR")).env("OUT_DIR", dir.join("out"));
    generator.env("TARGET", env!("SAI_SYS_TARGET")).env("RUSTC", env!("SAI_SYS_RUSTC"));
    generator.env("CARGO_FEATURE_BINDGEN", "1").env("SAI_INCLUDE_DIR", list);
    generator
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
