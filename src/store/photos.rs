//! Pictures of waste that crews took, apart from every fact.
//!
//! # Why
//! A picture can show more than waste, so it must be possible to erase it while the pickup stays. Its row outlives it, or a
//! phone whose answer was lost would send the picture again and bring it back.

use super::{Store, StoreError, facts, reading, writing};
use crate::domain::time::Instant;

/// A picture as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    /// What is known of it.
    pub note: PhotoNote,
    /// The picture. `None`: erased.
    pub jpeg: Option<Vec<u8>>,
}

/// What is known of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhotoNote {
    /// Identity, made by the phone.
    pub id: String,
    /// The crew's pickup.
    pub pickup: String,
    /// The scale reading that the pickup names, `device~log~seq`.
    pub reading: Option<String>,
    /// SHA-256 of the picture, hexadecimal.
    pub sha256: String,
    /// Its size.
    pub size_bytes: i64,
    /// When it came.
    pub recorded: Instant,
    /// Whose it is.
    pub by: String,
    /// When it was erased, and by whom. `None`: it is kept.
    pub erased: Option<(Instant, String)>,
}

const NOTE: &str =
    "p.id, p.pickup, p.reading, p.sha256, p.size_bytes, p.recorded_ms, p.recorded_by, p.erased_ms, p.erased_by";

#[derive(sqlx::FromRow)]
struct StoredNote {
    id: String,
    pickup: String,
    reading: Option<String>,
    sha256: String,
    size_bytes: i64,
    recorded_ms: i64,
    recorded_by: String,
    erased_ms: Option<i64>,
    erased_by: Option<String>,
}

impl StoredNote {
    fn into_note(self) -> PhotoNote {
        PhotoNote {
            id: self.id,
            pickup: self.pickup,
            reading: self.reading,
            sha256: self.sha256,
            size_bytes: self.size_bytes,
            recorded: Instant::from_ms(self.recorded_ms),
            by: self.recorded_by,
            erased: self.erased_ms.map(|ms| (Instant::from_ms(ms), self.erased_by.unwrap_or_default())),
        }
    }
}

impl Store {
    /// Keeps a picture. Gives `false` when its id is known, and then changes nothing.
    pub async fn add_photo(&self, photo: &Photo) -> Result<bool, StoreError> {
        let note = &photo.note;
        let new = writing!(self, tx => {
            sqlx::query(
                "insert into photo (id, pickup, reading, sha256, size_bytes, jpeg, recorded_ms, recorded_by) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing",
            )
            .bind(&note.id).bind(&note.pickup).bind(&note.reading).bind(&note.sha256).bind(note.size_bytes)
            .bind(&photo.jpeg).bind(note.recorded.ms()).bind(&note.by)
            .execute(&mut *tx).await?.rows_affected()
        });
        Ok(new > 0)
    }

    /// Gives what is known of a picture.
    pub async fn photo_note(&self, id: &str) -> Result<Option<PhotoNote>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("select {NOTE} from photo as p where p.id = $1"));
        let row: Option<StoredNote> = reading!(self, pool => sqlx::query_as(sql).bind(id).fetch_optional(pool).await?);
        Ok(row.map(StoredNote::into_note))
    }

    /// Gives a picture. `None`: there was none, or it was erased.
    pub async fn photo(&self, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row: Option<(Option<Vec<u8>>,)> = reading!(self, pool => {
            sqlx::query_as("select jpeg from photo where id = $1").bind(id).fetch_optional(pool).await?
        });
        Ok(row.and_then(|row| row.0))
    }

    /// Gives the pictures of pickups, by the pickup's id or one of its readings, erased ones left out, oldest first.
    pub async fn photos_of(&self, keys: impl IntoIterator<Item = &str>) -> Result<Vec<PhotoNote>, StoreError> {
        let keys = facts::keys(keys);
        let of = |column: &str| {
            sqlx::AssertSqlSafe(format!(
                "select distinct {NOTE} from {} join photo as p on p.{column} = r.key where p.erased_ms is null",
                self.rows(facts::KEYS)
            ))
        };
        let (by_pickup, by_reading) = (of("pickup"), of("reading"));
        let rows: Vec<StoredNote> = reading!(self, pool => {
            let mut rows: Vec<StoredNote> = sqlx::query_as(by_pickup).bind(&keys).fetch_all(pool).await?;
            rows.extend(sqlx::query_as::<_, StoredNote>(by_reading).bind(&keys).fetch_all(pool).await?);
            rows
        });
        let mut notes: Vec<PhotoNote> = rows.into_iter().map(StoredNote::into_note).collect();
        notes.sort_by(|one, other| (one.recorded, &one.id).cmp(&(other.recorded, &other.id)));
        notes.dedup();
        Ok(notes)
    }

    /// Gives the pictures that came within a time, erased ones among them, latest first.
    pub async fn photos_between(&self, from: Instant, to: Instant) -> Result<Vec<PhotoNote>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "select {NOTE} from photo as p where p.recorded_ms >= $1 and p.recorded_ms < $2 \
             order by p.recorded_ms desc, p.id desc"
        ));
        let rows: Vec<StoredNote> =
            reading!(self, pool => sqlx::query_as(sql).bind(from.ms()).bind(to.ms()).fetch_all(pool).await?);
        Ok(rows.into_iter().map(StoredNote::into_note).collect())
    }

    /// Erases a picture; that it was there, when it was erased and by whom stays. Gives `false` when there is none to erase.
    pub async fn erase_photo(&self, id: &str, at: Instant, by: &str) -> Result<bool, StoreError> {
        let erased = writing!(self, tx => {
            sqlx::query("update photo set jpeg = null, erased_ms = $2, erased_by = $3 where id = $1 and erased_ms is null")
                .bind(id).bind(at.ms()).bind(by).execute(&mut *tx).await?.rows_affected()
        });
        Ok(erased > 0)
    }
}
