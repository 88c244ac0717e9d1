//! The committed bindings, held to the measured facts by rustc: every value, size, offset and type
//! of the facts is in the Rust names, and the Rust types have nothing else.
//!
//! The probe is compiled with the crate as it is in a default build, so that it tests the committed
//! file also when this test itself was built with freshly generated bindings.

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{Constant, Facts, Field, Signature, Values, attributes, facts, root, run, scratch};

const COMMITTED: &str = include_str!("../src/bindings.rs");

/// This also shows that nothing of `libsai` is linked: there is none.
#[test]
fn rust_sees_what_was_measured() {
    let facts = facts();
    let dir = scratch("bindings");
    let library = compile_crate(&dir, &[]);
    let expected = expected(&facts);
    let program = compile_program(&dir, &library, &probe(&facts, &expected), &[]);
    Values::parse(&run(&mut Command::new(program))).assert_same(&expected);
}

/// The probe sees that every enumerator and constant is there; this sees that there is no more.
#[test]
fn bindings_hold_nothing_unmeasured() {
    let facts = facts();
    let enumerators: usize = facts.all(|h| &h.enums).map(|(_, members)| members.len()).sum();
    let constants = facts.all(|h| &h.macros).count();
    let count = |prefix| COMMITTED.lines().filter(|line| line.starts_with(prefix)).count();
    assert_eq!(count("    pub const SAI_"), enumerators);
    assert_eq!(count("pub const SAI_"), constants);

    // A pattern cannot name every member of a union, so these are counted.
    for (name, union) in facts.all(|h| &h.unions) {
        let (_, body) = COMMITTED.split_once(&format!("pub union {name} {{")).expect("declared");
        let members = body.lines().take_while(|line| *line != "}");
        let count = members.filter(|line| line.starts_with("    pub ")).count();
        assert_eq!(count, union.fields.len(), "{name}");
    }
}

#[test]
fn every_function_is_named() {
    let facts = facts();
    let mut measured: Vec<&str> = facts.all(|h| &h.functions).map(|(name, _)| name).collect();
    let mut ours = sai_sys::FUNCTION_NAMES.to_vec();
    measured.sort_unstable();
    ours.sort_unstable();
    assert_eq!(ours, measured);
}

/// With the feature `linked`, the functions come from a library; here from one in C, built with the
/// header, that has just this one function.
#[test]
fn linked_functions_are_those_of_the_library() {
    let dir = scratch("linked");
    let source = dir.join("sai.c");
    let c = "#include <sai.h>\n\
        sai_status_t sai_query_api_version(sai_api_version_t *version)\n\
        { *version = SAI_VERSION(1, 9, 1); return SAI_STATUS_TABLE_FULL; }\n";
    fs::write(&source, c).expect("writable");
    let mut build = cc::Build::new();
    build.target(env!("SAI_SYS_TARGET")).host(env!("SAI_SYS_TARGET")).opt_level(0);
    let mut compiler = build.get_compiler().to_command();
    compiler.arg("-I").arg(root().join("include")).args(["-shared", "-fPIC"]);
    run(compiler.arg(&source).arg("-o").arg(dir.join("libsai.so")));

    let library = compile_crate(&dir, &["--cfg", "feature=\"linked\""]);
    let program = "fn main() {
        let mut version = 0;
        let status = unsafe { sai_sys::sai_query_api_version(&mut version) };
        println!(\"{status} {version}\");
    }";
    let program = compile_program(&dir, &library, program, &["-l", "sai"]);
    let output = run(Command::new(program).env("LD_LIBRARY_PATH", &dir));
    assert_eq!(output, "-13 10901\n");
}

/// What the probe must print, by Rust expression.
fn expected(facts: &Facts) -> Values {
    let mut values = Values::default();
    for (name, members) in facts.all(|h| &h.enums) {
        values.put(format!("size_of::<{name}>()"), 4);
        for (member, value) in members {
            values.put(format!("{name}::{member}.0"), value);
        }
    }
    for row in attributes() {
        values.put(format!("{}::{}.0", row["enum"], row["attribute"]), row["id"]);
    }
    for (name, record) in facts.records() {
        values.put(format!("size_of::<{name}>()"), record.size);
        values.put(format!("align_of::<{name}>()"), record.align);
        for field in &record.fields {
            values.put(format!("offset_of!({name}, {})", rust_field(field)), field.offset);
        }
    }
    for (name, typedef) in facts.all(|h| &h.typedefs) {
        values.put(format!("size_of::<{name}>()"), typedef.size);
    }
    for (name, value) in facts.all(|h| &h.macros) {
        match value {
            Constant::Number(value) => values.put(name, value),
            Constant::Text(value) => values.put(format!("{name}.to_str()"), value),
        }
    }
    for (name, value) in &facts.headers["saistatus.h"].macros {
        let Constant::Number(value) = value else { panic!("{name} is a number") };
        let name = name.strip_prefix("SAI_STATUS_").expect("its prefix");
        values.put(format!("Status::{name}.0"), value);
    }
    values
}

/// A program that prints each expression with its value. Types are checked by the compiler: a
/// function that gives its argument back under the measured type, a pattern that names every field.
fn probe(facts: &Facts, expected: &Values) -> String {
    let mut rust = "#![allow(clippy::all, dead_code, non_snake_case)]\n\
        use sai_sys::*;\n\
        use std::mem::{align_of, offset_of, size_of};\n\n"
        .to_owned();
    let mut same = |from: &str, expression: &str, to: &str| {
        let number = rust.len();
        let _ = writeln!(rust, "fn same_{number}(it: {from}) -> {to} {{ {expression} }}");
    };
    for (name, record) in facts.records() {
        for field in &record.fields {
            let expression = format!("unsafe {{ &raw const (*it).{} }}", rust_field(field));
            same(&format!("*const {name}"), &expression, &format!("*const {}", rust_type(&field.ty)));
        }
    }
    for (name, record) in facts.all(|h| &h.structs) {
        let fields: Vec<String> = record.fields.iter().map(|f| format!("{}: _", rust_field(f))).collect();
        same(name, &format!("let {name} {{ {} }} = it;", fields.join(", ")), "()");
    }
    for (name, typedef) in facts.all(|h| &h.typedefs) {
        same(name, "it", &rust_type(&typedef.ty));
    }
    for (name, signature) in facts.all(|h| &h.function_types) {
        same(name, "it", &format!("Option<{}>", rust_function(signature)));
    }
    for (name, signature) in facts.all(|h| &h.functions) {
        same(&format!("{name}_fn"), "it", &rust_function(signature));
    }
    rust += "\nfn main() {\n    for (key, value) in NUMBERS {\n        println!(\"{key}={value}\");\n    }\n";
    rust += "    for (key, value) in TEXTS {\n        println!(\"{key}={}\", value.to_str().unwrap());\n    }\n}\n\n";
    let (texts, numbers): (Vec<&str>, Vec<&str>) = expected.keys().partition(|k| k.ends_with(".to_str()"));
    rust += "const NUMBERS: &[(&str, i64)] = &[\n";
    for key in numbers {
        let _ = writeln!(rust, "    (\"{key}\", {key} as i64),");
    }
    rust += "];\n\nconst TEXTS: &[(&str, &std::ffi::CStr)] = &[\n";
    for key in texts {
        let _ = writeln!(rust, "    (\"{key}\", {}),", key.trim_end_matches(".to_str()"));
    }
    rust + "];\n"
}

fn rust_function(signature: &Signature) -> String {
    let parameters: Vec<String> = signature.params.iter().map(|p| rust_type(&p.ty)).collect();
    let returns = match signature.returns.as_str() {
        "void" => "()".to_owned(),
        ty => rust_type(ty),
    };
    format!("unsafe extern \"C\" fn({}) -> {returns}", parameters.join(", "))
}

/// bindgen's name of a field: words of Rust get an underscore.
fn rust_field(field: &Field) -> String {
    match field.name.as_str() {
        name @ ("type" | "u8" | "u16" | "u32" | "u64") => format!("{name}_"),
        name => name.to_owned(),
    }
}

/// The Rust name of a C type as the facts write it.
fn rust_type(c: &str) -> String {
    if let Some((element, length)) = c.strip_suffix(']').and_then(|c| c.split_once('[')) {
        return format!("[{}; {length}]", rust_type(element.trim_end()));
    }
    if let Some(target) = c.strip_suffix('*') {
        let target = target.trim_end();
        // In `const T **` it is the T that is const, not the pointer to it.
        return match target.strip_prefix("const ") {
            Some(constant) if !constant.ends_with('*') => format!("*const {}", rust_type(constant)),
            _ => format!("*mut {}", rust_type(target)),
        };
    }
    // A parameter that the callee may not change is the same to a caller.
    let c = c.strip_prefix("const ").unwrap_or(c);
    match c {
        "_Bool" => "bool",
        "char" => "std::ffi::c_char",
        "int" => "std::ffi::c_int",
        "void" => "std::ffi::c_void",
        "size_t" => "usize",
        "int8_t" => "i8",
        "int16_t" => "i16",
        "int32_t" => "i32",
        "int64_t" => "i64",
        "uint8_t" => "u8",
        "uint16_t" => "u16",
        "uint32_t" => "u32",
        "uint64_t" => "u64",
        name if name.starts_with("sai_") => name,
        other => panic!("no Rust type is known for {other}"),
    }
    .to_owned()
}

fn compile_crate(dir: &Path, more: &[&str]) -> PathBuf {
    let library = dir.join("libsai_sys.rlib");
    let mut rustc = rustc();
    rustc.args(["--crate-name", "sai_sys", "--crate-type", "rlib"]).args(more);
    run(rustc.arg(root().join("src/lib.rs")).arg("-o").arg(&library));
    library
}

fn compile_program(dir: &Path, library: &Path, text: &str, more: &[&str]) -> PathBuf {
    let (source, program) = (dir.join("probe.rs"), dir.join("probe"));
    fs::write(&source, text).expect("writable");
    let mut rustc = rustc();
    rustc.arg("--extern").arg(format!("sai_sys={}", library.display()));
    run(rustc.arg("-L").arg(dir).args(more).arg(&source).arg("-o").arg(&program));
    program
}

fn rustc() -> Command {
    let mut rustc = Command::new(env!("SAI_SYS_RUSTC"));
    rustc.args(["--edition", "2024"]);
    rustc
}
