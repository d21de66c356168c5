//! A household's own page, opened by its private code: how it is recorded, what is missing, what it handed over, how to sort. No name, no
//! address, no other household.
//!
//! # Why
//! The code stands in the address, so that a phone opens it from the letter and it can be kept as a bookmark; no other site learns the
//! address, no cache and no search engine keeps it. A wrong code, a revoked one and one that never was are answered alike. A right code
//! is never held back: with 98 random bits there is nothing to guess, and whoever guesses must not shut a household out.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{FromRequest as _, Path, Request, State as Shared};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::guides::guides;
use super::household::{finding_name, standing_told};
use super::households::{class_of, pathway_name};
use super::{CODE_GROUPS, frame, shown, words};
use crate::domain::facts::Statement;
use crate::domain::ids::{HouseholdCode, StreamCode};
use crate::domain::month::Month;
use crate::domain::pickup::{Pickup, Source};
use crate::domain::register::Commune;
use crate::domain::sorting::Fate;
use crate::domain::sorting::explanation::StreamStory;
use crate::domain::state::{DayState, PathwayLevel, Reason, State, VisitResult};
use crate::domain::time::LocalDay;
use crate::store::fingerprint;
use crate::web::drawing::{stream_mark, stream_name};
use crate::web::evidence::{self, Trail};
use crate::web::fields::Fields;
use crate::web::guard::{Site, Who, address_of};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::read;
use crate::web::sign_in::later;
use crate::web::texts::{Texts, filled};
use crate::web::views::public::{OwnHandOver, OwnPage, OwnPageForm, OwnStream};

/// Month ends shown.
const MONTHS: usize = 6;
/// Under this name wrong codes are counted.
const ATTEMPTS: &str = "own code";

/// Reads a code as it is printed or typed: in groups, in capitals. `None`: it cannot be one.
pub fn plain_code(text: &str) -> Option<String> {
    let plain: String =
        text.chars().filter(|sign| !matches!(sign, ' ' | '-' | '\u{a0}')).collect::<String>().to_lowercase();
    let is_whole = plain.len() == CODE_GROUPS * 4 && plain.bytes().all(|letter| letter.is_ascii_alphanumeric());
    is_whole.then_some(plain)
}

/// Finds the household of a code.
async fn household_of(site: &Site, text: &str) -> Result<Option<HouseholdCode>, Problem> {
    match plain_code(text) {
        Some(plain) => Ok(site.web.store.household_of_own_code(&fingerprint(&plain)).await?),
        None => Ok(None),
    }
}

/// Shows where a code is typed.
pub async fn own_form(Shared(site): Shared<Arc<Site>>, headers: HeaderMap, uri: Uri) -> Result<Html<String>, Problem> {
    form_page(&site, &headers, &uri, String::new(), String::new())
}

fn form_page(
    site: &Site,
    headers: &HeaderMap,
    uri: &Uri,
    refusal: String,
    typed: String,
) -> Result<Html<String>, Problem> {
    let mut frame = frame(site, &Who::default(), headers, uri);
    frame.title = frame.t.public.own_page.to_owned();
    frame.here = "/h?".to_owned();
    shown(&OwnPageForm { frame, refusal, typed })
}

/// Answers a code that is good for nothing: the same, whatever it was.
fn refused(site: &Site, parts: &Parts, typed: String) -> Result<Response, Problem> {
    let (lang, t) = words(&parts.headers, &parts.uri);
    let (address, now) = (address_of(site, parts), site.web.clock.now());
    let wait_ms = site.wrong_codes.wait_ms(ATTEMPTS, address, now);
    if wait_ms > 0 {
        let refusal = (t.sign_in_locked)(&lang.span(wait_ms));
        let page = form_page(site, &parts.headers, &parts.uri, refusal, typed)?;
        return Ok(later((StatusCode::TOO_MANY_REQUESTS, page).into_response(), wait_ms));
    }
    site.wrong_codes.count(ATTEMPTS, address, now);
    let page = form_page(site, &parts.headers, &parts.uri, t.public.wrong_code.to_owned(), typed)?;
    Ok((StatusCode::NOT_FOUND, page).into_response())
}

/// Takes a code that was typed and leads to its page.
pub async fn open_own(Shared(site): Shared<Arc<Site>>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let fields = Fields::from_request(Request::from_parts(parts.clone(), body), &()).await?;
    let typed = fields.one("code");
    match (household_of(&site, typed).await?, plain_code(typed)) {
        (Some(_), Some(plain)) => Ok(Redirect::to(&format!("/h/{plain}")).into_response()),
        (Some(_) | None, _) => refused(&site, &parts, typed.to_owned()),
    }
}

/// Shows a household its own page. That it looked is logged once a day.
pub async fn own_page(
    Shared(site): Shared<Arc<Site>>,
    Extension(_): Extension<Who>,
    Path(code): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let parts = request.into_parts().0;
    let Some(household) = household_of(&site, &code).await? else {
        return refused(&site, &parts, String::new());
    };
    let (now, today) = (site.web.clock.now(), read::today(&site));
    site.web.store.log_own_look(&household, today, now).await?;
    let on = read::last_finished(&site).await?.unwrap_or(today - 1);
    let area = site
        .web
        .register
        .borrow()
        .households
        .get(&household)
        .map(|registration| registration.on(on).unwrap_or_else(|| registration.newest()).area.clone());
    let Some(area) = area else {
        return refused(&site, &parts, String::new());
    };
    let trail = evidence::trail(&site, (household, area), on).await?;
    // Nobody is signed in here, whoever else uses the browser.
    let mut frame = frame(&site, &Who::default(), &parts.headers, &parts.uri);
    let (lang, t) = (frame.lang, frame.t);
    frame.title = t.public.own_page.to_owned();
    let commune = read::commune(&site);
    let teller = Teller { commune: &commune, trail: &trail, lang, t, on };
    let (class, state, why) = teller.verdict();
    let view = OwnPage {
        day: (t.end_of_day)(&lang.day(on)),
        class,
        state,
        why,
        streams: teller.streams(),
        hints: teller.hints(),
        months: teller.months(),
        spells: teller.spells(),
        hand_overs: teller.hand_overs(),
        seen: teller.seen(),
        guides: guides(&commune, lang, t),
        contact: if commune.contact.is_empty() { t.public.contact.to_owned() } else { commune.contact.clone() },
        frame,
    };
    shown(&view).map(IntoResponse::into_response)
}

/// A household's trail with the words to tell it in, to itself.
struct Teller<'a> {
    commune: &'a Commune,
    trail: &'a Trail,
    lang: Lang,
    t: &'static Texts,
    on: LocalDay,
}

impl Teller<'_> {
    fn names<'s>(&self, streams: impl IntoIterator<Item = &'s StreamCode>) -> String {
        let name = |code: &StreamCode| stream_name(self.commune, code.as_str(), self.lang, self.t).to_lowercase();
        streams.into_iter().map(name).collect::<Vec<_>>().join(", ")
    }

    fn day_of(&self, at: usize) -> String {
        let zone = &self.commune.zone;
        self.lang.day(zone.day_of(self.trail.held[at].operation.statement.at(zone)))
    }

    /// Gives class, state, and why it is so, in plain words.
    fn verdict(&self) -> (&'static str, String, Vec<String>) {
        let (p, why) = (&self.t.public, &self.trail.explanation);
        let Some(judged) = &why.judged else {
            let told = standing_told(self.t, self.lang, why.standing);
            return ("x", p.own_outside.to_owned(), vec![told]);
        };
        let missing = judged.missing.codes(self.commune);
        let missing = self.names(&missing);
        let class = class_of(judged.state.state);
        match (judged.state.state, judged.state.reason) {
            (State::Sorting, _) => (class, p.own_sorting.to_owned(), vec![p.own_sorting_more.to_owned()]),
            (State::NotSorting, _) => {
                let open = why.contraries.iter().find(|story| story.fate == Fate::Open);
                let because = open.map(|story| {
                    let found = self.found(story.operation);
                    filled(p.own_contrary, &[("day", &self.day_of(story.operation)), ("found", &found)])
                });
                (
                    class,
                    p.own_not_sorting.to_owned(),
                    because.into_iter().chain([p.own_not_sorting_more.to_owned()]).collect(),
                )
            }
            (State::Undetermined, reason) => {
                let because = match reason {
                    Some(Reason::OnlyOther) => filled(p.own_only_other, &[("missing", &missing)]),
                    Some(Reason::OnlyDeclared) => p.own_only_declared.to_owned(),
                    Some(Reason::OneStreamMissing) => filled(p.own_one_missing, &[("missing", &missing)]),
                    Some(Reason::NoPickup) => p.own_no_pickup.to_owned(),
                    Some(Reason::NotObservable) | None => p.own_not_observable.to_owned(),
                };
                (class, p.own_undetermined.to_owned(), vec![because])
            }
        }
    }

    /// Names what a contrary statement says.
    fn found(&self, at: usize) -> String {
        let (h, statement) = (self.t.households_room, &self.trail.held[at].operation.statement);
        match statement {
            Statement::Finding { finding, .. } => finding_name(h, *finding).to_lowercase(),
            Statement::Pickup { result, .. } => {
                result.finding().map_or_else(String::new, |finding| finding_name(h, finding).to_lowercase())
            }
            Statement::Visit { .. } => h.visit_not_sorting.to_lowercase(),
            Statement::Pathway { .. }
            | Statement::Round { .. }
            | Statement::Void { .. }
            | Statement::Attempt { .. }
            | Statement::Ticket { .. }
            | Statement::Report { .. } => String::new(),
        }
    }

    /// Tells of each stream that the rule asks for whether it is accounted for, and by what.
    fn streams(&self) -> Vec<OwnStream> {
        let p = &self.t.public;
        let stories = self.trail.explanation.streams.iter().filter(|story| story.required);
        stories
            .map(|story| {
                let (colour, icon) = stream_mark(self.commune, story.stream.as_str());
                let (class, verdict) = match (story.accounted, story.declared) {
                    (Some(level), _) => ("s", filled(p.own_accounted, &[("how", self.t.level_name(level))])),
                    (None, true) => ("u", p.own_declared.to_owned()),
                    (None, false) => ("u", p.own_missing.to_owned()),
                };
                OwnStream {
                    name: stream_name(self.commune, story.stream.as_str(), self.lang, self.t),
                    colour,
                    icon,
                    class,
                    verdict,
                    latest: self.latest(story),
                }
            })
            .collect()
    }

    /// Tells the latest evidence of a stream.
    fn latest(&self, story: &StreamStory) -> String {
        let p = &self.t.public;
        let pickup = story.pickups.iter().rev().find(|of| of.counts()).map(|of| {
            let at = self.lang.day(self.trail.pickups[of.pickup].day);
            filled(p.own_latest_pickup, &[("day", &at)])
        });
        let seen = story.verified.iter().rev().find(|of| of.stands_on(self.on)).map(|of| {
            let (day, until) = (self.day_of(of.operation), self.lang.day(of.last_day));
            filled(p.own_latest_seen, &[("day", &day), ("until", &until)])
        });
        pickup.into_iter().chain(seen).collect::<Vec<_>>().join(" · ")
    }

    /// Says what would help a household whose streams are not all accounted for.
    fn hints(&self) -> Vec<String> {
        let (p, why) = (&self.t.public, &self.trail.explanation);
        let missing = why.streams.iter().filter(|story| story.required && story.accounted.is_none());
        let missing = self.names(missing.map(|story| &story.stream));
        let is_sorting = why.judged.as_ref().is_some_and(|judged| judged.state.state == State::Sorting);
        if missing.is_empty() || is_sorting {
            return Vec::new();
        }
        let days = self.commune.rules_on(self.on).verified_days.to_string();
        vec![filled(p.hint_hand_over, &[("missing", &missing)]), filled(p.hint_at_home, &[("days", &days)])]
    }

    fn state_of(&self, state: DayState) -> (&'static str, String) {
        (class_of(state.state), self.t.state_name(state.state).to_owned())
    }

    /// Gives the states at month ends and of the month under way, the latest first.
    fn months(&self) -> Vec<(String, &'static str, String)> {
        let mut months = Vec::new();
        let mut month = Month::of(self.on);
        for _ in 0..MONTHS {
            let day = month.last_day().min(self.on);
            let span = self.trail.spans.iter().find(|span| span.from <= day && span.to.is_none_or(|to| day <= to));
            if let Some(span) = span {
                let (class, state) = self.state_of(span.state);
                let so_far =
                    if day < month.last_day() { format!(" ({})", self.t.public.so_far) } else { String::new() };
                months.push((format!("{}{so_far}", month_name(day)), class, state));
            }
            month = Month::of(month.first_day() - 1);
        }
        months
    }

    fn spells(&self) -> Vec<(String, String, &'static str, String)> {
        let spell = |span: &crate::store::StateSpan| {
            let (class, state) = self.state_of(span.state);
            let to = span
                .to
                .filter(|to| *to <= self.on)
                .map_or_else(|| self.t.public.until_now.to_owned(), |to| self.lang.day(to));
            (self.lang.day(span.from), to, class, state)
        };
        self.trail.spans.iter().rev().filter(|span| span.from <= self.on).map(spell).collect()
    }

    fn hand_overs(&self) -> Vec<OwnHandOver> {
        let mut own: Vec<&Pickup> = self
            .trail
            .pickups
            .iter()
            .filter(|pickup| !pickup.void && pickup.household.as_ref() == Some(&self.trail.household))
            .collect();
        own.sort_by_key(|pickup| std::cmp::Reverse((pickup.time, pickup.id.clone())));
        own.into_iter().map(|pickup| self.hand_over(pickup)).collect()
    }

    fn hand_over(&self, pickup: &Pickup) -> OwnHandOver {
        let (p, zone) = (&self.t.public, &self.commune.zone);
        let (colour, icon) = stream_mark(self.commune, pickup.stream.as_str());
        let by = match pickup.source {
            Source::Device => p.by_device,
            Source::Crew => p.by_crew,
        };
        let found = pickup.result.and_then(|result| result.finding());
        let found = found.map(|finding| finding_name(self.t.households_room, finding));
        OwnHandOver {
            when: self.lang.moment(zone, pickup.time),
            stream: stream_name(self.commune, pickup.stream.as_str(), self.lang, self.t),
            colour,
            icon,
            weight: pickup.net_g.map_or_else(|| self.t.no_weight.to_owned(), |net_g| self.lang.kilograms(net_g)),
            how: found.map_or_else(|| by.to_owned(), |found| format!("{by} · {found}")),
        }
    }

    /// Tells what visits and the household itself stated, the latest first.
    fn seen(&self) -> Vec<[String; 3]> {
        let h = self.t.households_room;
        let stories = self.trail.explanation.streams.iter().flat_map(|story| &story.verified);
        let until: std::collections::BTreeMap<usize, LocalDay> =
            stories.filter(|of| of.voided_by.is_none()).map(|of| (of.operation, of.last_day)).collect();
        let mut seen: Vec<(LocalDay, [String; 3])> = Vec::new();
        for (at, stated) in self.trail.held.iter().enumerate() {
            let zone = &self.commune.zone;
            let day = zone.day_of(stated.operation.statement.at(zone));
            let of = |stream: &Option<StreamCode>| {
                stream.as_ref().map_or_else(String::new, |stream| format!(" ({})", self.names([stream])))
            };
            let what = match &stated.operation.statement {
                Statement::Visit { result: VisitResult::Sorting, stream, .. } => {
                    format!("{}{}", h.visit_sorting, of(stream))
                }
                Statement::Visit { result: VisitResult::NotSorting, stream, .. } => {
                    format!("{}{}", h.visit_not_sorting, of(stream))
                }
                Statement::Pathway { stream, pathway, level, .. } => {
                    let level = match level {
                        PathwayLevel::Declared => h.declared,
                        PathwayLevel::Verified => h.seen,
                    };
                    format!("{}: {}, {level}", self.names([stream]), pathway_name(h, *pathway))
                }
                Statement::Finding { finding, stream, .. } => format!("{}{}", finding_name(h, *finding), of(stream)),
                Statement::Pickup { .. }
                | Statement::Round { .. }
                | Statement::Void { .. }
                | Statement::Attempt { .. }
                | Statement::Ticket { .. }
                | Statement::Report { .. } => continue,
            };
            if day <= self.on {
                let until =
                    until.get(&at).map(|day| filled(self.t.public.stands_until, &[("day", &self.lang.day(*day))]));
                seen.push((day, [self.lang.day(day), what, until.unwrap_or_default()]));
            }
        }
        seen.sort_by_key(|(day, _)| std::cmp::Reverse(*day));
        seen.into_iter().map(|(_, line)| line).collect()
    }
}

fn month_name(day: LocalDay) -> String {
    format!("{:02}/{}", day.date().month(), day.date().year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_printed_and_as_typed() {
        let plain = "abcdefghjkmnpqrstuvw";
        for text in ["abcd-efgh-jkmn-pqrs-tuvw", "ABCD EFGH JKMN PQRS TUVW", plain] {
            assert_eq!(plain_code(text).as_deref(), Some(plain));
        }
        for text in ["", "abcd", "abcd-efgh-jkmn-pqrs-tuvwx", "../../../../etc/passwd", "ăbcdefghjkmnpqrstuvw"] {
            assert_eq!(plain_code(text), None, "{text}");
        }
    }

    #[test]
    fn a_code_holds_more_than_eighty_bits() {
        // One letter of the 32 stands twice.
        let bits_a_letter = 30.0 / 32.0 * 5.0 + 2.0 / 32.0 * 4.0;
        let letters = f64::from(u8::try_from(CODE_GROUPS * 4).unwrap());
        assert!(letters * bits_a_letter > 80.0);
        assert!(plain_code(&crate::store::draw_readable(CODE_GROUPS)).is_some());
    }
}
