//! Every route of the admin listener and who may use it. What is not in this
//! table is not there: the guard looks each request up in it, and the tests go
//! through all of it.

use crate::accounts::Role;

/// What a route asks of the one who comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: signing in, files, and what watches the broker.
    Nothing,
    /// To have given the right password, and the code not yet.
    Code,
    /// To be signed in, be it with an initial password.
    SignedIn,
    /// To be signed in with a password of one's own.
    OwnPassword,
    /// To be allowed to read the trail and the statistics.
    Read,
    /// To be allowed to manage the broker.
    Manage,
    /// To be the main user.
    MainUser,
}

/// How a route is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Changes nothing.
    Get,
    /// Changes something, and comes from a form of ours.
    Post,
}

/// All routes.
pub const ROUTES: [(Verb, &str, Need); 49] = [
    (Verb::Get, "/healthz", Need::Nothing),
    (Verb::Get, "/readyz", Need::Nothing),
    (Verb::Get, "/metrics", Need::Nothing),
    (Verb::Get, "/style.css", Need::Nothing),
    (Verb::Get, "/icon.svg", Need::Nothing),
    (Verb::Get, "/sign-in", Need::Nothing),
    (Verb::Post, "/sign-in", Need::Nothing),
    (Verb::Get, "/sign-in/code", Need::Code),
    (Verb::Post, "/sign-in/code", Need::Code),
    (Verb::Post, "/sign-out", Need::SignedIn),
    (Verb::Get, "/password", Need::SignedIn),
    (Verb::Post, "/password", Need::SignedIn),
    (Verb::Get, "/", Need::OwnPassword),
    (Verb::Get, "/profile", Need::OwnPassword),
    (Verb::Post, "/profile", Need::OwnPassword),
    (Verb::Get, "/profile/portrait", Need::OwnPassword),
    (Verb::Post, "/profile/portrait", Need::OwnPassword),
    (Verb::Post, "/profile/portrait/remove", Need::OwnPassword),
    (Verb::Get, "/profile/second-factor", Need::OwnPassword),
    (Verb::Post, "/profile/second-factor", Need::OwnPassword),
    (Verb::Post, "/profile/second-factor/remove", Need::OwnPassword),
    (Verb::Post, "/profile/recovery-codes", Need::OwnPassword),
    (Verb::Get, "/sessions", Need::Manage),
    (Verb::Post, "/sessions/end", Need::Manage),
    (Verb::Get, "/users", Need::Manage),
    (Verb::Get, "/users/new", Need::Manage),
    (Verb::Post, "/users/new", Need::Manage),
    (Verb::Get, "/users/portrait", Need::Manage),
    (Verb::Get, "/users/change", Need::Manage),
    (Verb::Post, "/users/role", Need::Manage),
    (Verb::Post, "/users/password", Need::Manage),
    (Verb::Post, "/users/second-factor", Need::Manage),
    (Verb::Post, "/users/block", Need::Manage),
    (Verb::Post, "/users/unblock", Need::Manage),
    (Verb::Post, "/users/remove", Need::Manage),
    (Verb::Get, "/workplaces", Need::Manage),
    (Verb::Post, "/workplaces/approve", Need::MainUser),
    (Verb::Post, "/workplaces/refuse", Need::Manage),
    (Verb::Post, "/workplaces/forget", Need::Manage),
    (Verb::Get, "/audit", Need::Read),
    (Verb::Get, "/audit/export", Need::Read),
    (Verb::Get, "/statistics", Need::Read),
    (Verb::Get, "/rules", Need::Read),
    (Verb::Post, "/rules", Need::MainUser),
    (Verb::Get, "/rules/logo", Need::Read),
    (Verb::Post, "/rules/logo", Need::MainUser),
    (Verb::Post, "/rules/logo/remove", Need::MainUser),
    (Verb::Get, "/system", Need::Manage),
    (Verb::Post, "/system/test", Need::Manage),
];

/// Whether a file may come with what is sent there.
pub(super) fn takes_file(path: &str) -> bool {
    matches!(path, "/profile/portrait" | "/rules/logo")
}

/// What the table says of a route.
pub(super) fn need(verb: Verb, path: &str) -> Option<Need> {
    ROUTES.into_iter().find(|(of, at, _)| *of == verb && *at == path).map(|(_, _, need)| need)
}

impl Role {
    /// Whether the role is enough, once the password is one's own.
    pub(super) fn meets(self, need: Need) -> bool {
        match need {
            Need::Nothing | Need::Code | Need::SignedIn | Need::OwnPassword => true,
            Need::MainUser => self.is_main_user(),
            Need::Read => matches!(self, Self::MainUser | Self::LocalAdmin | Self::Auditor),
            Need::Manage => self.may_manage(),
        }
    }

    /// Whether it is the main user's.
    pub(super) fn is_main_user(self) -> bool {
        self == Self::MainUser
    }

    /// Whether it may manage accounts and sessions.
    pub(super) fn may_manage(self) -> bool {
        matches!(self, Self::MainUser | Self::LocalAdmin)
    }
}
