//! The auth server that kernia.toml describes, inside this program.

use std::{env, error::Error, fs, sync::Arc};

use kernia::domain::options::Options;
use kernia_mail::LogDelivery;
use kernia_runtime::{Auth, DeliverySettings};

/// Starts it. BETTER_AUTH_SECRET comes from the environment.
///
/// The options are those of kernia.toml, so that `kernia doctor`, `info` and `migrate` speak of this server too. What its
/// tables say is for `kernia serve`, which this program replaces: listening, delivering and so on is done here.
pub async fn start() -> Result<Auth, Box<dyn Error>> {
    let mut file: toml::Table = fs::read_to_string("kernia.toml")?.parse()?;
    for table in ["secret", "server", "database", "delivery", "log", "plugins", "janitor"] {
        file.remove(table);
    }
    let options: Options = file.try_into()?;
    let url = env::var("DATABASE_URL")
        .map_err(|_| "DATABASE_URL is not set: load .env first, with set -a; . ./.env; set +a")?;

    // A plugin is added before the end: .plugin(kernia::plugins::Username::default())
    let auth = Auth::builder()
        .options(options)
        .database(&url)
        // Links and codes go to the log until you choose another delivery of kernia-mail: whoever reads it can use them.
        .deliver(Arc::new(LogDelivery), DeliverySettings::default());
    Ok(auth.start().await?)
}
