#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""accounts.py FILE WORDS [--cut-short] [--at-least N] [--lost] - is every packet accounted for?

WORDS holds the engine's closing line (the last one counts). What it says must add up, agree with the
packets that are in FILE, and, interface by interface, with the statistics there. With --cut-short the
reader did not get the end. --at-least N packets were seen; with --lost some were lost.
"""
import argparse
import re
import sys

from read_pcapng import File

LINE = re.compile(r"(\d+) packets captured, (\d+) of them with an owner; (\d+) seen, (\d+) rejected by the filter, "
                  r"(\d+) of others than selected, (\d+) lost for want of room, (\d+) cut at the end(.*)")


def closing_line(path):
    with open(path, encoding="utf-8") as file:
        found = LINE.findall(file.read())
    if not found:
        sys.exit(f"{path} has no closing line")
    *numbers, rest = found[-1]
    if "unaccounted" in rest:
        sys.exit(f"the engine itself says so: {rest}")
    return map(int, numbers)


def check_interface(interface, packets):
    if len(interface.statistics) != 1:
        sys.exit(f"{interface.name}: {len(interface.statistics)} statistics, not one")
    counts = interface.statistics[0]
    told = sum(packet.lost for packet in packets)
    if counts["delivered"] != len(packets):
        sys.exit(f"{interface.name}: {counts['delivered']} delivered, {len(packets)} in the file")
    if counts["accepted"] != counts["delivered"] + counts["dropped"]:
        sys.exit(f"{interface.name}: accepted is not delivered and dropped: {counts}")
    if counts["received"] < counts["accepted"] or told > counts["dropped"]:
        sys.exit(f"{interface.name}: {counts}, {told} by the packets' own word")
    return counts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("words")
    parser.add_argument("--cut-short", action="store_true")
    parser.add_argument("--at-least", type=int, default=0)
    parser.add_argument("--lost", action="store_true")
    options = parser.parse_args()
    captured, owned, seen, rejected, others, lost, cut = closing_line(options.words)
    print(f"figure: {seen} seen = {rejected} rejected + {others} of others + {captured} captured + {lost} lost + {cut} cut")
    if seen != rejected + others + captured + lost + cut:
        sys.exit(f"does not add up: {seen - rejected - others - captured - lost - cut} more were seen")
    if seen < options.at_least or (options.lost and not lost):
        sys.exit("too few were seen" if seen < options.at_least else "none were lost")
    file = File(options.file)
    if len(file.packets) != captured:
        sys.exit(f"{captured} captured, but {len(file.packets)} in the file")
    named = sum(packet.process_thread is not None for packet in file.packets)
    if named != owned:
        sys.exit(f"{owned} with an owner, but {named} in the file")
    if options.cut_short:
        return
    of = {id(interface): [] for interface in file.interfaces}
    for packet in file.packets:
        of[id(packet.interface)].append(packet)
    sums = [check_interface(interface, of[id(interface)]) for interface in file.interfaces]
    for name, total in (("received", seen), ("delivered", captured), ("dropped", lost + cut)):
        if sum(counts[name] for counts in sums) != total:
            sys.exit(f"{name}: the interfaces have {[counts[name] for counts in sums]}, the closing line {total}")


if __name__ == "__main__":
    main()
