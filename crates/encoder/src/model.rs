//! The loaded encoder.

use crate::bytes::{floats, split};
use crate::convert::{EPSILON, PIECES};
use crate::wordpiece::WordPiece;
use crate::{EncoderError, LONGEST, WIDTH};
use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// The encoder, ready for use from many threads. Needs about 50 MB.
pub struct Encoder {
    pieces: WordPiece,
    table: Vec<i8>,
    scales: Vec<f32>,
    places: Vec<f32>,
    norm: Vec<f32>,
    graph: Model,
    input: NodeId,
    output: NodeId,
    runners: Runners,
    id: u64,
    notice: String,
}

/// One pool of one thread for each core: a text is too short to be worth sharing out, and more texts at once than there are cores would
/// only take each other's time and memory. Who finds none free waits.
struct Runners {
    free: Mutex<Vec<Arc<ThreadPool>>>,
    returned: Condvar,
}

/// A pool that is in use.
struct Runner<'a> {
    runners: &'a Runners,
    pool: Arc<ThreadPool>,
}

impl Runners {
    fn new(count: usize) -> Self {
        let pool = || Arc::new(ThreadPool::with_num_threads(1));
        Self {
            free: Mutex::new((0..count.max(1)).map(|_| pool()).collect()),
            returned: Condvar::new(),
        }
    }

    /// The pool that was used last, as its memory is still warm.
    fn take(&self) -> Runner<'_> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(pool) = free.pop() {
                return Runner {
                    runners: self,
                    pool,
                };
            }
            free = self
                .returned
                .wait(free)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Runner<'_> {
    fn pool(&self) -> Arc<ThreadPool> {
        Arc::clone(&self.pool)
    }
}

impl Drop for Runner<'_> {
    fn drop(&mut self) {
        let free = &self.runners.free;
        free.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::clone(&self.pool));
        self.runners.returned.notify_one();
    }
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoder")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Encoder {
    /// Reads what [`crate::convert`] made.
    ///
    /// # Errors
    /// Bytes that are cut, changed or of another version; a graph that the runtime refuses.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EncoderError> {
        let ([vocabulary, table, scales, places, norm, graph, notice], id) = split::<7>(bytes)?;
        let text = |bytes: &[u8]| {
            String::from_utf8(bytes.to_vec())
                .map_err(|_| EncoderError::Damaged("a text is not UTF-8".to_owned()))
        };
        let pieces = WordPiece::new(&text(vocabulary)?, PIECES)?;
        let (scales, places, norm) = (floats(scales), floats(places), floats(norm));
        let fits = table.len() == PIECES * WIDTH
            && scales.len() == PIECES
            && places.len() == LONGEST * WIDTH
            && norm.len() == 2 * WIDTH;
        if !fits {
            return Err(EncoderError::Damaged(
                "a table has the wrong size".to_owned(),
            ));
        }
        let mut options = ModelOptions::with_all_ops();
        options.prepack_weights(true);
        let model = options
            .load(graph.to_vec())
            .map_err(|e| EncoderError::Runtime(e.to_string()))?;
        let (&[input], &[output]) = (model.input_ids(), model.output_ids()) else {
            return Err(EncoderError::Damaged(
                "the graph has other inputs or outputs".to_owned(),
            ));
        };
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            pieces,
            table: table.iter().map(|v| v.cast_signed()).collect(),
            scales,
            places,
            norm,
            graph: model,
            input,
            output,
            runners: Runners::new(threads),
            id,
            notice: text(notice)?,
        })
    }

    /// A number that changes with the weights: vectors of encoders with different numbers do not go together.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Origin and licence of the weights.
    pub fn notice(&self) -> &str {
        &self.notice
    }

    /// Whether a word in small letters is in the vocabulary as a whole, and need not be put together from pieces.
    pub fn knows(&self, word: &str) -> bool {
        self.pieces.whole(word)
    }

    /// The vector of a text, [`WIDTH`] long, of length one. Beyond [`LONGEST`] tokens nothing is read.
    ///
    /// # Errors
    /// The runtime failed.
    pub fn encode(&self, text: &str) -> Result<Vec<f32>, EncoderError> {
        let failed = |e: &dyn std::fmt::Display| EncoderError::Runtime(e.to_string());
        let tokens = self.tokens(&self.pieces.ids(text));
        let rows = tokens.len() / WIDTH;
        let input = NdTensor::from_data([rows, WIDTH], tokens);
        let runner = self.runners.take();
        let options = RunOptions::default().with_thread_pool(Some(runner.pool()));
        let [out] = self
            .graph
            .run_n(
                vec![(self.input, input.view().into())],
                [self.output],
                Some(options),
            )
            .map_err(|e| failed(&e))?;
        drop(runner);
        let out: NdTensor<f32, 2> = out
            .try_into()
            .map_err(|_| failed(&"the result has another shape"))?;
        let mut mean = vec![0.0f32; WIDTH];
        for row in out.to_vec().chunks_exact(WIDTH) {
            mean.iter_mut().zip(row).for_each(|(m, v)| *m += v);
        }
        let length = mean.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-9);
        mean.iter_mut().for_each(|v| *v /= length);
        Ok(mean)
    }

    /// Word pieces and places added up and normalised.
    fn tokens(&self, ids: &[u32]) -> Vec<f32> {
        let mut out = Vec::with_capacity(ids.len() * WIDTH);
        for (place, &id) in ids.iter().enumerate() {
            let id = id as usize;
            let scale = self.scales[id];
            let begin = out.len();
            let piece = &self.table[id * WIDTH..][..WIDTH];
            let place = &self.places[place * WIDTH..][..WIDTH];
            out.extend(
                piece
                    .iter()
                    .zip(place)
                    .map(|(p, q)| f32::from(*p) * scale + q),
            );
            let row = &mut out[begin..];
            let mean = row.iter().sum::<f32>() / WIDTH as f32;
            let spread = row.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / WIDTH as f32;
            let factor = (spread + EPSILON).sqrt().recip();
            let (gain, shift) = self.norm.split_at(WIDTH);
            for ((v, g), s) in row.iter_mut().zip(gain).zip(shift) {
                *v = (*v - mean) * factor * g + s;
            }
        }
        out
    }
}
