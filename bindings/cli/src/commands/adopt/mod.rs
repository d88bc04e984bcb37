//! `kernia adopt`: serving the database of a Better Auth server.
//!
//! ```text
//! live database ─► recognize ─► kernia.toml ─► the engine it makes ─► what is missing
//! ```

mod additional;
mod file;
mod known;
mod names;
mod recognize;
mod report;
mod rows;

#[cfg(test)]
mod tests;

use std::{fs, io::Write as _, path::PathBuf, sync::Arc};

use crate::{
    SchemaFailure,
    terminal::{Paint, can_ask, confirm, say},
};
use clap::Args;
use kernia::{
    schema::{ACCOUNT, Schema, USER},
    store::{
        StorageError,
        sql::{Dialect, Live, Plan, plan},
    },
};
use kernia_sql::{DatabaseOptions, DatabaseUrl};

use self::{
    file::Contents,
    recognize::{Ids, Recognized},
    report::Report,
    rows::Rows,
};
use crate::{
    config::{self, Config, Source},
    failure::Failure,
    secret,
};

/// Look at the database of a Better Auth server, and write the kernia.toml that serves it.
///
/// Finds out names, ids, plugins and additional fields, and says what fits and what is missing. The database is only read: nothing in
/// it is changed, and nobody is signed out.
///
/// Exit codes: 0 when the file was written, 1 when something failed, 2 when arguments are wrong, 3 when the file was not
/// written, 4 when a person has to settle something in the database before it can be served.
#[derive(Args, Debug)]
pub(crate) struct Adopt {
    /// The database, such as sqlite:app.db.
    url: String,
    /// That server's baseURL, on which the names of cookies depend.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// The file to write; one that is there stays.
    #[arg(long, value_name = "FILE", default_value = "kernia.toml")]
    out: PathBuf,
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
}

/// The variable that the file names when the URL has a password.
const URL_VARIABLE: &str = "DATABASE_URL";

impl Adopt {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let url: DatabaseUrl = self.url.parse().map_err(arguments)?;
        if let DatabaseUrl::Sqlite(path) = &url
            && !path.exists()
        {
            return Err(arguments(format!("there is no file {}", path.display())));
        }
        let open = self.out.exists();
        if open {
            return Err(arguments(format!(
                "{} is there already\n  = help: name another file with --out",
                self.out.display()
            )));
        }
        let adoption = super::runtime()?.block_on(Adoption::of(&url, &self))?;
        say(&adoption.report(&url, Paint::stdout())).map_err(SchemaFailure::from)?;
        self.write(&adoption)?;
        match adoption.plan.obstacles.is_empty() {
            true => Ok(()),
            false => Err(Failure::Schema(SchemaFailure::Obstacles(adoption.plan.obstacles))),
        }
    }

    fn write(&self, adoption: &Adoption) -> Result<(), Failure> {
        let file = self.out.display();
        if !self.yes {
            let refused = |why| Err(Failure::Schema(SchemaFailure::Pending(why)));
            if !can_ask() {
                return refused(
                    "error: nothing was written: there is no terminal to ask on\n  = help: add --yes to write the file",
                );
            }
            if !confirm(&format!("Write {file}?")).map_err(SchemaFailure::from)? {
                return refused("Nothing was written.");
            }
        }
        let failed = |error| Failure::File { path: file.to_string(), error };
        let mut out = fs::File::create_new(&self.out).map_err(failed)?;
        out.write_all(adoption.text.as_bytes()).map_err(failed)?;
        let mut said =
            format!("Wrote {file}. Read it, then:\n\n  export BETTER_AUTH_SECRET=…   # the secret of that server\n");
        if adoption.written_url != self.url {
            said.push_str(&format!("  export {URL_VARIABLE}=…\n"));
        }
        if self.base_url.is_none() {
            said.push_str(&format!("  $EDITOR {file}                  # base_url, or else nobody stays signed in\n"));
        }
        if !adoption.plan.statements.is_empty() {
            said.push_str(&format!("  kernia migrate --config {file}\n"));
        }
        said.push_str(&format!("  kernia serve --config {file}\n"));
        say(&said).map_err(SchemaFailure::from)?;
        Ok(())
    }
}

fn arguments(why: String) -> Failure {
    Failure::Schema(SchemaFailure::Arguments(why))
}

/// A database, understood.
struct Adoption {
    found: Recognized,
    additions: Vec<additional::Addition>,
    unknown: Vec<String>,
    ids: Ids,
    rows: Rows,
    plan: Plan,
    /// The file.
    text: String,
    written_url: String,
}

impl Adoption {
    async fn of(url: &DatabaseUrl, asked: &Adopt) -> Result<Self, Failure> {
        let given = asked.url.as_str();
        let failed = |error| Failure::Database { url: url.to_string(), error };
        let mut options = DatabaseOptions::default();
        options.sqlite.read_only = true;
        let live = live(url, &options).await.map_err(failed)?;
        let found = recognize::recognize(&live, &known::plugins(&config::every_plugin()));
        if let Some(missing) = [USER, ACCOUNT].iter().find(|table| found.absent.contains(table)) {
            return Err(Failure::Schema(SchemaFailure::Obstacles(vec![format!(
                "{url} is no database of Better Auth: it has no table {missing}, nor one that looks like it"
            )])));
        }
        let rows = rows::look(url, &options, &found).await.map_err(failed)?;
        let ids = if rows.uuids && found.ids == Ids::Text { Ids::Uuid } else { found.ids };
        let (additions, unknown) = additional::additions(url.dialect(), &found);
        // A URL that is shown otherwise than it was given has a password.
        let written_url = if url.to_string() == given { given.to_owned() } else { format!("env:{URL_VARIABLE}") };
        let contents = Contents {
            found: &found,
            additions: &additions,
            ids,
            url: &written_url,
            base_url: asked.base_url.as_deref(),
            passwords: rows.passwords,
        };
        let text = file::text(&contents);
        let plan = missing(&text, given, url.dialect(), &live)?;
        Ok(Self { found, additions, unknown, ids, rows, plan, text, written_url })
    }

    fn report(&self, url: &DatabaseUrl, paint: Paint) -> String {
        let Self { found, additions, unknown, ids, rows, plan, .. } = self;
        report::text(&Report { url: &url.to_string(), found, additions, unknown, ids: *ids, rows, plan }, paint)
    }
}

async fn live(url: &DatabaseUrl, options: &DatabaseOptions) -> Result<Live, StorageError> {
    url.open(Arc::new(Schema::default()), options)?.live().await
}

/// What the database lacks of what the file asks for.
fn missing(text: &str, url: &str, dialect: Dialect, live: &Live) -> Result<Plan, Failure> {
    let environment = |source: Source<'_>| match source {
        Source::Variable(URL_VARIABLE) => Some(url.to_owned()),
        _ => Some(secret::generate()),
    };
    let config = Config::parse("kernia.toml", text, &environment).map_err(Failure::Config)?;
    let engine = config::engine(config.options, config.plugins, config.secondary_storage.is_some())?;
    Ok(plan(dialect, &engine.schema(), live))
}
