//! Packs the texts that the program holds and that few of its runs ask for, which `src/packed.rs` unpacks; and has its threads share a heap.

// What the program must not do to the system without `host`, its build may do to its own files.
#![allow(clippy::disallowed_methods)]

use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The schemas, each by itself: only one is asked for at a time.
const SCHEMAS: [&str; 3] = ["plan.v1.json", "policy.v1.json", "secrets.v1.json"];

/// Folders of which all texts are packed as one, for they are much alike: its name when packed, where it lies, how their names end.
const FOLDERS: [(&str, &str, &str); 2] =
    [("explained", "src/diagnostics/explained", ".md"), ("templates", "templates", ".sh.hbs")];

/// Rust's own way to say this of the C library is an unsafe call, of which the program has none.
const HEAP: &str = "src/heap.c";

fn main() -> io::Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    for name in SCHEMAS {
        pack(&fs::read(Path::new("schema").join(name))?, &out.join(name))?;
    }
    writeln!(io::stdout(), "cargo::rerun-if-changed=build.rs\ncargo::rerun-if-changed=schema")?;
    for (name, folder, ending) in FOLDERS {
        pack(&texts(folder, ending)?, &out.join(name))?;
        writeln!(io::stdout(), "cargo::rerun-if-changed={folder}")?;
    }
    link_with(HEAP)
}

/// Makes this C file a part of the program, as it is: of a library, what nobody calls would be left out.
fn link_with(file: &str) -> io::Result<()> {
    let objects = cc::Build::new().file(file).try_compile_intermediates();
    for object in objects.map_err(io::Error::other)? {
        writeln!(io::stdout(), "cargo::rustc-link-arg-bins={}", object.display())?;
    }
    writeln!(io::stdout(), "cargo::rerun-if-changed={file}")
}

/// The name of the first, without its ending, its text, the name of the next …, each with a zero behind it.
fn texts(folder: &str, ending: &str) -> io::Result<Vec<u8>> {
    let names = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name()));
    let mut names = names.collect::<io::Result<Vec<_>>>()?;
    names.sort();
    let mut all = Vec::new();
    for name in names.iter().filter_map(|name| name.to_str()?.strip_suffix(ending)) {
        all.extend(name.as_bytes());
        all.push(0);
        all.extend(fs::read(Path::new(folder).join(format!("{name}{ending}")))?);
        all.push(0);
    }
    Ok(all)
}

fn pack(text: &[u8], to: &Path) -> io::Result<()> {
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
    packed.write_all(text)?;
    fs::write(to, packed.finish()?)
}
