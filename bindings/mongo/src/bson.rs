//! Documents between the engine's form and the driver's.

use kernia::{
    store::{
        StorageError,
        mongo::{Bson as Plain, Document as PlainDocument},
    },
    wire::date::Timestamp,
};
use mongodb::bson::{self, Binary, Bson, Document, Regex, oid::ObjectId, raw::cstr, spec::BinarySubtype};

/// For the driver.
pub(crate) fn to_driver(document: PlainDocument) -> Document {
    document.into_iter().map(|(name, value)| (name, value_to_driver(value))).collect()
}

fn value_to_driver(value: Plain) -> Bson {
    match value {
        Plain::Bool(flag) => Bson::Boolean(flag),
        Plain::Int32(number) => Bson::Int32(number),
        Plain::Int64(number) => Bson::Int64(number),
        Plain::Double(number) => Bson::Double(number),
        Plain::Text(text) => Bson::String(text),
        Plain::Date(moment) => Bson::DateTime(bson::DateTime::from_millis(moment.as_millis())),
        Plain::ObjectId(bytes) => Bson::ObjectId(ObjectId::from_bytes(bytes)),
        Plain::Uuid(bytes) => Bson::Binary(Binary { subtype: BinarySubtype::Uuid, bytes: bytes.to_vec() }),
        // The engine's patterns hold no NUL, which is all that the driver refuses.
        Plain::Pattern(pattern) => pattern
            .try_into()
            .map_or(Bson::Null, |pattern| Bson::RegularExpression(Regex { pattern, options: cstr!("").into() })),
        Plain::List(list) => Bson::Array(list.into_iter().map(value_to_driver).collect()),
        Plain::Document(document) => Bson::Document(to_driver(document)),
        _ => Bson::Null,
    }
}

/// From the driver.
pub(crate) fn from_driver(document: Document) -> Result<PlainDocument, StorageError> {
    document.into_iter().map(|(name, value)| Ok((name, value_from_driver(value)?))).collect()
}

fn value_from_driver(value: Bson) -> Result<Plain, StorageError> {
    Ok(match value {
        Bson::Null | Bson::Undefined => Plain::Null,
        Bson::Boolean(flag) => Plain::Bool(flag),
        Bson::Int32(number) => Plain::Int32(number),
        Bson::Int64(number) => Plain::Int64(number),
        Bson::Double(number) => Plain::Double(number),
        Bson::String(text) | Bson::Symbol(text) => Plain::Text(text),
        Bson::DateTime(moment) => Plain::Date(Timestamp::from_millis(moment.timestamp_millis())),
        Bson::ObjectId(id) => Plain::ObjectId(id.bytes()),
        Bson::Binary(Binary { subtype: BinarySubtype::Uuid, bytes }) => {
            let bytes =
                bytes.try_into().map_err(|_| StorageError::Failed("a stored UUID has no 16 bytes".to_owned()))?;
            Plain::Uuid(bytes)
        }
        Bson::Array(list) => Plain::List(list.into_iter().map(value_from_driver).collect::<Result<_, _>>()?),
        Bson::Document(document) => Plain::Document(from_driver(document)?),
        // Nothing that the engine or the reference writes: fields of the application's own, which no row has.
        _ => Plain::Null,
    })
}
