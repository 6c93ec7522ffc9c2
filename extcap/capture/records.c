// SPDX-License-Identifier: GPL-2.0-or-later
/* records.c - the packet records, whichever way the kernel hands them over */
#include "extcap/capture/records.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <unistd.h>

#include "extcap/capture/lanes.h"
#include "extcap/capture/merge.h"
#include "extcap/log.h"
#include "extcap/options.h"
#include "extcap/seal.h"

SEAL_NEEDS_WHERE("ioctl", 1, ~0U, PERF_EVENT_IOC_DISABLE);
SEAL_NEEDS_WHERE("bpf", 0, ~0U, BPF_MAP_DELETE_ELEM);

struct records {
	struct lanes *lanes; /* NULL with perf rings */

	struct perf_buffer *perf;
	struct merge *merge; /* copied records */
	gsize queued;	     /* their bytes */
	bool consumed;	     /* what was in the perf rings when this round began */
	gsize size;
};

static gsize record_size(const struct packet_record *record)
{
	return sizeof(*record) + record->captured;
}

static enum bpf_perf_event_ret on_sample(void *data, int cpu, struct perf_event_header *header)
{
	struct records *records = data;
	const struct {
		struct perf_event_header header;
		guint32 size;
		guint8 bytes[];
	} *sample = (const void *)header;
	struct packet_record *record;

	/* What was lost (PERF_RECORD_LOST) the kernel side has counted itself. */
	if (header->type != PERF_RECORD_SAMPLE)
		return LIBBPF_PERF_EVENT_CONT;
	/* In a sample the record begins at an odd multiple of 4: only a copy may be read as one. */
	record = g_memdup2(sample->bytes, sample->size);
	if (record_fits(record, sample->size)) {
		records->queued += record_size(record);
		merge_add(records->merge, cpu, record);
	} else {
		g_free(record);
	}
	return LIBBPF_PERF_EVENT_CONT;
}

enum { PERF_PAGES_MIN = 16 };

static bool open_perf(struct records *records, struct kernel *kernel)
{
	gsize page = sysconf(_SC_PAGESIZE);
	gsize per_cpu = MAX(records->size / kernel_cpus(kernel) / page, PERF_PAGES_MIN);
	gsize wanted = (gsize)1 << g_bit_nth_msf(per_cpu, -1), pages;
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW,
		.sample_period = 1,
		/* No wake-up for each sample: we look often enough. */
		.watermark = 1,
		.wakeup_watermark = G_MAXINT32,
	};

	records->merge = merge_new(kernel_cpus(kernel));
	/* Of memory that is locked for rings the kernel gives a user so much for each CPU
	 * (kernel.perf_event_mlock_kb), and RLIMIT_MEMLOCK beyond that. */
	for (pages = wanted; !records->perf && pages >= PERF_PAGES_MIN; pages /= 2) {
		records->perf = perf_buffer__new_raw(kernel_map(kernel, "packets_perf"), pages,
						     &attr, on_sample, records, NULL);
		if (!records->perf && errno != EPERM)
			return false;
		if (records->perf && pages < wanted)
			log_warning("the packet rings have %zu KiB for each CPU, not %zu: the "
				    "user may lock no more memory; allow it (ulimit -l).",
				    pages * page >> 10, wanted * page >> 10);
	}
	return records->perf;
}

/* Debian's kernels keep perf rings from everybody but root (kernel.perf_event_paranoid is 3). */
static void set_open_error(GError **error, int err, bool perf)
{
	if (perf && err == EACCES)
		g_set_error(error, OPTIONS_ERROR, err,
			    "cannot open the packet rings: %s; before Linux 6.12 this takes "
			    "root (kernel.perf_event_paranoid): run it as root, or on a "
			    "later kernel.",
			    g_strerror(err));
	else
		g_set_error(error, OPTIONS_ERROR, err,
			    "cannot map the packet buffer: %s; free some memory, or give a smaller "
			    "--buffer-size.",
			    g_strerror(err));
}

struct records *records_open(struct kernel *kernel, gsize size, GError **error)
{
	struct records *records = g_new0(struct records, 1);
	bool open;

	records->size = size;
	if (kernel_has_perf(kernel)) {
		open = open_perf(records, kernel);
	} else {
		records->lanes = lanes_open(kernel_map(kernel, "lanes"), kernel_cpus(kernel),
					    kernel_lane_size(kernel));
		open = records->lanes;
	}
	if (open)
		return records;
	set_open_error(error, errno, kernel_has_perf(kernel));
	records_free(records);
	return NULL;
}

void records_free(struct records *records)
{
	if (!records)
		return;
	lanes_free(records->lanes);
	perf_buffer__free(records->perf);
	merge_free(records->merge);
	g_free(records);
}

/* The perf rings are read once a round, since what comes later is too young for it, and where
 * nothing is left. */
static const struct packet_record *peek_perf(struct records *records)
{
	const struct packet_record *record = merge_peek(records->merge);

	if ((record && records->consumed) || records->queued >= records->size)
		return record;
	perf_buffer__consume(records->perf);
	records->consumed = true;
	return merge_peek(records->merge);
}

const struct packet_record *records_peek(struct records *records)
{
	return records->lanes ? lanes_peek(records->lanes) : peek_perf(records);
}

void records_next(struct records *records)
{
	if (records->lanes) {
		lanes_next(records->lanes);
		return;
	}
	records->queued -= record_size(merge_peek(records->merge));
	merge_next(records->merge);
}

void records_release(struct records *records)
{
	records->consumed = false;
	if (records->lanes)
		lanes_release(records->lanes);
}

bool records_empty(struct records *records)
{
	return records->lanes ? lanes_empty(records->lanes) : !peek_perf(records);
}

bool records_crowded(const struct records *records)
{
	return records->lanes ? lanes_crowded(records->lanes) : records->queued > records->size / 4;
}

bool records_wake(const struct records *records)
{
	return records->lanes;
}
