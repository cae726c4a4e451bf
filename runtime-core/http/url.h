/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/slice.h"
#include "base/strbuf.h"

/*
 * Append text as one component of a URL's path or query: all bytes but letters, digits and "-_.~" become
 * %XX. That is stricter than Go's PathEscape, which leaves "$&+:=@" alone; every reader decodes both the
 * same, but "+", "&" and "=" mean something else in a query.
 */
void url_escape(struct strbuf *out, struct slice text);
