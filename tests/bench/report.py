# SPDX-License-Identifier: GPL-2.0-or-later
"""What was measured, in words: medians with their spread, tables in Markdown."""
import datetime
import os
import platform
import re
from statistics import median

import picture
from ways import BUFFER_MIB, WAYS

# On other days of this machine, by a reference patched to start here: the design's, section 5.6.
ELSEWHERE = """\
Recorded elsewhere, not in this run: the Go program [ptcpdump](https://github.com/mozillazg/ptcpdump) with tc,
patched to do without kprobes; medians of 3, veth, into a file, 5 s.

| work | no capture | tcpdump | dumpcap | the reference | the reference, 256 bytes of each |
| --- | --- | --- | --- | --- | --- |
| flood of 64 bytes: captured of offered | – | 1,545,280 of 1,545,280 | 1,263,989 of 1,915,392 | 23,497 of 1,736,002 | 329,600 of 1,659,072 |
| losses it reports | – | 0 | 712,766 | 0 | 0 |
| TCP bulk, Gbit/s of the work (256 bytes of each) | 13.4 | 12.9 | 11.9 | – | 9.8 |
| 200 connections: packets with an owner | – | – | – | 739 of 2,000 | 753 of 2,000 |
| the same, connections/s of the work | 417–433 | 356 | 392 | 185 | 280 |
| memory, MiB | – | 14 | 14 | 311–354 | 275–285 |
"""

PICTURES = """\
![Rate of a flood by the size of its datagrams](rate.svg)

![Packets not captured by offered load](loss.svg)
"""

COLUMNS = ("", "offered", "captured", "lost, reported", "unaccounted", "work's rate", "of no capture", "work's CPU, ns",
           "into the file, /s", "owned", "CPU s", "CPU ns/packet", "memory, MiB")


def number(value):
    return f"{value:,.0f}"


def spread(values):
    """The median, and how far apart the extremes are."""
    middle = median(values)
    width = (max(values) - min(values)) / middle if middle and len(values) > 1 else 0
    return middle, f" ±{width * 50:.0f}%" if width else ""


def of(results, name):
    return median(getattr(one, name) for one in results)


def row(results, name, base):
    """@results: of one work in one way; @base: of the same work without a capture."""
    rate, wide = spread([one.rate for one in results])
    mark = " \\*" if any(one.disturbed for one in results) else ""
    cells = [WAYS[name].words + mark, number(of(results, "offered"))]
    captured = of(results, "captured")
    if name in ("none", "cat"):
        cells += ["–"] * 3
    else:
        cells += [number(captured), number(of(results, "lost")), number(of(results, "unaccounted"))]
    cells += [number(rate) + wide, f"{100 * rate / base:.0f} %" if base and name != "none" else "–"]
    cells.append(number(median(1e9 * one.work_cpu / max(one.offered, 1) for one in results)))
    cells.append(number(of(results, "through")) if name in ("tshark", "cat") else "–")
    cells.append(f"{100 * median(one.owned / max(one.captured, 1) for one in results):.1f} %"
                 if name in ("engine", "tshark") else "–")
    if name == "none":
        return cells + ["–"] * 3
    cpu = of(results, "cpu")
    return cells + [f"{cpu:.2f}", number(1e9 * cpu / captured) if captured else "–", f"{of(results, 'memory'):.0f}"]


def table(rows):
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + " --- |" + " --: |" * (len(COLUMNS) - 1)]
    return "\n".join(lines + ["| " + " | ".join(cells) + " |" for cells in rows])


def one_line(work, name, turn, one):
    return (f"{work.name} {name} {turn + 1}: offered {one.offered} captured {one.captured} lost {one.lost} "
            f"unaccounted {one.unaccounted} rate {one.rate:.0f} ({1e9 * one.work_cpu / max(one.offered, 1):.0f} ns) "
            f"through {one.through:.0f} cpu {one.cpu:.2f} s memory {one.memory:.0f} MiB, "
            f"others {100 * one.others:.0f} %{f', {one.captures} captures' if one.captures else ''}"
            f"{' DISTURBED' if one.disturbed else ''}")


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "?")
    with open("/proc/meminfo", encoding="utf-8") as file:
        memory = int(file.readline().split()[1]) >> 20
    return f"{os.sysconf('SC_NPROCESSORS_ONLN')} CPUs ({model}), {memory} GiB, Linux {platform.release()}"


def figures(results, options, seconds):
    parts = [f"{datetime.date.today()}, {machine()}. {options.rounds} rounds of {options.seconds:g} s each, all ways in "
             f"turn, medians (± half the range); {seconds / 60:.0f} minutes. A buffer of {BUFFER_MIB} MiB for each. "
             "\\*: others used the machine, or captured on it, at the time."]
    for work in dict.fromkeys(work for work, _ in results):
        ways = {name: found for (other, name), found in results.items() if other is work}
        base = of(ways["none"], "rate") if "none" in ways else 0
        parts.append(f"**{work.name}**: {work.words}\n\n" +
                     table([row(found, name, base) for name, found in ways.items()]))
    return "\n\n".join(parts) + "\n"


def record(path, words, results):
    """Into the README, between its marks, and the pictures beside it."""
    begin, end = "<!-- figures -->\n", "<!-- end of figures -->"
    with open(path, encoding="utf-8") as file:
        text = file.read()
    text = re.sub(f"{begin}.*{end}", lambda _: f"{begin}{words}\n{PICTURES}\n{ELSEWHERE}{end}", text, flags=re.S)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    picture.draw_all(os.path.dirname(path), results)


def verdict(results):
    """No time decides, but what we captured must add up."""
    status = 0
    for (work, name), found in results.items():
        if name in ("engine", "tshark") and any(one.unaccounted for one in found):
            most = max((one.unaccounted for one in found), key=abs)
            print(f"FAIL {work.name}, {WAYS[name].words}: {most} packets unaccounted for")
            status = 1
        if not all(one.captured for one in found) and name != "none" and not work.filter:
            print(f"FAIL {work.name}, {WAYS[name].words}: nothing was captured")
            status = 1
    return status
