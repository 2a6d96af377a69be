//! How far a retrieval has come, and who is told. Changes nothing.

use super::panic::survived;
use crate::operation::RetrievedImage;
use std::fmt;
use std::sync::Arc;

/// How far a retrieval has come. Sizes are in bytes; `of` is the whole, where it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// So much of an archive is fetched.
    Fetched {
        /// What has come.
        bytes: u64,
        /// Of the whole.
        of: Option<u64>,
    },
    /// So much of an archive is verified.
    Verified {
        /// What is read.
        bytes: u64,
        /// Of the whole.
        of: u64,
    },
    /// So much of an archive is handed to the engine.
    Loaded {
        /// What is read.
        bytes: u64,
        /// Of the whole.
        of: u64,
    },
    /// The engine has pulled so much of the image.
    Pulled {
        /// What has come; `None` where the engine does not show it.
        bytes: Option<u64>,
        /// What there is to pull.
        of: Option<u64>,
    },
    /// The engine builds the image.
    Built,
}

type Hearer = dyn Fn(&RetrievedImage, Amount) + Send + Sync;

/// Who is told how far retrievals have come, about twice a second.
#[derive(Clone)]
pub struct Watcher(Option<Arc<Hearer>>);

impl Watcher {
    /// Who does this whenever something is told. It must not take long.
    pub fn new(hear: impl Fn(&RetrievedImage, Amount) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hear)))
    }

    /// Nobody.
    pub fn nobody() -> Self {
        Self(None)
    }

    /// Tells it. A panic of who listens keeps nothing from going on.
    pub fn tell(&self, image: &RetrievedImage, amount: Amount) {
        let Self(hear) = self;
        if let Some(hear) = hear {
            survived(|| hear(image, amount));
        }
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Watcher")
    }
}
