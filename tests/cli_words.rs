//! What people type and read: help, pages, and every wrong word answered by one clear line.
#![cfg(feature = "cli")]

#[path = "common/mod.rs"]
mod common;

use common::program::{mlagsync, program, refusal, simulator, text};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

const PLATFORM: &str = r#"hostname = "leaf-1"
dfs-group = """
dfs-group 1
 peer-link source ip 10.1.0.3 peer 10.1.0.4 tcp-port 2048
"""
"#;

fn check(platform: &str) -> std::process::Output {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("p.toml");
    std::fs::write(&path, platform).expect("it is writable");
    mlagsync(&["run", "--check", "--config", path.to_str().expect("UTF-8")])
}

#[test]
fn every_subcommand_explains_itself_with_an_example() {
    for subcommand in [
        "run",
        "show",
        "configure",
        "sweep",
        "resync",
        "port",
        "fdb",
        "why",
        "verify",
        "demo",
        "completions",
        "man",
    ] {
        let output = mlagsync(&[subcommand, "--help"]);
        let help = text(&output.stdout);
        assert!(output.status.success());
        assert!(help.contains("Example"), "{help}");
        assert!(help.contains(&format!("mlagsync {subcommand}")), "{help}");
    }
    let whole = text(&mlagsync(&["--help"]).stdout);
    assert!(whole.contains("demo") && !whole.contains("_clean") && !whole.contains("_raw"), "{whole}");
}

#[test]
fn the_version_is_the_packages() {
    let version = text(&mlagsync(&["--version"]).stdout);
    assert!(version.starts_with(&format!("mlagsync {}", env!("CARGO_PKG_VERSION"))), "{version}");
}

#[test]
fn the_pages_know_every_subcommand_and_no_hidden_one() {
    for shell in ["bash", "zsh", "fish"] {
        let output = mlagsync(&["completions", shell]);
        let script = text(&output.stdout);
        assert!(
            output.status.success() && script.contains("neighbors") && script.contains("demo"),
            "{shell}"
        );
        assert!(!script.contains("_clean"), "{shell}");
    }
    let dir = tempfile::tempdir().expect("a temporary directory");
    let man = dir.path().join("man1");
    assert!(mlagsync(&["man", "--dir", man.to_str().expect("UTF-8")]).status.success());
    for page in ["mlagsync.1", "mlagsync-run.1", "mlagsync-show.1", "mlagsync-verify.1", "mlagsync-demo.1"] {
        let text = std::fs::read_to_string(man.join(page)).expect(page);
        assert!(text.contains(".TH"), "{page}");
    }
    assert!(text(&mlagsync(&["man", "demo"]).stdout).contains("\\-\\-neighbors"));
    assert!(
        refusal(&mlagsync(&["man", "nothing"]), 2)
            .contains("there are completions, configure, demo, fdb, man, port")
    );
}

#[test]
fn a_right_platform_file_is_accepted_and_nothing_is_said() {
    let output = check(PLATFORM);
    assert_eq!(
        (output.status.code(), text(&output.stdout), text(&output.stderr)),
        (Some(0), "".into(), "".into())
    );
}

#[test]
fn a_wrong_platform_file_is_one_line_with_its_place() {
    let cases = [
        ("hostnam = 'x'\n", ":1:1: unknown key 'hostnam'; did you mean 'hostname'?"),
        ("hostname = 'x'\n[sai]\nlib = 'x'\n", ":3:1: unknown key 'lib' in [sai]"),
        ("hostname = 'x'\n[[port]]\nnetdev = 'a'\nrole = 'trunk'\n", ":4:8: 'trunk' is not a port's role"),
        ("hostname = \n", ":1:12: "),
        ("hostname = 'x'\nmodel = 'CE9999'\n", "There is no model"),
        (
            "hostname = 'x'\n[sai]\nlibrary = '/nowhere/libsai.so'\n",
            "the SAI library /nowhere/libsai.so cannot be read",
        ),
        ("hostname = 'x'\n[sai]\nprofile = 'nonsense'\n", "SAI profile: line 1: 'nonsense' is not"),
    ];
    for (platform, expected) in cases {
        let line = refusal(&check(platform), 2);
        assert!(line.contains(expected), "{line}");
    }
    let line = refusal(&mlagsync(&["run", "--config", "/nowhere/p.toml"]), 2);
    assert!(line.contains("/nowhere/p.toml: No such file"), "{line}");
}

#[test]
fn a_wrong_command_line_is_shown_with_a_mark_under_the_word() {
    let output = check(&PLATFORM.replace("tcp-port 2048", "tcp-port 80"));
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(lines.len(), 4, "{error}");
    assert!(lines[1].contains("tcp-port 80"), "{error}");
    assert_eq!(lines[2].find('^'), lines[1].rfind("80"), "{error}");
    assert!(lines[3].starts_with("Error: "), "{error}");
}

#[test]
fn without_a_daemon_every_question_says_where_it_was_looked_for() {
    for args in [&["show", "session"][..], &["show", "hosts", "--json"], &["verify", "--json"]] {
        let line = refusal(&mlagsync(&[args, &["--control", "/nowhere/mlagsync.sock"]].concat()), 2);
        assert!(line.contains("/nowhere/mlagsync.sock") && line.contains("--control PATH"), "{line}");
    }
    let output = Command::new(program())
        .args(["show", "session"])
        .env("XDG_RUNTIME_DIR", "/nowhere/run")
        .output()
        .expect("the program starts");
    let expected = match nix::unistd::geteuid().is_root() {
        true => "/run/mlagsync/mlagsync.sock",
        false => "/nowhere/run/mlagsync.sock",
    };
    assert!(refusal(&output, 2).contains(expected));
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = Command::new(program())
        .args(["completions", "zsh"])
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .and_then(std::process::Child::wait_with_output)
        .expect("the program starts");
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(141), String::new()));
}

/// A control socket that serves one long page after another, as a daemon with a long table does.
#[test]
fn a_long_table_is_cut_by_head_without_a_panic() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("s");
    let listener = std::os::unix::net::UnixListener::bind(&path).expect("a socket");
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        let mut requests = BufReader::new(stream.try_clone().expect("another descriptor")).lines();
        let mut replies = stream;
        let mut served = 0_u32;
        while let Some(Ok(_)) = requests.next() {
            let rows: Vec<String> = (0..1000).map(|_| row(&mut served)).collect();
            let page = format!(r#"{{"reply":"neighbors","rows":[{}],"next":{served}}}"#, rows.join(","));
            if writeln!(replies, "{page}").is_err() {
                break;
            }
        }
        served
    });
    let mut show = Command::new(program())
        .args(["show", "neighbors", "--control", path.to_str().expect("UTF-8")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(show.stdout.take().expect("piped")).lines();
    let head = lines.next().expect("a head").expect("UTF-8");
    let first = lines.next().expect("a row").expect("UTF-8");
    assert!(head.starts_with("interface") && first.contains("10.0.0.1"), "{head}\n{first}");
    drop(lines);
    let mut error = String::new();
    show.stderr.take().expect("piped").read_to_string(&mut error).expect("UTF-8");
    assert_eq!((show.wait().expect("our child").code(), error.as_str()), (Some(141), ""));
    assert!(server.join().expect("it does not panic") < 1_000_000, "the table was read to its end");
}

fn address(n: u32) -> std::net::Ipv4Addr {
    std::net::Ipv4Addr::from_bits(0x0a00_0000 + n)
}

fn row(served: &mut u32) -> String {
    *served += 1;
    format!(
        r#"{{"vrf":null,"interface":"Vlanif10","ip":"{}","mac":"02:00:00:00:00:01","origin":"remote","attachment":"orphan","flags":0,"counter":0,"wins":true}}"#,
        address(*served)
    )
}

/// The simulator is loaded, never linked: were its symbols in the program, a vendor's library that asks the process
/// for one of them would be given the simulator's.
#[test]
fn the_program_defines_no_symbol_of_a_sai_library() {
    let symbols = |file: &std::path::Path| {
        let output = Command::new("nm").arg("--defined-only").arg(file).output().expect("binutils are there");
        assert!(output.status.success(), "nm {}: {}", file.display(), text(&output.stderr));
        let listed = text(&output.stdout);
        listed.lines().filter_map(|line| line.split(' ').next_back().map(str::to_owned)).collect::<Vec<_>>()
    };
    let of_the_library: Vec<String> =
        symbols(&simulator()).into_iter().filter(|name| name.starts_with("sai_")).collect();
    assert!(
        of_the_library.iter().any(|name| name == "sai_api_query"),
        "the simulator has lost its entry points"
    );
    let of_the_program = symbols(program());
    assert!(!of_the_program.is_empty(), "a stripped program tells nothing");
    let both: Vec<_> = of_the_program.iter().filter(|name| of_the_library.contains(name)).collect();
    assert!(both.is_empty(), "{both:?}");
}
