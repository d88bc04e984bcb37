//! Reading a body within its limit.

use std::pin::pin;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Body;
use kernia_runtime::{BodyCollector, BodyError};

/// Reads all of `body`, but never keeps more than `limit` bytes.
///
/// A body that announces too much is refused before a byte of it is read.
pub(crate) async fn read<B: Body>(body: B, limit: usize) -> Result<Bytes, BodyError> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let mut collected = BodyCollector::new(limit, body.size_hint().lower())?;
    let mut body = pin!(body);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| BodyError::Unreadable)?;
        // Trailers mean nothing to a route.
        if let Ok(data) = frame.into_data() {
            collected.push(data)?;
        }
    }
    Ok(collected.finish())
}

#[cfg(test)]
mod tests {
    use std::{
        collections::VecDeque,
        convert::Infallible,
        pin::Pin,
        task::{Context, Poll},
    };

    use http::HeaderMap;
    use http_body_util::Full;
    use hyper::body::Frame;

    use super::*;

    /// A body in pieces that announces nothing, and notes how much of it was read.
    struct Pieces(VecDeque<Frame<Bytes>>);

    impl Pieces {
        fn new(pieces: &[&'static str]) -> Self {
            Self(pieces.iter().map(|piece| Frame::data(Bytes::from_static(piece.as_bytes()))).collect())
        }
    }

    impl Body for Pieces {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Ready(self.0.pop_front().map(Ok))
        }
    }

    #[tokio::test]
    async fn pieces_become_one_and_one_piece_is_not_copied() {
        assert_eq!(read(Pieces::new(&[]), 10).await.unwrap(), "");
        assert_eq!(read(Pieces::new(&["ab", "", "cd", "e"]), 10).await.unwrap(), "abcde");
        let whole = Bytes::from(vec![b'x'; 100]);
        let read = read(Full::new(whole.clone()), 100).await.unwrap();
        assert_eq!(read.as_ptr(), whole.as_ptr());
    }

    #[tokio::test]
    async fn the_limit_holds_while_reading() {
        assert_eq!(read(Pieces::new(&["abc", "de"]), 5).await.unwrap(), "abcde");
        let mut body = Pieces::new(&["abc", "def", "never read"]);
        assert_eq!(read(&mut body, 5).await, Err(BodyError::TooLarge));
        assert_eq!(body.0.len(), 1);
        let announced = Full::new(Bytes::from_static(b"123456"));
        assert_eq!(read(announced, 5).await, Err(BodyError::TooLarge));
    }

    #[tokio::test]
    async fn trailers_are_no_part_of_it() {
        let mut body = Pieces::new(&["ab"]);
        body.0.push_back(Frame::trailers(HeaderMap::new()));
        assert_eq!(read(body, 2).await.unwrap(), "ab");
    }
}
