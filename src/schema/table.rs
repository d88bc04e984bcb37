//! Tables, and the schema they make up.

use super::{Field, FieldType, IdKind, Name, Reference, Row, Value};
use crate::{crypto::entropy::Entropy, wire::date::Timestamp};

/// A table: a primary key `id` and these fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The name in code.
    pub name: Name,
    /// The name in the database.
    pub physical: Name,
    /// What `id` is.
    pub ids: IdKind,
    /// The fields besides `id`, in wire order.
    pub fields: Vec<Field>,
    /// Indexes over several fields.
    pub indexes: Vec<Index>,
    /// When the janitor removes rows, if it does.
    pub expiry: Option<Expiry>,
}

/// When rows are over: so long after the moment that one of their fields says. A row without that moment stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// The field. It holds a moment, or counts milliseconds since 1970.
    pub field: Name,
    /// How long rows stay then, in seconds.
    pub kept_secs: u32,
}

/// An index over several fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// The fields.
    pub fields: Vec<Name>,
    /// Whether no two rows may agree in all of them.
    pub unique: bool,
}

impl Table {
    /// A table of these fields.
    #[must_use]
    pub fn new(name: impl Into<Name>, fields: impl IntoIterator<Item = Field>) -> Self {
        let name = name.into();
        Self {
            physical: name.clone(),
            name,
            ids: IdKind::default(),
            fields: fields.into_iter().collect(),
            indexes: Vec::new(),
            expiry: None,
        }
    }

    /// The same, whose rows are removed so many seconds after the moment in `field`.
    #[must_use]
    pub fn expires(mut self, field: impl Into<Name>, kept_secs: u32) -> Self {
        self.expiry = Some(Expiry { field: field.into(), kept_secs });
        self
    }

    /// The field called `name`. `id` is not a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == *name)
    }

    /// What `name` holds, `id` included.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<FieldType> {
        if name == "id" {
            return Some(self.ids.field_type());
        }
        self.field(name).map(|field| field.kind)
    }

    /// The fields that may leave the server, as the `id` may too.
    pub fn returned(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.returned)
    }

    /// Fills what an insert left out: defaults, and null for the rest, so that every stored row has every field.
    ///
    /// As in the reference, null in a required field is no value. Unlike there, a required field without a default begins with what
    /// updates set it to.
    pub fn complete(&self, row: &mut Row, now: Timestamp, entropy: &dyn Entropy) {
        for field in &self.fields {
            let first = field.default.as_ref().or(field.on_update.as_ref().filter(|_| field.required));
            match (row.find(&field.name), first) {
                (None, None) => row.set(field.name.clone(), Value::Null),
                (None, Some(first)) => row.set(field.name.clone(), first.value(now, entropy)),
                (Some(Value::Null), Some(first)) if field.required => {
                    row.set(field.name.clone(), first.value(now, entropy));
                }
                (Some(_), _) => {}
            }
        }
    }

    /// Sets what every update sets.
    pub fn touch(&self, set: &mut Row, now: Timestamp, entropy: &dyn Entropy) {
        for field in &self.fields {
            if let (Some(value), None) = (&field.on_update, set.find(&field.name)) {
                set.set(field.name.clone(), value.value(now, entropy));
            }
        }
    }
}

/// All tables of an installation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    pub(super) tables: Vec<Table>,
}

/// Why tables do not fit together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// Two contributors define the same field.
    #[error("field {table}.{field} is defined twice")]
    DuplicateField {
        /// The table.
        table: Name,
        /// The field.
        field: Name,
    },
    /// Names are given to a table that nobody defines, or a field points at one.
    #[error("there is no table {table}; there are {known}")]
    UnknownTable {
        /// The table.
        table: Name,
        /// Those that there are.
        known: String,
    },
    /// A name is given to a field that the table does not have, or a field points at one.
    #[error("there is no field {table}.{field}")]
    UnknownField {
        /// The table.
        table: Name,
        /// The field.
        field: Name,
    },
    /// Two fields would share a column, or two tables a name in the database.
    #[error("{first} and {second} would have the same name in the database: {name}")]
    NameTaken {
        /// The name.
        name: Name,
        /// What has it.
        first: String,
        /// What should have it too.
        second: String,
    },
    /// A name is empty, longer than databases take, or has control characters.
    #[error("{what} cannot be called {name:?} in the database: a name has 1 to 63 bytes and no control characters")]
    BadName {
        /// The name.
        name: String,
        /// What should have it.
        what: String,
    },
    /// The options give two names to one thing.
    #[error("the options give {0} a name in two places")]
    NamedTwice(String),
}

impl Schema {
    /// A schema of these tables.
    #[must_use]
    pub fn new(tables: Vec<Table>) -> Self {
        Self { tables }
    }

    /// All tables, in order of definition.
    #[must_use]
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The table called `name` in code.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == *name)
    }

    /// Gives all tables ids of this kind, and fields that point at an `id` what such an id is. Tables whose rows are kept
    /// `elsewhere`, or which are not here, have ids of their own, which are text.
    pub fn set_ids(&mut self, ids: IdKind, elsewhere: &[Name]) {
        let known = self.tables.iter().map(|table| table.name.clone()).filter(|table| !elsewhere.contains(table));
        let known: Vec<_> = known.collect();
        for table in &mut self.tables {
            table.ids = if known.contains(&table.name) { ids } else { IdKind::Text };
            for field in &mut table.fields {
                let points = |to: &Reference| to.field == *"id" && known.contains(&to.table);
                let text = matches!(field.kind, FieldType::Text | FieldType::Id(_));
                if text && field.references.as_ref().is_some_and(points) {
                    field.kind = ids.field_type();
                }
            }
        }
    }

    /// Adds a table, or fields to a table that is already there.
    ///
    /// # Errors
    /// [`SchemaError::DuplicateField`] when a field is there already.
    pub fn extend(&mut self, addition: Table) -> Result<(), SchemaError> {
        let Some(table) = self.tables.iter_mut().find(|table| table.name == addition.name) else {
            self.tables.push(addition);
            return Ok(());
        };
        for field in addition.fields {
            if table.field(&field.name).is_some() || field.name == "id" {
                return Err(SchemaError::DuplicateField { table: table.name.clone(), field: field.name });
            }
            table.fields.push(field);
        }
        table.indexes.extend(addition.indexes);
        table.expiry = table.expiry.take().or(addition.expiry);
        Ok(())
    }

    /// Checks that all fields that point at rows point at a table and a field that there are.
    ///
    /// # Errors
    /// [`SchemaError::UnknownTable`], [`SchemaError::UnknownField`].
    pub fn check_references(&self) -> Result<(), SchemaError> {
        let fields = self.tables.iter().flat_map(|table| &table.fields);
        for Reference { table, field, .. } in fields.filter_map(|field| field.references.as_ref()) {
            let target = self.table(table).ok_or_else(|| self.unknown_table(table.clone()))?;
            if target.kind(field).is_none() {
                return Err(SchemaError::UnknownField { table: table.clone(), field: field.clone() });
            }
        }
        Ok(())
    }

    pub(super) fn unknown_table(&self, table: Name) -> SchemaError {
        let known: Vec<_> = self.tables.iter().map(|table| table.name.as_str()).collect();
        SchemaError::UnknownTable { table, known: known.join(", ") }
    }

    /// The schema without `tables`. Fields that refer to one of them stay, and refer to nothing.
    #[must_use]
    pub fn without(mut self, tables: &[Name]) -> Self {
        self.tables.retain(|table| !tables.contains(&table.name));
        for field in self.tables.iter_mut().flat_map(|table| &mut table.fields) {
            field.references.take_if(|reference| tables.contains(&reference.table));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        crypto::entropy::SeededEntropy,
        schema::{SESSION, core_tables},
    };

    fn schema() -> Schema {
        Schema::new(core_tables(true))
    }

    #[test]
    fn a_plugin_adds_fields_once() {
        let mut schema = schema();
        let addition = || Table::new("user", [Field::optional("username", FieldType::Text).unique()]);
        schema.extend(addition()).unwrap();
        assert!(schema.table("user").unwrap().field("username").unwrap().unique);
        assert!(matches!(schema.extend(addition()), Err(SchemaError::DuplicateField { .. })));
    }

    #[test]
    fn a_field_points_at_what_there_is() {
        let checked = |table: &str, field: &str| {
            let mut schema = schema();
            let pointing = Field::optional("points", FieldType::Text).references(table.to_owned(), field.to_owned());
            schema.extend(Table::new("user", [pointing])).unwrap();
            schema.check_references()
        };
        assert_eq!((checked("user", "id"), checked("user", "email")), (Ok(()), Ok(())));
        assert!(matches!(checked("team", "id"), Err(SchemaError::UnknownTable { .. })));
        assert!(matches!(checked("user", "nick"), Err(SchemaError::UnknownField { .. })));
    }

    #[test]
    fn ids_are_of_one_kind_wherever_they_are() {
        let mut schema = Schema::new(core_tables(false));
        schema
            .extend(Table::new("seen", [Field::required("in", FieldType::Text).references("elsewhere", "id")]))
            .unwrap();
        let session = Field::required("session", FieldType::Text).references(SESSION, "id");
        schema.extend(Table::new("grant", [session])).unwrap();
        schema.set_ids(IdKind::Serial, &[SESSION]);
        let kind = |table: &str, field: &str| schema.table(table).unwrap().kind(field).unwrap();
        assert_eq!(kind("user", "id"), FieldType::Id(IdKind::Serial));
        assert_eq!(kind("session", "userId"), FieldType::Id(IdKind::Serial));
        assert_eq!((kind("session", "id"), kind("grant", "session")), (FieldType::Text, FieldType::Text));
        assert_eq!((kind("account", "accountId"), kind("seen", "in")), (FieldType::Text, FieldType::Text));
        schema.set_ids(IdKind::Text, &[]);
        assert_eq!(schema.tables()[..4], core_tables(false));
    }

    #[test]
    fn a_completed_row_has_every_field() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        let mut row = Row::new().with("id", "u1").with("name", "Ada").with("email", "ada@example.com");
        let schema = schema();
        let user = schema.table("user").unwrap();
        user.complete(&mut row, now, &SeededEntropy::new(1));
        assert_eq!(row.get("emailVerified"), &Value::Bool(false));
        assert_eq!((row.date("createdAt"), row.find("image")), (Some(now), Some(&Value::Null)));
        assert_eq!(row.len(), user.fields.len() + 1);
    }

    #[test]
    fn secrets_are_not_returned() {
        let schema = schema();
        let returned: Vec<_> = schema.table("account").unwrap().returned().map(|field| field.name.as_str()).collect();
        assert!(!returned.contains(&"password") && !returned.contains(&"accessToken"));
        assert!(returned.contains(&"accountId"));
    }
}
