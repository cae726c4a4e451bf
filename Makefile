# SPDX-License-Identifier: Apache-2.0
#
#	make            build everything under build/
#	make demo       install what is needed, build, and show the main job on this host
#	make test       install what is needed, build, lint and run every test
#	make help       the other entry points
#
# Variables: SANITIZE=1 (AddressSanitizer and UBSan, in build/sanitize), V=1 (show commands),
# PREFIX, SYSCONFDIR, LOCALSTATEDIR, DEFAULTSDIR and DESTDIR for `make install`.

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:

# ---- where things go ---------------------------------------------------------------------------

PREFIX ?= /usr
SYSCONFDIR ?= /etc
LOCALSTATEDIR ?= /var
BINDIR ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share
DEFAULTSDIR ?= $(DATADIR)/defaults/kata-containers
MANDIR ?= $(DATADIR)/man
DOCDIR ?= $(DATADIR)/doc/kata-containers

B := build$(if $(SANITIZE),/sanitize)
Q := $(if $(V),,@)

# ---- compiler ----------------------------------------------------------------------------------

CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif
PACKAGES := libcjson yaml-0.1
# Opened on first use (dlopen), so only their headers are needed.
HEADER_PACKAGES := libarchive libcurl libkmod libsystemd libpcre2-8 nettle zlib $(if $(filter x86_64,$(shell uname -m)),libcpuid)

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla \
	-Wcast-align -Wnull-dereference -Wundef
HARDENING := -fstack-protector-strong -fstack-clash-protection -ftrivial-auto-var-init=zero \
	-fno-strict-aliasing -fno-strict-overflow -fno-delete-null-pointer-checks
ifeq ($(shell uname -m),x86_64)
HARDENING += -fcf-protection=full
endif
ifeq ($(shell uname -m),aarch64)
HARDENING += -mbranch-protection=standard
endif

ifdef SANITIZE
MODE_CFLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
MODE_LDFLAGS := -fsanitize=address,undefined
else
MODE_CFLAGS := -O2 -g -D_FORTIFY_SOURCE=2 $(HARDENING)
MODE_LDFLAGS := -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code,-z,defs
endif

# Quiet where pkg-config is still to be installed: `make test` and `make demo` do that, and start over.
pkg_config = $(shell command -v pkg-config >/dev/null && pkg-config $(1))

CPPFLAGS_ALL := -D_GNU_SOURCE -Iruntime-core -I$(B)/include \
	$(call pkg_config,--cflags $(PACKAGES) $(HEADER_PACKAGES)) $(CPPFLAGS)
CFLAGS_ALL := -std=gnu17 -fPIE $(WARNINGS) -Werror $(MODE_CFLAGS) $(CFLAGS)
LDFLAGS_ALL := $(MODE_LDFLAGS) -Wl,--as-needed $(LDFLAGS)
LDLIBS_ALL := $(call pkg_config,--libs $(PACKAGES)) -lm $(LDLIBS)

compile = $(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# ---- what there is -----------------------------------------------------------------------------

PROGRAMS := kata-runtime kata-ctl kata-log-parser
# A program's sources lie in the folder of its name, but for these.
SOURCES_OF_kata-log-parser := log-parser
# Other names of a program, made when it is installed.
LINKS_TO_kata-ctl := kata-agent-ctl
# How a program is asked for its completion script; it has a command for it, but for these.
COMPLETION_OF_kata-log-parser := --completion

sources_of = $(wildcard $(or $(SOURCES_OF_$(1)),$(1))/*.c)

CORE_SOURCES := $(wildcard runtime-core/*/*.c)
CORE := $(B)/libkata-core.a
CORE_OBJECTS := $(CORE_SOURCES:%.c=$(B)/%.o)
PROGRAM_BINARIES := $(PROGRAMS:%=$(B)/bin/%)
UNIT_SOURCES := $(wildcard tests/unit/*/test_*.c)
UNIT_TESTS := $(UNIT_SOURCES:%.c=$(B)/%)
VERSION := $(shell cat VERSION)

.PHONY: all
all: $(PROGRAM_BINARIES)

# Written anew when a source has come or gone: an archive that no object is newer than would keep what has gone.
$(B)/core.list: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(CORE_OBJECTS)' >$@.new
	$(Q)cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(CORE): $(CORE_OBJECTS) $(B)/core.list
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(B)/tests/%.o: CPPFLAGS_ALL += -Itests/unit

$(B)/%.o: %.c $(B)/include/build.h
	$(compile)

define program_rule
$(B)/bin/$(1): $(patsubst %.c,$(B)/%.o,$(call sources_of,$(1))) $(CORE)
	$$(Q)mkdir -p $$(@D) && $$(CC) $$(LDFLAGS_ALL) -o $$@ $$^ $$(LDLIBS_ALL)
endef
$(foreach program,$(PROGRAMS),$(eval $(call program_rule,$(program))))

# What the programs know of this build. Written anew when something in it has changed. VERSION is the level of the
# interfaces; which build of it this is stands behind a plus sign, where comparisons of versions do not look.
COMMIT ?= $(shell git rev-parse HEAD 2>/dev/null)
BUILD_METADATA ?= c.$(or $(shell echo $(COMMIT) | cut -c 1-12),unknown)
BUILD_DATE := $(if $(SOURCE_DATE_EPOCH),$(shell date -u -d @$(SOURCE_DATE_EPOCH) +%Y-%m-%dT%H:%M:%SZ))
BUILD_FACTS := \#define KATA_VERSION "$(VERSION)"\n\
\#define KATA_COMMIT "$(COMMIT)"\n\
\#define KATA_BUILD "$(VERSION)+$(BUILD_METADATA)"\n\
\#define KATA_BUILD_DATE "$(BUILD_DATE)"\n\
\#define KATA_PREFIX "$(PREFIX)"\n\
\#define KATA_SYSCONFDIR "$(SYSCONFDIR)"\n\
\#define KATA_LOCALSTATEDIR "$(LOCALSTATEDIR)"\n\
\#define KATA_DEFAULTSDIR "$(DEFAULTSDIR)"\n

$(B)/include/build.h: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)printf '/* Generated by the Makefile. */\n#pragma once\n$(BUILD_FACTS)' | sed 's/^ //' >$@.new
	$(Q)cmp -s $@.new $@ && rm $@.new || mv $@.new $@

.PHONY: FORCE
FORCE:

# ---- tests -------------------------------------------------------------------------------------

# Keep the objects, which make takes for intermediate files.
.SECONDARY:

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(CORE)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LDLIBS_ALL) -lcmocka

.PHONY: unit-tests test check lint format demo
unit-tests: $(UNIT_TESTS)

test:
	$(Q)packaging/install-dependencies build test lint
	$(Q)$(MAKE) --no-print-directory all unit-tests $(TEST_TARGETS)
	$(Q)tests/run --build $(B)

# The tests without installing anything, without lint and without fuzzing: for the edit loop.
check: all unit-tests
	$(Q)tests/run --build $(B) --no-lint

lint:
	$(Q)tests/lint/run

FORMATTED = $(shell git ls-files '*.[ch]')
format:
	$(Q)clang-format-14 -i $(FORMATTED)

demo:
	$(Q)packaging/install-dependencies build
	$(Q)$(MAKE) --no-print-directory all
	$(Q)if packaging/install-dependencies guest demo; then $(MAKE) --no-print-directory guest-for-demo; fi
	$(Q)packaging/demo $(B)

# ---- what goes with the programs, and where it all goes ----------------------------------------

BASH_COMPLETIONS ?= $(DATADIR)/bash-completion/completions
ZSH_COMPLETIONS ?= $(DATADIR)/zsh/vendor-completions
FISH_COMPLETIONS ?= $(DATADIR)/fish/vendor_completions.d

# Completion scripts come from the programs' own option tables.
COMPLETIONS := $(foreach p,$(PROGRAMS),$(foreach s,bash zsh fish,$(B)/completions/$(p).$(s)))
MAN_SOURCES := $(wildcard docs/man/*.[1-8])
MAN_PAGES := $(MAN_SOURCES:docs/man/%=$(B)/man/%)
# What the man pages point to; the rest of docs/ is for those who build.
OPERATOR_DOCS := $(addprefix docs/,operators-guide.md host-checks.md deviations.md agent.md)
all: $(COMPLETIONS) $(MAN_PAGES)

$(B)/completions/%.bash $(B)/completions/%.zsh $(B)/completions/%.fish: $(B)/bin/%
	$(Q)mkdir -p $(@D)
	$(Q)for shell in bash zsh fish; do $< $(or $(COMPLETION_OF_$*),completion) $$shell >$(@D)/$*.$$shell || exit; done

$(B)/man/%: docs/man/% $(B)/include/build.h
	$(Q)mkdir -p $(@D)
	$(Q)sed -e 's|/usr/share/defaults/kata-containers|$(DEFAULTSDIR)|; s|/etc/kata-containers|$(SYSCONFDIR)/kata-containers|' \
		-e 's|/usr/share/|$(DATADIR)/|' $< >$@

.PHONY: install clean help
install: all
	$(Q)install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(BASH_COMPLETIONS) $(DESTDIR)$(ZSH_COMPLETIONS) \
		$(DESTDIR)$(FISH_COMPLETIONS)
	$(Q)install -m 0755 $(PROGRAM_BINARIES) $(DESTDIR)$(BINDIR)
	$(Q)for program in $(PROGRAMS); do \
		install -m 0644 $(B)/completions/$$program.bash $(DESTDIR)$(BASH_COMPLETIONS)/$$program && \
		install -m 0644 $(B)/completions/$$program.zsh $(DESTDIR)$(ZSH_COMPLETIONS)/_$$program && \
		install -m 0644 $(B)/completions/$$program.fish $(DESTDIR)$(FISH_COMPLETIONS)/$$program.fish || exit; \
	done
	$(Q)$(foreach p,$(PROGRAMS),$(foreach l,$(LINKS_TO_$(p)),ln -sf $(p) $(DESTDIR)$(BINDIR)/$(l);))
	$(Q)for page in $(MAN_PAGES); do \
		install -D -m 0644 $$page $(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/} || exit; \
	done
	$(Q)install -d $(DESTDIR)$(DOCDIR) && install -m 0644 $(OPERATOR_DOCS) $(DESTDIR)$(DOCDIR)

clean:
	$(Q)rm -rf build

help:
	@sed -n 's/^#\t\?//p' Makefile | sed -n '2,9p'
	@echo "make check lint format unit-tests bench fuzz guest-image guest-kernel install clean"

# Rooms with rules of their own keep them beside their sources.
-include $(wildcard runtime-core/*/rules.mk kata-*/rules.mk agent/rules.mk tests/*/rules.mk packaging/*/rules.mk)

-include $(CORE_OBJECTS:.o=.d) $(UNIT_SOURCES:%.c=$(B)/%.d) \
	$(patsubst %.c,$(B)/%.d,$(foreach program,$(PROGRAMS),$(call sources_of,$(program))))
