# SPDX-License-Identifier: GPL-2.0-or-later
"""cri.py SOCKET - makes pods and containers over CRI, for there is no crictl in Debian

    pod NAMESPACE NAME UID CGROUP [host] [KEY=VALUE...]   prints its id; @KEY=VALUE is an annotation,
                                                          %KEY=VALUE a sysctl
    container POD NAME IMAGE COMMAND...                    makes and starts one, prints its id; the
                                                           machine's root is mounted at /host
    exec ID COMMAND...                                     in a container, to its end
    stop ID | remove ID                                    a container
    stop-pod ID | remove-pod ID

The messages are written by hand, by the numbers of the interface; curl speaks HTTP/2.
"""
import subprocess
import sys


def varint(number):
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, str):
        value = value.encode()
    return varint(number << 3 | 2) + varint(len(value)) + value


def entries(number, pairs):
    return b"".join(field(number, field(1, key) + field(2, value)) for key, value in pairs)


def ask(method, message):
    """The first field of the answer, where that is a string."""
    body = b"\0" + len(message).to_bytes(4, "big") + message
    done = subprocess.run(
        ["curl", "-sS", "--http2-prior-knowledge", "--unix-socket", sys.argv[1], "-D", "/dev/stderr",
         "-H", "content-type: application/grpc", "-H", "te: trailers", "--data-binary", "@-",
         "http://localhost/runtime.v1.RuntimeService/" + method],
        input=body, capture_output=True, timeout=60)
    if done.returncode or len(done.stdout) < 5:
        sys.exit(f"{method}: {done.stderr.decode(errors='replace')}")
    answer = done.stdout[5:]
    return answer[2:2 + answer[1]].decode() if answer else ""


def pod(namespace, name, uid, cgroup, *rest):
    host = "host" in rest
    pairs = [pair.split("=", 1) for pair in rest if "=" in pair]
    labels = [(key, value) for key, value in pairs if key[0] not in "@%"]
    annotations = [(key[1:], value) for key, value in pairs if key[0] == "@"]
    sysctls = [(key[1:], value) for key, value in pairs if key[0] == "%"]
    config = field(1, field(1, name) + field(2, uid) + field(3, namespace))
    config += (b"" if host else field(2, name)) + entries(6, labels) + entries(7, annotations)
    options = field(1, 2 if host else 0)
    config += field(8, field(1, cgroup) + field(2, field(1, options)) + entries(3, sysctls))
    identity = ask("RunPodSandbox", field(1, config))
    with open(identity + ".pod", "wb") as file:
        file.write(config)
    return identity


def container(pod_id, name, image, *command):
    with open(pod_id + ".pod", "rb") as file:
        sandbox = file.read()
    config = field(1, field(1, name)) + field(2, field(1, image))
    config += b"".join(field(3, word) for word in command)
    config += field(7, field(1, "/host") + field(2, "/"))
    kubelet = {"io.kubernetes.container.name": name}
    config += entries(9, kubelet.items()) + field(15, b"")
    identity = ask("CreateContainer", field(1, pod_id) + field(2, config) + field(3, sandbox))
    ask("StartContainer", field(1, identity))
    return identity


def execute(identity, *command):
    words = b"".join(field(2, word) for word in command)
    ask("ExecSync", field(1, identity) + words + field(3, 60))


def main():
    what, rest = sys.argv[2], sys.argv[3:]
    simple = {"stop": "StopContainer", "remove": "RemoveContainer", "stop-pod": "StopPodSandbox",
              "remove-pod": "RemovePodSandbox"}
    if what in simple:
        ask(simple[what], field(1, rest[0]))
    elif what == "exec":
        execute(*rest)
    else:
        print({"pod": pod, "container": container}[what](*rest))


main()
