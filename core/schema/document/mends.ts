import type { Finding } from "../finding.ts"
import type { JsonPath } from "../json-text.ts"
import { isVersion } from "../version.ts"
import type { DocumentEdit } from "./edit.ts"
import { parsePath } from "./parse-path.ts"
import { type Action, freeId, toPoolId } from "./pool-edits.ts"
import { valueAt } from "./value.ts"

/**
 * What mends a finding with one click, where there is exactly one thing that is almost certainly meant; undefined where a
 * person has to think. `value`: the document as `readValue` gives it. `label` says what is done: `write "npm run build"`.
 */
export function mendOf(value: unknown, finding: Pick<Finding, "rule" | "path" | "remedy">): Action | undefined {
	const path = parsePath(finding.path)
	const make = Object.hasOwn(mends, finding.rule) ? mends[finding.rule] : undefined
	if (!path || !make) return undefined
	return make({ value, path, found: valueAt(value, path), remedy: finding.remedy })
}

interface Place {
	value: unknown
	path: JsonPath
	/** What stands there. */
	found: unknown
	remedy: string
}

type Mend = (place: Place) => Action | undefined

const mends: Record<string, Mend> = {
	"npm-build": rewrite((command) =>
		command.replace(/(\bnpm\b(?:\s+-[^\s;&|]+(?:\s+[^\s;&|-]+)??)*\s+)build\b/, "$1run build"),
	),
	"apt-asks": rewrite((command) =>
		command.replace(
			/\b(apt|apt-get|aptitude)(?=\s)((?:\s+-\S+)*\s+)(install|upgrade|remove|purge|autoremove|dist-upgrade|full-upgrade|reinstall)\b/,
			"$1$2$3 -y",
		),
	),
	"cd-without-effect": takeOut,
	"command-empty": takeOut,
	"redact-empty": takeOut,
	"daemon-reload-missing": ({ value, path }) => {
		const list = [...path.slice(0, 2), "closure"]
		const closure = valueAt(value, list)
		if (!Array.isArray(closure)) return undefined
		return {
			label: "add systemctl daemon-reload",
			edits: [{ kind: "insert", path: [...list, 0], value: "systemctl daemon-reload" }],
		}
	},
	"confirm-seconds-missing": ({ path }) => ({
		label: "wait 60 s for a confirmation",
		edits: [{ kind: "set", path: [...path.slice(0, 2), "confirmSeconds"], value: 60 }],
	}),
	"destination-not-absolute": rewrite((destination) => normalPath(`/${destination}`)),
	"destination-not-normal": rewrite((destination) =>
		destination.includes("/../") ? destination : normalPath(destination),
	),
	"version-not-semantic": rewrite((version) => {
		const [, numbers = ""] = /^\s*v?(\d+(?:\.\d+){0,2})\s*$/i.exec(version) ?? []
		const parts = numbers.split(".").map(Number)
		const whole = [0, 1, 2].map((index) => parts[index] ?? 0).join(".")
		return numbers !== "" && isVersion(whole) ? whole : version
	}),
	"pool-id-not-allowed": ({ value, path, found }) => setText(path, found, freeId(value, toPoolId(String(found)))),
	"pool-id-twice": ({ value, path, found }) => setText(path, found, freeId(value, String(found))),
	"unknown-key": ({ path, remedy }) => {
		// The validator names the key that is meant where there is one.
		const meant = /^write "([A-Za-z_]+)" if that is meant$/.exec(remedy)?.[1]
		return meant === undefined
			? undefined
			: { label: `write "${meant}"`, edits: [{ kind: "rename", path, name: meant }] }
	},
	"source-missing": ({ path, found, remedy }) => {
		const called = /^write "(.+)", as the file is called$/.exec(remedy)?.[1]
		return called === undefined || called.includes("…") ? undefined : setText(path, found, called)
	},
}

/** A text written anew; nothing to click where the new one is the old one. */
function rewrite(change: (text: string) => string): Mend {
	return ({ path, found }) => (typeof found === "string" ? setText(path, found, change(found)) : undefined)
}

function setText(path: JsonPath, found: unknown, text: string): Action | undefined {
	if (text === found) return undefined
	return { label: `write "${text}"`, edits: [{ kind: "set", path, value: text }] }
}

function takeOut({ path }: Place): Action {
	const edits: DocumentEdit[] = [{ kind: "remove", path }]
	return { label: "take it out", edits }
}

function normalPath(path: string): string {
	const parts = path.split("/").filter((part) => part !== "" && part !== ".")
	return `/${parts.join("/")}`
}
