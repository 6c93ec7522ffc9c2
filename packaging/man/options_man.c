// SPDX-License-Identifier: GPL-2.0-or-later
/* options_man.c - the man pages of front and engine, from the option table
 *
 * Run by the build, installed nowhere: "options_man ptcpdump" writes ptcpdump(1), with
 * "ptcpdump-capture" that of the engine.
 */
#include "extcap/options_table.h"

#include <stdlib.h>
#include <string.h>

#include "packaging/man/roff.h"

static void print_option(const struct option_desc *option)
{
	g_autofree char *operand = option_operand(option);
	g_autofree char *allowed = option_allowed(option);
	bool needs_blank = *operand && !strchr(" =", *operand);

	fputs(".TP\n\\fB\\-\\-", stdout);
	text(option->name);
	fputs(needs_blank ? "\\fR \\fI" : "\\fR\\fI", stdout);
	text(operand);
	puts("\\fR");
	line(option->help);
	/* What depends on the machine is not said of the one that makes the page. */
	if (!option->fallback && !option->reckoned)
		return;
	puts(".br");
	text(allowed);
	if (option->type != OPTION_LIST && option->fallback) {
		fputs("; ", stdout);
		text(option->fallback);
		fputs(" by default", stdout);
	}
	puts(".");
}

static void print_options(void)
{
	puts(".SH OPTIONS");
	for (gsize g = 0; g < GROUPS; g++) {
		fputs(".SS ", stdout);
		line(group_titles[group_order[g]]);
		for (gsize i = 0; i < option_count; i++)
			if (option_table[i].group == group_order[g] &&
			    option_is_for_people(&option_table[i]))
				print_option(&option_table[i]);
	}
}

static void print_front(void)
{
	puts(".SH NAME\nptcpdump \\- capture sources of Wireshark whose packets know their "
	     "process");
	puts(".SH SYNOPSIS\n.B tshark \\-i ptcpdump.any");
	puts(".SH DESCRIPTION");
	line("Wireshark and tshark start this program by themselves, from their folder of extcaps. "
	     "It "
	     "adds sources whose packets carry their owner, as comments: process, thread, user, "
	     "parent, container and pod. Its options are those of a source's dialog; in tshark one "
	     "is set by its preference:");
	example("tshark -i ptcpdump.any -o extcap.ptcpdump_any.pname:curl");
	paragraph("What captures is ptcpdump-capture(1), which root and the group wireshark may "
		  "run.");
}

static void print_engine(void)
{
	puts(".SH NAME\nptcpdump\\-capture \\- capture packets with the process that owns them");
	puts(".SH SYNOPSIS\n.B " PTCPDUMP_ENGINE
	     " \\-\\-capture\n.BI \\-\\-extcap\\-interface\\~ SOURCE\n.BI \\-\\-fifo\\~ FILE\n"
	     ".RI [ OPTION ...]");
	puts(".SH DESCRIPTION");
	line("Captures without Wireshark, into a file or a pipe, as PcapNG. It stops at --count, "
	     "at "
	     "--duration, or when it is interrupted, and then says what it saw. Sources are listed "
	     "by tshark -D.");
	example(PTCPDUMP_ENGINE
		" --capture --extcap-interface ptcpdump.any --fifo - | tshark -r -");
	paragraph("It needs root, or the file capabilities that its package gives it. It gives "
		  "them up "
		  "before it looks at the first packet.");
}

static void print_files(void)
{
	puts(".SH FILES\n.TP\n.I " PTCPDUMP_SETTINGS);
	line("What root has decided for the members of the group. They see the arguments of their "
	     "own processes, and \"...\" for those of others, unless it says:");
	example("[members]\narguments=all");
	paragraph("Nobody else may be able to write it, or nothing is captured.");
}

int main(int argc, char **argv)
{
	bool engine = argc > 1 && strcmp(argv[1], "ptcpdump-capture") == 0;

	puts(".\\\" Made from the option table (extcap/options.c).");
	printf(".TH %s 1 \"\" \"ptcpdump " PTCPDUMP_VERSION "\"\n",
	       engine ? "PTCPDUMP\\-CAPTURE" : "PTCPDUMP");
	puts(".nh\n.ad l");
	if (engine)
		print_engine();
	else
		print_front();
	print_options();
	if (engine)
		print_files();
	puts(".SH EXIT STATUS\n0, or 1 with one sentence on standard error that says what to do.");
	printf(".SH SEE ALSO\n.BR %s (1),\n.BR tshark (1),\n.BR ptcpdump\\-fields (5),\n.BR extcap "
	       "(4),\n.BR pcap\\-filter "
	       "(7)\n",
	       engine ? "ptcpdump" : "ptcpdump\\-capture");
	return ferror(stdout) || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
