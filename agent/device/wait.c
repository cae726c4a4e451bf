// SPDX-License-Identifier: Apache-2.0
#include "internal.h"

#include <errno.h>
#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

/*
 * Look again after this time even if nothing was heard: events can get lost, and a disk is in sysfs a moment before it
 * can be opened.
 */
#define LOOK_INTERVAL_NS (50 * NS_PER_MS)

struct devices *devices_new(struct loop *loop, const struct devices_settings *settings)
{
	struct devices *devices = xcalloc(1, sizeof(*devices));
	_cleanup_error_ struct error *err = NULL;
	pthread_condattr_t attributes;

	devices->loop = loop;
	devices->root = xstrdup(settings->root);
	devices->timeout_ms = settings->timeout_ms;
	devices->load_module = settings->load_module;
	devices->socket.fd = -1;
	pthread_mutex_init(&devices->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&devices->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	if (uevents_open(devices, &err) < 0)
		log_warning("the kernel's events of devices are not heard",
			    LOG_STR("error", error_message(err)));
	return devices;
}

void devices_use(struct devices *devices)
{
	pthread_mutex_lock(&devices->lock);
	devices->users++;
	pthread_mutex_unlock(&devices->lock);
}

void devices_unuse(struct devices *devices)
{
	pthread_mutex_lock(&devices->lock);
	devices->users--;
	pthread_cond_broadcast(&devices->changed);
	pthread_mutex_unlock(&devices->lock);
}

void devices_wake(struct devices *devices)
{
	pthread_mutex_lock(&devices->lock);
	devices->changes++;
	pthread_cond_broadcast(&devices->changed);
	pthread_mutex_unlock(&devices->lock);
}

void devices_free(struct devices *devices)
{
	if (!devices)
		return;
	pthread_mutex_lock(&devices->lock);
	devices->closed = true;
	pthread_cond_broadcast(&devices->changed);
	while (devices->users > 0)
		pthread_cond_wait(&devices->changed, &devices->lock);
	pthread_mutex_unlock(&devices->lock);
	if (devices->socket.fd >= 0)
		close(devices->socket.fd);
	pthread_cond_destroy(&devices->changed);
	pthread_mutex_destroy(&devices->lock);
	free(devices->root);
	free(devices);
}

/* Until something was heard since `seen`, or it is time to look again. False when all is to end. */
static bool wait_for_change(struct devices *devices, uint64_t seen, int64_t until_ns)
{
	struct timespec until = { until_ns / NS_PER_S, until_ns % NS_PER_S };
	bool closed;

	pthread_mutex_lock(&devices->lock);
	while (devices->changes == seen && !devices->closed &&
	       pthread_cond_timedwait(&devices->changed, &devices->lock, &until) == 0)
		;
	closed = devices->closed;
	pthread_mutex_unlock(&devices->lock);
	return !closed;
}

static uint64_t count_changes(struct devices *devices)
{
	uint64_t changes;

	pthread_mutex_lock(&devices->lock);
	changes = devices->changes;
	pthread_mutex_unlock(&devices->lock);
	return changes;
}

static int too_late(const struct devices *devices, const char *name, const struct error *reason,
		    struct error **err)
{
	error_set(err, -ETIMEDOUT, "Timeout after %" PRId64 "s waiting for uevent of %s: %s",
		  devices->timeout_ms / MS_PER_S, name, error_message(reason));
	return error_advise(err,
			    "agent.hotplug_timeout=SECONDS on the kernel's command line gives it "
			    "more time");
}

static int wait_until_found(struct devices *devices, look_function *look, const void *wanted,
			    const char *name, char **found, struct error **err)
{
	int64_t deadline = clock_now_ns() + devices->timeout_ms * NS_PER_MS;

	for (;;) {
		/* Counted before looking: what comes while we look is not slept through. */
		uint64_t seen = count_changes(devices);
		_cleanup_error_ struct error *reason = NULL;
		int ret = look(devices, wanted, found, &reason);
		int64_t now = clock_now_ns(), again = now + LOOK_INTERVAL_NS;

		if (ret == 0)
			return 0;
		if (ret != -EAGAIN)
			return error_propagate(err, steal(reason));
		if (now >= deadline)
			return too_late(devices, name, reason, err);
		if (!wait_for_change(devices, seen, again < deadline ? again : deadline))
			return error_set(err, -ESHUTDOWN, "the agent ends");
	}
}

int devices_wait(struct devices *devices, look_function *look, const void *wanted, const char *name,
		 char **found, struct error **err)
{
	int ret;

	devices_use(devices);
	ret = wait_until_found(devices, look, wanted, name, found, err);
	devices_unuse(devices);
	return ret;
}

void devices_load_drivers(const struct devices *devices, const char *const *names)
{
	for (size_t i = 0; devices->load_module && names[i]; i++) {
		_cleanup_error_ struct error *err = NULL;

		if (devices->load_module(names[i], "", &err) < 0)
			log_debug("no driver", LOG_STR("error", error_message(err)));
	}
}
