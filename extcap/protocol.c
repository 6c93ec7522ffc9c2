// SPDX-License-Identifier: GPL-2.0-or-later
/* protocol.c - what Wireshark asks of an extcap, as far as no privilege is needed
 *
 * At its start Wireshark asks for the list of sources, then, one process each, for
 * the link types and the dialog of every one of them; and again for each interface
 * that comes or goes. So nothing here looks at more than it must: a dialog is drawn
 * from the source's name alone, whether or not the source is still there.
 */
#include "extcap/protocol.h"

#include "extcap/sentence.h"
#include "extcap/sources/source.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap/dlt.h>
#include <unistd.h>

/* How long Wireshark may take from starting us to opening its end of the FIFO. */
#define READER_WAIT_MS 3000
#define READER_POLL_MS 10

static void print_source(const char *name, const char *display, void *data)
{
	struct sentence interface;

	sentence_begin(&interface, "interface");
	sentence_value(&interface, "value", name);
	sentence_text(&interface, "display", display);
	sentence_end(&interface, data);
}

/* The sentences of one kind, as they were told before: a name ends where its sentence says. */
static void print_again(FILE *out, const char *told, const char *name)
{
	g_autofree char *begin = g_strconcat("interface {value=", name, NULL);
	g_auto(GStrv) lines = g_strsplit(told, "\n", -1);

	for (char **line = lines; *line; line++)
		if (g_str_has_prefix(*line, begin))
			fprintf(out, "%s\n", *line);
}

void protocol_list(FILE *out, const char *told)
{
	struct sentence extcap;

	sentence_begin(&extcap, "extcap");
	sentence_value(&extcap, "version", PTCPDUMP_VERSION);
	sentence_text(&extcap, "display", "ptcpdump");
	sentence_end(&extcap, out);
	for (enum source_kind kind = 0; kind < SOURCE_KINDS; kind++) {
		const struct source_class *class = source_class(kind);

		if (told && class->list_is_slow)
			print_again(out, told, class->name);
		else
			class->list(print_source, out);
	}
}

static void print_link_type(FILE *out, const char *name)
{
	const char *which;
	enum source_kind kind = source_kind_of(name, &which);
	bool raw = source_class(kind)->link_type(which) == DLT_RAW;
	struct sentence dlt;

	sentence_begin(&dlt, "dlt");
	sentence_number(&dlt, "number", raw ? DLT_RAW : DLT_EN10MB);
	sentence_value(&dlt, "name", raw ? "RAW" : "EN10MB");
	sentence_text(&dlt, "display", raw ? "Raw IP" : "Ethernet");
	sentence_end(&dlt, out);
}

static bool is_ours(const char *name, GError **error)
{
	struct source source;

	/* Only to get its sentence for a name that is of no kind. */
	return source_kind_of(name, NULL) != SOURCE_KINDS || source_parse(name, &source, error);
}

bool protocol_answer(FILE *out, const struct options *options, const char *program, GError **error)
{
	switch (options->face) {
	case FACE_INTERFACES:
		protocol_list(out, NULL);
		return true;
	case FACE_DLTS:
		if (!is_ours(options->source, error))
			return false;
		print_link_type(out, options->source);
		return true;
	case FACE_CONFIG:
		if (!is_ours(options->source, error))
			return false;
		options_print_dialog(out, options);
		return true;
	case FACE_VERSION:
		fprintf(out, "%s " PTCPDUMP_VERSION "\n", program);
		return true;
	default:
		options_print_help(out, program);
		return true;
	}
}

void protocol_end_fifo(const char *path)
{
	int fd = -1;

	for (int waited = 0; waited < READER_WAIT_MS; waited += READER_POLL_MS) {
		fd = open(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0 || errno != ENXIO) /* ENXIO: nobody reads it yet */
			break;
		g_usleep(READER_POLL_MS * 1000);
	}
	if (fd >= 0)
		close(fd);
}
