//! Fields that the application adds to tables.

use std::{fmt, sync::Arc};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, SeqAccess, Visitor},
};

use crate::{
    crypto::entropy::Entropy,
    domain::fields::from_json,
    schema::{DefaultValue, Field, FieldType, InputRule, MakeRule, OnDelete, OutputRule},
    wire::date::Timestamp,
};

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
    /// Whether a number has 64 bits, not 32.
    #[serde(default)]
    pub bigint: bool,
    /// The row that it points at.
    #[serde(default)]
    pub references: Option<FieldReference>,
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
            bigint: false,
            references: None,
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

    /// One of these texts.
    #[must_use]
    pub fn one_of(values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::new(AdditionalFieldType::OneOf(values.into_iter().map(Into::into).collect()))
    }

    /// The same, but pointing at the row of `model` that has this value in `field`; it goes with that row.
    #[must_use]
    pub fn references(mut self, model: impl Into<String>, field: impl Into<String>) -> Self {
        let (model, field) = (model.into(), field.into());
        self.references = Some(FieldReference { model, field, on_delete: OnDelete::Cascade });
        self
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
        self.accepts = Some(after(self.accepts.take(), rule));
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

/// A row that a field points at.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FieldReference {
    /// The table, by its name in code.
    pub model: String,
    /// The field there: `id`, or one of which no two rows share a value.
    pub field: String,
    /// What happens when that row goes.
    #[serde(default)]
    pub on_delete: OnDelete,
}

/// What an additional field holds. In a configuration file a word of the reference's, or a list of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdditionalFieldType {
    /// `string`: text.
    String,
    /// `number`: a number.
    Number,
    /// `boolean`: a boolean.
    Boolean,
    /// `date`: a moment.
    Date,
    /// `json`: a JSON document.
    Json,
    /// `string[]`: a list of texts.
    StringList,
    /// `number[]`: a list of numbers.
    NumberList,
    /// One of these texts. Clients that send another are refused.
    OneOf(Vec<String>),
}

const WORDS: [&str; 7] = ["string", "number", "boolean", "date", "json", "string[]", "number[]"];

impl AdditionalFieldType {
    fn read(word: &str) -> Option<Self> {
        Some(match word {
            "string" => Self::String,
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            "json" => Self::Json,
            "string[]" => Self::StringList,
            "number[]" => Self::NumberList,
            _ => return None,
        })
    }
}

impl<'de> Deserialize<'de> for AdditionalFieldType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WordOrList;

        impl<'de> Visitor<'de> for WordOrList {
            type Value = AdditionalFieldType;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a type, or a list of texts")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<AdditionalFieldType, E> {
                AdditionalFieldType::read(word).ok_or_else(|| E::unknown_variant(word, &WORDS))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<AdditionalFieldType, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = list.next_element()? {
                    values.push(value);
                }
                Ok(AdditionalFieldType::OneOf(values))
            }
        }

        deserializer.deserialize_any(WordOrList)
    }
}

impl Serialize for AdditionalFieldType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::OneOf(values) => values.serialize(serializer),
            word => {
                let word = WORDS.iter().find(|known| Self::read(known).as_ref() == Some(word));
                word.serialize(serializer)
            }
        }
    }
}

fn yes() -> bool {
    true
}

impl AdditionalField {
    /// The schema's field.
    #[must_use]
    pub fn resolve(&self, name: &str) -> Field {
        let kind = match &self.kind {
            AdditionalFieldType::String | AdditionalFieldType::OneOf(_) => FieldType::Text,
            AdditionalFieldType::Number if self.bigint => FieldType::BigNumber,
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
        field.accepts = match &self.kind {
            AdditionalFieldType::OneOf(values) => Some(after(self.accepts.clone(), one_of(name, values))),
            _ => self.accepts.clone(),
        };
        field.shows.clone_from(&self.shows);
        field.default = self.default_value.as_ref().map(|value| DefaultValue::Value(from_json(kind, value)));
        field.default = self.default_with.as_ref().map(|make| make.of(kind)).or(field.default);
        field.on_update = self.on_update.as_ref().map(|make| make.of(kind));
        match &self.references {
            Some(to) => field.references_with(to.model.clone(), to.field.clone(), to.on_delete),
            None => field,
        }
    }
}

/// The rule that does what `earlier` does, and `rule` with what that made.
fn after(
    earlier: Option<InputRule>,
    rule: impl Fn(serde_json::Value) -> Result<serde_json::Value, String> + Send + Sync + 'static,
) -> InputRule {
    match earlier {
        Some(earlier) => InputRule::new(move |value| rule(earlier.apply(value)?)),
        None => InputRule::new(rule),
    }
}

/// Refuses what is none of `values`.
fn one_of(
    name: &str,
    values: &[String],
) -> impl Fn(serde_json::Value) -> Result<serde_json::Value, String> + Send + Sync + use<> {
    let quoted: Vec<_> = values.iter().map(|value| format!("{value:?}")).collect();
    let refusal = format!("[body.{name}] Invalid option: expected one of {}", quoted.join("|"));
    let values = values.to_vec();
    move |value| {
        let fits = value.is_null() || value.as_str().is_some_and(|text| values.iter().any(|known| known == text));
        if fits { Ok(value) } else { Err(refusal.clone()) }
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

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, from_value, json, to_value};

    use super::*;

    fn field(told: Json) -> Field {
        from_value::<AdditionalField>(told).unwrap().resolve("score")
    }

    #[test]
    fn a_type_is_a_word_or_a_list_of_texts() {
        for written in WORDS.iter().map(|word| json!(word)).chain([json!(["a", "b"])]) {
            let read: AdditionalFieldType = from_value(written.clone()).unwrap();
            assert_eq!(to_value(read).unwrap(), written);
        }
        let error = from_value::<AdditionalFieldType>(json!("text")).unwrap_err().to_string();
        assert!(error.contains("unknown variant `text`, expected one of `string`"), "{error}");
        assert!(from_value::<AdditionalFieldType>(json!([1])).is_err());
    }

    #[test]
    fn a_number_may_be_a_big_one() {
        assert_eq!(field(json!({ "type": "number" })).kind, FieldType::Number);
        assert_eq!(field(json!({ "type": "number", "bigint": true })).kind, FieldType::BigNumber);
    }

    #[test]
    fn what_becomes_of_a_field_that_points_at_nothing_is_in_the_references_words() {
        let points = |more: Json| {
            let mut to = json!({ "model": "team", "field": "id" });
            to.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            field(json!({ "type": "string", "references": to })).references.unwrap().on_delete
        };
        assert_eq!(points(json!({})), OnDelete::Cascade);
        for (word, expected) in
            [("set null", OnDelete::SetNull), ("restrict", OnDelete::Restrict), ("no action", OnDelete::Restrict)]
        {
            assert_eq!(points(json!({ "on_delete": word })), expected);
        }
    }

    #[test]
    fn the_applications_rule_runs_before_the_list() {
        let lower = |value: Json| Ok(value.as_str().map(str::to_lowercase).into());
        let rule = AdditionalField::one_of(["a", "b"]).accepts(lower).resolve("score").accepts.unwrap();
        assert_eq!(rule.apply(json!("B")), Ok(json!("b")));
        let refusal = "[body.score] Invalid option: expected one of \"a\"|\"b\"";
        assert_eq!(rule.apply(json!("c")), Err(refusal.to_owned()));
    }
}
