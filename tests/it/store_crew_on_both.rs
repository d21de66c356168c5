//! What crews send beside their statements tells the same on SQLite and on PostgreSQL: pictures, and operations by kind and day.

use phanloai::domain::facts::{Operation, ReportKind, Statement};
use phanloai::domain::time::{Instant, MINUTE_MS};
use phanloai::store::{Photo, PhotoNote};

use crate::store_on_both::{T, first, on_both, zone};

fn photo(id: &str, pickup: &str, reading: Option<&str>, later_ms: i64) -> Photo {
    let note = PhotoNote {
        id: id.to_owned(),
        pickup: pickup.to_owned(),
        reading: reading.map(str::to_owned),
        sha256: "ab".repeat(32),
        size_bytes: 4,
        recorded: T.plus_ms(later_ms),
        by: "tổ 1".to_owned(),
        erased: None,
    };
    Photo { note, jpeg: Some(vec![0xff, 0xd8, 0x00, 0xd9]) }
}

fn ids(notes: &[PhotoNote]) -> Vec<&str> {
    notes.iter().map(|note| note.id.as_str()).collect()
}

#[tokio::test]
async fn pictures_are_kept_once_and_an_erased_one_does_not_come_back() {
    on_both(async |store| {
        let (one, two) = (photo("f1", "p1", Some("d~0a11ce01~4"), 0), photo("f2", "p1", None, 1_000));
        assert!(store.add_photo(&one).await.unwrap());
        assert!(store.add_photo(&two).await.unwrap());
        assert!(!store.add_photo(&photo("f1", "p9", None, 9_000)).await.unwrap(), "the first one stays");
        assert_eq!(store.photo("f1").await.unwrap(), one.jpeg);
        assert_eq!(store.photo_note("f1").await.unwrap().as_ref(), Some(&one.note));
        assert_eq!((store.photo("f9").await.unwrap(), store.photo_note("f9").await.unwrap()), (None, None));
        assert_eq!(ids(&store.photos_of(["p1", "d~0a11ce01~4"]).await.unwrap()), ["f1", "f2"], "each once");
        assert_eq!(ids(&store.photos_of(["d~0a11ce01~4"]).await.unwrap()), ["f1"]);
        assert!(store.photos_of(["p2"]).await.unwrap().is_empty());
        assert_eq!(ids(&store.photos_between(T, T.plus_ms(1_001)).await.unwrap()), ["f2", "f1"]);
        assert_eq!(ids(&store.photos_between(T, T.plus_ms(1_000)).await.unwrap()), ["f1"]);

        let at = T.plus_ms(MINUTE_MS);
        assert!(store.erase_photo("f1", at, "cán bộ").await.unwrap());
        assert!(!store.erase_photo("f1", at.plus_ms(1), "người khác").await.unwrap());
        assert!(!store.add_photo(&one).await.unwrap());
        assert_eq!(store.photo("f1").await.unwrap(), None);
        let note = store.photo_note("f1").await.unwrap().unwrap();
        assert_eq!((note.sha256, note.erased), (one.note.sha256, Some((at, "cán bộ".to_owned()))));
        assert_eq!(ids(&store.photos_of(["p1"]).await.unwrap()), ["f2"]);
        assert_eq!(ids(&store.photos_between(T, T.plus_ms(1_001)).await.unwrap()), ["f2", "f1"]);
    })
    .await;
}

#[tokio::test]
async fn operations_are_found_by_kind_and_day() {
    on_both(async |store| {
        let operation = |id: &str, at: Instant, statement: Statement| Operation {
            id: id.to_owned(),
            recorded: at,
            by: "tổ 1".to_owned(),
            statement,
        };
        let round = |open: bool, at: Instant| Statement::Round {
            place: "P1".into(),
            stream: "food".into(),
            service_date: first() - 1,
            open,
            at,
        };
        let report = |report: ReportKind, note: Option<&str>| Statement::Report {
            at: T,
            place: "P1".into(),
            report,
            household: note.is_none().then(|| "H1".into()),
            note: note.map(str::to_owned),
        };
        let all = [
            operation("r2", T, round(false, T.plus_ms(2))),
            operation("r1", T, round(true, T)),
            operation("b1", T, report(ReportKind::LostTag, None)),
            operation("b2", T, report(ReportKind::NewHouse, Some("cạnh đình"))),
        ];
        assert_eq!(store.record(&all, &zone()).await.unwrap(), 4);
        let found = async |kind: &str, from, to| -> Vec<String> {
            store.operations_on(kind, from, to).await.unwrap().into_iter().map(|operation| operation.id).collect()
        };
        assert_eq!(found("round", first() - 1, first() - 1).await, ["r1", "r2"], "by time");
        assert!(found("round", first(), first() + 9).await.is_empty(), "a round stands on its service date");
        assert_eq!(found("report", first(), first()).await, ["b1", "b2"]);
        assert_eq!(store.operation("b2").await.unwrap().as_ref(), Some(&all[3]));
        assert!(store.stale("household", 9).await.unwrap().is_empty(), "a report changes no figure");
    })
    .await;
}
