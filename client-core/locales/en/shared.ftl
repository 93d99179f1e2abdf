# What both programs show.
details = Security details
check-words = Check words
check-words-how = Read these four words to each other on the phone: if both sides have the same, nobody sits in between; if not, end the session.
suite = Encryption: { $suite }
end-to-end = Encrypted from program to program. The broker in between cannot read along.
state-view-only = View only
state-asked = Control requested
state-refused = Control refused – view only
state-control = Control allowed
state-control-left = Control: { $left } left
state-control-until = Control until { $until }
time-left-minutes = { $minutes } min
state-paused = Paused
duration-seconds = { $seconds ->
    [one] 1 second
   *[other] { $seconds } seconds
}
duration-minutes = { $minutes ->
    [one] 1 minute
   *[other] { $minutes } minutes
}{ $seconds ->
    [0] {""}
    [one] {" "}and 1 second
   *[other] {" "}and { $seconds } seconds
}
duration-hours = { $hours ->
    [one] 1 hour
   *[other] { $hours } hours
}{ $minutes ->
    [0] {""}
    [one] {" "}and 1 minute
   *[other] {" "}and { $minutes } minutes
}
control-end-stop-key = Control was ended with the stop key.
control-end-taken-back = Control was taken back.
control-end-time-over = The time allowed is over. Control has ended.
control-end-sharing-changed = Control has ended because what is shown has changed.
control-end-given-back = Control was given back.
control-end-link-lost = The connection was interrupted. Control has ended.
control-end-forbidden = By the company's rules there is no control here.
ends-soon = By the company's rules this session ends in { $left }.
ends-soon-told = By the company's rules this session ends in a few minutes.
control-end-not-available = Control is not possible on the computer that is shown.
refusal-no-grant = No effect: control is not allowed.
refusal-outside = No effect: this place belongs to no shared window.
refusal-focus = No effect: first click in a shared window.
refusal-no-key = The customer's keyboard does not have this character.
refusal-shortcut = System shortcuts stay with the customer.
refusal-local-input = The customer is using mouse or keyboard.

# The line: what it carries and how quick it is.
line = Connection
line-sent = { $bytes } sent so far
line-received = { $bytes } received so far
line-rate = { $rate } a second at the moment, { $minute } a minute
line-round-trip = A change is seen at the other side and confirmed within { $ms } ms
line-round-trip-unknown = How quick it is shows with the first change

# Chat: what both sides write to each other.
more = More
more-name = Show what is seldom needed
together-button = Chat & files
together-button-name = Open or close chat, clipboard and files
together-button-new = Chat ({ $count } new)
chat-unseen = { $count ->
    [one] Chat: 1 new message
   *[other] Chat: { $count } new messages
}
chat-empty = To { $name }: names, numbers and addresses, say, that are hard to spell on the phone.
chat-me = You
chat-sent = on its way
chat-delivered = arrived
chat-seen = read
chat-copy = Copy the text
chat-field = Write a message
chat-send = Send
the-customer = Customer
together-chat = Chat
together-chat-new = Chat ({ $count } new)
together-clipboard = Clipboard
clipboard-question = { $name } would like to put this text into your clipboard:
clipboard-take = Into my clipboard
clipboard-refuse = Refuse
clipboard-open-both = Copied text goes both ways
clipboard-open-out = { $name } gets what you copy
clipboard-open-in = What { $name } copies comes into your clipboard
clipboard-open-offered = Your copied text may go over; you do not send it
clipboard-close = Close the clipboard
clipboard-one = Send one text
clipboard-one-how = { $name } sees it and decides whether it goes into the clipboard.
clipboard-one-by-one = By the company's rules only single texts go, each with consent.
clipboard-field = Text for the other clipboard
clipboard-read = Paste from my clipboard
clipboard-offer = Offer
clipboard-withdraw = Take back
clipboard-waiting = Offered. { $name } has not decided yet.
clipboard-taken = { $name } took the text into the clipboard.
clipboard-refused = { $name } does not want the text.
clipboard-switch = Share copied text
clipboard-switch-how = Only what is copied from now on, only text, and only while you show something. What a password manager marks as secret stays here; not every one does.
clipboard-out = { $name } gets what I copy
clipboard-in = What { $name } copies comes into my clipboard
clipboard-watcher-off = Only the person whose screen is shown can turn this on.
clipboard-watcher-in = What is copied there comes into your clipboard.
clipboard-watcher-out = What you copy may go into the clipboard there.
clipboard-watcher-both = Copied text may go both ways.
clipboard-let-out = Share what I copy from now on
face-portrait = Picture of { $advisor }
face-logo = Logo of { $organisation }

# Files, in both directions.
together-files = Files
together-files-new = Files ({ $count } new)
together-button-files = Files ({ $count } new)
files-asking = { $count ->
    [one] Files: 1 offer waits for your answer
   *[other] Files: { $count } offers wait for your answer
}
files-offer = Offer files …
files-drop = Drop to offer these files
files-looking = Looking at what you chose …
files-resting = The connection is interrupted. Files go on where they stopped.
files-empty = Drag files or folders onto this window, or choose them. { $name } sees names and sizes and decides about each file.
files-empty-receive = { $name } can offer you files. You decide about each.
files-folder = Files are saved in { $folder }
files-no-folder = No folder to save in was found.
files-folder-change = Change
files-choose = Which files do you want to offer?
files-choose-folder = Where should files be saved?
files-choose-one = Choose { $name }
files-up = Up
files-cant-list = This folder can't be read. { $why }
files-more = There is more in this folder than is listed.
files-offer-chosen = Offer ({ $count })
files-save-here = Save here
files-back = Back
files-count = { $count ->
    [one] 1 file
   *[other] { $count } files
}
files-question = { $count ->
    [one] { $name } offers you this file ({ $size }). Do you want to save it?
   *[other] { $name } offers you { $count } files ({ $size }). Which do you want to save?
}
files-want-one = Save { $name }
files-program-warning = A program can do everything on your computer that you can. Save it only if you expect it.
files-save = Save
files-save-count = Save ({ $count })
files-refuse = Refuse
files-to = to { $name }
files-from = from { $name }
files-waiting = { $size }, waits for the answer of { $name }
files-moved = { $moved } of { $size }
files-done-of = { $done } of { $count } files
files-held-here = paused
files-held-there = paused by { $name }
files-rate = { $rate } a second
files-left = { $left } left
files-pause = Pause
files-go-on = Go on
files-cancel = Cancel
files-list = Single files
files-copy-hash = Copy the SHA-256 sum
files-all-saved = { $count ->
    [one] Saved and checked ({ $size })
   *[other] { $count } files saved and checked ({ $size })
}
files-all-sent = { $count ->
    [one] Arrived and checked ({ $size })
   *[other] { $count } files arrived and checked ({ $size })
}
files-some-failed = { $done } arrived, { $failed } did not: { $why }
file-kind-document = document
file-kind-media = picture or sound
file-kind-archive = archive
file-kind-program = program
file-kind-other = file
file-state-forbidden = not allowed by the company's rules
file-state-refused = not wanted
file-state-moving = on its way
file-state-checking = being checked
file-state-done = checked
file-end-by-me = You stopped it.
file-end-by-other = The other side stopped it.
file-end-changed = The file was changed while it was sent. Offer it again.
file-end-unreadable = The file is gone or can't be read any more. Choose it again and offer it again.
file-end-disk-full = The disk is full. Make room and have it sent again.
file-end-not-permitted = Nothing may be saved in this folder. Choose another one and have it sent again.
file-end-cant-write = The file could not be saved. Choose another folder and have it sent again.
file-end-wrong-hash = What arrived is not what was sent, so it was thrown away. Have it sent again.

# Recordings.
recording-end-taken-back = consent was taken back.
recording-end-stopped = the advisor stopped it.
recording-end-broken = the advisor's program could not go on with it.
recording-end-forbidden = the company's rules do not allow it.
recording-end-link-lost = the connection broke.
recording-end-sharing-changed = something is shown that it was not allowed for.
recording-end-turned = the advisor's screen is being shown now.
# The advisor shows something of their own screen.
turn-end-taken-back = the customer's side switched back.
turn-end-given-back = the advisor switched back.
turn-end-broken = the advisor's program can't show anything any more.
turn-end-forbidden = the company's rules do not allow it.
turn-end-link-lost = the connection broke.
recording-info = Recording of { $begun }, { $length } long
    With: { $advisor } ({ $organisation })
    Opens with: { $owners }
recording-owner-customer = the customer's code
recording-owner-both = the customer's code, on this computer only
recording-cut-short = It was broken off; what was recorded until then can be played.
recording-exported = The video is in { $file }.
recording-code-mistyped = This is not a whole code. It has eight groups of four characters; please compare each.
recording-wrong-code = This code belongs to another recording. Please use the one that was shown for this recording.
recording-wrong-share = This recording opens only on the computer that made it, together with the customer's code. If this is the one, its beginning is damaged.
recording-none = This file is not a recording that this program knows. Choose another one.
recording-damaged = The recording is damaged from here on, or was changed. What is before can be played.
recording-unreadable = The recording can't be read ({ $why }). Check the folder and your rights.
recording-export-exists = There is a file of this name. Choose another one.
recording-export-unwritable = The video can't be written ({ $why }). Check folder, rights and free space.
recording-export-empty = Nothing was shown while this was recorded.
recording-export-given-up = The export was given up. Nothing was kept of it.
recording-export-failed = The video can't be made: { $why }

# Days.
date-long = { $weekday }, { $day } { $month } { $year }
weekday-monday = Monday
weekday-tuesday = Tuesday
weekday-wednesday = Wednesday
weekday-thursday = Thursday
weekday-friday = Friday
weekday-saturday = Saturday
weekday-sunday = Sunday
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December

# Pointing at what the other side shows.
tools-name = Tool: { $tool }
tool-none = Put away
tool-pointer = Pointer
tool-arrow = Arrow
tool-ellipse = Circle
tool-line = Free line
tool-text = Text
tool-text-field = Text at this place
tool-step = Step { $number }
pointing-keys = Without a mouse: arrow keys move a crosshair in the picture, with Shift further, with Ctrl by single pixels. Enter begins and ends a shape; Esc gives it up.
pointing-at = Crosshair on “{ $title }”, { $across } % from the left, { $down } % from the top
pointing-at-untitled = Crosshair on a window without a title, { $across } % from the left, { $down } % from the top
pointing-nowhere = Crosshair beside the windows: nothing can be pointed at here
pointing-begun = { $tool } begun. { $place }
pointing-set = { $tool } set
pointing-short = Nothing can be seen yet: move the crosshair first.
pointing-given-up = { $tool } given up
look = Appearance: { $look }
look-system = Automatic
look-light = Light
look-dark = Dark
look-contrast = High contrast
