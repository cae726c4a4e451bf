# SPDX-License-Identifier: Apache-2.0
# The C of every .proto file: "proto/NAME.pb-c.h" for all rooms, the code in the core library. A linker takes
# only the messages that a program uses.

PROTO_FILES := $(wildcard runtime-core/proto/*.proto)
PROTO_HEADERS := $(PROTO_FILES:runtime-core/%.proto=$(B)/include/%.pb-c.h)
PROTO_OBJECTS := $(PROTO_FILES:runtime-core/%.proto=$(B)/generated/%.pb-c.o)

LDLIBS_ALL += $(call pkg_config,--libs libprotobuf-c)

# GNU C has a macro "linux", which is also the name of a field.
$(B)/include/proto/%.pb-c.c $(B)/include/proto/%.pb-c.h: runtime-core/proto/%.proto
	$(Q)mkdir -p $(B)/include/proto
	$(Q)protoc-c --proto_path=runtime-core/proto --c_out=$(B)/include/proto $<
	$(Q)sed -i '/^PROTOBUF_C__BEGIN_DECLS/i #undef linux' $(B)/include/proto/$*.pb-c.h

# A section for everything, since each message brings along six functions that nobody calls.
$(B)/generated/proto/%.pb-c.o: CFLAGS_ALL += -ffunction-sections -fdata-sections
$(B)/generated/proto/%.pb-c.o: $(B)/include/proto/%.pb-c.c
	$(compile)

# All headers are there before the first file is compiled.
$(B)/include/build.h $(PROTO_OBJECTS): | $(PROTO_HEADERS)

$(CORE): $(PROTO_OBJECTS)

-include $(PROTO_OBJECTS:.o=.d)
