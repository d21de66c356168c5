//! The register through files and through time: what goes out comes in again, and what is personal can go without a trace in the figures.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use phanloai::app::load_commune;
use phanloai::changes::{self, File};
use phanloai::domain::proposal::{Decision, Proposal, Proposed, Verdict};
use phanloai::domain::register::{Commune, Exclusion, Row};
use phanloai::domain::state::ExclusionReason;
use phanloai::imports::{Format, Kind};
use phanloai::store::{Erasure, Person, Store};

use crate::commune::{NOW, TestCommune};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/commune-1")
}

async fn example() -> TestCommune {
    let streams = [("food", true), ("recyclable", true), ("other", false)]
        .map(|(code, required)| crate::oracle::world::Stream { code: code.to_owned(), required, mean_g: None })
        .into();
    let (from, to) = (crate::oracle::time::Day(20_697), crate::oracle::time::Day(20_741));
    let world = crate::oracle::read::read_world(&folder(), streams, from, to);
    TestCommune::of_world(&world, Some(&folder())).await
}

#[tokio::test]
async fn every_kind_that_is_exported_changes_nothing_when_it_comes_back() {
    let commune = example().await;
    let person = changes::kept_person("H000", "=Nguyễn Thị Ả".to_owned(), "-Thôn Đông, số 5".to_owned());
    commune.store.record_register(&[], &[person], [], NOW, "test").await.unwrap();
    for kind in Kind::ALL {
        for format in [Format::Csv, Format::Xlsx] {
            let written = changes::exported(&commune.store, &commune.commune, *kind, format).await.unwrap();
            let file = File { kind: *kind, format: Format::of(&written.bytes), bytes: &written.bytes };
            assert_eq!(file.format, format);
            let preview = changes::preview(&commune.store, &commune.commune, file, NOW).await.unwrap();
            let done = preview.imported();
            assert_eq!((done.rows, done.changed), (written.rows, 0), "{kind} as {format:?}: {:?}", preview.new_rows);
        }
    }
}

#[tokio::test]
async fn erasing_personal_data_changes_no_fact_and_no_figure() {
    let commune = example().await;
    let versions = commune.store.register_versions("household").await.unwrap();
    let codes: BTreeSet<String> = versions
        .iter()
        .filter_map(|of| if let Row::Household(row) = &of.row { Some(row.code.to_string()) } else { None })
        .collect();
    let named = |code: &String| changes::kept_person(code, "Nguyễn Ả".to_owned(), "Thôn Đông".to_owned());
    let people: Vec<Person> = codes.iter().map(named).collect();
    assert!(people.len() > 50);
    commune.store.record_register(&[], &people, [], NOW, "test").await.unwrap();
    commune.compute("2026-10-15").await;
    let facts = async || {
        let rows = commune.store.register_rows().await.unwrap();
        let totals = commune.store.stored_totals().await.unwrap();
        let days = [commune.states("2026-10-01").await, commune.states("2026-10-14").await];
        (rows, totals, days, commune.tonnage("2026-09-01", "2026-10-15").await)
    };
    let before = facts().await;
    for person in &people {
        let erasure = Erasure {
            household: person.household.as_str().into(),
            at: NOW,
            by: "canbo".to_owned(),
            reason: "theo yêu cầu".to_owned(),
        };
        assert!(commune.store.erase_person(&erasure).await.unwrap());
    }
    assert_eq!(commune.store.people().await.unwrap(), []);
    assert_eq!(commune.store.stale_count().await.unwrap(), 0, "nothing is to be computed again");
    assert_eq!(facts().await, before);
    assert_eq!(commune.check().await, None);
    let written = changes::exported(&commune.store, &commune.commune, Kind::Households, Format::Csv).await.unwrap();
    assert!(!String::from_utf8(written.bytes).unwrap().contains("Nguyễn"));
}

#[tokio::test]
async fn a_proposed_exclusion_counts_from_its_confirmation_and_is_checked_again_then() {
    let commune = example().await;
    commune.compute("2026-10-15").await;
    let before = commune.states("2026-10-14").await;
    let excluded: Vec<Exclusion> = before
        .keys()
        .take(12)
        .map(|code| Exclusion {
            household: code.as_str().into(),
            reason: ExclusionReason::Vacant,
            from: "2026-10-10".parse().unwrap(),
            to: None,
            by: "an".to_owned(),
        })
        .collect();
    let proposal = |id: &str| Proposal {
        id: id.to_owned(),
        at: NOW,
        by: "an".to_owned(),
        reason: "khảo sát".to_owned(),
        proposed: Proposed::Exclusions { rows: excluded.clone() },
        decision: None,
    };
    changes::propose(&commune.store, &proposal("1")).await.unwrap();
    changes::propose(&commune.store, &proposal("2")).await.unwrap();
    commune.compute("2026-10-15").await;
    assert_eq!(commune.states("2026-10-14").await, before, "a proposal is no fact");
    let yes = |by: &str| Decision { verdict: Verdict::Confirmed, at: NOW, by: by.to_owned(), reason: None };
    let own = changes::decide(&commune.store, &commune.commune, "1", yes("an")).await.unwrap_err();
    assert!(own.to_string().contains("another officer"), "{own}");
    changes::decide(&commune.store, &commune.commune, "1", yes("bình")).await.unwrap();
    commune.compute("2026-10-15").await;
    assert_eq!(commune.states("2026-10-14").await.len(), before.len() - 12);
    assert_eq!(commune.check().await, None);
    let key = Row::Exclusion(excluded[0].clone()).key();
    let history = commune.store.register_history("exclusion", &key).await.unwrap();
    assert_eq!((history[0].by.as_str(), history[0].reason.as_deref()), ("an", Some("khảo sát")));
    // The same rows again say nothing new, and a decision stays.
    changes::decide(&commune.store, &commune.commune, "2", yes("bình")).await.unwrap();
    assert_eq!(commune.store.register_history("exclusion", &key).await.unwrap().len(), 1);
    let again = changes::decide(&commune.store, &commune.commune, "1", yes("chi")).await.unwrap_err();
    assert!(again.to_string().contains("confirmed by `bình`"), "{again}");
}

#[tokio::test]
async fn targets_of_the_commune_s_file_are_recorded_once_and_an_officer_s_rule_from_then_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("commune.toml");
    let text = "[commune]\ncode = \"1\"\nname = \"X\"\ntime_zone = \"Asia/Ho_Chi_Minh\"\nsimulated = true\n[[stream]]\ncode = \"food\"\nname = \"a\"\n\
                name_en = \"a\"\nrequired = true\nicon = \"leaf\"\n[[target]]\nindicator = \"sorting_share\"\nyear = 2026\n\
                percent = 100\n[[target]]\nindicator = \"sorting_share\"\nyear = 2027\npercent = 100\n";
    std::fs::write(&file, text).unwrap();
    let url = format!("sqlite://{}", folder.path().join("a.db").display());
    let store = Store::open(&url).await.unwrap();
    let first = load_commune(&store, Some(&file)).await.unwrap();
    let version = store.register_version().await.unwrap();
    let of = |commune: &Commune, year: i16| commune.target("sorting_share", year).map(|target| target.hundredths());
    assert_eq!([of(&first, 2026), of(&first, 2027), of(&first, 2028)], [Some(10_000), Some(10_000), None]);
    load_commune(&store, None).await.unwrap();
    assert_eq!(store.register_version().await.unwrap(), version, "a second start records nothing");

    let csv = b"indicator,year,percent\nsorting_share,2027,95\nsorting_share,2028,97.5\n";
    let import = File { kind: Kind::Targets, format: Format::Csv, bytes: csv };
    let done = changes::import(&store, &first, import, NOW, "canbo", Some("công văn 12")).await.unwrap();
    assert_eq!((done.changed, done.new), (2, 1));
    let now = load_commune(&store, None).await.unwrap();
    assert_eq!([of(&now, 2026), of(&now, 2027), of(&now, 2028)], [Some(10_000), Some(9_500), Some(9_750)]);
    let history = store.register_history("target", "sorting_share|2027").await.unwrap();
    let told: Vec<_> = history.iter().map(|of| (of.by.as_str(), of.reason.as_deref())).collect();
    assert_eq!(told, [("commune.toml", None), ("canbo", Some("công văn 12"))]);
    let again = changes::import(&store, &now, import, NOW, "canbo", None).await.unwrap();
    assert_eq!(again.changed, 0);
}
