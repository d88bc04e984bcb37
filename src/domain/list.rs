//! Lists of rows, none longer than the installation allows.

use super::Cx;
use crate::{
    engine::Exit,
    store::{Query, Row},
};

/// The rows that `query` finds; without a limit of its own, at most `advanced.database.default_find_many_limit`.
///
/// # Errors
/// When the store cannot answer.
pub async fn find_many(cx: &mut Cx, query: Query) -> Result<Vec<Row>, Exit> {
    let limit = query.limit.unwrap_or(cx.app().options.advanced.database.default_find_many_limit.get());
    Ok(cx.read(query.limit(limit)).await?.rows)
}
