/*
 * The console: Swagger UI, told where the document is and as which client it
 * signs in.  It never uses the cookie of a session, so that what it may do is
 * what was allowed to it.
 */
"use strict";
(() => {
	const place = document.getElementById("console");
	const { issuer, spec, client } = place.dataset;

	/* signing in comes back there, and nowhere else */
	if (new URL(issuer).origin !== location.origin) {
		location.replace(issuer + location.pathname + location.hash);
		return;
	}

	const dark = matchMedia("(prefers-color-scheme: dark)");
	const shade = () =>
		document.documentElement.classList.toggle("dark-mode",
			dark.matches);
	shade();
	dark.addEventListener("change", shade);

	/* The page has a heading and a main part, and there is one server. */
	const layout = (system) => {
		const make = system.React.createElement;
		return { components: { ConsoleLayout: ({ getComponent,
			specSelectors }) => make("div", { className: "swagger-ui" },
			make(getComponent("SvgAssets")),
			make(getComponent("errors", true)),
			make("div", { className: "scheme-container" },
				make(getComponent("AuthorizeBtnContainer", true))),
			specSelectors.specStr() === "" ? null :
				make(getComponent("operations", true))) } };
	};

	const ui = globalThis.SwaggerUIBundle({
		dom_id: "#console",
		url: issuer + spec,
		presets: [globalThis.SwaggerUIBundle.presets.apis],
		plugins: [layout],
		layout: "ConsoleLayout",
		validatorUrl: null,
		queryConfigEnabled: false,
		deepLinking: true,
		docExpansion: "list",
		defaultModelsExpandDepth: -1,
		displayRequestDuration: true,
		tryItOutEnabled: true,
		oauth2RedirectUrl: issuer + "/api/docs/oauth2-redirect",
		requestInterceptor: (request) => {
			const { origin, pathname, search } = new URL(request.url,
				location);
			request.credentials = "omit";
			/* what it adds to the request of a code goes into the body */
			if (origin + pathname === issuer + "/oauth/token" && search) {
				request.url = issuer + "/oauth/token";
				request.body += "&" + search.slice(1);
			}
			return request;
		},
	});
	if (client) {
		ui.initOAuth({
			clientId: client,
			usePkceWithAuthorizationCodeGrant: true,
			additionalQueryStringParams: { resource: issuer + "/api" },
		});
	}
})();
