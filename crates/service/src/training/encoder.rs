//! The sentence encoder of this process. It is installed as a file in the data directory (`ombud model install`) and looked for when
//! the store's generation moves, so that a server takes it up without a restart.

use crate::{Ctx, single_flight::SingleFlight};
use nlu::Embed;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::SystemTime,
};
use types::{Error, Result};

/// Where the encoder lies below the data directory.
pub fn file(data_dir: &Path) -> PathBuf {
    data_dir.join("models").join("encoder.bin")
}

/// The encoder in use, and where it comes from.
#[derive(Default)]
pub struct Slot {
    path: OnceLock<PathBuf>,
    state: Mutex<State>,
    loading: SingleFlight,
}

#[derive(Default, Clone)]
struct State {
    generation: Option<u64>,
    stamp: Option<(SystemTime, u64)>,
    encoder: Option<Arc<dyn Embed>>,
}

impl Slot {
    /// Says where the file is, or will be. The first answer stands.
    pub fn look_at(&self, path: PathBuf) {
        let _ = self.path.set(path);
    }

    fn state(&self) -> State {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The encoder, or that there is none, if the file was looked at in this generation.
    fn checked_at(&self, generation: u64) -> Option<Option<Arc<dyn Embed>>> {
        let state = self.state();
        (state.generation == Some(generation)).then_some(state.encoder)
    }

    fn keep(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

#[derive(Debug)]
struct Sentences(::encoder::Encoder);

impl Embed for Sentences {
    fn id(&self) -> u64 {
        self.0.id()
    }

    fn embed(&self, text: &str) -> Option<Vec<f32>> {
        let vector = self.0.encode(text);
        vector
            .inspect_err(|error| tracing::error!(%error, "sentence encoder failed"))
            .ok()
    }

    fn knows(&self, word: &str) -> bool {
        self.0.knows(word)
    }
}

/// The encoder, when one is installed. A file that cannot be read is logged, and the first tier answers alone.
///
/// # Errors
/// The process is ending.
pub async fn encoder(ctx: &Ctx) -> Result<Option<Arc<dyn Embed>>> {
    let slot = &ctx.models.encoder;
    let Some(path) = slot.path.get() else {
        return Ok(None);
    };
    let generation = ctx.store().generation();
    if let Some(encoder) = slot.checked_at(generation) {
        return Ok(encoder);
    }
    let _turn = slot.loading.turn(path).await;
    if let Some(encoder) = slot.checked_at(generation) {
        return Ok(encoder);
    }
    let mut state = slot.state();
    let stamp = std::fs::metadata(path)
        .ok()
        .and_then(|facts| Some((facts.modified().ok()?, facts.len())));
    if stamp != state.stamp {
        let path = path.clone();
        let read = tokio::task::spawn_blocking(move || load(&path)).await;
        state.encoder = read.map_err(Error::internal)?;
        state.stamp = stamp;
    }
    state.generation = Some(generation);
    slot.keep(state.clone());
    Ok(state.encoder)
}

fn load(path: &Path) -> Option<Arc<dyn Embed>> {
    let bytes = std::fs::read(path).ok()?;
    match ::encoder::Encoder::from_bytes(&bytes) {
        Ok(encoder) => Some(Arc::new(Sentences(encoder))),
        Err(error) => {
            tracing::error!(%error, path = %path.display(), "sentence encoder not usable");
            None
        }
    }
}
