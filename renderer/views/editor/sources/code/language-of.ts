/** What a text is written in, as far as its colours are concerned. */
export type LanguageName =
	| "javascript"
	| "typescript"
	| "json"
	| "html"
	| "css"
	| "python"
	| "yaml"
	| "xml"
	| "markdown"
	| "shell"
	| "properties"
	| "nginx"
	| "dockerfile"
	| "sql"
	| "php"

const byEnding: Record<string, LanguageName | undefined> = {
	js: "javascript",
	cjs: "javascript",
	mjs: "javascript",
	jsx: "javascript",
	ts: "typescript",
	mts: "typescript",
	cts: "typescript",
	tsx: "typescript",
	json: "json",
	map: "json",
	webmanifest: "json",
	html: "html",
	htm: "html",
	vue: "html",
	css: "css",
	scss: "css",
	less: "css",
	py: "python",
	yml: "yaml",
	yaml: "yaml",
	xml: "xml",
	svg: "xml",
	plist: "xml",
	md: "markdown",
	sh: "shell",
	bash: "shell",
	zsh: "shell",
	ksh: "shell",
	env: "properties",
	ini: "properties",
	cnf: "properties",
	conf: "properties",
	cfg: "properties",
	toml: "properties",
	properties: "properties",
	service: "properties",
	timer: "properties",
	socket: "properties",
	mount: "properties",
	path: "properties",
	target: "properties",
	desktop: "properties",
	repo: "properties",
	sql: "sql",
	php: "php",
	phtml: "php",
	dockerfile: "dockerfile",
}

const byName: [RegExp, LanguageName][] = [
	[/(^|\/)(Dockerfile|Containerfile)(\.[^/]+)?$/i, "dockerfile"],
	[/(^|\/)nginx[^/]*\.conf$|(^|\/)nginx\/|(^|\/)sites-(available|enabled)\//, "nginx"],
	[/(^|\/)\.?(bashrc|bash_profile|bash_aliases|profile|zshrc|zprofile)$/, "shell"],
	[/(^|\/)\.env(\.[^/]+)?$|(^|\/)\.(editorconfig|npmrc|gitconfig)$/, "properties"],
]

const byInterpreter: [RegExp, LanguageName][] = [
	[/\b(sh|bash|dash|ash|zsh|ksh)\b/, "shell"],
	[/\bpython[\d.]*\b/, "python"],
	[/\b(node|deno|bun)\b/, "javascript"],
	[/\bphp\b/, "php"],
]

/** Which language a source is in, by its path or by its first line; undefined for plain text. */
export function languageOf(target: string, firstLine: string): LanguageName | undefined {
	const named = byName.find(([pattern]) => pattern.test(target))?.[1]
	const ending = /\.([^./]+)$/.exec(target)?.[1]?.toLowerCase() ?? ""
	const ended = Object.hasOwn(byEnding, ending) ? byEnding[ending] : undefined
	const interpreter = /^\ufeff?#!(.*)/.exec(firstLine)?.[1]
	const run = interpreter === undefined ? undefined : byInterpreter.find(([pattern]) => pattern.test(interpreter))?.[1]
	return named ?? ended ?? run ?? (/^\s*<\?xml\b/.test(firstLine) ? "xml" : undefined)
}
