//! Reading weights in the safetensors layout: eight bytes of length, a JSON head, then the numbers.

use crate::EncoderError;
use serde_json::Value;

/// Heads longer than this are refused (ours; the real one has 10 KB).
const LONGEST_HEAD: u64 = 1 << 20;

/// A file of weights.
pub struct Weights<'a> {
    head: Value,
    data: &'a [u8],
}

impl<'a> Weights<'a> {
    pub fn read(bytes: &'a [u8]) -> Result<Self, EncoderError> {
        let bad = |what: &str| EncoderError::Weights(what.to_owned());
        let (length, rest) = bytes
            .split_first_chunk::<8>()
            .ok_or_else(|| bad("the file is cut"))?;
        let length = u64::from_le_bytes(*length);
        if length > LONGEST_HEAD {
            return Err(bad("this is not a safetensors file"));
        }
        let (head, data) = rest
            .split_at_checked(length as usize)
            .ok_or_else(|| bad("the file is cut"))?;
        let head =
            serde_json::from_slice(head).map_err(|_| bad("this is not a safetensors file"))?;
        Ok(Self { head, data })
    }

    /// A matrix or vector of floats of exactly this shape.
    pub fn get(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, EncoderError> {
        let entry = self
            .head
            .get(name)
            .ok_or_else(|| EncoderError::OtherModel(format!("{name} is missing")))?;
        let numbers = |key: &str| -> Vec<usize> {
            let list = entry.get(key).and_then(Value::as_array);
            list.into_iter()
                .flatten()
                .filter_map(Value::as_u64)
                .map(|n| n as usize)
                .collect()
        };
        if entry.get("dtype").and_then(Value::as_str) != Some("F32") || numbers("shape") != shape {
            return Err(EncoderError::OtherModel(format!(
                "{name} has another shape or kind"
            )));
        }
        let cut = || EncoderError::Weights(format!("the file is cut at {name}"));
        let &[from, to] = numbers("data_offsets").as_slice() else {
            return Err(cut());
        };
        let bytes = self.data.get(from..to).ok_or_else(cut)?;
        if bytes.len() != shape.iter().product::<usize>() * 4 {
            return Err(cut());
        }
        Ok(crate::bytes::floats(bytes))
    }
}
