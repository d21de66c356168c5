//! The shell of the apps on phones.

use askama::Template;

use crate::web::texts::Texts;

/// An app without anybody's data.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/field_shell.html")]
pub struct Shell {
    /// Its name, as in its address.
    pub app: &'static str,
    /// Its title.
    pub title: &'static str,
    /// The commune's name.
    pub commune: String,
    /// The figures are simulated.
    pub simulated: bool,
    /// The words of the language that it begins with.
    pub t: &'static Texts,
    /// Fingerprint of styles and scripts.
    pub version: String,
    /// Words, streams and zone for the app, JSON.
    pub told: String,
}
