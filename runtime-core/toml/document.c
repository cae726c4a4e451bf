// SPDX-License-Identifier: Apache-2.0
/*
 * Tables keep their members in the order of the document. Beyond a few members a hash index stands beside
 * them, so that neither duplicate detection nor lookup is quadratic in a large document. The hash is
 * keyed with bytes the kernel gave this process: nobody can prepare a document of colliding keys.
 */
#include "document.h"

#include <math.h>
#include <sys/auxv.h>

#include "base/memory.h"

/* Up to here a walk is as fast as a hash. */
#define SMALL_TABLE    8
#define FIRST_CAPACITY 4

struct table_slot {
	uint32_t hash;
	uint32_t member; /* counted from 1; 0 is an empty slot */
};

struct table_index {
	uint64_t seed[2];
	uint32_t mask;
	struct table_slot slots[];
};

static uint64_t multiply_fold(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint32_t hash_key(const struct table_index *index, struct slice key)
{
	uint64_t hash = index->seed[0] ^ key.size;
	uint64_t word;

	while (key.size >= sizeof(word)) {
		memcpy(&word, key.data, sizeof(word));
		hash = multiply_fold(hash ^ word, index->seed[1]);
		key = slice_from(key, sizeof(word));
	}
	word = 0;
	if (key.size)
		memcpy(&word, key.data, key.size);
	hash = multiply_fold(hash ^ word, index->seed[1]);
	return (uint32_t)multiply_fold(hash ^ index->seed[0], index->seed[1]);
}

/* The slot that holds the key, or the empty one where it belongs. */
static struct table_slot *find_slot(const struct node *table, struct slice key, uint32_t hash)
{
	struct table_index *index = table->index;

	for (uint32_t at = hash & index->mask;; at = (at + 1) & index->mask) {
		struct table_slot *slot = &index->slots[at];

		if (!slot->member)
			return slot;
		if (slot->hash == hash &&
		    slice_equal(table->value.table.members[slot->member - 1].key, key))
			return slot;
	}
}

/* At most half of the slots are taken. */
static void rebuild_index(struct toml_document *document, struct node *table, size_t count)
{
	size_t slots = 2 * count;
	struct table_index *index =
		arena_alloc(&document->arena, sizeof(*index) + slots * sizeof(struct table_slot));

	memcpy(index->seed, (const void *)getauxval(AT_RANDOM), sizeof(index->seed)); // NOLINT
	index->seed[1] |= 1;
	index->mask = (uint32_t)slots - 1;
	table->index = index;
	for (uint32_t i = 0; i < table->value.table.count; i++) {
		struct slice key = table->value.table.members[i].key;
		uint32_t hash = hash_key(table->index, key);

		*find_slot(table, key, hash) = (struct table_slot){ hash, i + 1 };
	}
}

/* Arrays are as large as the next power of two, so their capacity need not be kept. */
static bool is_full(size_t count)
{
	return count == 0 || (count >= FIRST_CAPACITY && (count & (count - 1)) == 0);
}

static size_t next_capacity(size_t count)
{
	return count == 0 ? FIRST_CAPACITY : 2 * count;
}

struct node *node_new(struct toml_document *document, struct node *parent, enum toml_type type,
		      struct toml_position position)
{
	struct node *node = arena_alloc(&document->arena, sizeof(*node));

	node->value.type = type;
	node->value.position = position;
	node->parent = parent;
	node->depth = parent ? (uint8_t)(parent->depth + 1) : 0;
	document->value_count++;
	return node;
}

void node_add_item(struct toml_document *document, struct node *array, struct node *item)
{
	size_t count = array->value.array.count;
	size_t item_size = sizeof(*array->value.array.items);
	const struct toml_value **items = (const struct toml_value **)array->value.array.items;

	if (is_full(count)) {
		items = arena_grow(&document->arena, items, count * item_size,
				   next_capacity(count) * item_size);
		array->value.array.items = items;
	}
	items[count] = &item->value;
	array->value.array.count++;
}

void node_add_member(struct toml_document *document, struct node *table, struct slice key,
		     struct toml_position position, struct node *value)
{
	size_t count = table->value.table.count;
	struct toml_member *members = (struct toml_member *)table->value.table.members;

	if (is_full(count)) {
		members = arena_grow(&document->arena, members, count * sizeof(*members),
				     next_capacity(count) * sizeof(*members));
		table->value.table.members = members;
		if (next_capacity(count) > SMALL_TABLE)
			rebuild_index(document, table, next_capacity(count));
	}
	members[count] =
		(struct toml_member){ .key = key, .position = position, .value = &value->value };
	if (table->index) {
		uint32_t hash = hash_key(table->index, key);

		*find_slot(table, key, hash) = (struct table_slot){ hash, (uint32_t)count + 1 };
	}
	table->value.table.count++;
}

struct toml_member *node_find_member(const struct node *table, struct slice key)
{
	struct toml_member *members = (struct toml_member *)table->value.table.members;

	if (table->index) {
		uint32_t member = find_slot(table, key, hash_key(table->index, key))->member;

		return member ? &members[member - 1] : NULL;
	}
	for (size_t i = 0; i < table->value.table.count; i++)
		if (slice_equal(members[i].key, key))
			return &members[i];
	return NULL;
}

void toml_document_free(struct toml_document *document)
{
	if (!document)
		return;
	arena_release(&document->arena);
	free(document->statements);
	free(document);
}

const struct toml_value *toml_root(const struct toml_document *document)
{
	return &document->root->value;
}

const struct toml_member *toml_member(const struct toml_value *table, const char *key)
{
	if (!table || table->type != TOML_TABLE)
		return NULL;
	return node_find_member(node_of(table), slice_of(key));
}

const struct toml_value *toml_get(const struct toml_value *table, const char *key)
{
	const struct toml_member *member = toml_member(table, key);

	return member ? member->value : NULL;
}

const char *toml_type_name(enum toml_type type)
{
	static const char *const names[] = {
		[TOML_STRING] = "string",
		[TOML_INTEGER] = "integer",
		[TOML_FLOAT] = "float",
		[TOML_BOOLEAN] = "boolean",
		[TOML_OFFSET_DATETIME] = "datetime",
		[TOML_LOCAL_DATETIME] = "local datetime",
		[TOML_LOCAL_DATE] = "local date",
		[TOML_LOCAL_TIME] = "local time",
		[TOML_ARRAY] = "array",
		[TOML_TABLE] = "table",
	};

	return names[type];
}

static bool arrays_equal(const struct toml_value *a, const struct toml_value *b)
{
	if (a->array.count != b->array.count)
		return false;
	for (size_t i = 0; i < a->array.count; i++)
		if (!toml_value_equal(a->array.items[i], b->array.items[i]))
			return false;
	return true;
}

static bool tables_equal(const struct toml_value *a, const struct toml_value *b)
{
	if (a->table.count != b->table.count)
		return false;
	for (size_t i = 0; i < a->table.count; i++) {
		const struct toml_member *member = &a->table.members[i];
		const struct toml_member *other = node_find_member(node_of(b), member->key);

		if (!other || !toml_value_equal(member->value, other->value))
			return false;
	}
	return true;
}

/* The depth of the recursion is bounded by TOML_MAX_DEPTH. */
bool toml_value_equal(const struct toml_value *a, const struct toml_value *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case TOML_INTEGER:
		return a->integer == b->integer;
	case TOML_FLOAT:
		return a->number == b->number || (isnan(a->number) && isnan(b->number));
	case TOML_BOOLEAN:
		return a->boolean == b->boolean;
	case TOML_ARRAY:
		return arrays_equal(a, b);
	case TOML_TABLE:
		return tables_equal(a, b);
	default:
		return slice_equal(a->string, b->string);
	}
}
