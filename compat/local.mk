# compat: what the system lacks, as configure found.  On OpenBSD an object
# without content is left, so that there is an archive.

noinst_LIBRARIES += libcompat.a
libcompat_a_SOURCES = compat/timingsafe.c
if NEED_IMSG
libcompat_a_SOURCES += compat/ibuf.c compat/imsg.c compat/imsgbuf.c \
	compat/imsgbuf.h
endif
if NEED_CRYPT_CHECKPASS
libcompat_a_SOURCES += compat/crypt_checkpass.c
endif
EXTRA_DIST += compat/imsg.h compat/include/string.h compat/include/unistd.h
