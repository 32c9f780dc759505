/**
 * The content security policy of the page, the same in Electron and in a browser (`renderer/README.md` says what the
 * page keeps to). `connect`: further sources the page may connect to besides its own origin.
 */
function makeContentSecurityPolicy(connect: string[] = []): string {
	return [
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self'",
		"font-src 'self'",
		"img-src 'self'",
		["connect-src 'self'", ...connect].join(" "),
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
		"require-trusted-types-for 'script'",
		// The one policy that there is makes the address of the page's own worker, and nothing else.
		"trusted-types findings-worker",
	].join("; ")
}

/** Headers of everything that is served to the page. */
export function makePageHeaders(connect?: string[]): Record<string, string> {
	return {
		"content-security-policy": makeContentSecurityPolicy(connect),
		"x-content-type-options": "nosniff",
		"x-frame-options": "DENY",
		// The token stands in the first address's fragment, which no Referer carries; this keeps the rest private as well.
		"referrer-policy": "no-referrer",
		"cross-origin-opener-policy": "same-origin",
		"cross-origin-resource-policy": "same-origin",
		"cross-origin-embedder-policy": "require-corp",
		"permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
	}
}
