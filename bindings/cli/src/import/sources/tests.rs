//! Records as the systems write them, and what is read of them.

use kernia::crypto::password::PasswordKeys;
use serde_json::{Value as Json, json};

use super::*;

fn read(source: Source, record: Json) -> Person {
    let configured = PasswordKeys::default();
    let context = Context {
        keys: Keys { name: "app", configured: &configured },
        now: Timestamp::from_secs(1_700_000_000),
        hash_config: None,
        peppered: false,
        user_fields: &[],
        account_fields: &[],
    };
    source.person(&Record::part(record.as_object().unwrap()), &[], &context)
}

fn identities(person: &Person) -> Vec<(&str, &str)> {
    person.identities.iter().map(|identity| (identity.provider.as_str(), identity.id.as_str())).collect()
}

#[test]
fn clerks_api_names_the_primary_address() {
    let address = |id: &str, email: &str, status: &str| json!({"id": id, "email_address": email, "verification": {"status": status}});
    let mut user = json!({
        "id": "user_1", "first_name": "Ada", "last_name": null, "username": "ada", "created_at": 1_614_834_367_000_i64,
        "primary_email_address_id": "e2", "image_url": "https://img.clerk.com/x", "has_image": false,
        "email_addresses": [address("e1", "old@example.com", "unverified"), address("e2", "ada@example.com", "verified")],
        "phone_numbers": [{"id": "p1", "phone_number": "+491", "verification": {"status": "verified"}}],
        "external_accounts": [
            {"provider": "oauth_google", "provider_user_id": "g-1"},
            {"provider": "oauth_custom_acme", "provider_user_id": "7"},
            {"provider": "oauth_x", "provider_user_id": "9"},
        ],
    });
    let person = read(Source::Clerk, user.clone());
    assert_eq!((person.email.as_deref(), person.email_verified), (Some("ada@example.com"), Some(true)));
    assert_eq!((person.name.as_deref(), person.image.as_deref()), (Some("Ada"), None));
    assert_eq!((person.phone.as_deref(), person.phone_verified), (Some("+491"), true));
    assert_eq!(person.created_at, Timestamp::parse("2021-03-04T05:06:07Z"));
    assert_eq!(identities(&person), [("google", "g-1"), ("acme", "7"), ("twitter", "9")]);
    assert!(person.blocked.is_none() && person.hash.is_none());
    user["primary_email_address_id"] = Json::Null;
    user["banned"] = true.into();
    let person = read(Source::Clerk, user);
    assert_eq!((person.email.as_deref(), person.email_verified), (Some("old@example.com"), Some(false)));
    assert!(person.blocked.is_some());
}

#[test]
fn clerks_csv_says_which_addresses_are_verified() {
    for (verified, unverified, wanted) in [("a@x.de|b@x.de", "", true), ("b@x.de", "a@x.de", false), ("", "", false)] {
        let person = read(
            Source::Clerk,
            json!({"id": "1", "primary_email_address": "a@x.de", "verified_email_addresses": verified, "unverified_email_addresses": unverified}),
        );
        assert_eq!((person.email.as_deref(), person.email_verified), (Some("a@x.de"), Some(wanted)), "{verified}");
    }
    let person =
        read(Source::Clerk, json!({"id": "1", "primary_email_address": "", "verified_email_addresses": "b@x.de"}));
    assert_eq!((person.email.as_deref(), person.email_verified), (Some("b@x.de"), Some(true)));
}

#[test]
fn who_is_kept_out_there_is_noticed() {
    for (source, record, blocked) in [
        (Source::Auth0, json!({"blocked": true}), true),
        (Source::Auth0, json!({"blocked": false}), false),
        (Source::Firebase, json!({"disabled": "true"}), true),
        (Source::Supabase, json!({"banned_until": "2100-01-01 00:00:00+00"}), true),
        (Source::Supabase, json!({"banned_until": "2001-01-01 00:00:00+00"}), false),
        (Source::Supabase, json!({"deleted_at": "2001-01-01 00:00:00+00"}), true),
        (Source::Devise, json!({"locked_at": "2100-01-01 00:00:00"}), false),
    ] {
        assert_eq!(read(source, record.clone()).blocked.is_some(), blocked, "{source:?} {record}");
    }
}

#[test]
fn providers_of_passwords_and_codes_are_no_identities() {
    for (source, record) in [
        (Source::Auth0, json!({"user_id": "auth0|1"})),
        (Source::Auth0, json!({"user_id": "sms|1"})),
        (Source::Auth0, json!({"user_id": "plain"})),
        (
            Source::Firebase,
            json!({"providerUserInfo": [{"providerId": "password", "rawId": "x"}, {"providerId": "phone", "rawId": "+49"}]}),
        ),
        (Source::Supabase, json!({"identities": [{"provider": "email", "provider_id": "1"}, {"provider": "github"}]})),
        (Source::Devise, json!({"provider": "email", "uid": "a@x.de"})),
        (Source::Devise, json!({"provider": "github"})),
        (Source::BetterAuth, json!({"accounts": [{"providerId": "credential", "accountId": "1"}, {"accountId": "2"}]})),
    ] {
        assert_eq!(identities(&read(source, record.clone())), [], "{source:?} {record}");
    }
    let oidc = json!({"providerUserInfo": [{"providerId": "oidc.acme", "rawId": "1"}, {"providerId": "microsoft.com", "rawId": "2"}]});
    assert_eq!(identities(&read(Source::Firebase, oidc)), [("acme", "1"), ("microsoft", "2")]);
}

#[test]
fn a_firebase_hash_without_parameters_is_a_problem_of_its_user() {
    let person = read(Source::Firebase, json!({"email": "a@x.de", "passwordHash": "AAAA", "salt": "AAAA"}));
    assert!(person.hash.unwrap().unwrap_err().contains("--hash-config is missing"));
}

#[test]
fn a_person_does_not_print_the_hash() {
    let person = read(Source::Devise, json!({"email": "a@x.de", "encrypted_password": "$2a$hunter2"}));
    assert!(!format!("{person:?}").contains("hunter2"));
}
