//! The world: servers that share two stores, clients with cookies, and everything in between, which can fail.

use std::{collections::BTreeMap, sync::Arc};

use kernia::{
    Engine, EngineBuilder,
    crypto::entropy::SeededEntropy,
    engine::{Effect, Exchange, Outcome, Step},
    store::{
        Batch, CacheOp, Conflict, Rows, Statement, StorageError,
        memory::{Limiter, MemoryCache, MemoryStore},
    },
    testing::{Outside, TestResponse, every_plugin},
    wire::date::{FixedClock, Timestamp},
};

use crate::{
    actions::{self, Action, Carry, Scene, Target},
    client::{self, Client},
    dice::Dice,
    history::{Ask, Fault, Move},
    judge::{self, Case},
    ledger::{Author, Ledger},
    mail,
    mutants::{Memory, Mutant},
    setting::Setting,
    state::State,
    violation::Checked,
};

const START_MILLIS: i64 = 1_767_225_600_000;
/// How long it takes to come back from what the disks have: longer than a cookie is believed.
const RECOVERY_MILLIS: i64 = 600_000;

struct Server {
    engine: Engine,
    clock: Arc<FixedClock>,
    limiter: Limiter,
    skew: i64,
}

/// A request in flight.
struct Flight {
    author: Author,
    exchange: Exchange,
    client: usize,
    server: usize,
    /// Whether nothing else was in flight since it began.
    alone: bool,
    faulted: bool,
    /// Whether its server has lost its connection to the database.
    cut_off: bool,
    redirects_well: bool,
    cached_at: Option<i64>,
    request: String,
    /// The second half of a batch that was split, and what the first half came to.
    half: Option<(Batch, Vec<Rows>)>,
}

/// What the disks have.
struct Synced {
    store: MemoryStore,
    cache: MemoryCache,
    ledger: Ledger,
}

/// The world of one history.
pub(crate) struct World {
    setting: Setting,
    seed: u64,
    servers: Vec<Server>,
    clients: Vec<Client>,
    outside: Outside,
    clock: Arc<FixedClock>,
    state: State,
    ledger: Ledger,
    flights: Vec<Flight>,
    late: Vec<(Effect, Author)>,
    synced: Option<Synced>,
    mutant: Option<(&'static Mutant, Memory)>,
    /// How many servers were started.
    starts: u64,
    /// How often each action succeeded.
    successes: BTreeMap<&'static str, u64>,
    /// What happened, in words, if anybody wants to know.
    trace: Option<Vec<String>>,
}

impl World {
    pub(crate) fn new(seed: u64, setting: Setting, mutant: Option<&'static Mutant>, traced: bool) -> Self {
        let clock = Arc::new(FixedClock::new(Timestamp::from_millis(START_MILLIS)));
        let mut starts = 0;
        let servers: Vec<_> = (0..setting.engines).map(|at| start(&setting, seed, at, &mut starts)).collect();
        let engine = &servers[0].engine;
        let places = engine.installation().places;
        let outside = Outside::new(MemoryStore::new(engine.schema()), MemoryCache::new(clock.clone()));
        let clients = vec![Client::default(); setting.clients];
        let ledger = Ledger::new(places, setting.skew, START_MILLIS);
        let (state, flights, late, successes) = Default::default();
        let mutant = mutant.map(|mutant| (mutant, Memory::default()));
        let trace = traced.then(Vec::new);
        let synced = None;
        Self {
            setting,
            seed,
            servers,
            clients,
            outside,
            clock,
            state,
            ledger,
            flights,
            late,
            synced,
            mutant,
            starts,
            successes,
            trace,
        }
    }

    /// What happened.
    pub(crate) fn trace(&self) -> &[String] {
        self.trace.as_deref().unwrap_or_default()
    }

    /// How often each action succeeded.
    pub(crate) fn successes(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.successes.iter().map(|(name, count)| (*name, *count))
    }

    fn note(&mut self, what: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(what());
        }
    }

    /// Lets one thing happen.
    pub(crate) fn happen(&mut self, at: usize, happening: &Move) -> Checked {
        self.note(|| format!("{at:3} {happening:?}"));
        match happening {
            Move::Ask(ask) => self.ask(ask),
            Move::Step { pick, fault } => self.step(*pick, *fault).map(drop),
            Move::Finish { pick } => self.finish(*pick),
            Move::HangUp { pick } => {
                if let Some(at) = self.picked(*pick) {
                    self.ledger.torn = true;
                    drop(self.flights.swap_remove(at));
                }
                Ok(())
            }
            Move::Land => self.land(),
            Move::Advance { millis } => self.advance(*millis),
            Move::Skew { engine, millis } => {
                self.servers[*engine].skew = *millis;
                self.advance(0)
            }
            Move::Kill { engine } => {
                self.ledger.torn = true;
                self.flights.retain(|flight| flight.server != *engine);
                self.restart(*engine);
                Ok(())
            }
            Move::Crash => {
                self.late.retain(|(effect, _)| !matches!(effect, Effect::Write(_)));
                self.flights.iter_mut().for_each(|flight| flight.cut_off = true);
                Ok(())
            }
            Move::Sync => {
                let (store, cache) = (self.outside.store.fork(), self.outside.cache.fork());
                self.synced = Some(Synced { store, cache, ledger: self.ledger.clone() });
                Ok(())
            }
            Move::Lie => self.lose_power(),
            Move::LoseCache => {
                self.outside.cache = Arc::new(MemoryCache::new(self.clock.clone()));
                self.state.read_cache(&self.outside.cache);
                self.ledger.torn = true;
                self.flights.iter_mut().for_each(|flight| flight.alone = false);
                self.ledger.adopt(&self.state.live(self.ledger.places))
            }
            Move::Sweep { engine } => self.sweep(*engine),
        }
    }

    /// Lets everything that has begun come to its end.
    pub(crate) fn drain(&mut self) -> Checked {
        self.note(|| "everything ends".to_owned());
        while !self.flights.is_empty() {
            self.finish(0)?;
        }
        self.state.check_secret()
    }

    fn picked(&self, pick: usize) -> Option<usize> {
        pick.checked_rem(self.flights.len())
    }

    fn ask(&mut self, ask: &Ask) -> Checked {
        self.advance(self.setting.tick)?;
        let action = &actions::all()[ask.action];
        let mut dice = Dice::new(ask.dice);
        let who = self.who(ask.client, action, &mut dice);
        let client = &self.clients[who];
        let token = client.session_token();
        let foreign = dice.chance(3);
        let (ledger, setting) = (&self.ledger, &self.setting);
        let (challenge, trusted) = (client.challenge(), client.trusted());
        let mut scene = Scene {
            dice,
            ledger,
            setting,
            token: token.clone(),
            challenge,
            trusted,
            kept: client.kept(),
            ceremony: client.ceremony(),
            hostile: false,
        };
        let mut asked = (action.ask)(&mut scene);
        let redirects_well = !scene.hostile && !foreign;
        let server = &self.servers[ask.engine];
        let token = match &asked.carry {
            Carry::Cookies | Carry::WithoutChallenge => token,
            Carry::Bearer(token) => Some(token.clone()),
            Carry::Nothing | Carry::WithoutSession => None,
        };
        let by_cookies = !matches!(asked.carry, Carry::Bearer(_) | Carry::Nothing);
        if by_cookies && asked.carry != Carry::WithoutSession {
            asked.claim.kept = client.kept();
        }
        let cached_at = client.cached_at().filter(|_| by_cookies && asked.carry != Carry::WithoutSession);
        let forged = foreign && by_cookies && !client.is_empty();
        let (exchange, request) = match &asked.target {
            Target::Http(request) => {
                let request = client::dress(client, request, &asked.carry, foreign);
                let text = client::text(&request);
                (server.engine.begin(request), text)
            }
            Target::Call(name, body) => {
                let (call, text) = client::call(client, &asked.carry, body);
                (server.engine.begin_call(name, call).expect("a route"), text)
            }
        };
        let changes = !matches!(&asked.target, Target::Http(request) if request.method == http::Method::GET);
        let over_http = matches!(asked.target, Target::Http(_));
        let author = self.ledger.author(action, asked.claim, token, !(forged && changes && over_http));
        self.note(|| format!("    {} of client {who} at server {}: {request}", action.name, ask.engine));
        let alone = self.flights.is_empty();
        self.flights.iter_mut().for_each(|flight| flight.alone = false);
        let (client, server) = (who, ask.engine);
        let (faulted, cut_off, half) = (false, false, None);
        self.flights.push(Flight {
            author,
            exchange,
            client,
            server,
            alone,
            faulted,
            cut_off,
            redirects_well,
            cached_at,
            request,
            half,
        });
        if ask.at_once { self.finish(self.flights.len() - 1) } else { Ok(()) }
    }

    /// Who does it: mostly somebody who is signed in, where that is needed.
    fn who(&self, client: usize, action: &Action, dice: &mut Dice) -> usize {
        let lives = |client: &Client| {
            let token = client.session_token();
            token.and_then(|token| self.ledger.sessions.get(&token)).is_some_and(|session| session.live)
        };
        if action.session == actions::Session::Waiting {
            let waiting = self.clients.iter().enumerate().filter(|(_, client)| client.challenge().is_some());
            return dice.pick(waiting).map_or(client, |(at, _)| at);
        }
        let wants = action.needs_session() || action.powers.contains(&actions::Power::SwitchSecondFactor);
        if !wants || lives(&self.clients[client]) || dice.chance(15) {
            return client;
        }
        let signed_in = self.clients.iter().enumerate().filter(|(_, client)| lives(client));
        dice.pick(signed_in).map_or(client, |(at, _)| at)
    }

    fn finish(&mut self, pick: usize) -> Checked {
        let Some(at) = self.picked(pick) else { return Ok(()) };
        while !self.step(at, Fault::None)? {}
        Ok(())
    }

    /// Performs one effect of a request in flight, or takes its answer. True when it is over, or there is none.
    fn step(&mut self, pick: usize, fault: Fault) -> Result<bool, crate::violation::Violation> {
        let Some(at) = self.picked(pick) else { return Ok(true) };
        self.ledger.step += 1;
        let mut flight = self.flights.swap_remove(at);
        if let Some((rest, first)) = flight.half.take() {
            let outcome = self.perform_checked(Effect::Write(rest), &mut flight)?;
            flight.exchange.supply(joined(first, outcome));
        } else {
            match flight.exchange.step() {
                Step::Perform(effect) => self.perform_faulty(effect, &mut flight, fault)?,
                Step::Respond(response) => {
                    self.answered(flight, TestResponse::read(response))?;
                    return Ok(true);
                }
            }
        }
        // Where it was, so that a number names the same one.
        self.flights.push(flight);
        let last = self.flights.len() - 1;
        self.flights.swap(at, last);
        Ok(false)
    }

    fn perform_faulty(&mut self, effect: Effect, flight: &mut Flight, fault: Fault) -> Checked {
        let database = matches!(effect, Effect::Read(_) | Effect::Write(_));
        let fault = if std::mem::take(&mut flight.cut_off) && database { Fault::Refused } else { fault };
        let changes = matches!(&effect, Effect::Write(_)) || matches!(&effect, Effect::Cache(op) if changes(op));
        let name = effect.name();
        self.note(|| format!("    {}: {name} {fault:?}", flight.author.action.name));
        if fault == Fault::None {
            let outcome = self.perform(effect, flight)?;
            if flight.half.is_none() {
                flight.exchange.supply(outcome);
            }
            return Ok(());
        }
        flight.faulted = true;
        self.ledger.torn = true;
        let outage = Outside::outage(&effect);
        match fault {
            Fault::ReplyLost => drop(self.perform_checked(effect, flight)?),
            Fault::Late if changes => self.late.push((effect, flight.author.clone())),
            _ => {}
        }
        flight.exchange.supply(match outage {
            Outcome::Write(Err(_)) if fault == Fault::ReplyLost => Outcome::Write(Err(StorageError::Timeout)),
            outage => outage,
        });
        Ok(())
    }

    /// Performs an effect, unless it is a batch that a mutant splits: then the first half of it.
    fn perform(&mut self, mut effect: Effect, flight: &mut Flight) -> Result<Outcome, crate::violation::Violation> {
        if self.mutant.as_ref().is_some_and(|(mutant, _)| mutant.splits)
            && let Effect::Write(batch) = &mut effect
            && batch.statements.len() > 1
            // The second half could not name rows that the first half inserts and the database numbers.
            && !matches!(batch.statements[0], Statement::Insert { .. })
        {
            let rest = batch.statements.split_off(batch.statements.len() / 2);
            let outcome = self.perform_checked(effect, flight)?;
            return Ok(match outcome {
                Outcome::Write(Ok(first)) => {
                    flight.half = Some((Batch { statements: rest }, first));
                    Outcome::Emit
                }
                outcome => outcome,
            });
        }
        self.perform_checked(effect, flight)
    }

    fn perform_checked(&mut self, effect: Effect, flight: &mut Flight) -> Result<Outcome, crate::violation::Violation> {
        if let Effect::Forget(key) = effect {
            self.servers[flight.server].limiter.forget(&key);
            return Ok(Outcome::Forget);
        }
        if let Effect::Limit(hit) = effect {
            return Ok(Outcome::Limit(self.servers[flight.server].limiter.hit(hit)));
        }
        self.perform_for(effect, &mut flight.author, &flight.request)
    }

    /// Performs an effect and follows what it changes.
    fn perform_for(
        &mut self,
        mut effect: Effect,
        author: &mut Author,
        request: &str,
    ) -> Result<Outcome, crate::violation::Violation> {
        let (database, cache) =
            (matches!(effect, Effect::Write(_)), matches!(&effect, Effect::Cache(op) if changes(op)));
        let told = matches!(effect, Effect::Deliver(_) | Effect::Emit(_));
        let outcome = match &mut self.mutant {
            None => self.outside.perform_now(effect),
            Some((mutant, memory)) => {
                if let Effect::Write(batch) = &mut effect {
                    (mutant.batch)(batch, author);
                }
                (mutant.effect)(&mut effect, author);
                (mutant.perform)(&self.outside, effect, memory)
            }
        };
        if database {
            let was = self.state.read_database(&self.outside.store);
            self.ledger.database(&was, &self.state, Some(author))?;
        }
        if database || (cache && self.state.read_cache(&self.outside.cache)) {
            self.ledger.follow(self.state.live(self.ledger.places), Some(author))?;
            self.state.check(self.ledger.now, self.ledger.skew)?;
        }
        if told {
            for message in self.outside.take_messages() {
                mail::sent(&mut self.ledger, &self.state, &message, author, request)?;
            }
            for event in self.outside.take_events() {
                mail::emitted(&self.ledger, &event)?;
            }
        }
        Ok(outcome)
    }

    fn answered(&mut self, flight: Flight, answer: TestResponse) -> Checked {
        self.note(|| format!("    {} is answered {} {}", flight.author.action.name, answer.status, answer.text));
        let calm = !flight.faulted && flight.alone && flight.redirects_well;
        let sure = calm && self.setting.skew == 0 && !self.setting.rate_limit;
        let mut case = Case {
            ledger: &mut self.ledger,
            setting: &self.setting,
            author: &flight.author,
            answer: &answer,
            request: &flight.request,
            faulted: flight.faulted,
            sure,
            redirects_well: flight.redirects_well,
            cached_at: flight.cached_at,
        };
        judge::answer(&mut case)?;
        if case.succeeded() {
            *self.successes.entry(flight.author.action.name).or_default() += 1;
        }
        self.clients[flight.client].receive(&answer, self.ledger.now);
        Ok(())
    }

    fn land(&mut self) -> Checked {
        for (effect, mut author) in std::mem::take(&mut self.late) {
            self.ledger.step += 1;
            self.flights.iter_mut().for_each(|flight| flight.alone = false);
            self.perform_for(effect, &mut author, "")?;
        }
        Ok(())
    }

    fn advance(&mut self, millis: i64) -> Checked {
        self.ledger.now += millis;
        let now = self.ledger.now;
        self.clock.set(Timestamp::from_millis(now));
        for server in &self.servers {
            server.clock.set(Timestamp::from_millis(now + server.skew));
        }
        if self.state.read_cache(&self.outside.cache) {
            self.ledger.follow(self.state.live(self.ledger.places), None)?;
        }
        Ok(())
    }

    fn sweep(&mut self, engine: usize) -> Checked {
        self.ledger.step += 1;
        let batch = self.servers[engine].engine.janitor(100);
        let _ = self.outside.perform_now(Effect::Write(batch));
        let was = self.state.read_database(&self.outside.store);
        self.ledger.database(&was, &self.state, None)?;
        self.ledger.follow(self.state.live(self.ledger.places), None)?;
        self.state.check(self.ledger.now, self.ledger.skew)
    }

    fn restart(&mut self, engine: usize) {
        let skew = self.servers[engine].skew;
        let mut server = start(&self.setting, self.seed, engine, &mut self.starts);
        server.skew = skew;
        server.clock.set(Timestamp::from_millis(self.ledger.now + skew));
        self.servers[engine] = server;
    }

    /// Everything stops, and comes back as it was at the last sync.
    fn lose_power(&mut self) -> Checked {
        let Some(synced) = &self.synced else { return Ok(()) };
        self.flights.clear();
        self.late.clear();
        self.outside.store = synced.store.fork();
        self.outside.cache = Arc::new(synced.cache.fork());
        let (step, now) = (self.ledger.step, self.ledger.now);
        let mut ledger = Ledger { step, now, torn: true, ..synced.ledger.clone() };
        // What was sent cannot be taken back.
        ledger.mails.extend(self.ledger.mails.iter().skip(ledger.mails.len()).cloned());
        self.ledger = ledger;
        (0..self.servers.len()).for_each(|engine| self.restart(engine));
        self.state.read_database(&self.outside.store);
        self.state.read_cache(&self.outside.cache);
        self.ledger.adopt(&self.state.live(self.ledger.places))?;
        self.advance(RECOVERY_MILLIS)
    }
}

fn start(setting: &Setting, seed: u64, engine: usize, starts: &mut u64) -> Server {
    *starts += 1;
    let clock = Arc::new(FixedClock::new(Timestamp::from_millis(START_MILLIS)));
    let entropy = Arc::new(SeededEntropy::new(Dice::new(seed.wrapping_add(*starts << 48)).next()));
    let builder = Engine::builder(setting.options(engine), clock.clone(), entropy);
    let mut builder = every_plugin().into_iter().fold(builder, EngineBuilder::boxed_plugin);
    if setting.secondary {
        builder = builder.secondary_storage();
    }
    let engine = builder.build().expect("the options of a setting fit together");
    Server { engine, clock, limiter: Limiter::new(), skew: 0 }
}

fn changes(op: &CacheOp) -> bool {
    !matches!(op, CacheOp::Get { .. })
}

fn joined(first: Vec<Rows>, outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Write(Err(StorageError::Conflict(conflict))) => {
            let statement = conflict.statement + first.len();
            Outcome::Write(Err(StorageError::Conflict(Conflict { statement, ..conflict })))
        }
        Outcome::Write(Ok(rest)) => Outcome::Write(Ok(first.into_iter().chain(rest).collect())),
        outcome => outcome,
    }
}

/// The sessions of a client are in its cookies, by name: the value, and when it came.
pub(crate) type Jar = BTreeMap<String, (String, i64)>;
