//! The access log: who looked at which households, when, and how many there were.
//!
//! Owns the `access_log` table: appended, never changed.

use super::{Store, StoreError, reading, writing};
use crate::domain::ids::HouseholdCode;
use crate::domain::time::{Instant, LocalDay};

/// Who is said to have looked, where a household opened its own page by its code: no account bears such a name.
pub const OWN_LOOK: &str = "(household)";

/// What was looked at. From a text: its subject, and the household that it names by `household=`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// What was asked for, for example `area=TM-01 state=U`.
    pub subject: String,
    /// Rows shown. `None`: not counted.
    pub rows: Option<i64>,
    /// The households among them.
    pub households: Vec<HouseholdCode>,
    /// Every household of the commune was among them; none is named then.
    pub everybody: bool,
}

/// Stands for every household; a code holds no `|`.
const EVERYBODY: &str = "\n|\n";

impl From<String> for Seen {
    fn from(subject: String) -> Self {
        let named = subject.split(' ').filter_map(|word| word.strip_prefix("household="));
        let households: Vec<HouseholdCode> = named.filter(|code| !code.is_empty()).map(HouseholdCode::new).collect();
        let rows = if households.is_empty() { None } else { Some(1) };
        Self { subject, rows, households, everybody: false }
    }
}

impl Seen {
    /// A list of `rows` rows in which `households` are named.
    pub fn list(subject: String, households: impl IntoIterator<Item = HouseholdCode>, rows: usize) -> Self {
        let mut named: Vec<HouseholdCode> = Self::from(subject.clone()).households;
        named.extend(households);
        named.sort();
        named.dedup();
        Self { subject, rows: i64::try_from(rows).ok(), households: named, everybody: false }
    }

    /// `rows` rows of every household of the commune, as an export holds them.
    pub fn everybody(subject: String, rows: usize) -> Self {
        Self { subject, rows: i64::try_from(rows).ok(), households: Vec::new(), everybody: true }
    }
}

/// A look at personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// Names it; later ones are greater.
    pub id: String,
    /// When.
    pub at: Instant,
    /// Who.
    pub account: String,
    /// What was done, for example `states`.
    pub action: String,
    /// At what.
    pub seen: Seen,
}

impl Looked {
    /// A look now.
    pub fn new(at: Instant, account: impl Into<String>, action: impl Into<String>, seen: impl Into<Seen>) -> Self {
        let id = uuid::Uuid::now_v7().to_string();
        Self { id, at, account: account.into(), action: action.into(), seen: seen.into() }
    }
}

/// Which looks are asked for. From a number: the latest so many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LooksQuery {
    /// Of this account only.
    pub account: Option<String>,
    /// At this household only, those at everybody among them.
    pub household: Option<HouseholdCode>,
    /// From this instant on.
    pub from: Option<Instant>,
    /// Before this instant.
    pub to: Option<Instant>,
    /// After this one in the list: its time and id.
    pub after: Option<(Instant, String)>,
    /// At most so many.
    pub limit: i64,
}

impl From<i64> for LooksQuery {
    fn from(limit: i64) -> Self {
        Self { limit, ..Self::default() }
    }
}

type LookRow = (String, i64, String, String, String, Option<i64>, String);

impl Store {
    /// Writes a look at personal data into the access log.
    pub async fn log_look(&self, look: &Looked) -> Result<(), StoreError> {
        let mut households = String::new();
        for code in &look.seen.households {
            households.push('\n');
            households.push_str(code.as_str());
        }
        if look.seen.everybody {
            EVERYBODY.clone_into(&mut households);
        } else if !households.is_empty() {
            households.push('\n');
        }
        writing!(self, tx => {
            sqlx::query(
                "insert into access_log (id, at_ms, account, action, subject, row_count, households) \
                 values ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(&look.id)
            .bind(look.at.ms())
            .bind(&look.account)
            .bind(&look.action)
            .bind(&look.seen.subject)
            .bind(look.seen.rows)
            .bind(&households)
            .execute(&mut *tx)
            .await?;
        });
        Ok(())
    }

    /// Writes that a household looked at its own page, once a day however often it does.
    pub async fn log_own_look(&self, household: &HouseholdCode, on: LocalDay, at: Instant) -> Result<(), StoreError> {
        let look = Looked {
            id: format!("own-{on}-{household}"),
            ..Looked::new(at, OWN_LOOK, "own page", format!("household={household}"))
        };
        let seen: (i64,) = reading!(self, pool => {
            sqlx::query_as("select count(*) from access_log where id = $1").bind(&look.id).fetch_one(pool).await?
        });
        // Two first looks at once: the second finds the first's entry, and that is all that is wanted.
        match if seen.0 > 0 { Ok(()) } else { self.log_look(&look).await } {
            Err(StoreError::Database(sqlx::Error::Database(error))) if error.is_unique_violation() => Ok(()),
            other => other,
        }
    }

    /// Gives entries of the access log, latest first.
    pub async fn looks(&self, query: impl Into<LooksQuery>) -> Result<Vec<Looked>, StoreError> {
        let query: LooksQuery = query.into();
        let after_ms = query.after.as_ref().map(|(at, _)| at.ms());
        let after_id = query.after.as_ref().map(|(_, id)| id.as_str());
        // `replace` finds the line without the wildcards that `like` would see in a code.
        let line = query.household.as_ref().map(|code| format!("\n{code}\n"));
        let rows: Vec<LookRow> = reading!(self, pool => {
            sqlx::query_as(
                "select id, at_ms, account, action, subject, row_count, households from access_log \
                 where (cast($1 as text) is null or account = $1) \
                 and (cast($2 as text) is null or households = $8 or replace(households, $2, '') <> households) \
                 and (cast($3 as bigint) is null or at_ms >= $3) and (cast($4 as bigint) is null or at_ms < $4) \
                 and (cast($5 as bigint) is null or at_ms < $5 or (at_ms = $5 and id < $6)) \
                 order by at_ms desc, id desc limit $7",
            )
            .bind(&query.account)
            .bind(&line)
            .bind(query.from.map(Instant::ms))
            .bind(query.to.map(Instant::ms))
            .bind(after_ms)
            .bind(after_id)
            .bind(query.limit)
            .bind(EVERYBODY)
            .fetch_all(pool)
            .await?
        });
        let look = |(id, at_ms, account, action, subject, rows, households): LookRow| Looked {
            id,
            at: Instant::from_ms(at_ms),
            account,
            action,
            seen: Seen {
                subject,
                rows,
                everybody: households == EVERYBODY,
                households: households
                    .split('\n')
                    .filter(|code| !code.is_empty() && households != EVERYBODY)
                    .map(HouseholdCode::new)
                    .collect(),
            },
        };
        Ok(rows.into_iter().map(look).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_at_one_household_names_it_and_a_list_names_each_once() {
        let one = Seen::from("page household=A-001 on=2026-11-22".to_owned());
        assert_eq!((one.households, one.rows), (vec![HouseholdCode::new("A-001")], Some(1)));
        let none = Seen::from("page area=A household= state=U".to_owned());
        assert_eq!((none.households, none.rows), (Vec::new(), None));
        let codes = ["B-2", "A-1", "B-2"].map(HouseholdCode::new);
        let list = Seen::list("household=C-3".to_owned(), codes, 3);
        let names: Vec<&str> = list.households.iter().map(HouseholdCode::as_str).collect();
        assert_eq!((names, list.rows), (vec!["A-1", "B-2", "C-3"], Some(3)));
    }
}
