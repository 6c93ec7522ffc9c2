# SPDX-License-Identifier: GPL-2.0-or-later
"""One measurement: one work, captured in one way.

What was offered is what the device itself counted. What else the machine did meanwhile is known by
the cgroup in which all of the bench runs: busy time that is neither its nor ksoftirqd's is others'.
"""
import os
import subprocess
import time
from dataclasses import dataclass

from ways import WAYS
from works import PORT

TICK = os.sysconf("SC_CLK_TCK")
CPUS = os.sysconf("SC_NPROCESSORS_ONLN")
ALLOWED = sorted(os.sched_getaffinity(0))
DISTURBED = 0.1  # of all CPUs' time
SETTLE_SECONDS = 20
WARM_MIB = 1024


@dataclass
class Counts:
    """What bench/count says of a file."""

    packets: int = 0
    owned: int = 0
    size: int = 0
    seen: int = 0
    accepted: int = 0
    dropped: int = 0
    told: int = 0


@dataclass
class Measured:
    offered: int  # packets that passed the device
    captured: int  # in the file
    owned: int
    lost: int  # as reported
    unwanted: int  # as reported: of others than selected
    rate: float  # the work's own, per second
    work_cpu: float  # its CPU seconds
    through: float  # packets per second that reached the file while the work ran
    cpu: float  # seconds of the capturing processes, from the work's begin to the last byte
    memory: float  # MiB, the most
    others: float  # share of the machine
    captures: int  # other captures by eBPF that ran beside, and cost the work as much as ours does

    @property
    def unaccounted(self):
        return self.offered - self.captured - self.lost - self.unwanted

    @property
    def disturbed(self):
        return self.others > DISTURBED or self.captures > 0


def proc(pid, name):
    try:
        with open(f"/proc/{pid}/{name}", encoding="utf-8", errors="replace") as file:
            return file.read()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def cpu_of(pids):
    times = [proc(pid, "stat").rsplit(")", 1)[-1].split()[11:13] for pid in pids]
    return sum(int(part) for pair in times for part in pair) / TICK


def softirq_threads():
    return [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and proc(pid, "comm").startswith("ksoftirqd")]


def field_of(text, name):
    for line in text.splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    return 0


def maps_of(pid):
    """Bytes of eBPF maps that are not in the process's own memory as well."""
    size, seen = 0, set()
    try:
        for fd in os.listdir(f"/proc/{pid}/fdinfo"):
            info = proc(pid, f"fdinfo/{fd}")
            number, kind, flags = (field_of(info, "map_id"), field_of(info, "map_type"),
                                   next((int(line.split()[1], 16) for line in info.splitlines()
                                         if line.startswith("map_flags")), 0))
            if number and number not in seen and kind != 27 and not flags & 0x400:
                seen.add(number)
                size += field_of(info, "memlock")
    except FileNotFoundError:
        pass
    return size


def memory_of(pids):
    """MiB: the most that was resident, pages that are mapped twice counted once, and maps."""
    total = 0
    for pid in pids:
        status, smaps = proc(pid, "status"), proc(pid, "smaps_rollup")
        grown = field_of(status, "VmHWM") - field_of(status, "VmRSS")
        total += (field_of(smaps, "Pss") + grown) * 1024 + maps_of(pid)
    return total / 2**20


class Machine:
    """What the whole machine, and what the bench's own processes have used so far."""

    def __init__(self):
        with open("/proc/self/cgroup", encoding="utf-8") as file:
            path = next((line.split("::")[1].strip() for line in file if line.startswith("0::")), "/")
        with open("/proc/mounts", encoding="utf-8") as file:
            mount = next((line.split()[1] for line in file if line.split()[2] == "cgroup2"), "")
        self.ours = f"{mount}{path}/cpu.stat"
        self.knows_others = mount and path != "/" and os.path.exists(self.ours)
        self.kernel = softirq_threads()

    def others(self):
        """CPU seconds, time that the hypervisor took included."""
        if not self.knows_others:
            return 0
        with open("/proc/stat", encoding="utf-8") as file:
            user, nice, system, _, _, irq, softirq, steal = map(int, file.readline().split()[1:9])
        with open(self.ours, encoding="utf-8") as file:
            ours = int(file.readline().split()[1]) / 1e6
        return (user + nice + system + irq + softirq + steal) / TICK - ours - cpu_of(self.kernel)


def other_captures(pids):
    """Their programs run for the packets of the whole machine, so for ours, too."""
    return sum(pid.isdigit() and int(pid) not in pids and proc(pid, "comm").startswith("ptcpdump-captur")
               for pid in os.listdir("/proc"))


def device_packets(place):
    """All that a device has passed, or tried to."""
    text = subprocess.run(["nsenter", f"--net=/run/netns/{place.ns}", "cat", "/proc/net/dev"], check=True,
                          capture_output=True, text=True).stdout
    line = next(line for line in text.splitlines() if line.strip().startswith(place.device))
    numbers = [int(word) for word in line.split(":")[1].split()]
    return numbers[1] + numbers[9] + numbers[11]


def on_cpu(number):
    """Where a process of the work stays. Else the scheduler puts sender and receiver on one CPU or on two as
    it likes, which decides their rate more than any capture does."""
    return ("taskset", "-c", ALLOWED[number % len(ALLOWED)])


def start_load(place, seconds):
    for number, (program, kind, address, port, *more) in enumerate(place.work.load):
        folder = place.tools if program == "load" else place.files
        command = [f"{folder}/{program}", kind, f"{seconds:g}", address, port, *more]
        yield subprocess.Popen(["nsenter", "--net=/run/netns/a", *map(str, (*on_cpu(number), *command))],
                               stdout=subprocess.PIPE, text=True)


def run_work(place, way, seconds):
    """The work's own rate, its CPU seconds, and how the file grew: when, to how many bytes."""
    begin, sizes = time.monotonic(), []
    way.work_begins()
    loads = list(start_load(place, seconds))
    while any(load.poll() is None for load in loads):
        sizes.append((time.monotonic() - begin, size_of(way.file)))
        time.sleep(0.01)
    way.work_is_done()
    sizes.append((time.monotonic() - begin, size_of(way.file)))
    # Of several the first is measured.
    done, took, cpu = [load.stdout.read().split() for load in loads][0]
    return int(done) / float(took), float(cpu), sizes


def size_of(path):
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0


def settle(way):
    """Until nothing more comes."""
    until, changed, size = time.monotonic() + SETTLE_SECONDS, time.monotonic(), size_of(way.file)
    while time.monotonic() < min(until, changed + way.quiet):
        time.sleep(0.02)
        if size_of(way.file) != size:
            changed, size = time.monotonic(), size_of(way.file)


def count(place, path):
    if not size_of(path):
        return Counts()
    answer = subprocess.run([f"{place.tools}/count", path], check=True, capture_output=True, text=True).stdout
    return Counts(*map(int, answer.split()))


def speed(sizes, counts):
    """Packets per second into the file, up to the work's end or the file's, whichever is first."""
    last = sizes[-1][1]
    if not last or not counts.size:
        return 0
    took = next(when for when, size in sizes if size == last)
    return counts.packets * last / counts.size / took


def warm_up(place):
    """Memory that the file will be written to. In a virtual machine the first touch of a page costs the
    hypervisor more than the capture of a packet does, and free pages go back to it after two seconds: so it
    is a file that is deleted when the work begins. Returns its path."""
    path, piece = f"{place.files}/warm", bytes(1 << 20)
    with open(path, "wb", buffering=0) as file:
        for _ in range(WARM_MIB):
            file.write(piece)
    return path


def measure(place, name, seconds):
    warm = warm_up(place)
    machine, way = Machine(), WAYS[name](place)
    way.begin()
    time.sleep(0.1)
    pids = way.pids()
    captures = other_captures(pids)
    os.unlink(warm)
    packets, cpu, others, began = device_packets(place), cpu_of(pids), machine.others(), time.monotonic()
    rate, work_cpu, sizes = run_work(place, way, seconds * place.work.seconds)
    captures = max(captures, other_captures(pids))
    others = (machine.others() - others) / (time.monotonic() - began) / CPUS
    settle(way)
    packets = device_packets(place) - packets
    pids += way.pids()[len(pids):]
    cpu, memory = cpu_of(pids) - cpu, memory_of(pids)
    way.end()
    counts = count(place, way.file)
    return Measured(packets, counts.packets, counts.owned, way.lost(counts), way.unwanted(counts), rate,
                    work_cpu, speed(sizes, counts), cpu, memory, max(others, 0), captures)


def far_end(tools):
    """Listens until it is killed."""
    command = (*on_cpu(-1), f"{tools}/far_end", PORT)
    process = subprocess.Popen(["nsenter", "--net=/run/netns/b", *map(str, command)], stdout=subprocess.PIPE, text=True)
    if process.stdout.readline() != "ready\n":
        raise RuntimeError("far_end does not listen")
    return process
