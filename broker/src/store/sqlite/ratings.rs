//! The table of what customers answered.

use super::out_of_order;
use crate::{
    ratings::{Counted, KEPT_DAYS},
    store::StoreError,
};
use jiff::{ToSpan, civil::Date};
use mitblick_protocol::rating::{Grade, Rating, Solved};
use sqlx::{Row, SqliteConnection, SqlitePool, sqlite::SqliteRow};

const SOLVED: &str = "solved";
const GRADE: &str = "grade";

fn columns(rating: Rating) -> (&'static str, i64) {
    match rating {
        Rating::Solved(Solved::Yes) => (SOLVED, 1),
        Rating::Solved(Solved::Partly) => (SOLVED, 2),
        Rating::Solved(Solved::No) => (SOLVED, 3),
        Rating::Grade(grade) => (GRADE, grade.number().into()),
    }
}

fn rating(question: &str, answer: i64) -> Option<Rating> {
    Some(match (question, answer) {
        (SOLVED, 1) => Rating::Solved(Solved::Yes),
        (SOLVED, 2) => Rating::Solved(Solved::Partly),
        (SOLVED, 3) => Rating::Solved(Solved::No),
        (GRADE, number) => Rating::Grade(Grade::new(u8::try_from(number).ok()?)?),
        _ => return None,
    })
}

/// Counts one more, and forgets days that no page shows any more.
pub(super) async fn add(db: &mut SqliteConnection, day: Date, advisor: &str, rating: Rating) -> Result<(), StoreError> {
    let (question, answer) = columns(rating);
    sqlx::query(
        "INSERT INTO rating (day, advisor, question, answer, count) VALUES (?, ?, ?, ?, 1)
         ON CONFLICT DO UPDATE SET count = count + 1",
    )
    .bind(day.to_string())
    .bind(advisor)
    .bind(question)
    .bind(answer)
    .execute(&mut *db)
    .await
    .map_err(out_of_order)?;
    if let Ok(first) = day.checked_sub(i64::from(KEPT_DAYS).days()) {
        let old = sqlx::query("DELETE FROM rating WHERE day < ?").bind(first.to_string());
        old.execute(db).await.map_err(out_of_order)?;
    }
    Ok(())
}

fn counted(row: &SqliteRow) -> Result<Option<Counted>, sqlx::Error> {
    let (day, question): (String, String) = (row.try_get("day")?, row.try_get("question")?);
    let (answer, count): (i64, i64) = (row.try_get("answer")?, row.try_get("count")?);
    let advisor = row.try_get("advisor")?;
    let known = day.parse().ok().zip(rating(&question, answer)).zip(u64::try_from(count).ok());
    Ok(known.map(|((day, rating), count)| Counted { day, advisor, rating, count }))
}

pub(super) async fn since(pool: &SqlitePool, day: Date) -> Result<Vec<Counted>, StoreError> {
    let select = "SELECT day, advisor, question, answer, count FROM rating WHERE day >= ?
                  ORDER BY day, advisor, question, answer";
    let rows = sqlx::query(select).bind(day.to_string()).fetch_all(pool).await.map_err(out_of_order)?;
    let counted: Vec<Option<Counted>> = rows.iter().map(counted).collect::<Result<_, _>>().map_err(out_of_order)?;
    Ok(counted.into_iter().flatten().collect())
}
