//! Header sets of other releases, as far as the history of the method tables and of a few structures tells them apart: made
//! from our own header.
//!
//! They are laid out and written as the published ones are: two directories from 1.10.1 on, of which `saiobject.h` needs the
//! second; release and return codes by macros with arguments, marks before parameters, numbers that are left to the
//! compiler or shifted, aliases, a limit of the system's as a number, branches for another system, extension ranges that
//! begin where the enumeration ends.

use std::fs;
use std::path::{Path, PathBuf};

use sai_sys::releases::{Release, TABLES};

const fn r(major: u16, minor: u16, revision: u16) -> Release {
    Release { major, minor, revision }
}

/// The first release with two directories.
const SPLIT: Release = r(1, 10, 1);

/// Members of structures and unions that came later than the oldest release that is taken, and when at the latest.
pub(crate) const LATER: &[(&str, &str, Release)] = &[
    ("sai_port_oper_status_notification_t", "port_error_status", r(1, 15, 0)),
    ("sai_attribute_value_t", "json", r(1, 11, 0)),
    ("sai_attribute_value_t", "ipprefixlist", r(1, 12, 0)),
    ("sai_attribute_value_t", "latchstatus", r(1, 13, 0)),
    ("sai_attribute_value_t", "portlanelatchstatuslist", r(1, 13, 0)),
    ("sai_attribute_value_t", "portsnrlist", r(1, 15, 0)),
    ("sai_attribute_value_t", "portfrequencyoffsetppmlist", r(1, 15, 0)),
    ("sai_attribute_value_t", "portpowerconsumption", r(1, 16, 0)),
    ("sai_attribute_value_t", "portpam4eyevalues", r(1, 17, 0)),
    ("sai_attribute_value_t", "u64rangelist", r(1, 18, 0)),
    ("sai_object_key_entry_t", "eni_ether_address_map_entry", r(1, 12, 0)),
    ("sai_object_key_entry_t", "flow_entry", r(1, 16, 0)),
    ("sai_object_key_entry_t", "prefix_compression_entry", r(1, 17, 0)),
    ("sai_object_key_entry_t", "eni_trusted_vni_entry", r(1, 18, 0)),
];

/// Writes the headers of a release under `into`, and answers their directories.
pub(crate) fn reduce(release: Release, into: &Path) -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("include");
    let (inc, experimental) = (into.join("inc"), into.join("experimental"));
    fs::create_dir_all(&inc).expect("a new directory");
    for entry in fs::read_dir(&own).expect("our header set") {
        let path = entry.expect("a directory entry").path();
        let name = path.file_name().expect("a file has a name").to_str().expect("of ASCII");
        let text = fs::read_to_string(&path).expect("a header");
        let text = match name {
            "saiversion.h" => version(release, &text),
            "saistatus.h" => status(&text),
            _ => without_later_members(release, &text),
        };
        fs::write(inc.join(name), as_published(&text)).expect("writable");
    }
    let objects = "    SAI_OBJECT_TYPE_EXTENSIONS_RANGE_BASE";
    if release < r(1, 14, 0) {
        // Before there was a base of their own, extensions began where the objects ended.
        edit(&inc.join("saitypes.h"), objects, "    SAI_OBJECT_TYPE_NO_RANGE_YET");
    }
    // Keys that ours has only the size of are described in what is published.
    edit(
        &inc.join("saiobject.h"),
        "    uint64_t opaque[3];",
        "    sai_object_id_t switch_id;\n    sai_mac_t mac_address;\n    sai_object_id_t bv_id;",
    );
    if release < SPLIT {
        return vec![inc];
    }
    fs::create_dir_all(&experimental).expect("a new directory");
    let base =
        if release < r(1, 14, 0) { "SAI_OBJECT_TYPE_MAX" } else { "SAI_OBJECT_TYPE_EXTENSIONS_RANGE_BASE" };
    for (name, text) in EXPERIMENTAL {
        let guard = format!("__{}_", name.replace('.', "_").to_uppercase());
        let text = format!("#ifndef {guard}\n#define {guard}\n{text}#endif\n").replace("@BASE@", base);
        fs::write(experimental.join(name), text).expect("writable");
    }
    let object = inc.join("saiobject.h");
    edit(&object, "#include <sairoute.h>\n", "#include <sairoute.h>\n\n#include <saiexperimentalbmtor.h>\n");
    edit(
        &object,
        "    sai_route_entry_t route_entry;\n",
        "    sai_route_entry_t route_entry;\n    sai_table_bitmap_router_entry_t table_bitmap_router_entry;\n",
    );
    vec![inc, experimental]
}

/// Extensions: enumerations that go on where others end, structures and a method table of their own.
const EXPERIMENTAL: &[(&str, &str)] = &[
    (
        "saitypesextensions.h",
        "#include <saitypes.h>\ntypedef enum _sai_object_type_extensions_t\n{\n    SAI_OBJECT_TYPE_EXTENSIONS_RANGE_START = \
         @BASE@,\n    SAI_OBJECT_TYPE_TABLE_BITMAP_ROUTER_ENTRY = SAI_OBJECT_TYPE_EXTENSIONS_RANGE_START,\n    \
         SAI_OBJECT_TYPE_TABLE_META_TUNNEL_ENTRY,\n\n    SAI_OBJECT_TYPE_EXTENSIONS_RANGE_END\n\n} \
         sai_object_type_extensions_t;\n",
    ),
    (
        "saiswitchextensions.h",
        "#include <saitypes.h>\n#include <saiswitch.h>\ntypedef enum _sai_switch_attr_extensions_t\n{\n    \
         SAI_SWITCH_ATTR_EXTENSIONS_RANGE_START = SAI_SWITCH_ATTR_END,\n    SAI_SWITCH_ATTR_EXT_FAKE = \
         SAI_SWITCH_ATTR_EXTENSIONS_RANGE_START,\n    SAI_SWITCH_ATTR_EXTENSIONS_RANGE_END\n} \
         sai_switch_attr_extensions_t;\n",
    ),
    (
        "saiexperimentalbmtor.h",
        "#include <saitypesextensions.h>\n\ntypedef struct _sai_table_bitmap_router_entry_t\n{\n    sai_object_id_t \
         switch_id;\n    sai_uint32_t in_rif_metadata_key;\n} sai_table_bitmap_router_entry_t;\n\ntypedef sai_status_t \
         (*sai_create_table_bitmap_router_entry_fn)(\n        _In_ const sai_table_bitmap_router_entry_t *entry,\n        \
         _In_ uint32_t attr_count,\n        _In_ const sai_attribute_t *attr_list);\n\ntypedef struct \
         _sai_bmtor_api_t\n{\n    sai_create_table_bitmap_router_entry_fn create_table_bitmap_router_entry;\n\n} \
         sai_bmtor_api_t;\n",
    ),
    (
        "saiextensions.h",
        "#include <sai.h>\n#include <saitypes.h>\n#include \"saitypesextensions.h\"\n#include \
         \"saiswitchextensions.h\"\n#include \"saiexperimentalbmtor.h\"\n",
    ),
];

/// Replaces a piece of a file that must be there.
pub(crate) fn edit(path: &Path, old: &str, new: &str) {
    let text = fs::read_to_string(path).expect("a header");
    assert!(text.contains(old), "{} has no {old:?}", path.display());
    fs::write(path, text.replacen(old, new, 1)).expect("writable");
}

fn version(release: Release, text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        lines.push(match line.split_whitespace().nth(1) {
            Some("SAI_MAJOR") => format!("#define SAI_MAJOR {}", release.major),
            Some("SAI_MINOR") => format!("#define SAI_MINOR {}", release.minor),
            Some("SAI_REVISION") => format!("#define SAI_REVISION {}", release.revision),
            Some("SAI_API_VERSION") => {
                "#define SAI_API_VERSION SAI_VERSION(SAI_MAJOR, SAI_MINOR, SAI_REVISION)".to_owned()
            }
            _ => line.to_owned(),
        });
    }
    lines.join("\n") + "\n"
}

/// `(-13)` becomes `SAI_STATUS_CODE(0x0000000DL)`.
fn status(text: &str) -> String {
    let line = |line: &str| {
        let number = line.strip_suffix(')').and_then(|line| line.rsplit_once(" (-"));
        match number.and_then(|(head, number)| Some((head, number.parse::<u32>().ok()?))) {
            Some((head, number)) => format!("{head} SAI_STATUS_CODE(0x{number:08X}L)\n"),
            None => format!("{line}\n"),
        }
    };
    text.lines().map(line).collect()
}

fn without_later_members(release: Release, text: &str) -> String {
    let mut table = None;
    let mut of = "";
    let mut kept = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("typedef struct _").and_then(|rest| rest.strip_suffix(" {")) {
            table = TABLES.iter().find(|table| table.name == name);
            of = name;
        } else if let Some(name) =
            line.strip_prefix("typedef union _").and_then(|rest| rest.strip_suffix(" {"))
        {
            of = name;
        }
        let member =
            line.trim().strip_suffix(';').and_then(|line| line.rsplit_once(' ')).map(|(_, name)| name);
        let late =
            LATER.iter().any(|&(name, late, since)| name == of && member == Some(late) && since > release);
        let later = table.zip(member).is_some_and(|(table, member)| {
            table.members.iter().any(|known| known.name == member && known.since > release)
        });
        if line.starts_with('}') {
            (table, of) = (None, "");
        }
        if !later && !late {
            kept += line;
            kept += "\n";
        }
    }
    kept
}

/// The same, as it is written in what is published.
fn as_published(text: &str) -> String {
    let mut written = String::new();
    let (mut in_enum, mut in_parameters, mut last) = (false, false, None);
    for line in text.lines() {
        let mut line = line.to_owned();
        if let Some(guard) = line.strip_prefix("#ifndef __").filter(|rest| rest.ends_with("_H_")) {
            line = format!("#if !defined (__{guard})");
        }
        line = match line.as_str() {
            "#define SAI_NULL_OBJECT_ID 0UL" => "#define SAI_NULL_OBJECT_ID 0L".to_owned(),
            "#define SAI_STATUS_SUCCESS 0" => "#define SAI_STATUS_SUCCESS 0x00000000L".to_owned(),
            "#define SAI_MAX_FIRMWARE_PATH_NAME_LEN 4096" => {
                "#define SAI_MAX_FIRMWARE_PATH_NAME_LEN PATH_MAX".to_owned()
            }
            "#include <stddef.h>" => "#if defined(_WIN32)\n#include <ws2def.h>\n#else\n#include \
                 <sys/types.h>\n#define _In_reads_z_(_LEN_)\n#endif"
                .to_owned(),
            _ => line,
        };
        if let Some(rest) = line.strip_prefix("typedef enum ") {
            line = format!("typedef enum {}\n{{", rest.trim_end_matches(" {"));
            (in_enum, last) = (true, None);
        } else if line.starts_with('}') {
            in_enum = false;
        } else if in_enum {
            if let Some((name, number)) = line.trim().trim_end_matches(',').split_once(" = ") {
                let value = match number.strip_prefix("0x") {
                    Some(hex) => i64::from_str_radix(hex, 16),
                    None => number.parse(),
                };
                let value = value.expect("a number");
                let number = match last {
                    Some((_, before)) if value == before + 1 => String::new(),
                    Some((before, same)) if value == same => format!(" = {before}"),
                    None if value == 0 => String::new(),
                    _ if value > 4 && value < 0x1000 && value & (value - 1) == 0 => {
                        format!(" = 1 << {}", value.trailing_zeros())
                    }
                    _ => format!(" = {number}"),
                };
                last = Some((name.to_owned(), value));
                line = format!("    /** @brief What it means */\n    {name}{number},");
            }
        } else if in_parameters || line.contains("_fn)(") {
            // A parameter that is alone on its line.
            if in_parameters && line.starts_with("    ") {
                let mark = if line.contains("const ") { "_In_" } else { "_Inout_" };
                line = format!("        {mark} {}", line.trim_start());
            }
            in_parameters = !line.ends_with(';');
        }
        written += &line;
        written.push('\n');
    }
    written
}
