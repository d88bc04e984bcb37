//! Ids and names in the database, for core tables and those of plugins alike.

use std::{collections::BTreeMap, num::NonZeroU32};

use serde::{Deserialize, Serialize};

use super::ColumnNames;
use crate::schema::{Names, Naming, TableNames};

const DEFAULT_FIND_MANY_LIMIT: NonZeroU32 = NonZeroU32::new(100).unwrap();

/// Ids and names in the database.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DatabaseOptions {
    /// What row ids look like.
    pub generate_id: IdStrategy,
    /// At most how many rows a list answers that is asked for without a limit.
    pub default_find_many_limit: NonZeroU32,
    /// Beyond the reference: how names follow from those in code.
    pub naming: Naming,
    /// Whether table names end with `s`, own ones too.
    pub use_plural: bool,
    /// Own names by table, of core tables and of those that plugins bring. `user.model_name` and the like say the same of
    /// core tables; what is named in both places is refused.
    pub names: BTreeMap<String, OwnNames>,
}

impl Default for DatabaseOptions {
    fn default() -> Self {
        Self {
            generate_id: IdStrategy::default(),
            default_find_many_limit: DEFAULT_FIND_MANY_LIMIT,
            naming: Naming::default(),
            use_plural: false,
            names: BTreeMap::new(),
        }
    }
}

/// The application's names for a table and its columns.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct OwnNames {
    /// The table's name.
    pub model_name: Option<String>,
    /// The columns' names.
    pub fields: ColumnNames,
}

/// What row ids look like.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum IdStrategy {
    /// 32 letters and digits.
    #[default]
    Random,
    /// A random UUID.
    Uuid,
    /// A MongoDB ObjectId, which is what the reference makes there when nothing else is asked for.
    ObjectId,
}

impl DatabaseOptions {
    /// The names that these options alone give.
    #[must_use]
    pub fn names(&self) -> Names {
        let own = self.names.iter().map(|(table, OwnNames { model_name, fields })| {
            (table.clone(), TableNames { table: model_name.clone(), columns: fields.clone() })
        });
        Names { naming: self.naming, plural: self.use_plural, own: own.collect() }
    }
}
