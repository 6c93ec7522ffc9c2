#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Both ends on this machine: is each packet's owner one, and its peer the other?

    truth_ends.py FILE TRUTH [--peers PERCENT]

Each packet that the claims of $TRUTH say something about has an owner at the near end (its
sender where it goes out, as all of loopback's do; its receiver where it comes in; what passes through
says itself which) and a peer at the far one. Counted per end: right, unknown, wrong. None may be wrong; PERCENT (100) of either
have to be right.
"""
import argparse
import collections
import sys

from check_owners import Truth
from frames import Frame
from read_pcapng import File


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("truth")
    parser.add_argument("--peers", type=float, default=100)
    arguments = parser.parse_args()
    truth = Truth(arguments.truth)
    counts, shown = collections.Counter(), 0
    for number, packet in enumerate(File(arguments.file).packets, 1):
        frame = Frame(packet.interface.linktype, packet.data)
        said = packet.owner()
        for key, end in packet.ends():
            claims = truth.owners(frame, end)
            if claims is None:
                continue
            pid, pids = said.get(key), {str(claim["pid"]) for claim in claims}
            if pid is None:
                verdict = "unknown" if pids else "right"
            else:
                verdict = "right" if pid in pids else "wrong"
            if verdict == "right" and key == "PeerPID" and pid:
                mine = [claim for claim in claims if str(claim["pid"]) == pid and "args" in claim]
                if mine and said.get("PeerArgs") not in {claim["args"] for claim in mine}:
                    verdict = "details"
            counts[key, verdict] += 1
            if verdict != "right" and shown < 12:
                shown += 1
                print(f"{key} {verdict}: packet {number} on {packet.interface.name} {packet.direction}, "
                      f"{frame.proto} {frame.src} {frame.sport} to {frame.dst} {frame.dport}, "
                      f"{len(frame.payload)} bytes: {pid}, not {' or '.join(pids) or 'nobody'}")
    bad = False
    for key in ("PID", "PeerPID"):
        right, unknown = counts[key, "right"], counts[key, "unknown"]
        wrong, details = counts[key, "wrong"], counts[key, "details"]
        total = right + unknown + wrong + details
        percent = 100 * right / total if total else 0
        print(f"figure: {key}: right {right} of {total} ({percent:.2f} %), unknown {unknown}, "
              f"wrong {wrong}, words wrong {details}")
        bad = bad or wrong or details or percent < arguments.peers
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
