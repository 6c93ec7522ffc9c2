// SPDX-License-Identifier: GPL-2.0-or-later
/* multipath.c - where in a Multipath TCP connection a packet's data belong */
#include "extcap/capture/multipath.h"

#define OPTION_END	 0
#define OPTION_NOTHING	 1
#define OPTION_MULTIPATH 30

#define SUBTYPE_CAPABLE 0
#define SUBTYPE_DSS	2

/* flags of a data sequence signal (DSS) */
#define DSS_ACK		0x01
#define DSS_ACK_LONG	0x02
#define DSS_MAPPING	0x04
#define DSS_NUMBER_LONG 0x08

/* So many bytes of data, from both numbers on. */
struct mapping {
	guint32 data, subflow, length;
};

static guint32 get_number(const guint8 *bytes, gsize size)
{
	guint32 number = 0;

	for (gsize i = 0; i < size; i++)
		number = number << 8 | bytes[i];
	return number;
}

static bool read_dss(const guint8 *option, gsize length, struct mapping *mapping)
{
	guint8 flags = option[3];
	gsize at = 4, wide = flags & DSS_NUMBER_LONG ? 8 : 4;

	if (!(flags & DSS_MAPPING))
		return false;
	if (flags & DSS_ACK)
		at += flags & DSS_ACK_LONG ? 8 : 4;
	if (length < at + wide + 6)
		return false;
	mapping->data = get_number(option + at, wide);
	mapping->subflow = get_number(option + at + wide, 4);
	mapping->length = get_number(option + at + wide + 4, 2);
	return true;
}

/* With the length of data behind the two keys. */
static bool read_capable(const guint8 *option, gsize length, const struct late_owner *late,
			 struct mapping *mapping)
{
	if (length < 22 || !(late->multipath & MULTIPATH_BEGIN))
		return false;
	mapping->data = late->begin;
	mapping->subflow = 1;
	mapping->length = get_number(option + 20, 2);
	return true;
}

static bool read_option(const guint8 *option, gsize length, const struct late_owner *late,
			struct mapping *mapping)
{
	if (option[0] != OPTION_MULTIPATH || length < 4)
		return false;
	switch (option[2] >> 4) {
	case SUBTYPE_CAPABLE:
		return read_capable(option, length, late, mapping);
	case SUBTYPE_DSS:
		return read_dss(option, length, mapping);
	}
	return false;
}

static bool find_mapping(const guint8 *options, gsize length, const struct late_owner *late,
			 struct mapping *mapping)
{
	while (length && options[0] != OPTION_END) {
		gsize size = 1;

		if (options[0] != OPTION_NOTHING) {
			if (length < 2 || options[1] < 2 || options[1] > length)
				return false;
			size = options[1];
			if (read_option(options, size, late, mapping))
				return true;
		}
		options += size;
		length -= size;
	}
	return false;
}

bool multipath_position(const guint8 *options, gsize length, guint32 number,
			const struct late_owner *late, guint32 *position)
{
	struct mapping mapping;
	guint32 offset;

	if (!find_mapping(options, length, late, &mapping))
		return false;
	offset = number - late->subflow - mapping.subflow;
	if (offset >= mapping.length)
		return false;
	*position = mapping.data + offset;
	return true;
}
