// SPDX-License-Identifier: Apache-2.0
#include "line_editor.h"

#include <histedit.h>
#include <string.h>

#include "base/library.h"
#include "base/log.h"
#include "base/memory.h"

#define EDIT_SONAME  "libedit.so.2"
#define HISTORY_SIZE 1000
#define COLUMNS	     3

LIBRARY_NOTE("libedit", "edit lines of an interactive session", "suggested", EDIT_SONAME);

struct edit_functions {
	__typeof__(el_init) *el_init;
	__typeof__(el_end) *el_end;
	__typeof__(el_set) *el_set;
	__typeof__(el_get) *el_get;
	__typeof__(el_gets) *el_gets;
	__typeof__(el_line) *el_line;
	__typeof__(el_insertstr) *el_insertstr;
	__typeof__(history_init) *history_init;
	__typeof__(history_end) *history_end;
	__typeof__(history) *history;
};

static const struct library_symbol symbols[] = {
	LIBRARY_SYMBOL(struct edit_functions, el_init),
	LIBRARY_SYMBOL(struct edit_functions, el_end),
	LIBRARY_SYMBOL(struct edit_functions, el_set),
	LIBRARY_SYMBOL(struct edit_functions, el_get),
	LIBRARY_SYMBOL(struct edit_functions, el_gets),
	LIBRARY_SYMBOL(struct edit_functions, el_line),
	LIBRARY_SYMBOL(struct edit_functions, el_insertstr),
	LIBRARY_SYMBOL(struct edit_functions, history_init),
	LIBRARY_SYMBOL(struct edit_functions, history_end),
	LIBRARY_SYMBOL(struct edit_functions, history),
	{ 0 },
};

static struct edit_functions edit;
static struct library library = {
	.soname = EDIT_SONAME,
	.package = "libedit2",
	.symbols = symbols,
	.functions = &edit,
};

struct line_editor {
	const char *prompt;
	line_candidates *candidates;
	EditLine *line; /* NULL without libedit */
	History *history;
	char *plain; /* the line without it */
	size_t room;
};

/* ---- completion --------------------------------------------------------------------------------- */

/* What all of them begin with. */
static struct slice shared_beginning(const struct string_list *names)
{
	struct slice shared = slice_of(names->items[0]);

	for (size_t i = 1; i < names->count; i++) {
		size_t same = 0;

		while (same < shared.size && names->items[i][same] == shared.data[same])
			same++;
		shared = slice_first(shared, same);
	}
	return shared;
}

static void show(const struct string_list *names)
{
	putchar('\n');
	for (size_t i = 0; i < names->count; i++)
		printf("%-26s%s", names->items[i],
		       (i + 1) % COLUMNS == 0 || i + 1 == names->count ? "\n" : "");
	fflush(stdout);
}

/* Names that begin with the word under the cursor. */
static void collect(const struct line_editor *editor, struct slice line, struct slice *word,
		    struct string_list *names)
{
	_cleanup_string_list_ struct string_list all = { 0 };
	_cleanup_free_ char *before = NULL;
	size_t start = line.size;

	while (start > 0 && line.data[start - 1] != ' ')
		start--;
	*word = slice_from(line, start);
	before = slice_dup(slice_first(line, start));
	editor->candidates(before, &all);
	for (size_t i = 0; i < all.count; i++)
		if (strncmp(all.items[i], word->data, word->size) == 0)
			string_list_add(names, all.items[i]);
	string_list_sort(names);
}

static unsigned char complete(EditLine *line, int key)
{
	const LineInfo *info = edit.el_line(line);
	_cleanup_string_list_ struct string_list names = { 0 };
	_cleanup_free_ char *more = NULL;
	struct line_editor *editor;
	struct slice word, shared;

	(void)key;
	if (edit.el_get(line, EL_CLIENTDATA, &editor) != 0)
		return CC_ERROR;
	collect(editor, slice_make(info->buffer, (size_t)(info->cursor - info->buffer)), &word,
		&names);
	if (names.count == 0)
		return CC_ERROR;
	shared = shared_beginning(&names);
	if (names.count > 1 && shared.size == word.size) {
		show(&names);
		return CC_REDISPLAY;
	}
	/* A field wants its value right behind it. */
	more = xasprintf("%.*s%s", SLICE_ARGS(slice_from(shared, word.size)),
			 names.count == 1 && !slice_ends_with(shared, "=") ? " " : "");
	return edit.el_insertstr(line, more) == 0 ? CC_REFRESH : CC_ERROR;
}

/* ---- the editor --------------------------------------------------------------------------------- */

static char *prompt_of(EditLine *line)
{
	struct line_editor *editor;

	edit.el_get(line, EL_CLIENTDATA, &editor);
	return (char *)editor->prompt;
}

static void set_up(struct line_editor *editor)
{
	HistEvent event;

	editor->line = edit.el_init("kata-ctl", stdin, stdout, stderr);
	if (!editor->line)
		return;
	edit.el_set(editor->line, EL_CLIENTDATA, editor);
	edit.el_set(editor->line, EL_PROMPT, prompt_of);
	edit.el_set(editor->line, EL_EDITOR, "emacs");
	edit.el_set(editor->line, EL_SIGNAL, 1);
	edit.el_set(editor->line, EL_ADDFN, "complete", "complete the word", complete);
	edit.el_set(editor->line, EL_BIND, "^I", "complete", NULL);
	editor->history = edit.history_init();
	if (!editor->history)
		return;
	edit.history(editor->history, &event, H_SETSIZE, HISTORY_SIZE);
	edit.history(editor->history, &event, H_SETUNIQUE, 1);
	edit.el_set(editor->line, EL_HIST, edit.history, editor->history);
}

struct line_editor *line_editor_new(const char *prompt, line_candidates *candidates)
{
	struct line_editor *editor = xcalloc(1, sizeof(*editor));
	_cleanup_error_ struct error *err = NULL;

	editor->prompt = prompt;
	editor->candidates = candidates;
	if (library_use(&library, &err) == 0)
		set_up(editor);
	else
		log_debug("no line editing", LOG_STR("error", error_message(err)));
	return editor;
}

static const char *read_plain(struct line_editor *editor)
{
	ssize_t size;

	fputs(editor->prompt, stdout);
	fflush(stdout);
	size = getline(&editor->plain, &editor->room, stdin);
	return size < 0 ? NULL : editor->plain;
}

const char *line_editor_read(struct line_editor *editor)
{
	const char *line;
	HistEvent event;
	int size = 0;

	if (!editor->line)
		return read_plain(editor);
	line = edit.el_gets(editor->line, &size);
	if (!line || size <= 0)
		return NULL;
	if (editor->history && line[0] != '\n')
		edit.history(editor->history, &event, H_ENTER, line);
	return line;
}

void line_editor_free(struct line_editor *editor)
{
	if (!editor)
		return;
	if (editor->history)
		edit.history_end(editor->history);
	if (editor->line)
		edit.el_end(editor->line);
	free(editor->plain);
	free(editor);
}
