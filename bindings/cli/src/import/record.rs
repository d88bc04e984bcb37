//! One record of an export, whatever the file's format: members by name, read leniently.

use std::fmt;

use kernia::{
    schema::{FieldType, Value},
    wire::date::Timestamp,
};
use serde_json::{Map, Value as Json};

/// One record, and where it stands. `Debug` shows the place only.
#[derive(Clone, Default)]
pub(super) struct Record {
    /// Its number in the file, from 1.
    pub(super) number: u64,
    /// Its line, when the file has lines.
    pub(super) line: Option<u64>,
    pub(super) members: Map<String, Json>,
}

impl Record {
    /// A part of another record.
    pub(super) fn part(members: &Map<String, Json>) -> Self {
        Self { members: members.clone(), ..Self::default() }
    }

    /// A member that says something: not null, not empty, not a database's mark of absence.
    pub(super) fn get(&self, name: &str) -> Option<&Json> {
        self.members.get(name).filter(|value| match value {
            Json::Null => false,
            Json::String(text) => !matches!(text.trim(), "" | "\\N" | "NULL"),
            _ => true,
        })
    }

    /// A text, or a number as one.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.get(name)? {
            Json::String(text) => Some(text.trim().to_owned()),
            Json::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// The first of several members that is a text.
    pub(super) fn any_text(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.text(name))
    }

    /// A truth value: JSON's, a number's, or a database's in text.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        flag(self.get(name)?)
    }

    /// A moment.
    pub(super) fn date(&self, name: &str) -> Option<Timestamp> {
        date(self.get(name)?)
    }

    /// An object, or a text that is the JSON of one.
    pub(super) fn object(&self, name: &str) -> Option<Self> {
        match self.json(name)? {
            Json::Object(members) => Some(Self { members, ..Self::default() }),
            _ => None,
        }
    }

    /// The objects in a list, or in a text that is the JSON of one.
    pub(super) fn objects(&self, name: &str) -> Vec<Self> {
        match self.json(name) {
            Some(Json::Array(items)) => items.iter().filter_map(Json::as_object).map(Self::part).collect(),
            _ => Vec::new(),
        }
    }

    fn json(&self, name: &str) -> Option<Json> {
        match self.get(name)? {
            Json::String(text) => serde_json::from_str(text).ok(),
            other => Some(other.clone()),
        }
    }

    /// The value of a field of this kind; `None` when the member is absent or does not fit.
    pub(super) fn value(&self, name: &str, kind: FieldType) -> Option<Value> {
        let member = self.get(name)?;
        match kind {
            FieldType::Text => self.text(name).map(Value::from),
            FieldType::Boolean => flag(member).map(Value::from),
            FieldType::Date => date(member).map(Value::from),
            FieldType::Number | FieldType::BigNumber => match member {
                Json::String(text) => text.trim().parse::<i64>().ok().map(Value::from),
                Json::Number(number) => number.as_i64().map(Value::from).or_else(|| number.as_f64().map(Value::from)),
                _ => None,
            },
            // JSON documents and lists.
            _ => self.json(name).map(Value::from),
        }
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("number", &self.number).field("line", &self.line).finish_non_exhaustive()
    }
}

fn flag(value: &Json) -> Option<bool> {
    match value {
        Json::Bool(flag) => Some(*flag),
        Json::Number(number) => number.as_i64().map(|number| number != 0),
        Json::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "t" | "1" | "yes" | "y" => Some(true),
            "false" | "f" | "0" | "no" | "n" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn date(value: &Json) -> Option<Timestamp> {
    match value {
        Json::Number(number) => number.as_f64().and_then(epoch),
        Json::String(text) => {
            let text = text.trim();
            if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && text.len() > 8 {
                return text.parse().ok().and_then(epoch);
            }
            let iso = text.strip_suffix(" UTC").unwrap_or(text);
            Timestamp::parse(iso).or_else(|| Timestamp::parse_http_date(text))
        }
        // MongoDB's extended JSON.
        Json::Object(members) => date(members.get("$date")?),
        _ => None,
    }
}

/// Seconds or milliseconds since 1970. What would be a moment before March 1973 in milliseconds is seconds.
fn epoch(number: f64) -> Option<Timestamp> {
    const FIRST_MILLIS: f64 = 1e11;
    const LAST_MILLIS: f64 = 8.64e15;
    let millis = if number.abs() < FIRST_MILLIS { number * 1000.0 } else { number };
    (millis.is_finite() && millis.abs() <= LAST_MILLIS).then(|| Timestamp::from_millis(millis as i64))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(value: Json) -> Record {
        Record::part(value.as_object().unwrap())
    }

    #[test]
    fn absence_has_many_faces() {
        let record = record(json!({"a": null, "b": "", "c": "  ", "d": "\\N", "e": "NULL", "f": 0, "g": "x"}));
        let there: Vec<_> =
            ["a", "b", "c", "d", "e", "f", "g", "h"].iter().filter(|name| record.get(name).is_some()).collect();
        assert_eq!(there, [&"f", &"g"]);
    }

    #[test]
    fn flags_and_moments_are_read_as_databases_and_services_write_them() {
        for (value, wanted) in [
            (json!(true), Some(true)),
            (json!(0), Some(false)),
            (json!("t"), Some(true)),
            (json!("FALSE"), Some(false)),
            (json!("maybe"), None),
        ] {
            assert_eq!(flag(&value), wanted, "{value}");
        }
        let moment = Timestamp::parse("2021-03-04T05:06:07Z");
        for value in [
            json!("2021-03-04T05:06:07.000Z"),
            json!("2021-03-04 05:06:07+00"),
            json!("2021-03-04 05:06:07 UTC"),
            json!("2021-03-04 05:06:07"),
            json!("Thu, 04 Mar 2021 05:06:07 GMT"),
            json!(1_614_834_367),
            json!(1_614_834_367_000_i64),
            json!("1614834367000"),
            json!({"$date": "2021-03-04T05:06:07Z"}),
        ] {
            assert_eq!(date(&value), moment, "{value}");
        }
        for value in [json!("yesterday"), json!(1e300), json!([]), json!("1.2.3.4.5.6")] {
            assert_eq!(date(&value), None, "{value}");
        }
    }

    #[test]
    fn lists_may_be_texts() {
        for value in [json!({"l": [{"a": 1}, 5]}), json!({"l": r#"[{"a":1},5]"#})] {
            let list = record(value).objects("l");
            assert_eq!((list.len(), list[0].text("a").as_deref()), (1, Some("1")));
        }
        assert!(record(json!({"l": "not json"})).objects("l").is_empty());
    }

    #[test]
    fn debug_shows_no_content() {
        let record = record(json!({"passwordHash": "hunter2"}));
        assert!(!format!("{record:?}").contains("hunter2"));
    }
}
