//! The import itself: records in, batches out.

use std::{
    collections::{HashSet, hash_map::RandomState},
    hash::BuildHasher as _,
    io::{self, Write as _},
    sync::atomic::{AtomicBool, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use kernia::{
    Engine,
    crypto::password::UnreadableHash,
    domain::user_import::{Fate, ImportedUser, Purpose},
    engine::{Io, drive},
    wire::date::Timestamp,
};
use serde_json::json;

use super::{
    Import, ImportFailure, OnConflict, Source, Summary,
    hashes::Keys,
    ids::{IdMap, Lines},
    options::Settings,
    person::known_fields,
    progress::Progress,
    reader::{Reader, Unread},
    record::Record,
    report::Counts,
    second::Second,
    sources::Context,
    state::StateFile,
};

/// How many problems are said on standard error. All are counted, and `--problems` has all.
const SAID_PROBLEMS: u64 = 50;

impl Import {
    /// Whether the arguments fit together and to the server. Nothing is opened but the hash config.
    ///
    /// # Errors
    /// [`ImportFailure::Arguments`], or [`ImportFailure::File`] for the hash config.
    pub fn check(&self, engine: &Engine) -> Result<(), ImportFailure> {
        check_keys(self, &self.settings()?, engine)
    }

    /// Brings in the users. `database` is the name of the one that `io` writes to; `stop` ends it behind the batch at hand.
    ///
    /// Progress and problems go to standard error, the summary to standard output.
    ///
    /// # Errors
    /// [`ImportFailure`], also when it is done and some users were left out.
    pub async fn run(
        &self,
        engine: &Engine,
        io: &impl Io,
        database: &str,
        stop: &AtomicBool,
    ) -> Result<Summary, ImportFailure> {
        let settings = self.settings()?;
        check_keys(self, &settings, engine)?;
        let second = Second::load(self.from, &self.file, self.with.as_deref())?;
        let mut run = Run::start(self, &settings, engine, database)?;
        let ended = run.all(io, &second, stop).await;
        run.progress.finish();
        let summary = Summary { counts: run.counts, dry_run: self.dry_run };
        let said = write!(io::stdout(), "{summary}").and_then(|()| io::stdout().flush());
        ended?;
        said.map_err(ImportFailure::Stream)?;
        match summary.counts.left_out() {
            0 => Ok(summary),
            count => Err(ImportFailure::LeftOut(count)),
        }
    }
}

/// Refuses to begin when the hashes would need a key that the server does not have.
fn check_keys(import: &Import, settings: &Settings, engine: &Engine) -> Result<(), ImportFailure> {
    let keys = &engine.installation().password_keys;
    let missing = |kind: &'static str, table: &str| {
        let name = &settings.key;
        let missing = UnreadableHash::MissingKey { kind, name: name.clone() };
        ImportFailure::Arguments(format!(
            "{missing}\n  = help: write {name} = \"env:…\" under [email_and_password.password.{table}], or name another with --key"
        ))
    };
    if import.from == Source::Devise && import.key.is_some() && !keys.knows_pepper(&settings.key) {
        return Err(missing("pepper", "peppers"));
    }
    let Some(config) = &settings.hash_config else { return Ok(()) };
    if !keys.knows_firebase_signer_key(&settings.key) {
        return Err(missing("Firebase signer key", "firebase_signer_keys"));
    }
    match &config.signer_key {
        Some(key) if !keys.has_firebase_signer_key(&settings.key, key.expose()) => Err(ImportFailure::Arguments(
            format!("the signer key in the hash config is not the configured one named {}", settings.key),
        )),
        _ => Ok(()),
    }
}

/// A user on the way, and which record it was.
struct Pending {
    number: u64,
    line: Option<u64>,
    id: Option<String>,
    email: String,
    user: ImportedUser,
}

struct Run<'r> {
    import: &'r Import,
    settings: &'r Settings,
    engine: &'r Engine,
    reader: Reader,
    state: StateFile,
    progress: Progress,
    counts: Counts,
    /// How many records an earlier run has settled.
    settled: u64,
    said: u64,
    ids: Option<IdMap>,
    problems: Option<Lines>,
    /// The addresses of a dry run, hashed: nobody is in the database to be met by a second one.
    seen: HashSet<u64>,
    hasher: RandomState,
}

impl<'r> Run<'r> {
    fn start(
        import: &'r Import,
        settings: &'r Settings,
        engine: &'r Engine,
        database: &str,
    ) -> Result<Self, ImportFailure> {
        let identity =
            format!("{} {database} {:?}", import.identity(), settings.hash_config.as_ref().map(|c| &c.params));
        let state = StateFile::of(&import.file, &identity)?;
        let left = if import.resume { state.load()? } else { None };
        let reader = Reader::open(&import.file, import.from.layout())?;
        let reader = reader.ok_or_else(|| ImportFailure::Arguments("the file holds no list of users".to_owned()))?;
        let resumed = left.is_some();
        let (settled, counts) = left.map(|left| (left.records, left.counts)).unwrap_or_default();
        let progress = Progress::start(reader.length());
        if import.resume {
            progress.say(&format!("import: {settled} records are settled already"));
        }
        Ok(Self {
            import,
            settings,
            engine,
            reader,
            state,
            progress,
            counts,
            settled,
            said: 0,
            ids: import.id_map.as_deref().map(|path| IdMap::open(path, resumed)).transpose()?,
            problems: import.problems.as_deref().map(|path| Lines::open(path, resumed)).transpose()?,
            seen: HashSet::new(),
            hasher: RandomState::new(),
        })
    }

    async fn all(&mut self, io: &impl Io, second: &Second, stop: &AtomicBool) -> Result<(), ImportFailure> {
        let (user_fields, account_fields) = known_fields(self.engine);
        let context = Context {
            keys: Keys { name: &self.settings.key, configured: &self.engine.installation().password_keys },
            now: now(),
            hash_config: self.settings.hash_config.as_ref(),
            peppered: self.import.from == Source::Devise && self.import.key.is_some(),
            user_fields: &user_fields,
            account_fields: &account_fields,
        };
        let mut read = 0;
        let mut batch = Vec::new();
        while let Some(next) = self.reader.next() {
            match next {
                Err(Unread::Rest(failure)) => {
                    self.settle(io, std::mem::take(&mut batch), read).await?;
                    return Err(failure);
                }
                _ if read < self.settled => {}
                Ok(record) => self.take(&record, second, &context, &mut batch)?,
                Err(Unread::Record { number, line, why }) => self.refuse(number, line, None, None, &why)?,
            }
            read += 1;
            if read > self.settled && batch.len() >= self.import.batch {
                self.settle(io, std::mem::take(&mut batch), read).await?;
                if stop.load(Ordering::Relaxed) {
                    return Err(ImportFailure::Interrupted);
                }
            }
        }
        self.settle(io, batch, read).await?;
        if self.import.dry_run { Ok(()) } else { self.state.remove() }
    }

    /// Makes a user of a record and puts it into the batch.
    fn take(
        &mut self,
        record: &Record,
        second: &Second,
        context: &Context<'_>,
        batch: &mut Vec<Pending>,
    ) -> Result<(), ImportFailure> {
        let source = self.import.from;
        let second = second.of(source.first_key(record).as_deref());
        let person = source.person(record, second, context);
        let (id, email) = (person.id.clone(), person.email.clone());
        match person.into_user(self.engine, self.settings) {
            Ok(user) => {
                let email = email.unwrap_or_default();
                batch.push(Pending { number: record.number, line: record.line, id, email, user });
                Ok(())
            }
            Err(why) => self.refuse(record.number, record.line, id, email, &why),
        }
    }

    /// Stores a batch, and counts and keeps what came of it. `read` records are settled then.
    async fn settle(&mut self, io: &impl Io, batch: Vec<Pending>, read: u64) -> Result<(), ImportFailure> {
        let purpose = if self.import.dry_run { Purpose::Rehearse } else { Purpose::Import };
        let users = batch.iter().map(|pending| pending.user.clone()).collect();
        let response = drive(self.engine.begin_import(users, purpose), io).await;
        let failed = || ImportFailure::Storage { status: response.status().as_u16() };
        if response.status() != 200 {
            return Err(failed());
        }
        let fates: Vec<Fate> = serde_json::from_slice(response.body()).map_err(|_| failed())?;
        for (pending, fate) in batch.into_iter().zip(fates) {
            self.count(pending, fate)?;
        }
        if let Some(ids) = &mut self.ids {
            ids.flush()?;
        }
        if !self.import.dry_run && read > self.settled {
            self.state.save(read, self.counts)?;
        }
        self.progress.advance(self.reader.position(), self.counts);
        Ok(())
    }

    fn count(&mut self, pending: Pending, fate: Fate) -> Result<(), ImportFailure> {
        let Pending { number, line, id, email, user } = pending;
        match fate {
            Fate::Created { .. }
                if self.import.dry_run && !self.seen.insert(self.hasher.hash_one(email.to_lowercase())) =>
            {
                self.take_away(number, line, id, email, "email")
            }
            Fate::Created { id: here } => {
                self.counts.created += 1;
                self.counts.with_password += u64::from(user.password_hash.is_some());
                self.note_id(id.as_deref(), &here)
            }
            Fate::Present { id: here } => {
                self.counts.present += 1;
                self.note_id(id.as_deref(), &here)
            }
            Fate::Taken { field } => self.take_away(number, line, id, email, &field),
            Fate::Refused { message } => self.refuse(number, line, id, Some(email), &message),
        }
    }

    fn note_id(&mut self, source: Option<&str>, here: &str) -> Result<(), ImportFailure> {
        match (&mut self.ids, source) {
            (Some(ids), Some(source)) if !self.import.dry_run => ids.add(source, here),
            _ => Ok(()),
        }
    }

    fn take_away(
        &mut self,
        number: u64,
        line: Option<u64>,
        id: Option<String>,
        email: String,
        field: &str,
    ) -> Result<(), ImportFailure> {
        self.counts.taken += 1;
        self.problem(number, line, id, Some(email), &format!("somebody else has this {field} already"))?;
        match self.import.on_conflict {
            OnConflict::Skip => Ok(()),
            OnConflict::Fail => Err(ImportFailure::Conflict { place: place(number, line), field: field.to_owned() }),
        }
    }

    fn refuse(
        &mut self,
        number: u64,
        line: Option<u64>,
        id: Option<String>,
        email: Option<String>,
        why: &str,
    ) -> Result<(), ImportFailure> {
        self.counts.refused += 1;
        self.problem(number, line, id, email, why)
    }

    fn problem(
        &mut self,
        number: u64,
        line: Option<u64>,
        id: Option<String>,
        email: Option<String>,
        why: &str,
    ) -> Result<(), ImportFailure> {
        self.said += 1;
        if self.said <= SAID_PROBLEMS {
            self.progress.say(&format!("import: {}: {why}", place(number, line)));
        } else if self.said == SAID_PROBLEMS + 1 {
            self.progress.say("import: there are more problems; --problems FILE keeps all of them");
        }
        match &mut self.problems {
            Some(problems) => {
                problems.add(&json!({"record": number, "line": line, "id": id, "email": email, "problem": why}))
            }
            None => Ok(()),
        }
    }
}

fn place(number: u64, line: Option<u64>) -> String {
    match line {
        Some(line) => format!("record {number} (line {line})"),
        None => format!("record {number}"),
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
