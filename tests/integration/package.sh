# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# package.sh - the Debian packages: built, installed, used by an ordinary user, and gone without a trace
#
# They are installed into a second root: the machine's own files, with all that changes kept in a
# folder of ours. So dpkg, debconf, the group and the user are real, and nothing of the machine is.

# The last lines of what the tools say are worth reading only where they fail.
quietly_or_fail() { # WHAT COMMAND...
	"${@:2}" >tool.log 2>&1 </dev/null || { tail -n 20 tool.log; fail "$1 fails"; }
}

# second_root: $ROOT, as the machine is without us; what changes in it is below $CHANGED.
second_root() {
	ROOT=$PWD/root CHANGED=$PWD/changes/upper MACHINE=$PWD/machine
	mkdir changes "$ROOT" "$MACHINE"
	mount --bind / "$MACHINE" # without what tests/run lays over /usr
	mount -t tmpfs tmpfs changes
	mkdir changes/upper changes/work
	mount -t overlay -o "lowerdir=/,upperdir=$CHANGED,workdir=$PWD/changes/work" overlay "$ROOT" 2>/dev/null ||
		skip "no overlay over / here"
	for folder in proc sys dev; do
		mount --rbind /$folder "$ROOT/$folder"
	done
	mount -t tmpfs tmpfs "$ROOT/run"
	mount -t tmpfs -o mode=1777 tmpfs "$ROOT/tmp"
	chmod 755 changes "$ROOT"
	# One that was installed from elsewhere is not what is tested.
	rm -f "$ROOT$EXTCAP/ptcpdump" "$ROOT"/usr/libexec/ptcpdump/* "$ROOT/etc/ptcpdump.conf"
	getent group wireshark >/dev/null || GROUP_IS_NEW=yes
}
within() { chroot "$ROOT" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
as_user() { # USER COMMAND...
	chroot "$ROOT" setpriv --reuid "$1" --regid "$1" --init-groups --inh-caps=-all \
		env -i PATH=/usr/bin:/bin HOME=/tmp LC_ALL=C.UTF-8 "${@:2}"
}

# What is there that the machine does not have, but for the tools' own notes and our two users.
traces() {
	find "$CHANGED" -mindepth 1 ! -type d -printf '/%P\n' | grep -vE \
		'^/(debs|newer|var/(lib/(dpkg|apt|systemd)|cache/(debconf|man|ldconfig)|log|backups)|etc/(group|gshadow|passwd|shadow|subuid|subgid|ld.so.cache|\.pwd))' |
		grep -vE '^(/var/mail|/run|/tmp)/' || true
	find "$CHANGED" -mindepth 1 -type d -printf '/%P\n' | while read -r folder; do
		[ -e "$MACHINE$folder" ] || case $folder in
		/debs | /newer) ;;
		*) echo "$folder" ;;
		esac
	done
}

build_debs() {
	need dpkg-buildpackage dh lintian debconf-updatepo mandb git
	git config --global --add safe.directory "$SOURCE" # whoever made it
	git -C "$SOURCE" rev-parse >/dev/null 2>&1 || skip "the tree is no repository of git"
	quietly_or_fail "packaging/deb" "$SOURCE/packaging/deb" debs
	cat tool.log
}

LIMIT[test_debs_install_serve_a_member_and_go]=600
test_debs_install_serve_a_member_and_go() {
	build_debs
	# Of whatever weight: what is as it should be has its reason in debian/*.lintian-overrides.
	lintian --allow-root --pedantic --display-info --display-experimental --fail-on error,warning,info,pedantic,experimental \
		debs/*.changes >lintian.log 2>&1 || { cat lintian.log; fail "lintian complains"; }

	# What it mounts goes with its namespace.
	"$SOURCE/tests/private" bash "$SOURCE/tests/one.sh" "${BASH_SOURCE[0]}" install_use_purge || exit $?
}

expect_capabilities() { # PROGRAM CAPABILITIES
	local has
	has=$(within getcap "/usr/libexec/ptcpdump/$1")
	[ "${has#* }" = "$2" ] || fail "$1 has \"$has\""
	[ "$(within stat -c '%U:%G %a' "/usr/libexec/ptcpdump/$1")" = "root:$3" ] || fail "$1 is $(within stat -c '%U:%G %a' "/usr/libexec/ptcpdump/$1")"
}

expect_no_trace() {
	traces >left
	[ ! -s left ] || fail "left behind: $(head -n 5 left | xargs)"
	[ -z "${GROUP_IS_NEW:-}" ] || ! within getent group wireshark >/dev/null || fail "the group is left"
	! cat "$ROOT"/var/cache/debconf/*.dat | grep '^Name:.*ptcpdump' || fail "answers are left"
}

capture_as() { # USER: packets of loopback, by tshark
	as_user "$1" timeout 40 tshark -l -i ptcpdump.if.lo -c 2 -T fields -e ptcpdump.cmd -f 'icmp' >packets 2>words &
	local capturing=$!
	for _ in $(seq 60); do
		ping -c 1 -W 1 127.0.0.1 >/dev/null
		sleep 0.2
		kill -0 $capturing 2>/dev/null || break
	done
	wait $capturing || fail "tshark of $1: $(grep -v '^Running' words | head -n 3)"
	grep -q /ping packets || fail "$1 sees $(xargs <packets)"
}

install_use_purge() {
	second_root
	mkdir -p "$ROOT/debs" "$ROOT/newer"
	cp debs/*.deb "$ROOT/debs"
	newer_debs
	quietly_or_fail "installing" within sh -c 'dpkg -i /debs/ptcpdump-wireshark_*.deb /debs/ptcpdump-wireshark-plugin_*.deb'
	expect_capabilities ptcpdump-capture cap_net_admin,cap_perfmon,cap_bpf=p "wireshark 750"
	expect_capabilities ptcpdump-attach "" "root 755"

	within useradd -M -U -G wireshark member
	within useradd -M -U stranger
	as_user member tshark -D >list 2>words || fail "tshark -D: $(cat words)"
	grep -q ptcpdump.any list || fail "not in the list: $(xargs <list)"
	as_user member tshark -G protocols 2>/dev/null | grep $'\tptcpdump$' >/dev/null || fail "no plugin"
	ip link set lo up
	capture_as member
	as_user stranger tshark -i ptcpdump.if.lo -c 1 >packets 2>words && fail "a stranger captures"
	grep -q 'only members of the group wireshark may' words || fail "a stranger is told $(cat words)"

	# Asked for, the helper has its own; taken back, nobody but root captures.
	echo "ptcpdump-wireshark ptcpdump-wireshark/namespaces boolean true" | within debconf-set-selections
	quietly_or_fail "reconfiguring" within dpkg-reconfigure -fnoninteractive ptcpdump-wireshark
	expect_capabilities ptcpdump-attach "cap_net_admin=i cap_sys_ptrace,cap_sys_admin+p" "wireshark 750"
	# What an administrator wrote there is theirs: no upgrade asks, nor changes it.
	printf '# by hand\n[members]\n arguments = all' >"$ROOT$SETTINGS"
	upgrade_while_it_captures
	expect_settings $'# by hand\n[members]\n arguments = all'
	expect_capabilities ptcpdump-capture cap_net_admin,cap_perfmon,cap_bpf=p "wireshark 750"
	expect_capabilities ptcpdump-attach "cap_net_admin=i cap_sys_ptrace,cap_sys_admin+p" "wireshark 750"
	capture_as member
	settings_are_the_files
	echo "ptcpdump-wireshark ptcpdump-wireshark/group boolean false" | within debconf-set-selections
	quietly_or_fail "reconfiguring" within dpkg-reconfigure -fnoninteractive ptcpdump-wireshark
	expect_capabilities ptcpdump-capture "" "root 755"
	expect_capabilities ptcpdump-attach "" "root 755"

	within userdel member
	within userdel stranger
	[ -e "$ROOT$SETTINGS" ] || fail "there are no settings to purge"
	quietly_or_fail "purging" within dpkg --purge ptcpdump-wireshark ptcpdump-wireshark-plugin
	expect_no_trace
	settings_of_a_first_installation
	quietly_or_fail "purging" within dpkg --purge ptcpdump-wireshark ptcpdump-wireshark-plugin
	expect_no_trace
}

# The same, a version newer, and no file of it byte for byte the old one.
newer_debs() {
	local deb
	for deb in debs/ptcpdump-wireshark_*.deb debs/ptcpdump-wireshark-plugin_*.deb; do
		rm -rf unpacked
		dpkg-deb -R "$deb" unpacked
		sed -i '/^Version:/s/$/+newer/' unpacked/DEBIAN/control
		find unpacked/usr -type f -perm /111 -exec sh -c 'echo newer >>"$1"' sh {} \;
		dpkg-deb --root-owner-group -b unpacked "$ROOT/newer" >>tool.log || fail "no newer package"
	done
	rm -rf unpacked
}

# A member captures by hand and by tshark, and dpkg upgrades both packages meanwhile: what tcpdump saw before,
# while and after is in both files, with its owners.
upgrade_while_it_captures() {
	local talking engine tshark begin end file
	local member=(chroot "$ROOT" setpriv --reuid member --regid member --init-groups --inh-caps=-all env HOME=/tmp)
	netns_pair a b
	# Nobody asks who has an address when one of three has ended.
	ip -n a neigh replace 10.77.0.2 lladdr "$(mac_of b vb)" dev va nud permanent
	ip -n b neigh replace 10.77.0.1 lladdr "$(mac_of a va)" dev vb nud permanent
	serve b udp-server :: 5300
	spawn a "${member[@]}" /usr/libexec/ptcpdump/ptcpdump-capture --capture --extcap-interface ptcpdump.if.va \
		--fifo /tmp/by_hand --log-file /tmp/log --log-level info 2>by_hand.words
	engine=$SPAWNED
	spawn a "${member[@]}" tshark -q -i ptcpdump.if.va -w /tmp/by_tshark 2>by_tshark.words
	tshark=$SPAWNED
	eventually 20 grep -qs capturing "$ROOT/tmp/log" || fail "does not capture: $(cat by_hand.words)"
	eventually 20 test -s "$ROOT/tmp/by_tshark" || fail "tshark does not capture: $(cat by_tshark.words)"
	reference a va va.pcap
	spawn a $PYTHON "$TRAFFIC/talk.py" udp-client 10.77.0.2 5300 --messages 1000000 --pause 0.005
	talking=$SPAWNED
	sleep 1
	begin=$EPOCHREALTIME
	quietly_or_fail "upgrading" within sh -c 'dpkg -i /newer/*.deb'
	end=$EPOCHREALTIME
	[[ $(readlink "/proc/$engine/exe") = *ptcpdump-capture*"(deleted)" ]] || fail "nothing was replaced: $(readlink "/proc/$engine/exe")"
	[[ $(within dpkg-query -W -f '${Version}' ptcpdump-wireshark) = *+newer ]] || fail "it was not upgraded"
	sleep 1
	kill "$talking"
	wait "$talking" || true
	reference_stop
	kill -INT "$engine" "$tshark"
	wait "$engine" || fail "the engine ended with status $?: $(cat by_hand.words)"
	wait "$tshark" || fail "tshark ended with status $?: $(cat by_tshark.words)"
	$PYTHON "$TRAFFIC/accounts.py" "$ROOT/tmp/by_hand" by_hand.words --at-least 400 || fail "not accounted for: $(cat by_hand.words)"
	for file in by_hand by_tshark; do
		expect_same_packets "$ROOT/tmp/$file" va va.pcap
		expect_owners "$ROOT/tmp/$file" --local 10.77.0.1,fd77::1 --right 100 --at-least 400
		tshark -r "$ROOT/tmp/$file" -T fields -e frame.time_epoch | awk -v begin="$begin" -v end="$end" -v file=$file '
			{ seen[$1 < begin ? "before" : $1 < end ? "while" : "after"]++ }
			END { printf "figure: %s: %d packets before, %d while dpkg upgraded (%.1f s), %d after\n", file, seen["before"], seen["while"], end - begin, seen["after"]
				exit !seen["before"] || !seen["while"] || !seen["after"] }' || fail "not captured all the time"
	done
}

mac_of() { ip -n "$1" -o link show dev "$2" | sed 's/.*ether \([0-9a-f:]*\).*/\1/'; } # NS DEVICE

SETTINGS=/etc/ptcpdump.conf
expect_settings() { [ "$(cat "$ROOT$SETTINGS")" = "$1" ] || fail "the settings are: $(cat "$ROOT$SETTINGS")"; }
arguments_are() { grep -q "^ *arguments *= *$1\$" "$ROOT$SETTINGS" || fail "the settings are: $(cat "$ROOT$SETTINGS")"; }

# asked_at yes|no ANSWER COMMAND...: an administrator is asked in an editor, which begins with the first, and answers.
asked_at() {
	printf '%s\n' '#!/bin/sh' 'cat "$1" >>/tmp/asked' \
		"sed -i 's|^\\(ptcpdump-wireshark/arguments=\\).*|\\1\"$2\"|' \"\$1\"" >"$ROOT/tmp/editor"
	chmod 755 "$ROOT/tmp/editor"
	rm -f "$ROOT/tmp/asked"
	quietly_or_fail "${*:3:2}" within env DEBIAN_FRONTEND=editor EDITOR=/tmp/editor VISUAL=/tmp/editor "${@:3}"
	grep -qx "ptcpdump-wireshark/arguments=\"$1\"" "$ROOT/tmp/asked" || fail "asked at $(grep arguments= "$ROOT/tmp/asked"), not $1"
}
reconfigure=(dpkg-reconfigure -feditor -plow ptcpdump-wireshark)

# before_unpacking PACKAGE VERSION: as apt has the questions asked, VERSION being what is there.
before_unpacking() {
	cat >"$ROOT/tmp/preconfigure" <<-'END'
		rm -rf /tmp/control
		dpkg-deb -e "$1" /tmp/control
		perl -MDebconf::Db -MDebconf::Template -e 'Debconf::Db->load; Debconf::Template->load(@ARGV); Debconf::Db->save' \
			/tmp/control/templates ptcpdump-wireshark
		exec debconf -optcpdump-wireshark -feditor -plow /tmp/control/config configure "$2"
	END
	preconfigure=(sh -eu /tmp/preconfigure "$@")
}

# Who is asked starts from what the file says, and what else is in it stays.
settings_are_the_files() {
	asked_at yes yes "${reconfigure[@]}"
	expect_settings $'# by hand\n[members]\n arguments = all'
	asked_at yes no "${reconfigure[@]}"
	expect_settings $'# by hand\n[members]\n arguments = own'
	printf '[members]\n# nothing else' >"$ROOT$SETTINGS"
	asked_at no yes "${reconfigure[@]}"
	expect_settings $'[members]\narguments=all\n# nothing else'
	printf '# nothing' >"$ROOT$SETTINGS"
	asked_at no yes "${reconfigure[@]}"
	expect_settings $'# nothing\n[members]\narguments=all'
	# What means nothing is no answer, and is not made one.
	printf '[members]\narguments=everything\n' >"$ROOT$SETTINGS"
	asked_at no no "${reconfigure[@]}"
	arguments_are everything
	rm "$ROOT$SETTINGS"
	asked_at no no "${reconfigure[@]}"
	[ ! -e "$ROOT$SETTINGS" ] || fail "the careful answer needs no file"
	asked_at no yes "${reconfigure[@]}"
	arguments_are all
	[ "$(within stat -c '%U:%G %a' $SETTINGS)" = "root:root 644" ] || fail "the settings are $(within stat -c '%U:%G %a' $SETTINGS)"
}

# Asked before it is unpacked, the answer is still the answer when it is configured; and what was taken away by hand
# does not come back.
settings_of_a_first_installation() {
	before_unpacking "$(within sh -c 'echo /debs/ptcpdump-wireshark_*.deb')" ''
	asked_at no yes "${preconfigure[@]}"
	[ ! -e "$ROOT$SETTINGS" ] || fail "there are settings before it is installed"
	quietly_or_fail "installing" within sh -c 'dpkg -i /debs/ptcpdump-wireshark_*.deb'
	arguments_are all
	rm "$ROOT$SETTINGS"
	quietly_or_fail "upgrading" within sh -c 'dpkg -i /newer/ptcpdump-wireshark_*.deb'
	[ ! -e "$ROOT$SETTINGS" ] || fail "the settings have come back: $(cat "$ROOT$SETTINGS")"
	printf '[members]\narguments=all\n' >"$ROOT$SETTINGS"
	echo fset ptcpdump-wireshark/arguments seen false | within debconf-communicate >/dev/null
	before_unpacking "$(within sh -c 'echo /debs/ptcpdump-wireshark_*.deb')" "$(within dpkg-query -W -f '${Version}' ptcpdump-wireshark)"
	asked_at yes no "${preconfigure[@]}"
	arguments_are all
	quietly_or_fail "installing" within sh -c 'dpkg -i /debs/ptcpdump-wireshark_*.deb'
	arguments_are own
}

# From a checkout: what packaging/try installs, its --uninstall takes away. The tree is as it is here, the build
# a copy, so that nothing is installed twice at once.
LIMIT[test_try_leaves_the_machine_as_it_was]=240
test_try_leaves_the_machine_as_it_was() {
	"$SOURCE/tests/private" bash "$SOURCE/tests/one.sh" "${BASH_SOURCE[0]}" install_and_uninstall || exit $?
}
install_and_uninstall() {
	local file
	second_root
	mkdir changes/build changes/build-work
	mkdir -p "$ROOT$SOURCE" "$ROOT$BUILD"
	mount --bind "$SOURCE" "$ROOT$SOURCE"
	mkdir -p "$ROOT$BUILD"
	mount -t overlay -o "lowerdir=$BUILD,upperdir=$PWD/changes/build,workdir=$PWD/changes/build-work" overlay "$ROOT$BUILD"
	quietly_or_fail "packaging/try" within "$SOURCE/packaging/try" --build "$BUILD" --no-capture
	for file in "$EXTCAP/ptcpdump" /usr/libexec/ptcpdump/ptcpdump-{capture,attach,names} /usr/share/man/man5/ptcpdump-fields.5; do
		[ -e "$CHANGED$file" ] || fail "$file is not installed"
	done
	quietly_or_fail "packaging/try --uninstall" within "$SOURCE/packaging/try" --build "$BUILD" --uninstall
	expect_no_trace
}

# Every option that --help has, and nothing that man warns of.
test_man_pages() {
	local program page
	for program in "$EXTCAP/ptcpdump" "$ENGINE"; do
		page=/usr/share/man/man1/$(basename "$program").1
		expect_no_warnings "$page"
		bold_lines "$page" | grep -oE '^--[a-z-]+' | sort >described
		"$program" --help | grep -oE '^ +--[a-z-]+' | tr -d ' ' | sort >known
		[ "$(wc -l <known)" -gt 20 ] || fail "--help has $(wc -l <known) options"
		diff known described || fail "$page does not have what --help has"
	done
}
expect_no_warnings() { # PAGE
	need man
	LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l -Tutf8 -Z "$1" >/dev/null 2>warnings
	[ ! -s warnings ] || fail "$(head -n 3 warnings)"
}
bold_lines() { LC_ALL=C.UTF-8 MANWIDTH=200 man -l "$1" | col -b | sed -n 's/^ \{7\}\([^ ]\)/\1/p'; } # PAGE: entries of its lists

# Every field that tshark knows of the plugin; what is expert information has none.
test_man_page_of_the_fields() {
	local page=/usr/share/man/man5/ptcpdump-fields.5
	expect_no_warnings $page
	bold_lines $page | grep -oE '^ptcpdump\.[a-z.]+' | sort >described
	tshark -G fields 2>/dev/null | awk -F '\t' '$1 == "F" && $5 == "ptcpdump" && $4 != "FT_NONE" { print $3 }' | sort >known
	[ "$(wc -l <known)" -gt 20 ] || fail "tshark knows $(wc -l <known) fields"
	diff known described || fail "$page does not have what tshark has"
}

# What packaging/packages needs to build, debian/control does, too; a C compiler Debian has anyway.
test_build_dependencies_are_the_trees() {
	awk '$1 == "build" && $2 !~ /^(gcc|libc6-dev)$/ { print $2 }' "$SOURCE/packaging/packages" | sort >trees
	sed -n '/^Build-Depends:/,/^[^ ]*:/s/^ \([a-z0-9.+-]*\).*/\1/p' "$SOURCE/packaging/debian/control" |
		grep -vE '^(debhelper-compat|po-debconf)$' | sort >packages
	[ "$(wc -l <trees)" -gt 5 ] || fail "packaging/packages has $(wc -l <trees)"
	diff trees packages || fail "not the same: $(diff trees packages | xargs)"
}

# The RPMs' recipe: rpm and rpmlint take it, and it says the same as the Debian packages'. packaging/rpm/build
# builds them, by hand.
test_rpm_recipe() {
	need rpmspec rpmlint
	local spec=$SOURCE/packaging/rpm/ptcpdump-wireshark.spec version given
	rpmspec -P "$spec" >expanded 2>words || fail "rpmspec: $(head -n 3 words)"
	# packaging/rpm/rpmlintrc has the reasons of these two.
	rpmlint "$spec" >lint 2>&1 || { cat lint; fail "rpmlint complains"; }
	! grep -E ': [EW]: ' lint | grep -v -e 'no-buildroot-tag' -e 'invalid-url Source0' || fail "rpmlint warns"
	grep -q ' 0 errors' lint || fail "rpmlint says $(tail -n 1 lint)"
	version=$(sed -n 's/^project(ptcpdump VERSION \([0-9.]*\).*/\1/p' "$SOURCE/CMakeLists.txt")
	[ "$(sed -n 's/^Version: *//p' expanded)" = "$version" ] || fail "its version is not $version"
	given=$(sed -n 's/.*give .*ptcpdump-capture //p' "$SOURCE/packaging/debian/ptcpdump-wireshark.postinst")
	grep -q "%caps($given) .*/ptcpdump-capture$" expanded || fail "gives the engine other capabilities than $given"
	# --nodeps builds without them.
	grep -rh --include=CMakeLists.txt --include='*.cmake' pkg_check_modules "$SOURCE"/{extcap,dissector,packaging} |
		sed 's/.* \([a-z0-9._-]*\)[>=0-9.]*)$/\1/' | sort -u >asked
	[ "$(wc -l <asked)" -ge 9 ] || fail "the build asks for $(xargs <asked) alone"
	sed -n 's/^BuildRequires: *pkgconfig(\(.*\)).*/\1/p' expanded | sort -u | diff asked - >missing || fail "asks for other libraries: $(xargs <missing)"
}
