#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares the container on each packet with where the traffic programs were put.

    check_containers.py FILE ID=TRUTH... [--right PERCENT] [--pod UID] [--only ID]

TRUTH is what the programs of one container have written down (see truth.py), ID the container's;
"none" those in none. Of the packets whose owner is one of them, or who are at their ends' ports

    right      the container that its owner is in, or none
    unknown    none, where there is one
    wrong      another one, or one where there is none

are counted; wrong is never allowed, PERCENT (99.9) of those in containers must be right, and each
process must have been seen. With --only, no packet may be of somebody else.
"""
import argparse
import json
import sys

from read_pcapng import File


def pids_of(path):
    with open(path) as lines:
        return {json.loads(line)["pid"] for line in lines}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("containers", nargs="+")
    parser.add_argument("--right", type=float, default=99.9)
    parser.add_argument("--pod")
    parser.add_argument("--only")
    options = parser.parse_args()
    truth = {}
    for word in options.containers:
        identity, path = word.split("=", 1)
        truth.update({pid: identity for pid in pids_of(path)})
    right = unknown = wrong = outside = 0
    seen = set()
    for number, packet in enumerate(File(options.file).packets, 1):
        says = packet.owner()
        ends = {int(says[key]) for key in ("PID", "PeerPID") if key in says}
        # Its network is it, too.
        network = says.get("ContainerId") if "ContainerBy" in says else None
        if options.only and options.only not in {network} | {truth.get(pid) for pid in ends}:
            print(f"packet {number} is of {says}")
            wrong += 1
        seen |= ends
        wanted = truth.get(int(says.get("PID", 0)))
        if wanted is None:
            continue
        # Named after the network, its owner is in none.
        got = "none" if "ContainerBy" in says else says.get("ContainerId", "none")
        if got == wanted and (wanted == "none" or not options.pod or says.get("PodUID") == options.pod):
            right += wanted != "none"
            outside += wanted == "none"
        elif got == "none":
            unknown += 1
        else:
            print(f"packet {number} should be of {wanted}: {says}")
            wrong += 1
    missing = {pid for pid in truth if truth[pid] in ((options.only,) if options.only else truth.values())} - seen
    if missing:
        print(f"no packet of {sorted(missing)[:5]} ({len(missing)} processes)")
    share = 100 * right / max(right + unknown, 1)
    print(f"in containers: right {right} of {right + unknown} ({share:.2f} %), wrong {wrong}; outside: {outside}")
    sys.exit(bool(wrong or missing or share < options.right or not right))


if __name__ == "__main__":
    main()
