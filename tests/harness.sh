# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# harness.sh - what tests/run does, step by step; the tests themselves see only lib.sh

say() { echo "tests/run: $*" >&2; }

# alike [NAME...]: what differs from one caller to the next is not to matter: variables (a proxy, SUDO_UID) but for
# these, where commands are, what is open, what new files may be, soft limits. The hard ones are the caller's.
ALIKE="HOME TERM PWD SHLVL CI BUILDS KEEP SLOW SEED SOAK_SECONDS TRUTH_SEED TRUTH_PROCESSES TRUTH_KINDS SOURCE"
alike() {
	local name fd
	for name in $(compgen -e); do
		[[ " $ALIKE $* " == *" $name "* ]] || unset "$name" 2>/dev/null || true # SHELLOPTS is readonly
	done
	export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
	umask 022
	ulimit -S -n 1024 || true # or fewer
	ulimit -S -c 0
	exec </dev/null
	for fd in /proc/$$/fd/*; do
		fd=${fd##*/}
		[ "$fd" -le 2 ] || [ "$fd" = 255 ] || eval "exec $fd>&-" # 255 is the shell's own
	done
}

# One build at a time in a build folder; its output only when it fails.
build_all() { # PRESET
	local log=$BUILD/build.log
	mkdir -p "$BUILD"
	say "building ($1) in $BUILD"
	(
		flock 9
		cd "$SOURCE" || exit 1
		{ cmake --preset "$1" -B "$BUILD" && cmake --build "$BUILD"; } >"$log" 2>&1 9>&- || {
			tail -n 60 "$log"
			say "the build failed; all of its output is in $log"
			exit 1
		}
	) 9>"$BUILD/.lock"
}

install_into() { # STAGE
	DESTDIR=$1 cmake --install "$BUILD" >"$BUILD/install.log" 2>&1 || {
		cat "$BUILD/install.log"
		say "installing into a folder failed"
		return 1
	}
	mkdir -p "$1/usr"
}

# mount_here ARGUMENTS... TARGET
mounted=()
mount_here() { mount "$@" && mounted=("${!#}" "${mounted[@]}") && mount --make-private "${!#}"; }
unmount_all() {
	[ ${#mounted[@]} -eq 0 ] || umount -l "${mounted[@]}" || true
}

# What was built over /usr, in this mount namespace only.
lay_over_usr() { # STAGE
	local error
	mount_here -t overlay overlay -o "ro,lowerdir=$1/usr:/usr" /usr 2>"$RUN/error" && return
	error=$(cat "$RUN/error")
	say "no overlay over /usr here (${error##*: }): mounting folder by folder"
	local dir target merged number=0 targets
	# From the folders that hold files up to the nearest that exists: that one is replaced by a
	# copy of itself with ours in it.
	mapfile -t targets < <(find "$1" -type f -printf '%h\n' | sort -u | while read -r dir; do
		target=${dir#"$1"}
		while [ ! -d "$target" ]; do
			target=$(dirname "$target")
		done
		echo "$target"
	done | sort -u)
	for target in "${targets[@]}"; do
		merged=$1.merged/$((++number))
		mkdir -p "$merged"
		cp -a "$target/." "$merged/"
		cp -a "$1$target/." "$merged/"
		mount_here --bind "$merged" "$target"
	done
}

# An empty home: the preferences of whoever runs the tests do not matter, nor what Wireshark saved in
# the test before this one, as it should.
private_home() {
	export HOME=$RUN/home XDG_RUNTIME_DIR=$RUN/runtime LC_ALL=C.UTF-8
	unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME DISPLAY
	unset "${!WIRESHARK_@}"
	rm -rf --one-file-system "$HOME" "$XDG_RUNTIME_DIR"
	mkdir "$HOME" "$XDG_RUNTIME_DIR"
	chmod 700 "$XDG_RUNTIME_DIR"
	chmod 755 "$RUN" # an ordinary user's part of a test reads what is in it
}

# The named namespaces of this run: no other run sees them, and they go when it goes. Nor is there anybody else's
# runtime to be asked for containers, nor what one said to a run before.
private_run() {
	local file servers=''
	file=$(readlink -f /etc/resolv.conf) && [ -e "$file" ] && servers=$(cat "$file")
	mount_here -t tmpfs -o mode=755 tmpfs /run
	mkdir -p /run/lock /run/netns
	mount_here -t tmpfs tmpfs /run/netns
	[[ $file != /run/* ]] || { mkdir -p "${file%/*}"; echo "$servers" >"$file"; }
}

# What the tests say of containers is said of processes that are in none: where we were started in one, it is left, as
# far as we may. Version 2's is each test's own in any case.
leave_container() {
	local mount
	grep -qE '[0-9a-f]{64}' /proc/self/cgroup || return 0
	for mount in $(awk '$3 == "cgroup" { print $2 }' /proc/mounts); do
		echo $$ >"$mount/cgroup.procs" || true
	done 2>/dev/null
}

# A plugin with the address sanitizer needs it in the program that loads it, too. The engine lets
# nobody look into it, the leak check included: unit tests look for leaks.
prepare_sanitizers() {
	grep -q '^PTCPDUMP_SANITIZE:BOOL=ON' "$BUILD/CMakeCache.txt" 2>/dev/null || return 0
	local program
	mkdir "$RUN/bin"
	for program in tshark wireshark sharkd rawshark; do
		cat >"$RUN/bin/$program" <<-END
			#!/bin/sh
			LD_PRELOAD=$(cc -print-file-name=libasan.so) exec /usr/bin/$program "\$@"
		END
		chmod +x "$RUN/bin/$program"
	done
	PATH=$RUN/bin:$PATH
	export ASAN_OPTIONS=detect_leaks=0:exitcode=99 UBSAN_OPTIONS=print_stacktrace=1
}

find_installed() {
	ENGINE=/usr/libexec/ptcpdump/ptcpdump-capture
	EXTCAP=$(tshark -G folders 2>/dev/null | sed -n 's/^\(Global \)\?Extcap path:[ \t]*//p' | tail -n 1)
	CGROUP=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)/ptcpdump-tests
	local left pid
	for left in "$CGROUP".*; do # by runs that were killed
		pid=${left#"$CGROUP."}
		[ -d "/proc/${pid%%.*}" ] || rmdir "$left/test" "$left" 2>/dev/null || true
	done
	# One that was killed may have had our pid, or have it elsewhere.
	CGROUP=$(mktemp -d "$CGROUP.$$.XXXX" 2>/dev/null) && chmod 755 "$CGROUP" || CGROUP=''
	export ENGINE EXTCAP CGROUP
}

# Every test, one a line: name, kind, file, function, limit in seconds (tabs between).
all_tests() {
	local name file
	for name in $(cat "$BUILD/tests/unit/list" 2>/dev/null); do
		printf 'unit/%s\tunit\t%s\t-\t120\n' "$name" "$BUILD/tests/unit/test_$name"
	done
	for name in $(cat "$BUILD/tests/fuzz/list" 2>/dev/null); do
		printf 'fuzz/%s\tshell\t%s\ttest_replay_%s\t120\n' "$name" "$SOURCE/tests/fuzz/replay.sh" "$name"
	done
	for file in "$SOURCE"/tests/integration/*.sh "$SOURCE"/tests/e2e/*.sh; do
		[ -e "$file" ] || continue
		# In a shell of its own: files do not see each other.
		bash -c '
			. "$SOURCE/tests/lib.sh"; . "$1"; part=$(basename "$1" .sh)
			shopt -s extdebug # declare -F then tells the line
			for f in $(compgen -A function test_); do
				set -- "$1" $(declare -F "$f")
				[ "$4" = "$1" ] || continue
				printf "%s\t%s/%s\tshell\t%s\t%s\t%s\n" "$3" "$part" "${f#test_}" "$1" "$f" "${LIMIT[$f]:-120}"
			done' all_tests "$file" | sort -n | cut -f 2-
	done
}

is_wanted() { # NAME
	[ ${#wanted[@]} -gt 0 ] || return 0
	local part
	for part in "${wanted[@]}"; do
		# shellcheck disable=SC2053 # a pattern may be given
		[[ $1 == *$part* ]] && return 0
	done
	return 1
}

# ok, FAIL, skip, lack: one line a test.
verdict() { # ok|FAIL|skip|lack NAME SECONDS WHY
	case $1 in
	ok) passed=$((passed + 1)); echo "ok $2 ($3 s)" ;;
	skip) skipped=$((skipped + 1)); echo "skip $2: $4" ;;
	lack) echo "lack $2: $4" ;;
	FAIL) failed=$((failed + 1)); echo "FAIL $2: $4" ;;
	esac
}

seconds_since() { # EPOCHREALTIME of then
	awk -v then="$1" -v now="$EPOCHREALTIME" 'BEGIN { printf "%.1f", now - then }'
}

# A GLib test program: each of its cases counts, and so does an end before the last one.
run_unit() { # NAME PROGRAM
	local begin=$EPOCHREALTIME output=$RUN/unit.tap status=0 line rest planned='' seen=0 bad=0
	ASAN_OPTIONS=exitcode=99 timeout -k 5 $((240 * ${SLOW:-1})) "$2" --tap >"$output" 2>&1 </dev/null || status=$?
	while IFS= read -r line; do
		case $line in
		1..*) planned=${line#1..} ;;
		"ok "* | "not ok "*)
			rest=${line#*ok }
			rest=${rest#* }
			rest=${rest#/}
			rest=${rest#"${1#*/}/"} # the cases of test_x are called /x/...
			seen=$((seen + 1))
			case $line in
			*" # SKIP"*) verdict skip "$1/${rest%% # SKIP*}" 0 "${rest##*# SKIP}" ;;
			ok*) verdict ok "$1/$rest" "$(seconds_since "$begin")" ;;
			*) bad=$((bad + 1)); verdict FAIL "$1/$rest" 0 "see below" ;;
			esac
			begin=$EPOCHREALTIME
			;;
		esac
	done <"$output"
	if [ $bad -eq 0 ] && { [ $status -ne 0 ] || [ "$seen" != "${planned:-none}" ]; }; then
		bad=1
		verdict FAIL "$1" 0 "ended with status $status after $seen of ${planned:-?} cases"
	fi
	[ $bad -eq 0 ] || sed 's/^/    /' "$output"
}

# A test of a shell file: in a shell, a folder and a cgroup of its own.
run_shell() { # NAME FILE FUNCTION LIMIT
	local begin=$EPOCHREALTIME status=0 why limit=$((2 * $4 * ${SLOW:-1})) # of a machine that others need, too
	TEST_TMP=$RUN/$(basename "$2" .sh).$3
	TEST_CGROUP=${CGROUP:+$CGROUP/test}
	export TEST_TMP TEST_CGROUP
	private_home
	mkdir -p "$TEST_TMP"
	chmod 755 "$TEST_TMP"
	[ -z "$TEST_CGROUP" ] || mkdir -p "$TEST_CGROUP"
	timeout -k 10 "$limit" bash "$SOURCE/tests/one.sh" "$2" "$3" \
		>"$TEST_TMP/.output" 2>&1 </dev/null || status=$?
	leave_nothing
	why=$(head -n 1 "$TEST_TMP/.why" 2>/dev/null || true)
	case $status in
	0) verdict ok "$1" "$(seconds_since "$begin")" ;;
	77) verdict skip "$1" 0 "$why" ;;
	78) verdict lack "$1" 0 "$why" ;;
	124 | 137) verdict FAIL "$1" 0 "not done after $limit s" ;;
	*) verdict FAIL "$1" 0 "${why:-ended with status $status}" ;;
	esac
	# Figures are for people to read, whatever came out.
	sed -n 's/^figure: /    /p' "$TEST_TMP/.output"
	case $status in
	0 | 77 | 78) ;;
	*) grep -v -e '^figure: ' -e '^Running as user' "$TEST_TMP/.output" | tail -n 30 | cut -c 1-300 | sed 's/^/    /' || true ;;
	esac
	[ -n "${KEEP:-}" ] || rm -rf "$TEST_TMP" || say "$TEST_TMP is left"
}

# Whatever a test made and left, however it ended.
leave_nothing() {
	kill_cgroup
	local ns
	for ns in /run/netns/*; do
		[ ! -e "$ns" ] || ip netns del "${ns##*/}" || true
	done
	rmdir "${CGROUP:-/nonexistent}" 2>/dev/null || true
}

kill_cgroup() {
	[ -n "${TEST_CGROUP:-}" ] && [ -d "$TEST_CGROUP" ] || return 0
	echo 1 >"$TEST_CGROUP/cgroup.kill" || true
	local tries
	for ((tries = 0; tries < 200; tries++)); do
		# A test may have made some below, or its like in v1's hierarchies.
		find "$TEST_CGROUP" /sys/fs/cgroup/*/"${CGROUP##*/}" -depth -type d -exec rmdir {} + 2>/dev/null || true
		[ -d "$TEST_CGROUP" ] || return 0
		sleep 0.02
	done
	say "processes of a test are still there after SIGKILL"
}
