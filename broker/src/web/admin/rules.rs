//! The company's rules: read by those who manage or audit, changed by the main
//! user.

use super::{
    guard::{Fields, Visit},
    images,
    routes::Need,
    view,
};
use crate::{
    audit::{Action, Actor, Record},
    metrics::Count,
    rules::{LOGO, MOST_CHARACTERS, Rule, changes},
    store::StoreError,
    web::{
        Site,
        layout::{notice, with_status},
        texts::Texts,
    },
};
use axum::{
    extract::State,
    http::{StatusCode, Uri},
    response::{Html, IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use mitblick_protocol::policy::Policy;
use std::sync::Arc;

/// What stands in the form: what is in force, or what was typed and is wrong.
struct Form {
    serial: String,
    modern_suite: String,
    control: String,
    control_minutes: String,
    session_minutes: String,
    clipboard: String,
    recording: String,
    advisor_shows: String,
    rating: String,
    appointments: String,
    files: [(Rule, String); 2],
    texts: [(Rule, String); 3],
}

const FILES: [Rule; 2] = [Rule::FilesToCustomer, Rule::FilesToAdvisor];

/// What can be chosen for files on the page; finer at the command line.
const FILE_CHOICES: [(&str, &str); 4] = [
    ("allowed", "rules-files-allowed"),
    ("documents,media,archives,other", "rules-files-no-programs"),
    ("documents,media", "rules-files-documents"),
    ("forbidden", "rules-files-forbidden"),
];

const TEXTS: [Rule; 3] = [Rule::GreetingDe, Rule::GreetingEn, Rule::Telephone];

impl Form {
    fn of(policy: &Policy) -> Self {
        let control = Rule::Control.value(policy);
        let is_word = control.parse::<u16>().is_err();
        let minutes = Rule::SessionMinutes.value(policy);
        Self {
            serial: policy.serial.to_string(),
            modern_suite: Rule::ModernSuite.value(policy),
            control_minutes: if is_word { String::new() } else { control.clone() },
            control: if is_word { control } else { "allowed".to_owned() },
            session_minutes: if minutes == "none" { String::new() } else { minutes },
            clipboard: Rule::Clipboard.value(policy),
            recording: Rule::Recording.value(policy),
            advisor_shows: Rule::AdvisorShows.value(policy),
            rating: Rule::Rating.value(policy),
            appointments: Rule::Appointments.value(policy),
            files: FILES.map(|rule| (rule, rule.value(policy))),
            texts: TEXTS.map(|rule| (rule, rule.value(policy))),
        }
    }

    fn typed(fields: &Fields) -> Self {
        let get = |name: &str| fields.get(name).trim().to_owned();
        Self {
            serial: get("serial"),
            modern_suite: get("modern_suite"),
            control: get("control"),
            control_minutes: get("control_minutes"),
            session_minutes: get("session_minutes"),
            clipboard: get("clipboard"),
            recording: get("recording"),
            advisor_shows: get("advisor_shows"),
            rating: get("rating"),
            appointments: get("appointments"),
            files: FILES.map(|rule| (rule, get(rule.key()))),
            texts: TEXTS.map(|rule| (rule, get(rule.key()))),
        }
    }

    /// The rules that it says, or the text of the one that can't be.
    fn policy(&self) -> Result<Policy, &'static str> {
        let mut policy =
            Policy { serial: self.serial.parse().map_err(|_| "rules-changed-elsewhere")?, ..Policy::default() };
        let mut set = |rule: Rule, value: &str, wrong| rule.set(&mut policy, value).map_err(|_| wrong);
        set(Rule::ModernSuite, &self.modern_suite, "rules-incomplete")?;
        match (self.control.as_str(), self.control_minutes.as_str()) {
            ("allowed", "") => set(Rule::Control, "allowed", "rules-incomplete")?,
            ("allowed", minutes) if minutes.bytes().all(|byte| byte.is_ascii_digit()) => {
                set(Rule::Control, minutes, "rules-minutes")?;
            }
            ("allowed", _) => return Err("rules-minutes"),
            (control, _) => set(Rule::Control, control, "rules-incomplete")?,
        }
        let session = if self.session_minutes.is_empty() { "none" } else { &self.session_minutes };
        set(Rule::SessionMinutes, session, "rules-minutes")?;
        set(Rule::Clipboard, &self.clipboard, "rules-incomplete")?;
        set(Rule::Recording, &self.recording, "rules-incomplete")?;
        set(Rule::AdvisorShows, &self.advisor_shows, "rules-incomplete")?;
        set(Rule::Rating, &self.rating, "rules-incomplete")?;
        set(Rule::Appointments, &self.appointments, "rules-incomplete")?;
        for (rule, files) in &self.files {
            set(*rule, files, "rules-incomplete")?;
        }
        for (rule, text) in &self.texts {
            set(*rule, text, "rules-text")?;
        }
        Ok(policy)
    }
}

pub(super) async fn show(State(site): State<Arc<Site>>, visit: Visit, uri: Uri) -> Response {
    let policy = match site.store.rules().await {
        Ok(policy) => policy,
        Err(error) => return failed(&site, &visit, &error),
    };
    let done = match super::done(&uri) {
        Some("rules") => Some("rules-done"),
        Some("logo") => Some("logo-done"),
        Some("no-logo") => Some("logo-removed"),
        _ => None,
    };
    let done = done.map(|key| notice("good", &visit.texts().t(key)));
    page(&site, &visit, done, &whole(&visit, &policy)).into_response()
}

/// What the page holds, by who reads it.
fn whole(visit: &Visit, policy: &Policy) -> Markup {
    if visit.account.role.meets(Need::MainUser) {
        html! { (form(visit, &Form::of(policy))) (logo_card(visit, policy)) }
    } else {
        html! { (facts(visit.texts(), policy)) (logo_card(visit, policy)) }
    }
}

/// The page with why something was not done.
pub(super) async fn page_with(site: &Site, visit: &Visit, (kind, why): (&str, &str), status: StatusCode) -> Response {
    let policy = match site.store.rules().await {
        Ok(policy) => policy,
        Err(error) => return failed(site, visit, &error),
    };
    let why = notice(kind, &visit.texts().t(why));
    with_status(status, page(site, visit, Some(why), &whole(visit, &policy)))
}

/// The logo on both grounds that customers may see it on.
fn logo_card(visit: &Visit, policy: &Policy) -> Markup {
    let texts = visit.texts();
    html! {
        section class="card logos" {
            h2 { (texts.t("logo-heading")) }
            @match policy.texts.logo {
                Some(hash) => {
                    p {
                        span class="ground light" { img src=(images::of_company(hash)) alt=(texts.t("logo-on-light")); }
                        span class="ground dark" { img class="logo" src=(images::of_company(hash)) alt=(texts.t("logo-on-dark")); }
                    }
                }
                None => { p class="muted" { (texts.t("logo-none")) } }
            }
            @if visit.account.role.meets(Need::MainUser) {
                (images::form(visit, "/rules/logo", &texts.t("logo-hint"), policy.texts.logo.is_some()))
            }
        }
    }
}

pub(super) async fn change(State(site): State<Arc<Site>>, visit: Visit, fields: Fields) -> Response {
    let typed = Form::typed(&fields);
    let again = |status: StatusCode, why: &str, form_now: &Form| {
        let why = notice("bad", &visit.texts().t(why));
        with_status(status, page(&site, &visit, Some(why), &form(&visit, form_now)))
    };
    let policy = match typed.policy() {
        Ok(policy) => policy,
        Err(why) => return again(StatusCode::UNPROCESSABLE_ENTITY, why, &typed),
    };
    let before = match site.store.rules().await {
        Ok(before) => before,
        Err(error) => return failed(&site, &visit, &error),
    };
    let Some(changed) = changes(&before, &policy) else {
        return Redirect::to(&visit.reader.link("/rules")).into_response();
    };
    let actor = Actor::Account(visit.account.name.clone());
    let record = Record::new(&actor, Action::RulesChanged).on_rules(changed);
    match site.store.set_rules(policy, record).await {
        Ok(Some(kept)) => {
            if let Err(error) = site.hall.take_over_rules(&*site.store, &kept).await {
                return failed(&site, &visit, &error);
            }
            Redirect::to("/rules?done=rules").into_response()
        }
        Ok(None) => again(StatusCode::CONFLICT, "rules-changed-elsewhere", &Form::of(&before)),
        Err(error) => failed(&site, &visit, &error),
    }
}

fn failed(site: &Site, visit: &Visit, error: &StoreError) -> Response {
    site.hall.metrics.count(Count::StoreFailed);
    tracing::error!(%error, "the store failed");
    view::refusal(site, &visit.reader, StatusCode::SERVICE_UNAVAILABLE, "refused-store")
}

fn page(site: &Site, visit: &Visit, word: Option<Markup>, main: &Markup) -> Html<String> {
    let texts = visit.texts();
    let main = html! {
        h1 { (texts.t("nav-rules")) }
        @if let Some(word) = word { (word) }
        p class="lead" { (texts.t("rules-lead")) }
        (main)
    };
    view::whole(site, visit, &texts.t("nav-rules"), true, &main)
}

fn name(texts: Texts, rule: Rule) -> String {
    texts.t(match rule {
        Rule::ModernSuite => "rules-suite",
        Rule::Control => "rules-control",
        Rule::SessionMinutes => "rules-session",
        Rule::Clipboard => "rules-clipboard",
        Rule::Recording => "rules-recording",
        Rule::AdvisorShows => "rules-advisor-shows",
        Rule::Rating => "rules-rating",
        Rule::Appointments => "rules-appointments",
        Rule::FilesToCustomer => "rules-files-to-customer",
        Rule::FilesToAdvisor => "rules-files-to-advisor",
        Rule::GreetingDe => "rules-greeting-de",
        Rule::GreetingEn => "rules-greeting-en",
        Rule::Telephone => "rules-telephone",
    })
}

/// A value of the trail or of the rules for people.
fn value(texts: Texts, rule: Rule, word: &str) -> String {
    match (rule, word) {
        (Rule::ModernSuite, "free") => texts.t("rules-suite-free"),
        (Rule::ModernSuite, "required") => texts.t("rules-suite-required"),
        (Rule::Control, "allowed") => texts.t("rules-control-allowed"),
        (Rule::Control, "forbidden") => texts.t("rules-control-forbidden"),
        (Rule::Clipboard, "allowed") => texts.t("rules-clipboard-allowed"),
        (Rule::Clipboard, "one_by_one") => texts.t("rules-clipboard-one-by-one"),
        (Rule::Clipboard, "forbidden") => texts.t("rules-clipboard-forbidden"),
        (Rule::Recording, "allowed") => texts.t("rules-recording-allowed"),
        (Rule::Recording, "forbidden") => texts.t("rules-recording-forbidden"),
        (Rule::AdvisorShows, "allowed") => texts.t("rules-advisor-shows-allowed"),
        (Rule::AdvisorShows, "forbidden") => texts.t("rules-advisor-shows-forbidden"),
        (Rule::Rating, "asked") => texts.t("rules-rating-asked"),
        (Rule::Rating, "not_asked") => texts.t("rules-rating-not-asked"),
        (Rule::Appointments, "allowed") => texts.t("rules-appointments-allowed"),
        (Rule::Appointments, "forbidden") => texts.t("rules-appointments-forbidden"),
        (Rule::FilesToCustomer | Rule::FilesToAdvisor, word) => files(texts, word),
        (Rule::SessionMinutes, "none") => texts.t("rules-session-any"),
        (Rule::Control | Rule::SessionMinutes, minutes) => match minutes.parse::<u32>() {
            Ok(minutes) => texts.t_with("rules-at-most", &[("minutes", minutes.into())]),
            Err(_) => minutes.to_owned(),
        },
        (
            Rule::ModernSuite
            | Rule::Clipboard
            | Rule::Recording
            | Rule::AdvisorShows
            | Rule::Rating
            | Rule::Appointments
            | Rule::GreetingDe
            | Rule::GreetingEn
            | Rule::Telephone,
            word,
        ) => word.to_owned(),
    }
}

/// Which files may go, for people: one of the choices, or the kinds.
fn files(texts: Texts, word: &str) -> String {
    if let Some((_, key)) = FILE_CHOICES.into_iter().find(|(choice, _)| *choice == word) {
        return texts.t(key);
    }
    let kind = |word: &str| match word {
        "documents" => texts.t("rules-kind-documents"),
        "media" => texts.t("rules-kind-media"),
        "archives" => texts.t("rules-kind-archives"),
        "programs" => texts.t("rules-kind-programs"),
        "other" => texts.t("rules-kind-other"),
        other => other.to_owned(),
    };
    word.split(',').map(kind).collect::<Vec<_>>().join(", ")
}

/// What the trail says of a change of rules, for people; `None` if it is no
/// such change.
pub(super) fn told(texts: Texts, object: &str) -> Option<String> {
    let change = |word: &str| {
        let (key, values) = word.split_once(':')?;
        let (before, after) = values.split_once('>')?;
        if key == LOGO {
            let [before, after] =
                [before, after].map(|word| texts.t(if word == "none" { "rules-text-none" } else { "logo-some" }));
            return Some(format!("{}: {before} → {after}", texts.t("logo-heading")));
        }
        let rule = Rule::of_key(key)?;
        let for_people = |word: &str| match (TEXTS.contains(&rule), word) {
            (true, "none") => texts.t("rules-text-none"),
            (true, "text") => texts.t("rules-text-some"),
            _ => value(texts, rule, word),
        };
        Some(format!("{}: {} → {}", name(texts, rule), for_people(before), for_people(after)))
    };
    object.split(' ').map(change).collect::<Option<Vec<_>>>().map(|changes| changes.join("; "))
}

fn facts(texts: Texts, policy: &Policy) -> Markup {
    html! {
        section class="card" {
            dl class="facts" {
                @for rule in Rule::ALL {
                    dt { (name(texts, rule)) }
                    dd {
                        @let word = rule.value(policy);
                        @if word.is_empty() { "–" } @else { (value(texts, rule, &word)) }
                    }
                }
            }
            p class="hint" { (texts.t("rules-only-main-user")) }
        }
    }
}

fn form(visit: &Visit, form: &Form) -> Markup {
    let texts = visit.texts();
    let option = |value: &str, chosen: &str, key: &str| {
        html! { option value=(value) selected[value == chosen] { (texts.t(key)) } }
    };
    let minutes = |name: &str, value: &str| {
        html! { input name=(name) value=(value) inputmode="numeric" maxlength="4" autocomplete="off"; }
    };
    html! {
        form class="stack wide" method="post" action=(visit.reader.link("/rules")) {
            (view::csrf(visit))
            input type="hidden" name="serial" value=(form.serial);
            section class="card stack" {
                h2 { (texts.t("rules-sessions")) }
                label { (name(texts, Rule::ModernSuite))
                    select name="modern_suite" {
                        (option("free", &form.modern_suite, "rules-suite-free"))
                        (option("required", &form.modern_suite, "rules-suite-required"))
                    }
                    span class="hint" { (texts.t("rules-suite-hint")) }
                }
                label { (name(texts, Rule::Control))
                    select name="control" {
                        (option("allowed", &form.control, "rules-control-allowed"))
                        (option("forbidden", &form.control, "rules-control-forbidden"))
                    }
                    span class="hint" { (texts.t("rules-control-hint")) }
                }
                label { (texts.t("rules-control-minutes"))
                    (minutes("control_minutes", &form.control_minutes))
                    span class="hint" { (texts.t("rules-control-minutes-hint")) }
                }
                label { (name(texts, Rule::Clipboard))
                    select name="clipboard" {
                        (option("allowed", &form.clipboard, "rules-clipboard-allowed"))
                        (option("one_by_one", &form.clipboard, "rules-clipboard-one-by-one"))
                        (option("forbidden", &form.clipboard, "rules-clipboard-forbidden"))
                    }
                    span class="hint" { (texts.t("rules-clipboard-hint")) }
                }
                @for (rule, value) in &form.files {
                    label { (name(texts, *rule))
                        select name=(rule.key()) {
                            @for (choice, key) in FILE_CHOICES { (option(choice, value, key)) }
                            @if !FILE_CHOICES.iter().any(|(choice, _)| choice == value) {
                                option value=(value) selected { (files(texts, value)) }
                            }
                        }
                        span class="hint" { (texts.t("rules-files-hint")) }
                    }
                }
                label { (name(texts, Rule::Recording))
                    select name="recording" {
                        (option("forbidden", &form.recording, "rules-recording-forbidden"))
                        (option("allowed", &form.recording, "rules-recording-allowed"))
                    }
                    span class="hint" { (texts.t("rules-recording-hint")) }
                }
                label { (name(texts, Rule::AdvisorShows))
                    select name="advisor_shows" {
                        (option("allowed", &form.advisor_shows, "rules-advisor-shows-allowed"))
                        (option("forbidden", &form.advisor_shows, "rules-advisor-shows-forbidden"))
                    }
                    span class="hint" { (texts.t("rules-advisor-shows-hint")) }
                }
                label { (name(texts, Rule::Rating))
                    select name="rating" {
                        (option("asked", &form.rating, "rules-rating-asked"))
                        (option("not_asked", &form.rating, "rules-rating-not-asked"))
                    }
                    span class="hint" { (texts.t("rules-rating-hint")) }
                }
                label { (name(texts, Rule::Appointments))
                    select name="appointments" {
                        (option("allowed", &form.appointments, "rules-appointments-allowed"))
                        (option("forbidden", &form.appointments, "rules-appointments-forbidden"))
                    }
                    span class="hint" { (texts.t("rules-appointments-hint")) }
                }
                label { (name(texts, Rule::SessionMinutes))
                    (minutes("session_minutes", &form.session_minutes))
                    span class="hint" { (texts.t("rules-session-hint")) }
                }
            }
            section class="card stack" {
                h2 { (texts.t("rules-texts")) }
                @for (rule, text) in &form.texts {
                    label { (name(texts, *rule))
                        input name=(rule.key()) value=(text) maxlength=(MOST_CHARACTERS) autocomplete="off";
                        @if *rule == Rule::Telephone { span class="hint" { (texts.t("rules-telephone-hint")) } }
                        @else { span class="hint" { (texts.t("rules-greeting-hint")) } }
                    }
                }
            }
            div { button { (texts.t("rules-button")) } }
        }
    }
}
