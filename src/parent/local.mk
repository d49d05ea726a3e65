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
	src/parent/priority.h \
	src/parent/reload.c \
	src/parent/resolve.c \
	src/parent/resolve.h \
	src/parent/resource.c \
	src/parent/resource.h \
	src/parent/secure_file.c \
	src/parent/secure_file.h \
	src/parent/supervise.c

PRIORITY_LINUX_FILES = src/parent/priority_linux.c
PRIORITY_NONE_FILES = src/parent/priority_none.c
EXTRA_DIST += $(PRIORITY_LINUX_FILES) $(PRIORITY_NONE_FILES)

if HOST_LINUX
libparent_a_SOURCES += $(PRIORITY_LINUX_FILES)
else
libparent_a_SOURCES += $(PRIORITY_NONE_FILES)
endif

sbin_PROGRAMS += grantd
grantd_CPPFLAGS = $(libparent_a_CPPFLAGS)
grantd_SOURCES = src/parent/main.c
grantd_LDADD = libparent.a libcommonevent.a libcommon.a libcompat.a \
	$(SECCOMP_LIBS) $(LIBEVENT_CORE_LIBS) $(LIBBSD_LIBS)

# Manuals and examples.  The paths in them are those of a package; what is
# installed names the chosen ones.
examplesdir = $(docdir)/examples
PARENT_PATHS = -e 's|/usr/sbin/|$(sbindir)/|g' \
	-e 's|/etc/grantd|$(sysconfdir)/grantd|g' \
	-e 's|/run/grantd|$(runstatedir)/grantd|g'
PARENT_MANUALS = man8/grantd.8 man8/grantctl.8 man5/grantd.conf.5
PARENT_EXAMPLES = grantd.conf grantd.rc grantd.service grantd.sysusers \
	grantd.tmpfiles nginx.conf.example relayd.conf.example

install-data-local: install-parent-texts
install-parent-texts:
	$(MKDIR_P) "$(DESTDIR)$(mandir)/man5" "$(DESTDIR)$(mandir)/man8" \
	    "$(DESTDIR)$(examplesdir)"
	for f in $(PARENT_MANUALS); do \
		to="$(DESTDIR)$(mandir)/$$f"; \
		sed $(PARENT_PATHS) "$(srcdir)/docs/$${f#*/}" >"$$to" && \
		chmod 644 "$$to" || exit 1; \
	done
	for f in $(PARENT_EXAMPLES); do \
		to="$(DESTDIR)$(examplesdir)/$$f"; \
		sed $(PARENT_PATHS) "$(srcdir)/etc/$$f" >"$$to" && \
		chmod 644 "$$to" || exit 1; \
	done

uninstall-local: uninstall-parent-texts
uninstall-parent-texts:
	cd "$(DESTDIR)$(mandir)" && rm -f $(PARENT_MANUALS)
	cd "$(DESTDIR)$(examplesdir)" && rm -f $(PARENT_EXAMPLES)
