import { formatZonedMoment } from "../phrases.ts"
import { type Html, html } from "./html.ts"
import { REPORT_STYLE } from "./style.ts"

/** A page around what it says. */
export function makePage(title: string, body: Html, madeAt: string): string {
	return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
${body}
<footer>Made by Hotfix Manager on ${formatZonedMoment(madeAt)}.</footer>
</body>
</html>
`.text
}
