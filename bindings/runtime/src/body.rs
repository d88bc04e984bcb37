//! Collecting a body within its limit.

use bytes::{Buf, Bytes, BytesMut};

use crate::BodyError;

/// Collects a body that comes in pieces, but never keeps more than its limit.
///
/// An empty body costs nothing, and one that comes in one piece is not copied.
#[derive(Debug)]
pub struct BodyCollector {
    limit: usize,
    first: Bytes,
    rest: BytesMut,
}

impl BodyCollector {
    /// Begins with nothing. `announced` is how many bytes will come at least, as far as it is known.
    ///
    /// # Errors
    /// [`BodyError::TooLarge`] when more is announced than `limit` bytes.
    pub fn new(limit: usize, announced: u64) -> Result<Self, BodyError> {
        if announced > limit as u64 {
            return Err(BodyError::TooLarge);
        }
        Ok(Self { limit, first: Bytes::new(), rest: BytesMut::new() })
    }

    /// Adds a piece.
    ///
    /// # Errors
    /// [`BodyError::TooLarge`] when it does not fit any more.
    pub fn push(&mut self, mut piece: impl Buf) -> Result<(), BodyError> {
        if self.first.len() + self.rest.len() + piece.remaining() > self.limit {
            return Err(BodyError::TooLarge);
        }
        if self.first.is_empty() && self.rest.is_empty() {
            self.first = piece.copy_to_bytes(piece.remaining());
            return Ok(());
        }
        if self.rest.is_empty() {
            self.rest.extend_from_slice(&std::mem::take(&mut self.first));
        }
        while piece.has_remaining() {
            let chunk = piece.chunk();
            self.rest.extend_from_slice(chunk);
            let read = chunk.len();
            piece.advance(read);
        }
        Ok(())
    }

    /// The whole body.
    #[must_use]
    pub fn finish(self) -> Bytes {
        if self.rest.is_empty() { self.first } else { self.rest.freeze() }
    }
}
