//! Reads Rust sources as far as `tests/architecture.rs` needs it: without comments, texts and tests, and the paths in them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// One file below `src`.
pub struct Source {
    /// Its path, from the repository's root.
    pub path: String,
    /// The folder below `src` that it belongs to; for a file in `src` itself, its name.
    pub folder: String,
    /// All of it.
    pub text: String,
    /// What is compiled into the program: no comments, no tests, texts blanked out.
    pub code: String,
    /// Whether all of it is for tests only.
    pub is_test: bool,
    /// How deep its module lies below the root.
    depth: usize,
}

/// All files below `src`.
pub fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    collect(&root.join("src"), &mut paths);
    paths.sort();
    let relative = |path: &String| Path::new(path).strip_prefix(root).unwrap().to_str().unwrap().to_owned();
    let mut sources: Vec<_> =
        paths.iter().map(|path| Source::of(&relative(path), &fs::read_to_string(path).unwrap())).collect();
    let tests: Vec<String> = sources.iter().flat_map(test_modules).collect();
    for source in &mut sources {
        let within = |test: &String| source.path.starts_with(&format!("{test}/"));
        source.is_test = tests.iter().any(|test| source.path == format!("{test}.rs") || within(test));
    }
    sources
}

fn collect(folder: &Path, paths: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path.to_str().unwrap().to_owned());
        }
    }
}

/// Where the modules lie that a file has for its tests, without `.rs`.
fn test_modules(source: &Source) -> Vec<String> {
    let (folder, file) = source.path.rsplit_once('/').unwrap();
    let stem = file.trim_end_matches(".rs");
    let below = if stem == "mod" { folder.to_owned() } else { format!("{folder}/{stem}") };
    let of = |attribute: &str| {
        let (before, rest) = attribute.split_once("mod ")?;
        let name = rest.split_once(';')?.0;
        if before.contains('{') || name.contains('{') {
            return None;
        }
        Some(match before.split_once("#[path = \"") {
            Some((_, path)) => format!("{folder}/{}", path.split_once(".rs\"")?.0),
            None => format!("{below}/{name}"),
        })
    };
    source.text.split("#[cfg(test)]").skip(1).filter_map(of).collect()
}

impl Source {
    /// A file with this text.
    pub fn of(path: &str, text: &str) -> Self {
        let module = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        let folder = module.split('/').next().unwrap().to_owned();
        let depth = if module == "lib" { 0 } else { module.split('/').count() };
        let code = without_tests(&without_comments_and_texts(text));
        Self { path: path.to_owned(), folder, text: text.to_owned(), code, is_test: false, depth }
    }

    /// What it names of this crate from its root on: after `crate::`, or after as many `super::` as lead there.
    pub fn paths_from_the_root(&self) -> BTreeSet<String> {
        self.paths().into_iter().filter_map(|path| self.inside_the_crate(path)).collect()
    }

    /// What it names of other crates: every path that does not begin in this one.
    pub fn paths_of_crates(&self) -> BTreeSet<String> {
        let own = ["crate", "self", "super", "Self"];
        let foreign = self.paths().into_iter().filter(|path| !own.contains(&path[0].as_str()));
        foreign.map(|path| path.join("::")).filter(|path| path.contains("::")).collect()
    }

    fn inside_the_crate(&self, path: Vec<String>) -> Option<String> {
        let supers = path.iter().take_while(|part| *part == "super").count();
        let inside = match path[0].as_str() {
            "crate" => &path[1..],
            "super" if supers >= self.depth => &path[supers..],
            _ => return None,
        };
        Some(inside.join("::"))
    }

    /// All paths with at least one `::`, each in full.
    fn paths(&self) -> Vec<Vec<String>> {
        let tokens = tokens(&self.code);
        let (mut paths, mut at) = (Vec::new(), 0);
        while at < tokens.len() {
            let begins = is_name(&tokens[at]) && tokens.get(at + 1).is_some_and(|next| next == "::");
            at = if begins { tree(&tokens, at, &[], &mut paths) } else { at + 1 };
        }
        paths
    }
}

/// Reads `a::b`, `a::{b, c::d}` and the like from `at` on; returns where it ends.
fn tree(tokens: &[String], mut at: usize, before: &[String], paths: &mut Vec<Vec<String>>) -> usize {
    let mut path = before.to_vec();
    loop {
        match tokens.get(at).map(String::as_str) {
            Some("{") => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token != "}") {
                    at = tree(tokens, at, &path, paths).max(at + 1);
                    // What follows a name in a group: `as other`, a comma.
                    while tokens.get(at).is_some_and(|token| token != "," && token != "}") {
                        at += 1;
                    }
                    at += usize::from(tokens.get(at).is_some_and(|token| token == ","));
                }
                return at + 1;
            }
            Some("self") if !path.is_empty() => at += 1,
            Some(name) if is_name(name) => {
                path.push(name.to_owned());
                at += 1;
            }
            Some(_) | None => break,
        }
        if tokens.get(at).is_none_or(|token| token != "::") {
            break;
        }
        at += 1;
    }
    paths.push(path);
    at
}

fn is_name(token: &str) -> bool {
    token.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

fn tokens(code: &str) -> Vec<String> {
    let (mut tokens, mut rest) = (Vec::new(), code.trim_start());
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let length = match first {
            first if word(first) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
            ':' if rest.starts_with("::") => 2,
            other => other.len_utf8(),
        };
        tokens.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    tokens
}

/// Comments become nothing, texts and characters become empty ones.
fn without_comments_and_texts(text: &str) -> String {
    let (mut code, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(length) = text_length(rest, code.chars().next_back()) {
            code.push_str("\"\"");
            length
        } else {
            code.push(first);
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    code
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    loop {
        let rest = &text[at..];
        match (rest.starts_with("/*"), rest.starts_with("*/")) {
            (true, _) => depth += 1,
            (_, true) => depth -= 1,
            (false, false) => {
                at += rest.chars().next().map_or(1, char::len_utf8);
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
}

/// The length of the text or character literal that begins here, if one does.
fn text_length(rest: &str, before: Option<char>) -> Option<usize> {
    let in_a_word = before.is_some_and(|before| before.is_alphanumeric() || before == '_');
    if let Some(hashes) = rest.strip_prefix('r').filter(|_| !in_a_word) {
        let count = hashes.len() - hashes.trim_start_matches('#').len();
        if hashes[count..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(count));
            let begin = 1 + count + 1;
            return Some(begin + rest[begin..].find(&end)? + end.len());
        }
    }
    let quote = rest.chars().next().filter(|first| *first == '"' || *first == '\'')?;
    let mut inside = rest.char_indices().skip(1);
    if quote == '\'' {
        let (_, first) = inside.next()?;
        let (at, second) = inside.next()?;
        match (first, second) {
            ('\\', _) => return Some(at + rest[at + 1..].find('\'')? + 2),
            (_, '\'') => return Some(at + 1),
            // A lifetime.
            (_, _) => return None,
        }
    }
    let mut escaped = false;
    for (at, character) in inside {
        match character {
            '"' if !escaped => return Some(at + 1),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

/// Removes each item that is compiled for tests only.
fn without_tests(code: &str) -> String {
    let mut parts = code.split("#[cfg(test)]");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(&part[item_length(part)..]);
    }
    kept
}

/// The length of an item with its attributes: up to the `;` or the closing brace at its own level.
fn item_length(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, character) in code.char_indices() {
        match character {
            '{' | '[' | '(' => depth += 1,
            '}' | ']' | ')' => {
                depth = depth.saturating_sub(1);
                if character == '}' && depth == 0 && !code[at + 1..].trim_start().starts_with(';') {
                    return at + 1;
                }
            }
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}
