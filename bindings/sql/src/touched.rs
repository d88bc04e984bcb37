//! What a statement touches, for when it fails.

use kernia::{
    schema::{OnDelete, Schema, Table},
    store::{Name, Statement},
};

/// What a statement of a batch touches, kept for the case that it fails.
pub(crate) struct Touched {
    pub(crate) table: Name,
    /// The fields that it sets, if it keeps the row.
    fields: Option<Vec<Name>>,
    inserts: bool,
}

impl Touched {
    pub(crate) fn by(statement: &Statement) -> Self {
        let fields = match statement {
            Statement::Update { set, .. } => Some(set.fields().map(|(name, _)| name.clone()).collect()),
            Statement::Increment { set, by, .. } => {
                Some(set.fields().map(|(name, _)| name).chain(by.iter().map(|(name, _)| name)).cloned().collect())
            }
            _ => None,
        };
        Self { table: statement.table().clone(), fields, inserts: matches!(statement, Statement::Insert { .. }) }
    }

    /// The table whose reference does not hold, which not every database tells: this one, if the statement stored a reference;
    /// otherwise one that forbids what was done to the row that it points at.
    pub(crate) fn referring(&self, schema: &Schema) -> Name {
        let stores_reference = match (&self.fields, schema.table(&self.table)) {
            (Some(fields), Some(table)) => {
                fields.iter().any(|field| table.field(field).is_some_and(|field| field.references.is_some()))
            }
            _ => self.inserts,
        };
        if stores_reference {
            return self.table.clone();
        }
        let forbids = |table: &&Table| {
            table.fields.iter().any(|field| {
                field.references.as_ref().is_some_and(|reference| match &self.fields {
                    Some(changed) => reference.table == self.table && changed.contains(&reference.field),
                    None => reference.on_delete == OnDelete::Restrict && self.removes(schema, &reference.table),
                })
            })
        };
        schema.tables().iter().find(forbids).map_or_else(|| self.table.clone(), |table| table.name.clone())
    }

    /// Whether removing rows of this table can remove rows of `table`.
    fn removes(&self, schema: &Schema, table: &Name) -> bool {
        let mut gone = vec![self.table.clone()];
        let mut next = 0;
        while let Some(parent) = gone.get(next).cloned() {
            for child in schema.tables().iter().filter(|child| !gone.contains(&child.name)).collect::<Vec<_>>() {
                let follows = child.fields.iter().any(|field| {
                    field
                        .references
                        .as_ref()
                        .is_some_and(|reference| reference.table == parent && reference.on_delete == OnDelete::Cascade)
                });
                if follows {
                    gone.push(child.name.clone());
                }
            }
            next += 1;
        }
        gone.contains(table)
    }
}
