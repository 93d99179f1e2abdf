//! A receipt as plain text, for a terminal.

use super::telling;
use crate::language::Texts;
use mitblick_protocol::receipt::{Reach, SignedReceipt};

/// All that people read.
pub(super) fn whole(texts: Texts, receipt: &SignedReceipt, reach: Reach) -> String {
    let facts = telling::facts(texts, receipt);
    let width = facts.iter().map(|fact| fact.name.chars().count()).max().unwrap_or_default();
    let mut lines = vec![texts.t("receipt-title"), String::new()];
    lines.extend(facts.iter().map(|fact| format!("{:width$}  {}", fact.name, fact.value)));
    lines.push(String::new());
    lines.push(format!("{}  {}", texts.t("receipt-happened"), texts.t("receipt-columns")));
    let happened = telling::happened(texts, receipt);
    lines.extend(happened.iter().map(|line| format!("{}  {} UTC  {}", line.local, line.utc, line.what)));
    lines.push(String::new());
    lines.push(telling::reach(texts, receipt, reach));
    lines.join("\n")
}

/// What was found when it was checked: who and when in short, and the proof.
pub(super) fn verdict(texts: Texts, receipt: &SignedReceipt, reach: Reach) -> String {
    let mut lines = vec![texts.t("receipt-good")];
    let facts = telling::facts(texts, receipt);
    let width = facts.iter().map(|fact| fact.name.chars().count()).max().unwrap_or_default();
    lines.extend(facts.iter().map(|fact| format!("  {:width$}  {}", fact.name, fact.value)));
    lines.push(telling::reach(texts, receipt, reach));
    lines.push(texts.t("receipt-good-means"));
    lines.join("\n")
}
