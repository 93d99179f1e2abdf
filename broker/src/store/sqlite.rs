//! The store in one SQLite file, which other processes (the command line) may
//! use at the same time.

mod accounts;
mod backup;
mod bookings;
mod images;
mod opening;
mod profile;
mod ratings;
mod rules;
mod search;
mod second_factor;
mod trail;
mod workplaces;
mod writer;

use super::{
    Account, Answer, AuditSearch, Change, CodeUse, NewAccount, NewPassword, NewSecondFactor, Start, Store, StoreError,
    TryEnd,
    workplace::{Asked, Decision, NewWorkplace, Workplace, WorkplaceId},
};
use crate::{
    accounts::Role,
    audit::{Cut, Entry, Head, Point, Record, Signer, Unfinished},
    images::KeptImage,
    limits::{Locked, Tries},
    ratings::Counted,
};
use jiff::civil::Date;
use mitblick_protocol::{
    appointment::Booking, number::Routing, policy::Policy, rating::Rating, workplace::WorkplaceKey,
};
pub use opening::OpenError;
use sha2::{Digest, Sha256};
use sqlx::{Row, Sqlite as Database, SqlitePool, Transaction};
use std::path::Path;
use writer::Writer;
use zeroize::Zeroizing;

/// An open database.
#[derive(Clone, Debug)]
pub struct Sqlite {
    /// Connections that read.
    pool: SqlitePool,
    /// The one connection that writes. SQLite lets one write at a time and has
    /// others ask again and again; here they wait in line.
    writing: SqlitePool,
    /// Writes for all who pair.
    writer: Writer,
    signer: Signer,
    /// See the table of strangers' tries.
    stranger_salt: Zeroizing<String>,
}

impl Sqlite {
    /// Writes everything back and closes the file.
    pub async fn close(&self) {
        self.pool.close().await;
        self.writing.close().await;
    }

    async fn begin(&self) -> Result<Transaction<'static, Database>, StoreError> {
        begin(&self.writing).await
    }

    /// Which strangers are counted together.
    fn bucket(&self, name: &str) -> i64 {
        let hash = Sha256::new().chain_update(self.stranger_salt.as_bytes()).chain_update(name).finalize();
        hash.iter().take(2).fold(0, |bucket, byte| bucket * 256 + i64::from(*byte))
    }

    /// Ends a transaction: what was made is recorded and kept, else undone.
    async fn settle(
        &self,
        mut transaction: Transaction<'static, Database>,
        change: Change,
        record: Record,
    ) -> Result<Change, StoreError> {
        if change == Change::Made {
            trail::append(&mut transaction, &self.signer, &[record]).await?;
            transaction.commit().await.map_err(out_of_order)?;
        }
        Ok(change)
    }
}

/// A transaction that writes: it waits for its turn at the beginning, where it
/// can still wait, and not at its first write.
async fn begin(writing: &SqlitePool) -> Result<Transaction<'static, Database>, StoreError> {
    writing.begin_with("BEGIN IMMEDIATE").await.map_err(out_of_order)
}

fn out_of_order(error: sqlx::Error) -> StoreError {
    StoreError::OutOfOrder(error.to_string())
}

impl Store for Sqlite {
    fn account<'a>(&'a self, name: &'a str) -> Answer<'a, Option<Account>> {
        Box::pin(async move {
            let row = sqlx::query(accounts::ONE).bind(name).fetch_optional(&self.pool).await.map_err(out_of_order)?;
            row.map(|row| accounts::account(&row)).transpose().map_err(out_of_order)
        })
    }

    fn accounts(&self) -> Answer<'_, Vec<Account>> {
        Box::pin(async move {
            let rows = sqlx::query(accounts::ALL).fetch_all(&self.pool).await.map_err(out_of_order)?;
            rows.iter().map(accounts::account).collect::<Result<_, _>>().map_err(out_of_order)
        })
    }

    fn add_account(&self, account: NewAccount, record: Record) -> Answer<'_, i64> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let id = accounts::add(&mut transaction, &account).await?;
            self.settle(transaction, Change::Made, record).await?;
            Ok(id)
        })
    }

    fn remove_account<'a>(&'a self, name: &'a str, record: Record) -> Answer<'a, Change> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let change = accounts::remove(&mut transaction, name).await?;
            self.settle(transaction, change, record).await
        })
    }

    fn set_password<'a>(
        &'a self,
        name: &'a str,
        instead_of: Option<&'a str>,
        password: NewPassword,
        record: Record,
    ) -> Answer<'a, Change> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let change = accounts::set_password(&mut transaction, name, instead_of, &password).await?;
            self.settle(transaction, change, record).await
        })
    }

    fn password_hashes<'a>(&'a self, name: &'a str) -> Answer<'a, Vec<Zeroizing<String>>> {
        Box::pin(async move {
            let mut connection = self.pool.acquire().await.map_err(out_of_order)?;
            accounts::password_hashes(&mut connection, name).await
        })
    }

    fn count_try<'a>(&'a self, name: &'a str, now_unix_s: i64) -> Answer<'a, Result<Tries, Locked>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let counted = accounts::count_try(&mut transaction, name, self.bucket(name), now_unix_s).await?;
            transaction.commit().await.map_err(out_of_order)?;
            Ok(counted)
        })
    }

    fn end_try<'a>(&'a self, name: &'a str, how: TryEnd) -> Answer<'a, ()> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            accounts::end_try(&mut transaction, name, self.bucket(name), how).await?;
            transaction.commit().await.map_err(out_of_order)
        })
    }

    fn set_role<'a>(&'a self, name: &'a str, role: Role, record: Record) -> Answer<'a, Change> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let change = accounts::set_role(&mut transaction, name, role).await?;
            self.settle(transaction, change, record).await
        })
    }

    fn hand_over<'a>(&'a self, name: &'a str, record: Record) -> Answer<'a, Change> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let change = accounts::hand_over(&mut transaction, name).await?;
            self.settle(transaction, change, record).await
        })
    }

    fn set_paper_code<'a>(&'a self, hash: &'a str, expires_unix_s: i64, record: Record) -> Answer<'a, ()> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            accounts::set_paper_code(&mut transaction, hash, expires_unix_s).await?;
            self.settle(transaction, Change::Made, record).await?;
            Ok(())
        })
    }

    fn add_main_user<'a>(
        &'a self,
        account: NewAccount,
        code_hash: &'a str,
        now_unix_s: i64,
        record: Record,
    ) -> Answer<'a, CodeUse> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let code = accounts::use_paper_code(&mut transaction, code_hash, now_unix_s).await?;
            if code == CodeUse::Accepted {
                let account = NewAccount { role: Role::MainUser, ..account };
                accounts::add(&mut transaction, &account).await?;
                self.settle(transaction, Change::Made, record).await?;
            }
            Ok(code)
        })
    }

    fn record(&self, records: Vec<Record>) -> Answer<'_, Option<Head>> {
        Box::pin(self.writer.record(records))
    }

    fn unfinished_sessions(&self) -> Answer<'_, Vec<Unfinished>> {
        Box::pin(trail::unfinished(&self.pool))
    }

    fn audit_entries(&self, seq: u64, most: u32) -> Answer<'_, Vec<Entry>> {
        Box::pin(trail::entries(&self.pool, seq, most))
    }

    fn audit_cut(&self) -> Answer<'_, Option<Cut>> {
        Box::pin(trail::last_cut(&self.pool))
    }

    fn cut_audit(&self, last: Point) -> Answer<'_, Option<Cut>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let cut = trail::cut(&mut transaction, &self.signer, last).await?;
            if cut.is_some() {
                transaction.commit().await.map_err(out_of_order)?;
            }
            Ok(cut)
        })
    }

    fn audit_search<'a>(&'a self, wanted: &'a AuditSearch, from: Start, most: u32) -> Answer<'a, Vec<Entry>> {
        Box::pin(search::search(&self.pool, wanted, from, most))
    }

    fn set_blocked<'a>(&'a self, name: &'a str, blocked: bool, record: Record) -> Answer<'a, Change> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let change = profile::set_blocked(&mut transaction, name, blocked).await?;
            self.settle(transaction, change, record).await
        })
    }

    fn set_profile<'a>(
        &'a self,
        name: &'a str,
        display_name: &'a str,
        language: Option<&'a str>,
        record: Record,
    ) -> Answer<'a, Change> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let change = profile::set_profile(&mut transaction, name, display_name, language).await?;
            self.settle(transaction, change, record).await
        })
    }

    fn portrait(&self, account: i64) -> Answer<'_, Option<KeptImage>> {
        Box::pin(images::portrait(&self.pool, account))
    }

    fn set_portrait(&self, account: i64, portrait: Option<KeptImage>, record: Record) -> Answer<'_, Change> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let change = images::set_portrait(&mut transaction, account, portrait.as_ref()).await?;
            self.settle(transaction, change, record).await
        })
    }

    fn logo(&self) -> Answer<'_, Option<KeptImage>> {
        Box::pin(images::logo(&self.pool))
    }

    fn set_logo(&self, logo: Option<KeptImage>, record: Record) -> Answer<'_, Policy> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            images::set_logo(&mut transaction, logo.as_ref()).await?;
            let rules = rules::next_serial(&mut transaction).await?;
            self.settle(transaction, Change::Made, record).await?;
            Ok(rules)
        })
    }

    fn rules(&self) -> Answer<'_, Policy> {
        Box::pin(async move {
            let mut connection = self.pool.acquire().await.map_err(out_of_order)?;
            rules::read(&mut connection).await
        })
    }

    fn set_rules(&self, policy: Policy, record: Record) -> Answer<'_, Option<Policy>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let kept = rules::replace(&mut transaction, policy).await?;
            if kept.is_some() {
                self.settle(transaction, Change::Made, record).await?;
            }
            Ok(kept)
        })
    }

    fn rated<'a>(&'a self, day: Date, advisor: &'a str, rating: Rating) -> Answer<'a, ()> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            ratings::add(&mut transaction, day, advisor, rating).await?;
            transaction.commit().await.map_err(out_of_order)
        })
    }

    fn ratings_since(&self, day: Date) -> Answer<'_, Vec<Counted>> {
        Box::pin(ratings::since(&self.pool, day))
    }

    fn audit_head(&self) -> Answer<'_, Option<Head>> {
        Box::pin(async move {
            let mut connection = self.pool.acquire().await.map_err(out_of_order)?;
            trail::head(&mut connection).await
        })
    }

    fn number_opened(&self, routing: Routing, at_unix_s: i64) -> Answer<'_, ()> {
        Box::pin(self.writer.number_opened(routing, at_unix_s))
    }

    fn numbers_opened_since(&self, since_unix_s: i64) -> Answer<'_, Vec<(Routing, i64)>> {
        Box::pin(async move {
            sqlx::query("DELETE FROM opened_number WHERE opened_unix_s < ?")
                .bind(since_unix_s)
                .execute(&self.writing)
                .await
                .map_err(out_of_order)?;
            let rows = sqlx::query("SELECT routing, opened_unix_s FROM opened_number ORDER BY opened_unix_s, routing")
                .fetch_all(&self.pool)
                .await
                .map_err(out_of_order)?;
            let mut numbers = Vec::new();
            for row in rows {
                let value: i64 = row.try_get("routing").map_err(out_of_order)?;
                if let Some(routing) = u16::try_from(value).ok().and_then(Routing::new) {
                    numbers.push((routing, row.try_get("opened_unix_s").map_err(out_of_order)?));
                }
            }
            Ok(numbers)
        })
    }

    fn book(&self, account: i64, booking: Booking, record: Record) -> Answer<'_, ()> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            bookings::add(&mut transaction, account, booking).await?;
            self.settle(transaction, Change::Made, record).await?;
            Ok(())
        })
    }

    fn bookings(&self) -> Answer<'_, Vec<(i64, Booking)>> {
        Box::pin(bookings::all(&self.pool))
    }

    fn bookings_over<'a>(&'a self, numbers: &'a [(Routing, i64)]) -> Answer<'a, ()> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            for (routing, at_unix_s) in numbers {
                bookings::over(&mut transaction, *routing, *at_unix_s).await?;
            }
            transaction.commit().await.map_err(out_of_order)
        })
    }

    fn copy_to<'a>(&'a self, file: &'a Path) -> Answer<'a, ()> {
        Box::pin(backup::copy_to(&self.pool, file))
    }

    fn backup_made(&self, at_unix_s: i64, record: Record) -> Answer<'_, ()> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            backup::remember(&mut transaction, at_unix_s).await?;
            self.settle(transaction, Change::Made, record).await?;
            Ok(())
        })
    }

    fn last_backup(&self) -> Answer<'_, Option<i64>> {
        Box::pin(backup::last(&self.pool))
    }

    fn organisation(&self) -> Answer<'_, Option<String>> {
        Box::pin(async move {
            sqlx::query_scalar("SELECT value FROM setting WHERE key = 'organisation'")
                .fetch_optional(&self.pool)
                .await
                .map_err(out_of_order)
        })
    }

    fn set_organisation<'a>(&'a self, name: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            sqlx::query("INSERT OR REPLACE INTO setting (key, value) VALUES ('organisation', ?)")
                .bind(name)
                .execute(&self.writing)
                .await
                .map_err(out_of_order)?;
            Ok(())
        })
    }

    fn set_second_factor<'a>(
        &'a self,
        account: i64,
        factor: Option<NewSecondFactor>,
        record: Record,
    ) -> Answer<'a, Change> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let change = second_factor::set(&mut transaction, account, factor.as_ref()).await?;
            self.settle(transaction, change, record).await
        })
    }

    fn set_recovery_codes<'a>(&'a self, account: i64, hashes: Vec<String>, record: Record) -> Answer<'a, Change> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            second_factor::set_recovery_codes(&mut transaction, account, &hashes).await?;
            self.settle(transaction, Change::Made, record).await
        })
    }

    fn recovery_codes(&self, account: i64) -> Answer<'_, u32> {
        Box::pin(async move {
            let count: i64 = sqlx::query_scalar("SELECT count(*) FROM recovery_code WHERE account = ?")
                .bind(account)
                .fetch_one(&self.pool)
                .await
                .map_err(out_of_order)?;
            Ok(u32::try_from(count).unwrap_or(u32::MAX))
        })
    }

    fn use_code_step(&self, account: i64, step: i64) -> Answer<'_, bool> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let used = second_factor::use_step(&mut transaction, account, step).await?;
            transaction.commit().await.map_err(out_of_order)?;
            Ok(used)
        })
    }

    fn use_recovery_code<'a>(&'a self, account: i64, hash: &'a str) -> Answer<'a, bool> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let used = second_factor::use_recovery_code(&mut transaction, account, hash).await?;
            transaction.commit().await.map_err(out_of_order)?;
            Ok(used)
        })
    }

    fn workplace<'a>(&'a self, account: i64, key: &'a WorkplaceKey) -> Answer<'a, Option<Workplace>> {
        Box::pin(workplaces::find(&self.pool, account, key))
    }

    fn workplaces(&self) -> Answer<'_, Vec<Workplace>> {
        Box::pin(workplaces::all(&self.pool))
    }

    fn ask_for_workplace(&self, new: NewWorkplace, record: Record) -> Answer<'_, Asked> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let asked = workplaces::ask(&mut transaction, &new).await?;
            if let Asked::Waits(_) = asked {
                self.settle(transaction, Change::Made, record).await?;
            }
            Ok(asked)
        })
    }

    fn decide_on_workplace(&self, id: WorkplaceId, decision: Decision, record: Record) -> Answer<'_, bool> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let found = workplaces::decide(&mut transaction, id, &decision).await?;
            if found {
                self.settle(transaction, Change::Made, record).await?;
            }
            Ok(found)
        })
    }

    fn forget_workplace(&self, id: WorkplaceId, record: Record) -> Answer<'_, bool> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let found = workplaces::forget(&mut transaction, id).await?;
            if found {
                self.settle(transaction, Change::Made, record).await?;
            }
            Ok(found)
        })
    }

    fn workplace_used(&self, id: WorkplaceId, at_unix_s: i64) -> Answer<'_, ()> {
        Box::pin(workplaces::used(&self.writing, id, at_unix_s))
    }

    fn rights_generation(&self) -> Answer<'_, i64> {
        Box::pin(workplaces::rights_generation(&self.pool))
    }
}
