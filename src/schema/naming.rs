//! The names by which a database knows tables and fields.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Schema, SchemaError};

/// The longest name in bytes: PostgreSQL cuts off what is beyond.
const MAX_BYTES: usize = 63;

/// How all names follow from those in code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The rule where no own name is given.
    pub naming: Naming,
    /// Whether table names end with `s`, own ones too, as with the reference's `usePlural`.
    pub plural: bool,
    /// Own names by table in code.
    pub own: BTreeMap<String, TableNames>,
}

/// The application's own names for one table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableNames {
    /// The table's name in the database (the reference's `modelName`).
    pub table: Option<String>,
    /// Column names by field name (the reference's `fields`).
    pub columns: BTreeMap<String, String>,
}

/// How database names follow from field names where the application gives none.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Naming {
    /// As in code: `emailVerified`.
    #[default]
    Camel,
    /// `email_verified`, with no underscore inside a run of capitals: as Kysely's `CamelCasePlugin` does for the reference.
    Snake,
}

impl Schema {
    /// Gives every table and every column its name in the database.
    ///
    /// # Errors
    /// [`SchemaError`] when there is nothing to name, when a name cannot be one, or when two things share a name.
    pub fn name(&mut self, names: &Names) -> Result<(), SchemaError> {
        for (table, own) in &names.own {
            let known = self.table(table).ok_or_else(|| self.unknown_table(table.clone().into()))?;
            if let Some(field) = own.columns.keys().find(|field| known.field(field).is_none()) {
                return Err(SchemaError::UnknownField { table: known.name.clone(), field: field.clone().into() });
            }
        }
        for table in &mut self.tables {
            let own = names.own.get(table.name.as_str());
            let mut physical = own.and_then(|own| own.table.clone()).unwrap_or_else(|| names.naming.apply(&table.name));
            if names.plural {
                physical.push('s');
            }
            table.physical = physical.into();
            for field in &mut table.fields {
                let column = own.and_then(|own| own.columns.get(field.name.as_str()).cloned());
                field.column = column.unwrap_or_else(|| names.naming.apply(&field.name)).into();
            }
        }
        self.check_names()
    }

    /// Names are compared without case, as some databases do.
    fn check_names(&self) -> Result<(), SchemaError> {
        let mut tables = Taken::default();
        for table in &self.tables {
            tables.take(&table.physical, || format!("table {}", table.name))?;
            let mut columns = Taken::default();
            columns.take("id", || format!("{}.id", table.name))?;
            for field in &table.fields {
                columns.take(&field.column, || format!("{}.{}", table.name, field.name))?;
            }
        }
        Ok(())
    }
}

/// Names in use, and what uses them.
#[derive(Default)]
struct Taken(BTreeMap<String, String>);

impl Taken {
    fn take(&mut self, name: &str, what: impl FnOnce() -> String) -> Result<(), SchemaError> {
        if name.trim().is_empty() || name.len() > MAX_BYTES || name.chars().any(char::is_control) {
            return Err(SchemaError::BadName { name: name.to_owned(), what: what() });
        }
        let what = what();
        match self.0.insert(name.to_lowercase(), what.clone()) {
            None => Ok(()),
            Some(first) => Err(SchemaError::NameTaken { name: name.to_owned().into(), first, second: what }),
        }
    }
}

impl TableNames {
    /// Adds what `other` names.
    ///
    /// # Errors
    /// What both name, as `table` or `table.field`.
    pub fn merge(&mut self, table: &str, other: Self) -> Result<(), SchemaError> {
        if self.table.is_some() && other.table.is_some() {
            return Err(SchemaError::NamedTwice(table.to_owned()));
        }
        let known: BTreeSet<_> = self.columns.keys().collect();
        if let Some(field) = other.columns.keys().find(|field| known.contains(field)) {
            return Err(SchemaError::NamedTwice(format!("{table}.{field}")));
        }
        self.table = self.table.take().or(other.table);
        self.columns.extend(other.columns);
        Ok(())
    }
}

impl Naming {
    fn apply(self, name: &str) -> String {
        match self {
            Self::Camel => name.to_owned(),
            Self::Snake => {
                let mut snake = String::with_capacity(name.len() + 4);
                let mut after_capital = true;
                for letter in name.chars() {
                    let capital = letter.is_ascii_uppercase();
                    if capital && !after_capital {
                        snake.push('_');
                    }
                    snake.push(letter.to_ascii_lowercase());
                    after_capital = capital;
                }
                snake
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::core_tables;

    fn named(names: &Names) -> Result<Schema, SchemaError> {
        let mut schema = Schema::new(core_tables(true));
        schema.name(names).map(|()| schema)
    }

    fn own(table: &str, physical: Option<&str>, columns: &[(&str, &str)]) -> Names {
        let columns = columns.iter().map(|(field, column)| ((*field).to_owned(), (*column).to_owned())).collect();
        let names = TableNames { table: physical.map(str::to_owned), columns };
        Names { own: BTreeMap::from([(table.to_owned(), names)]), ..Names::default() }
    }

    fn physical<'s>(schema: &'s Schema, table: &str, field: &str) -> (&'s str, &'s str) {
        let table = schema.table(table).unwrap();
        (&table.physical, &table.field(field).unwrap().column)
    }

    #[test]
    fn names_are_those_of_the_code_unless_something_else_is_said() {
        assert_eq!(
            physical(&named(&Names::default()).unwrap(), "rateLimit", "lastRequest"),
            ("rateLimit", "lastRequest")
        );
        let snake = Names { naming: Naming::Snake, plural: true, ..own("user", Some("Person"), &[("email", "eMail")]) };
        let schema = named(&snake).unwrap();
        assert_eq!(physical(&schema, "rateLimit", "lastRequest"), ("rate_limits", "last_request"));
        assert_eq!(physical(&schema, "user", "email"), ("Persons", "eMail"));
        assert_eq!(physical(&schema, "user", "emailVerified"), ("Persons", "email_verified"));
    }

    #[test]
    fn snake_case_is_that_of_kysely() {
        for (name, snake) in
            [("callbackURL", "callback_url"), ("jwksUrl2", "jwks_url2"), ("Key", "key"), ("a_B", "a__b")]
        {
            assert_eq!(Naming::Snake.apply(name), snake);
        }
    }

    #[test]
    fn what_is_not_there_cannot_be_named() {
        let unknown = named(&own("usr", None, &[])).unwrap_err().to_string();
        assert_eq!(unknown, "there is no table usr; there are user, session, account, verification, rateLimit");
        assert_eq!(named(&own("user", None, &[("mail", "x")])).unwrap_err().to_string(), "there is no field user.mail");
        assert!(matches!(named(&own("user", None, &[("id", "x")])), Err(SchemaError::UnknownField { .. })));
    }

    #[test]
    fn no_two_things_share_a_name() {
        let said = |names: Names| named(&names).unwrap_err().to_string();
        assert_eq!(
            said(own("user", None, &[("email", "Name")])),
            "user.name and user.email would have the same name in the database: Name"
        );
        assert!(said(own("user", Some("SESSION"), &[])).starts_with("table user and table session"));
        assert!(said(own("user", None, &[("email", "ID")])).starts_with("user.id and user.email"));
    }

    #[test]
    fn not_everything_is_a_name() {
        for name in ["", " ", "a\0b", "a\nb", &"x".repeat(64)] {
            assert!(matches!(named(&own("user", Some(name), &[])), Err(SchemaError::BadName { .. })), "{name:?}");
        }
        assert!(named(&own("user", Some(&"x".repeat(63)), &[("email", "a\"b. c")])).is_ok());
    }

    #[test]
    fn one_thing_is_named_in_one_place() {
        let names = |table: Option<&str>, field: &str| TableNames {
            table: table.map(str::to_owned),
            columns: BTreeMap::from([(field.to_owned(), "x".to_owned())]),
        };
        let mut user = names(Some("a"), "email");
        assert_eq!(user.merge("user", names(None, "name")), Ok(()));
        assert_eq!(user.merge("user", names(None, "name")), Err(SchemaError::NamedTwice("user.name".to_owned())));
        assert_eq!(user.merge("user", names(Some("b"), "image")), Err(SchemaError::NamedTwice("user".to_owned())));
    }
}
