//! Fields of a form that may come more than once, such as ticked roles.

use axum::Form;
use axum::extract::{FromRequest, Request};

use super::problem::Problem;

/// The fields in the order of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        Form::from_request(request, state).await.map(|Form(fields)| Self(fields)).map_err(|rejection| {
            Problem::bad_value(format!("the form cannot be read: {}; send it as the page does", rejection.body_text()))
        })
    }
}

impl Fields {
    /// Gives a field without the spaces around it; empty when it is not there.
    pub fn one(&self, name: &str) -> &str {
        self.as_typed(name).trim()
    }

    /// Gives every value of a field, without the spaces around them.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.trim())
    }

    /// Gives a field as it was typed, spaces and all: a password.
    pub fn as_typed(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }
}
