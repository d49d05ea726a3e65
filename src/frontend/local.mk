# src/frontend

# Parsers and tables: no event loop, nothing open.  Tests link these alone.
noinst_LIBRARIES += libfrontend.a
libfrontend_a_SOURCES = \
	src/frontend/api.h \
	src/frontend/api_input.c \
	src/frontend/api_manifest.c \
	src/frontend/api_problem.c \
	src/frontend/arguments.c \
	src/frontend/arguments.h \
	src/frontend/base64.c \
	src/frontend/base64.h \
	src/frontend/catalogue.c \
	src/frontend/catalogue.h \
	src/frontend/catalogue_load.c \
	src/frontend/catalogue_find.c \
	src/frontend/catalogue_pieces.c \
	src/frontend/catalogue_pieces.h \
	src/frontend/catalogue_put.c \
	src/frontend/client.c \
	src/frontend/client.h \
	src/frontend/cookie.c \
	src/frontend/cookie.h \
	src/frontend/credential.c \
	src/frontend/credential.h \
	src/frontend/duration.c \
	src/frontend/duration.h \
	src/frontend/http_chunks.c \
	src/frontend/http_parse.c \
	src/frontend/http_parse.h \
	src/frontend/mcp_check.c \
	src/frontend/mcp_check.h \
	src/frontend/mcp_rpc.c \
	src/frontend/mcp_rpc.h \
	src/frontend/mcp_uri.c \
	src/frontend/mcp_uri.h \
	src/frontend/mcp_watch.c \
	src/frontend/multipart.c \
	src/frontend/multipart.h \
	src/frontend/openapi.c \
	src/frontend/param.c \
	src/frontend/param.h \
	src/frontend/param_query.c \
	src/frontend/peer.c \
	src/frontend/peer.h \
	src/frontend/problem.c \
	src/frontend/problem.h \
	src/frontend/query.c \
	src/frontend/query.h \
	src/frontend/route.c \
	src/frontend/route.h \
	src/frontend/schema.c \
	src/frontend/schema.h \
	src/frontend/schema_check.c \
	src/frontend/schema_format.c \
	src/frontend/schema_int.h \
	src/frontend/schema_number.c \
	src/frontend/template.c \
	src/frontend/template.h
nodist_libfrontend_a_SOURCES = src/frontend/assets.c src/frontend/pages.c
FRONTEND_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/json \
	-I$(top_srcdir)/src/frontend $(LIBEVENT_CFLAGS)
libfrontend_a_CPPFLAGS = $(FRONTEND_CPPFLAGS)

FRONTEND_ROUTES = \
	src/frontend/openapi_v1.c \
	src/frontend/openapi_v1.h \
	src/frontend/route_admin.c \
	src/frontend/route_api.c \
	src/frontend/route_list.c \
	src/frontend/route_mcp.c \
	src/frontend/route_oauth.c \
	src/frontend/route_pages.c \
	src/frontend/route_rows.h \
	src/frontend/route_table.c

pkglibexec_PROGRAMS += grantd-frontend
grantd_frontend_SOURCES = \
	src/frontend/api.c \
	src/frontend/api_document.c \
	src/frontend/broker_link.c \
	src/frontend/broker_link.h \
	src/frontend/console.c \
	src/frontend/console.h \
	src/frontend/fixed.c \
	src/frontend/fixed.h \
	src/frontend/frontend.c \
	src/frontend/frontend.h \
	src/frontend/http.h \
	src/frontend/http_conn.c \
	src/frontend/http_int.h \
	src/frontend/http_listen.c \
	src/frontend/http_server.c \
	src/frontend/http_stream.c \
	src/frontend/http_write.c \
	src/frontend/mcp.c \
	src/frontend/mcp.h \
	src/frontend/mcp_answer.c \
	src/frontend/mcp_call.c \
	src/frontend/mcp_info.c \
	src/frontend/mcp_int.h \
	src/frontend/mcp_list.c \
	src/frontend/mcp_running.c \
	src/frontend/mcp_share.c \
	src/frontend/mcp_show.c \
	src/frontend/mcp_stream.c \
	src/frontend/oauth.c \
	src/frontend/oauth.h \
	src/frontend/oauth_metadata.c \
	src/frontend/page.c \
	src/frontend/page.h \
	src/frontend/page_data.c \
	src/frontend/page_int.h \
	src/frontend/page_once.c \
	src/frontend/reply.c \
	src/frontend/request.c \
	src/frontend/request.h \
	$(FRONTEND_ROUTES) \
	src/frontend/visit.c \
	src/frontend/visit.h
grantd_frontend_CPPFLAGS = $(FRONTEND_CPPFLAGS)
grantd_frontend_LDADD = libfrontend.a libjson.a libcommonevent.a libcommon.a \
	libcompat.a $(LIBEVENT_CORE_LIBS) $(YAJL_LIBS) $(SECCOMP_LIBS) \
	$(LIBBSD_LIBS)

FRONTEND_PAGES = \
	src/frontend/pages/account.html \
	src/frontend/pages/account_new.html \
	src/frontend/pages/accounts.html \
	src/frontend/pages/admin.html \
	src/frontend/pages/app.html \
	src/frontend/pages/app_new.html \
	src/frontend/pages/apps.html \
	src/frontend/pages/audit.html \
	src/frontend/pages/authorize_error.html \
	src/frontend/pages/client.html \
	src/frontend/pages/client_end.html \
	src/frontend/pages/client_form.html \
	src/frontend/pages/client_new.html \
	src/frontend/pages/client_path.html \
	src/frontend/pages/client_secrets.html \
	src/frontend/pages/client_word.html \
	src/frontend/pages/clients.html \
	src/frontend/pages/confirm.html \
	src/frontend/pages/connections.html \
	src/frontend/pages/consent.html \
	src/frontend/pages/console.css \
	src/frontend/pages/console.html \
	src/frontend/pages/console.js \
	src/frontend/pages/console_redirect.html \
	src/frontend/pages/console_redirect.js \
	src/frontend/pages/console_ui.html \
	src/frontend/pages/console_v1.html \
	src/frontend/pages/continue.html \
	src/frontend/pages/counts.html \
	src/frontend/pages/doc.html \
	src/frontend/pages/end_session.html \
	src/frontend/pages/error.html \
	src/frontend/pages/foot.html \
	src/frontend/pages/fullname_field.html \
	src/frontend/pages/head.html \
	src/frontend/pages/home.html \
	src/frontend/pages/icon.svg \
	src/frontend/pages/integration.html \
	src/frontend/pages/integration_new.html \
	src/frontend/pages/integrations.html \
	src/frontend/pages/kept.html \
	src/frontend/pages/keys.html \
	src/frontend/pages/leave.html \
	src/frontend/pages/link.html \
	src/frontend/pages/link_join.html \
	src/frontend/pages/login.html \
	src/frontend/pages/member.html \
	src/frontend/pages/member_new.html \
	src/frontend/pages/members.html \
	src/frontend/pages/more.html \
	src/frontend/pages/nav.html \
	src/frontend/pages/nothing.html \
	src/frontend/pages/notices.html \
	src/frontend/pages/openapi_components.json \
	src/frontend/pages/openapi_v1.json \
	src/frontend/pages/organization.html \
	src/frontend/pages/organization_new.html \
	src/frontend/pages/organizations.html \
	src/frontend/pages/page.js \
	src/frontend/pages/people.html \
	src/frontend/pages/people_count.html \
	src/frontend/pages/plain.html \
	src/frontend/pages/problem.html \
	src/frontend/pages/provider_field.html \
	src/frontend/pages/registration.html \
	src/frontend/pages/role.html \
	src/frontend/pages/role_form.html \
	src/frontend/pages/role_new.html \
	src/frontend/pages/roles.html \
	src/frontend/pages/scopes.html \
	src/frontend/pages/scopes_list.html \
	src/frontend/pages/search.html \
	src/frontend/pages/security.html \
	src/frontend/pages/settings.html \
	src/frontend/pages/shown.html \
	src/frontend/pages/style.css \
	src/frontend/pages/subject.html \
	src/frontend/pages/suspension.html \
	src/frontend/pages/time.html \
	src/frontend/pages/token_count.html \
	src/frontend/pages/token_new.html \
	src/frontend/pages/tokens.html \
	src/frontend/pages/total.html \
	src/frontend/pages/what.html
EXTRA_DIST += $(FRONTEND_PAGES) src/frontend/pages.awk
BUILT_SOURCES += src/frontend/pages.c
CLEANFILES += src/frontend/pages.c

src/frontend/pages.c: $(FRONTEND_PAGES) src/frontend/pages.awk \
    $(srcdir)/src/frontend/local.mk
	@$(MKDIR_P) src/frontend
	$(AM_V_GEN)(cd $(srcdir) && LC_ALL=C $(AWK) \
	    -f src/frontend/pages.awk $(FRONTEND_PAGES)) > $@.tmp
	@mv -f $@.tmp $@

# The files of Swagger UI for /api/docs: ./configure --with-swagger-ui=DIR.
EXTRA_DIST += src/frontend/assets.sh
BUILT_SOURCES += src/frontend/assets.c
CLEANFILES += src/frontend/assets.c

src/frontend/assets.c: $(srcdir)/src/frontend/assets.sh config.status
	@$(MKDIR_P) src/frontend
	$(AM_V_GEN)sh $(srcdir)/src/frontend/assets.sh $(SWAGGER_UI) > $@.tmp
	@mv -f $@.tmp $@
