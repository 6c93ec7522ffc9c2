// SPDX-License-Identifier: GPL-2.0-or-later
/* kernel.c - the kernel side of a capture: loaded, whatever this kernel lacks, and asked
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
#include "extcap/capture/kernel_state.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "extcap/btf_file.h"
#include "extcap/capture/cgroup.h"
#include "extcap/capture/softirq.h"
#include "extcap/log.h"
#include "extcap/privilege.h"
#include "kernel_dynptr.skel.h"
#include "kernel_perf.skel.h"

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

bool kernel_wants(const struct kernel *kernel, const struct hook *hook)
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

void kernel_leave_out(struct kernel *kernel, const struct hook *hook, const char *why)
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
		kernel_leave_out(kernel, &hooks[i], "--without");
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

		bpf_program__set_autoload(program, hook && kernel_wants(kernel, hook));
	}
	kernel_configure(kernel);
	err = bpf_object__load(kernel->object);
	if (err)
		g_clear_pointer(&kernel->object, bpf_object__close);
	return err;
}

static void set_load_error(GError **error, int err, guint buffer_mib)
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
			    buffer_mib);
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
			kernel_leave_out(kernel, hook, refused_why);
		} else if (!kernel->perf && (!hook || hook->stage == STAGE_WIRE)) {
			/* No bpf_dynptr_from_skb here, or not for a tracepoint. */
			log_info("packets by perf output: %s", refused_why);
			kernel->perf = true;
		} else {
			break;
		}
	}
	if (err)
		set_load_error(error, err, kernel->options->buffer_size >> 20);
	return !err;
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
	kernel_decide_sizes(kernel);
	kernel->softirq_stacks = softirq_has_stacks();
	leave_out_named(kernel, options->without);
	kernel->cgroup = cgroup_root_open(error);
	if (kernel->cgroup >= 0 && load(kernel, error) && map_memory(kernel, error) &&
	    kernel_fill_maps(kernel, error) && kernel_attach(kernel, STAGE_PROCESS, error) &&
	    kernel_attach(kernel, STAGE_LEARN, error) && kernel_attach(kernel, STAGE_FIND, error)) {
		kernel->control->sees_softirqs = !kernel->softirq_stacks &&
						 kernel_has_hook(kernel, "softirq-entry") &&
						 kernel_has_hook(kernel, "softirq-exit");
		kernel->options = NULL; /* the caller's, for the load alone */
		return kernel;
	}
	kernel_free(kernel);
	return NULL;
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
		if (strcmp(hooks[i].name, hook) == 0 && kernel_wants(kernel, &hooks[i]))
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
