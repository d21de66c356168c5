//! A visit told stream by stream: what was seen or heard of each, as statements.
//!
//! # Why
//! Who saw the compost and only heard about the bottles has verified food and nothing else: one result for the whole household would
//! claim more than was seen, or lose what was. A visit names no stream only when every required one was seen and was the same.

use super::facts::Statement;
use super::ids::{HouseholdCode, StreamCode};
use super::state::{Pathway, PathwayLevel, VisitResult, word};
use super::time::LocalDay;

word!(
    /// What a visitor found of one stream.
    Found {
        /// It is sorted, by the pathway seen or kept apart: level C.
        Sorting = "sorting",
        /// It is not sorted.
        NotSorting = "not_sorting",
        /// The household says how it treats it; nothing was seen: level D.
        Declared = "declared",
    }
);

/// What a visitor found of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamFound {
    /// The stream.
    pub stream: StreamCode,
    /// What was found.
    pub found: Found,
    /// How it is treated at home: seen when it is sorted, said when it is declared. `None`: kept apart and handed over.
    pub pathway: Option<Pathway>,
}

/// Gives what a visit states: results first, then pathways, each in the order of `found`.
pub fn statements(
    on: LocalDay,
    household: &HouseholdCode,
    found: &[StreamFound],
    required: &[StreamCode],
) -> Vec<Statement> {
    let mut statements = Vec::new();
    for (what, result) in [(Found::Sorting, VisitResult::Sorting), (Found::NotSorting, VisitResult::NotSorting)] {
        let streams = || found.iter().filter(|of| of.found == what).map(|of| &of.stream);
        let visit = |stream: Option<StreamCode>| Statement::Visit { on, household: household.clone(), result, stream };
        if !required.is_empty() && required.iter().all(|stream| streams().any(|seen| seen == stream)) {
            statements.push(visit(None));
        } else {
            statements.extend(streams().map(|stream| visit(Some(stream.clone()))));
        }
    }
    for of in found {
        let level = match of.found {
            Found::Sorting => PathwayLevel::Verified,
            Found::Declared => PathwayLevel::Declared,
            Found::NotSorting => continue,
        };
        if let Some(pathway) = of.pathway {
            let (household, stream) = (household.clone(), of.stream.clone());
            statements.push(Statement::Pathway { on, household, stream, pathway, level });
        }
    }
    statements
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(found: &[(&str, Found, Option<Pathway>)]) -> Vec<String> {
        let found: Vec<StreamFound> = found
            .iter()
            .map(|(stream, found, pathway)| StreamFound { stream: (*stream).into(), found: *found, pathway: *pathway })
            .collect();
        let required = [StreamCode::new("food"), StreamCode::new("recyclable")];
        let said = statements(LocalDay::from_number(0), &"A-1".into(), &found, &required);
        said.iter()
            .map(|statement| match statement {
                Statement::Visit { result, stream, .. } => {
                    format!("{result} {}", stream.as_ref().map_or("all", StreamCode::as_str))
                }
                Statement::Pathway { stream, pathway, level, .. } => format!("{level} {stream} {pathway}"),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn what_was_seen_of_one_stream_says_nothing_of_another() {
        assert_eq!(
            told(&[
                ("food", Found::Sorting, Some(Pathway::Compost)),
                ("recyclable", Found::Declared, Some(Pathway::Sold))
            ]),
            ["sorting food", "verified food compost", "declared recyclable sold"]
        );
        assert_eq!(
            told(&[("food", Found::Sorting, None), ("recyclable", Found::NotSorting, None)]),
            ["sorting food", "not_sorting recyclable"]
        );
        assert_eq!(told(&[("recyclable", Found::NotSorting, None)]), ["not_sorting recyclable"]);
    }

    #[test]
    fn a_visit_names_no_stream_when_every_required_one_was_seen_alike() {
        assert_eq!(
            told(&[("food", Found::Sorting, Some(Pathway::AnimalFeed)), ("recyclable", Found::Sorting, None)]),
            ["sorting all", "verified food animal_feed"]
        );
        assert_eq!(
            told(&[("food", Found::NotSorting, None), ("recyclable", Found::NotSorting, None)]),
            ["not_sorting all"]
        );
        assert_eq!(told(&[("food", Found::Declared, Some(Pathway::Compost))]), ["declared food compost"]);
        assert_eq!(told(&[]), [] as [&str; 0]);
    }
}
