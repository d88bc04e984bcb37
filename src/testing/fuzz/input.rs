//! Bodies and queries of every route, made from their shapes.

use bytes::Bytes;
use http::{Method, Request, header};
use serde_json::{Map, Number, Value};

use super::{
    server::{self, Server},
    source::Source,
};
use crate::{
    engine::Media,
    testing::{BASE_URL, PASSWORD},
    wire::{
        percent::encode_uri_component,
        shape::{ListRule, NumberRule, Shape, TextRule, Unknown},
    },
};

/// How deep an object is made that no shape describes.
const MAX_DEPTH: usize = 4;
/// Texts that mean something to this server.
const MEANT: &[&str] = &[
    "ada@example.com",
    "bob@example.com",
    "nobody@example.com",
    PASSWORD,
    "another password",
    "/in",
    "https://evil.test",
    "ada_1",
    "credential",
];

/// A request to one of the routes, of a person who is signed in or of a stranger.
///
/// # Panics
/// When the answer is a 5xx or the database contradicts itself afterwards, and when input succeeds that its shape refuses.
pub(super) fn run(data: &[u8]) {
    server::with(|server| ask(server, &mut Source::new(data)));
}

fn ask(server: &Server, source: &mut Source<'_>) {
    let routes = server.world.engine.routes();
    let route = source.pick(routes);
    let method = source.pick(route.methods);
    let signed_in = !source.rarely(4);
    let mut make = |shape: &Option<Shape>, texts: bool| {
        let shape = shape.as_ref()?;
        Maker { server, source, texts }.shape(shape)
    };
    let query = make(&route.query, true);
    let body = if *method == Method::GET { None } else { make(&route.body, route.media == Media::Ignored) };
    let fits = |shape: &Option<Shape>, value: &Option<Value>| {
        shape.as_ref().is_none_or(|shape| shape.check(value.as_ref()).is_ok())
    };
    // What a query's parameters become is a matter of their texts, so only a query that was left out is known.
    let refused = !(*method == Method::GET || fits(&route.body, &body));

    let mut path = format!("{}{}", server.world.engine.base_path(), segments(route.path, server, source));
    if let Some(query) = &query {
        path.push_str(&encoded(query));
    }
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, "localhost:3000");
    request = request.header(header::ORIGIN, BASE_URL);
    if signed_in {
        request = request.header(header::COOKIE, &server.cookies);
    }
    let text = body.map(|body| body.to_string()).unwrap_or_default();
    if !text.is_empty() {
        request = request.header(header::CONTENT_TYPE, "application/json").header(header::CONTENT_LENGTH, text.len());
    }
    let Ok(request) = request.body(Bytes::from(text)) else { return };
    let line = format!("{} {}", request.method(), request.uri());
    let response = server.answer(request);
    assert!(!(refused && response.status().is_success()), "{line}: refused input succeeded: {response:?}");
}

fn segments(path: &str, server: &Server, source: &mut Source<'_>) -> String {
    let mut segment = |name: &str| match name.strip_prefix(':') {
        Some(_) if source.rarely(2) => encode_uri_component(&source.text()).into_owned(),
        Some(_) => server.tokens.first().cloned().unwrap_or_default(),
        None => name.to_owned(),
    };
    path.split('/').map(&mut segment).collect::<Vec<_>>().join("/")
}

fn encoded(query: &Value) -> String {
    let Value::Object(fields) = query else { return format!("?{}", encode_uri_component(&query.to_string())) };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let pairs = fields.iter().flat_map(|(name, value)| {
        let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        let pair = |value: &Value| format!("{}={}", encode_uri_component(name), encode_uri_component(&text(value)));
        values.iter().map(pair).collect::<Vec<_>>()
    });
    format!("?{}", pairs.collect::<Vec<_>>().join("&"))
}

/// Makes values that fit a shape, and now and then ones that do not.
struct Maker<'s, 'd, 'w> {
    server: &'w Server,
    source: &'s mut Source<'d>,
    /// Whether leaves are texts, as in a query.
    texts: bool,
}

impl Maker<'_, '_, '_> {
    fn shape(&mut self, shape: &Shape) -> Option<Value> {
        if self.source.rarely(12) {
            return self.anything(0);
        }
        Some(match shape {
            Shape::String(rules) | Shape::CoercedString(rules) => self.text(rules).into(),
            Shape::Number(rules) | Shape::CoercedNumber(rules) => self.number(rules),
            Shape::Boolean | Shape::CoercedBoolean => {
                let flag = self.source.rarely(2);
                self.leaf(flag.into())
            }
            Shape::Literal(literal) => literal.to_value(),
            Shape::Enum(options) => (*self.source.pick(options)).into(),
            Shape::Array(item, rules) => return Some(self.list(item, rules)),
            Shape::Record(inner) => {
                let names: Vec<_> = (0..self.source.below(3)).map(|_| self.source.text()).collect();
                names.into_iter().filter_map(|name| Some((name, self.shape(inner)?))).collect::<Map<_, _>>().into()
            }
            Shape::Object(object) => {
                let mut made = Map::new();
                for field in object.fields {
                    made.extend(self.shape(&field.shape).map(|value| (field.name.to_owned(), value)));
                }
                if object.unknown != Unknown::Strict && self.source.rarely(4) {
                    let name = self.source.text();
                    made.extend(self.anything(0).map(|value| (name, value)));
                }
                made.into()
            }
            Shape::Union(options) | Shape::ExactlyOne(options) => {
                let option = self.source.pick(options);
                return self.shape(option);
            }
            Shape::Both(left, right) => match (self.shape(left)?, self.shape(right)?) {
                (Value::Object(mut left), Value::Object(right)) => {
                    left.extend(right);
                    left.into()
                }
                (left, _) => left,
            },
            Shape::Any => return self.anything(0),
            Shape::Never => return None,
            Shape::Optional(inner) | Shape::Default(inner, _) => {
                return if self.source.rarely(2) { self.shape(inner) } else { None };
            }
            Shape::Nullable(inner) => {
                return if self.source.rarely(3) { Some(Value::Null) } else { self.shape(inner) };
            }
            Shape::Refined(inner, _) => return self.shape(inner),
        })
    }

    fn leaf(&self, value: Value) -> Value {
        if self.texts { value.to_string().into() } else { value }
    }

    fn text(&mut self, rules: &[TextRule]) -> String {
        let wants_email = rules.iter().any(|rule| matches!(rule, TextRule::Email));
        match self.source.below(4) {
            0 if wants_email => format!("{}@example.com", self.source.text().to_lowercase()),
            0 | 1 => (*self.source.pick(MEANT)).to_owned(),
            2 if !self.server.tokens.is_empty() => self.source.pick(&self.server.tokens).clone(),
            _ => self.source.text(),
        }
    }

    fn number(&mut self, rules: &[NumberRule]) -> Value {
        let number = self.source.number();
        let bound = rules.iter().find_map(|rule| match rule {
            NumberRule::AtLeast(bound) | NumberRule::AtMost(bound) | NumberRule::Above(bound) => Some(*bound),
            NumberRule::Int => None,
        });
        let near = bound.map_or(number, |bound| bound.saturating_add(number % 4));
        self.leaf(near.into())
    }

    fn list(&mut self, item: &Shape, rules: &[ListRule]) -> Value {
        let most = rules.iter().find_map(|rule| match rule {
            ListRule::Max(most) => Some(*most as usize),
            ListRule::Min(_) => None,
        });
        let length = self.source.below(most.map_or(4, |most| most.saturating_add(2).min(300)));
        (0..length).filter_map(|_| self.shape(item)).collect()
    }

    fn anything(&mut self, depth: usize) -> Option<Value> {
        Some(match self.source.below(8) {
            0 => return None,
            1 => Value::Null,
            2 => Value::Bool(true),
            3 => self.source.number().into(),
            4 => Number::from_f64(self.source.number() as f64 / 256.0).map_or(Value::Null, Value::Number),
            5 if depth < MAX_DEPTH => {
                let length = self.source.below(4);
                (0..length).filter_map(|_| self.anything(depth + 1)).collect()
            }
            6 if depth < MAX_DEPTH => {
                let names: Vec<_> = (0..self.source.below(4)).map(|_| self.source.text()).collect();
                let fields = names.into_iter().filter_map(|name| Some((name, self.anything(depth + 1)?)));
                fields.collect::<Map<_, _>>().into()
            }
            _ => self.source.text().into(),
        })
    }
}
