//! Databases as they come, and what is recognized in them.

use kernia::{
    schema::{Field, FieldType, Naming, Schema, Table, core_tables},
    store::sql::{Dialect, Live, LiveColumn, LiveIndex, LiveTable},
};

use super::{additional::additions, file, known, recognize::*};
use crate::config::{self, Config};

fn column(name: &str, data_type: &str, nullable: bool) -> LiveColumn {
    LiveColumn { name: name.to_owned(), data_type: data_type.to_owned(), nullable, has_default: false }
}

/// A database with the tables of `schema`.
fn live(schema: &Schema) -> Live {
    let tables = schema.tables().iter().map(|table| {
        let kind = |field: &Field| match field.kind {
            FieldType::Boolean => "boolean",
            FieldType::Date => "timestamptz",
            FieldType::Number | FieldType::BigNumber => "bigint",
            _ => "text",
        };
        let columns = table.fields.iter().map(|field| column(&field.column, kind(field), !field.required));
        let unique = table.fields.iter().filter(|field| field.unique).map(|field| LiveIndex {
            name: format!("{}_key", field.column),
            columns: vec![field.column.to_string()],
            unique: true,
            complete: true,
        });
        LiveTable {
            name: table.physical.to_string(),
            columns: std::iter::once(column("id", "text", false)).chain(columns).collect(),
            indexes: unique.collect(),
            populated: true,
        }
    });
    Live { tables: tables.collect() }
}

fn table<'l>(live: &'l mut Live, name: &str) -> &'l mut LiveTable {
    live.tables.iter_mut().find(|table| table.name == name).unwrap()
}

fn recognized(live: &Live) -> Recognized {
    recognize(live, &known::plugins(&config::every_plugin()))
}

/// The file for a database, and whether it lacks anything of what that asks for.
fn adopted(live: &Live) -> (String, kernia::store::sql::Plan) {
    let found = recognized(live);
    let (additions, _) = additions(Dialect::Postgres, &found);
    let contents = file::Contents {
        found: &found,
        additions: &additions,
        ids: found.ids,
        url: "sqlite:x.db",
        base_url: None,
        passwords: true,
    };
    let text = file::text(&contents);
    let plan = super::missing(&text, "sqlite:x.db", Dialect::Postgres, live).unwrap();
    (text, plan)
}

#[test]
fn conventions_are_recognized_and_written() {
    for (naming, plural) in
        [(Naming::Camel, false), (Naming::Snake, false), (Naming::Camel, true), (Naming::Snake, true)]
    {
        let mut schema = Schema::new(super::names::named(&core_tables(true), naming, plural));
        let username = Table::new(
            "user",
            [
                Field::optional("username", FieldType::Text).unique(),
                Field::optional("displayUsername", FieldType::Text),
            ],
        );
        schema.extend(super::names::named(&[username], naming, plural).remove(0)).unwrap();
        let live = live(&schema);
        let found = recognized(&live);
        assert_eq!((found.naming, found.plural), (naming, plural));
        assert!(found.absent.is_empty() && found.additional.is_empty() && found.strangers.is_empty(), "{found:?}");
        let (text, plan) = adopted(&live);
        assert!(!text.contains("[advanced.database.names"), "{text}");
        assert!(text.contains("[plugins.username]") && text.contains("storage = \"database\""), "{text}");
        assert!(plan.is_empty() && plan.warnings.is_empty(), "{plan:?}");
    }
}

#[test]
fn own_names_are_found_again() {
    let mut live = live(&Schema::new(core_tables(false)));
    let user = table(&mut live, "user");
    user.name = "Members".to_owned();
    user.indexes[0].columns = vec!["e-mail".to_owned()];
    for (column, name) in user.columns.iter_mut().zip([
        "id",
        "full_name",
        "e-mail",
        "is_email_verified",
        "avatar",
        "created_at",
        "changed",
    ]) {
        column.name = name.to_owned();
    }
    table(&mut live, "session").name = "web_sessions".to_owned();
    let found = recognized(&live);
    let members = found.tables.iter().find(|found| found.table.name == "user").unwrap();
    assert_eq!(members.physical, "Members");
    let own: Vec<_> = members.own.iter().map(|(field, column)| (field.as_str(), column.as_str())).collect();
    assert_eq!(
        own,
        [
            ("createdAt", "created_at"),
            ("email", "e-mail"),
            ("emailVerified", "is_email_verified"),
            ("name", "full_name")
        ]
    );
    // What nothing tells stays what it is: columns of the application, and a field that is missing.
    let additional: Vec<_> = found.additional.iter().map(|(_, column)| column.name.as_str()).collect();
    assert_eq!(additional, ["avatar", "changed"]);
    let (text, plan) = adopted(&live);
    assert!(text.contains("model_name = \"web_sessions\"") && text.contains("email = \"e-mail\""), "{text}");
    assert!(
        plan.statements.iter().all(|statement| statement.contains("\"image\"") || statement.contains("\"updatedAt\"")),
        "{plan:?}"
    );
}

#[test]
fn plugins_are_known_by_most_of_what_they_keep() {
    let mut live = live(&Schema::new(core_tables(false)));
    table(&mut live, "user").columns.push(column("role", "text", true));
    let found = recognized(&live);
    assert!(found.plugins.is_empty(), "a role alone is the application's: {found:?}");
    assert_eq!(found.additional.len(), 1);
    for name in ["banned", "banReason", "banExpires"] {
        table(&mut live, "user").columns.push(column(name, "text", true));
    }
    live.tables.push(LiveTable {
        name: "member".to_owned(),
        columns: ["id", "level", "joined"].map(|name| column(name, "text", true)).to_vec(),
        indexes: Vec::new(),
        populated: false,
    });
    let found = recognized(&live);
    assert_eq!(
        found.plugins.iter().map(|plugin| (plugin.id.as_str(), plugin.served)).collect::<Vec<_>>(),
        [("admin", false)]
    );
    assert_eq!(found.plugins[0].risk.as_ref().unwrap().column, "banned");
    assert!(found.additional.is_empty());
    assert_eq!(found.strangers, ["member"], "a table of that name with other columns is none of a plugin's");
}

#[test]
fn additional_fields_are_described_with_care() {
    let mut live = live(&Schema::new(core_tables(false)));
    let columns = &mut table(&mut live, "user").columns;
    columns.extend([
        column("last_seen", "timestamp(3)", true),
        column("is_admin", "boolean", false),
        column("api_token", "character varying(64)", true),
        column("odd \"one\"", "numeric(10,2)", true),
        column("tags", "text[]", true),
        LiveColumn { has_default: true, ..column("settings", "jsonb", false) },
    ]);
    let found = recognized(&live);
    let (additions, unknown) = additions(Dialect::Postgres, &found);
    let told: Vec<_> =
        additions.iter().map(|field| (field.name.as_str(), field.kind, field.required, field.returned)).collect();
    assert_eq!(
        told,
        [
            ("lastSeen", "date", false, true),
            ("isAdmin", "boolean", true, true),
            ("apiToken", "string", false, false),
            ("odd \"one\"", "number", false, true),
            ("settings", "json", false, true),
        ]
    );
    assert_eq!(unknown, ["user.tags (text[])"]);
    let (text, plan) = adopted(&live);
    assert!(plan.is_empty(), "{plan:?}");
    let config = Config::parse("kernia.toml", &text, &|_| Some("x".to_owned())).unwrap();
    let fields = &config.options.user.additional_fields;
    assert!(fields.values().all(|field| !field.input), "nobody makes himself an administrator");
    assert_eq!(fields["lastSeen"].field_name.as_deref(), Some("last_seen"));
}

#[test]
fn ids_are_known_by_their_type() {
    for (data_type, ids) in
        [("uuid", Ids::Uuid), ("integer", Ids::Serial), ("bigint", Ids::Serial), ("varchar(36)", Ids::Text)]
    {
        let mut live = live(&Schema::new(core_tables(false)));
        table(&mut live, "user").columns[0].data_type = data_type.to_owned();
        assert_eq!(recognized(&live).ids, ids);
    }
}

#[test]
fn what_is_not_there_is_not_made_up() {
    let found = recognized(&Live::default());
    assert_eq!(found.absent.len(), 5);
    let mut live = live(&Schema::new(core_tables(false)));
    live.tables.retain(|table| table.name != "session");
    live.tables.push(LiveTable {
        name: "orders".to_owned(),
        columns: ["id", "createdAt", "updatedAt", "userId"].map(|name| column(name, "text", false)).to_vec(),
        indexes: Vec::new(),
        populated: true,
    });
    let found = recognized(&live);
    assert!(found.absent.iter().any(|name| *name == "session"), "{found:?}");
    assert_eq!(found.strangers, ["orders"]);
}

#[test]
fn tables_of_plugins_are_not_taken_for_others() {
    let mut live = live(&Schema::new(core_tables(false)));
    let mut tokens = table(&mut live, "session").clone();
    live.tables.retain(|table| table.name != "session");
    tokens.name = "oauthAccessToken".to_owned();
    tokens.columns =
        ["id", "accessToken", "refreshToken", "accessTokenExpiresAt", "clientId", "userId", "createdAt", "updatedAt"]
            .map(|name| column(name, "text", false))
            .to_vec();
    tokens.indexes[0].columns = vec!["accessToken".to_owned()];
    live.tables.push(tokens.clone());
    let found = recognized(&live);
    assert!(found.absent.iter().any(|name| *name == "session"), "{found:?}");
    assert_eq!(found.plugins[0].id, "oidc-provider");

    // Under another name it could be anybody's, and is taken only if its tokens are unique.
    table(&mut live, "oauthAccessToken").name = "passes".to_owned();
    table(&mut live, "passes").indexes.clear();
    assert_eq!(recognized(&live).strangers, ["passes"]);
}
