//! The workload of visits on the overview: whom to visit, what was done, and when the list would be done.

use super::overview::is_listed;
use crate::charts::number::month;
use crate::domain::ids::AreaCode;
use crate::domain::state::Reason;
use crate::indicators::{Outlook, Visiting, WEEKS};
use crate::web::drawing::{Drawing, Kind, Wanted};
use crate::web::guard::{Site, Who};
use crate::web::lang::Lang;
use crate::web::problem::Problem;
use crate::web::publication;
use crate::web::sign_in::encoded;
use crate::web::table::May;
use crate::web::texts::{Texts, VisitingTexts, filled};
use crate::web::views::overview::VisitingPart;

/// Tells the workload of visits beside its chart.
pub(super) async fn visiting_part(
    site: &Site,
    who: &Who,
    area: Option<&AreaCode>,
    (lang, t): (Lang, &'static Texts),
) -> Result<Option<VisitingPart>, Problem> {
    if !publication::tells_visiting(who, area) {
        return Ok(None);
    }
    let drawing = Drawing::read(site, who, &Wanted::usual(Kind::Visiting, area.cloned())).await?;
    let of = drawing.visiting().cloned();
    let (Some(figure), Some(of)) = (drawing.figure(lang, t).await?, of) else { return Ok(None) };
    let v = &t.visiting;
    let listed = is_listed(who, area);
    let whose = area.map(|area| format!("&area={}", encoded(area.as_str()))).unwrap_or_default();
    let href = |filter: &str| if listed { format!("/households?{filter}{whose}") } else { String::new() };
    let mut rows = vec![(v.to_visit.to_owned(), lang.count(of.to_visit()), String::new(), true)];
    rows.push((v.not_sorting.to_owned(), lang.count(of.not_sorting), href("state=N"), false));
    for &reason in Reason::ALL {
        let (count, href) = (lang.count(of.undetermined_for(reason)), href(&format!("state=U&reason={reason}")));
        rows.push((t.reason_name(reason).to_owned(), count, href, false));
    }
    rows.push((v.soon.to_owned(), lang.count(of.running_out()), String::new(), true));
    rows.push((v.later.to_owned(), lang.count(of.later()), String::new(), true));
    let done = of.pace().map(|pace| {
        let values = [lang.count(of.pace_visits()), lang.count(pace), lang.count(of.pace_not_seen())];
        filled(v.done, &[("visits", &values[0]), ("pace", &values[1]), ("not_seen", &values[2])])
    });
    let mut told: Vec<String> = done.into_iter().collect();
    told.push(outlook(&of, lang, v));
    if of.needed_pace() > 0 {
        told.push(filled(v.needed, &[("n", &lang.count(of.needed_pace()))]));
    }
    let list = match (who.may(May::Visit), area) {
        (true, Some(area)) if listed => format!("/visits?area={}", encoded(area.as_str())),
        (true, None) => "/visits".to_owned(),
        (true, Some(_)) | (false, _) => String::new(),
    };
    Ok(Some(VisitingPart { figure, rows, told, list }))
}

/// Says when the list would be done: by the week while it is near, else by the month.
fn outlook(of: &Visiting, lang: Lang, v: &VisitingTexts) -> String {
    match of.outlook() {
        Outlook::Nobody => v.nobody.to_owned(),
        Outlook::NoPace => v.no_pace.to_owned(),
        Outlook::Within { weeks: 1, .. } => v.this_week.to_owned(),
        Outlook::Within { week, weeks } if weeks <= i64::from(WEEKS) => {
            filled(v.within, &[("weeks", &lang.count(weeks)), ("day", &lang.day(week))])
        }
        Outlook::Within { week, .. } => filled(v.in_month, &[("month", &month(week, lang))]),
        Outlook::NotWithin => v.not_within.to_owned(),
    }
}
