# The customer's program.
customer-title = Mitblick
join-heading = Help on your screen
join-lead = Type the number that you are told on the phone.
join-field = Number, 10 digits
join-button = Continue
join-promise = Nothing is shown before you choose.
connecting-heading = Connecting …
connecting-lead = This takes only a moment.
waiting-heading = Your appointment has not begun yet
waiting-lead = Please leave this window open. It goes on by itself as soon as your advisor begins the appointment.
waiting-limited = There were too many tries. It is tried again by itself at { $when }.
waiting-cut = There is no connection at the moment. It is tried again by itself.
checking-heading = Checking the number …
checking-lead = Your advisor's program has answered.
cancel = Cancel
company-telephone = Telephone: { $telephone }
choose-asks = { $advisor } would like to look
choose-lead = Choose which applications are shown. Everything else stays hidden.
choose-again = Nothing is shown at the moment. Choose anew.
choose-list = Your applications
choose-refresh = Reload
choose-loading = Looking for your applications …
choose-empty = No application is open. Open the one that you want to show, then reload the list.
choose-promise = View only: control is possible only if you allow it. Nothing is recorded. You can pause or end at any time.
choose-promise-recorded = View only: control is possible only if you allow it. You can pause or end at any time.
choose-button = { $count ->
    [0] Show applications
    [one] Show this application
   *[other] Show these { $count } applications
}
choose-none = Choose at least one application.
choose-windows = { $count ->
    [one] 1 more window
   *[other] { $count } more windows
}
choose-preview = Preview of { $name }
choose-no-preview = No preview
choose-untitled = Window without a title
end-session = End session
tray-nothing = Mitblick: { $advisor } sees nothing right now
tray-shown = Mitblick: { $advisor } sees { $count ->
    [one] 1 application
   *[other] { $count } applications
}
tray-controlled = Mitblick: { $advisor } sees and may control { $count ->
    [one] 1 application
   *[other] { $count } applications
}
tray-paused = Mitblick: paused, { $advisor } sees nothing right now
tray-watching = Mitblick: { $advisor } shows you something and sees nothing of yours
tray-cut = Mitblick: the connection is interrupted, nobody sees anything
tray-with = Connected with { $advisor }, { $organisation }.
tray-applications = Shown: { $applications }
tray-pause = Pause showing
tray-open = Open Mitblick
bar-title = Mitblick – session in progress
bar-handle = Move this bar
bar-sees = { $advisor } sees: { $applications }
bar-sees-nothing = { $advisor } sees nothing right now
bar-details = { $organisation } · { $minutes } min · { $bytes }
bar-pause = Pause
bar-resume = Show again
bar-again = Choose again
bar-stop = Stop ({ $keys })
bar-stop-control = Stop control ({ $keys })
bar-end = End
bar-security = Security
question = { $advisor } ({ $organisation }) asks for control.
question-explain = Mouse and keyboard will work only in the applications shown. { $keys } or “Stop” ends it at once.
question-minutes = { $minutes ->
    [one] Allow for 1 minute
   *[other] Allow for { $minutes } minutes
  }
question-session = Allow for this session
question-more = { $advisor } ({ $organisation }) asks to control for longer.
question-more-explain = Without your answer control ends by itself when its time is over. { $keys } or “Stop” ends it at once.
question-more-minutes = { $minutes ->
    [one] Allow 1 minute from now
   *[other] Allow { $minutes } minutes from now
}
question-more-session = Allow for the rest of this session
question-no = Do not allow
ended-heading = The session is over
ended-by-me = You ended the session.
ended-by-other = { $advisor } ended the session.
ended-by-someone = The other side ended the session.
ended-before = There was no session
ended-shown = Your applications could be seen for { $duration }.
ended-nothing-shown = Nothing was shown.
ended-with = Connected with: { $advisor }, { $organisation }
ended-nothing-stays = The connection is closed. Nothing of the session stays behind on your computer; at most the program remembers that you have called this company before.
ended-stays = The connection is closed. Of the session, this stays on your computer: { $what }.
ended-stays-files = { $count ->
    [one] one saved file
   *[other] { $count } saved files
}
ended-stays-clipboard = text in your clipboard
ended-stays-receipt = the receipt
ended-new = Enter a new number
ended-close = Close
not-by-hand = That did not count: it did not come from your own mouse or keyboard. Please press again yourself. If you need an on-screen keyboard: start this program again, and use that to allow control in the first place.
not-by-hand-not-here = That did not count: in this session it can no longer be told whether it is you who presses. To allow more, please end it and begin a new one.
customer-cut = The connection is interrupted. Nobody sees anything. The program keeps trying, for { $left } more.
customer-cut-told = The connection is interrupted. Nobody sees anything. The program keeps trying.
customer-cut-comes-back = Once it is back, what you showed is seen again by itself. “Pause” prevents that.
who-called-waits = { $advisor } would like to look.
who-called-verified = Company and name are confirmed by the company's server.
who-called = Did you call them?
who-called-why = Fraudsters call people unasked and pretend to be a bank, the police or a computer company. People who really want to help wait for you to call them.
who-called-me = Yes, I called them
who-called-them = No, they called me
stop-heading = Stop. Please hang up.
stop-nothing-shown = Nothing was shown, and the connection is closed.
stop-hang-up = Hang up, even if they press you. That is not rude.
stop-call-back = Call back yourself, at a number that you already know: from a bill, a letter or your card.
stop-never = Give no passwords, codes or account details, and transfer no money.
stop-telephone = { $organisation } gives this number for calling back: { $telephone }. Call none that you have just been told on the phone.
question-arming = Please read first – answers count in a moment.
question-armed = Nothing is chosen for you.

# Being guided without giving control.
guide-no-pointing = Forbid marking
guide-no-pointing-name = Do not show what the advisor points at and draws
guide-clear = Clear marks
guide-point-out = Highlight my mouse
guide-point-out-name = Make my mouse pointer stand out for the advisor
guide-asked = { $advisor } asks to be shown something:
guide-words = “{ $words }”
guide-asked-explain = These are the advisor's own words, not those of this program. You alone decide what is shown; what you do not show stays unseen, its name too.
guide-choose = Choose what to show …
guide-refuse = Do not show
guide-nothing-more = No other application is open. Open the one that you want to show.
guide-close = Close list
guide-show-also = { $count ->
    [0] Show this too
    [one] Show this application too
   *[other] Show these { $count } applications too
}
guide-preview = What is seen
guide-preview-name = Look at what the advisor sees
guide-preview-title = This is what { $advisor } sees
guide-preview-nothing = Nothing at the moment.
guide-preview-no-video = Moving pictures may be missing in this preview.
guide-preview-count = { $shown ->
    [one] 1 window shown
   *[other] { $shown } windows shown
}, { $hidden } not
guide-preview-shown = { $shown ->
    [one] 1 window shown
   *[other] { $shown } windows shown
}

# Recordings, at the customer.
record-question = { $advisor } ({ $organisation }) asks to record what you show.
record-question-explain = The recording lies on the advisor's computer, encrypted. Your program makes a code for it: whoever has the code from you can watch the recording and make an ordinary video of it; without the code nobody can. You can stop it at any time.
record-yes-customer = Allow – only my code opens it
record-yes-both = Allow – only my code together with the advisor's computer opens it
record-no = Do not allow
record-on = { $advisor } records what you show.
record-stop = Stop recording
record-ended = Recording ended: { $why }
record-code = Code that opens the recording
record-code-explain = Write it down or copy it, and keep it. Your program forgets it as soon as you close it or enter a new number, and nobody can replace it. Give it only to people who may see the recording.
record-code-later = Write it down and keep it: without it nobody opens the recording. After the session it is shown once more and can be copied.
record-code-copy = Copy code
# The advisor shows something of their own screen.
turn-question = { $advisor } ({ $organisation }) would like to show you something on their own screen.
turn-question-explain = While you look, nothing of your screen is shown, and nobody controls it. One click takes you back at any time.
turn-yes = Look
turn-no = No
turn-ended = You see nothing of the advisor's screen any more: { $why }
watching-line = You see: applications of { $advisor }. Nothing of your screen is shown.
watching-choosing = { $advisor } is choosing what to show you.
watching-paused = { $advisor } has paused showing.
watching-no-window = No window of the applications shown is open.
watching-picture = Picture of the applications that the advisor shows
watching-back = Back
watching-back-name = Back: stop looking
watching-point = Point at something
watching-clear = Remove my marks
watching-in-hand = { $advisor } sees what you point at with the mouse and what you draw. Nothing is pressed there. Done? Press Esc.
watching-no-pointing = { $advisor } does not want to see any pointing at the moment.
watching-advisor-points = { $advisor } points with their own mouse: look at the ring.

# After the session: how it was.
rating-heading = How was this session?
rating-solved = Was your problem solved?
rating-yes = Yes
rating-partly = Partly
rating-no = No
rating-grade = How was it?
rating-1 = 1 – very poor
rating-2 = 2 – poor
rating-3 = 3 – fair
rating-4 = 4 – good
rating-5 = 5 – very good
rating-answer-name = { $question } { $answer }
rating-sending = Sending your answer …
rating-thanks = Thank you, your answer has arrived.
rating-privacy = Voluntary. { $organisation } only counts how often each answer was given about { $advisor }. The answer itself is sent, not your name and nothing from the session.
