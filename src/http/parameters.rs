//! Parameters in the query of an address: those that the description of the interface names, and no others, so that
//! a filter with a wrong name does not quietly filter nothing.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use axum::{
    extract::{MatchedPath, Query, Request, State},
    http::{Method, Uri},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::{extract::snake_case, messages::Code, problem::Problem};

/// The names that each operation takes.
#[derive(Clone)]
pub struct Known(Arc<HashMap<(String, String), HashSet<String>>>);

impl Known {
    /// As the finished document says.
    pub fn of(document: &Value) -> Self {
        let mut known = HashMap::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            let operations = item.as_object().into_iter().flatten();
            for (method, operation) in operations.filter(|(_, operation)| operation["tags"][0] != "pages") {
                let parameters = operation["parameters"].as_array().into_iter().flatten();
                let names = parameters
                    .filter(|parameter| parameter["in"] == "query")
                    .filter_map(|parameter| parameter["name"].as_str().map(str::to_owned));
                known.insert((method.to_ascii_uppercase(), path.clone()), names.collect());
            }
        }
        Self(Arc::new(known))
    }

    /// The first parameter that the operation does not take.
    fn stranger(&self, method: &Method, path: &str, uri: &Uri) -> Option<String> {
        let names = |method: &str| self.0.get(&(method.to_owned(), path.to_owned()));
        let names = names(method.as_str()).or_else(|| names("GET").filter(|_| method == Method::HEAD))?;
        // A query that cannot be read is refused by the handler that reads it.
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?;
        let mut given = pairs.into_iter().map(|(name, _)| name);
        given.find(|name| !names.contains(name) && !names.contains(&snake_case(name)))
    }
}

/// Middleware of the routes. Pages are left alone: who sends a link around may have written something behind it.
pub async fn check(State(known): State<Known>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let path = path.filter(|path| path.starts_with("/api/") && request.uri().query().is_some());
    match path.and_then(|path| known.stranger(request.method(), path, request.uri())) {
        None => next.run(request).await,
        Some(name) => {
            let name: String = name.chars().take(64).collect();
            Problem::new(Code::UnknownParameter).with("parameter", name).into_response()
        }
    }
}
