//! Pages of words: sign-in, definitions, and what is said when something is wrong.

use askama::Template;

use super::frame::Frame;
use crate::web::views::filters;

/// The sign-in page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/sign_in.html")]
pub struct SignIn {
    /// What every page shares.
    pub frame: Frame,
    /// Why the last attempt failed; empty at first.
    pub refusal: String,
    /// The name typed before, kept.
    pub name: String,
    /// Where to go afterwards, a path of this site.
    pub next: String,
}

/// A page that says what happened, what is safe and what to do.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/message.html")]
pub struct Message {
    /// What every page shares.
    pub frame: Frame,
    /// What happened, what is safe, what to do.
    pub text: String,
    /// Offer to sign in, to come back to this path; empty: do not.
    pub sign_in_href: String,
}

/// The definitions of every figure.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/definitions.html")]
pub struct Definitions {
    /// What every page shares.
    pub frame: Frame,
    /// The rendered text.
    pub html: String,
}
