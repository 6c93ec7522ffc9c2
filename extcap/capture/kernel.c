// SPDX-License-Identifier: GPL-2.0-or-later
/* kernel.c - the kernel side of a capture, loaded and attached
 *
 * Theory of operation
 * The object is opened, sized and loaded. Where the kernel refuses a program, libbpf
 * gives up the whole object and says which one it was; then it is opened again without
 * that program, until it loads or a required one fails. So no list of kernel versions
 * is needed, and a kernel that was never heard of gets what it can do.
 *
 * Two objects hold the same programs: the second hands packets over by perf output, for
 * kernels where a dynptr cannot be made in a tracepoint (before 6.12).
 */
#include "extcap/capture/kernel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "extcap/btf_file.h"
#include "extcap/capture/cgroup.h"
#include "extcap/capture/conntrack.h"
#include "extcap/capture/hooks.h"
#include "extcap/capture/lanes.h"
#include "extcap/capture/softirq.h"
#include "extcap/cpus.h"
#include "extcap/log.h"
#include "extcap/privilege.h"
#include "kernel_dynptr.skel.h"
#include "kernel_perf.skel.h"

struct kernel {
	const struct kernel_options *options;
	struct bpf_object *object;
	bool perf;
	bool softirq_stacks; /* their tracepoints are not asked */
	bool filtered;
	GHashTable *left_out; /* programs that the kernel refused or --without names: why */
	GPtrArray *links;
	struct control *control;
	struct late_owner *late;
	guint cpus;
	gsize lane_size;
	guint32 late_entries;
	int cgroup;
	GByteArray *found;
};

/* The program that libbpf complained about last: its messages are the only place where a
 * failed load names it. */
static char refused_program[64];
static char refused_why[256];

static int on_libbpf_message(enum libbpf_print_level level, const char *format, va_list args)
{
	g_autofree char *text = NULL;

	if (level == LIBBPF_DEBUG)
		return 0;
	text = g_strchomp(g_strdup_vprintf(format, args));
	if (level == LIBBPF_WARN) {
		sscanf(text, "libbpf: prog '%63[^']'", refused_program);
		/* The first one says why; "failed to load object" comes last. */
		if (!*refused_why)
			g_strlcpy(refused_why, text, sizeof(refused_why));
	}
	log_debug("%s", text);
	return 0;
}

static void unlink_hook(gpointer link)
{
	bpf_link__destroy(link);
}

static bool is_left_out(const struct kernel *kernel, const char *program)
{
	return g_hash_table_contains(kernel->left_out, program);
}

static bool is_wanted(const struct kernel *kernel, const struct hook *hook)
{
	if (is_left_out(kernel, hook->program))
		return false;
	if (hook->place == PLACE_FILTER)
		return kernel->filtered;
	if (hook->place == PLACE_DEVICE && kernel->filtered)
		return !is_left_out(kernel, "on_wanted_reentry");
	if (hook->place == PLACE_SOFTIRQ)
		return !kernel->softirq_stacks;
	return hook->place != PLACE_FUNCTION || is_left_out(kernel, "on_sock_send") ||
	       is_left_out(kernel, "on_sock_recv");
}

static void leave_out(struct kernel *kernel, const struct hook *hook, const char *why)
{
	g_hash_table_insert(kernel->left_out, (gpointer)hook->program, g_strdup(why));
	log_warning("hook %s is off (%s): %s", hook->name, why, hook->without);
}

/* Beside hooks, it names what there is another way for. */
static void leave_out_named(struct kernel *kernel, const char *names)
{
	g_auto(GStrv) list = g_strsplit(names ? names : "", ",", -1);

	for (guint i = 0; i < hooks_count; i++) {
		if (!g_strv_contains((const char *const *)list, hooks[i].name))
			continue;
		leave_out(kernel, &hooks[i], "--without");
		if (hooks[i].place == PLACE_SOFTIRQ)
			kernel->softirq_stacks = false;
	}
	if (g_strv_contains((const char *const *)list, "softirq-stacks"))
		kernel->softirq_stacks = false;
	if (g_strv_contains((const char *const *)list, "dynptr"))
		kernel->perf = true;
}

/* For a struct that this kernel does not have (numa_drop_counters before 6.18) libbpf looks through
 * the modules' types, and gives up where it may not: the kernel asks for CAP_SYS_ADMIN. What is
 * named to it it believes to be all; that takes memory of its own, so only then. */
static const char *own_types(void)
{
	guint32 id = 0;

	if (bpf_btf_get_next_id(id, &id) == 0 || errno != EPERM)
		return NULL;
	return access(BTF_OF_KERNEL, R_OK) == 0 ? BTF_OF_KERNEL : NULL;
}

static struct bpf_object *open_object(const struct kernel *kernel)
{
	const char *own = own_types();
	LIBBPF_OPTS(bpf_object_open_opts, open_options, .object_name = "ptcpdump",
		    .btf_custom_path = kernel->options->btf ? kernel->options->btf : own);
	size_t size;
	const void *bytes =
		kernel->perf ? kernel_perf__elf_bytes(&size) : kernel_dynptr__elf_bytes(&size);

	return bpf_object__open_mem(bytes, size, &open_options);
}

/* Numbers of different CPUs never meet in the late table, whose size is a power of two. */
static guint number_step(guint cpus)
{
	guint step = 1;

	while (step < cpus)
		step *= 2;
	return step;
}

static void set_config(struct kernel *kernel)
{
	struct bpf_map *map = bpf_object__find_map_by_name(kernel->object, ".rodata.config");
	const struct kernel_options *options = kernel->options;
	const struct scope *scope = options->scope;
	const struct selection *selection = options->selection;
	struct config config = {
		.netns = scope->netns->len ? g_array_index(scope->netns, guint32, 0) : 0,
		.ifindex = scope->ifindex,
		.more_netns = scope->netns->len > 1,
		.every_netns = scope->every,
		.directions = options->directions,
		.by_process = selection_by_process(selection),
		.by_user = selection->uids->len,
		.by_name = selection->names && selection->names[0],
		.by_cgroup = selection_by_container(selection),
		.follow_forks = selection->follow_forks,
		.snapshot_length = options->snapshot_length,
		.number_step = number_step(kernel->cpus),
		.lane_mask = kernel->lane_size - 1,
		.late_mask = kernel->late_entries - 1,
		.has_mptcp = access("/proc/sys/net/mptcp", F_OK) == 0,
		.softirq_stacks = kernel->softirq_stacks,
	};

	if (options->filter) {
		config.filtered = 1;
		config.filter_asks = filter_asks(options->filter);
	}
	conntrack_find(&config);
	bpf_map__set_initial_value(map, &config, sizeof(config));
}

static bool put(struct kernel *kernel, const char *map, const void *key, GError **error)
{
	guint32 one = 1;

	if (bpf_map_update_elem(kernel_map(kernel, map), key, &one, BPF_ANY) == 0)
		return true;
	g_set_error(error, OPTIONS_ERROR, errno,
		    "cannot tell the kernel what is wanted: %s; choose fewer processes, users or "
		    "namespaces at once.",
		    g_strerror(errno));
	return false;
}

/* A name may be an executable's, or what the kernel keeps of one: its first 15 characters. */
static bool put_name(struct kernel *kernel, const char *text, GError **error)
{
	struct process_name name = {0}, comm = {0};

	g_strlcpy(name.text, text, sizeof(name.text));
	g_strlcpy(comm.text, text, COMM_LENGTH);
	return put(kernel, "selected_names", &name, error) &&
	       put(kernel, "selected_names", &comm, error);
}

/* What the programs look up instead of comparing: more than one of a kind. */
static bool fill_maps(struct kernel *kernel, GError **error)
{
	const struct scope *scope = kernel->options->scope;
	const struct selection *selection = kernel->options->selection;

	for (guint i = 0; i < scope->netns->len; i++)
		if (!put(kernel, "scope", &g_array_index(scope->netns, guint32, i), error))
			return false;
	for (guint i = 0; i < selection->uids->len; i++)
		if (!put(kernel, "selected_users", &g_array_index(selection->uids, guint32, i),
			 error))
			return false;
	for (char **text = selection->names; text && *text; text++)
		if (!put_name(kernel, *text, error))
			return false;
	return true;
}

static void set_table_sizes(struct kernel *kernel, guint32 entries)
{
	static const char *const tables[] = {"flows", "devices", "scope", "selected"};

	for (guint i = 0; i < G_N_ELEMENTS(tables); i++)
		bpf_map__set_max_entries(bpf_object__find_map_by_name(kernel->object, tables[i]),
					 entries);
}

static void set_lanes(struct kernel *kernel)
{
	struct bpf_map *lanes = bpf_object__find_map_by_name(kernel->object, "lanes");

	bpf_map__set_max_entries(lanes, kernel->cpus);
	bpf_map__set_value_size(lanes, lanes_stride(kernel->lane_size));
}

/* Nobody is looked for in this one: 5 MiB less. */
static void set_unused(struct kernel *kernel, const char *map)
{
	bpf_map__set_max_entries(bpf_object__find_map_by_name(kernel->object, map), 1);
}

static void set_sizes(struct kernel *kernel)
{
	if (kernel->options->table_size)
		set_table_sizes(kernel, kernel->options->table_size);
	bpf_map__set_max_entries(bpf_object__find_map_by_name(kernel->object, "late"),
				 kernel->late_entries);
	if (!kernel->perf)
		set_lanes(kernel);
	if (!selection_by_process(kernel->options->selection))
		set_unused(kernel, "selected");
	if (!selection_by_container(kernel->options->selection))
		set_unused(kernel, "selected_cgroups");
}

/* Opens and loads once. 0, or a negative errno with the refused program's name kept. */
static int load_once(struct kernel *kernel)
{
	struct bpf_program *program;
	int err;

	refused_program[0] = '\0';
	refused_why[0] = '\0';
	kernel->object = open_object(kernel);
	if (!kernel->object)
		return -errno;
	bpf_object__for_each_program(program, kernel->object)
	{
		const struct hook *hook = hook_by_program(bpf_program__name(program));

		bpf_program__set_autoload(program, hook && is_wanted(kernel, hook));
	}
	set_config(kernel);
	set_sizes(kernel);
	err = bpf_object__load(kernel->object);
	if (err)
		g_clear_pointer(&kernel->object, bpf_object__close);
	return err;
}

static void set_load_error(GError **error, int err, guint ring_mib)
{
	if (err == -EPERM || err == -EACCES)
		g_set_error(
			error, OPTIONS_ERROR, -err,
			"cannot load the eBPF programs: %s; run it as root, in a container with "
			"CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN, or once give the program what "
			"it needs: " PRIVILEGE_OF_ENGINE,
			g_strerror(-err));
	else if (err == -ENOMEM)
		g_set_error(error, OPTIONS_ERROR, -err,
			    "cannot load the eBPF programs: there is no memory for a buffer of "
			    "%u MiB; free some, or allow more to the control group, or give a "
			    "smaller --buffer-size.",
			    ring_mib);
	else
		g_set_error(error, OPTIONS_ERROR, -err,
			    "cannot load the eBPF programs: %s (%s); a kernel from 6.1 on with "
			    "CONFIG_BPF_SYSCALL and CONFIG_DEBUG_INFO_BTF is needed; --log-file F "
			    "--log-level debug tells more.",
			    g_strerror(-err), refused_why);
}

/* Loads what this kernel takes. */
static bool load(struct kernel *kernel, GError **error)
{
	int err;

	while ((err = load_once(kernel))) {
		const struct hook *hook = hook_by_program(refused_program);

		if ((err == -EPERM && !hook) || err == -ENOMEM || err == -EMFILE)
			break;
		if (hook && !hook->required && !is_left_out(kernel, hook->program)) {
			leave_out(kernel, hook, refused_why);
		} else if (!kernel->perf && (!hook || hook->stage == STAGE_WIRE)) {
			/* No bpf_dynptr_from_skb here, or not for a tracepoint. */
			log_info("packets by perf output: %s", refused_why);
			kernel->perf = true;
		} else {
			break;
		}
	}
	if (err)
		set_load_error(error, err, kernel->options->ring_size >> 20);
	return !err;
}

static struct bpf_link *attach_one(struct kernel *kernel, const struct hook *hook)
{
	struct bpf_program *program =
		bpf_object__find_program_by_name(kernel->object, hook->program);

	if (hook->place == PLACE_CGROUP)
		return bpf_program__attach_cgroup(program, kernel->cgroup);
	return bpf_program__attach(program);
}

/* Reads an iterator through; what its program writes is appended to kernel->found. */
static int read_iterator(struct kernel *kernel, struct bpf_link *link)
{
	int fd = bpf_iter_create(bpf_link__fd(link));
	char buffer[65536];
	ssize_t n;

	if (fd < 0)
		return fd;
	while ((n = read(fd, buffer, sizeof(buffer))) > 0 || (n < 0 && errno == EAGAIN))
		if (n > 0)
			g_byte_array_append(kernel->found, (guint8 *)buffer, n);
	close(fd);
	return n < 0 ? -errno : 0;
}

static int attach_hook(struct kernel *kernel, const struct hook *hook)
{
	struct bpf_link *link = attach_one(kernel, hook);
	int err;

	if (!link)
		return -errno;
	if (hook->place == PLACE_ITERATOR) {
		err = read_iterator(kernel, link);
		bpf_link__destroy(link);
		return err;
	}
	g_ptr_array_add(kernel->links, link);
	return 0;
}

/* The others are called, or attached as their devices come. */
static bool is_attached(const struct hook *hook)
{
	return hook->place != PLACE_DEVICE && hook->place != PLACE_FILTER;
}

static const char *what_to_do(int err)
{
	switch (err) {
	case -EPERM:
		return " Run it as root or as a member of the group wireshark.";
	case -E2BIG:
		return " There are as many programs as the kernel takes (64): \"bpftool cgroup "
		       "tree\" lists them; end other captures.";
	default:
		return "";
	}
}

static bool attach_stage(struct kernel *kernel, enum hook_stage stage, GError **error)
{
	for (guint i = 0; i < hooks_count; i++) {
		const struct hook *hook = &hooks[i];
		int err;

		if (hook->stage != stage || !is_attached(hook) || !is_wanted(kernel, hook))
			continue;
		err = attach_hook(kernel, hook);
		if (!err) {
			log_message(hook->place == PLACE_FUNCTION ? LOG_LEVEL_INFO
								  : LOG_LEVEL_DEBUG,
				    "hook %s is on", hook->name);
		} else if (hook->required) {
			g_set_error(error, OPTIONS_ERROR, -err,
				    "cannot attach the hook %s: %s; %s.%s", hook->name,
				    g_strerror(-err), hook->without, what_to_do(err));
			return false;
		} else {
			leave_out(kernel, hook, g_strerror(-err));
		}
	}
	return true;
}

/* NULL with errno set when it fails. */
static void *map_shared(int fd, gsize size, int protection)
{
	void *memory = mmap(NULL, size, protection, MAP_SHARED, fd, 0);

	/* cppcheck-suppress memleak ; it is the caller's */
	return memory == MAP_FAILED ? NULL : memory;
}

static bool map_memory(struct kernel *kernel, GError **error)
{
	/* libbpf has mapped the first already, but for itself. */
	kernel->control = map_shared(kernel_map(kernel, ".data.control"), sysconf(_SC_PAGESIZE),
				     PROT_READ | PROT_WRITE);
	kernel->late =
		map_shared(kernel_map(kernel, "late"),
			   (gsize)kernel->late_entries * sizeof(struct late_owner), PROT_READ);
	if (kernel->control && kernel->late)
		return true;
	g_set_error(error, OPTIONS_ERROR, errno,
		    "cannot map the eBPF memory: %s; free some memory, "
		    "or give a smaller --buffer-size.",
		    g_strerror(errno));
	return false;
}

struct kernel *kernel_load(const struct kernel_options *options, GError **error)
{
	struct kernel *kernel = g_new0(struct kernel, 1);

	libbpf_set_print(on_libbpf_message);
	kernel->options = options;
	kernel->filtered = options->filter;
	kernel->left_out = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	kernel->links = g_ptr_array_new_with_free_func(unlink_hook);
	kernel->found = g_byte_array_new();
	kernel->cpus = cpus_present();
	kernel->lane_size = lanes_size(options->ring_size, kernel->cpus);
	/* About as many as small records (216 bytes, of 64 of UDP) fit. In a lane that is full of
	 * them the oldest lose their answers, and are nobody's. */
	kernel->late_entries = kernel->lane_size * number_step(kernel->cpus) / 256;
	kernel->softirq_stacks = softirq_has_stacks();
	leave_out_named(kernel, options->without);
	kernel->cgroup = cgroup_root_open(error);
	if (kernel->cgroup >= 0 && load(kernel, error) && map_memory(kernel, error) &&
	    fill_maps(kernel, error) && attach_stage(kernel, STAGE_PROCESS, error) &&
	    attach_stage(kernel, STAGE_LEARN, error) && attach_stage(kernel, STAGE_FIND, error)) {
		kernel->control->sees_softirqs = !kernel->softirq_stacks &&
						 kernel_has_hook(kernel, "softirq-entry") &&
						 kernel_has_hook(kernel, "softirq-exit");
		kernel->options = NULL; /* the caller's, for the load alone */
		return kernel;
	}
	kernel_free(kernel);
	return NULL;
}

bool kernel_attach_wire(struct kernel *kernel, GError **error)
{
	return attach_stage(kernel, STAGE_WIRE, error);
}

void kernel_free(struct kernel *kernel)
{
	if (!kernel)
		return;
	g_ptr_array_unref(kernel->links);
	if (kernel->control)
		munmap(kernel->control, sysconf(_SC_PAGESIZE));
	if (kernel->late)
		munmap(kernel->late, (gsize)kernel->late_entries * sizeof(struct late_owner));
	bpf_object__close(kernel->object);
	if (kernel->cgroup >= 0)
		close(kernel->cgroup);
	g_hash_table_unref(kernel->left_out);
	g_byte_array_unref(kernel->found);
	g_free(kernel);
}

struct control *kernel_control(struct kernel *kernel)
{
	return kernel->control;
}

guint kernel_cpus(const struct kernel *kernel)
{
	return kernel->cpus;
}

gsize kernel_lane_size(const struct kernel *kernel)
{
	return kernel->lane_size;
}

int kernel_map(struct kernel *kernel, const char *name)
{
	return bpf_object__find_map_fd_by_name(kernel->object, name);
}

int kernel_program(const struct kernel *kernel, const char *hook)
{
	for (guint i = 0; i < hooks_count; i++)
		if (strcmp(hooks[i].name, hook) == 0 && is_wanted(kernel, &hooks[i]))
			return bpf_program__fd(
				bpf_object__find_program_by_name(kernel->object, hooks[i].program));
	return -1;
}

bool kernel_has_hook(const struct kernel *kernel, const char *name)
{
	for (guint i = 0; i < hooks_count; i++)
		if (strcmp(hooks[i].name, name) == 0)
			return !is_left_out(kernel, hooks[i].program);
	return false;
}

const char *kernel_why_off(const struct kernel *kernel, const struct hook *hook)
{
	return g_hash_table_lookup(kernel->left_out, hook->program);
}

bool kernel_has_perf(const struct kernel *kernel)
{
	return kernel->perf;
}

/* The program fills an entry and then writes its number; where the number is still the same
 * after the copy, all of the copy is this record's. */
bool kernel_late_owner(const struct kernel *kernel, guint64 number, struct late_owner *out)
{
	const struct late_owner *entry = &kernel->late[number & (kernel->late_entries - 1)];

	if (__atomic_load_n(&entry->number, __ATOMIC_ACQUIRE) != number)
		return false;
	*out = *entry;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&entry->number, __ATOMIC_RELAXED) == number;
}

const GByteArray *kernel_found_processes(const struct kernel *kernel)
{
	return kernel->found;
}
