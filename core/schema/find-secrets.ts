/** More than these are not told: the file is a list of secrets then. */
const MAX_SECRETS = 20
/** Longer lines are data, not something that a person typed. */
const MAX_LINE = 2000

/**
 * Where a text seems to hold a secret, and of which kind; never the secret itself. Conservative: a warning that is
 * mostly wrong is soon overlooked, so what looks like a placeholder, a variable or an ordinary word is none.
 */
export function findSecrets(text: string): { line: number; what: string }[] {
	const found: { line: number; what: string }[] = []
	for (const [index, line] of text.split("\n").entries()) {
		const what = line.length > MAX_LINE ? undefined : secretIn(line)
		if (what !== undefined) found.push({ line: index + 1, what })
		if (found.length === MAX_SECRETS) break
	}
	return found
}

function secretIn(line: string): string | undefined {
	const known = tokens.find(({ pattern }) => pattern.test(line))
	if (known) return known.what
	const [, password] = inAddress.exec(line) ?? []
	if (password !== undefined && !isPlaceholder(password)) return "a password in an address"
	const { name, quoted, bare } = assignment.exec(line)?.groups ?? {}
	const value = quoted ?? bare
	if (name === undefined || value === undefined || isPlaceholder(value) || !isMixed(value)) return undefined
	return /pass|pwd/i.test(name) ? "a password" : "a key or token"
}

const tokens = [
	{ what: "a private key", pattern: /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/ },
	{ what: "a key of Amazon Web Services", pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/ },
	{ what: "a token of GitHub", pattern: /\b(?:gh[oprsu]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})/ },
	{ what: "a token of GitLab", pattern: /\bglpat-[A-Za-z0-9_-]{20,}/ },
	{ what: "a token of Slack", pattern: /\bxox[abprs]-[A-Za-z0-9-]{20,}/ },
	{ what: "a key of Google", pattern: /\bAIza[A-Za-z0-9_-]{35}\b/ },
	{ what: "a key of Stripe", pattern: /\b[rs]k_live_[A-Za-z0-9]{20,}/ },
]

const inAddress = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"']{1,80}:([^\s/@"']{3,80})@/

/** `password = "..."` anywhere; without quotes only where nothing else stands on the line, as in an .env or .ini file. */
const assignment =
	/(?:^|[\s,{;"'(.[])(?<name>[\w-]{0,40}(?:password|passwd|passphrase|pwd|secret|secret[_-]?key|api[_-]?key|access[_-]?key|auth[_-]?token|access[_-]?token))["']?\]?\s{0,8}(?:=>|[:=])\s{0,8}(?:["'](?<quoted>[^"'\s]{6,200})["']|(?<=^\s*(?:export\s+)?[\w.-]+\s*[:=]\s*)(?<bare>[^\s"'()[\]{};,<>$]{6,200})\s*$)/i

/** Filled in later, or by a program. */
function isPlaceholder(value: string): boolean {
	return (
		/[$<>{}%*]|\.\.\.|\bexample\b|change[-_]?(?:me|this|it)|place[-_]?holder|^your|^(?:x+|\.+|-+|_+)$/i.test(value) ||
		/^(?:process|os|env|config|settings|req|request|self|this)[.[]/.test(value)
	)
}

/** A word alone is a label or a name; secrets mix. */
function isMixed(value: string): boolean {
	return /[A-Za-z]/.test(value) && /[0-9!#&+=?^~]/.test(value) && !/^\/|^[\w.-]+\/[\w./-]+$/.test(value)
}
