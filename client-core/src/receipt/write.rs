//! The part of the page that people read.

use super::telling;
use crate::language::{Language, Texts};
use mitblick_protocol::receipt::SignedReceipt;
use std::fmt::Write;

/// No script, nothing from elsewhere: also if a browser could be talked into
/// taking a name for more than text.
const HEAD: &str = "<meta charset=\"utf-8\">\n\
    <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
    <meta name=\"viewport\" content=\"width=device-width\">\n";

const STYLE: &str = "<style>\n\
    :root { color-scheme: light dark }\n\
    body { font: 16px/1.5 system-ui, sans-serif; max-width: 50em; margin: 2em auto; padding: 0 1em }\n\
    table { border-collapse: collapse; width: 100%; margin: 1em 0 }\n\
    th, td { text-align: left; vertical-align: top; padding: .35em .8em .35em 0; border-bottom: 1px solid #8886; \
    overflow-wrap: anywhere }\n\
    th { font-weight: 600 }\n\
    .time { white-space: nowrap; font-variant-numeric: tabular-nums }\n\
    pre { font-size: 12px; white-space: pre-wrap; overflow-wrap: anywhere }\n\
    </style>\n";

/// All of the page before the data.
pub(super) fn before(receipt: &SignedReceipt, language: Language) -> String {
    let texts = Texts::of(language);
    let tag = match language {
        Language::German => "de",
        Language::English => "en",
    };
    let title = escaped(&texts.t("receipt-title"));
    let mut page = format!("<!doctype html>\n<html lang=\"{tag}\">\n<head>\n{HEAD}<title>{title}</title>\n{STYLE}");
    // Writing to a string can't fail.
    let _ = writeln!(page, "</head>\n<body>\n<h1>{title}</h1>\n<p>{}</p>", escaped(&texts.t("receipt-lead")));
    page.push_str("<table>\n");
    for fact in telling::facts(texts, receipt) {
        let _ =
            writeln!(page, "<tr><th scope=\"row\">{}</th><td>{}</td></tr>", escaped(&fact.name), escaped(&fact.value));
    }
    let _ = writeln!(page, "</table>\n<h2>{}</h2>\n<table>", escaped(&texts.t("receipt-happened")));
    let names = [texts.t("receipt-local"), texts.t("receipt-utc"), texts.t("receipt-what")].map(|name| escaped(&name));
    let [local, utc, what] = names;
    let _ = writeln!(
        page,
        "<tr><th scope=\"col\">{local}</th><th scope=\"col\">{utc}</th><th scope=\"col\">{what}</th></tr>"
    );
    for line in telling::happened(texts, receipt) {
        let (local, utc, what) = (escaped(&line.local), escaped(&line.utc), escaped(&line.what));
        let _ = writeln!(page, "<tr><td class=\"time\">{local}</td><td class=\"time\">{utc}</td><td>{what}</td></tr>");
    }
    let _ = writeln!(page, "</table>\n<h2>{}</h2>", escaped(&texts.t("receipt-proof")));
    let _ = writeln!(page, "<p>{}</p>", escaped(&texts.t("receipt-proof-how")));
    let _ = writeln!(page, "<p><code>mitblick-customer receipt verify …</code></p>");
    page
}

/// As text in HTML, whatever stands in it.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}
