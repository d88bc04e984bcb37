//! Users, and fields that the application adds.

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use super::ColumnNames;
use crate::{
    crypto::entropy::Entropy,
    domain::fields::from_json,
    schema::{DefaultValue, Field, FieldType, InputRule, MakeRule, OutputRule},
    wire::date::Timestamp,
};

/// Users.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct UserOptions {
    /// The table's name in the database.
    pub model_name: Option<String>,
    /// The columns' names.
    pub fields: ColumnNames,
    /// The application's own fields.
    pub additional_fields: BTreeMap<String, AdditionalField>,
    /// Changing the email address.
    pub change_email: ChangeEmail,
    /// Deleting oneself.
    pub delete_user: DeleteUser,
}

/// Changing the email address.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ChangeEmail {
    /// Whether it is allowed.
    pub enabled: bool,
    /// Whether an unverified address is replaced at once.
    pub update_email_without_verification: bool,
    /// Whether the old, verified address is asked to confirm first.
    pub send_change_email_confirmation: bool,
}

/// Deleting oneself.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DeleteUser {
    /// Whether it is allowed.
    pub enabled: bool,
    /// Whether it takes a link sent by mail.
    pub send_delete_account_verification: bool,
    /// How long that link is good, in seconds.
    pub delete_token_expires_in: i64,
}

impl Default for DeleteUser {
    fn default() -> Self {
        Self { enabled: false, send_delete_account_verification: false, delete_token_expires_in: 86_400 }
    }
}

/// A field that the application adds to a table.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AdditionalField {
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: AdditionalFieldType,
    /// Whether sign-up is refused without it.
    #[serde(default = "yes")]
    pub required: bool,
    /// Whether clients may set it.
    #[serde(default = "yes")]
    pub input: bool,
    /// Whether it is part of answers.
    #[serde(default = "yes")]
    pub returned: bool,
    /// Whether no two rows may share a value.
    #[serde(default)]
    pub unique: bool,
    /// Whether look-ups by it must be fast.
    #[serde(default)]
    pub index: bool,
    /// Whether lists may be sorted by it.
    #[serde(default)]
    pub sortable: bool,
    /// The value when none is given.
    #[serde(default)]
    pub default_value: Option<serde_json::Value>,
    /// The column's name.
    #[serde(default)]
    pub field_name: Option<String>,
    #[serde(skip)]
    default_with: Option<Make>,
    #[serde(skip)]
    on_update: Option<Make>,
    #[serde(skip)]
    accepts: Option<InputRule>,
    #[serde(skip)]
    shows: Option<OutputRule>,
}

impl AdditionalField {
    /// A field that holds this, which clients may set and see, and which must have a value.
    #[must_use]
    pub fn new(kind: AdditionalFieldType) -> Self {
        Self {
            kind,
            required: true,
            input: true,
            returned: true,
            unique: false,
            index: false,
            sortable: false,
            default_value: None,
            field_name: None,
            default_with: None,
            on_update: None,
            accepts: None,
            shows: None,
        }
    }

    /// Text.
    #[must_use]
    pub fn text() -> Self {
        Self::new(AdditionalFieldType::String)
    }

    /// The same with a value for users who were given none.
    #[must_use]
    pub fn default_value(mut self, value: impl Into<serde_json::Value>) -> Self {
        self.default_value = Some(value.into());
        self
    }

    /// The same with a value that is made for each user who was given none: the reference's `defaultValue` as a function. It is told the
    /// request's moment and given randomness; a moment is written as a text (RFC 3339) or as milliseconds.
    ///
    /// ```
    /// use kernia::domain::options::AdditionalField;
    /// use kernia::wire::id::{Alphabet, random_string};
    ///
    /// let field = AdditionalField::text().default_with(|_, entropy| random_string(entropy, Alphabet::A62, 10).into());
    /// ```
    #[must_use]
    pub fn default_with(
        mut self,
        make: impl Fn(Timestamp, &dyn Entropy) -> serde_json::Value + Send + Sync + 'static,
    ) -> Self {
        self.default_with = Some(Make(Arc::new(make)));
        self
    }

    /// The same, which every change of the row sets to what `make` makes, unless the change is one of this field: the reference's
    /// `onUpdate`. It is told the request's moment and given randomness.
    #[must_use]
    pub fn on_update(
        mut self,
        make: impl Fn(Timestamp, &dyn Entropy) -> serde_json::Value + Send + Sync + 'static,
    ) -> Self {
        self.on_update = Some(Make(Arc::new(make)));
        self
    }

    /// The same, where `rule` says what is stored of a value that a client sends, or why it is refused with 400: the reference's
    /// `validator.input` and, as it may change the value, `transform.input`. Several run in the order in which they were given.
    #[must_use]
    pub fn accepts(
        mut self,
        rule: impl Fn(serde_json::Value) -> Result<serde_json::Value, String> + Send + Sync + 'static,
    ) -> Self {
        let earlier = self.accepts.take();
        self.accepts = Some(InputRule::new(move |value| {
            let value = earlier.as_ref().map_or_else(|| Ok(value.clone()), |earlier| earlier.apply(value.clone()))?;
            rule(value)
        }));
        self
    }

    /// The same, where clients see what `rule` makes of the stored value: the reference's `transform.output`. It must leave alone what
    /// it has made.
    #[must_use]
    pub fn shows(mut self, rule: impl Fn(serde_json::Value) -> serde_json::Value + Send + Sync + 'static) -> Self {
        self.shows = Some(OutputRule::new(rule));
        self
    }

    /// The same, but no client may set it.
    #[must_use]
    pub fn server_only(mut self) -> Self {
        self.input = false;
        self
    }
}

/// What an additional field holds, in the reference's words.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub enum AdditionalFieldType {
    /// Text.
    #[serde(rename = "string")]
    String,
    /// A number.
    #[serde(rename = "number")]
    Number,
    /// A boolean.
    #[serde(rename = "boolean")]
    Boolean,
    /// A moment.
    #[serde(rename = "date")]
    Date,
    /// A JSON document.
    #[serde(rename = "json")]
    Json,
    /// A list of texts.
    #[serde(rename = "string[]")]
    StringList,
    /// A list of numbers.
    #[serde(rename = "number[]")]
    NumberList,
}

fn yes() -> bool {
    true
}

impl AdditionalField {
    /// The schema's field.
    #[must_use]
    pub fn resolve(&self, name: &str) -> Field {
        let kind = match self.kind {
            AdditionalFieldType::String => FieldType::Text,
            AdditionalFieldType::Number => FieldType::Number,
            AdditionalFieldType::Boolean => FieldType::Boolean,
            AdditionalFieldType::Date => FieldType::Date,
            AdditionalFieldType::Json => FieldType::Json,
            AdditionalFieldType::StringList => FieldType::TextList,
            AdditionalFieldType::NumberList => FieldType::NumberList,
        };
        let mut field = Field::required(name.to_owned(), kind);
        field.required = self.required;
        field.input = self.input;
        field.returned = self.returned;
        field.unique = self.unique;
        field.index = self.index;
        field.sortable = self.sortable;
        field.accepts.clone_from(&self.accepts);
        field.shows.clone_from(&self.shows);
        field.default = self.default_value.as_ref().map(|value| DefaultValue::Value(from_json(kind, value)));
        field.default = self.default_with.as_ref().map(|make| make.of(kind)).or(field.default);
        field.on_update = self.on_update.as_ref().map(|make| make.of(kind));
        field
    }
}

type Made = dyn Fn(Timestamp, &dyn Entropy) -> serde_json::Value + Send + Sync;

/// The application's own values of a field.
#[derive(Clone)]
struct Make(Arc<Made>);

impl Make {
    /// The same as values that are stored. What does not fit the field is none.
    fn of(&self, kind: FieldType) -> DefaultValue {
        let make = Arc::clone(&self.0);
        DefaultValue::Made(MakeRule::new(move |now, entropy| from_json(kind, &make(now, entropy))))
    }
}

impl fmt::Debug for Make {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Make")
    }
}
