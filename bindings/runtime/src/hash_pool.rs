//! Password hashes away from the reactor, few at a time.

use std::{
    fmt, io,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
        mpsc,
    },
    thread::{self, available_parallelism},
};

use kernia::{
    crypto::password::{HashJob, VerifyJob},
    engine::HashFailure,
};
use tokio::sync::{Semaphore, oneshot};

/// Runs password hashes on threads of its own: at most `concurrency` at once, and at most `queue` waiting.
///
/// A hash takes 19 MiB and tens of milliseconds on purpose. Without a bound a burst of sign-ins would take all
/// memory, and without a bounded queue the last of them would wait for minutes; what does not fit is refused with
/// [`HashFailure::Overloaded`], which a client sees as 503 with `Retry-After`.
#[derive(Clone)]
pub struct HashPool {
    /// One place for every hash that runs or waits.
    places: Arc<Semaphore>,
    /// One permit for every hash that runs. Fair, so hashes start in the order in which they came.
    running: Arc<Semaphore>,
    threads: Arc<Threads>,
    concurrency: usize,
    queue: usize,
    rejected: Arc<AtomicU64>,
}

/// What a [`HashPool`] is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashPoolStatus {
    /// Hashes that run.
    pub running: usize,
    /// Hashes that wait.
    pub queued: usize,
    /// Hashes that were refused since the pool was made.
    pub rejected: u64,
}

impl HashPool {
    /// How many hashes may wait unless something else is asked for.
    pub const DEFAULT_QUEUE: usize = 64;

    /// A pool that runs at most `concurrency` hashes at once and lets at most `queue` wait.
    #[must_use]
    pub fn new(concurrency: NonZeroUsize, queue: usize) -> Self {
        let concurrency = concurrency.get().min(Semaphore::MAX_PERMITS / 2);
        let queue = queue.min(Semaphore::MAX_PERMITS / 2);
        Self {
            places: Arc::new(Semaphore::new(concurrency + queue)),
            running: Arc::new(Semaphore::new(concurrency)),
            threads: Arc::new(Threads::new(concurrency)),
            concurrency,
            queue,
            rejected: Arc::default(),
        }
    }

    /// As many hashes at once as the machine has cores.
    #[must_use]
    pub fn cores() -> NonZeroUsize {
        available_parallelism().unwrap_or(NonZeroUsize::MIN)
    }

    /// Hashes a password.
    ///
    /// # Errors
    /// [`HashFailure`].
    pub async fn hash(&self, job: HashJob) -> Result<String, HashFailure> {
        self.run(move || job.run()).await?.map_err(|error| HashFailure::Failed(error.to_string()))
    }

    /// Checks a password.
    ///
    /// # Errors
    /// [`HashFailure`].
    pub async fn verify(&self, job: VerifyJob) -> Result<bool, HashFailure> {
        self.run(move || job.run().matches).await
    }

    /// What the pool is doing.
    #[must_use]
    pub fn status(&self) -> HashPoolStatus {
        let running = self.concurrency.saturating_sub(self.running.available_permits());
        let taken = (self.concurrency + self.queue).saturating_sub(self.places.available_permits());
        HashPoolStatus {
            running,
            queued: taken.saturating_sub(running),
            rejected: self.rejected.load(Ordering::Relaxed),
        }
    }

    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashFailure> {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            self.rejected.fetch_add(1, Ordering::Relaxed);
            return Err(HashFailure::Overloaded);
        };
        let permit = Arc::clone(&self.running).acquire_owned().await;
        let permit = permit.map_err(|_| HashFailure::Failed("the pool is closed".to_owned()))?;
        let (answer, outcome) = oneshot::channel();
        let started = self.threads.run(Box::new(move || {
            // The permits move with the work: a client that hangs up must not make room for a hash that still runs.
            let held = (place, permit);
            let result = work();
            drop(held);
            let _ = answer.send(result);
        }));
        started.map_err(|error| HashFailure::Failed(error.to_string()))?;
        outcome.await.map_err(|_| HashFailure::Failed("the hash did not finish".to_owned()))
    }
}

type Work = Box<dyn FnOnce() + Send>;

/// At most so many threads, started when they are first needed, for as long as the pool lives.
///
/// What a thread has freed, the allocator keeps for that thread. Tokio starts another blocking thread whenever none is idle at the
/// moment, and each of them would come to hold tens of MiB.
struct Threads {
    queue: mpsc::Sender<Work>,
    waiting: Arc<Mutex<mpsc::Receiver<Work>>>,
    started: AtomicUsize,
    most: usize,
}

impl Threads {
    fn new(most: usize) -> Self {
        let (queue, waiting) = mpsc::channel();
        Self { queue, waiting: Arc::new(Mutex::new(waiting)), started: AtomicUsize::new(0), most }
    }

    /// Hands `work` to the next thread that has none.
    fn run(&self, work: Work) -> io::Result<()> {
        let one_more = |started| (started < self.most).then_some(started + 1);
        if self.started.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok() {
            let waiting = Arc::clone(&self.waiting);
            let thread = thread::Builder::new().name("kernia-hash".to_owned()).spawn(move || work_off(&waiting));
            if let Err(error) = thread {
                self.started.fetch_sub(1, Ordering::Relaxed);
                return Err(error);
            }
        }
        self.queue.send(work).map_err(|_| io::Error::other("the pool is closed"))
    }
}

/// Does what comes until the pool is gone.
fn work_off(waiting: &Mutex<mpsc::Receiver<Work>>) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = next else { return };
        // Whoever asked finds out by the answer that never comes.
        let _ = catch_unwind(AssertUnwindSafe(work));
    }
}

impl Default for HashPool {
    fn default() -> Self {
        Self::new(Self::cores(), Self::DEFAULT_QUEUE)
    }
}

impl fmt::Debug for HashPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashPool").field("status", &self.status()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Condvar, Mutex, atomic::AtomicUsize};

    use kernia::crypto::{
        password::{Argon2Params, HashAlgorithm},
        secret::Secret,
    };

    use super::*;

    /// Work that waits until the gate opens, and counts how much of it runs at once.
    #[derive(Default)]
    struct Gate {
        open: Mutex<bool>,
        opened: Condvar,
        running: AtomicUsize,
        most: AtomicUsize,
    }

    impl Gate {
        fn pass(&self) {
            let now = self.running.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            let mut open = self.open.lock().unwrap();
            while !*open {
                open = self.opened.wait(open).unwrap();
            }
            self.running.fetch_sub(1, Ordering::SeqCst);
        }

        fn open(&self) {
            *self.open.lock().unwrap() = true;
            self.opened.notify_all();
        }
    }

    fn pool(concurrency: usize, queue: usize) -> HashPool {
        HashPool::new(NonZeroUsize::new(concurrency).unwrap(), queue)
    }

    async fn burst(pool: &HashPool, gate: &Arc<Gate>, count: usize) -> Vec<Result<(), HashFailure>> {
        let tasks: Vec<_> = (0..count)
            .map(|_| {
                let (pool, gate) = (pool.clone(), Arc::clone(gate));
                tokio::spawn(async move { pool.run(move || gate.pass()).await })
            })
            .collect();
        // Nothing can finish before the gate opens, so all that can be refused has been once these are.
        while (pool.status().rejected as usize) < count - pool.concurrency - pool.queue {
            tokio::task::yield_now().await;
        }
        gate.open();
        let mut results = Vec::new();
        for task in tasks {
            results.push(task.await.unwrap());
        }
        results
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn case_017_a_burst_is_bounded_and_the_rest_refused() {
        let pool = pool(2, 4);
        let gate = Arc::new(Gate::default());
        let results = burst(&pool, &gate, 200).await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 6);
        let refused = results.iter().filter(|result| **result == Err(HashFailure::Overloaded));
        assert_eq!(refused.count(), 194);
        assert!(gate.most.load(Ordering::SeqCst) <= 2);
        assert_eq!(pool.status(), HashPoolStatus { running: 0, queued: 0, rejected: 194 });
    }

    #[tokio::test]
    async fn those_who_leave_the_queue_make_room_and_those_who_leave_a_running_hash_do_not() {
        let pool = pool(1, 1);
        let gate = Arc::new(Gate::default());
        let start = |pool: &HashPool| {
            let (pool, gate) = (pool.clone(), Arc::clone(&gate));
            tokio::spawn(async move { pool.run(move || gate.pass()).await })
        };
        let first = start(&pool);
        while gate.running.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        let second = start(&pool);
        while pool.status().queued == 0 {
            tokio::task::yield_now().await;
        }
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        assert_eq!(pool.run(|| ()).await, Err(HashFailure::Overloaded));
        second.abort();
        assert!(second.await.unwrap_err().is_cancelled());
        assert_eq!((pool.status().running, pool.status().queued), (1, 0));
        let third = start(&pool);
        gate.open();
        assert_eq!(third.await.unwrap(), Ok(()));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn many_hashes_share_few_threads() {
        let pool = pool(2, 200);
        let tasks: Vec<_> = (0..200)
            .map(|_| {
                let pool = pool.clone();
                tokio::spawn(async move { pool.run(|| std::thread::current().id()).await })
            })
            .collect();
        let mut threads = std::collections::HashSet::new();
        for task in tasks {
            threads.insert(task.await.unwrap().unwrap());
        }
        assert!(threads.len() <= 2, "{}", threads.len());
    }

    #[tokio::test]
    async fn a_hash_that_panics_fails_and_gives_its_place_back() {
        let pool = pool(1, 0);
        let broken: Result<(), _> = pool.run(|| panic!("on purpose")).await;
        assert!(matches!(broken, Err(HashFailure::Failed(_))));
        assert_eq!(pool.run(|| 7).await, Ok(7));
    }

    #[tokio::test]
    async fn what_is_hashed_verifies() {
        let cost = Argon2Params { memory_kib: 8, passes: 1, lanes: 1 };
        let job =
            HashJob { password: Secret::from("pässword"), algorithm: HashAlgorithm::Argon2id(cost), salt: [7; 16] };
        let pool = HashPool::default();
        let hash = pool.hash(job).await.unwrap();
        let verify =
            |password| VerifyJob { password: Secret::from(password), hash: hash.clone(), keys: Arc::default() };
        assert_eq!(pool.verify(verify("pässword")).await, Ok(true));
        assert_eq!(pool.verify(verify("password")).await, Ok(false));
    }
}
