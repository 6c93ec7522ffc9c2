// SPDX-License-Identifier: GPL-2.0-or-later
/* name_ends.c - the names of a packet's ends, by their addresses */
#include "extcap/capture/name_ends.h"

#include "extcap/output/pcapng.h"
#include "shared/annotation.h"

#define NAME_MOST 512

bool name_ends(const struct addresses *addresses, const struct packet_record *record,
	       GByteArray *out)
{
	guint32 front = record->mac_length + MIN(record->network, record->captured);
	const char *values[NAMES_VALUES] = {NULL};
	struct address source, destination;
	g_autoptr(GString) text = NULL;

	g_byte_array_set_size(out, 0);
	if (front > record->captured ||
	    !addresses_of_packet(record->data + MAC_ROOM - record->mac_length + front,
				 record->captured - front, &source, &destination))
		return false;
	values[NAMES_SOURCE] = addresses_name(addresses, &source, record->time);
	values[NAMES_DESTINATION] = addresses_name(addresses, &destination, record->time);
	if (!values[NAMES_SOURCE] && !values[NAMES_DESTINATION])
		return false;
	text = g_string_sized_new(128);
	annotation_encode(text, ANNOTATION_NAMES, values, NAME_MOST);
	pcapng_option(out, OPT_COMMENT, text->str, text->len);
	return true;
}
