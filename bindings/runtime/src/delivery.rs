//! Mail and texts, sent behind the answer's back.
//!
//! Handing a message over costs the same whether it is sent in a millisecond or in a minute, so the time of an answer
//! does not tell whether there was anybody to write to.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use kernia::engine::{DeliverError, Message};
use tokio::{
    sync::{Semaphore, mpsc, watch},
    task::{JoinHandle, JoinSet},
    time::timeout,
};

/// Sends messages to people. What a [`Message`] is for is in its `kind`.
#[async_trait]
pub trait Deliver: Send + Sync {
    /// Sends `message`. It may take its time: nobody waits but other messages.
    ///
    /// # Errors
    /// [`DeliverError`], which is logged; its text must not hold the message's address, link or code.
    async fn deliver(&self, message: &Message) -> Result<(), DeliverError>;
}

/// How messages are sent.
#[derive(Clone, Copy, Debug)]
pub struct DeliverySettings {
    /// How many messages may wait. One more is refused, and the log says so.
    pub queue: usize,
    /// How many messages are sent at once.
    pub concurrency: usize,
    /// How long one message may take.
    pub timeout: Duration,
}

impl Default for DeliverySettings {
    fn default() -> Self {
        Self { queue: 1024, concurrency: 4, timeout: Duration::from_secs(30) }
    }
}

/// A queue of messages and the task that sends them.
pub(crate) struct Outbox {
    queue: mpsc::Sender<Message>,
    closing: watch::Sender<bool>,
    worker: Mutex<Option<JoinHandle<()>>>,
    counts: Arc<Counts>,
}

/// What an outbox has done and has yet to do.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) sent: AtomicU64,
    pub(crate) failed: AtomicU64,
    pub(crate) waiting: AtomicUsize,
}

impl Outbox {
    /// Starts the task. Must be called within a tokio runtime.
    pub(crate) fn start(deliver: Arc<dyn Deliver>, settings: DeliverySettings) -> Self {
        let (queue, messages) = mpsc::channel(settings.queue.max(1));
        let (closing, close) = watch::channel(false);
        let counts = Arc::<Counts>::default();
        let worker = Worker { deliver, settings, counts: Arc::clone(&counts) };
        let worker = tokio::spawn(worker.run(messages, close));
        Self { queue, closing, worker: Mutex::new(Some(worker)), counts }
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Puts a message into the queue.
    pub(crate) fn accept(&self, message: Message) -> Result<(), DeliverError> {
        self.counts.waiting.fetch_add(1, Ordering::Relaxed);
        self.queue.try_send(message).map_err(|error| {
            self.counts.waiting.fetch_sub(1, Ordering::Relaxed);
            self.counts.failed.fetch_add(1, Ordering::Relaxed);
            let why = match error {
                mpsc::error::TrySendError::Full(_) => "too many messages are waiting",
                mpsc::error::TrySendError::Closed(_) => "the server is stopping",
            };
            DeliverError(why.to_owned())
        })
    }

    /// Takes no more messages and sends those that wait, for at most `patience`. Answers how many were given up.
    pub(crate) async fn drain(&self, patience: Duration) -> usize {
        self.closing.send_replace(true);
        let worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut worker) = worker else { return 0 };
        if timeout(patience, &mut worker).await.is_ok() {
            return 0;
        }
        let left = self.counts.waiting.load(Ordering::Relaxed);
        worker.abort();
        left
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("counts", &self.counts).finish_non_exhaustive()
    }
}

struct Worker {
    deliver: Arc<dyn Deliver>,
    settings: DeliverySettings,
    counts: Arc<Counts>,
}

impl Worker {
    async fn run(self, mut messages: mpsc::Receiver<Message>, mut close: watch::Receiver<bool>) {
        let places = Arc::new(Semaphore::new(self.settings.concurrency.max(1)));
        let mut sending = JoinSet::new();
        let mut open = true;
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
            let message = tokio::select! {
                message = messages.recv() => message,
                _ = close.wait_for(|closing| *closing), if open => {
                    open = false;
                    // What is in the queue can still be received.
                    messages.close();
                    continue;
                }
            };
            let Some(message) = message else { break };
            let (deliver, counts) = (Arc::clone(&self.deliver), Arc::clone(&self.counts));
            let send = send(deliver, self.settings.timeout, message, counts);
            sending.spawn(async move {
                send.await;
                drop(place);
            });
            while sending.try_join_next().is_some() {}
        }
        while sending.join_next().await.is_some() {}
    }
}

async fn send(deliver: Arc<dyn Deliver>, patience: Duration, message: Message, counts: Arc<Counts>) {
    let mut attempt = Attempt { counts, succeeded: false };
    let failure = match timeout(patience, deliver.deliver(&message)).await {
        Ok(Ok(())) => {
            attempt.succeeded = true;
            return;
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => "the sender took too long".to_owned(),
    };
    tracing::error!(kind = message.kind, error = %failure, "a message was not sent");
}

/// Counts a message as sent or failed when it is over, also when the sender panics or is given up.
struct Attempt {
    counts: Arc<Counts>,
    succeeded: bool,
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.counts.waiting.fetch_sub(1, Ordering::Relaxed);
        let counter = if self.succeeded { &self.counts.sent } else { &self.counts.failed };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends when it is let, and keeps what it sent.
    struct Postman {
        leave: Semaphore,
        sent: Mutex<Vec<String>>,
    }

    impl Postman {
        fn new(leave: usize) -> Arc<Self> {
            Arc::new(Self { leave: Semaphore::new(leave), sent: Mutex::default() })
        }
    }

    #[async_trait]
    impl Deliver for Postman {
        async fn deliver(&self, message: &Message) -> Result<(), DeliverError> {
            self.leave.acquire().await.unwrap().forget();
            match message.to.as_str() {
                "bad" => Err(DeliverError("refused".to_owned())),
                "bug" => panic!("on purpose"),
                to => {
                    self.sent.lock().unwrap().push(to.to_owned());
                    Ok(())
                }
            }
        }
    }

    fn message(to: &str) -> Message {
        Message::new("test", to)
    }

    fn settings(queue: usize, concurrency: usize) -> DeliverySettings {
        DeliverySettings { queue, concurrency, ..DeliverySettings::default() }
    }

    fn done(outbox: &Outbox) -> (u64, u64) {
        let counts = outbox.counts();
        (counts.sent.load(Ordering::Relaxed), counts.failed.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn case_223_accepting_does_not_wait_for_sending_and_draining_does() {
        let postman = Postman::new(0);
        let outbox = Outbox::start(Arc::<Postman>::clone(&postman), settings(8, 2));
        for to in ["a", "b", "c"] {
            outbox.accept(message(to)).unwrap();
        }
        assert_eq!(done(&outbox), (0, 0));
        postman.leave.add_permits(3);
        assert_eq!(outbox.drain(Duration::from_secs(60)).await, 0);
        assert_eq!(done(&outbox), (3, 0));
        assert_eq!(postman.sent.lock().unwrap().len(), 3);
        assert_eq!(outbox.accept(message("d")), Err(DeliverError("the server is stopping".to_owned())));
    }

    #[tokio::test]
    async fn a_full_queue_refuses() {
        let outbox = Outbox::start(Postman::new(0), settings(2, 1));
        // The worker has not run yet, so all of these wait in the queue.
        outbox.accept(message("a")).unwrap();
        outbox.accept(message("b")).unwrap();
        assert!(outbox.accept(message("c")).is_err());
        assert_eq!(done(&outbox), (0, 1));
    }

    #[tokio::test]
    async fn failures_and_panics_are_counted_and_stop_nobody() {
        let outbox = Outbox::start(Postman::new(3), settings(8, 1));
        for to in ["bad", "bug", "good"] {
            outbox.accept(message(to)).unwrap();
        }
        assert_eq!(outbox.drain(Duration::from_secs(60)).await, 0);
        assert_eq!(done(&outbox), (1, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn case_223_a_sender_that_hangs_is_given_up() {
        let outbox = Outbox::start(Postman::new(0), settings(8, 1));
        outbox.accept(message("a")).unwrap();
        assert_eq!(outbox.drain(Duration::from_secs(60)).await, 0);
        assert_eq!(done(&outbox), (0, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn draining_ends_when_patience_does() {
        let outbox = Outbox::start(Postman::new(0), settings(8, 1));
        outbox.accept(message("a")).unwrap();
        outbox.accept(message("b")).unwrap();
        assert_eq!(outbox.drain(Duration::from_secs(10)).await, 2);
    }
}
