//! What a person has reviewed: the plan and the content of the files that it names, as one hash. Reads nothing, changes
//! nothing.

use super::canonical::{self, NotCanonical};
use super::model::{Image, ImageSource, Plan};
use super::reading::plan_sha256;
use super::values::{PlanPath, ServiceName};
use serde_json::json;
use std::collections::BTreeMap;

/// The SHA-256 of the content of each config, certificate and build context that a plan names. Image archives are not among
/// them: the plan itself says which image they hold, or nobody does.
pub type Contents = BTreeMap<PlanPath, String>;

/// What is known of a plan and of everything that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// The SHA-256 of the validated plan alone.
    pub plan_sha256: String,
    /// The content of what it names, as far as it can be read.
    pub files: Contents,
    /// What can't be read, with the reason.
    pub unread: BTreeMap<PlanPath, String>,
    /// The services whose image another one can take the place of unnoticed.
    pub unpinned: Vec<ServiceName>,
}

impl Review {
    /// What there is to review of a plan, given the content of what it names, or why that can't be told.
    ///
    /// # Errors
    /// A plan that has no canonical JSON: a defect of ours.
    pub fn of(plan: &Plan, contents: BTreeMap<PlanPath, Result<String, String>>) -> Result<Self, NotCanonical> {
        let (mut files, mut unread) = (Contents::new(), BTreeMap::new());
        for (path, content) in contents {
            match content {
                Ok(sha256) => drop(files.insert(path, sha256)),
                Err(reason) => drop(unread.insert(path, reason)),
            }
        }
        let unpinned = plan.services.iter().filter(|(_, service)| !is_pinned(&service.image));
        let unpinned = unpinned.map(|(name, _)| name.clone()).collect();
        Ok(Self { plan_sha256: plan_sha256(plan)?, files, unread, unpinned })
    }

    /// The hash that stands for all of it: the SHA-256 of `{"files": {path: sha256}, "plan_sha256": …}` as canonical JSON.
    /// `None` while something can't be read.
    ///
    /// The same for the same plan beside the same files, whatever the machine, the folder and the user.
    pub fn hash(&self) -> Option<String> {
        let Self { plan_sha256, files, unread, unpinned: _ } = self;
        // Texts alone always have a canonical form.
        let whole = || canonical::sha256(&json!({ "plan_sha256": plan_sha256, "files": files })).ok();
        if unread.is_empty() { whole() } else { None }
    }
}

/// Whether the plan says which image it is, so that no other can take its place unnoticed: by a digest, an image ID or the
/// SHA-256 of a file.
///
/// A build needs an ID as well: its context is known, but not what the image that it starts from will be by then.
pub fn is_pinned(image: &Image) -> bool {
    match image {
        Image::Reference(reference) => reference.digest().is_some(),
        Image::Source(ImageSource::Registry { registry, digest, tls_verify: _, ca: _, id, timeout: _ }) => {
            digest.is_some() || registry.digest().is_some() || id.is_some()
        }
        Image::Source(
            ImageSource::Archive { archive: _, sha256, reference: _, id }
            | ImageSource::Ssh { ssh: _, key: _, sha256, id, timeout: _ },
        ) => sha256.is_some() || id.is_some(),
        Image::Source(ImageSource::Url { url: _, sha256: _, id: _, ca: _, timeout: _ }) => true,
        Image::Source(ImageSource::Build { build: _, file: _, args: _, target: _, id, timeout: _ }) => id.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Review, is_pinned};
    use crate::plan::model::{Image, Plan};
    use crate::plan::values::PlanPath;
    use pretty_assertions::assert_eq;
    use serde_json::{Value, json};

    fn plan(image: Value) -> Plan {
        serde_json::from_value(json!({ "version": 1, "name": "shop", "services": { "web": { "image": image } } }))
            .unwrap()
    }

    fn path(text: &str) -> PlanPath {
        PlanPath::parse(text).unwrap()
    }

    #[test]
    fn the_hash_covers_the_plan_and_the_content_of_its_files() {
        let hash = |image: &str, content: &str| {
            let contents = [(path("motd"), Ok(content.to_owned()))].into();
            Review::of(&plan(json!(image)), contents).unwrap().hash().unwrap()
        };
        let (one, other) = ("localhost/a:1", "localhost/a:2");
        let hashes = [hash(one, "ab"), hash(one, "ab"), hash(other, "ab"), hash(one, "cd")];
        assert_eq!(hashes[0], hashes[1]);
        let distinct: std::collections::BTreeSet<_> = hashes.iter().collect();
        assert_eq!(distinct.len(), 3);
    }

    #[test]
    fn the_hash_can_be_recomputed_from_what_the_documentation_says() {
        let contents = [(path("motd"), Ok("00".repeat(32)))].into();
        let review = Review::of(&plan(json!("localhost/a:1")), contents).unwrap();
        let text = format!(r#"{{"files":{{"motd":"{}"}},"plan_sha256":"{}"}}"#, "00".repeat(32), review.plan_sha256);
        use sha2::{Digest, Sha256};
        let expected: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(review.hash(), Some(expected));
    }

    #[test]
    fn there_is_no_hash_while_something_can_not_be_read() {
        let contents = [(path("motd"), Err("it is a folder".to_owned()))].into();
        let review = Review::of(&plan(json!("localhost/a:1")), contents).unwrap();
        assert_eq!(review.hash(), None);
        assert_eq!(review.unread, [(path("motd"), "it is a folder".to_owned())].into());
    }

    #[test]
    fn an_image_is_pinned_by_a_digest_an_id_or_the_hash_of_its_file() {
        let hex = "9f".repeat(32);
        let digest = format!("sha256:{hex}");
        let image = |value: Value| serde_json::from_value::<Image>(value).unwrap();
        let pinned = [
            json!(format!("localhost/a:1@{digest}")),
            json!({ "registry": format!("localhost/a@{digest}") }),
            json!({ "registry": "localhost/a:1", "digest": digest }),
            json!({ "registry": "localhost/a:1", "id": hex }),
            json!({ "archive": "a.tar", "sha256": hex }),
            json!({ "archive": "a.tar", "id": hex }),
            json!({ "ssh": "me@images.example:/a.tar", "key": "id", "id": hex }),
            json!({ "url": "https://images.example/a.tar", "sha256": hex }),
            json!({ "build": "context", "id": hex }),
        ];
        assert_eq!(pinned.map(|value| is_pinned(&image(value))), [true; 9]);
        let open = [
            json!("localhost/a:1"),
            json!({ "registry": "localhost/a:1" }),
            json!({ "archive": "a.tar", "reference": "localhost/a:1" }),
            json!({ "ssh": "me@images.example:/a.tar", "key": "id" }),
            json!({ "build": "context" }),
        ];
        assert_eq!(open.map(|value| is_pinned(&image(value))), [false; 5]);
        let mut two = plan(json!("localhost/a:1"));
        let web = two.services.first_key_value().unwrap().1.clone();
        two.services.insert(crate::plan::values::ServiceName::parse("db").unwrap(), web);
        let unpinned: Vec<_> = Review::of(&two, [].into()).unwrap().unpinned.iter().map(ToString::to_string).collect();
        assert_eq!(unpinned, ["db", "web"]);
    }
}
