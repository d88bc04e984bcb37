//! Asking a person.

use std::io::{self, IsTerminal as _};

use clap::ValueEnum;
use dialoguer::{Error, Select, theme::ColorfulTheme};

use super::{DatabaseChoice, Framework};
use crate::failure::Failure;

/// Whether there is somebody to ask.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks for what was not said.
pub(super) fn missing(
    framework: Option<Framework>,
    database: Option<DatabaseChoice>,
) -> Result<(Framework, DatabaseChoice), Failure> {
    let framework = match framework {
        Some(framework) => framework,
        None => select("What does Kernia run in?")?,
    };
    let database = match database {
        Some(database) => database,
        None => DatabaseChoice::of(select("Which database?")?),
    };
    Ok((framework, database))
}

fn select<T: ValueEnum>(question: &str) -> Result<T, Failure> {
    let items: Vec<_> = T::value_variants().iter().map(|item| shown(item.to_possible_value())).collect();
    let chosen =
        Select::with_theme(&ColorfulTheme::default()).with_prompt(question).items(&items).default(0).interact();
    let Error::IO(error) = match chosen {
        Ok(at) => return Ok(T::value_variants()[at].clone()),
        Err(error) => error,
    };
    Err(Failure::Io("the terminal", error))
}

/// The name and what is said about it.
fn shown(value: Option<clap::builder::PossibleValue>) -> String {
    let Some(value) = value else { return String::new() };
    match value.get_help() {
        Some(help) => format!("{:<10}  {help}", value.get_name()),
        None => value.get_name().to_owned(),
    }
}
