//! Answers kept for calls that take one from before.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{Response, StatusCode, Uri};
use kernia::engine::{FetchError, FetchPolicy};
use tokio::{sync::Mutex as AsyncMutex, time::Instant};

/// The largest answer that is kept, in bytes.
const MAX_BYTES: usize = 256 * 1024;

/// Who asks for what.
pub(crate) type Key = (Uri, FetchPolicy);

/// Answers by address, as many as allowed.
#[derive(Debug)]
pub(crate) struct KeptAnswers {
    max: usize,
    answers: Mutex<HashMap<Key, Arc<Place>>>,
}

#[derive(Debug)]
struct Place {
    /// Held while somebody asks, so that others wait for the same answer.
    kept: AsyncMutex<Option<Kept>>,
    used: Mutex<Instant>,
}

#[derive(Clone, Debug)]
struct Kept {
    at: Instant,
    response: Response<Bytes>,
}

impl KeptAnswers {
    pub(crate) fn new(max: usize) -> Self {
        Self { max: max.max(1), answers: Mutex::default() }
    }

    /// The answer that is kept for `key`, if it is no older than `max_age`; else what `ask` answers, which is kept if it is a `200`.
    pub(crate) async fn get_or(
        &self,
        key: Key,
        max_age: Duration,
        ask: impl Future<Output = Result<Response<Bytes>, FetchError>>,
    ) -> Result<Response<Bytes>, FetchError> {
        let place = self.place(key);
        let mut kept = place.kept.lock().await;
        if let Some(young) = kept.as_ref().filter(|kept| kept.at.elapsed() <= max_age) {
            return Ok(young.response.clone());
        }
        let response = ask.await?;
        if response.status() == StatusCode::OK && response.body().len() <= MAX_BYTES {
            *kept = Some(Kept { at: Instant::now(), response: response.clone() });
        }
        Ok(response)
    }

    /// The place of `key`; when all are taken, the one that was longest not used makes room.
    fn place(&self, key: Key) -> Arc<Place> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if let Some(place) = answers.get(&key) {
            *place.used.lock().unwrap_or_else(PoisonError::into_inner) = now;
            return Arc::clone(place);
        }
        if answers.len() >= self.max {
            let used = |place: &Place| *place.used.lock().unwrap_or_else(PoisonError::into_inner);
            let oldest = answers.iter().min_by_key(|(_, place)| used(place)).map(|(key, _)| key.clone());
            oldest.map(|key| answers.remove(&key));
        }
        let place = Arc::new(Place { kept: AsyncMutex::new(None), used: Mutex::new(now) });
        answers.insert(key, Arc::clone(&place));
        place
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const AGE: Duration = Duration::from_secs(300);

    fn key(path: &str) -> Key {
        (format!("https://a.test/{path}").parse().unwrap(), FetchPolicy::Configured)
    }

    async fn asked(kept: &KeptAnswers, key: Key, max_age: Duration, status: u16, count: &AtomicUsize) -> usize {
        let ask = async {
            let number = count.fetch_add(1, Ordering::SeqCst);
            Ok(Response::builder().status(status).body(Bytes::from(number.to_string())).unwrap())
        };
        let response = kept.get_or(key, max_age, ask).await.unwrap();
        std::str::from_utf8(response.body()).unwrap().parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_kept_for_as_long_as_the_caller_takes_it() {
        let (kept, count) = (KeptAnswers::new(8), AtomicUsize::new(0));
        assert_eq!(asked(&kept, key("k"), AGE, 200, &count).await, 0);
        assert_eq!(asked(&kept, key("k"), AGE, 200, &count).await, 0);
        tokio::time::advance(Duration::from_secs(31)).await;
        assert_eq!(asked(&kept, key("k"), AGE, 200, &count).await, 0);
        assert_eq!(asked(&kept, key("k"), Duration::from_secs(30), 200, &count).await, 1);
        assert_eq!(asked(&kept, key("k"), Duration::from_secs(30), 200, &count).await, 1);
        let other = (key("k").0, FetchPolicy::Untrusted);
        assert_eq!(asked(&kept, other, AGE, 200, &count).await, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn failures_are_not_kept_and_places_are_bounded() {
        let (kept, count) = (KeptAnswers::new(2), AtomicUsize::new(0));
        assert_eq!(asked(&kept, key("a"), AGE, 503, &count).await, 0);
        assert_eq!(asked(&kept, key("a"), AGE, 200, &count).await, 1);
        for path in ["b", "c"] {
            tokio::time::advance(Duration::from_secs(1)).await;
            asked(&kept, key(path), AGE, 200, &count).await;
        }
        assert_eq!(kept.answers.lock().unwrap().len(), 2);
        assert_eq!(asked(&kept, key("a"), AGE, 200, &count).await, 4, "the oldest made room");
    }
}
