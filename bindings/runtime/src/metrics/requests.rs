//! Requests, counted by route and by what came of them.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use http::StatusCode;

use super::{Exposition, Histogram};

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// What is counted under when no route has the path. A client cannot make new series.
const OTHER: &str = "other";

/// Counts requests by route template and status class. Counting takes no lock.
#[derive(Debug)]
pub(crate) struct RequestMetrics {
    base_path: String,
    fixed: HashMap<&'static str, usize>,
    patterns: Vec<usize>,
    /// The last one is for [`OTHER`].
    routes: Vec<RouteMetrics>,
}

/// Which series a request belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RouteId(usize);

#[derive(Debug)]
struct RouteMetrics {
    template: &'static str,
    answers: [AtomicU64; CLASSES.len()],
    latency: Histogram,
}

impl RequestMetrics {
    /// Counters for the routes with these templates below `base_path`. `:name` in a template stands for one segment.
    pub(crate) fn new(base_path: &str, templates: impl IntoIterator<Item = &'static str>) -> Self {
        let mut metrics =
            Self { base_path: base_path.to_owned(), fixed: HashMap::new(), patterns: Vec::new(), routes: Vec::new() };
        for template in templates {
            if metrics.routes.iter().any(|route| route.template == template) {
                continue;
            }
            let at = metrics.routes.len();
            if template.contains("/:") {
                metrics.patterns.push(at);
            } else {
                metrics.fixed.insert(template, at);
            }
            metrics.routes.push(RouteMetrics::new(template));
        }
        metrics.routes.push(RouteMetrics::new(OTHER));
        metrics
    }

    /// The series of a request for `path`.
    pub(crate) fn route(&self, path: &str) -> RouteId {
        let other = self.routes.len() - 1;
        let Some(path) = path.strip_prefix(self.base_path.as_str()) else { return RouteId(other) };
        if let Some(at) = self.fixed.get(path) {
            return RouteId(*at);
        }
        let found = self.patterns.iter().copied().find(|at| is_instance(self.routes[*at].template, path));
        RouteId(found.unwrap_or(other))
    }

    /// The template of a series.
    pub(crate) fn template(&self, route: RouteId) -> &'static str {
        self.routes[route.0].template
    }

    /// Counts an answer.
    pub(crate) fn record(&self, route: RouteId, status: StatusCode, took: Duration) {
        let route = &self.routes[route.0];
        let class = usize::from(status.as_u16() / 100).clamp(1, CLASSES.len()) - 1;
        route.answers[class].fetch_add(1, Ordering::Relaxed);
        route.latency.record(took);
    }

    /// Writes the samples of all routes that were asked for.
    pub(crate) fn write(&self, out: &mut Exposition) {
        let name = "kernia_http_requests_total";
        out.family(name, "counter", "Requests answered, by route and status class.");
        for route in &self.routes {
            for (class, count) in CLASSES.iter().zip(&route.answers) {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    out.sample(name, &[("route", route.template), ("status", class)], count);
                }
            }
        }
        let name = "kernia_http_request_duration_seconds";
        out.family(name, "histogram", "Time from the request's head to its answer.");
        for route in self.routes.iter().filter(|route| !route.latency.is_empty()) {
            route.latency.write(out, name, ("route", route.template));
        }
    }
}

impl RouteMetrics {
    fn new(template: &'static str) -> Self {
        Self { template, answers: Default::default(), latency: Histogram::default() }
    }
}

fn is_instance(template: &str, path: &str) -> bool {
    let mut wanted = template.split('/');
    let mut given = path.split('/');
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(segment), Some(value)) if segment.starts_with(':') && !value.is_empty() => {}
            (Some(segment), Some(value)) if segment == value => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics() -> RequestMetrics {
        RequestMetrics::new("/api/auth", ["/ok", "/get-session", "/get-session", "/reset-password/:token"])
    }

    #[test]
    fn requests_are_counted_under_their_template() {
        let metrics = metrics();
        for (path, template) in [
            ("/api/auth/ok", "/ok"),
            ("/api/auth/get-session", "/get-session"),
            ("/api/auth/reset-password/abc", "/reset-password/:token"),
            ("/api/auth/reset-password/", "other"),
            ("/api/auth/reset-password/a/b", "other"),
            ("/api/auth/random-1", "other"),
            ("/ok", "other"),
        ] {
            assert_eq!(metrics.template(metrics.route(path)), template, "{path}");
        }
    }

    #[test]
    fn the_text_has_a_sample_for_each_class_that_occurred() {
        let metrics = metrics();
        let ok = metrics.route("/api/auth/ok");
        metrics.record(ok, StatusCode::OK, Duration::from_micros(30));
        metrics.record(ok, StatusCode::OK, Duration::from_micros(30));
        metrics.record(metrics.route("/x"), StatusCode::NOT_FOUND, Duration::from_millis(1));
        let mut out = Exposition::default();
        metrics.write(&mut out);
        let text = out.finish();
        assert!(text.contains("kernia_http_requests_total{route=\"/ok\",status=\"2xx\"} 2\n"), "{text}");
        assert!(text.contains("kernia_http_requests_total{route=\"other\",status=\"4xx\"} 1\n"));
        assert!(text.contains("kernia_http_request_duration_seconds_count{route=\"/ok\"} 2\n"));
        assert!(!text.contains("get-session"));
    }
}
