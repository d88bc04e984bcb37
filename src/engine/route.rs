//! The route table.

use std::{collections::HashMap, fmt, sync::Arc};

use http::Method;
use serde_json::Value;

use super::{Answer, Answers, App, Cx, Endpoint, Exposure, Fault, HookFuture, Input, Media};
use crate::wire::{
    read_schema::{Named, read_schema},
    shape::{Mismatch, Shape},
};

type Call<A> = dyn for<'a> Fn(&'a mut Cx<A>, Option<Value>, Option<Value>) -> HookFuture<'a, Answer> + Send + Sync;

/// An [`Endpoint`] as a value: router, validation, OpenAPI and typed calls are views of it.
pub struct Route<A: App> {
    /// The operation's name.
    pub name: &'static str,
    /// The methods it answers.
    pub methods: &'static [Method],
    /// The path below the base path.
    pub path: &'static str,
    /// Who may call it.
    pub exposure: Exposure,
    /// The request bodies it reads.
    pub media: Media,
    /// The shape of the body.
    pub body: Option<Shape>,
    /// The shape of the query.
    pub query: Option<Shape>,
    /// The plugin whose route it is; `None` for the core's.
    pub plugin: Option<&'static str>,
    answer: fn(&[Named]) -> Value,
    call: Arc<Call<A>>,
}

impl<A: App> Route<A> {
    /// The route of `endpoint`.
    #[must_use]
    pub fn new<E: Endpoint<A> + Answers>(endpoint: E) -> Self {
        let endpoint = Arc::new(endpoint);
        Self {
            name: E::NAME,
            methods: E::METHODS,
            path: E::PATH,
            exposure: E::EXPOSURE,
            media: E::MEDIA,
            body: E::Body::SHAPE,
            query: E::Query::SHAPE,
            plugin: None,
            answer: read_schema::<E::Answer>,
            call: Arc::new(move |cx, body, query| {
                let endpoint = Arc::clone(&endpoint);
                Box::pin(async move {
                    let body = <E::Body as Input>::read(body).map_err(disagreement)?;
                    let query = <E::Query as Input>::read(query).map_err(disagreement)?;
                    Ok(Answer::json(&endpoint.call(cx, body, query).await?)?)
                })
            }),
        }
    }

    /// The same route at another path, which is kept for as long as the program runs.
    #[must_use]
    pub fn at(mut self, path: &str) -> Self {
        if path != self.path {
            self.path = Box::leak(Box::from(path));
        }
        self
    }

    /// The same route as one of this plugin's.
    #[must_use]
    pub fn of(mut self, plugin: &'static str) -> Self {
        self.plugin = Some(plugin);
        self
    }

    /// The JSON Schema of its answer, where `named` objects are references.
    #[must_use]
    pub fn answer_schema(&self, named: &[Named]) -> Value {
        (self.answer)(named)
    }

    /// Calls the handler with validated input.
    #[must_use]
    pub fn call<'a>(&self, cx: &'a mut Cx<A>, body: Option<Value>, query: Option<Value>) -> HookFuture<'a, Answer> {
        (self.call)(cx, body, query)
    }
}

fn disagreement(_: Mismatch) -> Fault {
    Fault::Bug("an input passed its shape but not its type".into())
}

impl<A: App> fmt::Debug for Route<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} {}", self.name, self.methods, self.path)
    }
}

/// Two routes that answer the same request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{method} {path} is answered by two routes, {first} and {second}")]
pub struct RouteConflict {
    method: Method,
    path: &'static str,
    first: &'static str,
    second: &'static str,
}

/// All routes, by method and path. Fixed paths win over parameters.
#[derive(Debug)]
pub struct RouteTable<A: App> {
    routes: Vec<Arc<Route<A>>>,
    fixed: HashMap<&'static str, Vec<usize>>,
    patterns: Vec<usize>,
}

/// The route of a request, and the values of its parameters, not decoded.
#[derive(Debug)]
pub struct RouteMatch<'t, A: App> {
    /// The route.
    pub route: &'t Route<A>,
    /// Its parameters.
    pub params: Vec<(String, String)>,
}

impl<A: App> Default for RouteTable<A> {
    fn default() -> Self {
        Self { routes: Vec::new(), fixed: HashMap::new(), patterns: Vec::new() }
    }
}

impl<A: App> RouteTable<A> {
    /// A table of these routes.
    ///
    /// # Errors
    /// [`RouteConflict`] when two routes answer the same method and path.
    pub fn new(routes: Vec<Route<A>>) -> Result<Self, RouteConflict> {
        let mut fixed: HashMap<&'static str, Vec<usize>> = HashMap::new();
        let mut patterns = Vec::new();
        for (at, route) in routes.iter().enumerate() {
            let overlap =
                |first: &Route<A>| route.methods.iter().find(|method| first.methods.contains(method)).cloned();
            let same_path = routes[..at].iter().filter(|first| first.path == route.path);
            if let Some((first, method)) = same_path.filter_map(|first| Some((first, overlap(first)?))).next() {
                return Err(RouteConflict { method, path: route.path, first: first.name, second: route.name });
            }
            if route.exposure == Exposure::ServerOnly {
                continue;
            }
            if route.path.contains("/:") {
                patterns.push(at);
            } else {
                fixed.entry(route.path).or_default().push(at);
            }
        }
        Ok(Self { routes: routes.into_iter().map(Arc::new).collect(), fixed, patterns })
    }

    /// All routes.
    #[must_use]
    pub fn routes(&self) -> &[Arc<Route<A>>] {
        &self.routes
    }

    /// The route called `name`, also one that HTTP does not reach.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Arc<Route<A>>> {
        self.routes.iter().find(|route| route.name == name)
    }

    /// The route that answers `method` at `path` over HTTP.
    #[must_use]
    pub fn find(&self, method: &Method, path: &str) -> Option<RouteMatch<'_, A>> {
        if let Some(candidates) = self.fixed.get(path) {
            let route = candidates.iter().map(|at| &self.routes[*at]).find(|route| route.methods.contains(method));
            if let Some(route) = route {
                return Some(RouteMatch { route, params: Vec::new() });
            }
        }
        self.patterns
            .iter()
            .map(|at| &self.routes[*at])
            .filter(|route| route.methods.contains(method))
            .find_map(|route| match_pattern(route.path, path).map(|params| RouteMatch { route, params }))
    }
}

fn match_pattern(pattern: &str, path: &str) -> Option<Vec<(String, String)>> {
    let mut params = Vec::new();
    let mut wanted = pattern.split('/');
    let mut given = path.split('/');
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(params),
            (Some(segment), Some(value)) => match segment.strip_prefix(':') {
                Some(_) if value.is_empty() => return None,
                Some(name) => params.push((name.to_owned(), value.to_owned())),
                None if segment == value => {}
                None => return None,
            },
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_one_segment_a_parameter() {
        let found = match_pattern("/reset-password/:token", "/reset-password/abc").unwrap();
        assert_eq!(found, [("token".to_owned(), "abc".to_owned())]);
        assert_eq!(match_pattern("/reset-password/:token", "/reset-password/"), None);
        assert_eq!(match_pattern("/reset-password/:token", "/reset-password/a/b"), None);
        assert_eq!(match_pattern("/a/:b/c", "/a/1/c").unwrap().len(), 1);
    }
}
