// SPDX-License-Identifier: Apache-2.0
/*
 * The reader. A document is a list of statements, each `key = value` or a header, and a header says which
 * table the keys below it belong to:
 *
 *	parse_document ─► parse_statement ─► parse_header
 *	                                  └► parse_key_value ─► parse_key, parse_value ─► array, inline table
 *
 * The text is copied once; keys and strings are views of the copy unless they have escapes. Statements go
 * straight into the tree. Whether a header or a dotted key may extend a table that is there already depends
 * on how the table came to be (enum table_origin); the rules stand in may_pass and parse_table_header.
 *
 * Only values nest, and TOML_MAX_DEPTH bounds how deep, so the recursion is bounded too.
 */
#include "parser.h"

#include <errno.h>

#include "base/memory.h"
#include "base/quote.h"
#include "base/utf8.h"
#include "scanner.h"

struct parser {
	struct scanner scanner;
	struct toml_document *document;
	struct node *current; /* the table of the last header */
	unsigned flags;
};

/* A dotted key, `offsets` being where the parts stand. */
struct key {
	struct slice parts[TOML_MAX_DEPTH];
	uint32_t offsets[TOML_MAX_DEPTH];
	unsigned count;
};

static int parse_value(struct parser *parser, struct node *parent, struct node **value);

static struct toml_position position_of(struct parser *parser, size_t offset)
{
	return scanner_position(&parser->scanner, offset);
}

/* The key up to and including a part, as it would be written: for messages. To be freed. */
static char *key_text(const struct key *key, unsigned last)
{
	struct strbuf text = STRBUF_INIT;

	for (unsigned i = 0; i <= last; i++) {
		if (i)
			strbuf_putc(&text, '.');
		toml_write_key(&text, key->parts[i]);
	}
	return strbuf_steal(&text);
}

static int fail_bound(struct parser *parser, struct toml_position position, const char *what,
		      unsigned bound)
{
	_cleanup_free_ char *message = xasprintf("%s; at most %u are allowed", what, bound);

	return scanner_fail_with(&parser->scanner, -EFBIG, position, message);
}

/* NULL, the error being set, beyond a bound: the caller returns -EFBIG. */
static struct node *new_node(struct parser *parser, struct node *parent, enum toml_type type,
			     struct toml_position position)
{
	if (parser->document->value_count > TOML_MAX_VALUES) {
		fail_bound(parser, position, "too many keys and array elements", TOML_MAX_VALUES);
		return NULL;
	}
	if (parent && parent->depth >= TOML_MAX_DEPTH) {
		fail_bound(parser, position, "too many tables or arrays inside each other",
			   TOML_MAX_DEPTH);
		return NULL;
	}
	return node_new(parser->document, parent, type, position);
}

static void record(struct parser *parser, struct statement statement)
{
	struct toml_document *document = parser->document;

	if (!(parser->flags & PARSE_STATEMENTS))
		return;
	document->statements = xgrow(document->statements, &document->statement_capacity,
				     document->statement_count + 1, sizeof(*document->statements));
	document->statements[document->statement_count++] = statement;
}

/* ---- keys -------------------------------------------------------------------------------------- */

static bool is_bare(int c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
	       c == '-';
}

static int parse_key_part(struct parser *parser, struct slice *part)
{
	struct scanner *scanner = &parser->scanner;
	size_t start = scanner->at;

	if (scanner_peek(scanner) == '"' || scanner_peek(scanner) == '\'')
		return scanner_string(scanner, false, part);
	while (is_bare(scanner_peek(scanner)))
		scanner->at++;
	if (scanner->at == start)
		return scanner_fail(scanner, start, "expected a key, found %s%s",
				    scanner_found(scanner),
				    strchr(" \t\r\n#.,=[]{}", scanner_peek(scanner) & 0x7F)
					    ? ""
					    : "; a key of more than A-Z a-z 0-9 _ - needs quotes");
	*part = slice_make(scanner->text.data + start, scanner->at - start);
	return 0;
}

/* Parts with dots between them, and blanks anywhere. */
static int parse_key(struct parser *parser, struct key *key)
{
	struct scanner *scanner = &parser->scanner;

	key->count = 0;
	do {
		int ret;

		if (key->count == TOML_MAX_DEPTH)
			return fail_bound(parser, position_of(parser, scanner->at),
					  "too many parts in one key", TOML_MAX_DEPTH);
		if (key->count)
			scanner->at++;
		scanner_skip_blanks(scanner);
		key->offsets[key->count] = (uint32_t)scanner->at;
		ret = parse_key_part(parser, &key->parts[key->count]);
		if (ret < 0)
			return ret;
		key->count++;
		scanner_skip_blanks(scanner);
	} while (scanner_peek(scanner) == '.');
	return 0;
}

/* ---- tables ------------------------------------------------------------------------------------ */

/* May a header (or else a dotted key) lead through, or add to, a table that came to be like this? */
static bool may_pass(const struct parser *parser, const struct node *table, bool header)
{
	if (!(parser->flags & PARSE_STRICT))
		return true;
	return header ? table->origin != TABLE_INLINE : table->origin == TABLE_DOTTED;
}

static int fail_duplicate(struct parser *parser, const struct key *key, unsigned part,
			  const struct toml_member *earlier, const char *what)
{
	_cleanup_free_ char *text = key_text(key, part);

	return scanner_fail(&parser->scanner, key->offsets[part],
			    "%s '%s' is already defined on line %u; remove one of them", what, text,
			    earlier->position.line);
}

/* One step into a member that exists. */
static int enter(struct parser *parser, const struct toml_member *member, const struct key *key,
		 unsigned part, bool header, struct node **table)
{
	const struct toml_value *value = member->value;
	_cleanup_free_ char *text = NULL;

	if (value->type == TOML_TABLE && may_pass(parser, node_of(value), header)) {
		*table = node_of(value);
		return 0;
	}
	if (value->type == TOML_ARRAY && value->array.of_tables && header) {
		*table = node_of(value->array.items[value->array.count - 1]);
		return 0;
	}
	text = key_text(key, part);
	if (value->type == TOML_TABLE)
		return scanner_fail(&parser->scanner, key->offsets[part],
				    "the table '%s' of line %u cannot be extended here", text,
				    member->position.line);
	return scanner_fail(&parser->scanner, key->offsets[part],
			    "'%s' has type %s (line %u) and cannot hold keys", text,
			    value->type == TOML_ARRAY && value->array.of_tables
				    ? "array of tables"
				    : toml_type_name(value->type),
			    member->position.line);
}

/* Walk over all parts but the last, making tables where there are none yet. */
static int walk(struct parser *parser, struct node **table, const struct key *key, bool header)
{
	for (unsigned i = 0; i + 1 < key->count; i++) {
		const struct toml_member *member = node_find_member(*table, key->parts[i]);
		struct node *made;
		int ret;

		if (member) {
			ret = enter(parser, member, key, i, header, table);
			if (ret < 0)
				return ret;
			continue;
		}
		made = new_node(parser, *table, TOML_TABLE, position_of(parser, key->offsets[i]));
		if (!made)
			return -EFBIG;
		made->origin = header ? TABLE_IMPLICIT : TABLE_DOTTED;
		node_add_member(parser->document, *table, key->parts[i], made->value.position,
				made);
		*table = made;
	}
	return 0;
}

/* ---- values ------------------------------------------------------------------------------------ */

/* `key = value` into a table, the current character being the key's first. */
static int parse_key_value(struct parser *parser, struct node *context)
{
	struct scanner *scanner = &parser->scanner;
	struct node *table = context, *value;
	struct toml_position position;
	const struct toml_member *earlier;
	size_t statement;
	struct slice name;
	struct key key;
	int ret;

	ret = parse_key(parser, &key);
	if (ret < 0)
		return ret;
	if (scanner_peek(scanner) != '=')
		return scanner_fail(scanner, scanner->at, "expected '=' behind the key, found %s",
				    scanner_found(scanner));
	ret = walk(parser, &table, &key, false);
	if (ret < 0)
		return ret;
	position = position_of(parser, key.offsets[key.count - 1]);
	name = key.parts[key.count - 1];
	earlier = node_find_member(table, name);
	if (earlier)
		return fail_duplicate(parser, &key, key.count - 1, earlier, "the key");
	scanner->at++;
	scanner_skip_blanks(scanner);

	statement = parser->document->statement_count;
	record(parser, (struct statement){ .kind = STATEMENT_KEY,
					   .start = key.offsets[0],
					   .context = context });
	ret = parse_value(parser, table, &value);
	if (ret < 0)
		return ret;
	node_add_member(parser->document, table, name, position, value);
	if (parser->flags & PARSE_STATEMENTS) {
		parser->document->statements[statement].node = value;
		parser->document->statements[statement].end = value->end;
	}
	return 0;
}

static int parse_array(struct parser *parser, struct node *array)
{
	struct scanner *scanner = &parser->scanner;
	size_t opened = scanner->at++;
	int ret;

	for (;;) {
		struct node *item;

		ret = scanner_skip_lines(scanner);
		if (ret < 0)
			return ret;
		if (scanner_peek(scanner) == ']')
			break;
		ret = parse_value(parser, array, &item);
		if (ret < 0)
			return ret;
		node_add_item(parser->document, array, item);
		ret = scanner_skip_lines(scanner);
		if (ret < 0)
			return ret;
		if (scanner_peek(scanner) == ']')
			break;
		if (scanner_peek(scanner) < 0)
			return scanner_fail(scanner, opened, "this array has no closing bracket");
		if (scanner_peek(scanner) != ',')
			return scanner_fail(scanner, scanner->at,
					    "expected ',' or ']' behind the element, found %s",
					    scanner_found(scanner));
		scanner->at++;
	}
	scanner->at++;
	return 0;
}

/* What may stand between the members of an inline table. */
static int skip_in_table(struct parser *parser)
{
	if (!(parser->flags & PARSE_STRICT))
		return scanner_skip_lines(&parser->scanner);
	scanner_skip_blanks(&parser->scanner);
	return 0;
}

static int parse_inline_table(struct parser *parser, struct node *table)
{
	struct scanner *scanner = &parser->scanner;
	bool may_end = true;

	table->origin = TABLE_INLINE;
	scanner->at++;
	for (;;) {
		int ret = skip_in_table(parser);

		if (ret < 0)
			return ret;
		if (scanner_peek(scanner) == '}' && may_end)
			break;
		ret = parse_key_value(parser, table);
		if (ret < 0)
			return ret;
		ret = skip_in_table(parser);
		if (ret < 0)
			return ret;
		if (scanner_peek(scanner) == '}')
			break;
		if (scanner_peek(scanner) != ',')
			return scanner_fail(scanner, scanner->at,
					    "expected ',' or '}' behind the value, found %s",
					    scanner_found(scanner));
		scanner->at++;
		may_end = !(parser->flags & PARSE_STRICT);
	}
	scanner->at++;
	return 0;
}

static int parse_value(struct parser *parser, struct node *parent, struct node **value)
{
	struct scanner *scanner = &parser->scanner;
	struct node *node;
	int ret;

	node = new_node(parser, parent, TOML_STRING, position_of(parser, scanner->at));
	if (!node)
		return -EFBIG;
	switch (scanner_peek(scanner)) {
	case '"':
	case '\'':
		ret = scanner_string(scanner, true, &node->value.string);
		break;
	case '[':
		node->value.type = TOML_ARRAY;
		ret = parse_array(parser, node);
		break;
	case '{':
		node->value.type = TOML_TABLE;
		ret = parse_inline_table(parser, node);
		break;
	default:
		ret = scanner_word(scanner, &node->value);
	}
	node->end = (uint32_t)scanner->at;
	*value = node;
	return ret;
}

/* ---- headers ----------------------------------------------------------------------------------- */

/* [a.b]: the table is new, or known so far only from the headers of its sub-tables. */
static int add_header_table(struct parser *parser, struct node *parent, const struct key *key,
			    struct toml_position header, struct node **table)
{
	struct slice name = key->parts[key->count - 1];
	struct toml_position position = position_of(parser, key->offsets[key->count - 1]);
	struct toml_member *member = node_find_member(parent, name);

	if (!member) {
		*table = new_node(parser, parent, TOML_TABLE, header);
		if (!*table)
			return -EFBIG;
		node_add_member(parser->document, parent, name, position, *table);
	} else {
		*table = node_of(member->value);
		if (member->value->type != TOML_TABLE || (*table)->origin == TABLE_HEADER ||
		    (*table)->origin == TABLE_INLINE ||
		    ((*table)->origin == TABLE_DOTTED && (parser->flags & PARSE_STRICT)))
			return fail_duplicate(parser, key, key->count - 1, member,
					      member->value->type == TOML_TABLE ? "the table"
										: "the key");
		member->position = position;
		(*table)->value.position = header;
	}
	(*table)->origin = TABLE_HEADER;
	return 0;
}

/* [[a.b]]: one more element, the array being new or made of such headers. */
static int add_header_element(struct parser *parser, struct node *parent, const struct key *key,
			      struct toml_position header, struct node **table)
{
	struct slice name = key->parts[key->count - 1];
	struct toml_position position = position_of(parser, key->offsets[key->count - 1]);
	const struct toml_member *member = node_find_member(parent, name);
	struct node *array;

	if (member && !(member->value->type == TOML_ARRAY && member->value->array.of_tables))
		return fail_duplicate(parser, key, key->count - 1, member,
				      member->value->type == TOML_TABLE ? "the table" : "the key");
	if (member) {
		array = node_of(member->value);
	} else {
		array = new_node(parser, parent, TOML_ARRAY, header);
		if (!array)
			return -EFBIG;
		array->value.array.of_tables = true;
		node_add_member(parser->document, parent, name, position, array);
	}
	*table = new_node(parser, array, TOML_TABLE, header);
	if (!*table)
		return -EFBIG;
	(*table)->origin = TABLE_HEADER;
	node_add_item(parser->document, array, *table);
	return 0;
}

static int parse_header(struct parser *parser)
{
	struct scanner *scanner = &parser->scanner;
	size_t start = scanner->at;
	bool of_array = scanner_is_at(scanner, "[[");
	const char *closing = of_array ? "]]" : "]";
	struct toml_position header = position_of(parser, start);
	struct node *table = parser->document->root;
	struct key key;
	int ret;

	scanner->at += strlen(closing);
	ret = parse_key(parser, &key);
	if (ret < 0)
		return ret;
	if (!scanner_is_at(scanner, closing))
		return scanner_fail(scanner, scanner->at,
				    "expected '%s' at the end of the header, found %s", closing,
				    scanner_found(scanner));
	scanner->at += strlen(closing);
	ret = walk(parser, &table, &key, true);
	if (ret < 0)
		return ret;
	ret = of_array ? add_header_element(parser, table, &key, header, &table)
		       : add_header_table(parser, table, &key, header, &table);
	if (ret < 0)
		return ret;
	parser->current = table;
	record(parser,
	       (struct statement){ .kind = of_array ? STATEMENT_ARRAY_HEADER : STATEMENT_HEADER,
				   .start = (uint32_t)start,
				   .end = (uint32_t)scanner->at,
				   .node = table });
	return scanner_end_line(scanner, "the header");
}

/* ---- the whole --------------------------------------------------------------------------------- */

static int parse_statement(struct parser *parser)
{
	int ret;

	if (scanner_peek(&parser->scanner) == '[')
		return parse_header(parser);
	ret = parse_key_value(parser, parser->current);
	if (ret < 0)
		return ret;
	return scanner_end_line(&parser->scanner, "the value");
}

static int parse_statements(struct parser *parser)
{
	int ret;

	parser->document->root = new_node(parser, NULL, TOML_TABLE, position_of(parser, 0));
	if (!parser->document->root)
		return -EFBIG;
	parser->document->root->origin = TABLE_HEADER;
	parser->current = parser->document->root;
	if (scanner_is_at(&parser->scanner, "\xEF\xBB\xBF"))
		parser->scanner.at += 3;
	for (;;) {
		ret = scanner_skip_lines(&parser->scanner);
		if (ret < 0)
			return ret;
		if (scanner_peek(&parser->scanner) < 0)
			return 0;
		ret = parse_statement(parser);
		if (ret < 0)
			return ret;
	}
}

static int parse_lone_value(struct parser *parser)
{
	int ret;

	scanner_skip_blanks(&parser->scanner);
	ret = parse_value(parser, NULL, &parser->document->root);
	if (ret < 0)
		return ret;
	scanner_skip_blanks(&parser->scanner);
	if (scanner_peek(&parser->scanner) >= 0)
		return scanner_fail(&parser->scanner, parser->scanner.at,
				    "expected nothing behind the value, found %s",
				    scanner_found(&parser->scanner));
	return 0;
}

static int check_encoding(struct scanner *scanner)
{
	struct slice text = scanner->text;
	size_t invalid = utf8_find_invalid(text);

	if (slice_starts_with(text, "\xFF\xFE") || slice_starts_with(text, "\xFE\xFF") ||
	    (text.size > 1 && (text.data[0] == '\0' || text.data[1] == '\0')))
		return scanner_fail(scanner, 0, "this looks like UTF-16; save the file as UTF-8");
	if (invalid == text.size)
		return 0;
	scanner->text.size = invalid;
	return scanner_fail(scanner, invalid, "byte 0x%02x is not valid UTF-8",
			    (unsigned char)text.data[invalid]);
}

static int parse(struct slice text, const char *name, unsigned flags,
		 int (*content)(struct parser *parser), struct toml_document **out,
		 struct error **err)
{
	_cleanup_(toml_document_freep) struct toml_document *document = NULL;
	struct parser parser = { .flags = flags };
	int ret;

	document = xcalloc(1, sizeof(*document));
	parser.document = document;
	parser.scanner = (struct scanner){
		.text = text,
		.name = name,
		.strict = flags & PARSE_STRICT,
		.arena = &document->arena,
		.err = err,
	};
	if (text.size > TOML_MAX_BYTES)
		return fail_bound(&parser, position_of(&parser, 0), "too many bytes",
				  TOML_MAX_BYTES);
	ret = check_encoding(&parser.scanner);
	if (ret < 0)
		return ret;
	parser.scanner.text.data = arena_grow(&document->arena, text.data, text.size, text.size);
	ret = content(&parser);
	if (ret < 0)
		return ret;
	*out = steal(document);
	return 0;
}

int parse_document(struct slice text, const char *name, unsigned flags,
		   struct toml_document **document, struct error **err)
{
	return parse(text, name, flags, parse_statements, document, err);
}

int parse_single_value(struct slice text, const char *name, struct toml_document **document,
		       struct error **err)
{
	return parse(text, name, 0, parse_lone_value, document, err);
}

int toml_parse(struct slice text, const char *name, struct toml_document **document,
	       struct error **err)
{
	return parse_document(text, name, 0, document, err);
}

int toml_parse_strict(struct slice text, const char *name, struct toml_document **document,
		      struct error **err)
{
	return parse_document(text, name, PARSE_STRICT, document, err);
}
