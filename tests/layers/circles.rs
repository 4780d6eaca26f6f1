//! Modules of one folder use each other in one direction only.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::{Line, complain, lines};

/// A source file as a module: its path from the crate's root, and the paths that it names.
struct Module {
    path: Vec<String>,
    names: Vec<Vec<String>>,
}

/// Every file below the sources as a module, without unit tests and comments.
fn modules() -> Vec<Module> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for Line { file, code, .. } in lines() {
        let text = files.entry(file).or_default();
        text.push_str(&code);
        text.push('\n');
    }
    let module = |(file, text): (String, String)| {
        let mut path: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        path.pop_if(|last| last == "mod");
        let names = named_paths(&text).into_iter().filter_map(|named| absolute(&path, named)).collect();
        Module { path, names }
    };
    files.into_iter().map(module).collect()
}

/// What stands in `use`, list by list, and every other path that begins with `crate` or `super`.
fn named_paths(text: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for (at, _) in text.match_indices("use ") {
        let starts = text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric());
        if let Some(end) = text[at..].find(';').filter(|_| starts) {
            flatten(&text[at + "use ".len()..at + end], &[], &mut paths);
        }
    }
    for start in ["crate::", "super::"] {
        for (at, _) in text.match_indices(start) {
            let end = text[at..].find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
            let path = &text[at..at + end.unwrap_or(text.len() - at)];
            paths.push(path.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect());
        }
    }
    paths
}

/// `a::{b, c::d}` as `a::b` and `a::c::d`.
fn flatten(tree: &str, before: &[String], into: &mut Vec<Vec<String>>) {
    let (mut depth, mut item) = (0, String::new());
    let mut items = Vec::new();
    for letter in tree.chars() {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        match letter {
            ',' if depth == 0 => items.push(std::mem::take(&mut item)),
            _ => item.push(letter),
        }
    }
    items.push(item);
    for item in items {
        let item = item.trim();
        let (path, list) = item.split_once('{').map_or((item, None), |(path, list)| (path, Some(list)));
        let parts = path.split(" as ").next().unwrap_or_default().split("::").map(str::trim);
        let mut whole = before.to_vec();
        whole.extend(parts.filter(|part| !part.is_empty()).map(str::to_owned));
        match list {
            Some(list) => flatten(list.trim_end().trim_end_matches('}'), &whole, into),
            None => into.push(whole),
        }
    }
}

/// The path from the crate's root of what a module names so; `None` for another crate's.
fn absolute(module: &[String], named: Vec<String>) -> Option<Vec<String>> {
    let ups = named.iter().take_while(|part| *part == "super").count();
    match named.first()?.as_str() {
        "crate" => Some(named[1..].to_vec()),
        "super" => Some([&module[..module.len().checked_sub(ups)?], &named[ups..]].concat()),
        "self" => Some([module, &named[1..]].concat()),
        // A child, if there is one of that name; another crate is none of ours.
        _ => Some([module, &named].concat()),
    }
}

#[test]
fn no_modules_of_one_folder_use_each_other_in_a_circle() {
    let modules = modules();
    let known: BTreeSet<&[String]> = modules.iter().map(|module| module.path.as_slice()).collect();
    let mut circles = BTreeSet::new();
    let mut folders: BTreeSet<&[String]> = BTreeSet::new();
    let mut uses: Vec<(&[String], &[String])> = Vec::new();
    for module in &modules {
        folders.extend((1..module.path.len()).map(|depth| &module.path[..depth]));
        for named in &module.names {
            let used = (1..=named.len()).rev().map(|end| &named[..end]).find(|path| known.contains(path));
            uses.extend(used.map(|used| (module.path.as_slice(), used)));
        }
    }
    for folder in folders {
        let inside = |path: &[String]| path.len() > folder.len() && path.starts_with(folder);
        let edges: BTreeSet<(&str, &str)> = uses
            .iter()
            .filter(|(from, to)| inside(from) && inside(to))
            .map(|(from, to)| (from[folder.len()].as_str(), to[folder.len()].as_str()))
            .filter(|(from, to)| from != to)
            .collect();
        for (from, _) in &edges {
            if reaches(&edges, from, from) {
                circles.insert(format!("{}/{from} uses itself through its neighbours", folder.join("/")));
            }
        }
    }
    // The search finds what is plainly there.
    let seen = |from: &str, to: &str| {
        uses.iter().any(|(a, b)| a.join("/").starts_with(from) && b.join("/").starts_with(to))
    };
    assert!(seen("http/problem", "http/pages") && seen("index/edge", "index/writer"), "the search is blind");
    complain(&circles);
}

/// Whether a way of at least one step leads from `from` to `to`.
fn reaches(edges: &BTreeSet<(&str, &str)>, from: &str, to: &str) -> bool {
    let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(at) = next.pop() {
        for (_, step) in edges.iter().filter(|(start, _)| *start == at) {
            if *step == to {
                return true;
            }
            if seen.insert(*step) {
                next.push(step);
            }
        }
    }
    false
}

/// The modules of the front end, and which others each imports, at once or later.
#[test]
fn no_modules_of_the_front_end_import_each_other_in_a_circle() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("static/js");
    let mut edges: BTreeSet<(String, String)> = BTreeSet::new();
    for entry in walkdir::WalkDir::new(&root).sort_by_file_name() {
        let path = entry.expect("the front end can be read").into_path();
        if path.extension().is_none_or(|extension| extension != "js") {
            continue;
        }
        // Types are imported in comments, and are no part of the program.
        let text = fs::read_to_string(&path).expect("source is text");
        let code = text.lines().filter(|line| !line.trim_start().starts_with(['*', '/']));
        for imported in code.flat_map(|line| line.split('\'')).filter(|part| part.starts_with('.')) {
            let mut target = path.parent().expect("lies in a folder").to_owned();
            for part in imported.split('/') {
                match part {
                    "." => {}
                    ".." => drop(target.pop()),
                    part => target.push(part),
                }
            }
            let name = |path: &Path| path.strip_prefix(&root).unwrap_or(path).display().to_string();
            edges.insert((name(&path), name(&target)));
        }
    }
    assert!(edges.len() > 200, "the front end was not found");
    let edges: BTreeSet<(&str, &str)> = edges.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    let circles = edges.iter().filter(|(from, to)| reaches(&edges, to, from));
    complain(&circles.map(|(from, to)| format!("{from} imports {to}, which leads back to it")).collect());
}
