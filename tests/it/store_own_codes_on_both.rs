//! A household's private codes and its looks at its own page tell the same on SQLite and on PostgreSQL.

use std::collections::BTreeSet;

use phanloai::domain::ids::HouseholdCode;
use phanloai::domain::time::{Instant, LocalDay};
use phanloai::store::{Actor, NewOwnCode};

use crate::store_on_both::on_both;

/// 2026-09-01T08:00+07:00.
const T: Instant = Instant::from_ms(1_788_224_400_000);

fn by(at: Instant) -> Actor {
    Actor { name: "can-bo".to_owned(), at }
}

fn code(household: &str, fingerprint: &str) -> NewOwnCode {
    NewOwnCode { household: household.into(), fingerprint: fingerprint.to_owned() }
}

#[tokio::test]
async fn a_code_is_good_until_it_is_revoked_or_another_takes_its_place() {
    on_both(async |store| {
        let of = async |print: &str| store.household_of_own_code(print).await.unwrap().map(|of| of.to_string());
        assert_eq!(of("one").await, None);
        assert!(store.make_own_codes("first", &[code("H-1", "one"), code("H-2", "two")], &by(T)).await.unwrap());
        assert_eq!((of("one").await.as_deref(), of("two").await.as_deref()), (Some("H-1"), Some("H-2")));
        // Fetched again, the same letters: nothing new is made and nothing ends.
        assert!(!store.make_own_codes("first", &[code("H-1", "one"), code("H-2", "two")], &by(T)).await.unwrap());
        assert_eq!(of("one").await.as_deref(), Some("H-1"));

        assert!(store.make_own_codes("second", &[code("H-1", "three")], &by(T.plus_ms(1))).await.unwrap());
        assert_eq!((of("one").await, of("three").await.as_deref()), (None, Some("H-1")));
        let codes = store.own_codes_of(&"H-1".into()).await.unwrap();
        assert_eq!(codes.len(), 2);
        assert_eq!((codes[0].made, &codes[0].ended), (T.plus_ms(1), &None), "the latest first");
        assert_eq!(codes[1].ended, Some((T.plus_ms(1), "can-bo".to_owned(), None)));

        assert!(store.revoke_own_code(&"H-1".into(), &by(T.plus_ms(2)), "mất thư").await.unwrap());
        assert_eq!(of("three").await, None);
        assert!(!store.revoke_own_code(&"H-1".into(), &by(T.plus_ms(3)), "again").await.unwrap(), "none is good");
        let codes = store.own_codes_of(&"H-1".into()).await.unwrap();
        assert_eq!(codes[0].ended, Some((T.plus_ms(2), "can-bo".to_owned(), Some("mất thư".to_owned()))));
        let good = BTreeSet::from([HouseholdCode::from("H-2")]);
        assert_eq!(store.households_with_own_code().await.unwrap(), good);
    })
    .await;
}

#[tokio::test]
async fn a_household_s_look_at_itself_is_logged_once_a_day() {
    on_both(async |store| {
        let day: LocalDay = "2026-09-01".parse().unwrap();
        for (household, on, at) in [("H-1", day, 0), ("H-1", day, 5), ("H-2", day, 6), ("H-1", day.next(), 7)] {
            store.log_own_look(&household.into(), on, T.plus_ms(at)).await.unwrap();
        }
        let looks = store.looks(10_i64).await.unwrap();
        let times: Vec<i64> = looks.iter().map(|look| look.at.ms() - T.ms()).collect();
        assert_eq!(times, [7, 6, 0]);
        assert!(looks.iter().all(|look| look.action == "own page"));
    })
    .await;
}
