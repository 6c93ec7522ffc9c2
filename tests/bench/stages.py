# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a packet's nanoseconds go: eBPF programs by run_time_ns, the processes' functions by perf.

The kernel's account costs some 30 ns a run itself, most of it outside of what it tells. Programs see
the whole machine's events: on one that is busy with other traffic, what each run takes is the figure.
"""
import json
import os
import re
import subprocess
import time

from measure import count, cpu_of, proc, run_work, settle, warm_up
from ways import WAYS

SWITCH = "/proc/sys/kernel/bpf_stats_enabled"
WORKS = ("out-64", "in-64", "paced", "connect-2000")
FUNCTIONS = 24


def programs_of(pids):
    """By its name: nanoseconds and runs so far."""
    ids = set()
    for pid in pids:
        for fd in os.listdir(f"/proc/{pid}/fdinfo"):
            ids.update(re.findall(r"^prog_id:\s*(\d+)", proc(pid, f"fdinfo/{fd}"), re.M))
    shown = subprocess.run(["bpftool", "-j", "prog", "show"], check=True, capture_output=True, text=True).stdout
    return {one["name"]: (one.get("run_time_ns", 0), one.get("run_cnt", 0)) for one in json.loads(shown)
            if str(one["id"]) in ids}


def programs_table(before, after, packets):
    lines = ["| program | runs per packet | ns each run | ns per packet |", "| --- | --: | --: | --: |"]
    rows = []
    for name, (ns, runs) in after.items():
        ns, runs = ns - before[name][0], runs - before[name][1]
        if runs:
            rows.append((ns / packets, runs / packets, ns / runs, name))
    for per_packet, runs, each, name in sorted(rows, reverse=True):
        if per_packet >= 0.5:
            lines.append(f"| `{name}` | {runs:.2f} | {each:.0f} | {per_packet:.0f} |")
    return "\n".join(lines)


def functions_table(recorded, cpu, packets):
    """@cpu: of all the processes, by which perf's shares become nanoseconds."""
    shown = subprocess.run(["perf", "report", "-i", recorded, "--stdio", "--sort", "comm,symbol", "-g", "none"],
                           capture_output=True, text=True, check=True).stdout
    lines = ["| process | function | ns per packet |", "| --- | --- | --: |"]
    for share, comm, words in re.findall(r"^\s+([\d.]+)%\s+(\S+)\s+\[.\] (\S+)", shown, re.M)[:FUNCTIONS]:
        lines.append(f"| {comm} | `{words}` | "
                     f"{float(share) / 100 * cpu * 1e9 / packets:.0f} |")
    return "\n".join(lines)


def stages_of(place, name, seconds):
    way = WAYS[name](place)
    recorded = f"{place.files}/perf"
    warm_up(place)
    way.begin()
    pids = way.pids()
    before = programs_of(pids)
    perf = subprocess.Popen(["perf", "record", "-q", "-e", "cpu-clock", "-F", "4000", "-o", recorded, "-p",
                             ",".join(map(str, pids))], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    cpu = {pid: cpu_of([pid]) for pid in pids}
    run_work(place, way, seconds)
    settle(way)
    cpu = {pid: cpu_of([pid]) - cpu[pid] for pid in pids}
    after = programs_of(pids)
    perf.terminate()
    perf.wait()
    names = {pid: proc(pid, "comm").strip() for pid in pids}
    way.end()
    packets = max(count(place, way.file).packets, 1)
    each = ", ".join(f"{names[pid]} {cpu[pid] * 1e9 / packets:.0f} ns" for pid in pids if cpu[pid])
    return (f"**{place.work.name}**, {way.words}: {packets:,} packets captured; CPU per packet: {each}\n\n" +
            programs_table(before, after, packets) + "\n\n" + functions_table(recorded, sum(cpu.values()), packets))


def tell(place, works, ways, seconds):
    with open(SWITCH, encoding="utf-8") as file:
        before = file.read()
    with open(SWITCH, "w", encoding="utf-8") as file:
        file.write("1")
    try:
        for work in works:
            place.set(work)
            for name in ways:
                print(stages_of(place, name, seconds), end="\n\n", flush=True)
    finally:
        with open(SWITCH, "w", encoding="utf-8") as file:
            file.write(before)
