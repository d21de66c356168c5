//! What stands before every route: who asks, may they, does the request come from our own pages; and the headers that
//! go with every answer.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::limit::RequestBodyLimitLayer;

use super::limit::Attempts;
use super::pages::Papers;
use super::previews::Previews;
use super::problem::Problem;
use super::table::{May, Reader, Route, routes};
use super::{Peer, Web, outbox, pages, sign_in};
use crate::store::{Account, fingerprint};

/// Everything a handler may use.
pub struct Site {
    /// What the composition root handed in.
    pub web: Web,
    /// Sign-in attempts of late.
    pub attempts: Attempts,
    /// Wrong codes of households' own pages of late: apart, so that they hold up nobody's sign-in.
    pub wrong_codes: Attempts,
    /// Previews of new rules, under way and done.
    pub previews: Previews,
    /// Papers to print, under way and done.
    pub papers: Papers,
    /// Turns true when the server ends. `None`: it does not, as in tests.
    pub ended: Option<watch::Receiver<bool>>,
    roles: HashMap<&'static str, Vec<(Method, May, Reader)>>,
}

impl Site {
    /// Makes the site with its table of roles.
    pub fn new(web: Web) -> Self {
        let mut roles: HashMap<&'static str, Vec<(Method, May, Reader)>> = HashMap::new();
        for route in routes() {
            roles.entry(route.path).or_default().push((route.method, route.may, route.reader));
        }
        Self {
            web,
            attempts: Attempts::default(),
            wrong_codes: Attempts::default(),
            previews: Previews::default(),
            papers: Papers::default(),
            ended: None,
            roles,
        }
    }

    /// Ends event streams when `ended` turns true.
    pub fn ending_with(mut self, ended: watch::Receiver<bool>) -> Self {
        self.ended = Some(ended);
        self
    }

    /// Gives the role and reader of a route. `Err`: the problem to answer with.
    fn entry(&self, method: &Method, path: Option<&MatchedPath>) -> Result<(May, Reader), Problem> {
        let known = path.and_then(|path| self.roles.get(path.as_str()));
        let Some(methods) = known else {
            return Err(Problem::not_found(
                "there is nothing at this address; the API's addresses are listed at /api/docs",
            ));
        };
        let asked = if *method == Method::HEAD { &Method::GET } else { method };
        methods.iter().find(|(method, ..)| method == asked).map(|&(_, may, reader)| (may, reader)).ok_or_else(|| {
            let allowed: Vec<&str> = methods.iter().map(|(method, ..)| method.as_str()).collect();
            Problem::method(format!("{method} is not taken here; use {}", allowed.join(" or ")))
        })
    }
}

/// By what somebody came in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Entrance {
    /// By nothing: nobody is signed in.
    #[default]
    Nothing,
    /// By a password, in a session.
    Password {
        /// Fingerprint of the session's secret.
        session: String,
        /// The password was given by somebody else and must be replaced first.
        one_time: bool,
    },
    /// By a PIN on a paired phone, in a session.
    Pin {
        /// Fingerprint of the session's secret.
        session: String,
    },
    /// By a token.
    Token {
        /// It may read and change nothing.
        read_only: bool,
    },
}

/// Who asks.
#[derive(Clone, Debug, Default)]
pub struct Who {
    /// The account, when one is signed in or a token was shown, with the roles that its entrance carries.
    pub account: Option<Account>,
    /// By what they came in.
    pub by: Entrance,
}

impl Who {
    /// Gives the fingerprint of the session, when there is one.
    pub fn session(&self) -> Option<&str> {
        match &self.by {
            Entrance::Password { session, .. } | Entrance::Pin { session } => Some(session),
            Entrance::Nothing | Entrance::Token { .. } => None,
        }
    }

    /// Tells whether the password must be replaced before anything else.
    pub fn must_choose_password(&self) -> bool {
        matches!(self.by, Entrance::Password { one_time: true, .. })
    }

    /// Tells whether the asker may.
    pub fn may(&self, what: May) -> bool {
        what.allows(self.account.as_ref())
    }
}

/// Builds the router from the table, behind the guard.
pub fn guarded(site: Arc<Site>) -> Router {
    router_of(site, routes())
}

/// Builds a router of some routes; what the site's table does not know is refused.
pub(super) fn router_of(site: Arc<Site>, routes: Vec<Route>) -> Router {
    let mut router = Router::new();
    for route in routes {
        // Outermost is what counts; axum's own limit would cut off files.
        let limits = (RequestBodyLimitLayer::new(route.body_max()), DefaultBodyLimit::disable());
        router = router.route(route.path, route.handler.layer::<_, Infallible>(limits));
    }
    let squeeze = CompressionLayer::new()
        .compress_when(DefaultPredicate::new().and(NotForContentType::const_new("text/event-stream")));
    router
        .fallback(nothing)
        .layer(from_fn_with_state(site.clone(), guard))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            tracing::error!("a request handler panicked");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }))
        .layer(squeeze)
        .with_state(site)
}

async fn nothing() -> Problem {
    Problem::not_found("there is nothing at this address; the API's addresses are listed at /api/docs")
}

async fn guard(State(site): State<Arc<Site>>, mut request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let headers = request.headers().clone();
    let entry = site.entry(request.method(), request.extensions().get::<MatchedPath>());
    let who = match who(&site, &headers).await {
        Ok(who) => who,
        Err(problem) => return finish(&site, problem.into_response(), &uri),
    };
    let reader = entry.as_ref().map_or_else(|_| reader_of(&headers), |&(_, reader)| reader);
    let verdict = entry
        .and_then(|(may, _)| admitted(may, &who, request.method(), &uri))
        .and_then(|()| own_site(&site, request.method(), &headers));
    let verdict = verdict.and_then(|()| outbox::taken(&headers));
    let response = match verdict {
        Ok(()) => {
            request.extensions_mut().insert(who.clone());
            next.run(request).await
        }
        Err(problem) if problem.status == StatusCode::UNAUTHORIZED && reader == Reader::Person => {
            Redirect::to(&sign_in::address_before(&uri)).into_response()
        }
        Err(_) if who.must_choose_password() && reader == Reader::Person => Redirect::to("/account").into_response(),
        Err(problem) => problem.into_response(),
    };
    let mut told = match (reader, response.extensions().get::<Problem>().cloned()) {
        (Reader::Person, Some(problem)) => pages::problem_page(&site, &who, &headers, &uri, &problem),
        (Reader::Person, None) | (Reader::Program, _) => response,
    };
    if reader == Reader::Person {
        pages::keep_choices(&mut told, &uri);
    }
    finish(&site, told, &uri)
}

fn reader_of(headers: &HeaderMap) -> Reader {
    let accepts_html = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if accepts_html { Reader::Person } else { Reader::Program }
}

fn admitted(may: May, who: &Who, method: &Method, uri: &Uri) -> Result<(), Problem> {
    if who.may(may) {
        return entrance_suffices(may, who, method);
    }
    let roles: Vec<&str> = may.roles().iter().map(|role| role.as_str()).collect();
    let roles = roles.join(", ");
    Err(match &who.account {
        None => Problem::unauthenticated(format!(
            "{} needs one of the roles {roles}; sign in at /sign-in or send `Authorization: Bearer` with a token",
            uri.path()
        )),
        Some(account) => Problem::forbidden(format!(
            "account `{}` lacks the roles for {}; it needs one of {roles}; an administrator can grant it",
            account.name,
            uri.path()
        )),
    })
}

/// Refuses what an account may and its entrance does not carry.
///
/// Accounts, passwords, tokens and phones are changed by whoever knows a password: a token could outlive its expiry by making
/// another, and a PIN is six digits.
fn entrance_suffices(may: May, who: &Who, method: &Method) -> Result<(), Problem> {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let keys = matches!(may, May::Own | May::Phones | May::Accounts);
    match &who.by {
        Entrance::Token { read_only: true } if !reads => {
            Err(Problem::forbidden("the token may read only; make another one at /account/tokens"))
        }
        Entrance::Token { .. } | Entrance::Pin { .. } if keys && !reads => {
            Err(Problem::forbidden("this is changed after signing in with a password; sign in at /sign-in"))
        }
        Entrance::Password { one_time: true, .. } if may != May::Public && may != May::Own => {
            Err(Problem::forbidden("the password was given by somebody else; choose your own at /account first"))
        }
        Entrance::Nothing | Entrance::Password { .. } | Entrance::Pin { .. } | Entrance::Token { .. } => Ok(()),
    }
}

/// Finds who asks, from a bearer token or the session's cookie.
async fn who(site: &Site, headers: &HeaderMap) -> Result<Who, Problem> {
    let now = site.web.clock.now();
    if let Some(authorization) = headers.get(header::AUTHORIZATION) {
        let token = authorization
            .to_str()
            .ok()
            .and_then(|text| text.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim());
        let Some(token) = token else {
            return Err(Problem::unauthenticated(
                "the Authorization header is not `Bearer` and a token; make one with `phanloai user token NAME`",
            ));
        };
        let bearer = site.web.store.bearer(&fingerprint(token), now).await?;
        return match bearer {
            Some(bearer) => {
                Ok(Who { account: Some(bearer.account), by: Entrance::Token { read_only: bearer.read_only } })
            }
            None => Err(Problem::unauthenticated(
                "the token is unknown or has expired; make one with `phanloai user token NAME`",
            )),
        };
    }
    let Some(secret) = sign_in::session_secret(site, headers) else {
        return Ok(Who::default());
    };
    let session = fingerprint(&secret);
    let Some(signed_in) = site.web.store.signed_in(&session, now).await? else {
        return Ok(Who::default());
    };
    let by = match signed_in.phone {
        Some(_) => Entrance::Pin { session },
        None => Entrance::Password { session, one_time: signed_in.one_time },
    };
    Ok(Who { account: Some(signed_in.account), by })
}

/// Refuses writes that another site's page sent along with our cookie.
///
/// Browsers say where a request comes from (`Sec-Fetch-Site`, or at least `Origin` with a POST); a request with neither
/// comes from a program, which no other site can steer. A bearer token is never sent by a browser on its own.
fn own_site(site: &Site, method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) || headers.contains_key(header::AUTHORIZATION) {
        return Ok(());
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match text("sec-fetch-site") {
        Some("same-origin" | "none") => return Ok(()),
        Some(other) => {
            return Err(Problem::cross_site(format!("the browser says it is `{other}`; use the form on this site")));
        }
        None => {}
    }
    let Some(origin) = text("origin") else {
        return own_referer(site, headers);
    };
    if is_own(site, origin, headers) {
        Ok(())
    } else {
        Err(Problem::cross_site(format!("origin `{origin}` is not this site; use the form on this site")))
    }
}

/// Tells whether an origin is this site's.
fn is_own(site: &Site, origin: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    match &site.web.settings.public_origin {
        Some(public) => origin == public.trim_end_matches('/'),
        None => origin.split_once("://").is_some_and(|(scheme, rest)| {
            // A page that came without TLS could have been made by anybody on the way.
            rest == host && (scheme == "https" || !site.web.settings.secure)
        }),
    }
}

/// Looks at where a request says that it comes from, when it says nothing better: old browsers send no `Origin` with a form.
fn own_referer(site: &Site, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(referer) = headers.get(header::REFERER).map(|value| value.to_str().unwrap_or("?")) else {
        return Ok(());
    };
    let path = referer
        .split_once("://")
        .and_then(|(scheme, rest)| rest.find(['/', '?', '#']).map(|end| scheme.len() + "://".len() + end));
    if is_own(site, &referer[..path.unwrap_or(referer.len())], headers) {
        return Ok(());
    }
    Err(Problem::cross_site("the page that it comes from is not this site's; use the form on this site"))
}

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
    connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// The API browser (Swagger UI) styles its elements itself.
const BROWSER_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn finish(site: &Site, mut response: Response, uri: &Uri) -> Response {
    let headers = response.headers_mut();
    let policy = if uri.path().starts_with("/api/docs") { BROWSER_POLICY } else { POLICY };
    // Crews scan cards with the phone's camera; no other page asks for it.
    let permissions = if uri.path() == "/crew" || uri.path().starts_with("/crew/") {
        "camera=(self), geolocation=(), microphone=()"
    } else {
        "camera=(), geolocation=(), microphone=()"
    };
    // Its address is a secret: no other site may learn it from a link, and no search engine may keep it.
    let is_own = uri.path() == "/h" || uri.path().starts_with("/h/");
    if is_own {
        headers
            .insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow, noarchive"));
    }
    let fixed: [(HeaderName, &'static str); 6] = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, if is_own { "no-referrer" } else { "same-origin" }),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), permissions),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if site.web.settings.secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    // Figures change and household lists must not stay in a shared cache; what may be kept says so itself.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Gives the address of who asks: the connection's, or behind a trusted proxy the last one that is not a proxy.
pub(super) fn address_of(site: &Site, request: &axum::http::request::Parts) -> Option<IpAddr> {
    let peer = request.extensions.get::<ConnectInfo<Peer>>().map(|info| info.0.0.ip().to_canonical())?;
    let trusted = &site.web.settings.trusted_proxies;
    if !trusted.iter().any(|network| network.contains(peer)) {
        return Some(peer);
    }
    let forwarded: Vec<IpAddr> = request
        .headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|address| address.trim().parse().ok())
        .collect();
    forwarded.into_iter().rev().find(|address| !trusted.iter().any(|network| network.contains(*address))).or(Some(peer))
}
