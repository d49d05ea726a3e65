# compat: what the system lacks, see configure.  Empty on OpenBSD but for
# an object that keeps ar(1) content.

noinst_LIBRARIES += libcompat.a
libcompat_a_SOURCES = compat/timingsafe.c
if NEED_IMSG
libcompat_a_SOURCES += compat/imsg.c compat/ibuf.c
endif
if NEED_CRYPT_CHECKPASS
libcompat_a_SOURCES += compat/crypt_checkpass.c
endif
EXTRA_DIST += compat/imsg.h compat/include/string.h compat/include/unistd.h
