//! What went wrong with a request: a problem document (RFC 9457) for programs, a page for people.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::StoreError;

/// A refused or failed request. The detail names the value at fault and the way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Names the kind of problem: `urn:phanloai:problem:` and a word.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind, in words.
    pub title: String,
    /// HTTP status.
    #[serde(serialize_with = "as_number")]
    #[schema(value_type = u16)]
    pub status: StatusCode,
    /// This occurrence: the value at fault and the way out.
    pub detail: String,
}

fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    fn new(status: StatusCode, word: &str, title: &str, detail: impl Into<String>) -> Self {
        Self { kind: format!("urn:phanloai:problem:{word}"), title: title.to_owned(), status, detail: detail.into() }
    }

    /// A parameter or field cannot be used.
    pub fn bad_value(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-value", "a value of the request cannot be used", detail)
    }

    /// The request is well formed, and what it says cannot be.
    pub fn unusable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unusable", "what the request says cannot be", detail)
    }

    /// The id belongs to something else.
    pub fn taken(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "id-taken", "the id was used before", detail)
    }

    /// Nothing is there.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "nothing is there", detail)
    }

    /// Nobody is signed in.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not-signed-in", "sign in first", detail)
    }

    /// The account may not.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "the account may not do this", detail)
    }

    /// The figures would tell about single households.
    pub fn hidden(area: &str) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "hidden",
            "hidden to protect households",
            format!(
                "the figures of area `{area}` are hidden, as it or another one, from which it could be subtracted, has fewer than 10 households; sign in to see them"
            ),
        )
    }

    /// The item's version is not taken; its phone keeps it.
    pub fn other_version(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UPGRADE_REQUIRED, "other-version", "app and server do not fit", detail)
    }

    /// The request came from another site.
    pub fn cross_site(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "cross-site", "the request came from another site", detail)
    }

    /// The route has no such method.
    pub fn method(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method", "the address does not take this method", detail)
    }

    /// Too many attempts.
    pub fn too_many(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts", "too many attempts", detail)
    }

    /// Something of ours failed; what exactly stands in the log.
    pub fn internal(what: &str, error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %error, "{what} failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the server could not answer",
            format!("{what} failed; stored data is safe; try again, and tell an administrator when it stays"),
        )
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::internal("reading the database", &error)
    }
}

impl IntoResponse for Problem {
    /// Answers with the document and leaves the problem beside it, so that the guard can turn it into a page.
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(&self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}
