# The advisor's program.
advisor-title = Mitblick – Advisor
sign-in-heading = Sign in
sign-in-broker = Broker: { $broker }
sign-in-user = User name
sign-in-password = Password
sign-in-button = Sign in
sign-in-busy = Signing in …
key-fetching = Fetching the key of this computer …
key-asking = The system's key store is locked and asks you in a window of its own. Please unlock it there.
key-in-store = Key of this computer: in the system's key store
key-in-file = Key of this computer: in the file { $path }
key-no-store = There is no key store.
key-refused = The key store stayed locked. With --workplace-key file it asks no more.
lock = Lock
code-heading = Your code
code-lead = Your password is right. Now type the six digits that your authenticator program shows. Without your phone, type one of your recovery codes.
code-field = Code
waits-heading = This computer is new
waits-lead = Your password is right. Before you can sign in here for the first time, your main user has to approve this computer.
waits-name = Name of this computer
waits-code = Call your main user and read out this code
waits-by-itself = You will be signed in as soon as it is approved.
elsewhere-heading = Take over?
elsewhere-lead = You are signed in at another workplace: { $workplace }. A user can be signed in at one only.
elsewhere-unnamed = unnamed
elsewhere-session = A session with a customer goes on there. It ends if you take over.
elsewhere-no-session = No session goes on there. A note appears there that you have signed in here.
elsewhere-take-over = Sign in here
elsewhere-leave = Leave it as it is
locked-heading = Locked
locked-lead = Only your password unlocks the program.
locked-lead-session = Your session goes on, but nothing of it is shown, and nothing is sent into it.
locked-password = Password of { $user }
locked-unlock = Unlock
locked-end = End session
new-password-heading = Choose your own password
new-password-lead = { $user }, your initial password can only be exchanged for one of your own. At least 15 characters: several words that have nothing to do with each other, for example.
new-password-first = New password
new-password-again = New password once more
new-password-different = The two entries differ.
new-password-button = Set password and sign in
new-password-busy = Setting the password …
new-password-back = Back
lobby-signed-in = { $advisor } · { $organisation }
lobby-sign-out = Sign out
lobby-heading = Your session number
lobby-number = Session number { $spoken }
lobby-say = Tell the customer: “Please open Mitblick and type this number.”
lobby-digits = Read digit by digit: { $spoken }
lobby-remaining = Valid for another { $left }
lobby-remaining-bar = Remaining time of the number
lobby-copy = Copy number
lobby-copied = Copied
lobby-new = New number
lobby-no-number = No number is open
lobby-no-number-lead = Create a new number as soon as a customer is on the phone.
lobby-checking = Someone has joined. Checking the number …
last-ended-by-me = You ended the last session after { $duration }.
last-ended-by-customer = The customer ended the last session after { $duration }.
last-time-over = The last session ended after { $duration }. { $problem }
last-broke = The last session broke off after { $duration }. { $problem }
last-number-taken-back = The last number was taken back.
last-number-left = The customer stopped joining. Create a new number.
viewer-ask = Ask for control
viewer-withdraw = Withdraw request
viewer-more-time = Ask for more time
viewer-more-time-asked = More time asked for
viewer-more-time-refused = More time refused – ask again
viewer-give-back = Give control back
viewer-zoom-actual = 100 %
viewer-zoom-fit = Fit
viewer-zoom-double = 200 %
viewer-zoom = Picture size
viewer-full-screen = Full screen
viewer-window = Window
viewer-details = Details
viewer-end = End
viewer-show-bar = Show bar
viewer-picture = Customer's shared windows
viewer-choosing = The customer is choosing what to show.
viewer-choosing-lead = It will appear here as soon as something is shared.
viewer-paused = The customer has paused the picture.
viewer-paused-lead = It returns as soon as the customer shows it again.
viewer-waiting = The first picture is on its way.
viewer-no-window = No window of the shared applications is open.
viewer-minimised = Minimised
viewer-unavailable = This window can't be shown
viewer-facts = For { $minutes } min · { $bytes } received
viewer-shortcuts-view = F11 full screen · Ctrl+0 100 % · Ctrl+1 fit · Ctrl+2 200 %
viewer-shortcuts-control = During control: Ctrl+Alt+Enter full screen · Ctrl+Alt+0/1/2 size · Ctrl+Alt+Home to the bar
viewer-cut = The connection is interrupted
viewer-cut-lead = Both programs keep trying, for { $left } more. Once the connection is back you see again what the customer shows; control has to be asked for anew. Otherwise the session ends.

# Pointing without control, and asking to be shown something.
tools-button = Point & ask
tools-button-name = Point, draw and ask to be shown something
colour-name = Colour: { $colour }
colour-auto = Stands out
colour-red = Red
colour-amber = Amber
colour-green = Green
colour-blue = Blue
colour-violet = Violet
marks-fade = Marks fade
marks-stay = Marks stay
tools-clear = Clear marks
tools-forbidden = The customer does not want to see any pointing at the moment.
tools-in-hand = The mouse points and draws in the customer's windows; it presses nothing there. Esc puts the tool away.
tools-customer-points = The customer points with their own mouse: look at the ring.
ask-field = What would you like to be shown?
ask-button = Ask to be shown
ask-open = Asked; the customer has not decided yet.
ask-shown = The customer shows something more.
ask-refused = The customer does not want to show that.
ask-take-back = Take back

# Recordings, at the advisor.
viewer-record = Ask to record
viewer-record-withdraw = Withdraw request to record
viewer-record-stop = Stop recording
viewer-record-on = Recording
viewer-record-few-left = Recording; room for { $size } more
viewer-record-asked = Asked to record
viewer-record-refused = The customer does not allow a recording.
viewer-record-ended = Recording ended: { $why } It is in { $file }.
# Showing the customer something.
show-button = Show my screen …
show-withdraw = Withdraw question
show-back = Back
show-back-name = Back: show the customer nothing any more
show-asked = You asked whether the customer wants to see something on your screen; they have not decided yet.
show-refused = The customer does not want to see anything on your screen.
show-ended = The customer sees nothing of your screen any more: { $why }
show-nothing = The customer sees nothing of your screen yet
show-on = The customer sees: { $applications }
show-paused = Paused: the customer sees nothing of your screen
show-pause = Pause
show-resume = Show again
show-change = Change
show-clear = Clear marks
show-clear-name = Clear the customer's marks
show-no-pointing = Forbid marking
show-no-pointing-name = Do not show what the customer points at and draws
show-point-out = Highlight my mouse
show-point-out-name = Make my mouse pointer stand out for the customer
show-choose = What would you like to show the customer?
show-choose-lead = The customer sees only the applications that you choose here, and can do nothing in them. While you show, you see nothing of the customer's screen.
show-empty = No application is open. Open the one that you want to show.
show-now = { $count ->
    [0] Show
    [one] Show this application
   *[other] Show these { $count } applications
}
show-lead = Work in these applications; the customer looks on:
show-lead-paused = The customer sees these applications again once you show again:
recordings = Recordings
recordings-back = Back
recordings-lead = Recordings lie encrypted in { $folder }. Each opens with the code that the customer was shown.
recordings-none = There are no recordings.
recordings-when = { $begun } · { $size }
recordings-open = Open …
recordings-open-name = Open the recording of { $begun }
recordings-code = The customer's code
recordings-code-hint = eight groups of four characters
recordings-unlock = Open
recordings-with = { $advisor } ({ $organisation }), { $begun }
recordings-play = Play
recordings-pause = Pause
recordings-seek = Position
recordings-at = { $at } of { $length }
recordings-nothing = Nothing was shown at this moment.
recordings-export = Export video …
recordings-export-lead = The video is not encrypted: whoever has the file sees all of it. Make it only if the customer gave you the code for that.
recordings-export-file = File
recordings-export-now = Export
recordings-export-stop = Stop export
recordings-exporting = Exporting: { $percent } %

# What a customer is sent before the call.
invitation-heading = Invitation for the customer
invitation-form = Form
invitation-form-mail = Mail
invitation-form-sms = Text message
invitation-form-paper = Paper
invitation-copy = Copy invitation
invitation-copied = Invitation copied
invitation-write = Write a mail
invitation-write-name = Write the invitation in the mail program
invitation-with-number = Put the number into it
invitation-warning = Whoever reads this message can join before the customer does. Giving the number on the phone is safer.
invitation-subject = Showing your screen to { $organisation }
invitation-mail =
    Hello,

    { $lead }
    1. Open { $page } and download Mitblick.
    2. Start it. Nothing has to be installed.
    3. { $number }

    I see only the applications that you choose, and nothing before that. You can end it at any time.
    We will not call you for this. If somebody calls and wants to see your screen, hang up and call us at a number that you know.

    { $advisor }
    { $organisation }
invitation-mail-lead = For our call, please have the program Mitblick ready:
invitation-mail-lead-meeting = Our call is on { $day } at { $time }. Please call us then, at the number that you know, and have the program Mitblick ready:
invitation-mail-number-meeting = Type the number { $number } there. It is valid on that day from { $from } to { $until }.
invitation-mail-number = Type the number { $number } there. It is valid until { $until }.
invitation-mail-no-number = When we talk on the phone I will give you a number of ten digits. Type it there.
invitation-sms = { $organisation }: { $lead } open { $page }, download Mitblick and start it. { $number }
invitation-sms-lead = please
invitation-sms-lead-meeting = our call is on { $day } at { $time }, please call us then. For it, please
invitation-sms-number-meeting = Number: { $number }, valid then from { $from } to { $until }.
invitation-sms-number = Number: { $number }, valid until { $until }.
invitation-sms-no-number = I will give you the number on the phone.
invitation-paper =
    { $organisation }

    { $lead }

    1. Open this address in your browser:

    { $page }

    2. Download Mitblick there.

    3. Start it. Nothing has to be installed.

    4. { $number }

    5. Choose what we may see. Before that we see nothing. You can end it at any time.

    Beware: we will not call you for this. If somebody calls and wants to see your screen, hang up.

    { $advisor }
invitation-paper-lead = HOW TO SHOW US WHAT IT IS ABOUT
invitation-paper-lead-meeting =
    HOW TO SHOW US WHAT IT IS ABOUT

    Our call: { $day }, { $time }. Please call us then.
invitation-paper-number-meeting = Type this number: { $number } (valid on that day from { $from } to { $until })
invitation-paper-number = Type this number: { $number } (valid until { $until })
invitation-paper-no-number = Type the number of ten digits that you hear on the phone: ___ ___ ____

# The advisor's own list of sessions.
sessions = My sessions
sessions-back = Back
sessions-lead = This list lies on this computer alone. Neither the broker nor customers see it, and nothing of a session's content is in it that you do not write yourself.
sessions-none = There are no sessions yet.
sessions-none-found = No session fits.
sessions-search = Search
sessions-count = { $count ->
    [one] 1 session
   *[other] { $count } sessions
}
sessions-when = { $begun } · { $lasted } · waited { $waited }
sessions-subject-next = What will the next session be about?
sessions-subject-hint = Only for your list on this computer
sessions-subject = Subject
sessions-note = Note
sessions-note-left = { $count } characters left
sessions-solution = Solved?
sessions-solved = solved
sessions-partly = partly solved
sessions-unsolved = not solved
sessions-newest = Note on the last session
sessions-newest-lead = Kept only in “My sessions” on this computer.
sessions-asked = At the end customers can say whether their problem was solved and how it was. Your company sees totals only, from five answers on.
sessions-save = Save
sessions-later = No note
sessions-edit = Edit
sessions-edit-name = Edit the session of { $begun }
sessions-cancel = Cancel
sessions-remove = Delete
sessions-remove-name = Delete the session of { $begun }
sessions-remove-sure = Really delete
sessions-keep = Keep for (days)
sessions-keep-set = Apply
sessions-keep-hint = 1 to 730. Older sessions are deleted. Set to { $days }.
sessions-export = Export as CSV …
sessions-export-file = File
sessions-export-now = Export
sessions-exported = Exported: { $file }
sessions-csv-begun = Begun
sessions-csv-length = Length (s)
sessions-csv-waited = Waited (s)
sessions-csv-subject = Subject
sessions-csv-solution = Solved
sessions-csv-note = Note
sessions-keep-fewer = { $days ->
    [one] Sessions that are older than 1 day are then deleted at once.
   *[other] Sessions that are older than { $days } days are then deleted at once.
}
sessions-keep-sure = Really delete older ones
lobby-waiting = Waiting for { $waited }

# Appointments.
appointments = Appointments
appointments-back = Back
appointments-lead = For an appointment you get a number that is valid in the agreed time only. If this program is signed in then and no other number is open, it opens by itself; otherwise, and if somebody is waiting already, you open it with a click.
appointments-secret = The whole number is on this computer alone. The broker knows the time and four of the ten digits.
appointments-forbidden = The company's rules do not allow numbers for appointments.
appointments-none = There are no appointments.
appointments-new = New appointment
appointments-day = Day
appointments-day-hint = for example 30.11.2026
appointments-day-before = A day earlier
appointments-day-after = A day later
appointments-time = Time
appointments-late-by = The customer can come until
appointments-late-half-hour = 30 minutes later
appointments-late-hour = 1 hour later
appointments-late-hours = { $hours } hours later
appointments-subject = What is it about? (only for your lists on this computer)
appointments-book = Book a number
appointments-booking = Booking a number …
appointments-preview = { $day }, { $time }. The number is valid from { $from } to { $until }.
appointments-not-a-day = That is not a day. Write 30.11.2026, for example.
appointments-not-a-time = That is not a time. Write 10:30, for example.
appointments-past = That time has already passed.
appointments-booked = Booked. Invite the customer now; they call you at the time agreed.
appointments-when = { $day }, { $time }
appointments-window = valid from { $from } to { $until }
appointments-number = Number { $spoken }
appointments-state-open = The number is open now.
appointments-state-due = The customer can come now; another number is open.
appointments-state-used = The customer was here.
appointments-state-burned = Somebody typed a wrong number. The number of this appointment is void; give the customer a new one on the phone.
appointments-state-gone = The number is not valid any more.
appointments-invite = Invite …
appointments-invite-name = Invite to the appointment on { $when }
appointments-invite-close = Done
appointments-open = Open this number
appointments-open-name = Open the number for { $when }
appointments-cancel = Cancel appointment
appointments-cancel-name = Cancel the appointment on { $when }
appointments-cancel-lead = Its number will not be valid any more. Telling the customer is up to you.
appointments-cancel-sure = Really cancel it
appointments-keep = Keep it
appointments-remove = Take off the list
appointments-remove-name = Take the appointment on { $when } off the list
appointments-elsewhere = Booked at another computer
appointments-elsewhere-lead = The secret digits are there. From here you can only cancel it.
appointments-next = Next appointment: { $when }
appointments-now = Appointment: { $when }
appointments-waiting = The customer of this appointment can come now: { $when }
appointments-customer-waits = A customer is waiting for this appointment: { $when }
appointments-let-in = Let in
appointments-let-in-name = Let in whoever waits for the appointment on { $when }
appointments-state-awaited = A customer is waiting for this.
viewer-customer-waits = A customer is waiting for your appointment: { $when }
