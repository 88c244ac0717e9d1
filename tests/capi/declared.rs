//! What the sources of `src/capi` declare, read from their text, in the words of C.
//!
//! Invariant: what cannot be read fails the test; nothing is passed over.

use std::collections::BTreeMap;
use std::path::Path;

/// Everything that crosses the boundary.
#[derive(Default)]
pub(crate) struct Declared {
    /// Functions: what they answer, and their parameters' types with names.
    pub(crate) functions: BTreeMap<String, (String, Vec<(String, String)>)>,
    /// Structs with their fields in order: name, type in front of it, array behind it.
    pub(crate) structs: BTreeMap<String, Vec<(String, String, String)>>,
    /// Constants.
    pub(crate) constants: BTreeMap<String, String>,
    /// Types of functions, as C writes them without a name.
    pub(crate) callbacks: BTreeMap<String, String>,
}

pub(crate) fn declared() -> Declared {
    let mut all = Declared::default();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/capi");
    for entry in std::fs::read_dir(dir).unwrap() {
        let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let source = source.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned();
        // Comments go, and every run of blanks is one.
        let code: Vec<&str> = source.lines().map(|line| line.split("//").next().unwrap()).collect();
        let code = code.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
        functions(&code, &mut all);
        constants(&code, &mut all);
        callbacks(&code, &mut all);
        structs(&code, &mut all);
    }
    assert!(
        all.functions.len() > 50 && all.structs.len() > 15 && all.constants.len() > 100,
        "it was not read"
    );
    all
}

fn functions(code: &str, all: &mut Declared) {
    for rest in code.split("#[unsafe(no_mangle)] pub ").skip(1) {
        let rest = rest.strip_prefix("unsafe ").unwrap_or(rest);
        let rest = rest.strip_prefix("extern \"C\" fn ").unwrap_or_else(|| panic!("{rest:.80}"));
        let (name, rest) = rest.split_once('(').unwrap();
        let (parameters, rest) = rest.split_once(')').unwrap();
        let answer = match rest.strip_prefix(" -> ") {
            Some(rest) => c_type(rest.split_once(" {").unwrap().0),
            None => "void".to_owned(),
        };
        let parameters = parameters.split(',').map(str::trim).filter(|p| !p.is_empty());
        let parameters = parameters.map(|p| {
            let (name, rust) = p.split_once(": ").unwrap();
            (c_type(rust), name.to_owned())
        });
        all.functions.insert(name.to_owned(), (answer, parameters.collect()));
    }
}

fn constants(code: &str, all: &mut Declared) {
    let words: Vec<&str> = code.split(' ').collect();
    for three in words.windows(3) {
        let [name, "=", value] = three else { continue };
        let is_name = name.starts_with("MLAGSYNC_")
            && name.chars().all(|c| c.is_ascii_uppercase() || "_0123456789".contains(c));
        if is_name && value.ends_with(',') {
            all.constants.insert((*name).to_owned(), value.trim_end_matches(',').replace('_', ""));
        }
    }
    for rest in code.split("pub const MLAGSYNC_").skip(1) {
        let (name, rest) = rest.split_once(": ").unwrap();
        let value = rest.split_once(" = ").unwrap().1.split_once(';').unwrap().0;
        all.constants.insert(format!("MLAGSYNC_{name}"), value.to_owned());
    }
}

fn callbacks(code: &str, all: &mut Declared) {
    for rest in code.split("pub type ").skip(1) {
        let (name, rest) = rest.split_once(" = ").unwrap();
        let rest = rest.split(';').next().unwrap();
        let Some((_, parameters)) = rest.split_once("extern \"C\" fn(") else { continue };
        let parameters = parameters.split_once(')').unwrap().0;
        let parameters: Vec<String> = parameters
            .split(',')
            .map(str::trim)
            .filter(|p| !p.is_empty())
            .map(|p| c_type(p.split_once(": ").unwrap().1))
            .collect();
        let parameters = if parameters.is_empty() { "void".to_owned() } else { parameters.join(", ") };
        all.callbacks.insert(name.to_owned(), format!("void (*)({parameters})"));
    }
}

fn structs(code: &str, all: &mut Declared) {
    let Some((_, block)) = code.split_once("structs! { mlagsync_ip_t") else { return };
    let block = format!("mlagsync_ip_t{block}");
    for one in block.split('}').map(str::trim).take_while(|one| one.contains('{')) {
        let (head, fields) = one.split_once('{').unwrap();
        let name = head.split(' ').next().unwrap();
        // The comma behind a field, never the semicolon in an array.
        let fields = fields.split(',').map(str::trim).filter(|f| !f.is_empty()).map(|field| {
            let (name, rust) = field.split_once(": ").unwrap();
            let name = name.trim_start_matches("r#").to_owned();
            match rust.strip_prefix('[') {
                Some(array) => {
                    let (of, length) = array.trim_end_matches(']').split_once("; ").unwrap();
                    (name, c_type(of), format!("[{length}]"))
                }
                None => (name, c_type(rust), String::new()),
            }
        });
        all.structs.insert(name.to_owned(), fields.collect());
    }
}

/// A type of Rust's in C.
fn c_type(rust: &str) -> String {
    if let Some(of) = rust.strip_prefix("*mut ") {
        return format!("{} *", c_type(of)).replace("* *", "**");
    }
    if let Some(of) = rust.strip_prefix("*const ") {
        return format!("const {} *", c_type(of));
    }
    match rust {
        "u8" | "u16" | "u32" | "u64" => format!("uint{}_t", &rust[1..]),
        "i32" => "int32_t".to_owned(),
        "usize" => "size_t".to_owned(),
        "c_char" => "char".to_owned(),
        "c_void" => "void".to_owned(),
        own if own.starts_with("mlagsync_") => own.to_owned(),
        other => panic!("no type of C for {other}"),
    }
}
