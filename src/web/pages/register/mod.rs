//! The register's pages: for officers, each look at households logged.

mod cells;
mod proposals;

pub use proposals::*;

use axum::Form;
use axum::extract::{FromRequest, Request};

use super::{frame, shown};
use crate::store::Account;
use crate::web::guard::Who;
use crate::web::problem::Problem;

/// Fields of a form, in the order in which the page sent them.
pub struct Filled(pub Vec<(String, String)>);

impl Filled {
    /// Gives a field that was filled in, trimmed; empty when it was not.
    pub fn field(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }
}

impl<S: Send + Sync> FromRequest<S> for Filled {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        Form::<Vec<(String, String)>>::from_request(request, state)
            .await
            .map(|Form(fields)| Self(fields))
            .map_err(|rejection| Problem::bad_value(format!("the form cannot be read: {}", rejection.body_text())))
    }
}

/// Gives the account that asks; the route's role has made sure that there is one.
fn account(who: &Who) -> Result<&Account, Problem> {
    who.account.as_ref().ok_or_else(|| Problem::unauthenticated("sign in to see the register"))
}
