//! Which layers Docker has, by the digests that registries know them by. Reads only.

use super::super::deadline;
use super::driver::Docker;
use crate::few::Few;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

impl Docker {
    /// Those of an image's compressed layers, lowest first, that a pull doesn't fetch again. Nothing where that can't be seen.
    pub fn layers_there(&self, digests: &[&str]) -> BTreeSet<String> {
        match self.contents() {
            Ok(None) => self.records().map_or_else(BTreeSet::new, |records| there(&records, digests)),
            Ok(Some(contents)) => {
                digests.iter().filter(|digest| contents.has(digest)).map(|digest| (*digest).to_owned()).gathered()
            }
            Err(_) => BTreeSet::new(),
        }
    }

    /// The folder of what it has on record of its images.
    fn records(&self) -> Option<PathBuf> {
        let arguments = ["info", "--format", "{{.DockerRootDir}}/image/{{.Driver}}"].map(str::to_owned);
        let told = self.call(&arguments, deadline::LOOK).run().ok()?;
        Some(PathBuf::from(String::from_utf8_lossy(&told.stdout).trim_end()))
    }
}

/// A layer counts where all below it are there, too, and in this order: Docker knows it by the whole chain. From the first that is
/// missing on it fetches everything.
fn there(records: &Path, digests: &[&str]) -> BTreeSet<String> {
    let mut chain: Option<String> = None;
    let known = digests.iter().map_while(|digest| {
        let content = content_of(records, digest)?;
        let name = chain.take().map_or_else(|| content.clone(), |below| sha256(&format!("{below} {content}")));
        let is_there = records.join("layerdb/sha256").join(name.strip_prefix("sha256:")?).is_dir();
        chain = Some(name);
        is_there.then(|| (*digest).to_owned())
    });
    known.gathered()
}

/// The digest of what a compressed layer holds, as Docker has it on record of one that it fetched before.
fn content_of(records: &Path, digest: &str) -> Option<String> {
    let hex = digest.strip_prefix("sha256:").filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    let content = fs::read_to_string(records.join("distribution/diffid-by-digest/sha256").join(hex)).ok()?;
    content.trim_end().starts_with("sha256:").then(|| content.trim_end().to_owned())
}

fn sha256(text: &str) -> String {
    let hex: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

#[cfg(test)]
mod tests {
    use super::{sha256, there};
    use pretty_assertions::assert_eq;
    use std::fs;

    /// As Docker 20.10 keeps it: what a layer was delivered as, and a folder for each chain of layers.
    #[test]
    fn a_layer_is_there_with_all_below_it_and_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let digests = ["sha256:a1", "sha256:b2", "sha256:c3"];
        let contents = ["sha256:11", "sha256:22", "sha256:33"];
        let two = sha256("sha256:11 sha256:22");
        fs::create_dir_all(folder.path().join("distribution/diffid-by-digest/sha256")).unwrap();
        for (digest, content) in digests.iter().zip(contents) {
            let hex = digest.strip_prefix("sha256:").unwrap();
            fs::write(folder.path().join("distribution/diffid-by-digest/sha256").join(hex), content).unwrap();
        }
        let there = |digests: &[&str]| there(folder.path(), digests).into_iter().collect::<Vec<_>>();
        assert_eq!(there(&digests), [] as [&str; 0], "it was fetched once, and is gone");
        for chain in ["11", "22", two.strip_prefix("sha256:").unwrap()] {
            fs::create_dir_all(folder.path().join("layerdb/sha256").join(chain)).unwrap();
        }
        assert_eq!(there(&digests), ["sha256:a1", "sha256:b2"]);
        assert_eq!(there(&["sha256:b2", "sha256:a1"]), ["sha256:b2"]);
        assert_eq!(there(&["sha256:d4", "sha256:a1"]), [] as [&str; 0]);
        assert_eq!(there(&["sha256:../11"]), [] as [&str; 0]);
    }
}
