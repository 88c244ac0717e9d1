//! Shows a trace, plays it against a library, compares two.
//!
//! Invariant: arguments in, text out; what it does is in `sai::trace`.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use sai::trace::{Record, diff, json, play, text};

const USAGE: &str = "\
sai-trace view TRACE                                a line of JSON for each call
sai-trace hash TRACE                                a number; the same for the same calls and answers
sai-trace diff OLD NEW                              where they differ, ids and durations aside; 1 if they do
sai-trace play LIBRARY TRACE [OUT] [KEY=VALUE…]     the same calls on LIBRARY; what it answered is written to OUT,
                                                    and compared; KEY=VALUE is a pair of the library's profile
";

/// Differences shown at most.
const MOST: usize = 20;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(same) => ExitCode::from(u8::from(!same)),
        Err(why) => {
            eprintln!("sai-trace: {why}");
            ExitCode::from(2)
        }
    }
}

fn run(words: &[&str]) -> Result<bool, String> {
    match words {
        ["view", path] => {
            let lines: String = load(path)?.iter().map(|record| json::line(record) + "\n").collect();
            print(&lines)?;
            Ok(true)
        }
        ["hash", path] => {
            print(&format!("{:016x}\n", diff::hash(&load(path)?)))?;
            Ok(true)
        }
        ["diff", old, new] => compare(&load(old)?, &load(new)?),
        ["play", library, path, rest @ ..] => {
            let old = load(path)?;
            let profile: Vec<_> = rest.iter().filter_map(|word| word.split_once('=')).collect();
            let outs: Vec<_> = rest.iter().filter(|word| !word.contains('=')).collect();
            let played = play(Path::new(library), &profile, &old)?;
            if let [out] = outs[..] {
                let lines: String = played.records.iter().map(|record| text::line(record) + "\n").collect();
                std::fs::write(out, format!("{}\n{lines}", text::HEADER))
                    .map_err(|error| format!("{out}: {error}"))?;
            }
            print(&format!("{} calls played, {} left out\n", played.records.len(), played.skipped.len()))?;
            let made = old.iter().enumerate().filter(|(n, _)| played.skipped.binary_search(n).is_err());
            let made: Vec<Record> = made.map(|(_, record)| record.clone()).collect();
            compare(&made, &played.records)
        }
        _ => Err(format!("not understood\n{USAGE}")),
    }
}

fn compare(old: &[Record], new: &[Record]) -> Result<bool, String> {
    let lines = diff::diff(old, new, MOST);
    print(&lines.iter().map(|line| format!("{line}\n")).collect::<String>())?;
    Ok(lines.is_empty())
}

fn load(path: &str) -> Result<Vec<Record>, String> {
    let bytes = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    text::read(&bytes).map_err(|why| format!("{path}: {why}"))
}

fn print(text: &str) -> Result<(), String> {
    std::io::stdout().write_all(text.as_bytes()).map_err(|error| error.to_string())
}
