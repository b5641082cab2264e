//! Vectors in signed bytes, each with a scale.

use crate::codec::{CodecError, Reader, Writer};

/// Numbers in a vector.
pub const WIDTH: usize = 384;

/// Many vectors of length about one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Packed {
    bytes: Vec<i8>,
    scales: Vec<f32>,
}

impl Packed {
    pub fn len(&self) -> usize {
        self.scales.len()
    }

    /// Adds a vector; another length than [`WIDTH`] is filled or cut.
    pub fn push(&mut self, vector: &[f32]) {
        let (bytes, scale) = pack(vector);
        self.bytes.extend(bytes);
        self.scales.push(scale);
    }

    /// Adds a vector of another list as it stands.
    pub fn push_from(&mut self, other: &Self, at: usize) {
        self.bytes.extend_from_slice(other.row(at));
        self.scales.push(other.scales[at]);
    }

    /// Adds the last vector so many times more.
    pub fn repeat_last(&mut self, times: usize) {
        let Some(last) = self.len().checked_sub(1) else {
            return;
        };
        for _ in 0..times {
            self.bytes
                .extend_from_within(last * WIDTH..(last + 1) * WIDTH);
            self.scales.push(self.scales[last]);
        }
    }

    fn row(&self, at: usize) -> &[i8] {
        &self.bytes[at * WIDTH..][..WIDTH]
    }

    /// The vector as floats.
    pub fn unpack(&self, at: usize, out: &mut [f32; WIDTH]) {
        let scale = self.scales[at];
        out.iter_mut()
            .zip(self.row(at))
            .for_each(|(o, b)| *o = f32::from(*b) * scale);
    }

    pub fn write(&self, out: &mut Writer) {
        out.i8s(&self.bytes);
        out.f32s(&self.scales);
    }

    pub fn read(input: &mut Reader) -> Result<Self, CodecError> {
        let this = Self {
            bytes: input.i8s()?,
            scales: input.f32s()?,
        };
        match this.bytes.len() == this.scales.len() * WIDTH {
            true => Ok(this),
            false => Err(CodecError::Damaged("vectors are missing")),
        }
    }
}

fn pack(vector: &[f32]) -> (impl Iterator<Item = i8>, f32) {
    let scale = vector.iter().fold(1e-9f32, |most, v| most.max(v.abs())) / 127.0;
    let bytes = (0..WIDTH).map(move |at| vector.get(at).map_or(0, |v| (v / scale).round() as i8));
    (bytes, scale)
}

/// A text's vector, ready to be compared.
pub struct Query {
    bytes: Vec<i8>,
    scale: f32,
}

impl Query {
    pub fn new(vector: &[f32]) -> Self {
        let (bytes, scale) = pack(vector);
        Self {
            bytes: bytes.collect(),
            scale,
        }
    }

    /// The cosine to a stored vector.
    pub fn cosine(&self, lines: &Packed, at: usize) -> f32 {
        let pairs = self.bytes.iter().zip(lines.row(at));
        let sum: i32 = pairs.map(|(a, b)| i32::from(*a) * i32::from(*b)).sum();
        sum as f32 * self.scale * lines.scales[at]
    }
}

/// The product of two vectors of the same length, added up in sixteen lanes.
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let mut sums = [0.0f32; LANES];
    let (a, rest_a) = a.as_chunks::<LANES>();
    let (b, rest_b) = b.as_chunks::<LANES>();
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_vectors_keep_their_cosines() {
        let vector = |seed: usize| -> Vec<f32> {
            let raw: Vec<f32> = (0..WIDTH)
                .map(|i| ((i * 37 + seed * 101) % 97) as f32 - 48.0)
                .collect();
            let length = dot(&raw, &raw).sqrt();
            raw.into_iter().map(|v| v / length).collect()
        };
        let (a, b) = (vector(1), vector(2));
        let mut packed = Packed::default();
        packed.push(&a);
        packed.push(&b);
        let query = Query::new(&a);
        assert!((query.cosine(&packed, 0) - 1.0).abs() < 0.01);
        assert!((query.cosine(&packed, 1) - dot(&a, &b)).abs() < 0.01);
    }
}
