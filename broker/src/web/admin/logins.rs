//! Who is signed in on the admin pages: pure, bounded, and gone with the
//! broker. Of a token only its hash is kept.

use crate::{second_factor::Secret, store::Account};
use mitblick_protocol::time::Moment;
use sha2::{Digest, Sha256};
use std::{collections::HashMap, fmt, time::Duration};

/// So long without a request, and the login is over.
pub(super) const IDLE: Duration = Duration::from_secs(30 * 60);
/// So long after the sign-in it is over whatever happens.
pub(super) const LIFE: Duration = Duration::from_secs(12 * 60 * 60);
/// So long a code is waited for after the right password.
const HALFWAY_LIFE: Duration = Duration::from_secs(5 * 60);
/// Logins of one account; a further one ends the oldest.
const MOST_OF_ACCOUNT: usize = 5;
/// Logins of all; a further one ends the one that was unused for longest.
const MOST: usize = 1_000;
/// 256 random bits in unpadded base64url.
const TOKEN_CHARS: usize = 43;

/// How far a login is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The password was right; the code is awaited.
    Halfway,
    /// Signed in.
    Whole,
}

/// A login.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Login {
    pub(super) stage: Stage,
    /// Id of the account.
    pub(super) account: i64,
    pub(super) name: String,
    /// The login is over when the password or the role is another one.
    pub(super) password_changed_unix_s: i64,
    pub(super) role: crate::accounts::Role,
    /// What every form must carry.
    pub(super) csrf: String,
    pub(super) began: Moment,
    pub(super) used: Moment,
    /// When a code of the second factor was last given.
    pub(super) code_at: Option<Moment>,
    /// A second factor that is being set up.
    pending: Option<Secret>,
}

impl Login {
    /// One that begins now.
    pub(super) fn new(account: &Account, stage: Stage, csrf: String, now: Moment) -> Self {
        Self {
            stage,
            account: account.id,
            name: account.name.clone(),
            password_changed_unix_s: account.password_changed_unix_s,
            role: account.role,
            csrf,
            began: now,
            used: now,
            code_at: None,
            pending: None,
        }
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Login({})", self.account)
    }
}

type Key = [u8; 32];

fn key(token: &str) -> Option<Key> {
    (token.len() == TOKEN_CHARS).then(|| Sha256::digest(token.as_bytes()).into())
}

/// All logins.
#[derive(Debug, Default)]
pub(crate) struct Logins {
    by_token: HashMap<Key, Login>,
}

impl Logins {
    /// Begins one under a token that was just made.
    pub(super) fn begin(&mut self, token: &str, login: Login) {
        let now = login.began;
        self.by_token.retain(|_, login| is_alive(login, now));
        let mut of_account: Vec<(Moment, Key)> = self
            .by_token
            .iter()
            .filter(|(_, known)| known.account == login.account)
            .map(|(key, known)| (known.began, *key))
            .collect();
        of_account.sort_unstable();
        let over = (of_account.len() + 1).saturating_sub(MOST_OF_ACCOUNT);
        for (_, key) in of_account.into_iter().take(over) {
            self.by_token.remove(&key);
        }
        if self.by_token.len() >= MOST
            && let Some(key) = self.by_token.iter().min_by_key(|(_, login)| login.used).map(|(key, _)| *key)
        {
            self.by_token.remove(&key);
        }
        if let Some(key) = key(token) {
            self.by_token.insert(key, login);
        }
    }

    /// The login of a token, if it is alive; `touch` keeps it so.
    pub(super) fn find(&mut self, token: &str, now: Moment, touch: bool) -> Option<Login> {
        let key = key(token)?;
        let login = self.by_token.get_mut(&key)?;
        if !is_alive(login, now) {
            self.by_token.remove(&key);
            return None;
        }
        if touch {
            login.used = now;
        }
        Some(login.clone())
    }

    /// A code of the second factor was given in this login.
    pub(super) fn code_given(&mut self, token: &str, now: Moment) {
        if let Some(login) = key(token).and_then(|key| self.by_token.get_mut(&key)) {
            login.code_at = Some(now);
        }
    }

    /// The second factor that is being set up in this login; `make` makes one
    /// if there is none.
    pub(super) fn pending_secret(&mut self, token: &str, make: impl FnOnce() -> Option<Secret>) -> Option<Secret> {
        let login = self.by_token.get_mut(&key(token)?)?;
        if login.pending.is_none() {
            login.pending = make();
        }
        login.pending.clone()
    }

    /// Ends a login.
    pub(super) fn end(&mut self, token: &str) {
        if let Some(key) = key(token) {
            self.by_token.remove(&key);
        }
    }

    /// Ends all logins of an account.
    pub(super) fn end_account(&mut self, account: i64) {
        self.by_token.retain(|_, login| login.account != account);
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.by_token.len()
    }
}

fn is_alive(login: &Login, now: Moment) -> bool {
    match login.stage {
        Stage::Halfway => now.since(login.began) < HALFWAY_LIFE,
        Stage::Whole => now.since(login.used) < IDLE && now.since(login.began) < LIFE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Role;

    fn login(account: i64, began: Moment) -> Login {
        Login {
            stage: Stage::Whole,
            account,
            name: "anna".into(),
            password_changed_unix_s: 1,
            role: Role::Advisor,
            csrf: "c".into(),
            began,
            used: began,
            code_at: None,
            pending: None,
        }
    }

    fn token(number: usize) -> String {
        format!("{number:043}")
    }

    const START: Moment = Moment::from_ms(1_000_000);

    #[test]
    fn a_login_ends_when_it_is_unused_and_when_it_is_old() {
        let mut logins = Logins::default();
        logins.begin(&token(1), login(1, START));
        let mut now = START.after(IDLE - Duration::from_secs(1));
        assert!(logins.find(&token(1), now, false).is_some(), "an automatic look does not keep it alive");
        assert!(logins.find(&token(1), START.after(IDLE), true).is_none());
        logins.begin(&token(1), login(1, START));
        while now < START.after(LIFE - Duration::from_secs(2)) {
            assert!(logins.find(&token(1), now, true).is_some());
            now = now.after(Duration::from_secs(29 * 60)).min(START.after(LIFE - Duration::from_secs(1)));
        }
        assert!(logins.find(&token(1), START.after(LIFE), true).is_none());
        assert_eq!(logins.count(), 0);
    }

    #[test]
    fn a_code_is_not_waited_for_for_ever() {
        let mut logins = Logins::default();
        logins.begin(&token(1), Login { stage: Stage::Halfway, ..login(1, START) });
        assert!(logins.find(&token(1), START.after(HALFWAY_LIFE - Duration::from_secs(1)), true).is_some());
        assert!(logins.find(&token(1), START.after(HALFWAY_LIFE), true).is_none());
    }

    #[test]
    fn only_the_token_itself_finds_the_login() {
        let mut logins = Logins::default();
        logins.begin(&token(1), login(1, START));
        for other in ["", "x", &token(2), &format!("{}0", token(1)), &token(1)[1..]] {
            assert!(logins.find(other, START, true).is_none());
        }
        logins.end(&token(2));
        assert!(logins.find(&token(1), START, true).is_some());
        logins.end(&token(1));
        assert!(logins.find(&token(1), START, true).is_none());
    }

    #[test]
    fn logins_are_bounded_for_each_account_and_for_all() {
        let mut logins = Logins::default();
        for number in 0..=MOST_OF_ACCOUNT {
            logins.begin(&token(number), login(1, START.after(Duration::from_secs(number as u64))));
        }
        assert_eq!(logins.count(), MOST_OF_ACCOUNT);
        let now = START.after(Duration::from_secs(60));
        assert!(logins.find(&token(0), now, true).is_none(), "the oldest is gone");
        assert!(logins.find(&token(1), now, true).is_some());
        for number in 100..1_300 {
            logins.begin(&token(number), login(number as i64, now));
        }
        assert_eq!(logins.count(), MOST);
        logins.end_account(1_299);
        assert!(logins.find(&token(1_299), now, true).is_none());
    }
}
