/* Hands the code of the authorization endpoint to the console. */
"use strict";
(() => {
	const pending = window.opener && window.opener.swaggerUIRedirectOauth2;
	if (!pending)
		return;
	const answer = new URLSearchParams(location.search);
	const wrong = (message) => pending.errCb({ authId: pending.auth.name,
		source: "auth", level: "error", message });
	if (answer.get("state") !== pending.state)
		wrong("The answer does not belong to this sign-in. Try again.");
	else if (answer.get("code")) {
		delete pending.state;
		pending.auth.code = answer.get("code");
		pending.callback({ auth: pending.auth,
			redirectUrl: pending.redirectUrl });
	} else
		wrong([answer.get("error"), answer.get("error_description")]
			.filter(Boolean).join(": ") || "No code came back.");
	window.close();
})();
