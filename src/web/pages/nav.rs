//! The navigation: every page in its section, as far as the reader may open it.
//!
//! # Why
//! Two short rows in place of one long one: an officer may open twenty pages, and nobody finds one among twenty. The first row
//! names the sections, the second the pages of the one that is open. Menus that unfold were rejected: they need a script or hide
//! where one is, and are awkward on a telephone and with a keyboard.

use crate::web::guard::Who;
use crate::web::table::May;
use crate::web::texts::Texts;
use crate::web::views::frame::{Badge, Nav, NavLink};

/// The page whose count stands in the navigation.
const ALERTS: &str = "/alerts";

/// A word of the reader's language.
type Word = fn(&Texts) -> &'static str;

struct Page {
    href: &'static str,
    label: Word,
    may: May,
    /// Where pages that belong to it begin, beside those below its own address.
    also: &'static [&'static str],
}

const fn page(href: &'static str, label: Word, may: May) -> Page {
    Page { href, label, may, also: &[] }
}

struct Section {
    label: Word,
    pages: &'static [Page],
}

const SECTIONS: &[Section] = &[
    Section {
        label: |t| t.sections[0],
        pages: &[
            Page { href: "/", label: |t| t.overview, may: May::Public, also: &["/areas"] },
            page("/shares", |t| t.figures.shares, May::Public),
            page("/tonnage", |t| t.tonnage, May::Public),
            page("/indicators", |t| t.figures.indicators, May::Public),
            page("/public", |t| t.public.short_title, May::Public),
            page("/definitions", |t| t.definitions, May::Public),
        ],
    },
    Section {
        label: |t| t.sections[1],
        pages: &[page("/households", |t| t.households, May::States), page("/visits", |t| t.visits.title, May::Visit)],
    },
    Section {
        label: |t| t.sections[2],
        pages: &[
            page("/rounds", |t| t.households_room.rounds, May::Rounds),
            page("/crew", |t| t.crew.title, May::Collect),
            page("/crew-reports", |t| t.crew.reports_title, May::Pickups),
            page("/tickets", |t| t.figures.tickets, May::Tickets),
        ],
    },
    Section {
        label: |t| t.sections[3],
        pages: &[
            page("/reports", |t| t.signing.reports, May::Signed),
            page("/audit", |t| t.signing.audit, May::Signed),
            page("/rules", |t| t.signing.rules, May::Signed),
        ],
    },
    Section {
        label: |t| t.sections[4],
        pages: &[
            page("/register", |t| t.register.title, May::Register),
            page("/register/files", |t| t.register.files, May::Register),
            page("/register/proposals", |t| t.register.proposals, May::Register),
            page("/register/faults", |t| t.register.faults, May::Register),
            page("/cards", |t| t.public.cards, May::Papers),
            page("/own-codes", |t| t.public.own_codes, May::Papers),
        ],
    },
    Section {
        label: |t| t.sections[5],
        pages: &[
            page(ALERTS, |t| t.watch.alerts, May::Condition),
            page("/points", |t| t.watch.points, May::Condition),
            page("/devices", |t| t.devices, May::Condition),
            page("/quality", |t| t.quality, May::Quality),
            page("/quarantine", |t| t.quarantine_short, May::Devices),
        ],
    },
    Section {
        label: |t| t.sections[6],
        pages: &[
            page("/users", |t| t.access.users, May::Accounts),
            page("/access-log", |t| t.access.log, May::Accounts),
            page("/phones", |t| t.access.phones, May::Phones),
        ],
    },
];

/// Gives the navigation of somebody on a page. Where all their pages stand in one section, its pages are the only row.
///
/// The count of alerts stands once: at their page where that can be seen, else at its section.
pub(super) fn nav(who: &Who, t: &'static Texts, path: &str, alerts: &Badge) -> Nav {
    let open =
        |section: &Section| section.pages.iter().filter(|page| who.may(page.may)).collect::<Vec<&'static Page>>();
    let sections: Vec<(&Section, Vec<&Page>)> =
        SECTIONS.iter().map(|section| (section, open(section))).filter(|(_, pages)| !pages.is_empty()).collect();
    let here = SECTIONS
        .iter()
        .flat_map(|section| section.pages)
        .filter_map(|page| Some((begins(page, path)?, page.href)))
        .max()
        .map(|(_, href)| href);
    let badge = |page: &Page| (page.href == ALERTS).then(|| alerts.clone());
    let link = |page: &&Page| NavLink {
        href: page.href,
        label: (page.label)(t),
        current: here == Some(page.href),
        badge: badge(page),
    };
    if let [(_, pages)] = sections.as_slice() {
        return Nav { sections: pages.iter().map(link).collect(), pages: Vec::new() };
    }
    let mut nav = Nav::default();
    for (section, pages) in sections {
        let current = pages.iter().any(|page| here == Some(page.href));
        let unfolded = current && pages.len() > 1;
        let badge = if unfolded { None } else { pages.iter().find_map(|page| badge(page)) };
        nav.sections.push(NavLink { href: pages[0].href, label: (section.label)(t), current, badge });
        if unfolded {
            nav.pages = pages.iter().map(link).collect();
        }
    }
    nav
}

/// Tells how much of a path a page answers for. `None`: the path is not that page's.
fn begins(page: &Page, path: &str) -> Option<usize> {
    let is_below = |begin: &str| begin != "/" && path.strip_prefix(begin).is_some_and(|rest| rest.starts_with('/'));
    std::iter::once(&page.href)
        .chain(page.also)
        .filter(|begin| path == **begin || is_below(begin))
        .map(|begin| begin.len())
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Account, Role};
    use crate::web::lang::Lang;

    fn who(roles: &[Role]) -> Who {
        let account =
            Account { name: "ai".into(), roles: roles.iter().copied().collect(), areas: Vec::new(), enabled: true };
        Who { account: Some(account), ..Who::default() }
    }

    fn three() -> Badge {
        Badge { count: "3".into(), spoken: "3 chờ xử lý".into(), pattern: "{} chờ xử lý".into() }
    }

    fn rows(who: &Who, path: &str) -> (Vec<&'static str>, Vec<&'static str>, Vec<&'static str>) {
        let nav = nav(who, Texts::of(Lang::Vi), path, &three());
        let hrefs = |links: &[NavLink]| links.iter().map(|link| link.href).collect::<Vec<_>>();
        let current = nav.sections.iter().chain(&nav.pages).filter(|link| link.current).map(|link| link.href).collect();
        (hrefs(&nav.sections), hrefs(&nav.pages), current)
    }

    #[test]
    fn whoever_has_one_section_sees_its_pages_in_one_row() {
        let (first, second, current) = rows(&Who::default(), "/areas/T01");
        assert_eq!(first, ["/", "/shares", "/tonnage", "/indicators", "/public", "/definitions"]);
        assert!(second.is_empty());
        assert_eq!(current, ["/"]);
    }

    #[test]
    fn a_section_leads_to_its_first_page_that_may_be_opened() {
        let (first, second, current) = rows(&who(&[Role::Crew]), "/crew");
        assert_eq!(first, ["/", "/crew"]);
        assert!(second.is_empty(), "a section of one page needs no second row");
        assert_eq!(current, ["/crew"]);
    }

    #[test]
    fn the_page_with_the_longest_address_is_the_one_that_is_open() {
        let (_, second, current) = rows(&who(&[Role::Officer]), "/register/files");
        let register =
            ["/register", "/register/files", "/register/proposals", "/register/faults", "/cards", "/own-codes"];
        assert_eq!(second, register);
        assert_eq!(current, ["/register", "/register/files"], "its section, and the page");
        assert_eq!(rows(&who(&[Role::Officer]), "/register/rows/tags").2, ["/register", "/register"]);
        assert_eq!(rows(&who(&[Role::Officer]), "/households/TM-1").2, ["/households", "/households"]);
    }

    #[test]
    fn no_page_of_another_section_is_marked() {
        assert!(rows(&who(&[Role::Officer]), "/sign-in").2.is_empty());
        assert!(rows(&who(&[Role::Officer]), "/crew-reported").2.is_empty());
    }

    #[test]
    fn the_count_of_alerts_stands_once() {
        let counted = |path: &str| {
            let nav = nav(&who(&[Role::Officer]), Texts::of(Lang::Vi), path, &three());
            let hrefs = |links: &[NavLink]| {
                links.iter().filter(|link| link.badge.is_some()).map(|link| link.href).collect::<Vec<_>>()
            };
            (hrefs(&nav.sections), hrefs(&nav.pages))
        };
        assert_eq!(counted("/"), (vec!["/alerts"], vec![]), "at the section while it is closed");
        assert_eq!(counted("/devices"), (vec![], vec!["/alerts"]), "at the page once it is open");
        let open = nav(&Who::default(), Texts::of(Lang::Vi), "/", &three());
        assert!(open.sections.iter().all(|link| link.badge.is_none()), "nobody else is told");
    }
}
