//! The table of booked numbers.

use super::out_of_order;
use crate::store::StoreError;
use mitblick_protocol::{
    appointment::{Booking, Window},
    number::Routing,
};
use sqlx::{Row, SqliteConnection, SqlitePool, sqlite::SqliteRow};

fn signed(unix_s: u64) -> i64 {
    i64::try_from(unix_s).unwrap_or(i64::MAX)
}

pub(super) async fn add(db: &mut SqliteConnection, account: i64, booking: Booking) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO booking (routing, account, opens_unix_s, closes_unix_s) VALUES (?, ?, ?, ?)")
        .bind(i64::from(booking.routing.value()))
        .bind(account)
        .bind(signed(booking.window.opens_unix_s()))
        .bind(signed(booking.window.closes_unix_s()))
        .execute(db)
        .await
        .map_err(out_of_order)?;
    Ok(())
}

/// Removes it, and has its number rest from then on.
pub(super) async fn over(db: &mut SqliteConnection, routing: Routing, at_unix_s: i64) -> Result<(), StoreError> {
    let routing = i64::from(routing.value());
    let remove = sqlx::query("DELETE FROM booking WHERE routing = ?").bind(routing);
    remove.execute(&mut *db).await.map_err(out_of_order)?;
    let rest = sqlx::query("INSERT OR REPLACE INTO opened_number (routing, opened_unix_s) VALUES (?, ?)");
    rest.bind(routing).bind(at_unix_s).execute(db).await.map_err(out_of_order)?;
    Ok(())
}

/// What is no booking was not written by a broker, and is left out.
fn booking(row: &SqliteRow) -> Result<Option<(i64, Booking)>, sqlx::Error> {
    let (routing, account): (i64, i64) = (row.try_get("routing")?, row.try_get("account")?);
    let (opens, closes): (i64, i64) = (row.try_get("opens_unix_s")?, row.try_get("closes_unix_s")?);
    let routing = u16::try_from(routing).ok().and_then(Routing::new);
    let window = u64::try_from(opens).ok().zip(u64::try_from(closes).ok());
    let window = window.and_then(|(opens, closes)| Window::new(opens, closes));
    Ok(routing.zip(window).map(|(routing, window)| (account, Booking { routing, window })))
}

pub(super) async fn all(pool: &SqlitePool) -> Result<Vec<(i64, Booking)>, StoreError> {
    let select = "SELECT routing, account, opens_unix_s, closes_unix_s FROM booking ORDER BY routing";
    let rows = sqlx::query(select).fetch_all(pool).await.map_err(out_of_order)?;
    let all: Vec<Option<_>> = rows.iter().map(booking).collect::<Result<_, _>>().map_err(out_of_order)?;
    Ok(all.into_iter().flatten().collect())
}
