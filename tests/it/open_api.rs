//! The open-api plugin.

use std::collections::BTreeSet;

use kernia::{
    domain::options::{AdditionalField, AdditionalFieldType, Options},
    engine::Exposure,
    plugins::{OpenApi, OpenApiOptions},
    testing::{self, World, every_plugin, options},
};
use serde_json::{Value as Json, json};

fn world(change: impl FnOnce(&mut Options)) -> World {
    let mut options = options();
    change(&mut options);
    World::with_plugins(options, every_plugin())
}

fn document(world: &World) -> Json {
    let answer = world.browser().get("/open-api/generate-schema");
    assert_eq!(answer.status, 200);
    answer.json
}

fn operations(document: &Json) -> Vec<(String, String, &Json)> {
    let paths = document["paths"].as_object().unwrap();
    let methods = |path: &String, item: &'_ Json| {
        let item = item.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        item.into_iter().map(|method| (method, path.clone())).collect::<Vec<_>>()
    };
    let all = paths.iter().flat_map(|(path, item)| methods(path, item));
    all.map(|(method, path)| (method.to_uppercase(), path.clone(), &document["paths"][&path][&method])).collect()
}

#[test]
fn case_164_the_document_has_exactly_the_routes_that_http_reaches() {
    let world = world(|options| options.disabled_paths = vec!["/sign-up/email".to_owned()]);
    let document = document(&world);
    let told: BTreeSet<_> = operations(&document)
        .into_iter()
        .map(|(method, path, _)| format!("{method} {}", path.replace('{', ":").replace('}', "")))
        .collect();
    let routes = world.engine.routes().iter().filter(|route| route.exposure == Exposure::Http);
    let routes = routes.filter(|route| route.plugin != Some("open-api") && route.path != "/sign-up/email");
    let there: BTreeSet<_> = routes
        .flat_map(|route| route.methods.iter().map(|method| format!("{method} {}", route.path)).collect::<Vec<_>>())
        .collect();
    assert_eq!(told, there);
    assert!(
        !["\"setPassword\"", "\"signJWT\"", "\"verifyJWT\""].iter().any(|name| document.to_string().contains(name))
    );
}

#[test]
fn operations_have_names_of_their_own() {
    let document = document(&world(|_| {}));
    let all = operations(&document);
    let ids: BTreeSet<_> = all.iter().map(|(_, _, operation)| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), all.len());
    assert!(ids.contains("getSession") && ids.contains("getSessionPost"));
    let tags: BTreeSet<_> =
        document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).map(Json::to_string).collect();
    assert!(all.iter().all(|(_, _, operation)| tags.contains(&operation["tags"][0].to_string())));
}

#[test]
fn every_reference_leads_somewhere() {
    fn references(value: &Json, found: &mut Vec<String>) {
        match value {
            Json::Object(members) => members.iter().for_each(|(name, value)| match value {
                Json::String(target) if name == "$ref" => found.push(target.clone()),
                value => references(value, found),
            }),
            Json::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document = document(&world(|_| {}));
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.iter().any(|target| target == "#/components/schemas/User"));
    for target in found {
        assert!(document.pointer(target.strip_prefix('#').unwrap()).is_some(), "{target}");
    }
}

#[test]
fn inputs_and_answers_are_those_of_the_route() {
    let world = world(|options| {
        let mut plan = AdditionalField::new(AdditionalFieldType::String);
        plan.required = false;
        options.user.additional_fields.insert("plan".to_owned(), plan);
    });
    let document = document(&world);
    let at = |path: &str, method: &str, rest: &str| {
        document["paths"][path][method].pointer(rest).cloned().unwrap_or_default()
    };
    let body = at("/sign-up/email", "post", "/requestBody/content/application~1json/schema");
    assert_eq!(
        (&body["properties"]["email"]["format"], &body["properties"]["plan"]["type"]),
        (&json!("email"), &json!("string"))
    );
    assert!(
        ["email", "name", "password"].iter().all(|name| body["required"].as_array().unwrap().contains(&json!(name)))
    );
    assert_eq!(at("/sign-up/email", "post", "/requestBody/required"), true);
    let answer = at("/get-session", "get", "/responses/200/content/application~1json/schema");
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    assert_eq!(
        (&answer["properties"]["user"], &answer["properties"]["session"]),
        (&reference("User"), &reference("Session"))
    );
    assert_eq!(answer["type"], json!(["object", "null"]));
    assert_eq!(document["components"]["schemas"]["User"]["properties"]["plan"]["type"], json!(["string", "null"]));
    let parameters = at("/reset-password/{token}", "get", "/parameters");
    let told =
        |at: usize| (parameters[at]["name"].clone(), parameters[at]["in"].clone(), parameters[at]["required"].clone());
    assert_eq!(told(0), (json!("token"), json!("path"), json!(true)));
    assert_eq!((told(1).0, told(1).1), (json!("callbackURL"), json!("query")));
    assert!(at("/reset-password/{token}", "get", "/responses").get("302").is_some());
}

#[test]
fn nothing_secret_is_described() {
    let document = document(&world(|_| {})).to_string();
    assert!(!document.contains("privateKey"));
    let accounts = self::document(&world(|_| {}))["components"]["schemas"]["Account"]["properties"].clone();
    assert!(accounts.get("password").is_none() && accounts.get("providerId").is_some());
}

#[test]
fn the_document_says_where_the_server_is_and_how_to_sign_in() {
    let document = document(&world(|_| {}));
    assert_eq!(document["servers"][0]["url"], format!("{}/api/auth", testing::BASE_URL));
    assert_eq!(document["components"]["securitySchemes"]["sessionCookie"]["name"], "better-auth.session_token");
    assert!(document["components"]["securitySchemes"]["bearerAuth"].is_object());
    let alone = self::document(&World::with_plugins(options(), vec![Box::new(OpenApi::default())]));
    assert!(alone["components"]["securitySchemes"].get("bearerAuth").is_none());
}

#[test]
fn the_page_needs_nothing_from_elsewhere() {
    let page = world(|_| {}).browser().get("/reference");
    assert_eq!((page.status, page.header("content-type")), (200, "text/html"));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'") && policy.contains("script-src 'sha256-"));
    assert!(!page.text.contains("src=") && !page.text.contains("href=") && !page.text.contains("@import"));
    assert!(page.text.contains("/sign-in/email"));
}

fn page(change: impl FnOnce(&mut OpenApiOptions)) -> World {
    let mut own = OpenApiOptions::default();
    change(&mut own);
    World::with_plugins(options(), vec![Box::new(OpenApi::new(own))])
}

#[test]
fn the_page_is_where_and_how_the_operator_wants_it() {
    let moved = page(|own| own.path = "/docs".to_owned());
    assert_eq!((moved.browser().get("/docs").status, moved.browser().get("/reference").status), (200, 404));
    let none = page(|own| own.disable_default_reference = true);
    assert_eq!(
        (none.browser().get("/reference").status, none.browser().get("/open-api/generate-schema").status),
        (404, 200)
    );
    let marked = page(|own| own.nonce = Some("abc123".to_owned())).browser().get("/reference");
    assert!(
        marked.text.contains("<script nonce=\"abc123\">")
            && marked.header("content-security-policy").contains("'nonce-abc123'")
    );
    let dark: OpenApiOptions = serde_json::from_value(json!({ "theme": "dark" })).unwrap();
    let dark = World::with_plugins(options(), vec![Box::new(OpenApi::new(dark))]);
    assert!(dark.browser().get("/reference").text.contains("color-scheme:dark"));
    assert_eq!(dark.browser().post("/reference", json!({})).status, 404);
}

#[test]
fn a_nonce_must_be_one() {
    let check = |nonce: &str| {
        let mut own = OpenApiOptions::default();
        own.nonce = Some(nonce.to_owned());
        kernia::domain::Plugin::check(&OpenApi::new(own), &options())
    };
    assert!(check("aGVsbG8=").is_ok() && check("x\" onload=\"").is_err());
}
