#!/usr/bin/env bash
# Takes the pictures in this folder anew, from real programs on a display of
# its own. Needs Xvfb, openbox, xterm, vim, mousepad, xdotool and ImageMagick.
# The programs show this repository's own source text.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
text=$here/../../protocol/src
work=$(mktemp -d)
pids=()
clean() { for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; wait 2>/dev/null || true; rm -rf "$work"; }
trap clean EXIT

# The server names a free display itself.
Xvfb -displayfd 3 -screen 0 1920x1700x24 -noreset -nolisten tcp 3>"$work/display" 2>/dev/null & pids+=($!)
until [ -s "$work/display" ]; do kill -0 "${pids[0]}"; sleep 0.05; done
DISPLAY=:$(cat "$work/display"); export DISPLAY
mkdir -p "$work/.cache"
export HOME=$work XDG_CONFIG_HOME=$work XDG_RUNTIME_DIR=$work NO_AT_BRIDGE=1 GTK_THEME=Adwaita
openbox 2>/dev/null & pids+=($!)

# Waits until the screen is the same twice in a row (or ten seconds), then
# saves it cut to the area.
shot() { # area file
    local before=none now=other
    for _ in $(seq 20); do
        now=$(import -window root rgb:- | md5sum)
        [ "$now" = "$before" ] && break
        before=$now; sleep 0.5
    done
    import -window root -crop "$1" +repage PNG24:"$work/shot.png"
    convert "$work/shot.png" -alpha off -depth 8 -define png:compression-level=9 -define png:compression-filter=5 -strip "$here/$2"
}
# A window placed at the origin without decoration.
place() { # name size
    local id; id=$(timeout 20 xdotool search --sync --onlyvisible --name "$1" | tail -1)
    xdotool windowsize --sync "$id" $2 || true
    xdotool windowmove "$id" 0 0 windowfocus "$id"
}

cat "$text"/*.rs > "$work/source.rs"
mkdir -p "$work/openbox"
cat > "$work/openbox/rc.xml" <<XML
<openbox_config xmlns="http://openbox.org/3.4/rc"><applications><application class="*"><decor>no</decor></application></applications></openbox_config>
XML
openbox --reconfigure || true

xterm -T terminal -fa 'DejaVu Sans Mono' -fs 10 -cr black -bc -bcf 0 -bg white -fg black -xrm 'XTerm*cursorBlink: false' -geometry 160x50 \
    -e sh -c "stty -echo; head -n 420 '$work/source.rs' | tail -n 70; while read -r line; do case \$line in scroll) sed -n 421,423p '$work/source.rs';; *) printf '%s' \"\$line\";; esac; done" & pids+=($!)
place terminal "1280 800"
shot 1280x800+0+0 terminal.png
xdotool type --delay 30 e; xdotool key Return
shot 1280x800+0+0 terminal-typed.png
xdotool type --delay 30 scroll; xdotool key Return
shot 1280x800+0+0 terminal-scrolled.png
kill "${pids[-1]}"

mousepad "$work/source.rs" 2>/dev/null & pids+=($!)
place Mousepad "1280 800"
xdotool key --delay 50 Next Next Next
shot 1280x800+0+0 editor.png
xdotool key --delay 50 Down End; xdotool type --delay 30 x
shot 1280x800+0+0 editor-typed.png
kill "${pids[-1]}"

# Text with coloured edges, as flat panels like it.
xterm -T coloured -fa 'DejaVu Sans Mono:antialias=true:rgba=rgb:lcdfilter=lcddefault:hinting=true:hintstyle=hintslight' -fs 10 -bg white -fg black \
    -geometry 160x50 -e sh -c "head -n 420 '$work/source.rs' | tail -n 70; read -r line" & pids+=($!)
place coloured "1280 800"
shot 1280x800+0+0 terminal-coloured.png
kill "${pids[-1]}"

# Two pages of source text in colours with coloured edges, one above the other
# for scrolling; on white and on black.
code() { # background colours line file
    xterm -T code -fa 'DejaVu Sans Mono:antialias=true:rgba=rgb:lcdfilter=lcddefault:hinting=true:hintstyle=hintslight' -fs 10 \
        -bg "$1" -fg "$2" -xrm 'XTerm*cursorBlink: false' -geometry 160x98 \
        -e env TERM=xterm-256color vim -u NONE -i NONE -n -R -c 'set nocompatible number' -c "set background=$3" -c 'syntax on' -c "normal ${4}zt" "$work/source.rs" & pids+=($!)
    place code "1280 1600"
    shot 1280x1600+0+0 "$5"
    kill "${pids[-1]}"
}
code white black light 900 code-light.png
code black gray90 dark 900 code-dark.png

# A document: proportional type, wrapped, as word processors show it.
cat "$here"/../../*.md | sed 's/|/ /g; s/`//g' > "$work/document.txt"
GSETTINGS_BACKEND=keyfile gsettings set org.xfce.mousepad.preferences.view word-wrap true
GSETTINGS_BACKEND=keyfile gsettings set org.xfce.mousepad.preferences.view use-default-monospace-font false
GSETTINGS_BACKEND=keyfile gsettings set org.xfce.mousepad.preferences.view font-name 'DejaVu Serif 12'
GSETTINGS_BACKEND=keyfile mousepad "$work/document.txt" 2>/dev/null & pids+=($!)
place Mousepad "1280 1600"
shot 1280x1550+0+50 document.png
kill "${pids[-1]}"

# A picture like a photograph: smooth shapes, fine structure, sensor noise.
convert -size 640x400 -seed 7 plasma:fractal -blur 0x1.2 -seed 8 -attenuate 0.12 +noise Gaussian \
    -depth 8 -alpha off -define png:compression-level=9 -define png:compression-filter=5 -strip PNG24:"$here/photo.png"
