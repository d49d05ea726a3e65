# src/parent: grantd, the parent of all.  libparent.a is everything but
# main(), for the unit tests.

noinst_LIBRARIES += libparent.a
libparent_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/parent \
	$(LIBEVENT_CFLAGS) \
	-DGRANTD_LIBEXECDIR=\"$(pkglibexecdir)\" \
	-DGRANTD_SYSCONFDIR=\"$(sysconfdir)\" \
	-DGRANTD_RUNSTATEDIR=\"$(runstatedir)\" \
	-DGRANTD_CHROOT=\"/var/empty\"
libparent_a_SOURCES = \
	src/parent/boot.c \
	src/parent/child.c \
	src/parent/child_conf.c \
	src/parent/conf.c \
	src/parent/conf.h \
	src/parent/conf_check.c \
	src/parent/conf_file.c \
	src/parent/conf_lex.c \
	src/parent/conf_lex.h \
	src/parent/conf_parse.h \
	src/parent/conf_print.c \
	src/parent/conf_set.c \
	src/parent/conf_settings.c \
	src/parent/conf_value.c \
	src/parent/conf_value.h \
	src/parent/conninfo.c \
	src/parent/conninfo.h \
	src/parent/control.c \
	src/parent/control.h \
	src/parent/generation.c \
	src/parent/listener.c \
	src/parent/listener.h \
	src/parent/notify.c \
	src/parent/notify.h \
	src/parent/parent.h \
	src/parent/parse.y \
	src/parent/reload.c \
	src/parent/resolve.c \
	src/parent/resolve.h \
	src/parent/resource.c \
	src/parent/resource.h \
	src/parent/secure_file.c \
	src/parent/secure_file.h \
	src/parent/supervise.c

sbin_PROGRAMS += grantd
grantd_CPPFLAGS = $(libparent_a_CPPFLAGS)
grantd_SOURCES = src/parent/main.c
grantd_LDADD = libparent.a libcommonevent.a libcommon.a libcompat.a \
	$(SECCOMP_LIBS) $(LIBEVENT_CORE_LIBS) $(LIBBSD_LIBS)

dist_man_MANS += docs/grantd.8 docs/grantd.conf.5

examplesdir = $(docdir)/examples
dist_examples_DATA = \
	etc/grantd.conf \
	etc/grantd.rc \
	etc/grantd.service \
	etc/grantd.sysusers \
	etc/grantd.tmpfiles \
	etc/nginx.conf.example \
	etc/relayd.conf.example

# The paths in them are those of a package; what is installed names the
# chosen ones.
PARENT_PATHS = -e 's|/usr/sbin/|$(sbindir)/|g' \
	-e 's|/etc/grantd|$(sysconfdir)/grantd|g' \
	-e 's|/run/grantd|$(runstatedir)/grantd|g'
install-data-hook:
	for f in grantd.conf grantd.rc grantd.service nginx.conf.example \
	    relayd.conf.example; do \
		sed $(PARENT_PATHS) $(srcdir)/etc/$$f \
		    >"$(DESTDIR)$(examplesdir)/$$f" || exit 1; \
	done
	for f in 8/grantd.8 5/grantd.conf.5 8/grantctl.8; do \
		sed $(PARENT_PATHS) $(srcdir)/docs/$${f#*/} \
		    >"$(DESTDIR)$(mandir)/man$$f" || exit 1; \
	done
