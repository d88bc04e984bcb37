//! Names and ids in the database, and lists without a limit of their own.

use kernia::{
    domain::{
        Plugin,
        options::{Options, RateLimitStorage},
    },
    plugins::{Username, UsernameOptions},
    testing::{World, options},
};
use serde_json::{Value, json};

fn database(described: Value) -> impl FnOnce(&mut Options) {
    move |options| options.advanced.database = serde_json::from_value(described).unwrap()
}

fn username() -> Vec<Box<dyn Plugin>> {
    vec![Box::new(Username::new(UsernameOptions::default()))]
}

fn world(change: impl FnOnce(&mut Options)) -> World {
    let mut options = options();
    options.rate_limit.storage = Some(RateLimitStorage::Database);
    change(&mut options);
    World::with_plugins(options, username())
}

/// Why there is no engine with these options.
fn refused(change: impl FnOnce(&mut Options)) -> String {
    let mut options = options();
    change(&mut options);
    let clock = World::default().clock;
    let entropy = std::sync::Arc::new(kernia::crypto::entropy::SeededEntropy::new(1));
    let mut builder = kernia::Engine::builder(options, clock, entropy);
    for plugin in username() {
        builder = builder.boxed_plugin(plugin);
    }
    builder.build().map(drop).unwrap_err().to_string()
}

/// The table and the column in the database.
fn physical(world: &World, table: &str, field: &str) -> String {
    let schema = world.engine.schema();
    let table = schema.table(table).unwrap();
    format!("{}.{}", table.physical, table.field(field).unwrap().column)
}

#[test]
fn names_follow_the_naming_in_core_tables_and_in_those_of_plugins() {
    let camel = world(|_| {});
    assert_eq!(physical(&camel, "user", "displayUsername"), "user.displayUsername");
    let snake = world(database(json!({"naming": "snake", "use_plural": true})));
    assert_eq!(physical(&snake, "user", "displayUsername"), "users.display_username");
    assert_eq!(physical(&snake, "rateLimit", "lastRequest"), "rate_limits.last_request");
}

#[test]
fn own_names_win_wherever_they_are_given() {
    let world = world(|options| {
        database(json!({"naming": "snake", "names": {
            "user": {"fields": {"displayUsername": "Shown", "email": "mail"}},
            "verification": {"model_name": "one_time"},
        }}))(options);
        options.user.model_name = Some("People".to_owned());
        options.user.fields.insert("name".to_owned(), "fullName".to_owned());
        options.rate_limit.fields.insert("count".to_owned(), "n".to_owned());
        let field = json!({"type": "string", "required": false, "field_name": "nickName"});
        options.user.additional_fields.insert("nick".to_owned(), serde_json::from_value(field).unwrap());
    });
    for (table, field, name) in [
        ("user", "displayUsername", "People.Shown"),
        ("user", "email", "People.mail"),
        ("user", "name", "People.fullName"),
        ("user", "nick", "People.nickName"),
        ("user", "emailVerified", "People.email_verified"),
        ("verification", "expiresAt", "one_time.expires_at"),
        ("rateLimit", "count", "rate_limit.n"),
    ] {
        assert_eq!(physical(&world, table, field), name);
    }
}

#[test]
fn names_that_do_not_fit_are_refused() {
    for (described, said) in [
        (json!({"names": {"users": {}}}), "there is no table users; there are user, session, account, verification"),
        (json!({"names": {"user": {"fields": {"nick": "x"}}}}), "there is no field user.nick"),
        (json!({"names": {"user": {"fields": {"username": "NAME"}}}}), "user.name and user.username"),
        (json!({"names": {"session": {"model_name": "account"}}}), "table session and table account"),
        (json!({"names": {"session": {"model_name": ""}}}), "table session cannot be called"),
    ] {
        let answer = refused(database(described));
        assert!(answer.contains(said), "{answer}");
    }
    let twice = refused(|options| {
        database(json!({"names": {"user": {"model_name": "people"}}}))(options);
        options.user.model_name = Some("people".to_owned());
    });
    assert_eq!(twice, "schema: the options give user a name in two places");
}

#[test]
fn a_list_without_a_limit_has_the_configured_one() {
    let listed = |limit: Option<u32>| {
        let world = World::changed(|options| {
            if let Some(limit) = limit {
                database(json!({"default_find_many_limit": limit}))(options);
            }
        });
        let mut browser = world.browser();
        browser.sign_up("ada@example.com");
        for _ in 0..4 {
            let body = json!({"email": "ada@example.com", "password": kernia::testing::PASSWORD});
            assert_eq!(world.browser().post("/sign-in/email", body).status, 200);
        }
        browser.get("/list-sessions").json.as_array().unwrap().len()
    };
    assert_eq!((listed(None), listed(Some(2))), (5, 2));
}

#[test]
fn the_application_makes_ids_in_its_own_way() {
    let clock = World::default().clock;
    let entropy = || std::sync::Arc::new(kernia::crypto::entropy::SeededEntropy::new(1));
    let own = |options| {
        kernia::Engine::builder(options, clock.clone(), entropy())
            .generate_id(|table, entropy| format!("{table}_{}", kernia::wire::id::generate_id(entropy)))
            .build()
    };
    let mut world = World::default();
    world.engine = own(options()).unwrap();
    let user = world.browser().sign_up("ada@example.com").json["user"]["id"].clone();
    for table in ["user", "account", "session"] {
        let id = world.rows(table)[0].id().to_owned();
        assert!(id.starts_with(&format!("{table}_")), "{id}");
    }
    assert_eq!(world.rows("user")[0].id(), user);
    let mut contradiction = options();
    database(json!({"generate_id": "uuid"}))(&mut contradiction);
    assert!(own(contradiction).unwrap_err().to_string().contains("ids have two ways"));
}

#[test]
fn ids_that_the_database_makes_are_numbers_everywhere() {
    let world = World::changed(|options| {
        database(json!({"generate_id": "serial"}))(options);
        options.session.cookie_cache.enabled = true;
    });
    let mut ada = world.browser();
    let signed_up = ada.sign_up("ada@example.com");
    assert_eq!(signed_up.json["user"]["id"], "1");
    let session = ada.get("/get-session").json;
    assert_eq!((&session["user"]["id"], &session["session"]["userId"]), (&json!("1"), &json!("1")));
    assert_eq!(world.rows("account")[0].text("accountId"), "1");
    assert_eq!(world.browser().sign_up("bob@example.com").json["user"]["id"], "2");
    assert_eq!(world.take_events()[0].subject.as_deref(), Some("1"));
}

/// As in the reference: the answer about nobody has letters for an id.
#[test]
fn a_user_who_is_not_there_has_no_number() {
    let world = World::changed(|options| {
        database(json!({"generate_id": "serial"}))(options);
        options.email_and_password.require_email_verification = true;
    });
    let id = |world: &World| world.browser().sign_up("ada@example.com").json["user"]["id"].as_str().unwrap().to_owned();
    assert_eq!(id(&world), "1");
    let second = id(&world);
    assert!(second.len() == 32 && second.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{second}");
}
