# src/common: what every process may link.  libcommon.a knows no event
# library; libcommonevent.a is the glue for those that do.
#
# Programs that call role_confine() or sandbox_enter() link $(SECCOMP_LIBS).

noinst_LIBRARIES += libcommon.a libcommonevent.a

libcommon_a_SOURCES = \
	src/common/code.h src/common/codec.c src/common/codec.h \
	src/common/ipc.c src/common/ipc.h \
	src/common/ipc_poll.c src/common/ipc_poll.h \
	src/common/log.c src/common/log.h \
	src/common/msg.c src/common/msg.h \
	src/common/msg_broker.c src/common/msg_broker.h \
	src/common/msg_conf.c src/common/msg_conf.h \
	src/common/msg_fetcher.c src/common/msg_fetcher.h \
	src/common/msg_hasher.c src/common/msg_hasher.h \
	src/common/msg_signer.c src/common/msg_signer.h \
	src/common/role.c src/common/role.h \
	src/common/sandbox.c src/common/sandbox.h src/common/sandbox_needs.h
libcommon_a_CPPFLAGS = $(AM_CPPFLAGS) $(SECCOMP_CFLAGS)

SANDBOX_LINUX_FILES = \
	src/common/sandbox_calls.c src/common/sandbox_landlock.c \
	src/common/sandbox_linux.c src/common/sandbox_linux.h \
	src/common/sandbox_seccomp.c
SANDBOX_OPENBSD_FILES = src/common/sandbox_openbsd.c
SANDBOX_NONE_FILES = src/common/sandbox_none.c
EXTRA_DIST += $(SANDBOX_LINUX_FILES) $(SANDBOX_OPENBSD_FILES) \
	$(SANDBOX_NONE_FILES)

if SANDBOX_LINUX
libcommon_a_SOURCES += $(SANDBOX_LINUX_FILES)
endif
if SANDBOX_OPENBSD
libcommon_a_SOURCES += $(SANDBOX_OPENBSD_FILES)
endif
if SANDBOX_NONE
libcommon_a_SOURCES += $(SANDBOX_NONE_FILES)
endif

libcommonevent_a_SOURCES = src/common/ipc_event.c src/common/ipc_event.h
libcommonevent_a_CPPFLAGS = $(AM_CPPFLAGS) $(LIBEVENT_CFLAGS)
