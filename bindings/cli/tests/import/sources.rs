//! Exports as each system writes them.

use std::fs;

use serde_json::{Value as Json, json};

use crate::{
    exports::{self, PEPPER, SIGNER_KEY},
    given::{folder, number, rows, sign_in_twice},
    server::{Folder, Server, run},
};

/// Imports a file, and signs everybody in who has a password.
async fn import_and_sign_in(
    name: &str,
    from: &str,
    file: &str,
    content: &str,
    more: &[&str],
    people: &[(&str, &str)],
) -> Folder {
    let folder = folder(name);
    fs::write(folder.path(file), content).unwrap();
    let arguments = [&["import", "--from", from, file][..], more].concat();
    let (code, said) = run(&folder, &[&arguments[..], &["--dry-run"]].concat());
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("Nothing was written") && !folder.path("users.db").exists(), "{said}");
    let (code, said) = run(&folder, &arguments);
    assert_eq!(code, Some(0), "{said}");
    let server = Server::start(&folder, &["serve"]);
    for (email, password) in people {
        sign_in_twice(&folder, &server, email, password).await;
    }
    server.stop();
    folder
}

#[tokio::test]
async fn firebase_as_json_and_as_csv() {
    let (hash, salt) = exports::firebase("firebase password", 1);
    let config = format!(
        "hash_config {{\n  algorithm: SCRYPT,\n  base64_signer_key: {SIGNER_KEY},\n  base64_salt_separator: Bw==,\n  rounds: 8,\n  mem_cost: 6,\n}}\n"
    );
    let users = json!({"users": [
        {"localId": "uid1", "email": "Ada@example.com", "emailVerified": true, "passwordHash": hash, "salt": salt,
         "displayName": "Ada L", "photoUrl": "https://example.com/a.png", "createdAt": "1614834367000", "phoneNumber": "+491",
         "providerUserInfo": [{"providerId": "google.com", "rawId": "g-1"}, {"providerId": "password"}]},
        {"localId": "uid2", "email": "bob@example.com", "emailVerified": false, "createdAt": "1614834367000"},
    ]});
    let csv = format!(
        "uid1,Ada@example.com,true,{hash},{salt},Ada L,https://example.com/a.png,g-1,a@b.de,,,,,,,,,,,,,,,1614834367000,,+491,false,\n\
         uid2,bob@example.com,false,,,,,,,,,,,,,,,,,,,,,1614834367000,,,,\n"
    );
    for (name, file, content) in [("firebase-json", "f.json", users.to_string()), ("firebase-csv", "f.csv", csv)] {
        let config_file = std::env::temp_dir().join(format!("kernia-{name}-{}", std::process::id()));
        fs::write(&config_file, &config).unwrap();
        let more = ["--hash-config", config_file.to_str().unwrap(), "--keep-ids"];
        let people = [("ada@example.com", "firebase password")];
        let folder = import_and_sign_in(name, "firebase", file, &content, &more, &people).await;
        fs::remove_file(config_file).unwrap();
        let users =
            rows(&folder, "select id, name, image, cast(emailVerified as text), createdAt from user order by id");
        let created = "2021-03-04T05:06:07.000Z";
        assert_eq!(users[0], ["uid1", "Ada L", "https://example.com/a.png", "1", created]);
        assert_eq!(users[1], ["uid2", "bob", "", "0", created]);
        let accounts = rows(&folder, "select providerId, accountId, userId from account order by providerId");
        assert_eq!(accounts, [["credential", "uid1", "uid1"], ["google", "g-1", "uid1"]]);
    }
}

#[tokio::test]
async fn auth0_with_its_hashes_in_a_second_file() {
    let line = |value: Json| format!("{value}\n");
    let users = [
        json!({"user_id": "auth0|5dea", "email": "ada@example.com", "email_verified": true, "name": "ada@example.com", "nickname": "ada",
               "given_name": "Ada", "family_name": "L", "picture": "https://x.test/a.png", "created_at": "2021-03-04T05:06:07.000Z",
               "identities": [{"provider": "auth0", "user_id": "5dea"}, {"provider": "google-oauth2", "user_id": "17"}]}),
        json!({"user_id": "google-oauth2|42", "email": "bob@example.com", "email_verified": true, "name": "Bob"}),
        json!({"user_id": "auth0|own", "email": "cy@example.com", "email_verified": false,
               "custom_password_hash": {"algorithm": "pbkdf2", "hash": {"value":
                   "$pbkdf2-sha1$i=10000,l=20$wJuJqLoUFsdXa8k3sFhRlA$XMGVWTbeKf4Xd+CGiuEZde8x7QA", "encoding": "utf8"}}}),
    ];
    let hashes = line(
        json!({"_id": {"$oid": "5dea"}, "email": "ada@example.com", "email_verified": true, "tenant": "t",
        "passwordHash": exports::bcrypt("auth0 password", 1), "connection": "Username-Password-Authentication", "_tmp_is_unique": true}),
    );
    let second = std::env::temp_dir().join(format!("kernia-auth0-{}", std::process::id()));
    fs::write(&second, &hashes).unwrap();
    let content: String = users.into_iter().map(line).collect();
    let people = [("ada@example.com", "auth0 password"), ("cy@example.com", "Test@123")];
    let more = ["--with", second.to_str().unwrap()];
    let folder = import_and_sign_in("auth0", "auth0", "users.json", &content, &more, &people).await;
    fs::remove_file(second).unwrap();
    let names = rows(&folder, "select name from user order by email");
    assert_eq!(names, [["Ada L"], ["Bob"], ["cy"]]);
    let accounts =
        rows(&folder, "select providerId, accountId from account where providerId <> 'credential' order by accountId");
    assert_eq!(accounts, [["google", "17"], ["google", "42"]]);
    // The hashes alone are enough, too.
    let people = [("ada@example.com", "auth0 password")];
    import_and_sign_in("auth0-hashes", "auth0", "hashes.json", &hashes, &[], &people).await;
}

#[tokio::test]
async fn supabase_as_csv_of_a_query() {
    let identities = json!([
        {"provider": "email", "provider_id": "u1", "identity_data": {"sub": "u1"}},
        {"provider": "azure", "provider_id": "ms-1", "identity_data": {"sub": "ms-1"}},
        {"provider": "github", "identity_data": {"sub": "77"}},
    ]);
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let (hash, salt) = exports::firebase("moved twice", 2);
    let firebase = format!("$fbscrypt$v=1,n=6,r=8,p=1,ss=Bw==,sk={SIGNER_KEY}${salt}${hash}");
    let csv = format!(
        "id,email,encrypted_password,email_confirmed_at,created_at,raw_user_meta_data,banned_until,deleted_at,identities\n\
         u1,Ada@example.com,{},2021-03-04 05:06:07+00,2021-03-04 05:06:07.123456+00,{},2001-01-01 00:00:00+00,,{}\n\
         u2,bob@example.com,{},,2021-03-04 05:06:07+00,{{}},,,\n\
         u3,cy@example.com,{},,2021-03-04 05:06:07+00,NULL,,,[]\n",
        exports::bcrypt("supabase password", 1),
        quoted(r#"{"full_name":"Ada L","avatar_url":"https://x.test/a.png"}"#),
        quoted(&identities.to_string()),
        quoted(&exports::argon2id("an argon password", 2)),
        quoted(&firebase),
    );
    let people = [
        ("ada@example.com", "supabase password"),
        ("bob@example.com", "an argon password"),
        ("cy@example.com", "moved twice"),
    ];
    let folder = import_and_sign_in("supabase", "supabase", "auth_users.csv", &csv, &["--key", "app"], &people).await;
    let user =
        rows(&folder, "select name, image, cast(emailVerified as text), createdAt from user order by email").remove(0);
    assert_eq!(user, ["Ada L", "https://x.test/a.png", "1", "2021-03-04T05:06:07.123Z"]);
    let accounts =
        rows(&folder, "select providerId, accountId from account where providerId <> 'credential' order by accountId");
    assert_eq!(accounts, [["github", "77"], ["microsoft", "ms-1"]]);
}

#[tokio::test]
async fn devise_with_a_pepper() {
    let csv = format!(
        "id,email,encrypted_password,confirmed_at,created_at,first_name,last_name,provider,uid\n\
         1,ada@example.com,{},2021-03-04 05:06:07 UTC,2021-03-04 05:06:07 UTC,Ada,L,google_oauth2,g-1\n\
         2,bob@example.com,{},\\N,2021-03-04 05:06:07,\\N,\\N,\\N,\\N\n",
        exports::bcrypt(&format!("rails password{PEPPER}"), 1),
        exports::bcrypt(&format!("another one{PEPPER}"), 2),
    );
    let people = [("ada@example.com", "rails password"), ("bob@example.com", "another one")];
    let folder = import_and_sign_in("devise", "devise", "users.csv", &csv, &["--key", "devise"], &people).await;
    let users = rows(&folder, "select name, cast(emailVerified as text) from user order by email");
    assert_eq!(users, [["Ada L", "1"], ["bob", "0"]]);
    assert_eq!(number(&folder, "select count(*) from account where providerId = 'google' and accountId = 'g-1'"), 1);
}

#[tokio::test]
async fn better_auth_as_two_lists_and_nested() {
    let user = json!({"id": "u1", "name": "Ada L", "email": "ada@example.com", "emailVerified": 1, "image": null,
        "createdAt": "2021-03-04T05:06:07.000Z", "updatedAt": 1_614_834_367_000_i64, "username": "Ada_L", "displayUsername": "Ada_L"});
    let accounts = json!([
        {"id": "a1", "userId": "u1", "providerId": "credential", "accountId": "u1", "password": exports::better_auth("better password", 1)},
        {"id": "a2", "userId": "u1", "providerId": "github", "accountId": "7", "scope": "read:user", "accessToken": "gho_x"},
    ]);
    let mut nested = user.clone();
    nested["accounts"] = accounts.clone();
    let lists = json!({"user": [user], "account": accounts});
    for (name, content) in [("better-auth-lists", lists.to_string()), ("better-auth-nested", nested.to_string())] {
        let people = [("ada@example.com", "better password")];
        let folder = import_and_sign_in(name, "better-auth", "users.json", &content, &["--keep-ids"], &people).await;
        let user =
            rows(&folder, "select id, name, username, cast(emailVerified as text), createdAt, updatedAt from user")
                .remove(0);
        let moment = "2021-03-04T05:06:07.000Z";
        assert_eq!(user, ["u1", "Ada L", "ada_l", "1", moment, moment]);
        let account =
            rows(&folder, "select accountId, scope, accessToken, userId from account where providerId = 'github'")
                .remove(0);
        assert_eq!(account, ["7", "read:user", "gho_x", "u1"]);
    }
}
