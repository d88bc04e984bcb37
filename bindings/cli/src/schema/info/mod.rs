//! `info`: what the server is made of, and whether its database fits.

mod contributors;
mod report;
mod text;

use clap::Args;
use kernia::store::sql::Plan;

use self::report::{DatabaseReport, Report};
use super::{SchemaCommands, SchemaFailure, commands::dialect_name, say};
use crate::terminal::Paint;

/// Tell what the server is made of: options with secrets hidden, plugins, database, and who adds which table and field.
///
/// Looks at the database, without changing it, and says what it lacks; connects to nothing else. The exit code is 1 when
/// the database cannot be asked, and 0 otherwise, also when it lacks something.
#[derive(Args, Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Info {
    /// Print JSON, for programs.
    #[arg(long)]
    pub json: bool,
}

impl Info {
    pub(super) async fn run(self, commands: &SchemaCommands) -> Result<(), SchemaFailure> {
        let engine = &commands.engine;
        let installation = engine.installation();
        let mut database = DatabaseReport {
            url: commands.database_name(),
            adapter: commands.dialect().map_or("memory", dialect_name).to_lowercase(),
            version: None,
            error: None,
        };
        let (plan, failure) = match look(commands, &mut database).await {
            Ok(plan) => (plan, None),
            Err(failure) => {
                database.error = Some(failure.to_string().trim_start_matches("error: ").to_owned());
                (None, Some(failure))
            }
        };
        let report = Report {
            format: report::FORMAT,
            version: env!("CARGO_PKG_VERSION"),
            base_path: engine.base_path(),
            plugins: installation.plugins.iter().map(|plugin| report::plugin(&**plugin)).collect(),
            database,
            secondary_storage: commands.secondary_storage.as_deref(),
            delivery: commands.delivery.as_deref(),
            schema: report::schema(installation, plan),
            options: &installation.options,
        };
        if self.json {
            let text = serde_json::to_string_pretty(&report).unwrap_or_default();
            say(&format!("{text}\n"))?;
        } else {
            say(&text::text(&report, Paint::stdout()))?;
        }
        failure.map_or(Ok(()), Err)
    }
}

/// Asks the database; `None` when there is none to ask.
async fn look(commands: &SchemaCommands, report: &mut DatabaseReport) -> Result<Option<Plan>, SchemaFailure> {
    let Some(dialect) = commands.dialect() else { return Ok(None) };
    if let Some(database) = commands.look()? {
        report.version = database.version().await.map_err(|error| commands.failed(error))?;
    }
    commands.plan(dialect).await.map(Some)
}
