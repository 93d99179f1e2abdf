# Was schiefgehen kann, und was dann zu tun ist.
problem-number-too-short = { $digits ->
    [0] Bitte geben Sie die Nummer ein, die Ihnen am Telefon genannt wird.
    [one] Die Nummer hat 10 Ziffern. Bisher ist es 1 Ziffer.
   *[other] Die Nummer hat 10 Ziffern. Bisher sind es { $digits }.
}
problem-number-too-long = Die Nummer hat nur 10 Ziffern. Bitte löschen Sie, was zu viel ist.
problem-number-not-a-digit = „{ $sign }“ ist keine Ziffer. Die Nummer besteht nur aus Ziffern.
problem-number-mistyped = Eine Ziffer stimmt nicht. Bitte vergleichen Sie die Nummer noch einmal am Telefon. Es wurde nichts gesendet.
problem-no-one-waits = Unter dieser Nummer wartet niemand. Bitte lassen Sie sich am Telefon eine neue Nummer geben. Die Nummer eines Termins gilt nur in der vereinbarten Zeit.
problem-appointment-over = Der Termin ist vorbei oder wurde abgesagt. Bitte rufen Sie Ihre Beraterin oder Ihren Berater an.
problem-wrong-number = Die Nummer passt nicht, oder jemand hat sich eingemischt. Sie gilt jetzt nicht mehr. Bitte lassen Sie sich am Telefon eine neue Nummer geben.
problem-clock = Die Uhr dieses Rechners geht vermutlich falsch. Bitte stellen Sie Datum und Uhrzeit richtig und versuchen Sie es noch einmal. Hilft das nicht, sagen Sie es am Telefon.
problem-too-many-tries = Das waren zu viele Versuche. Bitte warten Sie { $time } und versuchen Sie es dann noch einmal.
problem-no-broker = Dieses Programm kennt seine Vermittlung nicht. Bitte laden Sie es noch einmal von der Seite der Firma herunter.
problem-broker-address = Die Adresse der Vermittlung ist ungültig. Sie hat die Form mitblick://HOST:PORT#PIN. Bitte fragen Sie Ihre IT.
problem-broker-unreachable = Keine Verbindung zu { $address }. Bitte prüfen Sie Ihre Internetverbindung und versuchen Sie es noch einmal.
problem-broker-not-genuine = Unter { $address } antwortet nicht die echte Vermittlung. Aus Sicherheitsgründen wurde abgebrochen. Bitte melden Sie das Ihrer IT oder am Telefon.
problem-proxy-setting = Der Proxy aus { $setting } lässt sich nicht verwenden. Er hat die Form http://HOST:PORT oder http://NAME:PASSWORT@HOST:PORT. Bitte berichtigen Sie das, oder starten Sie das Programm mit --proxy none, wenn keiner nötig ist.
problem-proxy-unreachable = Der Proxy { $proxy } antwortet nicht. Bitte prüfen Sie Ihre Verbindung, oder fragen Sie Ihre IT, ob der Proxy noch so heißt.
problem-proxy-not-understood = Was unter { $proxy } antwortet, verhält sich nicht wie ein HTTP-Proxy. Bitte fragen Sie Ihre IT nach der richtigen Adresse des Proxys.
problem-proxy-sign-in = Der Proxy { $proxy } verlangt Name und Passwort. Bitte fragen Sie Ihre IT; angegeben werden sie so: --proxy http://NAME:PASSWORT@{ $proxy }
problem-proxy-sign-in-failed = Name oder Passwort für den Proxy { $proxy } ist falsch. Bitte prüfen Sie, was in --proxy oder in https_proxy steht.
problem-proxy-sign-in-kind = Der Proxy { $proxy } verlangt eine Anmeldung, die dieses Programm nicht kann ({ $kinds }). Bitten Sie Ihre IT, die Verbindung ohne Anmeldung oder mit Name und Passwort (Basic) zuzulassen.
problem-proxy-refused = Der Proxy { $proxy } stellt keine Verbindung zu { $address } her (Antwort { $status }). Bitten Sie Ihre IT, dort CONNECT zu { $address } zuzulassen.
problem-proxy-no-way = Über den Proxy { $proxy } kommt keine Verbindung zu { $address } zustande: Einer von beiden antwortet nicht. Bitte versuchen Sie es noch einmal, und fragen Sie sonst Ihre IT.
problem-proxy-opens = Über den Proxy { $proxy } antwortet nicht die echte Vermittlung { $address }. Vermutlich öffnet der Proxy verschlüsselte Verbindungen. Aus Sicherheitsgründen wurde abgebrochen. Bitten Sie Ihre IT, { $address } davon auszunehmen.
problem-no-stop-key = „{ $key }“ kann keine zweite Stopptaste sein. Möglich sind: { $names }.
problem-broker-version = Programm und Vermittlung passen nicht zusammen. Bitte laden Sie das aktuelle Programm herunter.
problem-rules-not-genuine = Die Regeln der Firma tragen nicht die Unterschrift ihrer Vermittlung. Darum beginnt keine Sitzung. Bitte melden Sie das Ihrer IT.
problem-rules-unknown = Die Firma hat Regeln, die dieses Programm noch nicht kennt. Bitte laden Sie das aktuelle Programm herunter.
problem-rules-older = Die Vermittlung hat ältere Regeln geschickt als zuvor. Darum beginnt keine Sitzung. Bitte starten Sie das Programm neu; bleibt es dabei, melden Sie das Ihrer IT.
problem-control-forbidden = Die Regeln der Firma erlauben keine Steuerung.
problem-session-time-over = Die Sitzung hat die längste Dauer erreicht, die die Regeln der Firma erlauben. Für mehr beginnen Sie eine neue.
problem-broker-stopping = Die Vermittlung wird gerade neu gestartet. Bitte versuchen Sie es in einer Minute noch einmal.
problem-broker-out-of-order = Die Vermittlung nimmt im Moment keine neuen Sitzungen an. Bitte versuchen Sie es später noch einmal.
problem-link-lost = Die Verbindung ist abgebrochen. Bitte prüfen Sie Ihre Internetverbindung und beginnen Sie mit einer neuen Nummer.
problem-sign-in = Name oder Passwort ist falsch. Bitte versuchen Sie es noch einmal. { $left ->
    [one] Noch 1 Versuch bis zu einer Pause.
   *[other] Noch { $left } Versuche bis zu einer Pause.
}
problem-sign-in-wait = Name oder Passwort war zu oft falsch, deshalb wird eine Weile keines geprüft. Der nächste Versuch ist in { $time } möglich.
problem-must-change-password = Das ist ein Anfangspasswort. Bitte wählen Sie zuerst ein eigenes.
problem-initial-password-expired = Dieses Anfangspasswort ist abgelaufen. Bitten Sie Ihre Verwaltung um ein neues; es entsteht mit: mitblick-broker advisor password NAME
problem-not-an-advisor = Name und Passwort stimmen, aber dieses Konto darf keine Sitzungen eröffnen. Bitten Sie Ihre Verwaltung um eine andere Rolle; sie wird vergeben mit: mitblick-broker advisor role NAME advisor
problem-password-changed = Das Passwort wurde zur selben Zeit anderswo geändert. Bitte melden Sie sich mit dem neuen an.
problem-account-blocked = Name und Passwort stimmen, aber dieses Konto ist gesperrt. Wenden Sie sich an Ihre Verwaltung, die es wieder freigeben kann.
problem-code = Der Code ist falsch, zu alt oder schon verwendet. Warten Sie auf den nächsten. { $left ->
    [one] Noch 1 Versuch bis zu einer Pause.
   *[other] Noch { $left } Versuche bis zu einer Pause.
}
problem-code-wait = Es gab zu viele falsche Codes oder Passwörter, deshalb wird eine Weile keines angesehen. Sie können es in { $time } wieder versuchen.
problem-workplace-refused = Von diesem Rechner kann sich niemand anmelden: Er wurde abgelehnt, oder seine Freigabe wurde zurückgenommen. Bitte wenden Sie sich an Ihren Hauptbenutzer, der ihn wieder fragen lassen kann.
problem-too-many-workplaces = Fünf andere Ihrer Rechner warten schon auf Freigabe. Bitten Sie Ihren Hauptbenutzer, zuerst über diese zu entscheiden.
problem-workplace-key = Der Schlüssel dieses Rechners lässt sich nicht aufbewahren oder lesen ({ $why }). Bitte sorgen Sie dafür, dass Sie dort schreiben dürfen, und starten Sie das Programm neu.
problem-workplace-key-locked = Der Schlüssel dieses Rechners liegt im Schlüsselspeicher des Systems, und der blieb gesperrt. Bitte melden Sie sich noch einmal an und entsperren Sie ihn, wenn er fragt.
problem-workplace-key-gone = Der Schlüssel dieses Rechners liegt im Schlüsselspeicher des Systems, und der antwortet nicht ({ $why }). Bitte starten Sie ihn und melden Sie sich noch einmal an.
problem-workplace-key-lost = Der Schlüssel dieses Rechners liegt nicht mehr im Schlüsselspeicher des Systems. Ist er verloren, löschen Sie { $note } und starten das Programm neu: Dann entsteht ein neuer, den Ihr Hauptbenutzer freigeben muss.
problem-taken-over = Ihr Konto hat sich an einem anderen Arbeitsplatz angemeldet: { $workplace }. Wenn Sie das nicht waren, sagen Sie es sofort Ihrem Hauptbenutzer.
problem-signed-out = Sie wurden abgemeldet: Ihr Konto, dessen Passwort oder die Freigabe dieses Rechners wurde geändert. Bitte melden Sie sich neu an.
problem-unlock = { $left ->
    [0] Das Passwort war zu oft falsch, deshalb wurden Sie abgemeldet.
    [one] Das Passwort ist falsch. Noch 1 Versuch, bevor Sie abgemeldet werden.
   *[other] Das Passwort ist falsch. Noch { $left } Versuche, bevor Sie abgemeldet werden.
}
problem-withdrawn = Die Firma hat diese Sitzung beendet. Fragen Sie am Telefon nach, wenn Sie das nicht erwartet haben.
password-too-short = Das neue Passwort ist zu kurz: mindestens { $count } Zeichen.
password-too-long = Das neue Passwort ist zu lang: höchstens { $count } Zeichen.
password-contains-name = Das neue Passwort darf Ihren Benutzernamen nicht enthalten, auch nicht rückwärts oder mit Ziffern statt Buchstaben.
password-used-before = Dieses Passwort hatten Sie schon. Bitte wählen Sie eines, das Sie noch nie hatten.
password-common = Das neue Passwort gehört zu denen, die zuerst geraten werden: häufige Wörter, Namen, Daten, Tastenreihen oder Wiederholungen. Bitte wählen Sie mehrere Wörter, die nichts miteinander zu tun haben.
problem-number-expired = Die Nummer ist abgelaufen, bevor jemand beigetreten ist. Erzeugen Sie eine neue Nummer.
problem-number-burned = Jemand hat eine falsche Nummer eingegeben oder sich eingemischt. Die Nummer gilt nicht mehr. Erzeugen Sie eine neue und nennen Sie sie dem Kunden.
problem-other-side-lost = Die Verbindung der anderen Seite ist abgebrochen. Bitte beginnen Sie mit einer neuen Nummer.
problem-other-side-fault = Im Programm der anderen Seite ist ein Fehler aufgetreten; es hat die Sitzung deshalb beendet. Bitte beginnen Sie mit einer neuen Nummer, sobald es wieder läuft.
problem-program-fault = In diesem Programm ist ein Fehler aufgetreten. Es zeigt und steuert deshalb nichts mehr. Bitte schließen Sie es, und starten Sie es noch einmal.
problem-other-side-misbehaved = Das Programm der anderen Seite hat sich nicht an die Regeln gehalten. Die Sitzung wurde deshalb beendet. Bitte melden Sie das Ihrer IT.
problem-handshake-timeout = Die andere Seite hat nicht rechtzeitig geantwortet. Bitte versuchen Sie es mit einer neuen Nummer.
problem-no-display = Es ist kein Bildschirm da, auf dem sich ein Fenster öffnen lässt ({ $why }). Bitte starten Sie das Programm aus der grafischen Oberfläche heraus.
problem-capture = Auf diesem Rechner können keine Fenster gezeigt werden ({ $why }). Bitte sagen Sie das am Telefon.
problem-control = Auf diesem Rechner kann keine Steuerung erlaubt werden ({ $why }). Zeigen geht weiterhin.
problem-stop-key-lost = Die Taste, die die Steuerung stoppt, wird nicht mehr bemerkt. In dieser Sitzung kann deshalb niemand mehr steuern. Soll wieder gesteuert werden, beenden Sie diese Sitzung bitte und beginnen Sie eine neue.
problem-customer-declined = Der Kunde hat die Sitzung abgelehnt: Er hat nicht selbst angerufen. Bitten Sie ihn, selbst unter der bekannten Nummer Ihrer Firma anzurufen.
problem-receipt-exists = Die Datei „{ $file }“ gibt es schon. Sie wurde nicht überschrieben. Wählen Sie einen anderen Ordner.
problem-receipt-not-written = Die Quittung konnte nicht gespeichert werden. Wählen Sie einen anderen Ordner. ({ $why })
problem-nothing-to-share = Zu diesen Titeln gibt es kein Fenster. Bitte öffnen Sie die Anwendung, die Sie zeigen wollen.
problem-not-now = Das geht in diesem Zustand nicht. Bitte warten Sie den nächsten Schritt ab.
problem-bad-command = Dieser Befehl ist nicht lesbar ({ $why }). Bitte prüfen Sie die Eingabe.
problem-chat-too-long = Der Text ist zu lang für eine Nachricht. Teilen Sie ihn auf oder schicken Sie ihn als Datei.
problem-chat-too-fast = Das waren sehr viele Nachrichten auf einmal. Warten Sie einen Augenblick und senden Sie noch einmal.
problem-clipboard-empty = In der Zwischenablage ist kein Text. Kopieren Sie ihn zuerst.
problem-clipboard-too-long = Der Text ist zu lang für die Zwischenablage der anderen Seite. Schicken Sie ihn als Datei.
problem-clipboard-forbidden = Die Regeln der Firma erlauben das nicht.
problem-clipboard-too-fast = Das waren sehr viele Texte auf einmal. Warten Sie einen Augenblick und bieten Sie ihn noch einmal an.
problem-clipboard-waiting = Ein anderer Text wartet noch auf Antwort. Nehmen Sie ihn zurück, wenn er nicht mehr gebraucht wird.
problem-clipboard-unavailable = Die Zwischenablage dieses Rechners antwortet nicht. Versuchen Sie es noch einmal oder schreiben Sie den Text in das Feld.
problem-rating-not-sent = Ihre Antwort ist nicht angekommen. Bitte klicken Sie noch einmal.
problem-rating-too-late = Zu dieser Sitzung werden keine Antworten mehr angenommen.
problem-sessions-unusable = Die Liste Ihrer Sitzungen kann nicht gelesen oder geschrieben werden ({ $why }). Es wurde nichts verändert. Prüfen Sie Rechte und freien Platz, und starten Sie das Programm neu.
problem-sessions-not-exported = Die Liste wurde nicht exportiert ({ $why }). Wählen Sie eine Datei, die es noch nicht gibt.
problem-mail-not-opened = Das Mailprogramm ließ sich nicht öffnen ({ $why }). Kopieren Sie stattdessen die Einladung.
problem-appointments-unusable = Die Liste Ihrer Termine kann nicht gelesen oder geschrieben werden ({ $why }). Es wurde nichts verändert. Prüfen Sie Rechte und freien Platz, und starten Sie das Programm neu.
problem-not-booked-forbidden = Die Regeln der Firma erlauben keine Nummern für Termine.
problem-not-booked-out-of-time = Für diese Zeit lässt sich keine Nummer vormerken. Wählen Sie eine, die nicht vorbei und höchstens 100 Tage entfernt ist.
problem-not-booked-too-many = Sie haben so viele Nummern vorgemerkt, wie möglich ist. Sagen Sie einen Termin ab, oder versuchen Sie es später noch einmal.
problem-not-booked-no-number = Die Vermittlung hat keine Nummer für Termine mehr frei. Nennen Sie zur vereinbarten Zeit am Telefon eine neue.
problem-appointment-missed = Die Zeit des Termins ist vorbei, und niemand ist beigetreten. Wenn der Kunde noch kommt, nennen Sie ihm am Telefon eine neue Nummer.
problem-recording-forbidden = Die Regeln der Firma erlauben keine Aufzeichnungen.
problem-recording-no-room = Auf dem Datenträger ist kein Platz mehr. Die Aufzeichnung ist beendet; was bis dahin aufgezeichnet wurde, bleibt.
problem-recording-too-long = Die Aufzeichnung ist so lang, wie eine werden kann, und ist beendet. Was bis dahin aufgezeichnet wurde, bleibt; bitten Sie für mehr um eine neue.
problem-recording-failed = Die Aufzeichnung kann nicht geschrieben werden und ist beendet ({ $why }). Prüfen Sie den Ordner für Aufzeichnungen.
problem-showing-forbidden = Die Regeln der Firma erlauben der Beratung nicht, etwas auf dem eigenen Bildschirm zu zeigen.
problem-showing-failed = Ihr Bildschirm kann nicht gezeigt werden ({ $why }). Sagen Sie es am Telefon, und erklären Sie es anders.
problem-files-forbidden = Die Regeln der Firma lassen nicht zu, dass Sie in dieser Sitzung Dateien senden.
problem-file-forbidden = Die Regeln der Firma lassen nicht zu, dass Sie Dateien wie „{ $name }“ senden. Es wurde nichts angeboten.
problem-no-files = In dem, was Sie ausgewählt haben, sind keine Dateien.
problem-too-many-files = Das sind zu viele Dateien auf einmal, oder die Ordner sind zu tief verschachtelt. Packen Sie sie vorher in ein Archiv oder senden Sie sie in Teilen.
problem-too-many-offers = Es sind zu viele Angebote offen. Warten Sie, bis einige beantwortet oder fertig sind.
problem-file-unreadable = „{ $path }“ kann nicht gelesen werden, deshalb wurde nichts angeboten. Wählen Sie eine andere Datei. { $why }
problem-not-a-file = „{ $path }“ ist weder Datei noch Ordner. Es wurde nichts angeboten. Wählen Sie eine andere Datei.
problem-no-folder = Es wurde kein Ordner zum Speichern gefunden. Wählen Sie zuerst einen.
problem-ask-too-long = Bitte fragen Sie kürzer: Ein Satz genügt.
