/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fields.h - THE table of fields: every one that filters, columns and -T fields know
 *
 * A line is: name in the code, what its value is, filter name behind "ptcpdump.", label,
 * description. The kinds of value:
 *   NUMBER  a pid, tid or uid
 *   COUNT   how many
 *   TEXT    a string
 *   LABELS  a JSON object in the comment, shown as one "key=value" item per label
 */
#ifndef PTCPDUMP_DISSECTOR_FIELDS_H
#define PTCPDUMP_DISSECTOR_FIELDS_H

#define FIELD_TABLE(F)                                                                            \
	F(PROCESS, TEXT, "process", "Process", "Name and id of the process that owns the packet") \
	F(PID, NUMBER, "pid", "PID", "Process id of the owner")                                   \
	F(COMM, TEXT, "comm", "Name", "Base name of the owner's executable")                      \
	F(CMD, TEXT, "cmd", "Executable", "Path of the owner's executable")                       \
	F(ARGS, TEXT, "args", "Arguments", "Arguments of the owner, joined by a blank")           \
	F(TID, NUMBER, "tid", "Thread", "Id of the thread that sent or received the packet")      \
	F(THREAD, TEXT, "thread", "Thread name", "Name of that thread")                           \
	F(UID, NUMBER, "uid", "User", "Effective user id of the owner")                           \
	F(USER, TEXT, "user", "User name", "Name of the user id among this machine's accounts")   \
	F(PARENT, TEXT, "parent", "Parent", "Name and id of the owner's parent process")          \
	F(PPID, NUMBER, "ppid", "PID", "Process id of the parent")                                \
	F(PARENT_COMM, TEXT, "parent.comm", "Name", "Base name of the parent's executable")       \
	F(PARENT_CMD, TEXT, "parent.cmd", "Executable", "Path of the parent's executable")        \
	F(PARENT_ARGS, TEXT, "parent.args", "Arguments", "Arguments of the parent")               \
	F(CONTAINER, TEXT, "container", "Container", "Name of the owner's container, or its id")  \
	F(CONTAINER_NAME, TEXT, "container.name", "Name", "Name of the container")                \
	F(CONTAINER_ID, TEXT, "container.id", "Id", "Id of the container")                        \
	F(CONTAINER_IMAGE, TEXT, "container.image", "Image", "Image that the container runs")     \
	F(CONTAINER_LABEL, LABELS, "container.label", "Label", "A label of the container")        \
	F(CONTAINER_BY, TEXT, "container.by", "Named by", "What else than its owner names it")    \
	F(POD, TEXT, "pod", "Pod", "Namespace and name of the owner's pod")                       \
	F(POD_NAME, TEXT, "pod.name", "Name", "Name of the pod")                                  \
	F(POD_NAMESPACE, TEXT, "pod.namespace", "Namespace", "Kubernetes namespace of the pod")   \
	F(POD_UID, TEXT, "pod.uid", "UID", "Unique id of the pod")                                \
	F(POD_LABEL, LABELS, "pod.label", "Label", "A label of the pod")                          \
	F(POD_ANNOTATION, LABELS, "pod.annotation", "Annotation", "An annotation of the pod")     \
	F(PEER, TEXT, "peer", "Peer", "Name and id of the process at the other end")              \
	F(PEER_PID, NUMBER, "peer.pid", "PID", "Process id of the peer")                          \
	F(PEER_COMM, TEXT, "peer.comm", "Name", "Base name of the peer's executable")             \
	F(PEER_CMD, TEXT, "peer.cmd", "Executable", "Path of the peer's executable")              \
	F(PEER_ARGS, TEXT, "peer.args", "Arguments", "Arguments of the peer")                     \
	F(END, TEXT, "end", "Owner's end", "Which end the owner of a forwarded packet is at")     \
	F(SRC_PID, NUMBER, "src.pid", "Sender's PID", "Process id of the packet's sender")        \
	F(SRC_PROCESS, TEXT, "src.process", "Sender", "Name and id of the packet's sender")       \
	F(DST_PID, NUMBER, "dst.pid", "Receiver's PID", "Process id of the packet's receiver")    \
	F(DST_PROCESS, TEXT, "dst.process", "Receiver", "Name and id of the packet's receiver")   \
	F(SRC_NAME, TEXT, "src.name", "Source name",                                              \
	  "Container or pod that has the source address")                                         \
	F(DST_NAME, TEXT, "dst.name", "Destination name",                                         \
	  "Container or pod that has the destination address")                                    \
	F(LOST, COUNT, "lost", "Lost", "Packets that the capture lost before this one")

enum field {
	FIELD_NONE, /* stands for "no field" in tables */
#define FIELD_NUMBER_OF(name, ...) FIELD_##name,
	FIELD_TABLE(FIELD_NUMBER_OF)
#undef FIELD_NUMBER_OF
		FIELDS
};

enum field_value { VALUE_NUMBER, VALUE_COUNT, VALUE_TEXT, VALUE_LABELS };

/* What Wireshark calls them, from fields_register() on. */
extern int field_ids[FIELDS];
extern const enum field_value field_values[FIELDS];

void fields_register(int protocol);

#endif
