use super::*;
use ed25519_dalek::SigningKey;
use mitblick_protocol::{
    card::Card,
    handshake::Suite,
    number::Routing,
    peer_msg::{ControlEnd, EndReason, SharingState, ToWatcher},
    receipt::{Begun, Fact, FileFact, Names, ReceiptSecret, SessionBinding, Setting, Side, ToWitness, Told, Witness},
    text::DisplayText,
};

const BEGUN: u64 = 1_800_000_000_000;

fn text(text: &str) -> DisplayText {
    DisplayText::cleaned(text)
}

/// What a session leaves, signed by both up to the end unless it `breaks`.
fn session(applications: &[&str], breaks: bool) -> Keeper {
    let key = SigningKey::from_bytes(&[7; 32]);
    let card = Card::sign(
        &key,
        text("Muster & Söhne <GmbH>"),
        text("Anna Beispiel"),
        None,
        Routing::new(4829).unwrap(),
        BEGUN / 1_000 + 900,
    );
    let setting = Setting {
        binding: SessionBinding([1; 32]),
        broker: [2; 32],
        card_key: key.verifying_key().to_bytes(),
        card,
        suite: Suite::Blowfish128CtrHmacSha256,
        check_words: [1, 2, 3, 4],
    };
    let begun = Begun { unix_ms: BEGUN, utc_offset_s: 3_600 };
    let mut keeper = Keeper::new(ReceiptSecret::from_bytes(&[3; 32]), setting.clone(), begun);
    let mut witness = Witness::new(ReceiptSecret::from_bytes(&[4; 32]), setting);
    let names = Names { names: applications.iter().map(|name| text(name)).collect(), salt: [9; 32] };
    witness.told(&ToWatcher::Sharing(SharingState::Showing)).unwrap();
    keeper.note_showing(names, BEGUN + 1_000);
    let file = FileFact { from: Side::Witness, name: text("Plan <1>.pdf"), bytes: 70_000, sha256: [0xab; 32] };
    witness.told_file(file.clone(), BEGUN).unwrap();
    keeper.note(Fact::File(file), BEGUN + 2_000);
    let told = [
        Fact::ControlAsked,
        Fact::ControlGranted { limit_s: Some(300) },
        Fact::ControlEnded(ControlEnd::StopKey),
        Fact::Paused,
    ];
    let messages = messages_of_them();
    for (fact, message) in told.into_iter().zip(messages) {
        assert_eq!(Told::of(&message).unwrap().fact(), Some(fact.clone()));
        witness.told(&message).unwrap();
        keeper.note(fact, BEGUN + 3_000);
    }
    if !breaks {
        keeper.note(Fact::Ended { by: Side::Keeper, reason: EndReason::ByPerson }, BEGUN + 9_000);
    }
    loop {
        let to_keeper = witness.poll_message();
        let done = to_keeper.is_none();
        if let Some(message) = to_keeper {
            keeper.handle(message).unwrap();
        }
        let messages: Vec<ToWitness> = std::iter::from_fn(|| keeper.poll_message()).collect();
        if done && messages.is_empty() {
            break;
        }
        for message in messages {
            witness.handle(message, BEGUN + 5_000).unwrap();
        }
    }
    if breaks {
        keeper.note(Fact::Ended { by: Side::Keeper, reason: EndReason::Broken }, BEGUN + 9_000);
    }
    keeper
}

fn messages_of_them() -> [ToWatcher; 4] {
    use mitblick_protocol::peer_msg::{ControlState, GrantId};
    [
        ToWatcher::Control(ControlState::Asked),
        ToWatcher::Control(ControlState::Granted { grant: GrantId(1), remaining_s: Some(300) }),
        ToWatcher::Control(ControlState::Ended(ControlEnd::StopKey)),
        ToWatcher::Sharing(SharingState::Paused),
    ]
}

#[test]
fn a_page_is_read_again_as_it_was_kept_in_both_languages() {
    for language in Language::ALL {
        let keeper = session(&["Firefox", "Buchhaltung"], false);
        let page = page(&keeper, language);
        let (receipt, reach) = read(page.as_bytes()).unwrap();
        assert_eq!(reach, Reach::Whole);
        assert_eq!(receipt, keeper.sign(receipt.page));
        for shown in ["Muster &amp; Söhne &lt;GmbH&gt;", "Anna Beispiel", "Firefox, Buchhaltung", "Plan &lt;1&gt;.pdf"]
        {
            assert!(page.contains(shown), "{shown} in {page}");
        }
        // 2027-01-15, 08:00 UTC, an hour later there.
        assert!(page.contains("09:00:01") && page.contains("08:00:01"), "{page}");
    }
}

#[test]
fn a_session_that_broke_says_up_to_where_the_other_side_has_signed() {
    let page = page(&session(&["Firefox"], true), Language::English);
    let (receipt, reach) = read(page.as_bytes()).unwrap();
    assert_eq!((receipt.entries.len(), reach), (7, Reach::Entries { entries: 6, unix_ms: BEGUN + 5_000 }));
}

/// Every byte of the file: the page that people read, the names of fields,
/// blanks, hashes, signatures.
#[test]
fn whichever_byte_is_changed_the_receipt_is_refused_and_a_place_named() {
    let page = page(&session(&["Firefox", "Buchhaltung"], false), Language::German);
    let good = page.as_bytes();
    for place in 0..good.len() {
        for change in [1, 0x20, 0x80] {
            let mut changed = good.to_vec();
            changed[place] ^= change;
            let found = read(&changed);
            assert!(found.is_err(), "byte {place} of {}: {:?}", good.len(), found.map(|(_, reach)| reach));
        }
    }
    for (cut, added) in [(good.len() - 1, &b""[..]), (good.len(), b"\n"), (0, b""), (good.len() / 2, b"")] {
        assert!(read(&[&good[..cut], added].concat()).is_err());
    }
}

#[test]
fn the_first_wrong_place_has_its_name() {
    let page = page(&session(&["Firefox"], false), Language::English);
    let with = |from: &str, to: &str| {
        assert!(page.contains(from), "{from} in {page}");
        read(page.replacen(from, to, 1).as_bytes()).map(|(_, reach)| reach)
    };
    assert_eq!(with("Shown: Firefox", "Shown: Thunder"), Err(Fault::Page.into()));
    assert_eq!(with("\"Firefox\"", "\"Thunder\""), Err(Fault::Names(1).into()));
    assert_eq!(with("\"limit_s\": 300", "\"limit_s\": 900"), Err(Fault::Entry(4).into()));
    assert_eq!(with("\"utc_offset_s\": 3600", "\"utc_offset_s\": 7200"), Err(Fault::Opening.into()));
    assert_eq!(with("\"ended\": false", "\"ended\": true"), Err(Fault::Countersignature.into()));
    assert!(matches!(with("\"limit_s\": 300", "\"limit_s\":  300"), Err(ReceiptError::Line(_))));
    assert!(matches!(with("\"limit_s\": 300", "\"limit_s\": 300, \"more\": 1"), Err(ReceiptError::Line(_))));
    assert!(matches!(with("\"organisation\": \"Muster", "\"organisation\": \"Mustes"), Err(ReceiptError::Line(_))));
    assert_eq!(read(b"<html></html>").unwrap_err(), ReceiptError::Frame);
}

#[test]
fn no_name_gets_out_of_its_place_in_the_page() {
    let nasty = ["</pre><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'&lt;", "</td></table>"];
    let page = page(&session(&nasty, false), Language::English);
    assert!(read(page.as_bytes()).is_ok());
    for bad in ["<script", "<img", "</td></table></td>"] {
        assert!(!page.contains(bad), "{bad} in {page}");
    }
    assert_eq!(page.matches("<pre").count(), 1);
    assert_eq!(page.matches("</pre>").count(), 1);
}

#[test]
fn a_file_beyond_the_limit_is_refused_unread() {
    assert_eq!(read(&vec![b'x'; MAX_RECEIPT_BYTES + 1]).unwrap_err(), ReceiptError::Frame);
}
