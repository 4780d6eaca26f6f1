//! The arrow only ever points down, as `docs/ARCHITECTURE.md` draws it. Reads the source as text: every
//! `crate::room` of the program's own code, every library that belongs to one room, every adapter's name.

#[path = "layers/circles.rs"]
mod circles;

use std::{collections::BTreeSet, fs, path::Path};

/// Each room with all the rooms that it may use, from the ground up. What is not here is not a room.
const ROOMS: [(&str, &[&str]); 57] = [
    // ground
    ("domain", &[]),
    ("imaging", &[]),
    ("vision", &["imaging"]),
    // beside the floors
    ("words", &["domain"]),
    ("disk", &[]),
    ("reach", &[]),
    ("clock", &["domain"]),
    ("throttle", &[]),
    ("allocator", &[]),
    ("descriptors", &[]),
    ("secrets", &[]),
    ("tls", &["domain", "secrets"]),
    ("config", &["domain", "tls"]),
    ("telemetry", &["clock", "config", "tls"]),
    // means
    ("store", &["domain", "disk", "reach", "secrets", "telemetry"]),
    ("blobs", &["domain", "disk", "reach", "tls"]),
    ("compute", &["telemetry"]),
    ("events", &["domain", "throttle"]),
    ("jobs", &["domain", "store"]),
    ("queue", &["domain", "store"]),
    ("targets", &["tls"]),
    ("push", &["domain", "store", "queue", "secrets", "targets", "telemetry"]),
    ("mail", &["domain", "store", "queue", "tls", "telemetry"]),
    ("index", &["domain", "disk", "reach", "store"]),
    ("usage", &["domain", "store"]),
    ("embedders", &["domain", "vision", "store", "index"]),
    // features
    ("accounts", &["domain", "store", "mail", "secrets", "throttle", "words"]),
    ("photo_sessions", &["domain", "store", "events", "telemetry", "words"]),
    (
        "photos",
        &[
            "domain",
            "imaging",
            "vision",
            "store",
            "blobs",
            "compute",
            "jobs",
            "index",
            "embedders",
            "events",
            "telemetry",
            "usage",
            "queue",
        ],
    ),
    ("backup", &["clock", "domain", "store", "blobs"]),
    (
        "search",
        &[
            "domain",
            "imaging",
            "vision",
            "store",
            "compute",
            "index",
            "embedders",
            "secrets",
            "telemetry",
            "throttle",
            "usage",
        ],
    ),
    ("consents", &["domain", "store", "secrets", "throttle", "words"]),
    (
        "people",
        &["consents", "domain", "vision", "store", "compute", "embedders", "events", "search", "secrets"],
    ),
    ("webhooks", &["domain", "store", "queue", "targets", "telemetry"]),
    ("cards", &["domain", "imaging", "compute", "words"]),
    ("chats", &["domain", "store"]),
    ("marks", &["domain", "imaging", "store", "blobs", "compute", "telemetry"]),
    ("studios", &["domain", "store", "cards", "marks"]),
    ("hosts", &["domain", "secrets", "store", "targets", "tls"]),
    (
        "guests",
        &[
            "accounts",
            "consents",
            "domain",
            "store",
            "events",
            "people",
            "photo_sessions",
            "search",
            "secrets",
            "marks",
            "telemetry",
            "throttle",
        ],
    ),
    ("choices", &["domain", "imaging", "store", "secrets", "throttle", "guests", "events"]),
    ("galleries", &["domain", "imaging", "secrets", "store", "blobs", "compute", "marks", "guests"]),
    ("shop", &["domain", "store", "mail", "secrets", "throttle", "tls", "guests", "words", "cards"]),
    ("support", &["domain", "store", "blobs", "events", "mail", "words"]),
    ("placements", &["domain", "imaging", "store", "blobs", "compute", "cards", "mail", "words"]),
    ("handoff", &["domain", "imaging", "store", "blobs", "compute", "events", "throttle", "secrets"]),
    ("notices", &["domain", "store", "mail", "words"]),
    (
        "news",
        &[
            "consents",
            "domain",
            "store",
            "guests",
            "mail",
            "photo_sessions",
            "push",
            "search",
            "secrets",
            "throttle",
            "words",
        ],
    ),
    (
        "erasures",
        &["domain", "store", "events", "guests", "index", "people", "photo_sessions", "photos", "secrets"],
    ),
    ("live", &["domain", "store", "events", "guests", "search", "telemetry"]),
    // A door that the wiring makes, as it makes the queue's workers.
    (
        "telegram",
        &[
            "domain",
            "config",
            "consents",
            "tls",
            "chats",
            "photo_sessions",
            "search",
            "guests",
            "handoff",
            "news",
            "marks",
            "throttle",
            "queue",
            "words",
        ],
    ),
    // A door that the command line opens.
    ("ftp", &["accounts", "config", "descriptors", "domain", "photo_sessions", "photos", "throttle", "tls"]),
    // the wiring
    (
        "app",
        &[
            "clock",
            "accounts",
            "consents",
            "webhooks",
            "domain",
            "vision",
            "config",
            "store",
            "blobs",
            "compute",
            "jobs",
            "index",
            "embedders",
            "erasures",
            "events",
            "news",
            "notices",
            "push",
            "targets",
            "people",
            "photo_sessions",
            "photos",
            "search",
            "cards",
            "choices",
            "support",
            "live",
            "mail",
            "secrets",
            "marks",
            "galleries",
            "shop",
            "placements",
            "handoff",
            "hosts",
            "guests",
            "telegram",
            "tls",
            "chats",
            "studios",
            "usage",
            "telemetry",
        ],
    ),
    // doors
    (
        "http",
        &[
            "accounts",
            "webhooks",
            "app",
            "config",
            "consents",
            "descriptors",
            "disk",
            "telemetry",
            "domain",
            "erasures",
            "events",
            "news",
            "notices",
            "push",
            "targets",
            "people",
            "photo_sessions",
            "photos",
            "search",
            "cards",
            "choices",
            "support",
            "live",
            "marks",
            "galleries",
            "shop",
            "placements",
            "handoff",
            "hosts",
            "guests",
            "telegram",
            "tls",
            "studios",
            "throttle",
            "usage",
            "words",
        ],
    ),
    ("eval", &["domain", "imaging", "vision", "index", "search", "people"]),
    (
        "bench",
        &[
            "accounts", "app", "config", "domain", "imaging", "vision", "store", "compute", "jobs", "index",
            "people", "photos", "search", "http",
        ],
    ),
    (
        "cli",
        &[
            "accounts",
            "app",
            "backup",
            "config",
            "allocator",
            "descriptors",
            "telemetry",
            "tls",
            "domain",
            "erasures",
            "imaging",
            "vision",
            "store",
            "jobs",
            "mail",
            "index",
            "photos",
            "placements",
            "search",
            "blobs",
            "ftp",
            "http",
            "eval",
            "bench",
        ],
    ),
];

/// Libraries that one room hides from the rest.
const LIBRARIES: [(&str, &[&str]); 47] = [
    ("sqlx", &["store"]),
    ("intl_pluralrules", &["words"]),
    ("unic_langid", &["words"]),
    ("object_store", &["blobs"]),
    ("qdrant_edge", &["index"]),
    ("qdrant_client", &["index"]),
    ("ort", &["vision"]),
    ("mozjpeg", &["imaging"]),
    // The bench compares ours with the plain way, which is this.
    ("image", &["imaging", "cards", "bench"]),
    ("fast_image_resize", &["imaging"]),
    ("argon2", &["accounts"]),
    ("totp_rs", &["accounts"]),
    ("coset", &["accounts"]),
    ("jsonwebtoken", &["accounts"]),
    ("governor", &["throttle"]),
    ("teloxide", &["telegram"]),
    ("libunftp", &["ftp"]),
    ("unftp_core", &["ftp"]),
    ("woothee", &["accounts"]),
    ("maxminddb", &["accounts"]),
    ("standardwebhooks", &["webhooks"]),
    ("ring", &["accounts", "push", "secrets", "tls"]),
    ("rustls", &["tls", "reach"]),
    ("tokio_rustls", &["tls"]),
    ("rustls_acme", &["tls"]),
    ("rcgen", &["tls"]),
    ("simple_dns", &["hosts"]),
    ("axum", &["http"]),
    ("tower", &["http"]),
    ("tower_http", &["http"]),
    ("utoipa", &["http"]),
    ("svg2pdf", &["cards"]),
    ("pdf_writer", &["cards"]),
    ("resvg", &["imaging"]),
    ("crc32fast", &["galleries", "marks", "photos", "store"]),
    ("infer", &["support"]),
    ("csv", &["http"]),
    ("lettre", &["mail"]),
    ("rqrr", &["placements"]),
    ("clap", &["cli", "config"]),
    ("indicatif", &["cli"]),
    ("notify", &["cli", "photos"]),
    ("metrics_exporter_prometheus", &["telemetry"]),
    ("opentelemetry", &["telemetry"]),
    ("opentelemetry_sdk", &["telemetry"]),
    ("opentelemetry_otlp", &["telemetry"]),
    ("tracing_opentelemetry", &["telemetry"]),
];

/// The ground computes; it waits for nothing.
const GROUND: [&str; 3] = ["domain", "imaging", "vision"];
const NOT_ON_THE_GROUND: [&str; 4] = ["tokio", "futures", "rayon", "reqwest"];

/// Concrete adapters, with the files that may name them: the adapter's own room, and `app/`, which
/// chooses. The bench measures one adapter and says so.
const ADAPTERS: [(&str, &[&str]); 6] = [
    ("EdgeIndex", &["index/", "bench/"]),
    ("QdrantIndex", &["index/"]),
    ("OwnSource", &["photo_sessions/", "app/"]),
    ("ExternalSource", &["photo_sessions/", "app/"]),
    ("LocalFileSystem", &["blobs/"]),
    ("AmazonS3Builder", &["blobs/"]),
];

struct Line {
    /// From the folder of rooms that it lies in.
    file: String,
    number: usize,
    /// Without its comment.
    code: String,
}

impl Line {
    fn room(&self) -> &str {
        self.file.split(['/', '.']).next().unwrap_or_default()
    }
}

/// Where the sources lie, and the room of a folder that is one room as a whole.
const SOURCES: [(&str, &str); 6] = [
    ("crates/domain/src", "domain/"),
    ("crates/vision/src", ""),
    ("crates/platform/src", ""),
    ("crates/store/src", ""),
    ("crates/index/src", "index/"),
    ("src", ""),
];

/// The program's lines, without its unit tests: those may set up whatever they like.
fn lines() -> Vec<Line> {
    SOURCES.into_iter().flat_map(|(folder, room)| lines_below(folder, room)).collect()
}

fn lines_below(folder: &str, room: &str) -> Vec<Line> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut lines = Vec::new();
    for entry in walkdir::WalkDir::new(&root).sort_by_file_name() {
        let path = entry.expect("the sources can be read").into_path();
        let file = format!("{room}{}", path.strip_prefix(&root).expect("is below its root").display());
        if !file.ends_with(".rs") || file.ends_with("tests.rs") || file == "lib.rs" || file == "main.rs" {
            continue;
        }
        let text = fs::read_to_string(&path).expect("source is text");
        let program = text.lines().take_while(|line| *line != "#[cfg(test)]").enumerate();
        lines.extend(program.map(|(at, line)| {
            // A macro's own crate is no room.
            let code = line.split("//").next().unwrap_or_default().replace("$crate::", "");
            Line { file: file.clone(), number: at + 1, code }
        }));
    }
    lines
}

/// The room that each `crate::…` of the lines leads to; a list in braces leads to several.
fn uses(lines: &[Line]) -> Vec<(&Line, &str)> {
    let mut found = Vec::new();
    let mut line_of_list: Option<i32> = None;
    for line in lines {
        let mut rest = line.code.as_str();
        if line_of_list.is_none() {
            while let Some(at) = rest.find("crate::") {
                rest = &rest[at + "crate::".len()..];
                if let Some(list) = rest.strip_prefix('{') {
                    line_of_list = Some(0);
                    rest = list;
                    break;
                }
                found.push((line, word(rest)));
            }
        }
        let Some(mut depth) = line_of_list else { continue };
        // Names at the outermost level of the list are rooms; deeper ones are theirs.
        let mut at_name = true;
        for (at, letter) in rest.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' => at_name = true,
                _ if letter.is_whitespace() => continue,
                _ if at_name && depth == 0 => {
                    found.push((line, word(&rest[at..])));
                    at_name = false;
                }
                _ => at_name = false,
            }
            if depth < 0 {
                break;
            }
        }
        line_of_list = (depth >= 0).then_some(depth);
    }
    found
}

fn word(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len());
    &text[..end]
}

/// Whether `name` stands in the code as a word of its own that a path begins with or a macro lives in.
fn names(code: &str, name: &str, follows: &str) -> bool {
    let before = |at: usize| code[..at].chars().next_back();
    code.match_indices(name).any(|(at, _)| {
        let free = before(at).is_none_or(|letter| !letter.is_alphanumeric() && !"_:.".contains(letter));
        free && code[at + name.len()..].starts_with(follows)
    })
}

fn complain(violations: &BTreeSet<String>) {
    let list: Vec<&str> = violations.iter().map(String::as_str).collect();
    assert!(violations.is_empty(), "\n{}\n", list.join("\n"));
}

#[test]
fn every_room_uses_only_rooms_below_it() {
    let lines = lines();
    assert!(lines.len() > 3000, "the source was not found");
    let mut violations = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for (line, used) in uses(&lines) {
        let (Line { file, number, code }, room) = (line, line.room());
        let allowed = ROOMS.iter().find(|(name, _)| *name == room).map(|(_, allowed)| *allowed);
        let Some(allowed) = allowed else {
            violations.insert(format!("{file}: the room {room} is not on the plan"));
            continue;
        };
        seen.insert((room, used));
        if used != room && !allowed.contains(&used) {
            violations.insert(format!("{file}:{number}: {room} must not know {used}: {}", code.trim()));
        }
    }
    // The search finds what is plainly there, on one line and in a list.
    for known in [("app", "photo_sessions"), ("photos", "blobs"), ("http", "app"), ("vision", "imaging")] {
        assert!(seen.contains(&known), "the search is blind to {known:?}");
    }
    complain(&violations);
}

#[test]
fn the_plan_has_no_cycle() {
    // Each room may use only rooms listed before it, so there is an order in which all arrows point down.
    for (at, (room, uses)) in ROOMS.iter().enumerate() {
        for used in *uses {
            assert!(ROOMS[..at].iter().any(|(below, _)| below == used), "{room} uses {used}, which is above");
        }
    }
}

#[test]
fn a_library_stays_in_its_room() {
    let mut violations = BTreeSet::new();
    for line @ Line { file, number, code } in &lines() {
        let mut check = |library: &str, may: bool| {
            if !may && (names(code, library, "::") || names(code, library, "!")) {
                violations
                    .insert(format!("{file}:{number}: {library} does not belong here: {}", code.trim()));
            }
        };
        for (library, rooms) in LIBRARIES {
            check(library, rooms.contains(&line.room()));
        }
        for library in NOT_ON_THE_GROUND {
            check(library, !GROUND.contains(&line.room()));
        }
        for kind in ["metrics::counter!", "metrics::gauge!", "metrics::histogram!"] {
            check(kind.trim_end_matches('!'), line.room() == "telemetry");
        }
    }
    complain(&violations);
}

#[test]
fn only_the_wiring_names_concrete_adapters() {
    let mut violations = BTreeSet::new();
    for Line { file, number, code } in &lines() {
        for (adapter, files) in ADAPTERS {
            if code.contains(adapter) && !files.iter().any(|may| file.starts_with(may)) {
                violations.insert(format!("{file}:{number}: {adapter} is chosen in app/: {}", code.trim()));
            }
        }
    }
    complain(&violations);
}

/// What a guest sees is decided once in Rust and once in SQL, and a guest comes in by one door. Each entry: what
/// the code says where it decides that, and the files that may say it, as often as they do.
const GUESTS_VIEW: [(&str, &[(&str, usize)]); 8] = [
    // `Photo::is_visible`; the studio's page shows and sets the flag, events and rows carry it.
    (
        ".is_selected",
        &[
            ("domain/photo.rs", 1),
            ("events/mod.rs", 1),
            ("http/studio/photo_list.rs", 1),
            ("http/studio/photos.rs", 1),
            ("store/incoming.rs", 1),
        ],
    ),
    ("is_selected = 1", &[("store/sight.rs", 1)]),
    (".is_withheld", &[("domain/photo.rs", 2), ("http/studio/photo_list.rs", 1)]),
    ("is_withheld = 0", &[("store/sight.rs", 1)]),
    (".couple_hides", &[("domain/photo.rs", 1), ("http/studio/photo_list.rs", 2)]),
    ("couple_overruled = 1", &[("store/sight.rs", 1), ("store/couple.rs", 1)]),
    ("sessions.open(", &[("guests/visit.rs", 1)]),
    (".is_open(", &[("photo_sessions/service.rs", 1)]),
];

#[test]
fn one_place_decides_what_a_guest_sees() {
    let lines = lines();
    let mut violations = BTreeSet::new();
    for (words, places) in GUESTS_VIEW {
        let says = |line: &&Line| line.code.contains(words);
        for Line { file, number, code } in lines.iter().filter(says) {
            if !places.iter().any(|(place, _)| place == file) {
                violations
                    .insert(format!("src/{file}:{number}: guests/visit.rs decides that: {}", code.trim()));
            }
        }
        for (place, times) in places {
            let found = lines.iter().filter(says).filter(|line| line.file == *place).count();
            if found != *times {
                violations.insert(format!("src/{place} says {words:?} {found} times, not {times}"));
            }
        }
    }
    complain(&violations);
}

/// Settings are read in one place; what else is asked of the environment is the system's own.
#[test]
fn only_the_configuration_reads_the_environment() {
    // Where a person's programs keep their state, and what a child process needs to start.
    const OF_THE_SYSTEM: [&str; 2] = ["cli/remote/memory.rs", "bench/workers.rs"];
    let mut violations = BTreeSet::new();
    for line @ Line { file, number, code } in &lines() {
        let reads = code.contains("env::var") || (code.contains("arg(") && code.contains("env = "));
        if reads && line.room() != "config" && !OF_THE_SYSTEM.contains(&file.as_str()) {
            violations.insert(format!("{file}:{number}: config/ should read this: {}", code.trim()));
        }
    }
    complain(&violations);
}

/// Rows, files, the queue and the vectors are the features' affair, also where the wiring holds them.
#[test]
fn a_door_asks_features_and_not_what_they_are_made_of() {
    let mut violations = BTreeSet::new();
    for line @ Line { file, number, code } in &lines() {
        for part in ["app.store", "app.blobs", "app.jobs", "app.index"] {
            if ["http", "telegram"].contains(&line.room()) && names(code, part, "") {
                violations.insert(format!("src/{file}:{number}: a feature should do this: {}", code.trim()));
            }
        }
    }
    complain(&violations);
}
