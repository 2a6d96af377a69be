//! Packs the texts that the program holds and that few of its runs ask for; `src/packed.rs` unpacks them.

// What the program must not do to the system without `host`, its build may do to its own files.
#![allow(clippy::disallowed_methods)]

use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The schemas, each by itself: only one is asked for at a time.
const SCHEMAS: [&str; 3] = ["plan.v1.json", "policy.v1.json", "secrets.v1.json"];

/// Where every code's explanation lies; they are packed as one, for they are much alike.
const EXPLAINED: &str = "src/diagnostics/explained";

fn main() -> io::Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    for name in SCHEMAS {
        pack(&fs::read(Path::new("schema").join(name))?, &out.join(name))?;
    }
    pack(&explanations()?, &out.join("explained"))?;
    writeln!(io::stdout(), "cargo::rerun-if-changed=build.rs\ncargo::rerun-if-changed=schema")?;
    writeln!(io::stdout(), "cargo::rerun-if-changed={EXPLAINED}")
}

/// `LF001`, its text, `LF002`, its text …, each with a zero behind it.
fn explanations() -> io::Result<Vec<u8>> {
    let files = fs::read_dir(EXPLAINED)?.map(|entry| entry.map(|entry| entry.path()));
    let mut files = files.collect::<io::Result<Vec<_>>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    files.sort();
    let mut all = Vec::new();
    for path in files {
        all.extend(path.file_stem().unwrap_or_default().as_encoded_bytes());
        all.push(0);
        all.extend(fs::read(&path)?);
        all.push(0);
    }
    Ok(all)
}

fn pack(text: &[u8], to: &Path) -> io::Result<()> {
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
    packed.write_all(text)?;
    fs::write(to, packed.finish()?)
}
