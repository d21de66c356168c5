//! Styles, scripts and fonts, embedded in the program.

use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use super::problem::Problem;
use crate::charts::page_tokens;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/dashboards/assets"]
struct Assets;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/dashboards/fonts"]
struct Fonts;

/// Gives a fingerprint of styles and scripts, so that their addresses change with them.
pub fn version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let mut digest = Sha256::new();
        let mut names: Vec<_> = Assets::iter().collect();
        names.sort();
        for name in names {
            digest.update(name.as_bytes());
            digest.update(Assets::get(&name).map(|file| file.data.into_owned()).unwrap_or_default());
        }
        digest.update(page_tokens());
        hex::encode(&digest.finalize()[..6])
    })
}

/// Answers with a style sheet, script or icon.
pub async fn asset(Path(name): Path<String>) -> Result<Response, Problem> {
    let file = Assets::get(&name).ok_or_else(|| Problem::not_found(format!("no asset `{name}`")))?;
    let mut bytes = file.data.into_owned();
    if name == "style.css" {
        bytes.extend_from_slice(page_tokens().as_bytes());
    }
    Ok(kept(&name, bytes))
}

/// Gives the names of the scripts in some folders of the apps on phones, in order.
pub fn app_files(folders: &[&str]) -> Vec<String> {
    let within = |name: &str| {
        let (folder, file) = name.strip_prefix("app/")?.split_once('/')?;
        (folders.contains(&folder) && file.ends_with(".js")).then_some(())
    };
    let mut names: Vec<String> = Assets::iter().filter(|name| within(name).is_some()).map(Into::into).collect();
    names.sort();
    names
}

/// Gives a file's text. `None`: there is no such file.
pub fn text(name: &str) -> Option<String> {
    Assets::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned())
}

/// Answers with a file of the apps on phones. Its address holds the fingerprint of all, so that modules which import each other by
/// name are always of one make.
pub async fn app_file(Path((edition, name)): Path<(String, String)>) -> Result<Response, Problem> {
    let file = if edition == version() { Assets::get(&format!("app/{name}")) } else { None };
    let file = file.ok_or_else(|| Problem::not_found(format!("no file `{name}` in `{edition}`; reload the page")))?;
    Ok(kept(&name, file.data.into_owned()))
}

/// Answers with a font.
pub async fn font(Path(name): Path<String>) -> Result<Response, Problem> {
    let file = Fonts::get(&name).ok_or_else(|| Problem::not_found(format!("no font `{name}`")))?;
    Ok(kept(&name, file.data.into_owned()))
}

fn kept(name: &str, bytes: Vec<u8>) -> Response {
    let kind = match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        Some(_) | None => "application/octet-stream",
    };
    let keep = if name.ends_with(".svg") || name.ends_with(".png") {
        "public, max-age=86400"
    } else {
        "public, max-age=31536000, immutable"
    };
    (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
            (header::CACHE_CONTROL, HeaderValue::from_static(keep)),
        ],
        bytes,
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stylesheet_closes_what_it_opens_before_the_next_room_begins() {
        let file = Assets::get("style.css").expect("it is embedded");
        let text = std::str::from_utf8(&file.data).expect("text");
        let mut open = 0_i32;
        for (number, line) in text.lines().enumerate() {
            assert!(!line.starts_with("/*") || open == 0, "line {}: `{line}` stands within a block", number + 1);
            let count = |of: char| i32::try_from(line.matches(of).count()).expect("a line is short");
            open += count('{') - count('}');
        }
        assert_eq!(open, 0, "a block is left open");
    }
}
