//! Accounts, sessions, tokens, paired phones and the access log tell the same on SQLite and on PostgreSQL.

use std::collections::BTreeSet;

use phanloai::domain::ids::{AreaCode, HouseholdCode};
use phanloai::domain::time::{HOUR_MS, Instant, MINUTE_MS};
use phanloai::store::{
    Account, AccountChange, Actor, Altered, Grant, IDLE_MS, Looked, LooksQuery, Opening, PIN_TRIES, Role, Seen,
};

use crate::store_on_both::on_both;

/// 2026-09-01T08:00+07:00, a Tuesday.
const T: Instant = Instant::from_ms(1_788_224_400_000);

fn account(name: &str, roles: &[Role], areas: &[&str]) -> Account {
    Account {
        name: name.to_owned(),
        roles: roles.iter().copied().collect(),
        areas: areas.iter().map(|area| AreaCode::new(*area)).collect(),
        enabled: true,
    }
}

fn opening<'a>(fingerprint: &'a str, account: &'a str, at: Instant, hours: i64) -> Opening<'a> {
    Opening { fingerprint, account, at, expires: at.plus_ms(hours * HOUR_MS), browser: "Firefox · Linux", phone: None }
}

fn by() -> Actor {
    Actor { name: "quan-tri".to_owned(), at: T }
}

fn hour(n: i64) -> Instant {
    T.plus_ms(n * HOUR_MS)
}

#[tokio::test]
async fn sessions_expire_lie_unused_and_are_ended() {
    on_both(async |store| {
        let hoa = account("hoa", &[Role::Crew, Role::Officer], &[]);
        store.add_account(&hoa, Some("$argon2id$x"), T).await.unwrap();
        store.open_session(&opening("s1", "hoa", T, 12)).await.unwrap();
        let of = async |print: &str, at| store.signed_in(print, at).await.unwrap().map(|signed| signed.account);
        assert_eq!(of("s1", T).await, Some(hoa.clone()));
        assert_eq!(of("s1", T.plus_ms(IDLE_MS)).await, None, "unused");
        // Each use puts the end off, up to the last.
        for hours in [3, 6, 9] {
            assert_eq!(of("s1", hour(hours)).await, Some(hoa.clone()), "{hours}");
        }
        assert_eq!(of("s1", hour(11)).await, Some(hoa.clone()));
        assert_eq!(of("s1", hour(12)).await, None, "expired");
        let open = store.sessions("hoa", hour(11)).await.unwrap();
        assert_eq!((open.len(), open[0].opened, open[0].used), (1, T, hour(11)));
        assert_eq!((open[0].browser.as_str(), open[0].phone.as_deref()), ("Firefox · Linux", None));
        for print in ["s2", "s3", "s4"] {
            store.open_session(&opening(print, "hoa", hour(11), 12)).await.unwrap();
        }
        assert_eq!(store.close_sessions("hoa", Some("s2"), None).await.unwrap(), 1);
        assert_eq!(store.close_sessions("nobody", Some("s3"), None).await.unwrap(), 0);
        assert_eq!(store.close_sessions("hoa", None, Some("s3")).await.unwrap(), 2, "s1 and s4");
        assert!(of("s3", hour(11)).await.is_some());
        store.close_session("s3").await.unwrap();
        assert_eq!(store.sessions("hoa", hour(11)).await.unwrap(), []);
        let login = store.logins().await.unwrap().remove(0);
        assert_eq!((login.last_sign_in, login.created, login.password, login.pin), (Some(hour(11)), T, true, false));
    })
    .await;
}

#[tokio::test]
async fn a_given_password_must_be_replaced_and_a_chosen_one_keeps_one_session() {
    on_both(async |store| {
        store.add_account(&account("hoa", &[Role::Officer], &[]), None, T).await.unwrap();
        assert!(store.give_password("hoa", "$argon2id$given", &by()).await.unwrap());
        assert!(!store.give_password("nobody", "x", &by()).await.unwrap());
        store.open_session(&opening("s1", "hoa", T, 12)).await.unwrap();
        store.open_session(&opening("s2", "hoa", T, 12)).await.unwrap();
        assert!(store.signed_in("s1", T).await.unwrap().unwrap().one_time);
        assert!(store.set_password("hoa", "$argon2id$own", Some("s1")).await.unwrap());
        assert!(!store.signed_in("s1", T).await.unwrap().unwrap().one_time);
        assert_eq!(store.signed_in("s2", T).await.unwrap(), None);
        assert_eq!(store.password_of("hoa").await.unwrap().unwrap(), "$argon2id$own");
        let noted = AccountChange { by: by(), account: "hoa".to_owned(), what: "added".to_owned() };
        store.note_account_change(&noted).await.unwrap();
        let changes = store.account_changes("hoa", 10).await.unwrap();
        let what: BTreeSet<&str> = changes.iter().map(|change| change.what.as_str()).collect();
        assert_eq!(what, BTreeSet::from(["added", "password given"]));
        assert_eq!(store.account_changes("hoa", 1).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn no_change_leaves_the_commune_without_an_administrator() {
    on_both(async |store| {
        for name in ["an", "binh"] {
            store.add_account(&account(name, &[Role::Admin], &[]), None, T).await.unwrap();
        }
        let enable = async |name: &str, enabled| store.set_enabled(name, enabled, &by()).await.unwrap();
        let roles = async |name: &str, role| store.set_roles(name, &[role].into(), &["A".into()], &by()).await.unwrap();
        assert_eq!(enable("nobody", false).await, Altered::Unknown);
        assert_eq!(roles("nobody", Role::Crew).await, Altered::Unknown);
        assert_eq!(enable("an", false).await, Altered::Done);
        assert_eq!(enable("binh", false).await, Altered::LastAdmin);
        assert_eq!(roles("binh", Role::Officer).await, Altered::LastAdmin);
        assert_eq!(store.account("binh").await.unwrap(), Some(account("binh", &[Role::Admin], &[])));
        assert_eq!(enable("an", true).await, Altered::Done);
        assert_eq!(roles("binh", Role::Officer).await, Altered::Done);
        assert_eq!(store.account("binh").await.unwrap(), Some(account("binh", &[Role::Officer], &["A"])));
        assert_eq!(roles("an", Role::Officer).await, Altered::LastAdmin);
        assert_eq!(store.account_changes("binh", 9).await.unwrap().len(), 1, "what was refused is no change");
        // Two at once: one of them finds the other's done.
        store.set_roles("binh", &[Role::Admin].into(), &[], &by()).await.unwrap();
        let actor = by();
        let (one, other) =
            tokio::join!(store.set_enabled("an", false, &actor), store.set_enabled("binh", false, &actor));
        let outcomes = [one.unwrap(), other.unwrap()];
        assert!(outcomes.contains(&Altered::Done) && outcomes.contains(&Altered::LastAdmin), "{outcomes:?}");
    })
    .await;
}

#[tokio::test]
async fn tokens_carry_their_grant_and_are_revoked() {
    on_both(async |store| {
        store.add_account(&account("hoa", &[Role::Officer, Role::Viewer], &[]), None, T).await.unwrap();
        store.add_account(&account("an", &[Role::Viewer], &[]), None, T).await.unwrap();
        let grant = Grant {
            name: "bảng tính".to_owned(),
            roles: Some([Role::Viewer, Role::Admin].into()),
            read_only: true,
            expires: Some(hour(1)),
        };
        store.add_token("t1", "hoa", T, grant.clone()).await.unwrap();
        store.add_token("t2", "an", T, None).await.unwrap();
        let bearer = store.bearer("t1", T).await.unwrap().unwrap();
        assert_eq!(
            (bearer.account.roles, bearer.read_only),
            ([Role::Viewer].into(), true),
            "never more than the account"
        );
        assert_eq!(store.bearer("t1", hour(1)).await.unwrap(), None);
        let mine = store.tokens(Some("hoa")).await.unwrap();
        assert_eq!((mine.len(), &mine[0].grant, mine[0].used), (1, &grant, Some(T)));
        let all = store.tokens(None).await.unwrap();
        assert_eq!((all.len(), all.iter().filter(|token| token.used.is_none()).count()), (2, 1));
        assert!(!store.revoke_token("t2", Some("hoa")).await.unwrap());
        assert!(store.revoke_token("t2", None).await.unwrap());
        assert!(store.revoke_token("t1", Some("hoa")).await.unwrap());
        assert_eq!(store.tokens(None).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn phones_are_paired_once_locked_by_slips_and_withdrawn() {
    on_both(async |store| {
        store.add_account(&account("to-1", &[Role::Crew, Role::Officer], &[]), None, T).await.unwrap();
        store.add_account(&account("can-bo", &[Role::Officer], &[]), None, T).await.unwrap();
        for name in ["to-1", "can-bo"] {
            assert!(store.set_pin(name, Some("$argon2id$pin"), &by()).await.unwrap());
        }
        assert!(!store.set_pin("nobody", None, &by()).await.unwrap());
        assert_eq!(store.names_with_pin().await.unwrap(), ["to-1"], "crews only");
        assert_eq!(store.pin_of("to-1").await.unwrap().unwrap(), "$argon2id$pin");
        assert_eq!(store.pin_of("can-bo").await.unwrap(), None);
        let soon = T.plus_ms(10 * MINUTE_MS);
        for (id, code) in [("p1", "c1"), ("p2", "c2")] {
            store.invite_phone(id, "Tổ 1", code, soon, &by()).await.unwrap();
        }
        assert_eq!(store.phones(T).await.unwrap().len(), 2);
        assert!(!store.pair_phone("c0", "k0", T).await.unwrap());
        assert!(!store.pair_phone("c1", "k1", soon).await.unwrap(), "too late");
        assert!(store.pair_phone("c1", "k1", T).await.unwrap());
        assert!(!store.pair_phone("c1", "k2", T).await.unwrap(), "used");
        let phones = store.phones(soon).await.unwrap();
        assert_eq!(
            (phones.len(), phones[0].id.as_str(), phones[0].paired),
            (1, "p1", Some(T)),
            "the other code is over"
        );
        assert_eq!(store.phone_of("k1", hour(1)).await.unwrap().unwrap().name, "Tổ 1");
        assert_eq!(store.phones(soon).await.unwrap()[0].used, Some(hour(1)));
        for _ in 0..PIN_TRIES {
            assert!(store.count_pin_try("p1", "to-1").await.unwrap());
        }
        assert!(!store.count_pin_try("p1", "to-1").await.unwrap());
        assert!(!store.count_pin_try("p1", "nobody").await.unwrap());
        assert!(store.count_pin_try("p1", "can-bo").await.unwrap());
        assert_eq!(store.phone_of("k1", T).await.unwrap().unwrap().locked, ["to-1"]);
        store.forgive_pin("p1", "to-1").await.unwrap();
        assert_eq!(store.phone_of("k1", T).await.unwrap().unwrap().locked, Vec::<String>::new());
        store.open_session(&Opening { phone: Some("p1"), ..opening("s1", "to-1", T, 12) }).await.unwrap();
        let signed = store.signed_in("s1", hour(11)).await.unwrap().unwrap();
        assert_eq!((signed.account.roles, signed.phone.as_deref()), ([Role::Crew].into(), Some("p1")));
        assert_eq!(store.sessions("to-1", hour(11)).await.unwrap()[0].phone.as_deref(), Some("Tổ 1"));
        // A new PIN ends what the old one opened.
        store.set_pin("to-1", Some("$argon2id$new"), &by()).await.unwrap();
        assert_eq!(store.signed_in("s1", T).await.unwrap(), None);
        store.open_session(&Opening { phone: Some("p1"), ..opening("s2", "to-1", T, 12) }).await.unwrap();
        assert!(store.revoke_phone("p1", &by()).await.unwrap());
        assert!(!store.revoke_phone("p1", &by()).await.unwrap());
        assert_eq!((store.phone_of("k1", T).await.unwrap(), store.signed_in("s2", T).await.unwrap()), (None, None));
        assert_eq!(store.account_changes("phone Tổ 1", 9).await.unwrap().len(), 3, "two codes and a withdrawal");
    })
    .await;
}

#[tokio::test]
async fn looks_are_found_by_account_household_and_time_in_pages() {
    on_both(async |store| {
        let look = |later_ms, who: &str, seen: Seen| Looked::new(T.plus_ms(later_ms), who, "states", seen);
        let list = |codes: &[&str]| {
            Seen::list("area=A".to_owned(), codes.iter().copied().map(HouseholdCode::new), codes.len())
        };
        let looks = [
            look(0, "hoa", list(&["A-1", "A-10", "A_2"])),
            look(5, "an", list(&["A-1"])),
            look(5, "hoa", Seen::from("household=B-1 on=2026-09-01".to_owned())),
            look(9, "hoa", Seen::from("area=B".to_owned())),
        ];
        for looked in &looks {
            store.log_look(looked).await.unwrap();
        }
        let found = async |query: LooksQuery| store.looks(query).await.unwrap();
        let all = LooksQuery { limit: 10, ..LooksQuery::default() };
        let latest_first = found(all.clone()).await;
        assert_eq!(latest_first[0], looks[3]);
        assert_eq!(latest_first[3], looks[0]);
        let of = |code: &str| LooksQuery { household: Some(code.into()), ..all.clone() };
        assert_eq!(found(of("A-1")).await, [looks[1].clone(), looks[0].clone()]);
        assert_eq!(found(of("A_2")).await, [looks[0].clone()]);
        assert_eq!(found(of("A-_")).await, []);
        assert_eq!(found(of("B-1")).await, [looks[2].clone()]);
        let hers = LooksQuery { account: Some("hoa".to_owned()), ..all.clone() };
        assert_eq!(found(hers).await.len(), 3);
        let then = LooksQuery { from: Some(T.plus_ms(5)), to: Some(T.plus_ms(9)), ..all.clone() };
        assert_eq!(found(then).await.len(), 2);
        // Page by page nothing is told twice and nothing left out, even within one instant.
        let mut told = Vec::new();
        let mut after = None;
        loop {
            let page = found(LooksQuery { after: after.take(), limit: 1, ..LooksQuery::default() }).await;
            let Some(last) = page.last() else { break };
            after = Some((last.at, last.id.clone()));
            told.extend(page);
        }
        assert_eq!(told, latest_first);
    })
    .await;
}
