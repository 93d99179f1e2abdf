# Das Programm des Kunden.
customer-title = Mitblick
join-heading = Hilfe am Bildschirm
join-lead = Geben Sie die Nummer ein, die Ihnen am Telefon genannt wird.
join-field = Nummer, 10 Ziffern
join-button = Weiter
join-promise = Bevor Sie etwas auswählen, wird nichts gezeigt.
connecting-heading = Verbindung wird aufgebaut …
connecting-lead = Das dauert nur einen Moment.
waiting-heading = Ihr Termin hat noch nicht begonnen
waiting-lead = Bitte lassen Sie dieses Fenster offen. Es geht von selbst weiter, sobald Ihre Beraterin oder Ihr Berater den Termin beginnt.
waiting-limited = Es wurde zu oft versucht. Um { $when } Uhr wird es von selbst wieder versucht.
waiting-cut = Im Moment gibt es keine Verbindung. Es wird von selbst weiter versucht.
checking-heading = Nummer wird geprüft …
checking-lead = Das Programm Ihrer Beraterin oder Ihres Beraters hat geantwortet.
cancel = Abbrechen
company-telephone = Telefon: { $telephone }
choose-asks = { $advisor } möchte mitsehen
choose-lead = Wählen Sie aus, welche Anwendungen gezeigt werden. Alles andere bleibt verborgen.
choose-again = Es wird gerade nichts gezeigt. Wählen Sie neu aus.
choose-list = Ihre Anwendungen
choose-refresh = Neu laden
choose-loading = Ihre Anwendungen werden gesucht …
choose-empty = Es ist keine Anwendung geöffnet. Öffnen Sie die Anwendung, die Sie zeigen wollen, und laden Sie die Liste neu.
choose-promise = Nur ansehen: Steuern geht erst, wenn Sie es erlauben. Es wird nichts aufgezeichnet. Sie können jederzeit pausieren oder beenden.
choose-promise-recorded = Nur ansehen: Steuern geht erst, wenn Sie es erlauben. Sie können jederzeit pausieren oder beenden.
choose-button = { $count ->
    [0] Anwendungen zeigen
    [one] Diese Anwendung zeigen
   *[other] Diese { $count } Anwendungen zeigen
}
choose-none = Wählen Sie mindestens eine Anwendung aus.
choose-windows = { $count ->
    [one] 1 weiteres Fenster
   *[other] { $count } weitere Fenster
}
choose-preview = Vorschau von { $name }
choose-no-preview = Keine Vorschau
choose-untitled = Fenster ohne Titel
end-session = Sitzung beenden
tray-nothing = Mitblick: { $advisor } sieht gerade nichts
tray-shown = Mitblick: { $advisor } sieht { $count ->
    [one] 1 Anwendung
   *[other] { $count } Anwendungen
}
tray-controlled = Mitblick: { $advisor } sieht und darf steuern: { $count ->
    [one] 1 Anwendung
   *[other] { $count } Anwendungen
}
tray-paused = Mitblick: Pause, { $advisor } sieht gerade nichts
tray-watching = Mitblick: { $advisor } zeigt Ihnen etwas und sieht nichts von Ihnen
tray-cut = Mitblick: Die Verbindung ist unterbrochen, niemand sieht etwas
tray-with = Verbunden mit { $advisor }, { $organisation }.
tray-applications = Gezeigt: { $applications }
tray-pause = Zeigen anhalten
tray-open = Mitblick öffnen
bar-title = Mitblick – Sitzung läuft
bar-handle = Leiste verschieben
bar-sees = { $advisor } sieht: { $applications }
bar-sees-nothing = { $advisor } sieht gerade nichts
bar-details = { $organisation } · { $minutes } min · { $bytes }
bar-pause = Pause
bar-resume = Weiter zeigen
bar-again = Neu wählen
bar-stop = Stopp ({ $keys })
bar-stop-control = Steuerung stoppen ({ $keys })
bar-end = Beenden
bar-security = Sicherheit
question = { $advisor } ({ $organisation }) möchte steuern.
question-explain = Maus und Tastatur wirken dann nur in den gezeigten Anwendungen. { $keys } oder „Stopp“ beendet das sofort.
question-minutes = { $minutes ->
    [one] 1 Minute erlauben
   *[other] { $minutes } Minuten erlauben
  }
question-session = Für diese Sitzung erlauben
question-more = { $advisor } ({ $organisation }) möchte länger steuern.
question-more-explain = Ohne Ihre Antwort endet die Steuerung von selbst, wenn die Zeit um ist. { $keys } oder „Stopp“ beendet sie sofort.
question-more-minutes = { $minutes ->
    [one] Ab jetzt 1 Minute erlauben
   *[other] Ab jetzt { $minutes } Minuten erlauben
}
question-more-session = Für den Rest der Sitzung erlauben
question-no = Nicht erlauben
ended-heading = Die Sitzung ist beendet
ended-by-me = Sie haben die Sitzung beendet.
ended-by-other = { $advisor } hat die Sitzung beendet.
ended-by-someone = Die andere Seite hat die Sitzung beendet.
ended-before = Es kam keine Sitzung zustande
ended-shown = Ihre Anwendungen waren { $duration } lang zu sehen.
ended-nothing-shown = Es wurde nichts gezeigt.
ended-with = Verbunden mit: { $advisor }, { $organisation }
ended-nothing-stays = Die Verbindung ist getrennt. Von der Sitzung bleibt auf Ihrem Rechner nichts zurück; das Programm merkt sich höchstens, dass Sie diese Firma schon angerufen haben.
ended-stays = Die Verbindung ist getrennt. Von der Sitzung bleibt auf Ihrem Rechner: { $what }.
ended-stays-files = { $count ->
    [one] eine gespeicherte Datei
   *[other] { $count } gespeicherte Dateien
}
ended-stays-clipboard = Text in Ihrer Zwischenablage
ended-stays-receipt = die Quittung
ended-new = Neue Nummer eingeben
ended-close = Schließen
not-by-hand = Das hat nicht gezählt: Es kam nicht von Ihrer eigenen Maus oder Tastatur. Bitte drücken Sie selbst noch einmal. Wer eine Bildschirmtastatur braucht: Starten Sie dieses Programm neu und erlauben Sie die Steuerung gleich damit.
not-by-hand-not-here = Das hat nicht gezählt: In dieser Sitzung lässt sich nicht mehr unterscheiden, ob Sie selbst drücken. Für weitere Erlaubnisse beenden Sie sie bitte und beginnen eine neue.
customer-cut = Die Verbindung ist unterbrochen. Niemand sieht etwas. Das Programm versucht es weiter, noch { $left }.
customer-cut-told = Die Verbindung ist unterbrochen. Niemand sieht etwas. Das Programm versucht es weiter.
customer-cut-comes-back = Steht sie wieder, ist von selbst wieder zu sehen, was Sie gezeigt haben. „Pause“ verhindert das.
who-called-waits = { $advisor } möchte mitsehen.
who-called-verified = Firma und Name sind vom Server der Firma bestätigt.
who-called = Haben Sie dort angerufen?
who-called-why = Betrüger rufen von sich aus an und geben sich als Bank, Polizei oder Computerfirma aus. Wer wirklich helfen will, wird von Ihnen angerufen.
who-called-me = Ja, ich habe dort angerufen
who-called-them = Nein, ich wurde angerufen
stop-heading = Halt. Legen Sie bitte auf.
stop-nothing-shown = Es wurde nichts gezeigt, und die Verbindung ist getrennt.
stop-hang-up = Legen Sie auf, auch wenn man Sie drängt. Das ist nicht unhöflich.
stop-call-back = Rufen Sie selbst an, unter einer Nummer, die Sie schon kennen: von einer Rechnung, einem Brief oder Ihrer Karte.
stop-never = Nennen Sie keine Passwörter, Codes oder Kontodaten, und überweisen Sie nichts.
stop-telephone = { $organisation } nennt für Rückrufe diese Nummer: { $telephone }. Rufen Sie keine an, die man Ihnen gerade am Telefon gesagt hat.
question-arming = Bitte erst lesen – Antworten zählen gleich.
question-armed = Nichts ist für Sie vorausgewählt.

# Angeleitet werden, ohne die Steuerung abzugeben.
guide-no-pointing = Markieren verbieten
guide-no-pointing-name = Nicht zeigen, worauf die Beraterin oder der Berater zeigt und was gezeichnet wird
guide-clear = Markierungen löschen
guide-point-out = Meine Maus hervorheben
guide-point-out-name = Meinen Mauszeiger für die Beratung hervorheben
guide-asked = { $advisor } möchte etwas gezeigt bekommen:
guide-words = „{ $words }“
guide-asked-explain = Das sind die Worte der Beratung, nicht die dieses Programms. Nur Sie entscheiden, was gezeigt wird; was Sie nicht zeigen, bleibt verborgen, auch sein Name.
guide-choose = Auswählen, was gezeigt wird …
guide-refuse = Nicht zeigen
guide-nothing-more = Es ist keine weitere Anwendung geöffnet. Öffnen Sie die Anwendung, die Sie zeigen wollen.
guide-close = Liste schließen
guide-show-also = { $count ->
    [0] Auch zeigen
    [one] Diese Anwendung auch zeigen
   *[other] Diese { $count } Anwendungen auch zeigen
}
guide-preview = Was zu sehen ist
guide-preview-name = Ansehen, was die Beratung sieht
guide-preview-title = Das sieht { $advisor }
guide-preview-nothing = Im Augenblick nichts.
guide-preview-no-video = Bewegte Bilder können in dieser Vorschau fehlen.
guide-preview-count = { $shown ->
    [one] 1 Fenster wird gezeigt
   *[other] { $shown } Fenster werden gezeigt
}, { $hidden } nicht
guide-preview-shown = { $shown ->
    [one] 1 Fenster wird gezeigt
   *[other] { $shown } Fenster werden gezeigt
}

# Aufzeichnungen beim Kunden.
record-question = { $advisor } ({ $organisation }) möchte aufzeichnen, was Sie zeigen.
record-question-explain = Die Aufzeichnung liegt verschlüsselt auf dem Rechner der Beratung. Ihr Programm macht dafür einen Code: Wer ihn von Ihnen bekommt, kann die Aufzeichnung ansehen und ein gewöhnliches Video daraus machen; ohne ihn kann es niemand. Sie können sie jederzeit beenden.
record-yes-customer = Erlauben – nur mein Code öffnet sie
record-yes-both = Erlauben – nur mein Code zusammen mit dem Rechner der Beratung öffnet sie
record-no = Nicht erlauben
record-on = { $advisor } zeichnet auf, was Sie zeigen.
record-stop = Aufzeichnung beenden
record-ended = Die Aufzeichnung ist beendet: { $why }
record-code = Code, der die Aufzeichnung öffnet
record-code-explain = Schreiben Sie ihn auf oder kopieren Sie ihn, und bewahren Sie ihn auf. Ihr Programm vergisst ihn, sobald Sie es schließen oder eine neue Nummer eingeben, und niemand kann ihn ersetzen. Geben Sie ihn nur denen, die die Aufzeichnung sehen dürfen.
record-code-later = Schreiben Sie ihn auf und bewahren Sie ihn auf: Ohne ihn öffnet niemand die Aufzeichnung. Nach der Sitzung wird er noch einmal gezeigt und lässt sich kopieren.
record-code-copy = Code kopieren
# Die Beratung zeigt etwas auf dem eigenen Bildschirm.
turn-question = { $advisor } ({ $organisation }) möchte Ihnen etwas auf dem eigenen Bildschirm zeigen.
turn-question-explain = Solange Sie zusehen, wird von Ihrem Bildschirm nichts gezeigt, und niemand steuert ihn. Zurück kommen Sie jederzeit mit einem Klick.
turn-yes = Ansehen
turn-no = Nein
turn-ended = Sie sehen nichts mehr vom Bildschirm der Beratung: { $why }
watching-line = Sie sehen: Anwendungen von { $advisor }. Von Ihrem Bildschirm wird nichts gezeigt.
watching-choosing = { $advisor } wählt aus, was Sie sehen sollen.
watching-paused = { $advisor } hat die Übertragung pausiert.
watching-no-window = Kein Fenster der gezeigten Anwendungen ist offen.
watching-picture = Bild der Anwendungen, die die Beratung zeigt
watching-back = Zurück
watching-back-name = Zurück: nicht mehr zusehen
watching-point = Auf etwas zeigen
watching-clear = Meine Markierungen entfernen
watching-in-hand = { $advisor } sieht, worauf Sie mit der Maus zeigen und was Sie zeichnen. Gedrückt wird dort nichts. Fertig? Drücken Sie Esc.
watching-no-pointing = { $advisor } möchte gerade nichts gezeigt bekommen.
watching-advisor-points = { $advisor } zeigt mit der eigenen Maus: Achten Sie auf den Ring.

# Nach der Sitzung: wie es war.
rating-heading = Wie war diese Sitzung?
rating-solved = Wurde Ihr Anliegen gelöst?
rating-yes = Ja
rating-partly = Teilweise
rating-no = Nein
rating-grade = Wie war es?
rating-1 = 1 – sehr schlecht
rating-2 = 2 – schlecht
rating-3 = 3 – mittel
rating-4 = 4 – gut
rating-5 = 5 – sehr gut
rating-answer-name = { $question } { $answer }
rating-sending = Ihre Antwort wird gesendet …
rating-thanks = Danke, Ihre Antwort ist angekommen.
rating-privacy = Freiwillig. { $organisation } zählt nur, wie oft welche Antwort zu { $advisor } kam. Gesendet wird die Antwort selbst, nicht Ihr Name und nichts aus der Sitzung.
