//! Reading and writing the blocks of the encoder file.

use crate::EncoderError;

const MAGIC: &[u8; 8] = b"OMBUDENC";
/// Version of the bytes. Raise it with each change of what they mean or of the graph.
const VERSION: u32 = 1;

/// Joins blocks behind a head with version and checksum.
pub fn join(blocks: &[&[u8]]) -> Vec<u8> {
    let mut body = Vec::with_capacity(blocks.iter().map(|b| b.len() + 8).sum());
    for block in blocks {
        body.extend_from_slice(&(block.len() as u64).to_le_bytes());
        body.extend_from_slice(block);
    }
    let mut out = Vec::with_capacity(body.len() + 20);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend_from_slice(&hash(&body).to_le_bytes());
    out.extend_from_slice(&body);
    out
}

/// The blocks of a file, and its checksum.
pub fn split<const N: usize>(bytes: &[u8]) -> Result<([&[u8]; N], u64), EncoderError> {
    let damaged = |what: &str| EncoderError::Damaged(what.to_owned());
    let rest = bytes
        .strip_prefix(MAGIC.as_slice())
        .ok_or_else(|| damaged("it is not an encoder"))?;
    let (version, rest) = rest
        .split_first_chunk::<4>()
        .ok_or_else(|| damaged("it is cut"))?;
    let found = u32::from_le_bytes(*version);
    if found != VERSION {
        return Err(EncoderError::Damaged(format!(
            "it has version {found}, this program reads {VERSION}"
        )));
    }
    let (sum, mut rest) = rest
        .split_first_chunk::<8>()
        .ok_or_else(|| damaged("it is cut"))?;
    let sum = u64::from_le_bytes(*sum);
    if hash(rest) != sum {
        return Err(damaged("its checksum differs"));
    }
    let mut out = [&[] as &[u8]; N];
    for block in &mut out {
        let (length, tail) = rest
            .split_first_chunk::<8>()
            .ok_or_else(|| damaged("it is cut"))?;
        let length =
            usize::try_from(u64::from_le_bytes(*length)).map_err(|_| damaged("it is cut"))?;
        (*block, rest) = tail
            .split_at_checked(length)
            .ok_or_else(|| damaged("it is cut"))?;
    }
    Ok((out, sum))
}

/// Little-endian floats.
pub fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|c| f32::from_le_bytes(*c))
        .collect()
}

/// Floats as little-endian bytes.
pub fn from_floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// A 64-bit hash over words of eight bytes, the last filled with zeros.
fn hash(bytes: &[u8]) -> u64 {
    let mix = |h: u64, v: u64| (h.rotate_left(5) ^ v).wrapping_mul(0x517c_c1b7_2722_0a95);
    let (words, tail) = bytes.as_chunks::<8>();
    let mut h = words
        .iter()
        .fold(bytes.len() as u64, |h, w| mix(h, u64::from_le_bytes(*w)));
    let mut last = [0; 8];
    last[..tail.len()].copy_from_slice(tail);
    h = mix(h, u64::from_le_bytes(last));
    h ^ (h >> 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_back_and_every_cut_or_change_is_noticed() {
        let bytes = join(&[b"one", b"", b"three and more"]);
        let ([a, b, c], _) = split::<3>(&bytes).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((a, b, c), (&b"one"[..], &b""[..], &b"three and more"[..]));
        for cut in 0..bytes.len() {
            assert!(split::<3>(&bytes[..cut]).is_err(), "{cut}");
        }
        for at in 0..bytes.len() {
            let mut other = bytes.clone();
            other[at] ^= 1;
            assert!(split::<3>(&other).is_err(), "{at}");
        }
    }
}
