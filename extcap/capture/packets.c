// SPDX-License-Identifier: GPL-2.0-or-later
/* packets.c - from the records to the stream: filter, owner, block */
#include "extcap/capture/packets.h"

#include <net/if_arp.h>
#include <string.h>

#include "extcap/linktype.h"
#include "extcap/identity/comments.h"
#include "extcap/identity/container_comments.h"
#include "extcap/output/pcapng.h"

#define ETHERNET_ADDRESSES 12

/* PACKET_* of linux/if_packet.h, one of which is a record's flag here. */
#define PACKET_HOST	0
#define PACKET_OUTGOING 4

/* The bytes as tcpdump would write them: with the link layer where the link type has one,
 * and with the tag that the kernel keeps in metadata put back behind the addresses. */
static void lay_out(struct pcapng_packet *packet, const struct packet_record *record,
		    const struct link *link, guint32 snapshot_length)
{
	guint32 link_layer = record->mac_length + record->network;
	guint32 skip = link->link_type == LINKTYPE_RAW ? MIN(link_layer, record->captured) : 0;

	packet->body = record->data + skip;
	packet->body_length = MIN(record->captured - skip, snapshot_length);
	packet->length = record->length - skip;
	packet->head_length = packet->tag_length = 0;
	if (!(record->flags & PACKET_VLAN) || link->link_type != LINKTYPE_ETHERNET ||
	    packet->body_length < ETHERNET_ADDRESSES)
		return;
	packet->head = packet->body;
	packet->head_length = ETHERNET_ADDRESSES;
	packet->body += ETHERNET_ADDRESSES;
	packet->body_length -= ETHERNET_ADDRESSES;
	packet->tag_length = sizeof(packet->tag);
	memcpy(packet->tag, &record->vlan_proto, 2);
	packet->tag[2] = record->vlan_tci >> 8;
	packet->tag[3] = record->vlan_tci & 0xff;
}

/* For what the kernel side could not decide. The filter sees the packet as the kernel's own do: the
 * tag in metadata, and of loopback the frame that comes in. */
static bool filter_rejects(const struct packets *packets, const struct packet_record *record)
{
	enum link_kind kind = link_kind_of(record->hardware);
	guint32 front = kind == LINK_RAW ? record->mac_length + record->network : 0;
	guint32 skip = MIN(front, record->captured);
	bool tagged = record->flags & PACKET_VLAN;
	bool outgoing = record->direction == DIRECTION_OUT && record->hardware != ARPHRD_LOOPBACK;
	const struct filter_packet packet = {
		.bytes = record->data + skip,
		.captured = record->captured - skip,
		.length = record->length - skip,
	};
	const struct filter_context context = {
		.packet_type = outgoing ? PACKET_OUTGOING : PACKET_HOST,
		.ifindex = record->ifindex,
		.hardware = record->hardware,
		.vlan_present = tagged,
		.vlan_tag = tagged ? record->vlan_tci : 0,
		.vlan_protocol = tagged ? GUINT16_FROM_BE(record->vlan_proto) : 0,
	};

	return !filter_matches(packets->filter, kind, &packet, &context);
}

/* The process behind an owner; its record may have come after the events were read. */
static struct process *process_of(struct packets *packets, const struct owner *owner)
{
	struct process *process = processes_find(packets->attribution.processes, owner);

	if (process)
		return process;
	events_drain(packets->attribution.events);
	return processes_find(packets->attribution.processes, owner);
}

static bool is_wanted(struct packets *packets, const struct owner *owner, guint64 time)
{
	const struct process *process;

	if (!selection_has_uid(packets->selection, owner->uid))
		return false;
	if (!selection_by_process(packets->selection))
		return true;
	process = process_of(packets, owner);
	return process && process_is_selected(process, process_image(process, time));
}

static bool sender_is_wanted(struct packets *packets, const struct attributed *who, guint64 time)
{
	if (who->direction == DIRECTION_OUT)
		return who->has_owner && is_wanted(packets, &who->owner, time);
	return who->has_peer && is_wanted(packets, &who->peer, time);
}

static bool receiver_is_wanted(struct packets *packets, const struct attributed *who, guint64 time)
{
	if (who->direction == DIRECTION_IN)
		return who->has_owner && is_wanted(packets, &who->owner, time);
	return who->has_peer && is_wanted(packets, &who->peer, time);
}

/* Loopback has no direction of its own. */
static enum direction shown_direction(const struct packet_record *record,
				      const struct attributed *who)
{
	return record->hardware == ARPHRD_LOOPBACK ? who->direction : record->direction;
}

/* The packet passes through, so its direction does not say which end the owner is. */
static bool owner_is_far(const struct packet_record *record, const struct attributed *who)
{
	return who->has_owner && who->direction != shown_direction(record, who);
}

/* What an owner was at that time; NULL: it is not known. */
static struct image *image_of(struct packets *packets, const struct owner *owner, guint64 time)
{
	return process_image(process_of(packets, owner), time);
}

/* The container of the network namespace, for what nobody owns there, or somebody from outside
 * (a runtime's own name server, nsenter). Not for what merely passes through: its owner has a
 * socket elsewhere. */
static struct container *container_of_network(const struct packets *packets,
					      const struct packet_record *record,
					      const struct attributed *who)
{
	if (owner_is_far(record, who))
		return NULL;
	return containers_of_network(processes_containers(packets->attribution.processes),
				     record->netns);
}

/* @owner: what the packet's owner was; NULL: nobody, or nobody that is known */
static struct container *container_of(const struct packets *packets,
				      const struct packet_record *record,
				      const struct attributed *who, const struct image *owner,
				      bool *by_network)
{
	struct container *container = owner ? home_container(&owner->home) : NULL;

	*by_network = !container;
	return container ? container : container_of_network(packets, record, who);
}

/* In a wanted container's network: whoever it is that is in no container. */
static bool network_is_wanted(struct packets *packets, const struct packet_record *record,
			      const struct attributed *who)
{
	const struct containers *containers = processes_containers(packets->attribution.processes);
	const struct image *owner;
	bool by_network;

	if (!selection_by_container(packets->selection) || packets->selection->uids->len ||
	    !containers_network_is_wanted(containers, record->netns))
		return false;
	owner = who->has_owner ? image_of(packets, &who->owner, record->time) : NULL;
	return container_of(packets, record, who, owner, &by_network) && by_network;
}

/* Either end makes a packet wanted. On a device it has one direction; on loopback it goes out
 * for its sender and comes in for its receiver. */
static bool selected(struct packets *packets, const struct packet_record *record,
		     const struct attributed *who)
{
	bool loopback = record->hardware == ARPHRD_LOOPBACK;
	bool out = loopback ? packets->directions & DIRECTION_OUT : true;
	bool in = loopback ? packets->directions & DIRECTION_IN : true;

	if (!loopback && !(packets->directions & record->direction))
		return false;
	if (!selection_by_process(packets->selection) && !packets->selection->uids->len)
		return true;
	return (out && sender_is_wanted(packets, who, record->time)) ||
	       (in && receiver_is_wanted(packets, who, record->time)) ||
	       network_is_wanted(packets, record, who);
}

/* The comments of a packet, in their order. */
enum { OF_OWNER, OF_CONTAINER, OF_PEER, OF_END, OF_NAMES };

/* Comments are borrowed: the owner's are still there when the peer's are made. */
static void annotate(struct packets *packets, struct pcapng_packet *packet,
		     const struct packet_record *record, const struct attributed *who)
{
	const guint32 of_container = packets->context & (CONTEXT_CONTAINER | CONTEXT_POD);
	struct image *owner = NULL;
	struct container *container;
	bool by_network;

	memset(packet->options, 0, sizeof(packet->options));
	packet->pid = packet->tid = 0;
	if (who->has_owner) {
		owner = image_of(packets, &who->owner, record->time);
		packet->options[OF_OWNER] = comments_of(owner, &who->owner, packets->context);
		packet->pid = who->owner.tgid;
		packet->tid = who->owner.tid;
		packets->owned++;
	}
	if (of_container && (container = container_of(packets, record, who, owner, &by_network)))
		packet->options[OF_CONTAINER] =
			container_comments(container, of_container, by_network);
	if (who->has_peer && packets->context & CONTEXT_PROCESS)
		packet->options[OF_PEER] = comments_of(image_of(packets, &who->peer, record->time),
						       &who->peer, CONTEXT_PEER);
	if (owner_is_far(record, who))
		packet->options[OF_END] = comment_of_end(who->direction == DIRECTION_OUT);
	if (of_container || packets->host_names)
		packet->options[OF_NAMES] = name_ends(packets->addresses, record, &packets->named);
	if (packets->host_names && owner && owner->netns == record->netns &&
	    !owner_is_far(record, who))
		host_names_see(packets->host_names, record, who->direction == DIRECTION_OUT);
}

static void write_packet(struct packets *packets, const struct packet_record *record,
			 struct link *link, struct pcapng_packet *packet)
{
	packet->interface = link->interface;
	packet->time = record->time + packets->offset;
	if (record->flags & PACKET_MULTICAST)
		packet->flags |= EPB_MULTICAST;
	packet->lost = link->lost;
	link->lost = 0;
	pcapng_packet(packets->out, packet);
	link->written++;
	packets->written++;
}

static void hear_of_lost(struct link *link, guint64 lost)
{
	guint64 known = MIN(lost, link->foretold);

	link->told += lost;
	link->foretold -= known;
	link->lost += lost - known;
}

/* When the ring has been read, a CPU that brings no further packet has not told of its own. */
void packets_find_lost(struct packets *packets)
{
	const GPtrArray *all = links_all(packets->links);

	for (guint i = 0; i < all->len; i++) {
		struct link *link = g_ptr_array_index(all, i);
		guint64 lost = links_counters(packets->links, link).lost;

		if (lost <= link->told + link->foretold)
			continue;
		lost -= link->told + link->foretold;
		link->lost += lost;
		link->foretold += lost;
	}
}

/* One packet. False when it has to wait. */
static bool take(struct packets *packets, const struct packet_record *record, guint64 now)
{
	struct pcapng_packet packet; /* filled part by part: to clear it first takes 10 ns */
	struct attributed who;
	struct link *link = links_find(packets->links, record);

	if (record->flags & PACKET_UNSURE && filter_rejects(packets, record)) {
		link->rejected++;
		hear_of_lost(link, record->lost);
		return true;
	}
	lay_out(&packet, record, link, packets->snapshot_length);
	if (!attribute(&packets->attribution, record, now, &who))
		return false;
	hear_of_lost(link, record->lost);
	if (!selected(packets, record, &who)) {
		link->unselected++;
		return true;
	}
	annotate(packets, &packet, record, &who);
	packet.flags = shown_direction(record, &who) == DIRECTION_IN ? EPB_INBOUND : EPB_OUTBOUND;
	write_packet(packets, record, link, &packet);
	return true;
}

enum drained packets_drain(struct packets *packets, gsize room, guint64 now, bool last)
{
	const struct packet_record *record;
	enum drained drained = DRAINED_ALL;

	packets->attribution.crowded = records_crowded(packets->records);
	while (drained == DRAINED_ALL && (record = records_peek(packets->records))) {
		if (packets->count && packets->written >= packets->count)
			break;
		if (packets->out->len >= room)
			drained = DRAINED_FULL;
		else if (record->time + SETTLE_NS > now ||
			 !take(packets, record, last ? G_MAXUINT64 : now))
			drained = DRAINED_WAITS;
		else
			records_next(packets->records);
	}
	records_release(packets->records);
	return drained;
}

void packets_discard(struct packets *packets)
{
	const struct packet_record *record;

	while ((record = records_peek(packets->records))) {
		links_find(packets->links, record)->cut++;
		records_next(packets->records);
	}
	records_release(packets->records);
}

void packets_cut(guint32 interface, bool owned, void *data)
{
	struct packets *packets = data;
	struct link *link = g_ptr_array_index(links_all(packets->links), interface);

	link->written--;
	link->cut++;
	packets->written--;
	packets->owned -= owned;
}

guint64 packets_oldest(const struct packets *packets, guint64 now)
{
	const struct packet_record *record = records_peek(packets->records);
	guint64 oldest = record ? MIN(record->time, now) : now;

	records_release(packets->records);
	return oldest;
}

void packets_free(struct packets *packets)
{
	fragments_free(packets->attribution.fragments);
	flows_free(packets->attribution.flows);
	filter_free(packets->filter);
	selection_free(packets->selection);
	records_free(packets->records);
	links_free(packets->links);
	addresses_free(packets->addresses);
	host_names_free(packets->host_names);
	if (packets->named.bytes)
		g_byte_array_unref(packets->named.bytes);
}
