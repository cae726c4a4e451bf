# SPDX-License-Identifier: Apache-2.0
# Fuzzing: each tests/fuzz/fuzz_NAME.c is a libFuzzer target, linked with the core library.
#
#	make fuzz                    every target for FUZZ_SECONDS (600), stopping at what it finds
#	make fuzz FUZZ=toml          one of them
#	make fuzz-build              only build them; `make test` does, and runs each for a few seconds
#
# They have a build of their own, build/fuzz, which is this Makefile run with another compiler and other flags.
# See tests/fuzz/run for seeds, dictionaries and what is left behind when something is found.

FUZZ_SECONDS ?= 600
FUZZERS := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_BUILD := $(MAKE) --no-print-directory B=build/fuzz CC=clang-14 SANITIZE=1 \
	CFLAGS="-fsanitize=fuzzer-no-link -Wno-error" fuzzers

.PHONY: fuzz fuzz-build fuzzers
fuzz: fuzz-build
	$(Q)tests/fuzz/run --seconds $(FUZZ_SECONDS) $(FUZZ)

fuzz-build:
	$(Q)if tests/fuzz/run --available; then $(FUZZ_BUILD); fi

fuzzers: $(FUZZERS)

$(B)/tests/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(CORE)
	$(Q)$(CC) $(LDFLAGS_ALL) -fsanitize=fuzzer -o $@ $^ $(LDLIBS_ALL)

# This one has the agent's rooms as well.
$(B)/tests/fuzz/fuzz_agent_requests.o: CPPFLAGS_ALL += -I.
$(B)/tests/fuzz/fuzz_agent_requests: $(B)/tests/fuzz/fuzz_agent_requests.o $(AGENT_LIBRARY) $(CORE)
	$(Q)$(CC) $(LDFLAGS_ALL) -fsanitize=fuzzer -o $@ $^ $(LDLIBS_ALL) -lseccomp -lcap

TEST_TARGETS += fuzz-build

-include $(FUZZERS:=.d)
