//! What an operator can decide about usernames.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize, Serializer};

/// The options of the username plugin. What takes code is set by the methods, the rest can be read from a configuration file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct UsernameOptions {
    /// The fewest UTF-16 code units of a name; 0 stands for 3, as in the reference.
    pub min_username_length: usize,
    /// The most UTF-16 code units of a name; 0 stands for 30, as in the reference.
    pub max_username_length: usize,
    /// The form in which names are stored and looked up.
    pub username_normalization: Normalization,
    /// The form in which shown names are stored.
    pub display_username_normalization: Normalization,
    /// Whether a user has a second form of the name, for showing.
    pub display_username: bool,
    /// Whether a name once chosen stays.
    pub immutable_username: bool,
    /// Which form of a name is judged.
    pub validation_order: ValidationOrder,
    #[serde(skip)]
    pub(super) username_validator: Option<Check>,
    #[serde(skip)]
    pub(super) display_username_validator: Option<Check>,
}

impl Default for UsernameOptions {
    fn default() -> Self {
        Self {
            min_username_length: 3,
            max_username_length: 30,
            username_normalization: Normalization::Lowercase,
            display_username_normalization: Normalization::Off,
            display_username: true,
            immutable_username: false,
            validation_order: ValidationOrder::default(),
            username_validator: None,
            display_username_validator: None,
        }
    }
}

impl UsernameOptions {
    /// Which names are allowed, instead of those of ASCII letters, digits, `_` and `.`.
    #[must_use]
    pub fn username_validator(mut self, allowed: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.username_validator = Some(Check(Arc::new(allowed)));
        self
    }

    /// Which shown names are allowed, instead of all.
    #[must_use]
    pub fn display_username_validator(mut self, allowed: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.display_username_validator = Some(Check(Arc::new(allowed)));
        self
    }
}

/// Which form of a name is judged.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct ValidationOrder {
    /// Of the name.
    pub username: Moment,
    /// Of the shown name.
    pub display_username: Moment,
}

/// When a name is judged.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// As the client sent it.
    #[default]
    PreNormalization,
    /// As it would be stored.
    PostNormalization,
}

/// The form in which names are stored. In a configuration file `false` is [`Off`](Self::Off) and `true` is
/// [`Lowercase`](Self::Lowercase).
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "bool")]
pub enum Normalization {
    /// As they are.
    Off,
    /// In lower case.
    Lowercase,
    /// As a function makes them. It must leave alone what it has made.
    Custom(Transform),
}

impl Normalization {
    /// As `transform` makes them. It must leave alone what it has made: it may see a name twice.
    #[must_use]
    pub fn custom(transform: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self::Custom(Transform(Arc::new(transform)))
    }

    pub(super) fn apply(&self, name: &str) -> String {
        match self {
            Self::Off => name.to_owned(),
            Self::Lowercase => name.to_lowercase(),
            Self::Custom(Transform(transform)) => transform(name),
        }
    }
}

impl From<bool> for Normalization {
    fn from(on: bool) -> Self {
        if on { Self::Lowercase } else { Self::Off }
    }
}

impl Serialize for Normalization {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Off => serializer.serialize_bool(false),
            Self::Lowercase => serializer.serialize_bool(true),
            Self::Custom(_) => serializer.serialize_str("custom"),
        }
    }
}

/// The application's own rule about a name.
#[derive(Clone)]
pub struct Check(pub(super) Arc<dyn Fn(&str) -> bool + Send + Sync>);

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Check")
    }
}

/// The application's own form of a name.
#[derive(Clone)]
pub struct Transform(Arc<dyn Fn(&str) -> String + Send + Sync>);

impl fmt::Debug for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transform")
    }
}
