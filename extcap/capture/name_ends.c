// SPDX-License-Identifier: GPL-2.0-or-later
/* name_ends.c - the names of a packet's ends, by their addresses */
#include "extcap/capture/name_ends.h"

#include "extcap/output/pcapng.h"
#include "shared/annotation.h"

#define NAME_MOST 512

static void encode(struct named_ends *named)
{
	const char *values[NAMES_VALUES] = {
		[NAMES_SOURCE] = named->source,
		[NAMES_DESTINATION] = named->destination,
	};
	g_autoptr(GString) text = g_string_sized_new(128);

	if (!named->bytes)
		named->bytes = g_byte_array_new();
	g_byte_array_set_size(named->bytes, 0);
	annotation_encode(text, ANNOTATION_NAMES, values, NAME_MOST);
	pcapng_option(named->bytes, OPT_COMMENT, text->str, text->len);
}

bool ends_of(const struct packet_record *record, struct address *source,
	     struct address *destination)
{
	guint32 front = record->mac_length + MIN(record->network, record->captured);

	return front <= record->captured &&
	       addresses_of_packet(record->data + front, record->captured - front, source,
				   destination);
}

const GByteArray *name_ends(const struct addresses *addresses, const struct packet_record *record,
			    struct named_ends *named)
{
	guint64 version = addresses_version(addresses);
	struct address source, destination;
	const char *from, *to;

	if (!version || !ends_of(record, &source, &destination))
		return NULL;
	from = addresses_name(addresses, &source, record->time);
	to = addresses_name(addresses, &destination, record->time);
	if (!from && !to)
		return NULL;
	if (named->version != version || named->source != from || named->destination != to) {
		*named = (struct named_ends){named->bytes, from, to, version};
		encode(named);
	}
	return named->bytes;
}
