//! The header set, held to the measured facts by C and C++ compilers: every value, size, offset and
//! type of the facts is in the header, and the header has nothing else.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use support::{Constant, Facts, Record, Signature, Values, attributes, facts, root, run, scratch};

#[test]
fn c99_sees_what_was_measured() {
    probe_and_compare("c99", false);
}

#[test]
fn cpp_sees_what_was_measured() {
    probe_and_compare("cpp", true);
}

/// A user may include any one header, and any twice.
#[test]
fn each_header_stands_alone() {
    let dir = scratch("alone");
    for (name, _) in headers() {
        for (cpp, extension) in [(false, "c"), (true, "cpp")] {
            let source = dir.join(format!("{name}.{extension}"));
            let text = format!("#include <{name}>\n#include <{name}>\nint not_empty;\n");
            fs::write(&source, text).expect("writable");
            run(compiler(cpp).arg("-fsyntax-only").arg(&source));
        }
    }
}

/// The ranges of status codes run downwards; each macro takes both ends of its own and no neighbour.
#[test]
fn range_macros_know_their_ends() {
    let ranges = [
        "INVALID_ATTRIBUTE",
        "INVALID_ATTR_VALUE",
        "ATTR_NOT_IMPLEMENTED",
        "UNKNOWN_ATTRIBUTE",
        "ATTR_NOT_SUPPORTED",
    ];
    let mut c = "#include <sai.h>\n#include <stdio.h>\nint main(void)\n{\n".to_owned();
    let mut expected = Values::default();
    for range in ranges {
        let (first, last) = (format!("SAI_STATUS_{range}_0"), format!("SAI_STATUS_{range}_MAX"));
        for (code, inside) in [
            (format!("{first} + 1"), 0),
            (first.clone(), 1),
            (format!("{first} - 7"), 1),
            (last.clone(), 1),
            (format!("{last} - 1"), 0),
            ("SAI_STATUS_SUCCESS".to_owned(), 0),
        ] {
            let key = format!("SAI_STATUS_IS_{range}({code})");
            let _ = writeln!(c, "    printf(\"{key}=%d\\n\", {key});");
            expected.put(key, inside);
        }
    }
    c += "    return 0;\n}\n";
    let dir = scratch("ranges");
    let (source, program) = (dir.join("probe.c"), dir.join("probe"));
    fs::write(&source, c).expect("writable");
    run(compiler(false).arg(&source).arg("-o").arg(&program));
    Values::parse(&run(&mut Command::new(program))).assert_same(&expected);
}

/// The compilers above see that everything measured is there; this sees that there is no more:
/// each declaration of each header is one of the facts of that header.
#[test]
fn headers_hold_nothing_unmeasured() {
    let facts = facts();
    let files = headers();
    let names = |files: &[(String, String)]| files.iter().map(|f| f.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(&files), facts.headers.keys().cloned().collect::<Vec<_>>());

    // Keys of types that the facts mention by name and size only.
    let opaque = opaque_keys(&facts);
    for (file, text) in &files {
        let measured = &facts.headers[file];
        let mut expected = BTreeSet::new();
        for (name, members) in &measured.enums {
            expected.extend(members.keys().map(|m| format!("{name} has {m}")));
        }
        for (name, record) in measured.structs.iter().chain(&measured.unions) {
            expected.extend(record.fields.iter().map(|f| format!("{name} has {}", f.name)));
        }
        if file == "saiobject.h" {
            expected.extend(opaque.keys().map(|key| format!("{key} has opaque")));
        }
        expected.extend(measured.typedefs.keys().map(|name| format!("type {name}")));
        expected.extend(measured.function_types.keys().map(|name| format!("pointer {name}")));
        expected.extend(measured.functions.keys().map(|name| format!("function {name}")));
        expected.extend(measured.macros.keys().map(|name| format!("macro {name}")));
        assert_eq!(declarations(text), expected, "{file}");
    }
}

/// Everything a header declares, one line each. It relies on the layout of these files: a
/// declaration starts at the left edge, and a body has one member per line.
fn declarations(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(rest) = line.strip_prefix("typedef ") {
            if rest.ends_with('{') {
                let body: Vec<&str> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
                let (end, members) = body.split_last().expect("a body");
                let name = words(end).next().expect("a name after the brace");
                for member in members {
                    let member = match rest.starts_with("enum ") {
                        true => words(member).next(),
                        false => words(before(member, '[')).last(),
                    };
                    found.insert(format!("{name} has {}", member.expect("a name")));
                }
            } else if let Some((_, pointer)) = rest.split_once("(*") {
                found.insert(format!("pointer {}", words(pointer).next().expect("a name")));
            } else {
                let name = words(before(rest, '[')).last().expect("a name");
                found.insert(format!("type {name}"));
            }
        } else if let Some(rest) = line.strip_prefix("#define ") {
            let name = words(rest).next().expect("a name");
            // Macros with parameters and marks that expand to nothing are text, not values.
            let parametric = rest[name.len()..].starts_with('(');
            if !parametric && !name.starts_with('_') {
                found.insert(format!("macro {name}"));
            }
        } else if line.starts_with("sai_") {
            let name = words(before(line, '(')).last().expect("a name");
            found.insert(format!("function {name}"));
        }
    }
    found
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c != '_' && !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty())
}

fn before(text: &str, end: char) -> &str {
    text.split(end).next().expect("split gives at least one part")
}

fn probe_and_compare(name: &str, cpp: bool) {
    let facts = facts();
    let dir = scratch(name);
    let source = dir.join(if cpp { "probe.cpp" } else { "probe.c" });
    let program = dir.join("probe");
    let expected = expected(&facts);
    fs::write(&source, probe(&facts, &expected)).expect("writable");
    run(compiler(cpp).arg(&source).arg("-o").arg(&program));
    Values::parse(&run(&mut Command::new(program))).assert_same(&expected);
}

fn compiler(cpp: bool) -> Command {
    let mut build = cc::Build::new();
    build.cpp(cpp).target(env!("SAI_SYS_TARGET")).host(env!("SAI_SYS_TARGET")).opt_level(0);
    build.cargo_metadata(false).cargo_warnings(false).cargo_debug(false);
    let mut command = build.get_compiler().to_command();
    command.arg(if cpp { "-std=c++11" } else { "-std=c99" });
    command.args(["-Wall", "-Wextra", "-Werror", "-pedantic", "-Wno-unused-function"]);
    command.arg("-I").arg(root().join("include"));
    command
}

/// What the probe must print, by C expression.
fn expected(facts: &Facts) -> Values {
    let mut values = Values::default();
    for (name, members) in facts.all(|h| &h.enums) {
        values.put(format!("sizeof({name})"), 4);
        for (member, value) in members {
            values.put(member, value);
        }
    }
    for row in attributes() {
        values.put(row["attribute"], row["id"]);
    }
    for (name, record) in facts.records() {
        values.put(format!("sizeof({name})"), record.size);
        values.put(format!("offsetof(struct align_{name}, it)"), record.align);
        for field in &record.fields {
            values.put(format!("offsetof({name}, {})", field.name), field.offset);
            values.put(format!("sizeof((({name} *)0)->{})", field.name), field.size);
        }
    }
    for (name, typedef) in facts.all(|h| &h.typedefs) {
        values.put(format!("sizeof({name})"), typedef.size);
    }
    for (name, value) in facts.all(|h| &h.macros) {
        match value {
            Constant::Number(value) => values.put(name, value),
            Constant::Text(value) => values.put(name, value),
        }
    }
    values
}

/// A program that includes the header and prints each expression with its value. Types are checked
/// by the compiler: a pointer to a field converts to a pointer to the measured type only if the
/// types are the same, and in C++ an enumerator only initialises its own enum.
fn probe(facts: &Facts, expected: &Values) -> String {
    let mut c = "#include <sai.h>\n#include <stdio.h>\n\n".to_owned();
    for (name, members) in facts.all(|h| &h.enums) {
        let members: Vec<&str> = members.keys().map(String::as_str).collect();
        let _ = writeln!(c, "const {name} of_{name}[] = {{ {} }};", members.join(", "));
    }
    for (name, record) in facts.records() {
        let _ = writeln!(c, "struct align_{name} {{ char before; {name} it; }};");
        for field in &record.fields {
            same_type(&mut c, &format!("{name} *from"), &format!("&from->{}", field.name), &field.ty);
        }
    }
    for (name, typedef) in facts.all(|h| &h.typedefs) {
        same_type(&mut c, &format!("{name} *from"), "from", &typedef.ty);
    }
    for (name, signature) in facts.all(|h| &h.function_types) {
        same_function(&mut c, &format!("{name} from"), "from", signature);
    }
    for (name, signature) in facts.all(|h| &h.functions) {
        // A use inside sizeof needs the declaration and not the library.
        let _ = writeln!(c, "static size_t size_of_{name}(void) {{ return sizeof(&{name}); }}");
        let _ = writeln!(c, "#ifdef __cplusplus\nextern \"C\"\n#endif");
        let _ = writeln!(c, "{} {name}({});", signature.returns, parameters(signature));
    }
    let texts: BTreeSet<&str> = facts
        .all(|h| &h.macros)
        .filter_map(|(name, value)| matches!(value, Constant::Text(_)).then_some(name))
        .collect();
    c += "\nstatic const struct { const char *key; long long value; } numbers[] = {\n";
    for key in expected.keys().filter(|key| !texts.contains(key)) {
        let _ = writeln!(c, "    {{ \"{key}\", (long long)({key}) }},");
    }
    c += "};\n\nint main(void)\n{\n    size_t i;\n";
    c += "    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)\n";
    c += "        printf(\"%s=%lld\\n\", numbers[i].key, numbers[i].value);\n";
    for key in texts {
        let _ = writeln!(c, "    printf(\"%s=%s\\n\", \"{key}\", {key});");
    }
    c + "    return 0;\n}\n"
}

fn same_type(c: &mut String, parameter: &str, expression: &str, ty: &str) {
    let ty = c_type(ty);
    let pointer = match ty.split_once('[') {
        Some((element, length)) => format!("{element} (*to)[{length}"),
        None => format!("{ty} *to"),
    };
    let number = c.len();
    let _ = writeln!(c, "void same_{number}({parameter}) {{ {pointer} = {expression}; (void)to; }}");
}

fn same_function(c: &mut String, parameter: &str, expression: &str, signature: &Signature) {
    let number = c.len();
    let pointer = format!("{} (*to)({})", signature.returns, parameters(signature));
    let _ = writeln!(c, "void same_{number}({parameter}) {{ {pointer} = {expression}; (void)to; }}");
}

fn parameters(signature: &Signature) -> String {
    if signature.params.is_empty() {
        return "void".to_owned();
    }
    let types: Vec<String> = signature.params.iter().map(|p| c_type(&p.ty)).collect();
    types.join(", ")
}

/// The facts name the type `_Bool` as C does; `bool` is the name that C and C++ share.
fn c_type(ty: &str) -> String {
    ty.replace("_Bool", "bool")
}

/// Name and size of the keys that the facts only mention inside the union of all keys.
fn opaque_keys(facts: &Facts) -> BTreeMap<&str, usize> {
    let known: BTreeSet<&str> = facts.records().map(|(name, _)| name).collect();
    let typedefs: BTreeSet<&str> = facts.all(|h| &h.typedefs).map(|(name, _)| name).collect();
    let union: &Record = &facts.headers["saiobject.h"].unions["sai_object_key_entry_t"];
    let types = union.fields.iter().map(|f| (f.ty.as_str(), f.size));
    types.filter(|(ty, _)| !known.contains(ty) && !typedefs.contains(ty)).collect()
}

/// Names and texts, in alphabetical order.
fn headers() -> Vec<(String, String)> {
    let dir: &Path = &root().join("include");
    let mut files: Vec<_> = fs::read_dir(dir)
        .expect("the header directory")
        .map(|entry| entry.expect("readable").path())
        .map(|path| {
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("text"))
        })
        .collect();
    files.sort();
    files
}
