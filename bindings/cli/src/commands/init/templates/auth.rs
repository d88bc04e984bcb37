//! The auth server that kernia.toml describes, inside this program.

use std::{env, error::Error, fs, sync::Arc};

use kernia::{Engine, domain::options::Options};
use kernia_mail::LogDelivery;
use kernia_runtime::{Auth, AuthSettings, Backend, DeliverySettings, OsEntropy, SystemClock};
use kernia_sql::{DatabaseOptions, DatabaseUrl};

/// Starts it.
///
/// The options are those of kernia.toml, so that `kernia doctor`, `info` and `migrate` speak of this server too. What its
/// tables say is for `kernia serve`, which this program replaces: listening, delivering and so on is done here.
pub async fn start() -> Result<Auth, Box<dyn Error>> {
    let mut file: toml::Table = fs::read_to_string("kernia.toml")?.parse()?;
    for table in ["server", "database", "delivery", "log", "plugins", "janitor"] {
        file.remove(table);
    }
    let mut options: Options = file.try_into()?;
    options.secret = Some(variable("BETTER_AUTH_SECRET")?.into());

    // A plugin is added before the end: .plugin(kernia::plugins::Username::default())
    let engine = Engine::builder(options, Arc::new(SystemClock), Arc::new(OsEntropy::new())).build()?;
    let url: DatabaseUrl = variable("DATABASE_URL")?.parse()?;
    let database = url.open(engine.schema(), &DatabaseOptions::default())?;
    database.migrate().await?;

    // Links and codes go to the log until you choose another delivery of kernia-mail: whoever reads it can use them.
    let backend = Backend::builder(database).deliver(Arc::new(LogDelivery), DeliverySettings::default());
    Ok(Auth::start(engine, backend.build(), AuthSettings::default()))
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("{name} is not set: load .env first, with set -a; . ./.env; set +a"))
}
