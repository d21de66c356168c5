//! The rooms of the house and the doors between them: which top-level module of `src` uses which, and which crate
//! belongs to which module.
//!
//! Owns the tables below and reads the sources against them: `use` lines and paths elsewhere; comments, texts and
//! what is compiled for tests only are left out. A new arrow is a change of one line here, and of one in the
//! contributor's guide.
//!
//! # Why
//! The tables hold exactly the arrows that exist: an arrow nobody uses any more is a door left open. A list of words
//! and not a parser of Rust: paths made by macros of other crates name nothing of ours.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Each room with the rooms that it uses, lowest first. None uses one below it, so no arrow points back.
const ROOMS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("indicators", &["domain"]),
    ("devices", &["domain"]),
    ("imports", &["devices", "domain"]),
    ("store", &["domain", "indicators"]),
    ("changes", &["domain", "imports", "store"]),
    ("charts", &["domain", "indicators"]),
    ("reports", &["charts", "domain"]),
    ("config", &["domain"]),
    ("telemetry", &["config"]),
    ("tls", &[]),
    ("broker", &["tls"]),
    ("ingest", &["devices", "domain", "store", "telemetry"]),
    ("recompute", &["domain", "indicators", "store"]),
    ("alerts", &["domain", "indicators", "store"]),
    (
        "web",
        &["changes", "charts", "config", "domain", "imports", "indicators", "recompute", "reports", "store", "tls"],
    ),
    (
        "app",
        &[
            "alerts",
            "broker",
            "changes",
            "config",
            "devices",
            "domain",
            "imports",
            "ingest",
            "recompute",
            "store",
            "telemetry",
            "tls",
            "web",
        ],
    ),
    (
        "cli",
        &[
            "app",
            "changes",
            "charts",
            "config",
            "domain",
            "imports",
            "recompute",
            "reports",
            "store",
            "telemetry",
            "web",
        ],
    ),
    ("main", &["cli"]),
];

/// Each crate with the only rooms that may use it.
const ONLY: &[(&str, &[&str])] = &[
    ("anyhow", &["main", "cli", "app"]),
    ("argon2", &["store"]),
    ("askama", &["web"]),
    ("axum", &["web"]),
    ("axum_extra", &["web"]),
    ("base64", &["devices", "web"]),
    ("calamine", &["imports"]),
    ("clap", &["cli"]),
    ("csv", &["imports"]),
    ("figment", &["config"]),
    ("firmware_sim", &["cli"]),
    ("indicatif", &["cli"]),
    ("krilla", &["reports"]),
    ("metrics_exporter_prometheus", &["telemetry"]),
    ("mqtt5", &["broker"]),
    ("plotters", &["charts"]),
    ("plotters_backend", &["charts"]),
    ("qrcode", &["reports", "web"]),
    ("resvg", &["charts"]),
    ("ring", &["devices"]),
    ("rumqttc", &["ingest"]),
    ("rust_embed", &["web"]),
    ("rust_xlsxwriter", &["imports"]),
    ("sqlx", &["store"]),
    ("tower", &["web"]),
    ("tower_http", &["web"]),
    ("tracing_subscriber", &["telemetry"]),
    ("utoipa", &["web"]),
    ("utoipa_axum", &["web"]),
    ("utoipa_swagger_ui", &["web"]),
];

/// The rooms that compute and nothing else, with the only crates that they may use beside `std`.
const PURE: &[(&str, &[&str])] = &[("domain", &["jiff", "serde", "thiserror"]), ("indicators", &["serde"])];

/// A source file: its room, its modules below the crate, its path below the repository, its text.
struct Source<'a> {
    modules: Vec<&'a str>,
    path: &'a str,
    text: &'a str,
}

/// What a path in a source reaches for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Room(String),
    Crate(String),
}

/// A target, where it is reached for.
#[derive(Debug, PartialEq, Eq)]
struct Use {
    room: String,
    target: Target,
    place: String,
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Gives every source file's path below the repository, with its text.
pub fn sources(folder: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = vec![repository().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path.strip_prefix(repository()).unwrap().to_str().unwrap().replace('\\', "/");
                files.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// Gives the crates that the product depends on, as its sources write them.
fn dependencies() -> BTreeSet<String> {
    let manifest: toml::Table = std::fs::read_to_string(repository().join("Cargo.toml")).unwrap().parse().unwrap();
    manifest["dependencies"].as_table().unwrap().keys().map(|name| name.replace('-', "_")).collect()
}

/// Gives every use of another room or of a crate in `src`.
fn uses() -> Vec<Use> {
    let crates = dependencies();
    let mut uses = Vec::new();
    for (path, text) in sources("src") {
        let below = path.trim_start_matches("src/").trim_end_matches(".rs");
        let modules: Vec<&str> = below.split('/').filter(|part| !["mod", "lib"].contains(part)).collect();
        // `tests.rs` is declared under `#[cfg(test)]`.
        if modules.last() != Some(&"tests") {
            uses.extend(uses_of(&Source { modules, path: &path, text: &text }, &crates));
        }
    }
    uses
}

fn uses_of(source: &Source<'_>, crates: &BTreeSet<String>) -> Vec<Use> {
    let Some(room) = source.modules.first() else { return Vec::new() };
    // The files of the crate's root stand beside its modules.
    let depth = if *room == "main" { 0 } else { source.modules.len() };
    paths(&without_tests(&words(source.text)))
        .into_iter()
        .filter_map(|(line, path)| {
            let target = target(&path, depth, crates)?;
            let elsewhere = target != Target::Room((*room).to_owned());
            elsewhere.then(|| Use { room: (*room).to_owned(), target, place: format!("{}:{line}", source.path) })
        })
        .collect()
}

fn target(path: &[String], depth: usize, crates: &BTreeSet<String>) -> Option<Target> {
    let is_room = |name: &&String| ROOMS.iter().any(|(room, _)| room == name);
    let supers = path.iter().take_while(|word| *word == "super").count();
    match path.first()?.as_str() {
        "crate" | "phanloai" => path.get(1).map(|name| Target::Room(name.clone())),
        "super" if supers >= depth => path.get(supers).filter(is_room).map(|name| Target::Room(name.clone())),
        name => crates.contains(name).then(|| Target::Crate(name.to_owned())),
    }
}

/// Splits a source into words and signs, each with its line; comments and texts are left out.
fn words(text: &str) -> Vec<(usize, String)> {
    let signs: Vec<char> = text.chars().collect();
    let starts = |at: usize, with: &str| with.chars().enumerate().all(|(n, sign)| signs.get(at + n) == Some(&sign));
    let mut words: Vec<(usize, String)> = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(&sign) = signs.get(at) {
        let from = at;
        if starts(at, "//") {
            while signs.get(at).is_some_and(|sign| *sign != '\n') {
                at += 1;
            }
        } else if starts(at, "/*") {
            let mut open = 0;
            loop {
                let step = if starts(at, "/*") { 1 } else { -i32::from(starts(at, "*/")) };
                open += step;
                at += if step == 0 { 1 } else { 2 };
                if open == 0 || at >= signs.len() {
                    break;
                }
            }
        } else if sign == '"' {
            at += 1;
            while at < signs.len() && !starts(at, "\"") {
                at += if signs[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
        } else if sign == '\'' && (starts(at + 1, "\\") || signs.get(at + 2) == Some(&'\'')) {
            at += if starts(at + 1, "\\") { 3 } else { 2 };
            while signs.get(at).is_some_and(|sign| *sign != '\'') {
                at += 1;
            }
            at += 1;
        } else if sign.is_alphanumeric() || sign == '_' {
            while signs.get(at).is_some_and(|sign| sign.is_alphanumeric() || *sign == '_') {
                at += 1;
            }
            let word: String = signs[from..at].iter().collect();
            let hashes = signs[at..].iter().take_while(|sign| **sign == '#').count();
            if (word == "r" || word == "br") && starts(at + hashes, "\"") {
                let end = format!("\"{}", "#".repeat(hashes));
                at += end.len();
                while at < signs.len() && !starts(at, &end) {
                    at += 1;
                }
                at += end.len();
            } else {
                words.push((line, word));
            }
        } else {
            at += if starts(at, "::") { 2 } else { 1 };
            if !sign.is_whitespace() {
                words.push((line, signs[from..at].iter().collect()));
            }
        }
        line += signs[from..at.min(signs.len())].iter().filter(|sign| **sign == '\n').count();
    }
    words
}

/// Leaves out every item under `#[cfg(test)]`.
fn without_tests(words: &[(usize, String)]) -> Vec<(usize, String)> {
    let mark = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let marked = words[at..].iter().zip(mark).filter(|((_, word), mark)| word == mark).count() == mark.len();
        if !marked {
            kept.push(words[at].clone());
            at += 1;
            continue;
        }
        at += mark.len();
        let mut open = 0;
        while let Some((_, word)) = words.get(at) {
            at += 1;
            match word.as_str() {
                "{" | "[" | "(" => open += 1,
                "}" | "]" | ")" => open -= 1,
                _ => {}
            }
            if open == 0 && (word == ";" || word == "}") {
                break;
            }
        }
    }
    kept
}

/// Gives every path of two words or more, and every path that `use` brings in, with its line.
fn paths(words: &[(usize, String)]) -> Vec<(usize, Vec<String>)> {
    let is = |at: usize, sign: &str| words.get(at).is_some_and(|(_, word)| word == sign);
    let mut paths = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if is(at, "use") && !is(at + 1, "<") {
            at = tree(words, at + 1, &[], &mut paths);
            continue;
        }
        let (line, first) = &words[at];
        let begins = first.starts_with(|sign: char| sign.is_alphabetic() || sign == '_');
        if begins && is(at + 1, "::") && !(at > 0 && is(at - 1, "::")) {
            let mut path = vec![first.clone()];
            while is(at + 1, "::") {
                at += 2;
                path.extend(words.get(at).map(|(_, word)| word.clone()));
            }
            paths.push((*line, path));
        }
        at += 1;
    }
    paths
}

/// Reads one tree of a `use`. Gives where it ends.
fn tree(words: &[(usize, String)], mut at: usize, before: &[String], paths: &mut Vec<(usize, Vec<String>)>) -> usize {
    let mut path = before.to_vec();
    while let Some((line, word)) = words.get(at) {
        match word.as_str() {
            "::" => {}
            "{" => {
                while words.get(at).is_some_and(|(_, word)| word != "}") {
                    at = tree(words, at + 1, &path, paths);
                }
                return at + 1;
            }
            "," | "}" | ";" => {
                if path.len() > before.len() {
                    paths.push((*line, path));
                }
                return at;
            }
            "as" => at += 1,
            word => path.push(word.to_owned()),
        }
        at += 1;
    }
    at
}

/// Tells what the tables do not allow, one line each.
fn broken(uses: &[Use]) -> Vec<String> {
    let allowed = |room: &str| ROOMS.iter().find(|(name, _)| *name == room).map_or(&[][..], |(_, to)| *to);
    let mut broken = BTreeSet::new();
    for Use { room, target, place } in uses {
        match target {
            Target::Room(to) if allowed(room).contains(&to.as_str()) => {}
            Target::Room(to) => {
                broken.insert(format!("{place}: `{room}` uses `{to}`, and no arrow in ROOMS lets it"));
            }
            Target::Crate(name) => {
                let only = ONLY.iter().find(|(only, _)| only == name).map(|(_, rooms)| *rooms);
                if let Some(rooms) = only.filter(|rooms| !rooms.contains(&room.as_str())) {
                    broken.insert(format!("{place}: `{room}` uses the crate `{name}`, which is for {rooms:?} only"));
                }
                let pure = PURE.iter().find(|(pure, _)| pure == room).map(|(_, crates)| *crates);
                if let Some(crates) = pure.filter(|crates| !crates.contains(&name.as_str())) {
                    broken.insert(format!("{place}: `{room}` uses the crate `{name}`; it may use {crates:?} only"));
                }
            }
        }
    }
    broken.into_iter().collect()
}

#[test]
fn no_part_uses_what_it_may_not() {
    let broken = broken(&uses());
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn every_arrow_of_the_table_is_used_and_none_points_back() {
    let used: BTreeSet<(String, Target)> = uses().into_iter().map(|of| (of.room, of.target)).collect();
    for (at, (room, arrows)) in ROOMS.iter().enumerate() {
        for to in *arrows {
            let arrow = ((*room).to_owned(), Target::Room((*to).to_owned()));
            assert!(used.contains(&arrow), "`{room}` does not use `{to}` any more: take the arrow out of ROOMS");
            assert!(ROOMS[..at].iter().any(|(below, _)| below == to), "`{room}` -> `{to}` points back");
        }
    }
    let modules: BTreeSet<String> = sources("src")
        .iter()
        .filter_map(|(path, _)| path.trim_start_matches("src/").trim_end_matches(".rs").split('/').next())
        .filter(|name| *name != "lib")
        .map(str::to_owned)
        .collect();
    assert_eq!(modules, ROOMS.iter().map(|(room, _)| (*room).to_owned()).collect());
    let crates = dependencies();
    for name in ONLY.iter().map(|(name, _)| name).chain(PURE.iter().flat_map(|(_, crates)| *crates)) {
        assert!(crates.contains(*name), "`{name}` is no dependency: take it out of the tables");
    }
}

#[test]
fn the_simulator_does_not_know_the_product() {
    let manifest = std::fs::read_to_string(repository().join("firmware-sim/Cargo.toml")).unwrap();
    assert!(!manifest.contains("phanloai"), "firmware-sim must not depend on the product");
    for (path, text) in sources("firmware-sim") {
        let found = paths(&words(&text)).into_iter().find(|(_, used)| used[0] == "phanloai");
        assert_eq!(found, None, "{path}");
    }
}

#[test]
fn the_contributors_guide_shows_the_same_arrows() {
    let guide = std::fs::read_to_string(repository().join("docs/contributing.md")).unwrap();
    let mut shown: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in guide.lines().filter(|line| line.starts_with("| `src/")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let room = cells[1].trim_matches('`').trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches('/');
        let arrows = cells[3].split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect();
        shown.insert(room.to_owned(), arrows);
    }
    let held: BTreeMap<String, BTreeSet<String>> = ROOMS
        .iter()
        .map(|(room, arrows)| ((*room).to_owned(), arrows.iter().map(|to| (*to).to_owned()).collect()))
        .collect();
    assert_eq!(shown, held);
}

#[test]
fn the_reader_finds_a_broken_arrow_and_its_line() {
    let text = "//! Uses crate::web in words only.\n\
                use crate::{domain::ids, web::{self, pages as sheets}};\n\
                /* sqlx::query /* sqlx */ */ const TEXT: &str = \"sqlx::query \\\" crate::cli\";\n\
                const RAW: &str = r#\"a \" sqlx::query\"#; const QUOTE: char = '\"';\n\
                fn first<'a>(of: &'a str) -> &'a str { super::super::ingest::start(of) }\n\
                #[cfg(test)]\nmod tests { use crate::app::run; fn f() { sqlx::query(\"}\") } }\n\
                fn last() { let _ = sqlx::query(RAW); std::mem::drop(anyhow::anyhow!(\"no\")); }\n";
    let source = Source { modules: vec!["domain", "sorting"], path: "src/domain/sorting.rs", text };
    let crates = ["anyhow", "sqlx"].map(str::to_owned).into();
    let lines = broken(&uses_of(&source, &crates));
    let begins = [
        "src/domain/sorting.rs:2: `domain` uses `web`",
        "src/domain/sorting.rs:5: `domain` uses `ingest`",
        "src/domain/sorting.rs:8: `domain` uses the crate `anyhow`, which is for",
        "src/domain/sorting.rs:8: `domain` uses the crate `anyhow`; it may use",
        "src/domain/sorting.rs:8: `domain` uses the crate `sqlx`, which is for",
        "src/domain/sorting.rs:8: `domain` uses the crate `sqlx`; it may use",
    ];
    assert_eq!(lines.len(), begins.len(), "{lines:#?}");
    for (line, begin) in lines.iter().zip(begins) {
        assert!(line.starts_with(begin), "{line} is not {begin}");
    }
}
