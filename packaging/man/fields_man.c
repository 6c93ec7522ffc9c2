// SPDX-License-Identifier: GPL-2.0-or-later
/* fields_man.c - ptcpdump-fields(5), from the plugin's table of fields; run by the build */
#include <stdlib.h>

#include "dissector/fields.h"
#include "packaging/man/roff.h"

/* As Wireshark's own pages name the types of display filters. */
#define TYPE_NUMBER "Unsigned integer (32 bits)"
#define TYPE_COUNT  "Unsigned integer (64 bits)"
#define TYPE_TEXT   "Character string"
#define TYPE_LABELS "Character string, key=value; as many as there are"

static const struct {
	const char *filter, *type, *blurb;
} fields[] = {
#define LINE_OF(name, value, filter, label, blurb) {"ptcpdump." filter, TYPE_##value, blurb},
	FIELD_TABLE(LINE_OF)
#undef LINE_OF
};

static void print_fields(void)
{
	puts(".SH FIELDS");
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		fputs(".TP\n\\fB", stdout);
		text(fields[i].filter);
		puts("\\fR");
		text(fields[i].blurb);
		puts(".");
		puts(".br");
		text(fields[i].type);
		puts(".");
	}
}

int main(void)
{
	puts(".\\\" Made from the table of fields (dissector/fields.h).");
	puts(".TH PTCPDUMP\\-FIELDS 5 \"\" \"ptcpdump " PTCPDUMP_VERSION "\"\n.nh\n.ad l");
	puts(".SH NAME\nptcpdump\\-fields \\- fields of Wireshark for the process that owns a "
	     "packet");
	puts(".SH DESCRIPTION");
	line("Packets that ptcpdump has captured say in their comments whose they are. Its plugin "
	     "makes these fields of them, for display filters, columns, colours and statistics. A "
	     "packet of which that is not known has none of them.");
	example("tshark -i ptcpdump.any -Y 'ptcpdump.comm == \"curl\"' -T fields -e "
		"ptcpdump.process "
		"-e ip.dst");
	print_fields();
	puts(".SH SEE ALSO\n.BR ptcpdump (1),\n.BR ptcpdump\\-capture (1),\n.BR tshark (1),\n.BR "
	     "wireshark\\-filter (4)");
	return ferror(stdout) || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
