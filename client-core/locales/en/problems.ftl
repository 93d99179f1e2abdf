# What can go wrong, and what to do then.
problem-number-too-short = { $digits ->
    [0] Please type the number that you are told on the phone.
    [one] The number has 10 digits. So far there is 1.
   *[other] The number has 10 digits. So far there are { $digits }.
}
problem-number-too-long = The number has only 10 digits. Please delete what is too much.
problem-number-not-a-digit = “{ $sign }” is not a digit. The number consists of digits only.
problem-number-mistyped = One digit is wrong. Please compare the number once more on the phone. Nothing was sent.
problem-no-one-waits = No one is waiting at this number. Please ask for a new number on the phone. The number of an appointment is valid in the agreed time only.
problem-appointment-over = The appointment is over or was cancelled. Please call your advisor.
problem-wrong-number = The number does not match, or someone interfered. It is no longer valid. Please ask for a new number on the phone.
problem-clock = The clock of this computer is probably wrong. Please set date and time right and try again. If that does not help, say so on the phone.
problem-too-many-tries = Too many tries. Please wait { $time } and then try again.
problem-no-broker = This program does not know its broker. Please download it again from the company's page.
problem-broker-address = The broker's address is not valid. It looks like mitblick://HOST:PORT#PIN. Please ask your IT department.
problem-broker-unreachable = No connection to { $address }. Please check your internet connection and try again.
problem-broker-not-genuine = What answers at { $address } is not the genuine broker. The program stopped for your safety. Please tell your IT department or say so on the phone.
problem-proxy-setting = The proxy in { $setting } can't be used. It looks like http://HOST:PORT or http://NAME:PASSWORD@HOST:PORT. Please correct that, or start the program with --proxy none if none is needed.
problem-proxy-unreachable = The proxy { $proxy } does not answer. Please check your connection, or ask your IT department whether the proxy still has that name.
problem-proxy-not-understood = What answers at { $proxy } does not behave like an HTTP proxy. Please ask your IT department for the proxy's right address.
problem-proxy-sign-in = The proxy { $proxy } asks for name and password. Please ask your IT department; they are given like this: --proxy http://NAME:PASSWORD@{ $proxy }
problem-proxy-sign-in-failed = Name or password for the proxy { $proxy } is wrong. Please check what stands in --proxy or in https_proxy.
problem-proxy-sign-in-kind = The proxy { $proxy } asks for a kind of sign-in that this program can't do ({ $kinds }). Please ask your IT department to allow the connection without one, or with name and password (Basic).
problem-proxy-refused = The proxy { $proxy } makes no connection to { $address } (answer { $status }). Please ask your IT department to allow CONNECT to { $address } there.
problem-proxy-no-way = No connection to { $address } comes about through the proxy { $proxy }: one of the two does not answer. Please try again, and otherwise ask your IT department.
problem-proxy-opens = What answers through the proxy { $proxy } is not the genuine broker { $address }. Presumably the proxy opens encrypted connections. The program stopped for your safety. Please ask your IT department to except { $address } from that.
problem-no-stop-key = “{ $key }” can't be a second stop key. Possible are: { $names }.
problem-broker-version = Program and broker do not fit together. Please download the current program.
problem-rules-not-genuine = The company's rules are not signed by its broker, so no session begins. Please tell your IT department.
problem-rules-unknown = The company has rules that this program does not know yet. Please download the current program.
problem-rules-older = The broker sent older rules than before, so no session begins. Please start the program again; if it stays so, tell your IT department.
problem-control-forbidden = The company's rules do not allow control.
problem-session-time-over = The session was as long as the company's rules allow. For more, begin a new one.
problem-broker-stopping = The broker is restarting. Please try again in a minute.
problem-broker-out-of-order = The broker takes no new sessions at the moment. Please try again later.
problem-link-lost = The connection broke. Please check your internet connection and start with a new number.
problem-sign-in = Name or password is wrong. Please try again. { $left ->
    [one] 1 try is left before a pause.
   *[other] { $left } tries are left before a pause.
}
problem-sign-in-wait = Name or password was wrong too often, so none is looked at for a while. You can try again in { $time }.
problem-must-change-password = This is an initial password. Please choose one of your own first.
problem-initial-password-expired = This initial password has expired. Please ask your admin for a new one, made with: mitblick-broker advisor password NAME
problem-not-an-advisor = Name and password are right, but this account may not open sessions. Please ask your admin for another role, given with: mitblick-broker advisor role NAME advisor
problem-password-changed = The password was changed elsewhere at the same time. Please sign in with the new one.
problem-account-blocked = Name and password are right, but this account is blocked. Please ask your admin, who can let it in again.
problem-code = The code is wrong, too old, or was used already. Wait for the next one. { $left ->
    [one] 1 try is left before a pause.
   *[other] { $left } tries are left before a pause.
}
problem-code-wait = There were too many wrong codes or passwords, so none is looked at for a while. You can try again in { $time }.
problem-workplace-refused = Nobody may sign in from this computer: it was refused, or its approval was taken back. Please ask your main user, who can let it ask again.
problem-too-many-workplaces = Five other computers of yours already wait to be approved. Please ask your main user to decide on them first.
problem-workplace-key = The key of this computer can't be kept or read ({ $why }). Please make sure that you may write there, and start the program again.
problem-workplace-key-locked = The key of this computer lies in the system's key store, which stayed locked. Please sign in again, and unlock it when it asks.
problem-workplace-key-gone = The key of this computer lies in the system's key store, which does not answer ({ $why }). Please start it and sign in again.
problem-workplace-key-lost = The key of this computer is no longer in the system's key store. If it is lost, delete { $note } and start the program again: it then makes a new one, which your main user has to approve.
problem-taken-over = Your account has signed in at another workplace: { $workplace }. If that was not you, please tell your main user at once.
problem-signed-out = You were signed out: your account, its password or the approval of this computer was changed. Please sign in again.
problem-unlock = { $left ->
    [0] The password was wrong too often, so you were signed out.
    [one] The password is wrong. 1 try is left before you are signed out.
   *[other] The password is wrong. { $left } tries are left before you are signed out.
}
problem-withdrawn = The company has ended this session. Ask on the phone if you did not expect this.
password-too-short = The new password is too short: at least { $count } characters.
password-too-long = The new password is too long: at most { $count } characters.
password-contains-name = The new password must not contain your user name, not even backwards or with digits for letters.
password-used-before = You had this password before. Please choose one that you never had.
password-common = The new password is among the first that are guessed: common words, names, dates, rows of keys or repetitions. Please choose several words that have nothing to do with each other.
problem-number-expired = The number expired before anyone joined. Create a new number.
problem-number-burned = Someone typed a wrong number or interfered. The number is no longer valid. Create a new one and give it to the customer.
problem-other-side-lost = The other side's connection broke. Please start with a new number.
problem-other-side-fault = The other side's program met a fault and therefore ended the session. Please start with a new number once it is running again.
problem-program-fault = This program has met a fault. It therefore shows and controls nothing any more. Please close it and start it again.
problem-other-side-misbehaved = The other side's program broke the rules, so the session was ended. Please tell your IT department.
problem-handshake-timeout = The other side did not answer in time. Please try again with a new number.
problem-no-display = There is no screen to open a window on ({ $why }). Please start the program from the graphical desktop.
problem-capture = Windows can't be shown on this computer ({ $why }). Please say so on the phone.
problem-control = Control can't be allowed on this computer ({ $why }). Showing still works.
problem-stop-key-lost = The key that stops control is not noticed any more. So nobody can control in this session. If control is needed again, please end this session and begin a new one.
problem-customer-declined = The customer has declined the session: it was not their call. Ask them to call your company themselves, at a number that they know.
problem-receipt-exists = The file “{ $file }” exists already. It was not overwritten. Choose another folder.
problem-receipt-not-written = The receipt could not be saved. Choose another folder. ({ $why })
problem-nothing-to-share = No window has such a title. Please open the application that you want to show.
problem-not-now = This is not possible at this point. Please wait for the next step.
problem-bad-command = This command can't be read ({ $why }). Please check what was entered.
problem-chat-too-long = The text is too long for one message. Divide it, or send it as a file.
problem-chat-too-fast = Those were very many messages at once. Wait a moment and send again.
problem-clipboard-empty = There is no text in the clipboard. Copy it first.
problem-clipboard-too-long = The text is too long for the other side's clipboard. Send it as a file.
problem-clipboard-forbidden = The company's rules do not allow that.
problem-clipboard-too-fast = Those were very many texts at once. Wait a moment and offer it again.
problem-clipboard-waiting = Another text still waits for its answer. Take it back if it is no longer needed.
problem-clipboard-unavailable = The clipboard of this computer does not answer. Try again, or type the text into the field.
problem-rating-not-sent = Your answer did not arrive. Please click once more.
problem-rating-too-late = No more answers are taken about this session.
problem-sessions-unusable = The list of your sessions can't be read or written ({ $why }). Nothing was changed. Check rights and free space, and start the program again.
problem-sessions-not-exported = The list was not exported ({ $why }). Choose a file that is not there yet.
problem-mail-not-opened = The mail program could not be opened ({ $why }). Copy the invitation instead.
problem-appointments-unusable = The list of your appointments can't be read or written ({ $why }). Nothing was changed. Check rights and free space, and start the program again.
problem-not-booked-forbidden = The company's rules do not allow numbers for appointments.
problem-not-booked-out-of-time = No number can be booked for that time. Choose one that is not over, and at most 100 days ahead.
problem-not-booked-too-many = You have booked as many numbers as you can. Cancel an appointment, or try again later.
problem-not-booked-no-number = The broker has no number left for appointments. Give the customer a new one on the phone when it is time.
problem-appointment-missed = The time of the appointment is over and nobody has joined. If the customer still comes, give them a new number on the phone.
problem-recording-forbidden = The company's rules do not allow recordings.
problem-recording-no-room = There is no room left on the disk. The recording has ended; what was recorded so far is kept.
problem-recording-too-long = The recording is as long as one can become, and has ended. What was recorded so far is kept; ask for a new one to go on.
problem-recording-failed = The recording can't be written and has ended ({ $why }). Check the folder for recordings.
problem-showing-forbidden = The company's rules do not let advisors show their own screen.
problem-showing-failed = Your screen can't be shown ({ $why }). Say so on the phone, and explain it another way.
problem-files-forbidden = The company's rules do not let you send files in this session.
problem-file-forbidden = The company's rules do not let you send files like “{ $name }”. Nothing was offered.
problem-no-files = There are no files in what you chose.
problem-too-many-files = Those are too many files at once, or folders nested too deep. Pack them into an archive first, or send them in parts.
problem-too-many-offers = Too many offers are open. Wait until some are answered or done.
problem-file-unreadable = “{ $path }” can't be read, so nothing was offered. Choose another file. { $why }
problem-not-a-file = “{ $path }” is neither a file nor a folder. Nothing was offered. Choose another file.
problem-no-folder = No folder to save files in was found. Choose one first.
problem-ask-too-long = Please ask in fewer words: one sentence is enough.
