//! Reading the engine's own migration statements back: what they make, without a database.
//!
//! Only the forms that `kernia::store::sql::plan` writes are understood; anything else is passed over.

mod tokens;

use kernia::store::sql::{Live, LiveColumn, LiveIndex, LiveTable};

use self::tokens::{Token, tokens};

/// What one statement makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Made {
    /// A table.
    Table(LiveTable),
    /// A column of this table.
    Column(String, LiveColumn),
    /// An index of this table.
    Index(String, LiveIndex),
}

/// What these statements make, in order.
pub(super) fn made(sql: &str) -> Vec<Made> {
    let tokens = tokens(sql);
    tokens.split(|token| *token == Token::Symbol(';')).flat_map(statement).collect()
}

/// Adds to a database what was made, as far as it is not there.
pub(super) fn apply(live: &mut Live, made: Vec<Made>) {
    for made in made {
        match made {
            Made::Table(table) if find(live, &table.name).is_none() => live.tables.push(table),
            Made::Column(table, column) => {
                let Some(table) = find(live, &table) else { continue };
                if table.columns.iter().all(|known| known.name != column.name) {
                    table.columns.push(column);
                }
            }
            Made::Index(table, index) => {
                let Some(table) = find(live, &table) else { continue };
                if table.indexes.iter().all(|known| known.name != index.name) {
                    table.indexes.push(index);
                }
            }
            Made::Table(_) => {}
        }
    }
}

fn find<'l>(live: &'l mut Live, name: &str) -> Option<&'l mut LiveTable> {
    live.tables.iter_mut().find(|table| table.name == name)
}

fn statement(tokens: &[Token<'_>]) -> Vec<Made> {
    use Token::{Name, Symbol, Word};
    match tokens {
        [Word("create"), Word("table"), Name(table), Symbol('('), parts @ .., Symbol(')')] => {
            vec![Made::Table(create_table(table, parts))]
        }
        [Word("alter"), Word("table"), Name(table), rest @ ..] => {
            parts(rest).into_iter().filter_map(|part| addition(table, part)).collect()
        }
        [Word("create"), Word("unique"), Word("index"), Name(name), Word("on"), Name(table), columns @ ..] => {
            vec![Made::Index(table.clone(), index(name, names(columns), true))]
        }
        [Word("create"), Word("index"), Name(name), Word("on"), Name(table), columns @ ..] => {
            vec![Made::Index(table.clone(), index(name, names(columns), false))]
        }
        _ => Vec::new(),
    }
}

/// One of the things that are done to a table at once.
fn addition(table: &str, part: &[Token<'_>]) -> Option<Made> {
    use Token::{Name, Word};
    match part {
        [Word("add"), Word("column"), rest @ ..] => Some(Made::Column(table.to_owned(), column(rest)?.0)),
        [Word("add"), Word("unique"), Word("index"), Name(name), columns @ ..] => {
            Some(Made::Index(table.to_owned(), index(name, names(columns), true)))
        }
        [Word("add"), Word("index"), Name(name), columns @ ..] => {
            Some(Made::Index(table.to_owned(), index(name, names(columns), false)))
        }
        _ => None,
    }
}

fn create_table(name: &str, definition: &[Token<'_>]) -> LiveTable {
    let (mut columns, mut indexes) = (Vec::new(), Vec::new());
    for (column, unique) in parts(definition).into_iter().filter_map(|part| column(part)) {
        if unique {
            indexes.push(index(&format!("{name}.{}", column.name), vec![column.name.clone()], true));
        }
        columns.push(column);
    }
    LiveTable { name: name.to_owned(), columns, indexes, populated: false }
}

/// A column, and whether its values are unique by its own words; `None` for what is no column, as a foreign key.
fn column(definition: &[Token<'_>]) -> Option<(LiveColumn, bool)> {
    let (Token::Name(name), rest) = definition.split_first()? else { return None };
    let end = rest.iter().position(|token| matches!(token, Token::Word(word) if ENDS_TYPE.contains(word)));
    let (data_type, constraints) = rest.split_at(end.unwrap_or(rest.len()));
    let has = |words: &[&str]| {
        let is = |window: &[Token<'_>]| window.iter().zip(words).all(|(token, word)| *token == Token::Word(word));
        constraints.windows(words.len()).any(is)
    };
    let column = LiveColumn {
        name: name.clone(),
        data_type: tokens::text(data_type),
        nullable: !has(&["not", "null"]) && !has(&["primary", "key"]),
        has_default: MAKES_VALUES.iter().any(|word| has(&[word])),
    };
    Some((column, has(&["unique"])))
}

/// The words after a column's type.
const ENDS_TYPE: [&str; 9] =
    ["not", "null", "primary", "unique", "references", "default", "generated", "autoincrement", "auto_increment"];

/// The words by which a column has a value that nobody gave it.
const MAKES_VALUES: [&str; 4] = ["default", "generated", "autoincrement", "auto_increment"];

fn index(name: &str, columns: Vec<String>, unique: bool) -> LiveIndex {
    LiveIndex { name: name.to_owned(), columns, unique, complete: true }
}

fn names(tokens: &[Token<'_>]) -> Vec<String> {
    let name = |token: &Token<'_>| match token {
        Token::Name(name) => Some(name.clone()),
        _ => None,
    };
    tokens.iter().filter_map(name).collect()
}

/// What commas divide, those in brackets left alone.
fn parts<'s, 't>(tokens: &'s [Token<'t>]) -> Vec<&'s [Token<'t>]> {
    let mut depth = 0_usize;
    let divides = |token: &Token<'_>| {
        match token {
            Token::Symbol('(') => depth += 1,
            Token::Symbol(')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && *token == Token::Symbol(',')
    };
    tokens.split(divides).collect()
}

#[cfg(test)]
mod tests {
    use kernia::{
        schema::{Field, FieldType, Index, Names, Naming, Schema, Table, core_tables},
        store::sql::{Dialect, plan},
    };

    use super::*;

    const DIALECTS: [Dialect; 3] = [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql];

    fn schema() -> Schema {
        let mut badge = Table::new(
            "badge",
            [
                Field::required("series", FieldType::Text).default_value("it's; (a) \"test\", -- no comment\n"),
                Field::required("owner", FieldType::Text).unique().references("user", "id"),
                Field::optional("doc", FieldType::Json),
                Field::required("flag", FieldType::Boolean).default_value(true),
                Field::required("seen", FieldType::Date).default_now(),
                Field::optional("odd \" ` name", FieldType::BigNumber).indexed(),
            ],
        );
        badge.indexes = vec![Index { fields: vec!["series".into(), "flag".into()], unique: true }];
        let mut tables = core_tables(true);
        tables.push(badge);
        Schema::new(tables)
    }

    fn live_of(dialect: Dialect, schema: &Schema) -> Live {
        let mut live = Live::default();
        apply(&mut live, made(&script(&plan(dialect, schema, &Live::default()).statements)));
        live
    }

    fn script(statements: &[String]) -> String {
        statements.iter().map(|statement| format!("{statement};\n")).collect()
    }

    #[test]
    fn a_database_made_by_all_statements_lacks_nothing() {
        let mut snake = schema();
        snake.name(&Names { naming: Naming::Snake, plural: true, ..Names::default() }).unwrap();
        for (dialect, schema) in
            DIALECTS.into_iter().flat_map(|dialect| [(dialect, schema()), (dialect, snake.clone())])
        {
            let plan = plan(dialect, &schema, &live_of(dialect, &schema));
            assert_eq!(plan, kernia::store::sql::Plan::default(), "{dialect:?}");
        }
    }

    #[test]
    fn what_is_added_later_is_read_too() {
        for dialect in DIALECTS {
            let mut live = live_of(dialect, &Schema::new(core_tables(false)));
            let mut grown = schema();
            let name = Field::optional("nick", FieldType::Text).unique();
            let owner = Field::optional("boss", FieldType::Text).references("user", "id").indexed();
            let plan_field = Field::required("plan", FieldType::Text).default_value("a, 'b'; not null");
            grown.extend(Table::new("user", [name, owner, plan_field])).unwrap();
            let added = plan(dialect, &grown, &live).statements;
            assert!(added.iter().any(|statement| statement.starts_with("alter table")));
            apply(&mut live, made(&script(&added)));
            let plan = plan(dialect, &grown, &live);
            assert_eq!(plan, kernia::store::sql::Plan::default(), "{dialect:?}");
        }
    }

    #[test]
    fn what_is_not_ours_is_passed_over() {
        let sql = "create or replace view v as select 1;; drop table \"user\"; -- create table \"x\" (\"id\" text);\n\
                   create table \"t\" (\"id\" text not null primary key); insert into t values ('create table \"y\" ()";
        let made = made(sql);
        assert!(matches!(made.as_slice(), [Made::Table(table)] if table.name == "t"), "{made:?}");
        for broken in ["", "create", "create table \"t\" (", "create index \"", "alter table \"t\" add column", "('`\""]
        {
            let _ = super::made(broken);
        }
    }
}
