//! `POST /v1/compare`: what of a device's record the log has otherwise.

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use docket_sync::relay::{self, View};
use docket_sync::wire::Compare;

use super::problem::Problem;
use super::{Shared, answer, body};
use crate::bounds;

pub(crate) async fn compare(State(app): State<Shared>, headers: HeaderMap, body: Body) -> Result<Response, Problem> {
    let caller = app.caller(&headers)?;
    let _exchange = app.exchanges.begin(&caller)?;
    let bytes = body::whole(&app, body, bounds::COMPARE_BYTES).await?;
    let ask = Compare::decode(&bytes).ok_or_else(|| Problem::malformed("no comparison of version 1"))?;
    let view = View::of(&caller.rostered.roster, caller.device);
    let compared = caller.tenant.read(move |log| relay::compare(log, &view, &ask)).await?;
    tracing::info!(
        tenant = caller.tenant.short(),
        device = %caller.device,
        buckets = compared.buckets.len(),
        documents = compared.docs.len(),
        differing = compared.differing.len(),
        "compare"
    );
    Ok(answer(compared.encode()))
}
