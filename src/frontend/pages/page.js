/* Copy buttons: shown only where scripts run. */
"use strict";
for (const button of document.querySelectorAll("button[data-copy]")) {
	button.hidden = false;
	button.addEventListener("click", async () => {
		const text = document.getElementById(button.dataset.copy);
		try {
			await navigator.clipboard.writeText(text.textContent);
			button.textContent = "Copied";
		} catch {
			getSelection().selectAllChildren(text);
			button.textContent = "Press Ctrl+C";
		}
	});
}
