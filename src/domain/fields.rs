//! Fields that clients send: which they may set, and what their values become.

use serde_json::{Map, Value as Json};

use super::errors;
use crate::{
    crypto::entropy::Entropy,
    engine::ApiError,
    schema::{Field, FieldType, Table},
    store::{Row, Value},
    wire::{date::Timestamp, json::truthy},
};

/// Whether a row is being made or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Made: defaults apply, required fields must be there.
    Create,
    /// Changed.
    Update,
}

/// Takes from `data` what clients may set of `fields`, as the reference's `parseInputData` does. Unknown keys are ignored.
///
/// # Errors
/// `FIELD_NOT_ALLOWED`, `MISSING_FIELD`, or `VALIDATION_ERROR` for a value of another type than the field's.
pub fn parse_input(
    fields: &[Field],
    data: &Map<String, Json>,
    action: Action,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<Row, ApiError> {
    let mut row = Row::new();
    for field in fields {
        let default = field.default.as_ref().filter(|_| action == Action::Create);
        let value = match (data.get(field.name.as_str()), default) {
            (Some(value), _) if field.input => match (checked(field, value)?, default) {
                (Value::Null, Some(default)) if field.required => default.value(now, entropy),
                (Value::Null, None) if field.required => return Err(missing(field)),
                (value, _) => value,
            },
            (_, Some(default)) => default.value(now, entropy),
            (Some(value), None) if truthy(value) => {
                return Err(errors::FIELD_NOT_ALLOWED.message(format!("{} is not allowed to be set", field.name)));
            }
            (None, None) if action == Action::Create && field.required => return Err(missing(field)),
            (_, None) => continue,
        };
        row.set(field.name.clone(), value);
    }
    Ok(row)
}

fn missing(field: &Field) -> ApiError {
    errors::MISSING_FIELD.message(format!("{} is required", field.name))
}

/// The stored form of what a client has sent.
fn checked(field: &Field, value: &Json) -> Result<Value, ApiError> {
    let accepted = field.accepts.as_ref().map(|rule| rule.apply(value.clone())).transpose();
    let accepted = accepted.map_err(|why| errors::VALIDATION_ERROR.message(why))?;
    let value = accepted.as_ref().unwrap_or(value);
    let converted = from_json(field.kind, value);
    if converted.is_null() && !value.is_null() {
        let (expected, received) = (expected(field.kind), received(value));
        let message = format!("[body.{}] Invalid input: expected {expected}, received {received}", field.name);
        return Err(errors::VALIDATION_ERROR.message(message));
    }
    Ok(converted)
}

/// The stored form of a JSON value; [`Value::Null`] when it does not fit the field.
#[must_use]
pub fn from_json(kind: FieldType, value: &Json) -> Value {
    match (kind, value) {
        (FieldType::Text | FieldType::Id(_), Json::String(text)) => text.into(),
        (FieldType::Boolean, Json::Bool(flag)) => (*flag).into(),
        (FieldType::Number | FieldType::BigNumber, Json::Number(number)) => {
            number.as_i64().map(Value::Int).or_else(|| number.as_f64().map(Value::Float)).unwrap_or_default()
        }
        (FieldType::Date, Json::String(text)) => Timestamp::parse(text).into(),
        (FieldType::Date, Json::Number(number)) => number.as_i64().map(Timestamp::from_millis).into(),
        (FieldType::Json, value) if !value.is_null() => Value::Json(value.clone()),
        (FieldType::TextList, Json::Array(items)) if items.iter().all(Json::is_string) => Value::Json(value.clone()),
        (FieldType::NumberList, Json::Array(items)) if items.iter().all(Json::is_number) => Value::Json(value.clone()),
        _ => Value::Null,
    }
}

/// The row of `table` that a JSON object describes, as far as its members fit the fields.
#[must_use]
pub fn row_from_json(table: &Table, object: &Map<String, Json>) -> Row {
    let mut row = Row::with_capacity(table.fields.len() + 1);
    for field in &table.fields {
        if let Some(value) = object.get(field.name.as_str()) {
            row.push(field.name.clone(), from_json(field.kind, value));
        }
    }
    if let Some(Json::String(id)) = object.get("id") {
        row.push("id".into(), id.into());
    }
    row
}

fn expected(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Text | FieldType::Id(_) => "string",
        FieldType::Number | FieldType::BigNumber => "number",
        FieldType::Boolean => "boolean",
        FieldType::Date => "date",
        FieldType::Json => "object",
        FieldType::TextList | FieldType::NumberList => "array",
    }
}

fn received(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        crypto::entropy::SeededEntropy,
        schema::{DefaultValue, MakeRule},
    };

    fn fields() -> Vec<Field> {
        vec![
            Field::optional("nickname", FieldType::Text),
            Field::required("plan", FieldType::Text).default_value("free").no_input(),
            Field::optional("score", FieldType::Number).no_input(),
            Field::required("country", FieldType::Text),
        ]
    }

    fn parse(data: Json, action: Action) -> Result<Row, ApiError> {
        let data = data.as_object().cloned().unwrap();
        parse_input(&fields(), &data, action, Timestamp::from_millis(0), &SeededEntropy::new(1))
    }

    #[test]
    fn what_clients_may_not_set_is_refused_or_defaulted() {
        let row = parse(json!({"plan": "gold", "country": "NL"}), Action::Create).unwrap();
        assert_eq!(row.text("plan"), "free");
        let error = parse(json!({"plan": "gold"}), Action::Update).unwrap_err();
        assert_eq!(error.message.as_deref(), Some("plan is not allowed to be set"));
        assert!(parse(json!({"score": 5, "country": "NL"}), Action::Create).is_err());
        assert!(parse(json!({"score": 0, "country": "NL"}), Action::Create).unwrap().find("score").is_none());
    }

    #[test]
    fn required_fields_are_asked_for_only_when_a_row_is_made() {
        let error = parse(json!({}), Action::Create).unwrap_err();
        assert_eq!((error.code, error.message.as_deref()), (Some("MISSING_FIELD"), Some("country is required")));
        assert!(parse(json!({}), Action::Update).unwrap().is_empty());
    }

    #[test]
    fn a_default_is_made_for_each_row_and_for_no_update() {
        let made = MakeRule::new(|now, entropy| {
            let mut byte = [0];
            entropy.fill(&mut byte);
            format!("{}-{}", now.as_millis(), byte[0]).into()
        });
        let field = Field { default: Some(DefaultValue::Made(made)), ..Field::required("code", FieldType::Text) };
        let entropy = SeededEntropy::new(1);
        let parse = |data: Json, action| {
            let data = data.as_object().cloned().unwrap();
            parse_input(std::slice::from_ref(&field), &data, action, Timestamp::from_millis(7), &entropy).unwrap()
        };
        let (first, second) = (parse(json!({}), Action::Create), parse(json!({}), Action::Create));
        assert!(first.text("code").starts_with("7-") && first != second, "{first:?} {second:?}");
        // As in the reference, null in a required field is no value.
        assert!(parse(json!({"code": null}), Action::Create).text("code").starts_with("7-"));
        assert_eq!(parse(json!({"code": "own"}), Action::Create).text("code"), "own");
        assert!(parse(json!({}), Action::Update).is_empty());
    }

    #[test]
    fn a_value_of_another_type_is_refused() {
        let error = parse(json!({"nickname": 5}), Action::Update).unwrap_err();
        let message = "[body.nickname] Invalid input: expected string, received number";
        assert_eq!((error.code, error.message.as_deref()), (Some("VALIDATION_ERROR"), Some(message)));
        assert!(parse(json!({"nickname": null}), Action::Update).unwrap().get("nickname").is_null());
    }

    #[test]
    fn the_application_has_a_say_in_what_is_stored() {
        use crate::schema::InputRule;
        let short = InputRule::new(|value| match value.as_str() {
            Some(text) if text.len() <= 5 => Ok(text.to_uppercase().into()),
            _ => Err("at most five letters".to_owned()),
        });
        let fields = [Field { accepts: Some(short), ..Field::optional("nickname", FieldType::Text) }];
        let parse = |value: Json| {
            let data = json!({ "nickname": value });
            let (now, entropy) = (Timestamp::from_millis(0), SeededEntropy::new(1));
            parse_input(&fields, data.as_object().unwrap(), Action::Update, now, &entropy)
        };
        assert_eq!(parse(json!("ada")).unwrap().text("nickname"), "ADA");
        let error = parse(json!("countess")).unwrap_err();
        assert_eq!((error.code, error.message.as_deref()), (Some("VALIDATION_ERROR"), Some("at most five letters")));
        assert!(parse(json!(5)).is_err());
    }

    #[test]
    fn unknown_keys_are_ignored() {
        assert!(parse(json!({"id": "x", "emailVerified": true, "__proto__": {}}), Action::Update).unwrap().is_empty());
    }
}
