//! Migrations in the words of the reference: the expected texts are what its `getMigrations` compiles for the same tables.

use crate::{
    schema::{DefaultValue, Field, FieldType, Index, MakeRule, OnDelete, Schema, Table, core_tables},
    store::sql::{Dialect, Live, LiveColumn, LiveIndex, LiveTable, Plan, plan},
};

/// The core tables, and one with every kind of field.
fn schema() -> Schema {
    let mut tables = core_tables(true);
    let limits = tables.pop().unwrap();
    let mut badge = Table::new(
        "badge",
        [
            Field::required("series", FieldType::Text),
            Field::required("number", FieldType::Number),
            Field::required("owner", FieldType::Text).unique().references_with("user", "email", OnDelete::Restrict),
            Field::optional("maker", FieldType::Text).indexed().references_with("user", "id", OnDelete::SetNull),
            Field::optional("big", FieldType::BigNumber).default_value(5),
            Field::required("flag", FieldType::Boolean).default_value(true),
            Field::required("seen", FieldType::Date).default_now(),
            Field::optional("doc", FieldType::Json),
            Field::optional("tags", FieldType::TextList),
            Field::optional("marks", FieldType::NumberList),
            Field::optional("label", FieldType::Text).sortable(),
            Field::optional("title", FieldType::Text).unique(),
        ],
    );
    let series = |fields: &[&'static str], unique| Index {
        fields: fields.iter().map(|field| (*field).into()).collect(),
        unique,
    };
    badge.indexes = vec![series(&["series", "number"], true), series(&["series"], false)];
    tables.extend([badge, limits]);
    Schema::new(tables)
}

/// A database with the tables that `schema` says.
fn live(schema: &Schema) -> Live {
    let column = |name: &str, data_type: &str, nullable| LiveColumn {
        name: name.to_owned(),
        data_type: data_type.to_owned(),
        nullable,
        has_default: false,
    };
    let tables = schema.tables().iter().map(|table| {
        let columns = table.fields.iter().map(|field| {
            let data_type = match field.kind {
                FieldType::Number | FieldType::Boolean => "INTEGER",
                FieldType::BigNumber => "bigint",
                FieldType::Date => "date",
                _ => "TEXT",
            };
            column(&field.column, data_type, !field.required)
        });
        let single = table.fields.iter().filter(|field| field.unique).map(|field| LiveIndex {
            name: format!("sqlite_autoindex_{}_{}", table.physical, field.column),
            columns: vec![field.column.to_string()],
            unique: true,
            complete: true,
        });
        let several = table.indexes.iter().map(|index| LiveIndex {
            name: format!(
                "{}_{}_{}",
                table.physical,
                index.fields.join("_"),
                if index.unique { "uidx" } else { "idx" }
            ),
            columns: index.fields.iter().map(ToString::to_string).collect(),
            unique: index.unique,
            complete: true,
        });
        LiveTable {
            name: table.physical.to_string(),
            columns: [column("id", "TEXT", false)].into_iter().chain(columns).collect(),
            indexes: single.chain(several).collect(),
            populated: true,
        }
    });
    Live { tables: tables.collect() }
}

fn created(dialect: Dialect) -> Vec<String> {
    let Plan { statements, warnings, obstacles } = plan(dialect, &schema(), &Live::default());
    assert_eq!((warnings, obstacles), (vec![], vec![]));
    statements
}

#[test]
fn sqlite_tables_are_those_of_the_reference() {
    assert_eq!(
        created(Dialect::Sqlite),
        [
            r#"create table "user" ("id" text not null primary key, "name" text not null, "email" text not null unique, "emailVerified" integer not null, "image" text, "createdAt" date not null, "updatedAt" date not null)"#,
            r#"create table "session" ("id" text not null primary key, "expiresAt" date not null, "token" text not null unique, "createdAt" date not null, "updatedAt" date not null, "ipAddress" text, "userAgent" text, "userId" text not null references "user" ("id") on delete cascade)"#,
            r#"create table "account" ("id" text not null primary key, "accountId" text not null, "providerId" text not null, "userId" text not null references "user" ("id") on delete cascade, "accessToken" text, "refreshToken" text, "idToken" text, "accessTokenExpiresAt" date, "refreshTokenExpiresAt" date, "scope" text, "password" text, "createdAt" date not null, "updatedAt" date not null)"#,
            r#"create table "verification" ("id" text not null primary key, "identifier" text not null, "value" text not null, "expiresAt" date not null, "createdAt" date not null, "updatedAt" date not null)"#,
            r#"create table "badge" ("id" text not null primary key, "series" text not null, "number" integer not null, "owner" text not null unique references "user" ("email") on delete restrict, "maker" text references "user" ("id") on delete set null, "big" bigint, "flag" integer not null, "seen" date not null, "doc" text, "tags" text, "marks" text, "label" text, "title" text unique)"#,
            r#"create table "rateLimit" ("id" text not null primary key, "key" text not null unique, "count" integer not null, "lastRequest" bigint not null)"#,
            r#"create index "session_userId_idx" on "session" ("userId")"#,
            r#"create index "account_userId_idx" on "account" ("userId")"#,
            r#"create index "verification_identifier_idx" on "verification" ("identifier")"#,
            r#"create index "badge_maker_idx" on "badge" ("maker")"#,
            r#"create unique index "badge_series_number_uidx" on "badge" ("series", "number")"#,
            r#"create index "badge_series_idx" on "badge" ("series")"#,
        ]
    );
}

#[test]
fn postgres_tables_are_those_of_the_reference() {
    let created = created(Dialect::Postgres);
    assert_eq!(
        [&created[1], &created[4], &created[10]],
        [
            r#"create table "session" ("id" text not null primary key, "expiresAt" timestamptz not null, "token" text not null unique, "createdAt" timestamptz default CURRENT_TIMESTAMP not null, "updatedAt" timestamptz not null, "ipAddress" text, "userAgent" text, "userId" text not null references "user" ("id") on delete cascade)"#,
            r#"create table "badge" ("id" text not null primary key, "series" text not null, "number" integer not null, "owner" text not null unique references "user" ("email") on delete restrict, "maker" text references "user" ("id") on delete set null, "big" bigint, "flag" boolean not null, "seen" timestamptz default CURRENT_TIMESTAMP not null, "doc" jsonb, "tags" jsonb, "marks" jsonb, "label" text, "title" text unique)"#,
            r#"create unique index "badge_series_number_uidx" on "badge" ("series", "number")"#,
        ]
    );
}

/// The same columns as the reference; its references, which MySQL reads inside a column and forgets, are made to hold.
#[test]
fn mysql_tables_have_the_columns_of_the_reference() {
    let created = created(Dialect::MySql);
    assert_eq!(
        [&created[0], &created[3], &created[4]],
        [
            "create table `user` (`id` varchar(36) not null primary key, `name` varchar(255) not null, `email` varchar(255) not null unique, `emailVerified` boolean not null, `image` text, `createdAt` timestamp(3) default CURRENT_TIMESTAMP(3) not null, `updatedAt` timestamp(3) default CURRENT_TIMESTAMP(3) not null)",
            "create table `verification` (`id` varchar(36) not null primary key, `identifier` varchar(255) not null, `value` text not null, `expiresAt` timestamp(3) not null, `createdAt` timestamp(3) default CURRENT_TIMESTAMP(3) not null, `updatedAt` timestamp(3) default CURRENT_TIMESTAMP(3) not null)",
            "create table `badge` (`id` varchar(36) not null primary key, `series` varchar(191) not null, `number` integer not null, `owner` varchar(255) not null unique, `maker` varchar(36), `big` bigint, `flag` boolean not null, `seen` timestamp(3) default CURRENT_TIMESTAMP(3) not null, `doc` json, `tags` json, `marks` json, `label` varchar(255), `title` varchar(255) unique, foreign key (`owner`) references `user` (`email`) on delete restrict, foreign key (`maker`) references `user` (`id`) on delete set null)",
        ]
    );
}

/// As in the reference: a moment that the application makes is the present one to the database, and no other value is known to it.
#[test]
fn values_that_the_application_makes_are_no_defaults_but_moments() {
    let made = |kind| {
        let rule = MakeRule::new(|now, _| now.into());
        Field { default: Some(DefaultValue::Made(rule)), ..Field::required("made", kind) }
    };
    let create = |dialect, kind| {
        let schema = Schema::new(vec![Table::new("t", [made(kind)])]);
        plan(dialect, &schema, &Live::default()).statements.remove(0)
    };
    let said = |dialect| {
        let (moment, text) = (create(dialect, FieldType::Date), create(dialect, FieldType::Text));
        (moment.to_lowercase().contains("default current_timestamp"), text.contains("default"))
    };
    assert_eq!(said(Dialect::Postgres), (true, false));
    assert_eq!(said(Dialect::MySql), (true, false));
    assert_eq!(said(Dialect::Sqlite), (false, false));
}

#[test]
fn a_database_that_has_everything_needs_nothing() {
    assert_eq!(plan(Dialect::Sqlite, &schema(), &live(&schema())), Plan::default());
}

#[test]
fn new_fields_are_added_with_their_indexes() {
    let before = live(&schema());
    let mut after = schema();
    after
        .extend(Table::new(
            "user",
            [
                Field::required("a", FieldType::Text).default_value("it's"),
                Field::optional("b", FieldType::Number).default_value(5).indexed(),
                Field::required("c", FieldType::Boolean).default_value(true),
                Field::optional("d", FieldType::Text).unique(),
                Field::optional("e", FieldType::Text).references_with("session", "id", OnDelete::SetNull),
                Field::optional("f", FieldType::BigNumber),
            ],
        ))
        .unwrap();
    let added = plan(Dialect::Sqlite, &after, &before);
    assert_eq!((added.warnings.len(), added.obstacles.len()), (0, 0));
    assert_eq!(
        added.statements,
        [
            r#"alter table "user" add column "a" text default 'it''s' not null"#,
            r#"alter table "user" add column "b" integer default 5"#,
            r#"alter table "user" add column "c" integer default 1 not null"#,
            r#"alter table "user" add column "d" text"#,
            r#"alter table "user" add column "e" text references "session" ("id") on delete set null"#,
            r#"alter table "user" add column "f" bigint"#,
            r#"create index "user_b_idx" on "user" ("b")"#,
            r#"create unique index "user_d_uidx" on "user" ("d")"#,
        ]
    );
}

#[test]
fn case_221_required_fields_without_a_default_stop_at_rows() {
    let mut after = schema();
    after.extend(Table::new("user", [Field::required("a", FieldType::Text)])).unwrap();
    let mut before = live(&schema());
    let stopped = plan(Dialect::Sqlite, &after, &before);
    assert!(stopped.obstacles.len() == 1 && stopped.obstacles[0].contains("user.a"), "{stopped:?}");
    before.tables[0].populated = false;
    let added = plan(Dialect::Sqlite, &after, &before);
    assert_eq!((added.statements.len(), added.obstacles.len()), (1, 0));
}

#[test]
fn columns_that_nobody_writes_stop_a_migration() {
    let mut found = live(&schema());
    let column = |name: &str, nullable, has_default| LiveColumn {
        name: name.to_owned(),
        data_type: "TEXT".to_owned(),
        nullable,
        has_default,
    };
    found.tables[0].columns.extend([column("x", true, false), column("y", false, true)]);
    assert_eq!(plan(Dialect::Sqlite, &schema(), &found), Plan::default());
    found.tables[0].columns.push(column("issuer", false, false));
    assert!(plan(Dialect::Sqlite, &schema(), &found).obstacles[0].contains("user.issuer"));
}

#[test]
fn differences_that_work_are_told() {
    let mut found = live(&schema());
    let user = &mut found.tables[0];
    user.columns[1].data_type = "BLOB".to_owned();
    user.columns[2].nullable = true;
    user.indexes.clear();
    found.tables[4].indexes.pop();
    found.tables[4].indexes.last_mut().unwrap().unique = false;
    let Plan { statements, warnings, obstacles } = plan(Dialect::Sqlite, &schema(), &found);
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    assert!(warnings[0].contains("user.name has the type BLOB"));
    assert!(warnings[1].contains("user.email is required"));
    assert!(warnings[2].contains("user.email is not unique"));
    assert_eq!(statements, [r#"create index "badge_series_idx" on "badge" ("series")"#]);
    assert!(obstacles[0].contains("badge_series_number_uidx"));
}
