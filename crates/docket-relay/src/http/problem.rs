//! Refusals as answers: a status, a stable code, a sentence for people.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use docket_sync::wire::{self, BadFrame, BadPage};

use crate::tenant::TenantError;

/// A refusal.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// Seconds after which to try again.
    retry_after: Option<u64>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None }
    }

    /// The bytes are not what belongs here.
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", message)
    }

    /// No token, none of ours, or one that is no longer good: prove who you are again.
    pub(crate) fn token() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "token", "prove yourself again: the token is unknown here or has expired")
    }

    /// Not for this caller.
    pub(crate) fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    /// No company of that name here.
    pub(crate) fn unknown_tenant() -> Self {
        Self::new(StatusCode::NOT_FOUND, "unknown-tenant", "this relay does not serve that company")
    }

    /// An invitation that another device took up.
    pub(crate) fn invitation_used() -> Self {
        Self::new(StatusCode::CONFLICT, "invitation-used", "another device has taken this invitation up")
    }

    /// An invitation past its time.
    pub(crate) fn invitation_expired() -> Self {
        Self::new(StatusCode::GONE, "invitation-expired", "the invitation has expired: ask for a new one")
    }

    /// Whether it answers a guess at somebody's key.
    pub(crate) fn is_guess(&self) -> bool {
        self.status == StatusCode::FORBIDDEN
    }

    /// More than is taken in.
    pub(crate) fn too_large(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", message)
    }

    /// More often than is answered.
    pub(crate) fn too_many(code: &'static str, seconds: u64) -> Self {
        let own = Self::new(StatusCode::TOO_MANY_REQUESTS, code, format!("try again in {seconds} s"));
        Self { retry_after: Some(seconds), ..own }
    }

    /// Later.
    pub(crate) fn busy() -> Self {
        let own = Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "the relay is busy: try again");
        Self { retry_after: Some(2), ..own }
    }

    /// The body stopped coming.
    pub(crate) fn too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "too-slow", "the request did not come whole in time")
    }
}

impl From<TenantError> for Problem {
    fn from(error: TenantError) -> Self {
        match error {
            TenantError::TooLarge => Self::too_large("a document's share of a page is too large to be carried on"),
            TenantError::InvitationUsed => Self::invitation_used(),
            TenantError::Busy | TenantError::Stopped => Self::busy(),
            error @ (TenantError::Log(_) | TenantError::Commit) => {
                tracing::error!(%error, "a request failed");
                Self::busy()
            }
        }
    }
}

impl From<BadFrame> for Problem {
    fn from(error: BadFrame) -> Self {
        match error {
            BadFrame::TooLong(_) => Self::too_large(error.to_string()),
            BadFrame::Cut => Self::malformed(error.to_string()),
        }
    }
}

impl From<BadPage> for Problem {
    fn from(error: BadPage) -> Self {
        match error {
            BadPage::TooLarge => Self::too_large(error.to_string()),
            BadPage::Malformed => Self::malformed(error.to_string()),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = wire::Problem { code: self.code.to_owned(), message: self.message }.encode_bytes();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
