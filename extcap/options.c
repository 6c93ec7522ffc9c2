// SPDX-License-Identifier: GPL-2.0-or-later
/* options.c - THE option table: every option, described once
 *
 * The parser (options_parse.c), Wireshark's dialog and --help (options_print.c) and
 * the test that walks all options follow it. A new option is an entry here and a
 * field in struct options, nothing else.
 */
#include "extcap/options_table.h"

#include "extcap/sources/container.h"
#include "extcap/sources/source.h"
#include "shared/record.h"

#include <stddef.h>

#define AT(field)      .offset = offsetof(struct options, field), .size = SIZE_OF(field)
#define SIZE_OF(field) sizeof(((struct options *)NULL)->field)

static const struct option_choice contexts[] = {
	{"process", CONTEXT_PROCESS, NULL},
	{"thread", CONTEXT_THREAD, NULL},
	{"parentproc", CONTEXT_PARENT, NULL},
	{"user", CONTEXT_USER, NULL},
	{"container", CONTEXT_CONTAINER, NULL},
	{"pod", CONTEXT_POD, NULL},
	{NULL, 0, NULL},
};

static const struct option_choice log_levels[] = {
	{"error", LOG_LEVEL_ERROR, "Errors"},
	{"warning", LOG_LEVEL_WARNING, "Warnings"},
	{"info", LOG_LEVEL_INFO, "What it does"},
	{"debug", LOG_LEVEL_DEBUG, "Everything"},
	{NULL, 0, NULL},
};

static const struct option_choice directions[] = {
	{"inout", DIRECTION_IN | DIRECTION_OUT, "Received and sent"},
	{"in", DIRECTION_IN, "Received"},
	{"out", DIRECTION_OUT, "Sent"},
	{NULL, 0, NULL},
};

/* Of the source of one process, container or pod there is nothing more to choose but children. */
#define OF(kind) (1U << (kind))
#define SEVERAL_PROCESSES \
	(EVERY_SOURCE & ~(OF(SOURCE_PROCESS) | OF(SOURCE_CONTAINER) | OF(SOURCE_POD)))

/* Wireshark 4.0 and 4.6 draw no multicheck that works, so --context is six booleans
 * in the dialog; no flags, because one that is on by default cannot be switched off. */
#define CONTEXT_OPTION(name_, bit, label_, help_)                                              \
	{                                                                                      \
		.name = "context-" name_, .label = label_, .help = help_, .type = OPTION_BIT,  \
		.group = GROUP_OWNER, .sources = EVERY_SOURCE, .fallback = "true", .max = bit, \
		AT(context)                                                                    \
	}
#define ADDRESS_OPTION(name_, of, where, field)                                        \
	{                                                                              \
		.name = name_ "-address", .label = of " socket",                       \
		.help = "Where " of " is asked for containers; none is not at all.",   \
		.type = OPTION_ADDRESS, .group = GROUP_OWNER, .sources = EVERY_SOURCE, \
		.placeholder = where, AT(field)                                        \
	}
#define FACE_OPTION(name_, face_, help_)                                        \
	{                                                                       \
		.name = name_, .help = help_, .type = OPTION_FACE, .max = face_ \
	}

const struct option_desc option_table[] = {
	FACE_OPTION("help", FACE_HELP, "Show this help."),
	FACE_OPTION("version", FACE_VERSION, "Show the version."),
	FACE_OPTION("extcap-interfaces", FACE_INTERFACES, "List the sources."),
	FACE_OPTION("extcap-dlts", FACE_DLTS, "Tell a source's link type."),
	FACE_OPTION("extcap-config", FACE_CONFIG, "Tell a source's options."),
	FACE_OPTION("capture", FACE_CAPTURE, "Capture from a source into a FIFO."),
	{.name = "extcap-interface",
	 .help = "The source, such as ptcpdump.any.",
	 .type = OPTION_STRING,
	 .placeholder = "SOURCE",
	 AT(source)},
	{.name = "fifo",
	 .help = "Where the packets go; - is standard output.",
	 .type = OPTION_FILE,
	 AT(fifo)},
	{.name = "extcap-capture-filter",
	 .help = "Only packets that match, in the words of pcap-filter(7).",
	 .type = OPTION_STRING,
	 .placeholder = "FILTER",
	 AT(filter)},
	{.name = "extcap-version",
	 .help = "Which Wireshark is asking.",
	 .type = OPTION_WORD,
	 .placeholder = "VERSION",
	 AT(wireshark_version)},
	{.name = "extcap-reload-option",
	 .help = "Tell the values of this option anew.",
	 .type = OPTION_STRING,
	 .placeholder = "NAME",
	 AT(reload)},

	{.name = "process",
	 .label = "Process",
	 .help = "One of the processes that have network sockets now.",
	 .type = OPTION_OFFERED,
	 .group = GROUP_WHO,
	 .sources = OF(SOURCE_ANY_PROCESS),
	 .hidden = true,
	 .unsaved = true,
	 .offer = process_offer,
	 AT(process)},
	{.name = "running-container",
	 .label = "Container",
	 .help = "One of the containers that run now.",
	 .type = OPTION_OFFERED,
	 .group = GROUP_WHO,
	 .sources = OF(SOURCE_ANY_CONTAINER),
	 .hidden = true,
	 .unsaved = true,
	 .offer = container_offer,
	 AT(container)},
	{.name = "running-pod",
	 .label = "Pod",
	 .help = "One of the Kubernetes pods that run now.",
	 .type = OPTION_OFFERED,
	 .group = GROUP_WHO,
	 .sources = OF(SOURCE_ANY_POD),
	 .hidden = true,
	 .unsaved = true,
	 .offer = pod_offer,
	 AT(pod)},
	{.name = "pid",
	 .label = "Process ids",
	 .help = "Only packets of these processes: their numbers, several with commas between.",
	 .type = OPTION_PIDS,
	 .group = GROUP_WHO,
	 .sources = SEVERAL_PROCESSES,
	 .selects = true,
	 .placeholder = "PID,...",
	 AT(pids)},
	{.name = "pname",
	 .label = "Process names",
	 .help = "Only packets of processes of these names, such as curl; several with commas "
		 "between.",
	 .type = OPTION_NAMES,
	 .group = GROUP_WHO,
	 .sources = SEVERAL_PROCESSES,
	 .selects = true,
	 .placeholder = "NAME,...",
	 AT(pnames)},
	{.name = "uid",
	 .label = "Users",
	 .help = "Only packets of these users, by id or name; several with commas between.",
	 .type = OPTION_USERS,
	 .group = GROUP_WHO,
	 .sources = SEVERAL_PROCESSES,
	 .selects = true,
	 .placeholder = "USER,...",
	 AT(uids)},
	{.name = "container-id",
	 .label = "Container ids",
	 .help = "Only packets of these containers, also when they start or restart later; the "
		 "first digits do; several with commas between.",
	 .type = OPTION_NAMES,
	 .group = GROUP_WHO,
	 .sources = SEVERAL_PROCESSES,
	 .selects = true,
	 .placeholder = "ID,...",
	 AT(container_ids)},
	{.name = "container-name",
	 .label = "Container names",
	 .help = "Only packets of containers of these names, also of later ones; several with "
		 "commas between.",
	 .type = OPTION_NAMES,
	 .group = GROUP_WHO,
	 .sources = SEVERAL_PROCESSES,
	 .selects = true,
	 .placeholder = "NAME,...",
	 AT(container_names)},
	{.name = "pod-name",
	 .label = "Pods",
	 .help = "Only packets of these Kubernetes pods, also of later ones, such as "
		 "cart-7d9f.shop in the namespace shop; several with commas between.",
	 .type = OPTION_NAMES,
	 .group = GROUP_WHO,
	 .sources = SEVERAL_PROCESSES,
	 .selects = true,
	 .placeholder = "NAME.NAMESPACE,...",
	 AT(pods)},
	{.name = "follow-forks",
	 .label = "Their children too",
	 .help = "Also packets of processes that the chosen ones start, and so on.",
	 .type = OPTION_FLAG,
	 .group = GROUP_WHO,
	 .sources = EVERY_SOURCE,
	 .selects = true,
	 .fallback = "false",
	 AT(follow_forks)},
	{.name = "command",
	 .label = "Run a command",
	 .help = "Start this command when the capture has begun, and capture its packets and "
		 "its children's.",
	 .type = OPTION_STRING,
	 .group = GROUP_WHO,
	 .sources = SEVERAL_PROCESSES,
	 .selects = true,
	 .runs = true,
	 .placeholder = "COMMAND",
	 AT(command)},
	{.name = "command-child",
	 .help = "The command that the front has started for the engine.",
	 .type = OPTION_STRING,
	 .group = GROUP_WHO,
	 .hidden = true,
	 AT(command_child)},
	{.name = "command-named",
	 .help = "Wireshark's own command line has a command for this source.",
	 .type = OPTION_FLAG,
	 .group = GROUP_WHO,
	 .hidden = true,
	 .fallback = "false",
	 AT(command_named)},

	{.name = "netns",
	 .label = "Network namespaces",
	 .help = "Only packets in these network namespaces: names that \"ip netns\" lists, "
		 "paths such as /proc/26/ns/net, or all; several with commas between.",
	 .type = OPTION_NAMES,
	 .group = GROUP_WHAT,
	 .sources = OF(SOURCE_ANY) | OF(SOURCE_ANY_PROCESS) | OF(SOURCE_ANY_CONTAINER) |
		    OF(SOURCE_ANY_POD),
	 .placeholder = "NAME,...",
	 AT(netns)},
	{.name = "direction",
	 .label = "Direction",
	 .help = "Only packets that are received (in), that are sent (out), or both.",
	 .type = OPTION_CHOICE,
	 .group = GROUP_WHAT,
	 .sources = EVERY_SOURCE,
	 .fallback = "inout",
	 .choices = directions,
	 AT(direction)},

	{.name = "snapshot-length",
	 .label = "Snapshot length",
	 .help = "Keep so many bytes of each packet.",
	 .type = OPTION_INTEGER,
	 .group = GROUP_HOW,
	 .sources = EVERY_SOURCE,
	 .fallback = "262144",
	 .unit = "bytes",
	 .min = 1,
	 .max = 262144,
	 AT(snapshot_length)},
	{.name = "count",
	 .label = "Stop after packets",
	 .help = "Stop the capture after so many packets; 0 is never.",
	 .type = OPTION_INTEGER,
	 .group = GROUP_HOW,
	 .sources = EVERY_SOURCE,
	 .fallback = "0",
	 .unit = "packets",
	 .max = G_MAXINT32, /* the widest field that Wireshark's dialog draws */
	 AT(count)},
	{.name = "duration",
	 .label = "Stop after seconds",
	 .help = "Stop the capture after so many seconds, such as 1.5; 0 is never.",
	 .type = OPTION_SECONDS,
	 .group = GROUP_HOW,
	 .sources = EVERY_SOURCE,
	 .fallback = "0",
	 .unit = "seconds",
	 .max = 1000000000,
	 AT(duration)},
	{.name = "buffer-size",
	 .label = "Buffer",
	 .help = "Memory for packets that wait to be written: a bigger one rides out longer "
		 "bursts.",
	 .type = OPTION_SIZE,
	 .group = GROUP_HOW,
	 .sources = EVERY_SOURCE,
	 .fallback = "32",
	 .unit = "MiB",
	 .min = 1,
	 .max = 1024,
	 AT(buffer_size)},

	{.name = "context",
	 .help = "What to say of a packet's owner; all of it by default.",
	 .type = OPTION_LIST,
	 .group = GROUP_OWNER,
	 .fallback = "process,thread,parentproc,user,container,pod",
	 .choices = contexts,
	 AT(context)},
	CONTEXT_OPTION("process", CONTEXT_PROCESS, "Process id, executable, arguments",
		       "Say which process owns a packet."),
	CONTEXT_OPTION("thread", CONTEXT_THREAD, "Thread id and name",
		       "Say which of its threads sent or received it."),
	CONTEXT_OPTION("parentproc", CONTEXT_PARENT, "Parent process",
		       "Say which process started the owner."),
	CONTEXT_OPTION("user", CONTEXT_USER, "User id", "Say whose process it is."),
	CONTEXT_OPTION("container", CONTEXT_CONTAINER, "Container",
		       "Say which container the process runs in: name, id, image, labels."),
	CONTEXT_OPTION("pod", CONTEXT_POD, "Kubernetes pod",
		       "Say which pod that is: name, namespace, labels, annotations."),
	ADDRESS_OPTION("docker", "Docker", "/var/run/docker.sock", docker_address),
	ADDRESS_OPTION("containerd", "containerd", "/run/containerd/containerd.sock",
		       containerd_address),
	ADDRESS_OPTION("cri-runtime", "The Kubernetes runtime",
		       "containerd's, CRI-O's or cri-dockerd's", cri_address),
	ADDRESS_OPTION("podman", "Podman", "root's and the user's own", podman_address),
	{.name = "label-length",
	 .label = "Labels",
	 .help = "Say so much of a container's labels, of its pod's labels and of its annotations "
		 "on each packet; what is left out is counted there.",
	 .type = OPTION_INTEGER,
	 .group = GROUP_OWNER,
	 .sources = EVERY_SOURCE,
	 .fallback = "512",
	 .unit = "bytes",
	 .min = 2,
	 .max = 8192,
	 AT(label_length)},

	{.name = "log-level",
	 .label = "Log",
	 .help = "How much the log file tells.",
	 .type = OPTION_CHOICE,
	 .group = GROUP_DEBUG,
	 .sources = EVERY_SOURCE,
	 .fallback = "warning",
	 .choices = log_levels,
	 AT(log_level)},
	{.name = "log-file",
	 .label = "Log file",
	 .help = "Where the log goes; without one there is no log.",
	 .type = OPTION_FILE,
	 .group = GROUP_DEBUG,
	 .sources = EVERY_SOURCE,
	 .placeholder = "no log",
	 AT(log_file)},
	{.name = "kernel-btf",
	 .label = "Kernel BTF file",
	 .help = "Types of a kernel that has none of its own (a file of root's).",
	 .type = OPTION_FILE,
	 .group = GROUP_DEBUG,
	 .sources = EVERY_SOURCE,
	 .placeholder = "the kernel's own",
	 AT(kernel_btf)},
	{.name = "without",
	 .help = "Do without these hooks, to test their stand-ins.",
	 .type = OPTION_STRING,
	 .group = GROUP_DEBUG,
	 .hidden = true,
	 AT(without)},
};

const gsize option_count = G_N_ELEMENTS(option_table);
