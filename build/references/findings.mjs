import { readLintedIndex } from "../../core/schema/module-index.ts"
import { listRules, numberRules, textRules } from "../../core/schema/module-rules.ts"
import { sourceFindings } from "../../core/schema/source-findings.ts"
import { sourceNotes } from "../../core/schema/source-notes.ts"

const pool = (more) => ({
	id: "web",
	operations: [{ target: "a.js", destination: "/srv/a.js" }],
	closure: ["test -s /srv/a.js"],
	...more,
})
const module = (pools, more) => ({ metadata: { schema_version: "1.0.0" }, pools, ...more })
const operations = (...destinations) => destinations.map((destination) => ({ target: "a.js", destination }))
const text = (value) => JSON.stringify(value)
const sound = text(module([pool()]))

/** An `index.json` for each rule that is no row of a table of rules. */
const SAMPLES = [
	"",
	`\ufeff${sound}`,
	sound.slice(0, -1),
	sound.replace("]}", "],}"),
	sound.replace("{", "{// why\n"),
	`<<<<<<< ours\n${sound}\n=======\n${sound}\n>>>>>>> theirs\n`,
	sound.replace('"pools"', '"pools": [], "pools"'),
	"[".repeat(200),
	text(Array(100_002).fill(0)),
	text(module([pool({ closure: Array(1001).fill("") })])),
	text({ pools: [pool()] }),
	text(module([pool({ closure: "true" })])),
	text(module([pool(), pool()])),
	text(module([pool({ operations: operations("/srv/a.js", "/srv/a.js") })])),
	text(module([pool({ operations: operations("/srv/a", "/srv/a/b") })])),
	text(module([pool(), pool({ id: "second" })])),
	text(module([pool()], { final_closure: [] })),
	...[
		"npm build",
		"apt-get install nginx",
		"vi /etc/hosts",
		"tail -f /var/log/syslog",
		"reboot",
		"cd /srv",
		"true",
	].map((command) => text(module([pool({ closure: [command] })]))),
	text(module([pool({ operations: operations("/etc/systemd/system/web.service") })])),
	text(module([pool({ operations: operations("/etc/ssh/sshd_config") })])),
]

/** A script with every doubt there is, used by two pools and by none. */
const SOURCE = {
	target: "setup.sh",
	size: 200 * 1024 * 1024,
	isExecutable: false,
	traits: {
		...{ isText: true, hasShebang: true, hasBom: true, hasCrlf: true, endsInNewline: false },
		secrets: [{ line: 3, what: "a private key" }],
	},
}
const USES = ["web", "login"].map((name, index) => ({ pool: index, name, destination: "/srv/setup.sh" }))

/** Each rule once, as it is told of a sample that breaks it: the tables of rules first. */
export function sampleFindings() {
	const told = [
		...tableFindings(),
		...SAMPLES.flatMap((sample) => readLintedIndex(sample).findings),
		...sourceFindings([{ target: "a.js", path: "$", line: 1, column: 1 }], [], []),
		...sourceNotes(SOURCE, USES).map((note) => ({ severity: "warning", ...note })),
		...sourceNotes(SOURCE, []).map((note) => ({ severity: "warning", ...note })),
	]
	return [...new Map(told.map((finding) => [finding.rule, finding]).reverse()).values()].reverse()
}

/** Values of which each rule of a table finds one to be wrong. */
const TEXTS = [
	...["1.0", "a b", "/etc/a", "../a", "src/", "/etc//a", "/proc/a", "rw", "$1", "abc", "\0", "\ud800", ""],
	`/a/${"x".repeat(5000)}`,
]

function tableFindings() {
	const rows = [...rowsOf(textRules, TEXTS), ...rowsOf(numberRules, [0]), ...rowsOf(listRules, [0, 10_000])]
	return rows.map(([rule, value]) => ({
		rule: rule.rule,
		severity: "fault",
		message: rule.message(value),
		remedy: rule.remedy,
	}))
}

function rowsOf(rules, values) {
	return rules.map((rule) => {
		const value = values.find((one) => rule.isWrong(one, { stateFolder: "/var/lib/hotfix" }))
		if (value === undefined) throw new Error(`no sample is wrong by ${rule.rule}: add one to TEXTS`)
		return [rule, value]
	})
}
