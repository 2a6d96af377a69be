//! Image archives as the real engine takes them: what Podman and the test images' own builder made, streamed back.

use std::fs::File;

use landfall::host::archive::{Archive, ArchiveProblem, ArchivedImage, Limits, Wanted, choose, look, stream};
use pretty_assertions::assert_eq;

use crate::support::{Output, Vsn};

const BOTH: &str = "tiny-both.docker.tar";
const FIRST: &str = "localhost/tiny:v1";

fn image_in(vsn: &Vsn, path: &str) -> (File, Archive, ArchivedImage) {
    let mut file = File::open(vsn.on_disk(path)).unwrap();
    let archive = look(&mut file, &Limits::default(), &|| false).unwrap();
    let image = choose(&archive, Some(FIRST)).unwrap().clone();
    (file, archive, image)
}

fn load(vsn: &Vsn, bytes: &[u8]) -> Output {
    vsn.write("/srv/stream", bytes, 0o600);
    vsn.run(["sh", "-c", &format!("{} load --quiet < /srv/stream", vsn.engine())])
}

/// Streams the image into the engine; the ID that the engine gives it.
fn loaded(vsn: &Vsn, path: &str) -> String {
    let (mut file, archive, image) = image_in(vsn, path);
    let mut out = Vec::new();
    stream(&mut file, &Wanted { archive: &archive, image: &image, tags: &[] }, &mut out, &|| false).unwrap();
    let Output { status, stdout, stderr } = load(vsn, &out);
    assert_eq!(status, Some(0), "{stderr}");
    stdout.trim().strip_prefix(vsn.either("Loaded image: sha256:", "Loaded image ID: sha256:")).unwrap().to_owned()
}

/// What Podman saves of `tiny:v1`, which it has, as a path.
fn saved(vsn: &Vsn, format: &str) -> String {
    let path = format!("/srv/{format}.tar");
    vsn.must(["podman", "save", "--quiet", "--format", format, "--output", &path, FIRST]);
    path
}

fn id_of(vsn: &Vsn, reference: &str) -> String {
    let id = vsn.must([vsn.engine(), "image", "inspect", "--format", "{{.Id}}", reference]);
    id.trim().trim_start_matches("sha256:").to_owned()
}

fn tags(vsn: &Vsn, id: &str) -> Vec<String> {
    let tags = vsn.must([vsn.engine(), "image", "inspect", "--format", "{{join .RepoTags \"\\n\"}}", id]);
    let mut tags: Vec<String> = tags.split_whitespace().map(str::to_owned).collect();
    tags.sort();
    tags
}

/// The engine's own load would move the tag `tiny:v1` away from the image that has it.
#[test]
fn an_image_from_any_archive_is_loaded_under_its_id_and_takes_no_tag_away() {
    let vsn = Vsn::start();
    vsn.load(&vsn.image("tiny", BOTH));
    vsn.must(["podman", "load", "--quiet", "--input", &vsn.image("tiny", BOTH)]);
    let id = id_of(&vsn, FIRST);
    let mut archives: Vec<String> = ["docker.tar", "docker.tar.gz", "docker.tar.xz", "oci.tar.zst"]
        .map(|end| vsn.image("tiny", &format!("tiny-v1.{end}")))
        .to_vec();
    archives.push(vsn.image("tiny", BOTH));
    archives.push(saved(&vsn, "docker-archive"));
    vsn.must([vsn.engine(), "tag", "localhost/tiny:v2", FIRST]);
    let stranger = id_of(&vsn, FIRST);
    for path in &archives {
        vsn.run([vsn.engine(), "rmi", "--force", &id]);
        assert_ne!(vsn.run([vsn.engine(), "image", "inspect", &id]).status, Some(0));
        assert_eq!(loaded(&vsn, path), id, "{path}");
        assert_eq!(tags(&vsn, &id), [] as [&str; 0]);
        assert_eq!(tags(&vsn, &stranger), ["localhost/tiny:v1", "localhost/tiny:v2"]);
        assert_eq!(vsn.must([vsn.engine(), "run", "--rm", "--network", "none", &id, "cat", "/www/version"]), "v1\n");
    }
}

/// Podman writes another configuration when it saves an image in another format than it came in. The ID to expect is the
/// one inside what is delivered.
#[test]
fn an_image_that_podman_converted_has_the_id_that_the_archive_says() {
    let vsn = Vsn::start();
    vsn.load(&vsn.image("tiny", "tiny-v1.docker.tar"));
    vsn.must(["podman", "load", "--quiet", "--input", &vsn.image("tiny", "tiny-v1.docker.tar")]);
    let path = saved(&vsn, "oci-archive");
    let (_, _, image) = image_in(&vsn, &path);
    assert_ne!(image.id, vsn.known_by(&id_of(&vsn, FIRST)));
    let id = loaded(&vsn, &path);
    assert_eq!(vsn.known_by(&id), image.id);
    assert_eq!(vsn.must([vsn.engine(), "run", "--rm", "--network", "none", &id, "cat", "/www/version"]), "v1\n");
}

#[test]
fn what_was_streamed_of_an_archive_that_changed_meanwhile_is_not_loaded() {
    let vsn = Vsn::start();
    let path = vsn.image("tiny", BOTH);
    let (mut file, archive, image) = image_in(&vsn, &path);
    let mut bytes = vsn.read(&path).unwrap();
    // Behind the end of the archive, where no layer and no document is touched.
    *bytes.last_mut().unwrap() = 1;
    vsn.write(&path, bytes, 0o600);
    let mut out = Vec::new();

    let result = stream(&mut file, &Wanted { archive: &archive, image: &image, tags: &[] }, &mut out, &|| false);

    assert_eq!(result, Err(ArchiveProblem::Changed));
    assert!(out.len() as u64 > image.size_bytes, "all layers were streamed: {} bytes", out.len());
    assert_ne!(load(&vsn, &out).status, Some(0));
    assert_eq!(vsn.images(), [] as [&str; 0]);
}
