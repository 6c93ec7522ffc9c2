#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Packet by packet: whose it is, beside what the processes of truth_machine.c wrote down.

    truth_packets.py FILE LOG [--all PERCENT] [--share KIND/CLASS=PERCENT ...]
                     [--known KIND/CLASS,...] [--words KIND/CLASS,...]

FILE was captured in both of the machine's namespaces. Each packet is asked for its two ends, its
owner and its peer, and each answer is right, unknown or wrong by the design's definition:

    data      the process that sent the message, or read it; nobody's where several read it,
              and where nobody did either nobody or one that holds the socket
    none      a segment without data: one that holds or held the connection, or its listener
              (of a group of listeners the one that got the connection)
    kernel    what no process sends: an echo reply, an ICMP error: nobody's as it is sent

Pids come back within a second here: a name says which process of that pid is meant. A right
process with another thread or user than at that use is counted as "words".

Wrong ones fail the check, but in --known, and wrong words, but in --words; unknown ones may be
the rest to --all or --share percent, and two. The test gives a reason for each exception.
"""
import argparse
import collections
import re
import sys

from frames import Frame
from read_pcapng import File

TAG = re.compile(rb"TM[0-9a-f]{14}")


class Log:
    def __init__(self, path):
        self.kinds, self.ports = {}, {}
        self.names = {}  # name: (process, pid)
        self.sent = collections.defaultdict(list)
        self.read = collections.defaultdict(list)
        self.held = collections.defaultdict(set)  # proto, ends: processes' pids
        self.kind_of = {}
        self.wild = collections.defaultdict(set)  # proto, port: pids
        self.by_port = collections.defaultdict(set)
        for line in open(path):
            self.take(line.split())

    def take(self, words):
        what = words[0]
        if what == "K":
            self.kinds[int(words[1])] = words[2]
            self.ports[int(words[3])] = words[2]
        elif what == "N":
            self.names[words[1]] = (words[2], int(words[3]))
        elif what in "SR":
            place = self.sent if what == "S" else self.read
            place[words[1].encode()].append((int(words[2]), words[3], words[4], words[5]))
        elif what == "H":
            proto, laddr, lport, raddr, rport, kind, pid = words[1:]
            ends = (proto, laddr, int(lport), raddr, int(rport))
            self.held[ends].add(int(pid))
            self.by_port[proto, int(lport)].add(int(pid))
            if int(kind) > 0:
                self.kind_of[frozenset(((laddr, int(lport)), (raddr, int(rport))))] = self.kinds[int(kind)]
        elif what == "L":
            self.wild[words[1], int(words[2])].add(int(words[4]))
            self.by_port[words[1], int(words[2])].add(int(words[4]))


class Judge:
    def __init__(self, log):
        self.log = log

    def kind(self, frame, tags):
        for tag in tags:
            number = int(tag[2:4], 16)
            if number in self.log.kinds and number:
                return self.log.kinds[number]
        known = self.log.kind_of.get(frozenset(((frame.src, frame.sport), (frame.dst, frame.dport))))
        return known or "tcp-banner" if tags else known

    def of_data(self, frame, tags, sender):
        """The uses that may be named, and whether nobody may be, too."""
        if sender:
            return [use for tag in tags for use in self.log.sent[tag]], False
        uses = [use for tag in tags for use in self.log.read[tag]]
        readers = {self.process(use) for use in uses}
        if frame.multicast and len(readers) > 1:
            return [], True
        if not uses:
            holders = self.holders(frame, False)
            return [(pid, None, None, None) for pid in holders], True
        return uses, False

    def process(self, use):
        return self.log.names[use[3]][0] if use[3] else use[0]

    def holders(self, frame, sender):
        here, there = (frame.src, frame.sport), (frame.dst, frame.dport)
        if not sender:
            here, there = there, here
        if frame.proto == "udp":
            return self.log.by_port["udp", here[1]]
        exact = self.log.held.get((frame.proto, *here, *there), set())
        kind = self.log.ports.get(here[1])
        if kind == "tcp-reuseport" and exact:
            return exact
        return exact | self.log.wild.get((frame.proto, here[1]), set())

    def judge(self, frame, tags, sender, pid, thread, tid, uid):
        """The class of the packet at this end, and the verdict; None where nothing is known."""
        echo_reply = (frame.proto, frame.icmp_type) in (("icmp", 0), ("icmp6", 129))
        if frame.proto in ("icmp", "icmp6") and not frame.is_echo():
            if not tags:
                return None
            uses = [use for tag in tags for use in self.log.sent[tag]]
            allowed = set() if sender else {use[0] for use in uses}
            return "kernel", "right" if pid is None or pid in allowed else "wrong"
        if frame.is_echo() and sender == echo_reply:
            allowed = {use[0] for tag in tags for use in self.log.read[tag]}
            return "kernel", "right" if pid is None or (not sender and pid in allowed) else "wrong"
        if tags:
            uses, nobody = self.of_data(frame, tags, sender)
            return "data", self.verdict(uses, nobody, pid, thread, tid, uid)
        if frame.proto != "tcp" or frame.carries_data:
            return None
        uses = [(each, None, None, None) for each in self.holders(frame, sender)]
        if not uses:
            return None
        return "none", self.verdict(uses, False, pid, thread, tid, uid)

    def verdict(self, uses, nobody, pid, thread, tid, uid):
        if pid is None:
            return "right" if nobody or not uses else "unknown"
        mine = [use for use in uses if use[0] == pid]
        if not mine:
            return "wrong"
        if thread is None:
            return "right"
        named = self.log.names.get(thread)
        exact = [use for use in mine if use[3]]
        if named and exact and named[1] == pid and named[0] not in {self.process(use) for use in exact}:
            return "wrong"  # another process that had the pid before, or has it since
        if exact and not (named and any(use[1:3] == (tid, uid) for use in exact)):
            return "words"
        return "right"


def number(words):
    return None if words is None else int(words)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("log")
    parser.add_argument("--known", default="", help="KIND/CLASS where wrong ones are known")
    parser.add_argument("--share", nargs="*", default=[], help="KIND/CLASS=PERCENT that is enough there")
    parser.add_argument("--words", default="", help="KIND/CLASS where the thread is another's")
    parser.add_argument("--all", type=float, default=99, help="percent that has to be right elsewhere")
    parser.add_argument("--show", type=int, default=3)
    arguments = parser.parse_args()
    log = Log(arguments.log)
    judge = Judge(log)
    counts = collections.defaultdict(collections.Counter)
    totals, shown, left = collections.Counter(), collections.Counter(), 0
    fragments = {}
    for place, packet in enumerate(File(arguments.file).packets, 1):
        frame = Frame(packet.interface.linktype, packet.data)
        if frame.fragment:
            if frame.later_fragment:
                frame.sport, frame.dport = fragments.get(frame.fragment, (0, 0))
            fragments[frame.fragment] = (frame.sport, frame.dport)
        tags = set(TAG.findall(packet.data))
        kind = judge.kind(frame, tags)
        said = packet.owner()
        for key, sender in packet.ends():
            own = key == "PID"
            answer = judge.judge(
                frame, tags, sender, number(said.get(key)), said.get("ThreadName") if own else None,
                said.get("ThreadId"), said.get("UserId"),
            )
            if answer is None or kind is None:
                left += 1
                continue
            what, verdict = answer
            where = f"{kind}/{what}"
            totals["owners" if own else "peers", verdict] += 1
            counts[where][key, verdict] += 1
            if verdict == "right" or shown[where, key, verdict] >= arguments.show:
                continue
            shown[where, key, verdict] += 1
            uses = [log.read[tag] + [("sent",)] + log.sent[tag] for tag in sorted(tags)[:2]]
            print(
                f"{where} {key} {verdict}: packet {place} {packet.interface.name} {packet.direction} "
                f"{frame.proto} {frame.src} {frame.sport} to {frame.dst} {frame.dport} flags "
                f"{frame.tcp_flags:x} {len(frame.payload)} bytes: {said.get(key)} "
                f"{said.get('ThreadName') if own else ''} {said.get('ThreadId')} {said.get('UserId')}; "
                f"truth {uses} holders {sorted(judge.holders(frame, sender))[:6]}"
            )
    bad = []
    known = set(arguments.known.split(","))
    enough = dict(share.split("=") for share in arguments.share)
    for where in sorted(counts):
        line = [f"figure: {where:<24}"]
        for key in ("PID", "PeerPID"):
            c = counts[where]
            right, unknown = c[key, "right"] + c[key, "words"], c[key, "unknown"]
            wrong, words = c[key, "wrong"], c[key, "words"]
            percent = 100 * right / max(right + unknown + wrong, 1)
            line.append(f"{'owner' if key == 'PID' else 'peer'} {percent:6.2f} % of {right + unknown + wrong}")
            if wrong or words:
                line.append(f"(wrong {wrong}, words {words})")
            if wrong and where not in known:
                bad.append(f"{where}: {wrong} wrong")
            if words and where not in arguments.words.split(","):
                bad.append(f"{where}: {words} with wrong words")
            allowed = 2 + (100 - float(enough.get(where, arguments.all))) / 100 * (right + unknown)
            if unknown > allowed:
                bad.append(f"{where}: {percent:.2f} % of the {key}")
        print(", ".join(line))
    for end in ("owners", "peers"):
        print(f"figure: {end}: " + ", ".join(f"{v} {totals[end, v]}" for v in ("right", "words", "unknown", "wrong")))
    print(f"figure: {left} ends that nothing is known of")
    if bad:
        print("; ".join(bad))
        sys.exit(1)


if __name__ == "__main__":
    main()
