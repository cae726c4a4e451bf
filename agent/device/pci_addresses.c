// SPDX-License-Identifier: Apache-2.0
/* PCI addresses in the environment of a process, where device plugins put the host's (spec/agent.md 8.4). */
#include <ctype.h>
#include <errno.h>
#include <strings.h>

#include "base/memory.h"
#include "base/strbuf.h"
#include "proto/message.h"
#include "request.h"

#define VARIABLE "PCIDEVICE_"

void pci_addresses_release(struct pci_addresses *addresses)
{
	for (size_t i = 0; i < addresses->count; i++) {
		free(addresses->pairs[i].host);
		free(addresses->pairs[i].guest);
	}
	free(addresses->pairs);
	*addresses = (struct pci_addresses){ 0 };
}

static struct pci_address_pair *find_pair(const struct pci_addresses *addresses, struct slice host)
{
	for (size_t i = 0; i < addresses->count; i++)
		if (strlen(addresses->pairs[i].host) == host.size &&
		    strncasecmp(addresses->pairs[i].host, host.data, host.size) == 0)
			return &addresses->pairs[i];
	return NULL;
}

void pci_addresses_add(struct pci_addresses *addresses, const char *host, const char *guest)
{
	struct pci_address_pair *pair = find_pair(addresses, slice_of(host));

	if (pair) {
		free(pair->guest);
	} else {
		addresses->pairs = xgrow(addresses->pairs, &addresses->capacity,
					 addresses->count + 1, sizeof(*addresses->pairs));
		pair = &addresses->pairs[addresses->count++];
		pair->host = xstrdup(host);
	}
	pair->guest = xstrdup(guest);
}

/* ---- variables --------------------------------------------------------------------------------- */

/* "0000:3b:00.0,0000:3b:00.1"; NULL when it is anything else, or has an address that is not known. */
static char *translate_list(const struct pci_addresses *addresses, struct slice value)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct slice host;

	while (slice_next_field(&value, ',', &host)) {
		const struct pci_address_pair *pair = find_pair(addresses, host);

		if (!pair)
			return NULL;
		if (out.size > 0)
			strbuf_putc(&out, ',');
		strbuf_puts(&out, pair->guest);
	}
	return strbuf_steal(&out);
}

/* The known address that `text` begins with, as a whole word. */
static const struct pci_address_pair *address_at(const struct pci_addresses *addresses,
						 struct slice text, bool in_word)
{
	if (in_word)
		return NULL;
	for (size_t i = 0; i < addresses->count; i++) {
		const struct pci_address_pair *pair = &addresses->pairs[i];
		size_t size = strlen(pair->host);

		if (text.size >= size && strncasecmp(text.data, pair->host, size) == 0 &&
		    (text.size == size || !isxdigit((unsigned char)text.data[size])))
			return pair;
	}
	return NULL;
}

/* In one pass: what has been replaced is not looked at again, for it may be another device's address. */
static char *translate_text(const struct pci_addresses *addresses, struct slice text)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	bool in_word = false;

	while (text.size > 0) {
		const struct pci_address_pair *pair = address_at(addresses, text, in_word);

		if (pair) {
			strbuf_puts(&out, pair->guest);
			text = slice_from(text, strlen(pair->host));
			in_word = true;
			continue;
		}
		strbuf_putc(&out, text.data[0]);
		in_word = isxdigit((unsigned char)text.data[0]) || text.data[0] == ':';
		text = slice_from(text, 1);
	}
	return out.size ? strbuf_steal(&out) : xstrdup("");
}

int pci_addresses_rewrite(const struct pci_addresses *addresses, char **env, size_t count,
			  struct error **err)
{
	if (addresses->count == 0)
		return 0;
	for (size_t i = 0; i < count; i++) {
		struct slice entry = slice_of(env[i]);
		size_t equals = slice_find(entry, '=');
		struct slice name = slice_first(entry, equals);
		_cleanup_free_ char *value = NULL;

		if (equals == entry.size)
			return error_set(err, -EINVAL, "Malformed OCI env entry \"%.128s\"",
					 env[i]);
		if (!slice_starts_with(name, VARIABLE))
			continue;
		value = slice_ends_with(name, "_INFO")
				? translate_text(addresses, slice_from(entry, equals + 1))
				: translate_list(addresses, slice_from(entry, equals + 1));
		if (value)
			proto_take_string(&env[i], xasprintf("%.*s=%s", SLICE_ARGS(name), value));
	}
	return 0;
}
