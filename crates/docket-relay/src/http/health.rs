//! `GET /healthz` and `GET /metrics`: for whoever looks after the machine.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use docket_sync::relay::Log as _;

use super::problem::Problem;
use super::{Shared, answer};

/// "ok" when every log answers a read.
pub(crate) async fn health(State(app): State<Shared>) -> Result<Response, Problem> {
    for tenant in app.tenants.values() {
        tenant.read(|log| log.head()).await?;
    }
    Ok(answer(b"ok\n".to_vec()))
}

/// Counts, in Prometheus' text form.
pub(crate) async fn metrics(State(app): State<Shared>) -> Response {
    let mut response = answer(app.metrics.text().into_bytes());
    let kind = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
