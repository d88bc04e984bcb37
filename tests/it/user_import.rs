//! Bringing in users of another system.

use kernia::{
    domain::{
        account,
        user_import::{Fate, ImportedUser, MAX_USERS, Purpose},
    },
    engine::{Effect, Step},
    plugins::Username,
    schema::Value,
    store::Row,
    testing::{Outside, World, options},
    wire::date::Timestamp,
};
use serde_json::json;

use crate::stepping::{observed, steps};

/// bcrypt of `U*U*U`.
const HASH: &str = "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a";
const OTHER_HASH: &str = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK";
const PASSWORD: &str = "U*U*U";

fn person(email: &str) -> ImportedUser {
    let row = Row::new()
        .with("name", "Somebody")
        .with("email", email)
        .with("emailVerified", true)
        .with("createdAt", Timestamp::from_secs(1_600_000_000));
    let mut user = ImportedUser::new(row);
    user.password_hash = Some(HASH.into());
    user
}

fn identity(provider: &str, id: &str) -> Row {
    Row::new().with("providerId", provider).with("accountId", id)
}

fn import(world: &World, users: Vec<ImportedUser>) -> Vec<Fate> {
    run(world, users, Purpose::Import)
}

fn run(world: &World, users: Vec<ImportedUser>, purpose: Purpose) -> Vec<Fate> {
    let response = world.outside.finish(world.engine.begin_import(users, purpose));
    assert_eq!(response.status(), 200, "{:?}", response.body());
    serde_json::from_slice(response.body()).unwrap()
}

fn created(fate: &Fate) -> &str {
    match fate {
        Fate::Created { id } => id,
        other => panic!("{other:?}"),
    }
}

fn taken(field: &str) -> Fate {
    Fate::Taken { field: field.to_owned() }
}

#[test]
fn users_come_with_all_they_had_in_one_batch() {
    let world = World::default();
    let mut ada = person("Ada@Example.com");
    ada.identities = vec![identity("google", "g-1"), identity("github", "7").with("scope", "user:email")];
    let mut bob = person("bob@example.com");
    bob.password_hash = None;
    let exchange = world.engine.begin_import(vec![ada, bob], Purpose::Import);
    let (answer, effects) = observed(&world, exchange);
    assert_eq!(effects, ["Read", "Read", "Write"]);
    let fates: Vec<Fate> = serde_json::from_value(answer.json).unwrap();
    let users = world.rows("user");
    assert_eq!([created(&fates[0]), created(&fates[1])], [users[0].id(), users[1].id()]);
    assert_eq!((users[0].text("email"), users[0].flag("emailVerified")), ("ada@example.com", true));
    assert_eq!(users[0].date("createdAt"), Some(Timestamp::from_secs(1_600_000_000)));
    let accounts = world.rows("account");
    let shown: Vec<_> = accounts.iter().map(|row| (row.text("providerId"), row.text("accountId"))).collect();
    assert_eq!(shown, [(account::CREDENTIAL, users[0].id()), ("google", "g-1"), ("github", "7")]);
    assert!(accounts.iter().all(|account| account.text("userId") == users[0].id()));
    let answer = world.browser().post("/sign-in/email", json!({"email": "ada@example.com", "password": PASSWORD}));
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[test]
fn doing_it_again_changes_nothing() {
    let people = || {
        let mut with_identity = person("b@example.com");
        with_identity.row = with_identity.row.with("createdAt", Value::Null);
        with_identity.row.remove("createdAt");
        with_identity.identities = vec![identity("google", "g-1")];
        let mut with_id = person("c@example.com");
        with_id.row.set("id", "their-own-id");
        let mut with_hash_only = person("d@example.com");
        with_hash_only.row.remove("createdAt");
        vec![person("a@example.com"), with_identity, with_id, with_hash_only]
    };
    let world = World::default();
    let first = import(&world, people());
    assert_eq!(created(&first[2]), "their-own-id");
    let before = (world.rows("user"), world.rows("account"));
    let present: Vec<_> = first.iter().map(|fate| Fate::Present { id: created(fate).to_owned() }).collect();
    for purpose in [Purpose::Import, Purpose::Rehearse] {
        assert_eq!(run(&world, people(), purpose), present);
    }
    assert_eq!((world.rows("user"), world.rows("account")), before);
    // Somebody who has signed in since has another hash.
    let email = json!({"email": "a@example.com", "password": PASSWORD});
    assert_eq!(world.browser().post("/sign-in/email", email).status, 200);
    assert_eq!(import(&world, people()), present);
    assert_eq!(world.rows("account").len(), 5);
}

#[test]
fn what_somebody_else_has_is_left_alone() {
    let world = World::default();
    world.browser().sign_up("ada@example.com");
    let mut bob = person("bob@example.com");
    bob.row.set("id", "1");
    bob.identities = vec![identity("google", "g-1")];
    import(&world, vec![bob]);
    let before = (world.rows("user"), world.rows("account"));
    let mut same_id = person("eve@example.com");
    same_id.row.set("id", "1");
    same_id.row.remove("createdAt");
    same_id.password_hash = Some(OTHER_HASH.into());
    let mut same_identity = person("mallory@example.com");
    same_identity.identities = vec![identity("google", "g-1")];
    let fates = import(&world, vec![person("ADA@example.com"), same_id, same_identity]);
    assert_eq!(fates, [taken("email"), taken("id"), taken("accountId")]);
    assert_eq!((world.rows("user"), world.rows("account")), before);
}

#[test]
fn two_of_one_call_cannot_be_the_same() {
    let world = World::default();
    let mut twin = person("B@example.com");
    twin.identities = vec![identity("google", "g-1")];
    let mut other = person("c@example.com");
    other.identities = vec![identity("google", "g-1")];
    let fates = import(&world, vec![person("a@example.com"), twin, person("b@example.com"), other]);
    assert_eq!(fates[2..], [taken("email"), taken("accountId")]);
    assert_eq!(world.rows("user").len(), 2);
}

#[test]
fn who_is_refused_does_not_keep_the_others_out() {
    let world = World::with_plugins(options(), vec![Box::new(Username::default())]);
    let named = |email: &str, username: &str| {
        let mut user = person(email);
        user.row.set("username", username);
        user
    };
    let mut unreadable = person("d@example.com");
    unreadable.password_hash = Some("{SSHA}AAAA".into());
    let mut anonymous = person("e@example.com");
    anonymous.identities = vec![identity("google", "")];
    let mut nul = person("f@example.com");
    nul.row.set("name", "a\0b");
    let people = vec![
        named("a@example.com", "Ada_L"),
        named("b@example.com", "not a name!"),
        named("c@example.com", "ADA_l"),
        unreadable,
        anonymous,
        person("not an address"),
        nul,
        person("g@example.com"),
    ];
    let rehearsed = run(&world, people.clone(), Purpose::Rehearse);
    assert!(world.rows("user").is_empty() && world.rows("account").is_empty());
    let fates = import(&world, people);
    let users = world.rows("user");
    assert_eq!(users.iter().map(|row| row.text("email")).collect::<Vec<_>>(), ["a@example.com", "g@example.com"]);
    assert_eq!((users[0].text("username"), created(&fates[0])), ("ada_l", users[0].id()));
    let why = |fate: &Fate| match fate {
        Fate::Refused { message } => message.clone(),
        other => format!("{other:?}"),
    };
    for (at, said) in [
        (1, "Username is invalid"),
        (2, "Username is already taken"),
        (3, "format of the password hash is not known"),
        (4, "an identity lacks"),
        (5, "e-mail address"),
        (6, "control characters"),
    ] {
        assert!(why(&fates[at]).contains(said), "{at} {}", why(&fates[at]));
    }
    // Nothing but what only the database can tell is found out beforehand.
    for at in [1, 3, 4, 5, 6] {
        assert_eq!(rehearsed[at], fates[at]);
    }
}

#[test]
fn an_outage_leaves_all_or_none() {
    let world = World::default();
    let people = || vec![person("a@example.com"), person("b@example.com")];
    let mut exchange = world.engine.begin_import(people(), Purpose::Import);
    assert!(steps(&world, &mut exchange, 1).is_none());
    let Step::Perform(write @ Effect::Write(_)) = exchange.step() else { panic!("no write") };
    exchange.supply(Outside::outage(&write));
    assert_eq!(world.outside.finish(exchange).status(), 503);
    assert!(world.rows("user").is_empty() && world.rows("account").is_empty());
    assert_eq!(import(&world, people()).len(), 2);
    let many = vec![person("x@example.com"); MAX_USERS + 1];
    assert_eq!(world.outside.finish(world.engine.begin_import(many, Purpose::Import)).status(), 400);
    assert_eq!(world.rows("user").len(), 2);
}

#[test]
fn what_is_imported_does_not_print_its_hash() {
    let printed = format!("{:?}", person("ada@example.com"));
    assert!(!printed.contains("$2a$") && !printed.contains("ada@"), "{printed}");
}
