//! The register's pages: for officers, each look at households logged.
//!
//! | Module | Owns |
//! |---|---|
//! | `cells` | rows and statements as cells of a table, in the reader's language |
//! | `rows` | the lists as of a day, one row with its history, personal data and its erasing |
//! | `form` | adding, editing, ending a row, and recording an earlier version again |
//! | `files` | files in (shown first, then recorded) and out |
//! | `faults` | where register and readings disagree |
//! | `proposals` | acts that wait for a second person |

mod cells;
mod faults;
mod files;
mod form;
mod proposals;
mod rows;

pub use faults::*;
pub use files::*;
pub use form::*;
pub use proposals::*;
pub use rows::*;

use axum::Form;
use axum::extract::{FromRequest, Request};

use super::{frame, shown};
use crate::imports::Kind;
use crate::store::Account;
use crate::web::guard::Who;
use crate::web::problem::Problem;
use crate::web::scope::{Scope, household_of, whole_commune};

/// Fields of a form, in the order in which the page sent them.
#[derive(Clone, Debug, Default)]
pub struct Filled(pub Vec<(String, String)>);

impl Filled {
    /// Gives a field that was filled in, trimmed; empty when it was not.
    pub fn field(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// Gives a field that was filled in, trimmed.
    pub fn given(&self, name: &str) -> Option<&str> {
        Some(self.field(name)).filter(|value| !value.is_empty())
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

/// Finds a kind of file by its word.
fn kind(word: &str) -> Result<Kind, Problem> {
    Kind::from_word(word).ok_or_else(|| {
        let words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        Problem::not_found(format!("unknown kind `{word}`; kinds are {}", words.join(", ")))
    })
}
