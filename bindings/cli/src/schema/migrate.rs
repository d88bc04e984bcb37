//! `migrate`: giving the database what it lacks.

use clap::Args;
use kernia::store::sql::{Dialect, Plan};

use super::{SchemaCommands, SchemaFailure, commands::Access, say};
use crate::terminal::{Paint, can_ask, confirm, count};

/// Give the database the tables, columns and indexes that it lacks.
///
/// Shows what will be run and asks first. Nothing is ever dropped or changed, and rows stay. On SQLite and PostgreSQL all of it
/// happens or none; MySQL cannot take a statement back, there a run that was cut short is finished by the next one.
///
/// Exit codes: 0 when the database has all that it needs, 1 when something failed, 2 when arguments or configuration are wrong,
/// 3 when changes are needed and were not made, 4 when a person has to settle something first.
#[derive(Args, Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Migrate {
    /// Only show what would be run; the exit code is 3 when that is anything.
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    /// Do not ask.
    #[arg(long, short)]
    pub yes: bool,
}

impl Migrate {
    pub(super) async fn run(self, commands: &SchemaCommands) -> Result<(), SchemaFailure> {
        let Some(dialect) = commands.dialect().filter(|_| !commands.is_transient()) else {
            return say("There is nothing to migrate: this server keeps its rows in memory.\n");
        };
        let paint = Paint::stdout();
        let name = commands.database_name();
        let plan = commands.plan(dialect).await?;
        say(&shown(&plan, dialect, &name, paint))?;
        if !plan.obstacles.is_empty() {
            return Err(SchemaFailure::Obstacles(plan.obstacles));
        }
        if plan.statements.is_empty() {
            return say(&format!("{} {name} has all that it needs.\n", paint.good("Up to date:")));
        }
        let changes = count(plan.statements.len(), "change");
        if self.dry_run {
            return Err(SchemaFailure::Pending("Nothing was changed, as asked."));
        }
        if !self.yes {
            if !can_ask() {
                return Err(SchemaFailure::Pending(
                    "error: nothing was changed: there is no terminal to ask on\n  = help: add --yes to make these changes",
                ));
            }
            if !confirm(&format!("Make {changes} to {name}?"))? {
                return Err(SchemaFailure::Pending("Nothing was changed."));
            }
        }
        let done = commands.open(Access::Change)?.migrate().await.map_err(|error| commands.failed(error))?;
        // Another process may have come first.
        let changes = count(done.statements.len(), "change");
        say(&format!("{} {changes} to {name}.\n", paint.good("Made")))
    }
}

/// The plan for a person to read.
fn shown(plan: &Plan, dialect: Dialect, name: &str, paint: Paint) -> String {
    let mut text = String::new();
    for warning in &plan.warnings {
        text.push_str(&format!("{} {warning}\n", paint.warning("warning:")));
    }
    if !plan.statements.is_empty() {
        text.push_str(&format!(
            "{}\n\n",
            paint.bold(format!("{name} needs {}:", count(plan.statements.len(), "change")))
        ));
        for statement in &plan.statements {
            text.push_str(&format!("  {statement};\n"));
        }
        text.push('\n');
        if dialect == Dialect::MySql {
            text.push_str("MySQL cannot take a change back. Should one of several fail, run this again once its cause is settled.\n");
        }
    }
    text
}
