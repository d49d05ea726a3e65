# src/ctl: grantctl

sbin_PROGRAMS += grantctl
grantctl_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/json \
	-DGRANTD_RUNSTATEDIR=\"$(runstatedir)\"
grantctl_SOURCES = \
	src/ctl/ctl.h \
	src/ctl/ctl_password.c \
	src/ctl/ctl_print.c \
	src/ctl/ctl_words.c \
	src/ctl/grantctl.c
grantctl_LDADD = libjson.a libcommon.a libcompat.a $(YAJL_LIBS) $(LIBBSD_LIBS)
