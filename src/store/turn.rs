//! Whose turn it is to renew figures: one program at a time over one database.
//!
//! # Why
//! A renewal reads facts, computes, and writes what differs. Of two at once over the same place, the one that read first may write
//! last, and its older answer would stand with nothing left to say that it is stale. The work is small beside the intake, so
//! one lock for all of it is enough, and whoever does not have it looks again a second later. It ends with the program that holds it,
//! however that ends: PostgreSQL's with the connection, the file's with the process.

use std::fs::{File, TryLockError};

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgAdvisoryLock, PgAdvisoryLockGuard, PgAdvisoryLockKey, Postgres};
use sqlx::{Either, Error};

use super::{Pools, Store, StoreError};

/// The lock's key in PostgreSQL; the appending of readings has (1883, 1).
const KEY: PgAdvisoryLockKey = PgAdvisoryLockKey::IntPair(1883, 2);

/// The turn. Ends when given back or dropped.
pub struct Turn(Held);

enum Held {
    File(File),
    Postgres(PgAdvisoryLockGuard<PoolConnection<Postgres>>),
}

impl Store {
    /// Takes the turn to renew figures. `None`: another program has it.
    pub async fn take_turn(&self) -> Result<Option<Turn>, StoreError> {
        match &self.pools {
            Pools::Sqlite { turn_file, .. } => {
                let unusable = |error| StoreError::Database(Error::Io(error));
                let file = File::options().create(true).truncate(false).write(true).open(turn_file.as_ref());
                let file = file.map_err(unusable)?;
                match file.try_lock() {
                    Ok(()) => Ok(Some(Turn(Held::File(file)))),
                    Err(TryLockError::WouldBlock) => Ok(None),
                    Err(TryLockError::Error(error)) => Err(unusable(error)),
                }
            }
            Pools::Postgres(pool) => {
                let lock = PgAdvisoryLock::with_key(KEY);
                match lock.try_acquire(pool.acquire().await?).await? {
                    Either::Left(guard) => Ok(Some(Turn(Held::Postgres(guard)))),
                    Either::Right(_) => Ok(None),
                }
            }
        }
    }
}

impl Turn {
    /// Gives the turn back at once; a dropped one goes back when the database next hears of its connection.
    pub async fn give_back(self) -> Result<(), StoreError> {
        match self.0 {
            Held::File(file) => drop(file),
            Held::Postgres(guard) => drop(guard.release_now().await?),
        }
        Ok(())
    }
}
