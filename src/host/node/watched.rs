//! Tells how far a retrieval has come, while it goes on. Reads only.

use super::Node;
use crate::host::engine::Arrived;
use crate::host::threads::beside;
use crate::operation::RetrievedImage;
use crate::run::{Amount, Watcher};
use std::convert::Infallible;
use std::fs::File;
use std::io::Seek;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// How often it is told.
const EVERY: Duration = Duration::from_millis(500);

impl Node {
    /// Does the work, and tells meanwhile how far it has come.
    pub(super) fn watched<T>(
        &self,
        retrieved: &RetrievedImage,
        come: impl Fn() -> Amount + Send,
        work: impl FnOnce() -> T,
    ) -> T {
        watched(&self.watcher, retrieved, come, work)
    }

    /// How many bytes of a retrieval come over the network, as the server that has them told before.
    pub(super) fn expected(&self, retrieved: &RetrievedImage) -> Option<u64> {
        self.expected.get(retrieved.services.first()?).copied()
    }
}

/// Does the work, and tells meanwhile how far it has come.
pub fn watched<T>(
    watcher: &Watcher,
    retrieved: &RetrievedImage,
    come: impl Fn() -> Amount + Send,
    work: impl FnOnce() -> T,
) -> T {
    let (ended, end) = mpsc::channel::<Infallible>();
    std::thread::scope(|scope| {
        let told = beside(scope, move || {
            while end.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                watcher.tell(retrieved, come());
            }
        });
        if told.is_err() {
            tracing::debug!("no thread can be had to tell how far it has come");
        }
        let result = work();
        drop(ended);
        result
    })
}

/// How much of an archive that is being fetched is there.
pub fn fetched(file: &Path, of: Option<u64>) -> impl Fn() -> Amount + Send {
    move || {
        let bytes = std::fs::metadata(file).map_or(0, |metadata| metadata.len());
        // The file may have grown since it was asked for its size.
        Amount::Fetched { bytes, of: of.filter(|of| bytes <= *of) }
    }
}

/// How much of an image the engine has pulled, where that can be seen.
pub(super) fn pulled(arrived: &Arrived, of: Option<u64>) -> impl Fn() -> Amount + Send + use<> {
    let arrived = arrived.clone();
    move || {
        // Docker tells it rounded to four digits.
        let come = arrived.bytes();
        let bytes = come.map(|come| of.filter(|of| come.abs_diff(*of) <= of / 1000).unwrap_or(come));
        // Something else may have come since the registry was asked for the size.
        Amount::Pulled { bytes, of: of.filter(|of| bytes.is_none_or(|bytes| bytes <= *of)) }
    }
}

/// How far an archive is read that is read twice, by the position in it that all who have it open share.
pub(super) fn read(file: &File) -> impl Fn() -> Amount + Send + use<> {
    let file = file.try_clone();
    let of = file.as_ref().ok().and_then(|file| file.metadata().ok()).map_or(0, |metadata| metadata.len());
    let (furthest, again) = (AtomicU64::new(0), AtomicBool::new(false));
    move || {
        let position = file.as_ref().ok().and_then(|mut file| file.stream_position().ok());
        let bytes = position.unwrap_or_default().min(of);
        if bytes < furthest.fetch_max(bytes, Ordering::Relaxed) {
            again.store(true, Ordering::Relaxed);
        }
        if again.load(Ordering::Relaxed) { Amount::Loaded { bytes, of } } else { Amount::Verified { bytes, of } }
    }
}
