//! Pages: what a request asks for, read and put into views.

pub mod access;
mod alerts;
mod audits;
mod crew;
mod device;
mod devices;
mod field;
mod guides;
mod household;
mod households;
mod indicators;
mod lists;
mod nav;
mod overview;
mod own_page;
mod papers;
mod point;
mod points;
mod public;
mod quality;
mod quarantine;
pub mod register;
mod reports;
mod rounds;
mod rules;
mod shares;
mod tickets;
mod visit_words;
mod visits;
mod words;
mod workload;

pub use alerts::*;
pub use audits::*;
pub use crew::*;
pub use device::*;
pub use devices::*;
pub use field::{App, crew_manifest, crew_shell, crew_worker, visits_manifest, visits_shell, visits_worker};
pub use household::*;
pub use households::*;
pub use indicators::indicators;
pub use lists::*;
pub use overview::*;
pub use own_page::*;
pub use papers::*;
pub use point::*;
pub use points::*;
pub use public::public;
pub use quality::*;
pub use quarantine::*;
pub use reports::*;
pub use rounds::*;
pub use rules::*;
pub use shares::shares;
pub use tickets::*;
pub use visits::*;
pub use words::*;

use askama::Template;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum_extra::extract::CookieJar;

use super::guard::{Site, Who};
use super::lang::Lang;
use super::problem::Problem;
use super::sign_in;
use super::texts::Texts;
use super::views::frame::{Badge, Frame, Theme};
use super::views::plain::Message;
use super::{assets, read};

/// Lets the page of work under way load itself again after some seconds. `None`: nothing is under way.
fn followed(mut response: Response, seconds: Option<u32>) -> Response {
    if let Some(value) = seconds.and_then(|seconds| HeaderValue::from_str(&seconds.to_string()).ok()) {
        response.headers_mut().insert(header::REFRESH, value);
    }
    response
}

/// Renders a view.
fn shown(view: &impl Template) -> Result<Html<String>, Problem> {
    view.render().map(Html).map_err(|error| Problem::internal("drawing the page", &error))
}

/// Gives a query parameter as sent; used for `lang` and `theme`, whose values need no decoding.
fn asked<'a>(uri: &'a Uri, name: &str) -> Option<&'a str> {
    uri.query()?
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Finds the reader's language: the one asked for, else the one chosen before, else Vietnamese.
pub fn words(headers: &HeaderMap, uri: &Uri) -> (Lang, &'static Texts) {
    let chosen = CookieJar::from_headers(headers).get("lang").and_then(|cookie| Lang::from_code(cookie.value()));
    let lang = asked(uri, "lang").and_then(Lang::from_code).or(chosen).unwrap_or_default();
    (lang, Texts::of(lang))
}

fn theme(headers: &HeaderMap, uri: &Uri) -> Option<Theme> {
    let chosen = CookieJar::from_headers(headers).get("theme").and_then(|cookie| Theme::from_word(cookie.value()));
    asked(uri, "theme").and_then(Theme::from_word).or(chosen)
}

/// Keeps a language or theme that was asked for in the address for the pages to come.
pub fn keep_choices(response: &mut Response, uri: &Uri) {
    let lang = asked(uri, "lang").and_then(Lang::from_code).map(Lang::code);
    let theme = asked(uri, "theme").and_then(Theme::from_word).map(Theme::word);
    for (name, value) in [("lang", lang), ("theme", theme)] {
        let cookie = value.map(|value| format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly"));
        if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::from_str(&cookie).ok()) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}

/// Gives the page's own address less the switches, ending in `?` or `&`.
fn here(uri: &Uri) -> String {
    let rest: Vec<&str> = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("lang=") && !pair.starts_with("theme="))
        .collect();
    if rest.is_empty() { format!("{}?", uri.path()) } else { format!("{}?{}&", uri.path(), rest.join("&")) }
}

/// Makes what every page shares.
pub fn frame(site: &Site, who: &Who, headers: &HeaderMap, uri: &Uri) -> Frame {
    let (lang, t) = words(headers, uri);
    let commune = read::commune(site);
    Frame {
        lang,
        t,
        theme: theme(headers, uri),
        here: here(uri),
        title: t.overview.to_owned(),
        commune: commune.name.clone(),
        simulated: commune.simulated,
        nav: nav::nav(who, t, uri.path(), &waiting(site, lang, t)),
        user: who.account.as_ref().map(|account| account.name.clone()),
        refresh_s: None,
        version: assets::version().to_owned(),
    }
}

/// Tells how many alarms and warnings nobody has acknowledged.
fn waiting(site: &Site, lang: Lang, t: &Texts) -> Badge {
    let waiting = site.web.alerts.borrow().waiting;
    let count = if waiting > 0 { lang.count(waiting) } else { String::new() };
    Badge { spoken: (t.watch.waiting_spoken)(&count), pattern: (t.watch.waiting_spoken)("{}"), count }
}

/// Tells a problem as a page: what happened, what is safe, what to do.
pub fn problem_page(site: &Site, who: &Who, headers: &HeaderMap, uri: &Uri, problem: &Problem) -> Response {
    let mut frame = frame(site, who, headers, uri);
    let t = frame.t;
    let (title, text) = match problem.status {
        StatusCode::NOT_FOUND => (t.not_found, t.not_found_more.to_owned()),
        StatusCode::FORBIDDEN => (t.forbidden, t.forbidden_more.to_owned()),
        StatusCode::UNAUTHORIZED => (t.sign_in, t.sign_in_first.to_owned()),
        StatusCode::TOO_MANY_REQUESTS => (t.too_many, problem.detail.clone()),
        status if status.is_client_error() => (t.bad_request, problem.detail.clone()),
        _ => (t.broken, t.broken_more.to_owned()),
    };
    frame.title = title.to_owned();
    let offer = matches!(problem.status, StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED);
    let sign_in_href = if offer { sign_in::address_before(uri) } else { String::new() };
    let message = Message { frame, text, sign_in_href };
    match message.render() {
        Ok(html) => (problem.status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(error = %error, "drawing an error page failed");
            problem.status.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switches_keep_what_the_page_was_asked() {
        assert_eq!(here(&Uri::from_static("/")), "/?");
        assert_eq!(here(&Uri::from_static("/households?lang=en&state=U&theme=dark")), "/households?state=U&");
    }

    #[test]
    fn the_language_asked_for_goes_before_the_one_chosen_earlier() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("lang=en"));
        assert_eq!(words(&headers, &Uri::from_static("/")).0, Lang::En);
        assert_eq!(words(&headers, &Uri::from_static("/?lang=vi")).0, Lang::Vi);
        assert_eq!(words(&HeaderMap::new(), &Uri::from_static("/?lang=xx")).0, Lang::Vi);
    }
}
