/* Copy buttons, shown only where scripts run; and a form that a double click
   sends twice goes out once; who looks for something else, or presses another
   button, means it. */
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
const sent = new WeakMap();
document.addEventListener("submit", (event) => {
	if (event.target.getAttribute("method") !== "post")
		return;
	const by = event.submitter ?? event.target;
	if (event.timeStamp - sent.get(by) < 3000)
		event.preventDefault();
	else
		sent.set(by, event.timeStamp);
});
