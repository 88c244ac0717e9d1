//! The header says what the sources say, in both directions, and what it said last.

use crate::declared::{Declared, declared};
use crate::rig::{compiler, good, output, root};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

fn header() -> String {
    std::fs::read_to_string(root().join("include/mlagsync.h")).unwrap()
}

/// The header without its comments, a line a line.
fn bare() -> String {
    let mut text = header();
    while let Some(from) = text.find("/*") {
        let to = from + text[from..].find("*/").unwrap() + 2;
        text.replace_range(from..to, " ");
    }
    text
}

/// Words of the header that look so.
fn words(is_it: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let bare = bare();
    let words = bare.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| is_it(word)).map(str::to_owned).collect()
}

fn compile(name: &str, text: &str, cpp: bool, standard: &str, include: &Path) -> Result<(), String> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(if cpp { format!("{name}.cpp") } else { format!("{name}.c") });
    std::fs::write(&file, text).unwrap();
    let output = output(compiler(cpp, standard).arg("-fsyntax-only").arg("-I").arg(include).arg(&file));
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

#[test]
fn it_compiles_alone_and_twice_without_a_warning() {
    let text = "#include \"mlagsync.h\"\n#include \"mlagsync.h\"\n\
        int main(void) {\n    mlagsync_binding_t binding = MLAGSYNC_INIT(mlagsync_binding_t);\n\
        return binding.struct_size == sizeof binding && mlagsync_abi() == MLAGSYNC_ABI ? 0 : 1;\n}\n";
    for (cpp, standard) in
        [(false, "c99"), (false, "c11"), (false, "c17"), (true, "c++11"), (true, "c++17"), (true, "c++20")]
    {
        compile("alone", text, cpp, standard, &root().join("include"))
            .unwrap_or_else(|e| panic!("{standard}: {e}"));
    }
}

/// The sources' declarations behind the header's: a C compiler refuses the file where they differ.
fn comparison(declared: &Declared) -> String {
    let mut c = String::from("#include \"mlagsync.h\"\n#define SAME __builtin_types_compatible_p\n");
    for (name, (answer, parameters)) in &declared.functions {
        let types: Vec<&str> = parameters.iter().map(|(of, _)| of.as_str()).collect();
        let types = if types.is_empty() { "void".to_owned() } else { types.join(", ") };
        writeln!(c, "{answer} {name}({types});").unwrap();
    }
    for (name, of) in &declared.callbacks {
        writeln!(c, "_Static_assert(SAME({name}, {of}), \"{name}\");").unwrap();
    }
    for (name, value) in &declared.constants {
        writeln!(c, "_Static_assert({name} == {value}, \"{name}\");").unwrap();
    }
    for (name, fields) in &declared.structs {
        writeln!(c, "struct rust_{name} {{").unwrap();
        for (field, of, array) in fields {
            writeln!(c, "    {of} {field}{array};").unwrap();
        }
        writeln!(c, "}};\n_Static_assert(sizeof(struct rust_{name}) == sizeof({name}), \"{name}\");")
            .unwrap();
        for (field, ..) in fields {
            let (ours, theirs) = (format!("struct rust_{name}"), name);
            writeln!(
                c,
                "_Static_assert(__builtin_offsetof({ours}, {field}) == __builtin_offsetof({theirs}, {field}) && \
                 SAME(__typeof__((({ours} *)0)->{field}), __typeof__((({theirs} *)0)->{field})), \"{name}.{field}\");"
            )
            .unwrap();
        }
    }
    c
}

#[test]
fn it_declares_what_the_sources_define_and_nothing_else() {
    let declared = declared();
    compile("both", &comparison(&declared), false, "gnu11", &root().join("include"))
        .unwrap_or_else(|e| panic!("{e}"));

    // The header's callbacks have no parenthesis behind their names, its functions do.
    let text = bare();
    // The macro's own template is C++'s alone.
    let called = |word: &str| {
        word.starts_with("mlagsync_") && word != "mlagsync_init_" && text.contains(&format!("{word}("))
    };
    let functions: BTreeSet<String> = declared.functions.keys().cloned().collect();
    assert_eq!(words(called), functions, "functions of the header, and of the sources");

    let constants: BTreeSet<String> = declared.constants.keys().cloned().collect();
    let constant =
        |word: &str| word.starts_with("MLAGSYNC_") && !["MLAGSYNC_H", "MLAGSYNC_INIT"].contains(&word);
    assert_eq!(words(constant), constants, "constants of the header, and of the sources");

    let fields =
        bare().split("typedef struct ").skip(1).filter(|s| s[..40.min(s.len())].contains('{')).count();
    assert_eq!(fields, declared.structs.len(), "structs of the header, and of the sources");
}

/// The comparison above is worth something: a header that differs in one place is refused.
#[test]
fn a_header_that_differs_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let comparison = comparison(&declared());
    for (from, to) in [
        ("MLAGSYNC_E_NULL = -1,", "MLAGSYNC_E_NULL = -101,"),
        (
            "uint32_t wait_ms,\n                                   size_t *taken",
            "uint64_t wait_ms,\n size_t *taken",
        ),
        ("    uint8_t wins;\n    uint8_t reserved[1];", "    uint8_t reserved[1];\n    uint8_t wins;"),
        ("    uint64_t events_lost;", "    uint32_t events_lost;"),
        (
            "typedef void (*mlagsync_lock_fn)(void *userdata);",
            "typedef int (*mlagsync_lock_fn)(void *userdata);",
        ),
    ] {
        let other = header().replacen(from, to, 1);
        assert_ne!(other, header(), "{from} is not in the header");
        std::fs::write(dir.path().join("mlagsync.h"), other).unwrap();
        let refused = compile("both", &comparison, false, "gnu11", dir.path());
        assert!(refused.is_err(), "{from} became {to}, and nobody saw it");
    }
}

/// Everything that a compiled program relies on, as text.
fn abi() -> String {
    let declared = declared();
    let mut c = String::from("#include \"mlagsync.h\"\n#include <stdio.h>\nint main(void) {\n");
    for name in declared.constants.keys().filter(|name| !name.contains("VERSION")) {
        writeln!(c, "    printf(\"constant {name} = %lld\\n\", (long long)({name}));").unwrap();
    }
    for (name, of) in &declared.callbacks {
        writeln!(c, "    puts(\"callback {name}: {of}\");").unwrap();
    }
    for (name, (answer, parameters)) in &declared.functions {
        let parameters: Vec<String> = parameters.iter().map(|(of, name)| format!("{of} {name}")).collect();
        writeln!(c, "    puts(\"function {answer} {name}({})\");", parameters.join(", ")).unwrap();
    }
    for (name, fields) in &declared.structs {
        writeln!(c, "    printf(\"struct {name}: %zu bytes\\n\", sizeof({name}));").unwrap();
        for (field, of, array) in fields {
            writeln!(
                c,
                "    printf(\"    %zu {of} {field}{array}\\n\", __builtin_offsetof({name}, {field}));"
            )
            .unwrap();
        }
    }
    c.push_str("    return 0;\n}\n");
    let dir = tempfile::tempdir().unwrap();
    let (source, program) = (dir.path().join("abi.c"), dir.path().join("abi"));
    std::fs::write(&source, c).unwrap();
    good(compiler(false, "gnu11").arg("-I").arg(root().join("include")).arg(&source).arg("-o").arg(&program));
    good(&mut Command::new(program))
}

/// Lines that programs rely on and that are gone, or are others now. A struct that says its size may grow.
fn broken(before: &str, now: &str) -> Vec<String> {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let size = |line: &str| {
        let (name, bytes) = line.strip_prefix("struct ")?.strip_suffix(" bytes")?.split_once(": ")?;
        Some((name.to_owned(), bytes.parse::<usize>().ok()?))
    };
    let grows = |line: &String| {
        let Some((name, bytes)) = size(line) else { return false };
        let says_its_size = now.contains(&format!("struct {name}: "))
            && now.split(&format!("struct {name}: ")).nth(1).is_some_and(|rest| {
                rest.lines().nth(1).is_some_and(|first| first == "    0 uint32_t struct_size")
            });
        says_its_size && now.lines().filter_map(size).any(|(of, larger)| of == name && larger > bytes)
    };
    lines(before).difference(&lines(now)).filter(|line| !grows(line)).cloned().collect()
}

/// What breaks compiled programs is seen, and what does not is not taken for it.
#[test]
fn a_change_that_breaks_programs_is_told_from_one_that_does_not() {
    let now = abi();
    let with = |from: &str, to: &str| {
        let other = now.replacen(from, to, 1);
        assert!(other != now, "{from} is not there");
        broken(&now, &other)
    };
    for (from, to) in [
        ("constant MLAGSYNC_E_NULL = -1", "constant MLAGSYNC_E_NULL = -2"),
        ("constant MLAGSYNC_EVENT_PROBE = 17\n", ""),
        ("struct mlagsync_event_t: 816 bytes", "struct mlagsync_event_t: 808 bytes"),
        // It cannot say its size.
        ("struct mlagsync_key_t: 32 bytes", "struct mlagsync_key_t: 36 bytes"),
        ("uint32_t wait_ms", "uint64_t wait_ms"),
        ("function uint32_t mlagsync_abi()", "function uint64_t mlagsync_abi()"),
        ("    40 mlagsync_key_t key", "    44 mlagsync_key_t key"),
        ("callback mlagsync_lock_fn: void (*)(void *)", "callback mlagsync_lock_fn: int (*)(void *)"),
    ] {
        assert!(!with(from, to).is_empty(), "{from} became {to}, and nobody saw it");
    }
    let event = ("struct mlagsync_event_t: 816 bytes", "struct mlagsync_event_t: 824 bytes");
    assert_eq!(with(event.0, event.1), [] as [String; 0], "it says its size");
    assert_eq!(
        with("constant MLAGSYNC_OK = 0\n", "constant MLAGSYNC_OK = 0\nconstant MLAGSYNC_NEW = 1\n"),
        [""; 0]
    );
}

/// A line that goes, or becomes another, breaks programs that are compiled: it needs another MLAGSYNC_ABI, and with it
/// another file. A line that comes is what a new release brings. UPDATE_EXPECTED=1 writes the file anew.
#[test]
fn what_programs_rely_on_is_what_it_was() {
    let path = root().join(format!("tests/cases/capi/abi-{}.txt", mlagsync::capi::MLAGSYNC_ABI));
    let now = abi();
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &now).unwrap();
    }
    let before = std::fs::read_to_string(&path).unwrap();
    let gone = broken(&before, &now);
    assert!(
        gone.is_empty(),
        "compiled programs rely on these, which are gone or differ:\n{}",
        gone.join("\n")
    );
    assert_eq!(before, now, "new in the ABI: look at it, then UPDATE_EXPECTED=1");
}

#[test]
fn results_have_their_names_and_numbers() {
    use mlagsync::capi::mlagsync_result_name;
    for (name, value) in declared().constants {
        let is_result = name == "MLAGSYNC_OK"
            || name == "MLAGSYNC_AGAIN"
            || name == "MLAGSYNC_LEFT_BEHIND"
            || name.starts_with("MLAGSYNC_E_");
        if is_result {
            // SAFETY: it answers a text that ends with a zero and lives for ever.
            let said = unsafe { std::ffi::CStr::from_ptr(mlagsync_result_name(value.parse().unwrap())) };
            assert_eq!(said.to_str(), Ok(name.as_str()));
        }
    }
}

#[test]
fn it_belongs_to_this_release() {
    use mlagsync::capi::*;
    let version = format!("{MLAGSYNC_VERSION_MAJOR}.{MLAGSYNC_VERSION_MINOR}.{MLAGSYNC_VERSION_PATCH}");
    assert_eq!(version, env!("CARGO_PKG_VERSION"));
}
