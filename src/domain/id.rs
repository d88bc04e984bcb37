//! Ids of rows.

use std::{fmt, sync::Arc};

use super::{Cx, options::IdStrategy};
use crate::{
    crypto::entropy::Entropy,
    schema::{IdKind, Name, SESSION, VERIFICATION},
    wire::id::{generate_id, is_uuid, object_id, uuid_v4},
};

/// What placeholders begin with, and nothing else that the server makes up.
const PLACEHOLDER: char = '~';

type Generate = dyn Fn(&Name, &dyn Entropy) -> String + Send + Sync;

/// The application's own way to make ids.
#[derive(Clone)]
pub struct IdGenerator(Arc<Generate>);

impl IdGenerator {
    /// Ids as `generate` makes them for rows of the table that it is told: never the same twice, and hard to guess.
    #[must_use]
    pub fn new(generate: impl Fn(&Name, &dyn Entropy) -> String + Send + Sync + 'static) -> Self {
        Self(Arc::new(generate))
    }
}

impl fmt::Debug for IdGenerator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdGenerator")
    }
}

/// The `id` for a new row of `table`, to insert it with.
///
/// Where the database makes ids this is a placeholder, which stands for the id in the rest of the batch and nowhere else. Whatever
/// leaves the server must take the id from the row that the commit [answers](super::commit::inserted).
#[must_use]
pub fn new(cx: &Cx, table: &Name) -> String {
    let places = cx.app().places;
    let stored = match table {
        _ if *table == SESSION => places.sessions.in_database(),
        _ if *table == VERIFICATION => places.verifications.in_database(),
        _ => true,
    };
    match cx.app().options.advanced.database.generate_id {
        IdStrategy::Serial if stored => format!("{PLACEHOLDER}{}", generate_id(cx.entropy())),
        _ => unstored(cx, table),
    }
}

/// Whether a row may be inserted with `id`, which comes from elsewhere.
#[must_use]
pub fn may_be_chosen(cx: &Cx, id: &str) -> bool {
    match cx.app().options.advanced.database.generate_id {
        IdStrategy::Serial => false,
        IdStrategy::Uuid => is_uuid(id),
        IdStrategy::Random | IdStrategy::ObjectId => !id.is_empty(),
    }
}

/// `id`, unless it is a placeholder, of which there is nothing to show.
#[must_use]
pub fn shown<'i>(cx: &Cx, id: &'i str) -> &'i str {
    let numbered = cx.app().options.advanced.database.generate_id == IdStrategy::Serial;
    if numbered && id.starts_with(PLACEHOLDER) { "" } else { id }
}

/// The `id` of something like a row of `table` that is not put into the database.
#[must_use]
pub fn unstored(cx: &Cx, table: &Name) -> String {
    match (&cx.app().id_generator, cx.app().options.advanced.database.generate_id) {
        (Some(IdGenerator(generate)), _) => generate(table, cx.entropy()),
        (None, IdStrategy::Uuid) => uuid_v4(cx.entropy()),
        (None, IdStrategy::ObjectId) => object_id(cx.entropy(), cx.now()),
        (None, IdStrategy::Random | IdStrategy::Serial) => generate_id(cx.entropy()),
    }
}

impl IdStrategy {
    /// What the database is told of such ids.
    #[must_use]
    pub fn kind(self) -> IdKind {
        match self {
            // To MongoDB alone they are more.
            Self::Random | Self::ObjectId => IdKind::Text,
            Self::Uuid => IdKind::Uuid,
            Self::Serial => IdKind::Serial,
        }
    }
}
