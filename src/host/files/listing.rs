//! What a folder holds, for people who write a path. Reads only.

use crate::few::InOrder;
use std::path::Path;

/// At most so many entries of a folder, by name, each with whether it is a folder itself. Names that are not UTF-8 can't be
/// written in a plan, and are left out. A folder that can't be read has no entries.
pub fn list_folder(folder: &Path, most: usize) -> Vec<(String, bool)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let named = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).take(most);
    let mut all: Vec<_> =
        named.map(|name| (folder.join(&name).is_dir(), name)).map(|(dir, name)| (name, dir)).collect();
    all.put_in_order();
    all
}

#[cfg(test)]
mod tests {
    use super::list_folder;
    use pretty_assertions::assert_eq;
    use std::fs;

    #[test]
    fn a_folder_is_listed_by_name_within_bounds() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.tar", "a.tar", "c.tar"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir(folder.path().join("app")).unwrap();
        let names = ["a.tar", "app", "b.tar", "c.tar"].map(|name| (name.to_owned(), name == "app"));
        assert_eq!(list_folder(folder.path(), 9), names);
        assert_eq!(list_folder(folder.path(), 2).len(), 2);
        assert_eq!(list_folder(&folder.path().join("a.tar"), 9), []);
    }
}
