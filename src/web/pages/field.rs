//! The apps on phones: shell, worker and manifest of each; and what their pages of forms share.
//!
//! # Why
//! The forms write through the same handlers as the apps: there is one way to state a thing. Each form carries an id made when its page
//! was drawn, so a form sent twice counts once.

use std::sync::Arc;

use axum::extract::{Form, FromRequest, Request, State as Shared};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::households::{pathway_name, pathways_of};
use super::shown;
use crate::domain::state::{Pathway, Reason};
use crate::web::api::At;
use crate::web::drawing::{stream_mark, stream_name};
use crate::web::guard::Site;
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::texts::{CrewTexts, Texts, VisitsTexts};
use crate::web::views::field::Shell;
use crate::web::{assets, read};

/// An app on phones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum App {
    /// The collection crews' rounds.
    Crew,
    /// The visitors' lists.
    Visits,
}

impl App {
    /// Every app.
    #[cfg(test)]
    const ALL: [Self; 2] = [Self::Crew, Self::Visits];

    /// Gives its name: its folder, its address, its cache.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crew => "crew",
            Self::Visits => "visits",
        }
    }

    /// Gives its short and its full name in the commune's own language.
    const fn titles(self) -> (&'static str, &'static str) {
        match self {
            Self::Crew => (CrewTexts::VI.title, CrewTexts::VI.app_name),
            Self::Visits => (VisitsTexts::VI.title, VisitsTexts::VI.app_name),
        }
    }

    /// Gives the folders of its scripts.
    const fn folders(self) -> &'static [&'static str] {
        match self {
            Self::Crew => &["crew", "field", "qr"],
            Self::Visits => &["field", "visits"],
        }
    }

    /// Gives the words of its own.
    fn own_words(self, lang: Lang) -> Value {
        match self {
            Self::Crew => json!(Texts::of(lang).crew),
            Self::Visits => {
                let (mut words, t) = (json!(Texts::of(lang).visits), Texts::of(lang));
                for &reason in Reason::ALL {
                    words[format!("why_{reason}")] = json!(t.reason_name(reason));
                }
                for &pathway in Pathway::ALL {
                    words[format!("pathway_{pathway}")] = json!(pathway_name(t.households_room, pathway));
                }
                words
            }
        }
    }

    /// Gives all its words: those that the apps share, and its own.
    fn words(self, lang: Lang) -> Value {
        let mut words = Map::new();
        for part in [json!(Texts::of(lang).field), self.own_words(lang)] {
            for (name, text) in part.as_object().into_iter().flatten() {
                let twice = words.insert(name.clone(), text.clone());
                debug_assert!(twice.is_none(), "the words `{name}` stand among the shared ones and the app's own");
            }
        }
        Value::Object(words)
    }

    fn shell(self, site: &Site, edition: &str) -> Result<String, Problem> {
        let commune = read::commune(site);
        let streams: Vec<_> = commune
            .streams
            .iter()
            .map(|stream| {
                let name = |lang: Lang| stream_name(&commune, stream.code.as_str(), lang, Texts::of(lang));
                let (colour, icon) = stream_mark(&commune, stream.code.as_str());
                json!({
                    "code": stream.code.as_str(),
                    "vi": name(Lang::Vi),
                    "en": name(Lang::En),
                    "colour": colour,
                    "icon": icon,
                    "required": stream.required,
                    "pathways": pathways_of(&stream.code),
                })
            })
            .collect();
        let told = json!({
            "words": { "vi": self.words(Lang::Vi), "en": self.words(Lang::En) },
            "streams": streams,
            "zone": commune.zone.time_zone().iana_name(),
            "edition": edition,
        });
        let view = Shell {
            app: self.name(),
            title: self.titles().0,
            commune: commune.name.clone(),
            simulated: commune.simulated,
            t: Texts::of(Lang::Vi),
            version: assets::version().to_owned(),
            told: told.to_string(),
        };
        shown(&view).map(|Html(html)| html)
    }

    /// Gives the fingerprint of the whole app: its files, its words, and the commune's streams.
    pub fn edition(self, site: &Site) -> Result<String, Problem> {
        Ok(hex::encode(&Sha256::digest(self.shell(site, "")?)[..6]))
    }

    /// Answers with the app, which holds nobody's data.
    fn answer(self, site: &Site) -> Result<Html<String>, Problem> {
        self.shell(site, &self.edition(site)?).map(Html)
    }

    /// Answers with the service worker, whose text changes with the app.
    fn worker(self, site: &Site) -> Result<Response, Problem> {
        let (app, version) = (self.name(), assets::version());
        let scripts = assets::app_files(self.folders())
            .into_iter()
            .map(|name| format!("/app/{version}/{}", name.trim_start_matches("app/")));
        let others = [
            format!("/assets/style.css?v={version}"),
            "/assets/icon.svg".to_owned(),
            "/assets/icon-192.png".to_owned(),
            format!("/{app}/app.webmanifest"),
            "/fonts/BeVietnamPro-Regular.woff2".to_owned(),
            "/fonts/BeVietnamPro-SemiBold.woff2".to_owned(),
            "/fonts/BeVietnamPro-Bold.woff2".to_owned(),
        ];
        let files: Vec<String> = scripts.chain(others).collect();
        let worker = assets::text("app/field/worker.js").ok_or_else(|| Problem::not_found("no worker"))?;
        let script = format!(
            "const APP = {}, EDITION = {}, SHELL = {}, FILES = {};\n{worker}",
            json!(app),
            json!(self.edition(site)?),
            json!(format!("/{app}/shell")),
            json!(files)
        );
        let scope = HeaderValue::from_str(&format!("/{app}")).expect("an app's name is plain letters");
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
            (header::HeaderName::from_static("service-worker-allowed"), scope),
        ];
        Ok((headers, script).into_response())
    }

    /// Answers with the manifest, by which a phone installs the app.
    fn manifest(self, site: &Site) -> Response {
        let commune = read::commune(site);
        let icon = |size: &str, purpose: &str| {
            let src = format!("/assets/icon-{}{size}.png", if purpose == "maskable" { "maskable-" } else { "" });
            json!({ "src": src, "sizes": format!("{size}x{size}"), "type": "image/png", "purpose": purpose })
        };
        let (short, full) = self.titles();
        let address = format!("/{}", self.name());
        let manifest = json!({
            "id": address,
            "name": format!("{full} – {}", commune.name),
            "short_name": short,
            "lang": "vi",
            "start_url": address,
            "scope": address,
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#0072b2",
            "icons": [icon("192", "any"), icon("512", "any"), icon("512", "maskable")],
        });
        let kind = HeaderValue::from_static("application/manifest+json");
        (
            [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))],
            manifest.to_string(),
        )
            .into_response()
    }
}

/// Answers with the crew's app.
pub async fn crew_shell(Shared(site): Shared<Arc<Site>>) -> Result<Html<String>, Problem> {
    App::Crew.answer(&site)
}

/// Answers with the service worker of the crew's app.
pub async fn crew_worker(Shared(site): Shared<Arc<Site>>) -> Result<Response, Problem> {
    App::Crew.worker(&site)
}

/// Answers with the manifest of the crew's app.
pub async fn crew_manifest(Shared(site): Shared<Arc<Site>>) -> Response {
    App::Crew.manifest(&site)
}

/// Answers with the visitors' app.
pub async fn visits_shell(Shared(site): Shared<Arc<Site>>) -> Result<Html<String>, Problem> {
    App::Visits.answer(&site)
}

/// Answers with the service worker of the visitors' app.
pub async fn visits_worker(Shared(site): Shared<Arc<Site>>) -> Result<Response, Problem> {
    App::Visits.worker(&site)
}

/// Answers with the manifest of the visitors' app.
pub async fn visits_manifest(Shared(site): Shared<Arc<Site>>) -> Response {
    App::Visits.manifest(&site)
}

// ---- forms

/// A form, filled in; what cannot be read is told as a problem.
pub struct Filled<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Filled<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        Form::<T>::from_request(request, state)
            .await
            .map(|Form(filled)| Self(filled))
            .map_err(|rejection| Problem::bad_value(format!("the form cannot be read: {}", rejection.body_text())))
    }
}

/// Makes an id for a form.
pub(super) fn fresh_id() -> String {
    Uuid::now_v7().to_string()
}

pub(super) fn now(site: &Site) -> At {
    At::Ms(site.web.clock.now().ms())
}

/// A form sent again after "back" bears its old id and another time: the first one stands, and that is what was meant.
pub(super) fn again_is_fine<T>(written: Result<T, Problem>) -> Result<(), Problem> {
    match written {
        Err(problem) if problem.status == StatusCode::CONFLICT => Ok(()),
        Err(problem) => Err(problem),
        Ok(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_s_own_words_are_not_among_those_that_the_apps_share() {
        for app in App::ALL {
            for lang in [Lang::Vi, Lang::En] {
                let (own, shared) = (app.own_words(lang), json!(Texts::of(lang).field));
                let all = own.as_object().map_or(0, Map::len) + shared.as_object().map_or(0, Map::len);
                assert_eq!(app.words(lang).as_object().map(Map::len), Some(all), "{app:?}");
            }
        }
    }
}
