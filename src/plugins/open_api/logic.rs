//! The document, made of the route table and the schema.

use http::Method;
use serde_json::{Map, Value, json};

use crate::{
    domain::{Installation, Route},
    engine::{Exposure, Media},
    schema::{ACCOUNT, DefaultValue, Field, FieldType, Name, SESSION, Table, USER, VERIFICATION},
    wire::{
        read_schema::Named,
        shape::{Field as InputField, ObjectShape, Shape},
    },
};

/// Tables whose rows are answered with the fields that the installation has added, and where their schemas are.
const ANSWERED: [(Name, &str); 3] = [
    (USER, "#/components/schemas/User"),
    (SESSION, "#/components/schemas/Session"),
    (ACCOUNT, "#/components/schemas/Account"),
];

/// The routes that take the added fields of a table, and the core's fields that they take of a body without a shape.
const TAKEN: [(&str, Name, &[&str]); 3] =
    [("/sign-up/email", USER, &[]), ("/update-user", USER, &["image", "name"]), ("/update-session", SESSION, &[])];

/// What every route may answer but its answer, under the names of `components/responses`.
const REFUSALS: [(&str, &str, &str); 10] = [
    ("400", "BadRequest", "The request is malformed, or cannot be carried out as it is."),
    ("401", "Unauthorized", "Nobody is signed in, or what was shown is not right."),
    (
        "403",
        "Forbidden",
        "Whoever is signed in may not do this, or the request came from an origin that is not trusted.",
    ),
    ("404", "NotFound", "There is nothing of this kind."),
    ("409", "Conflict", "Another request has changed the same thing meanwhile."),
    ("415", "UnsupportedMediaType", "The body is of a kind that the route does not read."),
    ("422", "UnprocessableEntity", "What was sent cannot be used."),
    ("429", "TooManyRequests", "There were too many requests; the header x-retry-after says for how many seconds."),
    ("500", "InternalServerError", "The server failed."),
    ("503", "ServiceUnavailable", "The server cannot answer now; the header retry-after says when to try again."),
];

/// The document of `app` as it is reached at `base_url`.
pub(super) fn document(app: &Installation, base_url: &str) -> Value {
    let tables = app.schema.tables();
    let named: Vec<Named> = ANSWERED.iter().filter_map(|(name, reference)| example(tables, name, reference)).collect();
    let kept = |table: &&Table| table.name != VERIFICATION || app.places.verifications.in_database();
    let schemas = tables.iter().filter(kept).map(|table| (component(&table.name), row(table)));
    let mut schemas: Map<String, Value> = schemas.collect();
    schemas.insert("Error".to_owned(), error());
    let refusals = REFUSALS.iter().map(|(_, name, about)| ((*name).to_owned(), refusal(about)));
    let mut security = json!({
        "sessionCookie": {
            "type": "apiKey", "in": "cookie", "name": app.cookies.session_token.name,
            "description": "The cookie of a session, which sign-in sets",
        },
    });
    let mut any_of = vec![json!({ "sessionCookie": [] }), json!({})];
    if app.plugins.iter().any(|plugin| plugin.id() == "bearer") {
        security["bearerAuth"] = json!({ "type": "http", "scheme": "bearer", "description": "The token of a session, as set-auth-token gives it" });
        any_of.insert(1, json!({ "bearerAuth": [] }));
    }
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": app.options.app_name,
            "description": "The routes of this authentication server",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "servers": [{ "url": base_url }],
        "security": any_of,
        "tags": tags(app),
        "paths": paths(app, &named),
        "components": {
            "schemas": schemas,
            "responses": refusals.collect::<Map<_, _>>(),
            "securitySchemes": security,
        },
    })
}

/// The routes that HTTP reaches, but this plugin's.
fn documented(app: &Installation) -> impl Iterator<Item = &Route> {
    let disabled = |route: &Route| app.options.disabled_paths.iter().any(|path| path == route.path);
    let routes = app.routes.routes().iter().map(AsRef::as_ref);
    routes.filter(move |route: &&Route| {
        route.exposure == Exposure::Http && route.plugin != Some("open-api") && !disabled(route)
    })
}

fn tag(route: &Route) -> String {
    route.plugin.map_or_else(|| "Default".to_owned(), capitalized)
}

fn tags(app: &Installation) -> Vec<Value> {
    let mut names: Vec<String> = documented(app).map(tag).collect();
    names.dedup();
    let about = |name: &str| match name {
        "Default" => "The routes of the core".to_owned(),
        plugin => format!("The routes of the plugin {plugin}"),
    };
    names.iter().map(|name| json!({ "name": name, "description": about(name) })).collect()
}

fn paths(app: &Installation, named: &[Named]) -> Map<String, Value> {
    let mut paths = Map::new();
    for route in documented(app) {
        let item = paths.entry(path_template(route.path)).or_insert_with(|| json!({}));
        for (at, method) in route.methods.iter().enumerate() {
            let mut operation = operation(app, route, method, named);
            let id = if at == 0 {
                route.name.to_owned()
            } else {
                format!("{}{}", route.name, capitalized(&method.as_str().to_lowercase()))
            };
            operation["operationId"] = id.into();
            if at > 0 {
                operation["responses"]["405"] =
                    refusal("This server is configured to answer the route's other method only.");
            }
            item[method.as_str().to_lowercase()] = operation;
        }
    }
    paths
}

/// `/callback/:id` as `/callback/{id}`.
fn path_template(path: &str) -> String {
    let part = |part: &str| part.strip_prefix(':').map_or_else(|| part.to_owned(), |name| format!("{{{name}}}"));
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn operation(app: &Installation, route: &Route, method: &Method, named: &[Named]) -> Value {
    let mut operation = json!({ "tags": [tag(route)], "responses": responses(route, named) });
    let parameters = parameters(route);
    if !parameters.is_empty() {
        operation["parameters"] = json!(parameters);
    }
    if *method != Method::GET && route.media != Media::Ignored {
        operation["requestBody"] = request_body(app, route);
    }
    operation
}

fn parameters(route: &Route) -> Vec<Value> {
    let in_path = route.path.split('/').filter_map(|part| part.strip_prefix(':'));
    let in_path =
        in_path.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }));
    let in_query = route.query.as_ref().map_or(&[][..], fields).iter().map(query_parameter);
    in_path.chain(in_query).collect()
}

/// The named fields of an input.
fn fields(shape: &Shape) -> &'static [InputField] {
    match shape {
        Shape::Object(ObjectShape { fields, .. }) => fields,
        Shape::Optional(inner) | Shape::Refined(inner, _) | Shape::Both(inner, _) => self::fields(inner),
        // The first of several ways to ask has what the others have too.
        Shape::Union(options) | Shape::ExactlyOne(options) => options.first().map_or(&[][..], self::fields),
        _ => &[],
    }
}

fn query_parameter(field: &InputField) -> Value {
    let mut parameter = json!({
        "name": field.name, "in": "query",
        "required": !field.shape.may_be_absent(), "schema": field.shape.json_schema(),
    });
    if !field.about.trim().is_empty() {
        parameter["description"] = field.about.trim().into();
    }
    parameter
}

fn request_body(app: &Installation, route: &Route) -> Value {
    let mut schema =
        route.body.map_or_else(|| json!({ "type": "object", "properties": {} }), |shape| shape.json_schema());
    if let Some((_, table, core)) = TAKEN.into_iter().find(|(path, ..)| *path == route.path) {
        let core =
            app.schema.table(&table).into_iter().flat_map(|table| core.iter().filter_map(|name| table.field(name)));
        for field in core.chain(app.added_fields(&table)).filter(|field| field.input) {
            if schema["properties"].get(field.name.as_str()).is_none() {
                schema["properties"][field.name.as_str()] = kind(field.kind);
            }
        }
    }
    let content = route.media.allowed().iter().map(|media| ((*media).to_owned(), json!({ "schema": schema })));
    let required = route.body.is_some_and(|shape| !shape.may_be_absent());
    json!({ "required": required, "content": content.collect::<Map<_, _>>() })
}

fn responses(route: &Route, named: &[Named]) -> Value {
    let refusals = REFUSALS
        .iter()
        .map(|(status, name, _)| ((*status).to_owned(), json!({ "$ref": format!("#/components/responses/{name}") })));
    let mut responses: Map<String, Value> = refusals.collect();
    let schema = route.answer_schema(named);
    let shows_nothing = schema["type"] == "null";
    let leads_on = |field: &InputField| field.name == "callbackURL";
    if shows_nothing || route.query.as_ref().is_some_and(|shape| fields(shape).iter().any(leads_on)) {
        responses.insert("302".to_owned(), json!({ "description": "The browser is sent on." }));
    }
    let answer = if shows_nothing {
        json!({ "description": "A page for people." })
    } else {
        json!({ "description": "Success", "content": { "application/json": { "schema": schema } } })
    };
    responses.insert("200".to_owned(), answer);
    Value::Object(responses)
}

fn refusal(about: &str) -> Value {
    json!({ "description": about, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } } })
}

fn error() -> Value {
    json!({
        "type": "object",
        "properties": {
            "code": { "type": "string", "description": "What happened, for programs" },
            "message": { "type": "string", "description": "What happened, for people" },
        },
    })
}

fn component(table: &Name) -> String {
    capitalized(table.as_str())
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The rows of a table as clients see them.
fn row(table: &Table) -> Value {
    let seen = || table.fields.iter().filter(|field| field.returned);
    let mut properties = Map::from_iter([("id".to_owned(), json!({ "type": "string", "readOnly": true }))]);
    properties.extend(seen().map(|field| (field.name.to_string(), property(field))));
    let required = ["id"].into_iter().chain(seen().filter(|field| field.required).map(|field| field.name.as_str()));
    json!({ "type": "object", "properties": properties, "required": required.collect::<Vec<_>>() })
}

fn property(field: &Field) -> Value {
    let mut schema = kind(field.kind);
    if !field.required
        && let Some(kind) = schema.get("type").cloned()
    {
        schema["type"] = json!([kind, "null"]);
    }
    if let Some(DefaultValue::Value(value)) = &field.default {
        schema["default"] = serde_json::to_value(value).unwrap_or_default();
    }
    if !field.input {
        schema["readOnly"] = true.into();
    }
    schema
}

fn kind(kind: FieldType) -> Value {
    match kind {
        FieldType::Number | FieldType::BigNumber => json!({ "type": "number" }),
        FieldType::Boolean => json!({ "type": "boolean" }),
        FieldType::Date => json!({ "type": "string", "format": "date-time" }),
        FieldType::Json => json!({}),
        FieldType::TextList => json!({ "type": "array", "items": { "type": "string" } }),
        FieldType::NumberList => json!({ "type": "array", "items": { "type": "number" } }),
        _ => json!({ "type": "string" }),
    }
}

/// A row as a type may be read from it.
fn example(tables: &[Table], name: &Name, reference: &'static str) -> Option<Named> {
    let table = tables.iter().find(|table| table.name == *name)?;
    let value = |field: &Field| match field.kind {
        FieldType::Number | FieldType::BigNumber => json!(0),
        FieldType::Boolean => json!(false),
        FieldType::Date => json!("2026-01-01T00:00:00.000Z"),
        FieldType::Json => Value::Null,
        FieldType::TextList | FieldType::NumberList => json!([]),
        _ => json!(""),
    };
    let fields = table.fields.iter().filter(|field| field.returned);
    let mut example: Map<String, Value> = fields.map(|field| (field.name.to_string(), value(field))).collect();
    example.insert("id".to_owned(), json!(""));
    Some(Named { reference, example: Value::Object(example) })
}
