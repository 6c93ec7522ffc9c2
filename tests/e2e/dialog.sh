# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# dialog.sh - choosing a process in the window's dialog

. "$SOURCE/tests/e2e/wireshark.sh" # its words

# The row that is chosen in the list: the only one of that colour on the left.
chosen_row() {
	convert "$1" -crop 1x700+175+200 +repage txt:- | grep -i '#308CC6' | head -n 1 | sed 's/.*,\([0-9]*\):.*/\1/'
}

# opens_options PICTURE SOURCE: searched by what is typed, and the wheel beside it; the window's id is in dialog.id.
opens_options() {
	local row
	xdotool mousemove 300 238 click 1 type --delay 50 "$2"
	still 1
	shot "$1"
	row=$(chosen_row "$SHOTS/$1.png") && [ "$row" ] || return 1
	xdotool mousemove 181 $((row + 208)) click 1
	AWAY=0 window 15 "Interface Options: $2" >dialog.id
}

# engine_runs_with WORDS: an engine of this test's has them in its command line.
engine_runs_with() {
	local pid
	while read -r pid; do
		[ "$(readlink "/proc/$pid/exe")" = "$ENGINE" ] || continue
		tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q -e "$1" && return
	done <"$TEST_CGROUP/cgroup.procs"
	return 1
}

# The wheel beside the source opens it, and its list is filled; what is chosen reaches the engine.
LIMIT[test_process_of_the_dialog_is_captured]=120
test_process_of_the_dialog_is_captured() {
	local id pid
	need convert
	display
	netns a
	spawn a "$BUILD/tests/traffic/listeners" 1 7000 90 web-server >pids
	eventually 10 test -s pids || fail "listeners do not start"
	pid=$(cat pids)
	wireshark_in a
	id=$(window 30 'Wireshark Network Analyzer') || { shot process-failed; fail "no window: $(tail -n 5 wireshark.out)"; }
	large "$id"
	still 2
	eventually 10 opens_options process-list 'Another process' || { shot process-failed; fail "no dialog"; }
	still 1
	# Its first field: the first process in the list, after "None of these".
	local X Y
	eval "$(xdotool getwindowgeometry --shell "$(cat dialog.id)" | grep '^[XY]=')"
	xdotool mousemove $((X + 260)) $((Y + 61)) click 1
	still 1
	shot process-values
	xdotool key Down key Return
	still 1
	shot process-dialog
	xdotool key Return
	eventually 5 no_dialog || { shot process-failed; fail "the dialog stays"; }
	xdotool windowfocus "$id"
	sleep 0.5
	xdotool key ctrl+e
	eventually 10 engine_runs_with "--extcap-interface ptcpdump.process .*--process $pid@[0-9]*@web-server" ||
		{ shot process-failed; fail "no capture of $pid"; }
	shot process-captured
	! xdotool search --onlyvisible --name '^Error|Extcap Error' >/dev/null 2>&1 || fail "an error dialog"
}
no_dialog() { ! xdotool search --onlyvisible --name 'Interface Options' >/dev/null 2>&1; }

# Beside the filter of the field there is one that stays; both reach the engine, and the file names them.
LIMIT[test_filter_of_the_dialog_counts_too]=120
test_filter_of_the_dialog_counts_too() {
	local id X Y
	need convert
	display
	netns_pair a b
	wireshark_in a
	id=$(window 30 'Wireshark Network Analyzer') || { shot dialog-filter-failed; fail "no window: $(tail -n 5 wireshark.out)"; }
	large "$id"
	still 2
	eventually 10 opens_options dialog-filter-list 'All interfaces' || { shot dialog-filter-failed; fail "no dialog"; }
	still 1
	# The second tab, and the first field there.
	eval "$(xdotool getwindowgeometry --shell "$(cat dialog.id)" | grep '^[XY]=')"
	xdotool mousemove $((X + 207)) $((Y + 26)) click 1
	still 1
	xdotool mousemove $((X + 341)) $((Y + 61)) click 1 type --delay 20 'udp and not dst port 5300'
	shot dialog-filter
	xdotool key Return
	eventually 5 no_dialog || { shot dialog-filter-failed; fail "the dialog stays"; }
	xdotool windowfocus "$id"
	xdotool mousemove 640 201 click 1 type --delay 20 'not port 53'
	still 2
	shot dialog-filter-both
	xdotool key Return # in the field it starts the capture
	eventually 10 engine_runs_with "--extcap-capture-filter not port 53 .*--capture-filter udp and not dst port 5300" ||
		{ shot dialog-filter-failed; fail "no capture with both"; }
	grep -q '^extcap.ptcpdump_any.capturefilter: udp and not dst port 5300' "$HOME"/.config/wireshark/preferences ||
		fail "it is not saved: $(grep ptcpdump "$HOME"/.config/wireshark/preferences)"
	! xdotool search --onlyvisible --name '^Error|Extcap Error' >/dev/null 2>&1 || fail "an error dialog"
}
