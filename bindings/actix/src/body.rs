//! Reading a body within its limit.

use std::{future::poll_fn, pin::pin};

use actix_web::{
    body::{BodyStream, MessageBody as _},
    dev::Payload,
};
use bytes::Bytes;
use kernia_runtime::{BodyCollector, BodyError};

/// Reads all of `payload`, but never keeps more than `limit` bytes.
///
/// A body that announces too much is refused before a byte of it is read.
pub(crate) async fn read(payload: Payload, announced: u64, limit: usize) -> Result<Bytes, BodyError> {
    if matches!(payload, Payload::None) {
        return Ok(Bytes::new());
    }
    let mut collected = BodyCollector::new(limit, announced)?;
    let mut body = pin!(BodyStream::new(payload));
    while let Some(piece) = poll_fn(|context| body.as_mut().poll_next(context)).await {
        collected.push(piece.map_err(|_| BodyError::Unreadable)?)?;
    }
    Ok(collected.finish())
}
