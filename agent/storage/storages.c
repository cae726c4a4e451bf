// SPDX-License-Identifier: Apache-2.0
/*
 * The table of mount points. An entry is made by the first request that names its mount point, counts the requests that
 * hold it, and goes when the last one lets go.
 *
 * Requests run in threads of their own. The lock guards the table and is never held while something is mounted or
 * unmounted: an entry that is being worked on is marked, and whoever wants the same one waits for that.
 */
#include <errno.h>
#include <pthread.h>
#include <stddef.h>

#include "base/log.h"
#include "base/memory.h"
#include "internal.h"

#define MAX_STORAGES	 4096
#define LOOK_INTERVAL_MS 2000

struct entry {
	struct entry *next;
	struct place place;
	unsigned count;
	bool busy;    /* being set up or taken down */
	bool mounted; /* by its driver */
	struct watch *watch;
	unsigned round; /* in which its watch was looked at last */
	bool shared;	/* stays until the sandbox ends */
};

struct storages {
	struct storages_settings settings;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct entry *entries;
	size_t count;

	char *watch_root;
	size_t watch_count;
	unsigned round;
	bool scheduled; /* the next look, or one is going on */
	struct loop_task schedule;
	struct loop_timer timer;
	struct job_queue queue;
	struct job look;
	bool looking; /* the loop's: the job is on its way */
};

/* ---- looking at watched mounts from time to time ----------------------------------------------- */

/* With the lock: there is something to look at. The timer is the loop's to arm. */
static void schedule_look(struct storages *storages)
{
	if (storages->scheduled || storages->watch_count == 0 || !storages->settings.loop)
		return;
	storages->scheduled = true;
	loop_post(storages->settings.loop, &storages->schedule);
}

static void arm(struct loop_task *task)
{
	struct storages *storages = container_of(task, struct storages, schedule);

	loop_arm(storages->settings.loop, &storages->timer, LOOK_INTERVAL_MS);
}

static void submit_look(struct loop_timer *timer)
{
	struct storages *storages = container_of(timer, struct storages, timer);

	storages->looking = true;
	loop_submit(storages->settings.loop, &storages->queue, &storages->look);
}

static void run_look(struct job *job)
{
	storages_look_again(container_of(job, struct storages, look));
}

static void looked(struct job *job)
{
	struct storages *storages = container_of(job, struct storages, look);

	storages->looking = false;
	pthread_mutex_lock(&storages->lock);
	storages->scheduled = false;
	schedule_look(storages);
	pthread_mutex_unlock(&storages->lock);
}

/* One that this round has not seen, and that nobody works on. */
static struct entry *next_to_look_at(const struct storages *storages)
{
	struct entry *entry = storages->entries;

	while (entry && (!entry->watch || entry->busy || entry->round == storages->round))
		entry = entry->next;
	return entry;
}

void storages_look_again(struct storages *storages)
{
	struct entry *entry;

	pthread_mutex_lock(&storages->lock);
	storages->round++;
	while ((entry = next_to_look_at(storages))) {
		entry->round = storages->round;
		entry->busy = true;
		pthread_mutex_unlock(&storages->lock);
		watch_look(entry->watch, storages->settings.base);
		pthread_mutex_lock(&storages->lock);
		entry->busy = false;
		pthread_cond_broadcast(&storages->changed);
	}
	pthread_mutex_unlock(&storages->lock);
}

int storages_fix_watch_root(struct storages *storages, const char *path, struct error **err)
{
	int ret = 0;

	pthread_mutex_lock(&storages->lock);
	if (!storages->watch_root)
		storages->watch_root = xstrdup(path);
	if (strcmp(storages->watch_root, path) != 0)
		ret = error_set(err, -EINVAL,
				"watchable mounts must use the same tmpfs root: %s and not %s",
				storages->watch_root, path);
	pthread_mutex_unlock(&storages->lock);
	return ret;
}

/* ---- all of them ------------------------------------------------------------------------------- */

struct storages *storages_new(const struct storages_settings *settings)
{
	struct storages *storages = xcalloc(1, sizeof(*storages));

	storages->settings = *settings;
	storages->schedule.run = arm;
	storages->timer.expired = submit_look;
	storages->look.run = run_look;
	storages->look.done = looked;
	pthread_mutex_init(&storages->lock, NULL);
	pthread_cond_init(&storages->changed, NULL);
	return storages;
}

static void entry_free(struct entry *entry)
{
	watch_free(entry->watch);
	place_release(&entry->place);
	free(entry);
}

void storages_free(struct storages *storages)
{
	/* A look that goes on ends with the program. */
	if (!storages || storages->looking)
		return;
	if (storages->settings.loop)
		loop_disarm(storages->settings.loop, &storages->timer);
	while (storages->entries) {
		struct entry *entry = storages->entries;

		storages->entries = entry->next;
		entry_free(entry);
	}
	free(storages->watch_root);
	pthread_cond_destroy(&storages->changed);
	pthread_mutex_destroy(&storages->lock);
	free(storages);
}

/* ---- the table; these are called with the lock ------------------------------------------------- */

static struct entry *find(const struct storages *storages, const char *path)
{
	struct entry *entry = storages->entries;

	while (entry && strcmp(entry->place.path, path) != 0)
		entry = entry->next;
	return entry;
}

/* The entry, when nobody works on it; NULL when there is none. */
static struct entry *find_idle(struct storages *storages, const char *path)
{
	struct entry *entry;

	while ((entry = find(storages, path)) && entry->busy)
		pthread_cond_wait(&storages->changed, &storages->lock);
	return entry;
}

static void drop(struct storages *storages, struct entry *entry)
{
	struct entry **link = &storages->entries;

	while (*link != entry)
		link = &(*link)->next;
	*link = entry->next;
	storages->count--;
	entry_free(entry);
}

/* ---- set up ------------------------------------------------------------------------------------ */

/* Hold the mount point: true when somebody has set it up before; else the entry is ours to set up. */
static bool hold(struct storages *storages, const struct place *place, struct entry **entry)
{
	bool there;

	pthread_mutex_lock(&storages->lock);
	*entry = find_idle(storages, place->path);
	there = *entry != NULL;
	if (!there && storages->count < MAX_STORAGES) {
		*entry = xcalloc(1, sizeof(**entry));
		(*entry)->place = *place;
		(*entry)->place.path = xstrdup(place->path);
		(*entry)->place.relative = (*entry)->place.path + (place->relative - place->path);
		(*entry)->busy = true;
		(*entry)->next = storages->entries;
		storages->entries = *entry;
		storages->count++;
	}
	if (*entry)
		(*entry)->count++;
	pthread_mutex_unlock(&storages->lock);
	return there;
}

/* Layers that make one overlay together (spec/agent.md 7.4): none of them means anything by itself. */
static bool is_multi_layer(const Grpc__Storage *storage)
{
	for (size_t i = 0; i < storage->n_options; i++)
		if (strcmp(storage->options[i], "X-kata.multi-layer=true") == 0)
			return true;
	return strcmp(storage->driver, "erofs.multi-layer") == 0;
}

static int attach(struct storages *storages, const char *container_id, const Grpc__Storage *storage,
		  struct string_list *held, struct error **err)
{
	struct attachment attachment = {
		.storage = storage,
		.settings = &storages->settings,
		.storages = storages,
		.container_id = container_id,
	};
	const struct driver *driver = driver_find(storage->driver);
	struct entry *entry;
	int ret;

	if (is_multi_layer(storage))
		return error_set(err, -ENOTSUP,
				 "storage %s: layers in several EROFS images are not supported",
				 storage->mount_point);
	if (!driver)
		return error_set(err, -ENOTSUP, "Failed to find the storage handler %s",
				 storage->driver);
	ret = place_check(storages->settings.base, container_id, storage->mount_point,
			  &attachment.place, err);
	if (ret == 0 && !hold(storages, &attachment.place, &entry)) {
		ret = entry ? driver->attach(&attachment, err)
			    : error_set(err, -ENOSPC, "more than %d storages", MAX_STORAGES);
		pthread_mutex_lock(&storages->lock);
		if (ret == 0) {
			entry->busy = false;
			entry->mounted = attachment.mounted;
			entry->shared = storage->shared;
			entry->watch = attachment.watch;
			storages->watch_count += entry->watch != NULL;
			schedule_look(storages);
		} else if (entry) {
			drop(storages, entry);
		}
		pthread_cond_broadcast(&storages->changed);
		pthread_mutex_unlock(&storages->lock);
	}
	if (ret == 0)
		string_list_add(held, attachment.place.path);
	place_release(&attachment.place);
	return ret < 0 ? error_wrap(err, "storage %s (%s)", storage->mount_point, storage->driver)
		       : 0;
}

int storages_attach(struct storages *storages, const char *container_id, Grpc__Storage *const *list,
		    size_t count, struct string_list *held, struct error **err)
{
	_cleanup_string_list_ struct string_list done = { 0 };
	_cleanup_error_ struct error *second = NULL;
	int ret = 0;

	for (size_t i = 0; i < count && ret == 0; i++)
		ret = attach(storages, container_id, list[i], &done, err);
	if (ret == 0)
		string_list_add_all(held, &done);
	else if (storages_release(storages, &done, &second) < 0)
		log_warning("something is left of a request's storages",
			    LOG_STR("error", error_message(second)));
	return ret;
}

/* ---- take down --------------------------------------------------------------------------------- */

static int release(struct storages *storages, const char *path, struct error **err)
{
	struct entry *entry;
	int ret = 0;

	pthread_mutex_lock(&storages->lock);
	entry = find_idle(storages, path);
	if (entry && --entry->count == 0 && entry->shared)
		entry->count = 1;
	if (entry && entry->count == 0) {
		entry->busy = true;
		pthread_mutex_unlock(&storages->lock);
		if (entry->watch)
			ret = watch_end(entry->watch, storages, err);
		else if (entry->mounted)
			ret = place_clean_up(&entry->place, err);
		pthread_mutex_lock(&storages->lock);
		storages->watch_count -= entry->watch != NULL;
		entry->watch = NULL;
		drop(storages, entry);
		pthread_cond_broadcast(&storages->changed);
	}
	pthread_mutex_unlock(&storages->lock);
	return ret;
}

int storages_release(struct storages *storages, struct string_list *held, struct error **err)
{
	int ret = 0;

	for (size_t i = held->count; i > 0; i--) {
		_cleanup_error_ struct error *later = NULL;

		if (release(storages, held->items[i - 1], ret == 0 ? err : &later) < 0 && ret == 0)
			ret = error_code(*err);
	}
	string_list_release(held);
	return ret;
}

/* ---- UpdateEphemeralMounts --------------------------------------------------------------------- */

int storages_update_ephemeral(const struct storages *storages, Grpc__Storage *const *list,
			      size_t count, struct error **err)
{
	int ret = 0;

	for (size_t i = 0; i < count && ret == 0; i++)
		ret = strcmp(list[i]->driver, "ephemeral") == 0
			      ? ephemeral_update(&storages->settings, list[i], err)
			      : error_set(err, -EINVAL,
					  "Unsupported storage type for syncing mounts %s. Only "
					  "ephemeral storage update is supported",
					  list[i]->driver);
	return ret < 0 ? error_wrap(err, "Failed to update mounts") : 0;
}
