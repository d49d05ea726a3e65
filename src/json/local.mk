# src/json

noinst_LIBRARIES += libjson.a
libjson_a_SOURCES = \
	src/json/json.c \
	src/json/json.h \
	src/json/json_read.c \
	src/json/json_utf8.c \
	src/json/json_utf8.h \
	src/json/json_write.c \
	src/json/json_write.h
libjson_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/json $(YAJL_CFLAGS)
