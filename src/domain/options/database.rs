//! Ids and names in the database, for core tables and those of plugins alike.

use std::{collections::BTreeMap, fmt, num::NonZeroU32};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, IntoDeserializer, Visitor},
};

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
#[derive(Clone, Copy, Debug, Default, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum IdStrategy {
    /// 32 letters and digits, unless the builder was given another way.
    #[default]
    Random,
    /// A random UUID.
    Uuid,
    /// A MongoDB ObjectId, which is what the reference makes there when nothing else is asked for.
    ObjectId,
    /// A number that the database makes. Easy to guess: nothing may rest on nobody knowing an id.
    Serial,
}

impl<'de> Deserialize<'de> for IdStrategy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Named {
            Random,
            Uuid,
            ObjectId,
            Serial,
        }

        struct Strategy;

        impl<'de> Visitor<'de> for Strategy {
            type Value = IdStrategy;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"random\", \"uuid\", \"serial\" or \"objectid\"")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<IdStrategy, E> {
                Ok(match Named::deserialize(name.into_deserializer())? {
                    Named::Random => IdStrategy::Random,
                    Named::Uuid => IdStrategy::Uuid,
                    Named::ObjectId => IdStrategy::ObjectId,
                    Named::Serial => IdStrategy::Serial,
                })
            }

            fn visit_bool<E: de::Error>(self, _: bool) -> Result<IdStrategy, E> {
                Err(E::custom(NOT_BY_DATABASE))
            }
        }

        deserializer.deserialize_any(Strategy)
    }
}

/// Said to somebody who brings the reference's `false`.
const NOT_BY_DATABASE: &str = "ids that the database makes are \"serial\" ones; beside a reference with `false`, write \"uuid\" \
                               where its tables have columns of UUIDs, and \"random\" where they have text";

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
