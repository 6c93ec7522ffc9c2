// SPDX-License-Identifier: GPL-2.0-or-later
/* fields.c - what Wireshark is told of the fields, made of their table */
#include "dissector/compat.h"
#include <epan/packet.h>

#include "dissector/fields.h"

int field_ids[FIELDS];

const enum field_value field_values[FIELDS] = {
#define VALUE_OF(name, value, ...) [FIELD_##name] = VALUE_##value,
	FIELD_TABLE(VALUE_OF)
#undef VALUE_OF
};

/* How each kind of value is typed and shown. */
#define TYPE_NUMBER FT_UINT32, BASE_DEC
#define TYPE_COUNT  FT_UINT64, BASE_DEC
#define TYPE_TEXT   FT_STRING, BASE_NONE
#define TYPE_LABELS FT_STRING, BASE_NONE

void fields_register(int protocol)
{
	static hf_register_info fields[] = {
#define REGISTRATION_OF(name, value, filter, label, blurb) \
	{&field_ids[FIELD_##name],                         \
	 {label, "ptcpdump." filter, TYPE_##value, NULL, 0, blurb, HFILL}},
		FIELD_TABLE(REGISTRATION_OF)
#undef REGISTRATION_OF
	};

	proto_register_field_array(protocol, fields, array_length(fields));
}
