//! The i18n plugin.

use http::Method;
use kernia::{
    domain::{
        Plugin,
        options::{AdditionalField, AdditionalFieldType, Options},
    },
    plugins::{Detection, I18n, I18nOptions},
    testing::{TestRequest, TestResponse, options},
};
use serde_json::json;

use super::World;

const EMAIL: &str = "ada@example.com";
const ENGLISH: &str = "Invalid email or password";

fn texts() -> I18nOptions {
    I18nOptions::default()
        .translate("en", [("PASSWORD_TOO_SHORT", "Too short!")])
        .translate(
            "fr",
            [("INVALID_EMAIL_OR_PASSWORD", "Adresse ou mot de passe inconnu"), ("UNAUTHORIZED", "Qui va là ?")],
        )
        .translate(
            "de",
            [("INVALID_EMAIL_OR_PASSWORD", "Adresse oder Passwort ist falsch"), ("INVALID_PASSWORD", "Falsch")],
        )
}

fn world_with(i18n: I18nOptions, change: impl FnOnce(&mut Options)) -> World {
    let mut options = options();
    change(&mut options);
    World::with_plugins(options, vec![Box::new(I18n::new(i18n))])
}

fn wrong_sign_in() -> TestRequest {
    TestRequest::json("/sign-in/email", &json!({ "email": EMAIL, "password": "wrong password" }))
}

fn refused(world: &World, languages: &str, cookie: &str) -> TestResponse {
    let mut request = wrong_sign_in().header("accept-language", languages).header("origin", "http://localhost:3000");
    if !cookie.is_empty() {
        request = request.header("cookie", cookie);
    }
    TestResponse::read(world.answer(request.build("/api/auth")))
}

fn message(world: &World, languages: &str, cookie: &str) -> String {
    let answer = refused(world, languages, cookie);
    assert_eq!((answer.status, answer.code()), (401, "INVALID_EMAIL_OR_PASSWORD"));
    answer.json["message"].as_str().unwrap().to_owned()
}

#[test]
fn usual_errors_have_texts_in_many_languages() {
    let mut i18n = texts();
    i18n.locales = ["de", "it", "en"].map(str::to_owned).to_vec();
    let world = world_with(i18n, |_| {});
    assert_eq!(message(&world, "it", ""), "Indirizzo e-mail o password non corretti");
    assert_eq!(message(&world, "de", ""), "Adresse oder Passwort ist falsch", "the application's own counts more");
    assert_eq!(message(&world, "fr", ""), "Adresse ou mot de passe inconnu");
    assert_eq!(message(&world, "en, it;q=0.5", ""), ENGLISH, "English is a language that there is");
    let wrong = TestRequest::json("/sign-up/email", &json!({"name": "A", "email": EMAIL, "password": "x"}));
    let answer = world.browser().send(&wrong.header("accept-language", "de"));
    assert_eq!(answer.json["message"], "Das Passwort ist zu kurz");
}

#[test]
fn a_language_without_texts_is_refused() {
    let mut i18n = I18nOptions::default();
    i18n.locales = vec!["tlh".to_owned()];
    let refusal = I18n::new(i18n).check(&options()).unwrap_err();
    assert!(refusal.starts_with("there are no texts in \"tlh\"; there are in ar, bn, de, en,"), "{refusal}");
}

#[test]
fn an_error_is_in_the_language_that_is_wanted_most() {
    let world = world_with(texts(), |_| {});
    let answer = refused(&world, "es, de;q=0.4, fr-CA;q=0.8", "");
    let expected = json!({
        "code": "INVALID_EMAIL_OR_PASSWORD", "message": "Adresse ou mot de passe inconnu", "originalMessage": ENGLISH,
    });
    assert_eq!((answer.status, answer.json), (401, expected));
    assert_eq!(message(&world, "de", "locale=fr"), "Adresse oder Passwort ist falsch");
}

#[test]
fn what_is_not_translated_stays() {
    let world = world_with(texts(), |_| {});
    for languages in ["", "es", "en"] {
        assert_eq!(message(&world, languages, ""), ENGLISH, "{languages}");
    }
    let mut ada = world.browser();
    let made = ada.sign_up(EMAIL);
    assert!(made.json.get("originalMessage").is_none() && made.json["user"].is_object());
    let short = ada.post("/sign-up/email", json!({ "name": "B", "email": "b@example.com", "password": "x" }));
    assert_eq!((short.json["message"].as_str(), short.code()), (Some("Too short!"), "PASSWORD_TOO_SHORT"));
}

#[test]
fn a_default_language_of_ones_own() {
    let mut i18n = texts();
    i18n.default_locale = "de".to_owned();
    let world = world_with(i18n, |_| {});
    assert_eq!(message(&world, "es", ""), "Adresse oder Passwort ist falsch");
}

#[test]
fn a_cookie_says_the_language() {
    let mut i18n = texts();
    i18n.detection = vec![Detection::Cookie, Detection::Header];
    i18n.locale_cookie = "language".to_owned();
    let world = world_with(i18n, |_| {});
    assert_eq!(message(&world, "de", "a=b; language=fr"), "Adresse ou mot de passe inconnu");
    assert_eq!(message(&world, "de", "language=xx"), "Adresse oder Passwort ist falsch");
    assert_eq!(message(&world, "de", "locale=fr"), "Adresse oder Passwort ist falsch");
}

#[test]
fn the_signed_in_user_says_the_language() {
    let mut i18n = texts();
    i18n.detection = vec![Detection::Session];
    let world = world_with(i18n, |options| {
        let mut locale = AdditionalField::new(AdditionalFieldType::String);
        locale.required = false;
        options.user.additional_fields.insert("locale".to_owned(), locale);
    });
    let mut ada = world.browser();
    ada.sign_up(EMAIL);
    let wrong = json!({ "newPassword": "another password", "currentPassword": "wrong password" });
    assert_eq!(ada.post("/change-password", wrong.clone()).json["message"], "Invalid password");
    assert_eq!(ada.post("/update-user", json!({ "locale": "de" })).status, 200);
    assert_eq!(ada.post("/change-password", wrong).json["message"], "Falsch");
}

#[test]
fn the_application_says_the_language() {
    let mut i18n = texts().get_locale(async |request| {
        Ok(request.headers.get("x-language").and_then(|value| value.to_str().ok()).map(str::to_owned))
    });
    i18n.detection = vec![Detection::Callback, Detection::Header];
    let world = world_with(i18n, |_| {});
    let ask = |language: &str| {
        let request = TestRequest::new(Method::GET, "/list-sessions").header("accept-language", "de");
        let request = request.header("x-language", language).build("/api/auth");
        TestResponse::read(world.answer(request)).json["message"].clone()
    };
    assert_eq!(ask("fr"), "Qui va là ?");
    assert_eq!(ask("xx"), "Unauthorized");
}

#[test]
fn without_translations_there_is_nothing_to_do() {
    let check = |i18n: I18nOptions| kernia::domain::Plugin::check(&I18n::new(i18n), &options());
    assert!(check(I18nOptions::default()).is_err() && check(texts()).is_ok());
}
