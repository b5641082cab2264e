//! The bytes of a model: lengths and numbers in little-endian order, nothing else.

/// Why bytes are not a model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The bytes end too early.
    #[error("the model ends too early")]
    Short,
    /// A part does not fit another.
    #[error("the model is damaged: {0}")]
    Damaged(&'static str),
}

/// Appends values.
#[derive(Default)]
pub struct Writer {
    /// What was written.
    pub bytes: Vec<u8>,
}

impl Writer {
    pub fn u32(&mut self, value: u32) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub fn u64(&mut self, value: u64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub fn f32(&mut self, value: f32) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub fn block(&mut self, bytes: &[u8]) {
        self.u64(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    pub fn u32s(&mut self, values: &[u32]) {
        self.u64(values.len() as u64);
        values.iter().for_each(|v| self.u32(*v));
    }

    pub fn u64s(&mut self, values: &[u64]) {
        self.u64(values.len() as u64);
        values.iter().for_each(|v| self.u64(*v));
    }

    pub fn f32s(&mut self, values: &[f32]) {
        self.u64(values.len() as u64);
        values.iter().for_each(|v| self.f32(*v));
    }

    pub fn i8s(&mut self, values: &[i8]) {
        self.u64(values.len() as u64);
        self.bytes.extend(values.iter().map(|v| v.cast_unsigned()));
    }
}

/// Reads values back; a length is checked against what is left before anything is allocated.
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], CodecError> {
        let (head, rest) = self.rest.split_at_checked(count).ok_or(CodecError::Short)?;
        self.rest = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        self.take(N)?.try_into().map_err(|_| CodecError::Short)
    }

    pub fn u32(&mut self) -> Result<u32, CodecError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub fn u64(&mut self) -> Result<u64, CodecError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub fn f32(&mut self) -> Result<f32, CodecError> {
        Ok(f32::from_le_bytes(self.array()?))
    }

    fn items(&mut self, size: usize) -> Result<&'a [u8], CodecError> {
        let count = usize::try_from(self.u64()?).map_err(|_| CodecError::Short)?;
        self.take(count.checked_mul(size).ok_or(CodecError::Short)?)
    }

    pub fn block(&mut self) -> Result<&'a [u8], CodecError> {
        self.items(1)
    }

    pub fn u32s(&mut self) -> Result<Vec<u32>, CodecError> {
        Ok(self
            .items(4)?
            .as_chunks::<4>()
            .0
            .iter()
            .map(|c| u32::from_le_bytes(*c))
            .collect())
    }

    pub fn u64s(&mut self) -> Result<Vec<u64>, CodecError> {
        Ok(self
            .items(8)?
            .as_chunks::<8>()
            .0
            .iter()
            .map(|c| u64::from_le_bytes(*c))
            .collect())
    }

    pub fn f32s(&mut self) -> Result<Vec<f32>, CodecError> {
        Ok(self
            .items(4)?
            .as_chunks::<4>()
            .0
            .iter()
            .map(|c| f32::from_le_bytes(*c))
            .collect())
    }

    pub fn i8s(&mut self) -> Result<Vec<i8>, CodecError> {
        Ok(self.items(1)?.iter().map(|v| v.cast_signed()).collect())
    }
}
