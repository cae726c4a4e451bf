# SPDX-License-Identifier: Apache-2.0
# The guest's agent: one static program, so that an initrd needs nothing else. It takes of the core library only the
# rooms base, netlink, proto, toml and ttrpc. With SANITIZE=1 it is dynamic, since the sanitizers are.

AGENT_SOURCES := $(wildcard agent/*.c agent/*/*.c)
AGENT_OBJECTS := $(AGENT_SOURCES:%.c=$(B)/%.o)
AGENT_LIBRARY := $(B)/libkata-agent.a
AGENT := $(B)/guest/kata-agent
AGENT_LIBS := -lprotobuf-c -lseccomp -lcap -lpthread
AGENT_LDFLAGS := $(if $(SANITIZE),$(MODE_LDFLAGS),-static-pie -Wl,-z,pack-relative-relocs,-z,relro,-z,now,-z,noexecstack,-z,separate-code,--gc-sections)

# "agent/ROOM/x.h" names another room of the agent. A section per function: what is not used is left out. Size is memory
# here: nearly all of the program's code is resident, and so would its relocations be if they were not packed.
$(B)/agent/%.o $(B)/tests/unit/agent/%.o: CPPFLAGS_ALL += -I.
$(B)/agent/%.o: CFLAGS_ALL += -ffunction-sections -fdata-sections $(if $(SANITIZE),,-Os -fno-asynchronous-unwind-tables)

$(AGENT_LIBRARY): $(filter-out $(B)/agent/main.o,$(AGENT_OBJECTS))
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(AGENT): $(B)/agent/main.o $(AGENT_LIBRARY) $(CORE)
	$(Q)mkdir -p $(@D) && $(CC) $(AGENT_LDFLAGS) $(LDFLAGS) -o $@ $^ $(AGENT_LIBS)

all: $(AGENT)

# Its unit tests have the agent's rooms as well, and the agent itself to start.
$(B)/tests/unit/agent/%: $(B)/tests/unit/agent/%.o $(B)/tests/unit/agent/fixture.o $(AGENT_LIBRARY) $(CORE) | $(AGENT)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o %.a,$^) $(LDLIBS_ALL) -lseccomp -lcap -lcmocka

-include $(AGENT_OBJECTS:.o=.d)
