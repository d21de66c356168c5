//! A household's own page, cards and private codes, through the pages.

use std::sync::atomic::Ordering;

use axum::http::StatusCode;

use super::{NOW_MS, Server};
use crate::domain::card::CardNumber;
use crate::store::{Actor, NewOwnCode, Role, fingerprint};

pub(super) const CODE: &str = "abcdefghjkmnpqrstuvw";

impl Server {
    async fn with_code() -> Self {
        let server = Self::start().await;
        give_code(&server).await;
        server
    }
}

/// Gives a household the code.
pub(super) async fn give_code(server: &Server) {
    let codes = [NewOwnCode { household: "A-001".into(), fingerprint: fingerprint(CODE) }];
    assert!(server.store.make_own_codes("one", &codes, &by(server)).await.expect("made"));
}

fn by(server: &Server) -> Actor {
    Actor { name: "can-bo".to_owned(), at: crate::domain::time::Clock::now(&*server.clock) }
}

#[tokio::test]
async fn a_household_sees_its_own_page_and_no_cache_or_other_site_learns_of_it() {
    let server = Server::with_code().await;
    let page = server.get("/h/abcd-efgh-jkmn-pqrs-tuvw", None).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert!(page.body.contains("noindex"));
    assert!(!page.body.contains("A-001") && !page.body.contains("A-002"), "neither its own code nor another's");
    let looks = server.store.looks(10_i64).await.expect("read");
    assert_eq!((looks.len(), looks[0].action.as_str()), (1, "own page"));
}

#[tokio::test]
async fn wrong_revoked_and_impossible_codes_are_answered_alike_and_slowed() {
    let server = Server::with_code().await;
    let typed = server.form("/h", None, &[("code", "ABCD EFGH JKMN PQRS TUVW")]).await;
    assert_eq!((typed.status, typed.header("location")), (StatusCode::SEE_OTHER, "/h/abcdefghjkmnpqrstuvw"));
    assert!(server.store.revoke_own_code(&"A-001".into(), &by(&server), "mất thư").await.expect("revoked"));
    let revoked = server.get(&format!("/h/{CODE}"), None).await;
    let wrong = server.get("/h/zzzzefghjkmnpqrstuvw", None).await;
    let impossible = server.get("/h/A-001", None).await;
    assert_eq!(revoked.status, StatusCode::NOT_FOUND);
    assert_eq!((wrong.status, &wrong.body), (revoked.status, &revoked.body));
    assert_eq!((impossible.status, &impossible.body), (revoked.status, &revoked.body));
    for _ in 0..3 {
        server.get("/h/zzzzefghjkmnpqrstuvw", None).await;
    }
    let slowed = server.get("/h/zzzzefghjkmnpqrstuvw", None).await;
    assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!slowed.header("retry-after").is_empty());
    // Whoever guesses shuts no household out.
    let codes = [NewOwnCode { household: "A-002".into(), fingerprint: fingerprint("bbcdefghjkmnpqrstuvw") }];
    server.store.make_own_codes("two", &codes, &by(&server)).await.expect("made");
    assert_eq!(server.get("/h/bbcdefghjkmnpqrstuvw", None).await.status, StatusCode::OK);
    server.clock.0.store(NOW_MS + 3_600_000, Ordering::Relaxed);
    assert_eq!(server.get("/h/zzzzefghjkmnpqrstuvw", None).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_number_of_a_card_opens_nothing() {
    let server = Server::with_code().await;
    let number = CardNumber::of([1, 2, 3, 4, 5]);
    for text in [number.to_string(), number.uid().to_string()] {
        assert_eq!(server.get(&format!("/h/{text}"), None).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn letters_hold_from_when_they_are_fetched_and_only_their_fingerprints_are_kept() {
    let server = Server::with_code().await;
    let token = server.account("can-bo", &[Role::Officer], &[]).await;
    let begun = server.form("/own-codes", Some(&token), &[("households", "A-001"), ("which", "replace")]).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.body);
    let job = begun.header("location").to_owned();
    assert_eq!(server.get(&format!("/h/{CODE}"), None).await.status, StatusCode::OK, "the letter is not fetched yet");
    let mut page = server.get(&job, Some(&token)).await;
    while page.header("refresh") == "1" {
        tokio::task::yield_now().await;
        page = server.get(&job, Some(&token)).await;
    }
    let other = server.account("can-bo-khac", &[Role::Officer], &[]).await;
    assert_eq!(server.get(&job, Some(&other)).await.status, StatusCode::NOT_FOUND, "another's letters");
    let letters = server.form(&format!("{job}/pdf"), Some(&token), &[]).await;
    assert_eq!((letters.status, letters.header("content-type")), (StatusCode::OK, "application/pdf"));
    assert_eq!(letters.header("cache-control"), "no-store");
    assert_eq!(server.get(&format!("/h/{CODE}"), None).await.status, StatusCode::NOT_FOUND, "the old one ended");
    let list = server.get(&format!("{job}/list.csv"), Some(&token)).await;
    assert!(list.body.contains("A-001"));
    let again = server.form(&format!("{job}/pdf"), Some(&token), &[]).await;
    assert_eq!(again.body, letters.body, "the same letters");
    let revoked = server.form("/own-codes/revoke", Some(&token), &[("household", "A-001"), ("reason", "lộ mã")]).await;
    assert_eq!(revoked.status, StatusCode::SEE_OTHER, "{}", revoked.body);
    let told = server.get("/own-codes?household=A-001", Some(&token)).await;
    assert!(told.body.contains("lộ mã") && !told.body.contains(CODE) && !told.body.contains(&fingerprint(CODE)));
}

#[tokio::test]
async fn the_workload_of_a_hamlet_s_visits_is_not_public() {
    let server = Server::start().await;
    let token = server.account("can-bo", &[Role::Officer], &[]).await;
    for path in ["/api/v1/visiting?area=B", "/visiting.csv?area=B", "/charts/visiting.svg?area=B"] {
        assert_eq!(server.get(path, None).await.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(server.get(path, Some(&token)).await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(server.get("/api/v1/visiting", None).await.status, StatusCode::OK);
    let hamlet = server.get("/areas/B", None).await;
    assert_eq!(hamlet.status, StatusCode::OK, "{}", hamlet.body.split("<main").nth(1).unwrap_or_default());
}

#[tokio::test]
async fn the_public_page_is_the_same_for_everybody_and_hides_small_hamlets() {
    let server = Server::start().await;
    let token = server.account("can-bo", &[Role::Officer], &[]).await;
    let main = |body: &str| body.split("<main").nth(1).expect("a main part").to_owned();
    let (open, officer) = (server.get("/public", None).await, server.get("/public", Some(&token)).await);
    assert_eq!(open.status, StatusCode::OK, "{}", open.body);
    assert_eq!(main(&open.body), main(&officer.body));
    assert!(open.body.contains("og:image") && open.body.contains("/charts/headline.png?form=share"));
    assert_eq!(server.get("/public?wall=1", None).await.status, StatusCode::OK);
    let picture = server.get("/charts/headline.png?form=share", None).await;
    assert_eq!((picture.status, picture.header("content-type")), (StatusCode::OK, "image/png"));
}
