import { childOf, type JsonNode, type JsonPath, keyOf, nodesAt } from "../json-text.ts"
import { quoted } from "../plain-text.ts"
import type { Tell } from "./conversion.ts"
import type { OperationsIndex } from "./legacy-index.ts"

/** Whether the legacy program put everything back when one operation failed. */
export function rollsBack({ config, rollback }: OperationsIndex): boolean {
	return config?.rollback_on_failure !== false && rollback?.enabled !== false
}

/** Says what became of `config` and `rollback`: each setting that stands in the file, once. */
export function tellSettings(root: JsonNode, index: OperationsIndex, tell: Tell): void {
	for (const [section, rows] of Object.entries(settings)) {
		const node = childOf(root, section)
		for (const [name, decide] of Object.entries(rows)) {
			const value = node && childOf(node, name)
			if (value)
				tell({ kind: "setting", name: `${section}.${name}`, at: [section, name], ...decide(value.value, index) })
		}
	}
}

interface Decision {
	outcome: "converted" | "noted"
	message: string
	remedy?: string
}

const settings: Record<string, Record<string, (value: unknown, index: OperationsIndex) => Decision>> = {
	config: {
		backup_dir: () => ({
			outcome: "noted",
			message: "backups are kept in the runner's state folder on the appliance, not here",
			remedy: 'name another state folder with "hotfix-runner --state" where that matters',
		}),
		log_file: () => ({
			outcome: "noted",
			message: "the log is the runner's own, /var/log/homeserver/update.log where that folder exists",
			remedy: 'name another file with "hotfix-runner --log" where that matters',
		}),
		validation_timeout: (value, index) => decideTimeout(Number(value), index),
		rollback_on_failure: (value) =>
			value === true
				? { outcome: "converted", message: "a pool that fails is put back as a whole" }
				: {
						outcome: "noted",
						message: "a pool that fails is always put back; each operation is a pool of its own, so none stops another",
					},
	},
	rollback: {
		enabled: (value) =>
			value === true
				? { outcome: "converted", message: "a pool that fails is put back as a whole" }
				: { outcome: "noted", message: "a pool that fails is always put back; this cannot be switched off" },
		preserve_backups: (value) => ({
			outcome: value === true ? "converted" : "noted",
			message: "the customer's original and the last 10 backups of each pool are always kept",
		}),
		rollback_order: (value) => ({
			outcome: value === "reverse" ? "converted" : "noted",
			message: "all files of a pool go back together, so their order makes no difference",
		}),
	},
}

function decideTimeout(seconds: number, index: OperationsIndex): Decision {
	const checks = [...(index.validation?.pre_checks ?? []), ...(index.validation?.post_checks ?? [])]
	if (checks.length === 0) return { outcome: "noted", message: "there is no check whose time it could limit" }
	const longest = Math.max(0, ...scriptLimits(index))
	if (longest > seconds) {
		const message = `a pool has one limit for all its commands: where it runs a script with a longer one, that one counts`
		return { outcome: "noted", message, remedy: 'lower "timeoutSeconds" of those pools if the checks must end sooner' }
	}
	if (rollsBack(index)) return { outcome: "converted", message: `"timeoutSeconds" of each pool is ${seconds}` }
	const message = `"timeoutSeconds" of each pool is ${seconds}; the final closure, where the post checks stand, has its own 300`
	return { outcome: "noted", message }
}

function scriptLimits({ operations }: OperationsIndex): number[] {
	return operations.filter(({ type }) => type === "execute").map(({ timeout = LEGACY_SCRIPT_SECONDS }) => timeout)
}

/** What the legacy program gave a script that says nothing. */
export const LEGACY_SCRIPT_SECONDS = 300

/** Keys that nobody knows, told at most so many times. */
const MAX_KEYS = 100

/** Says which keys have no counterpart; `known` by place, `*` for each item of a list. */
export function tellUnknownKeys(root: JsonNode, known: [at: JsonPath, keys: readonly string[]][], tell: Tell): void {
	let count = 0
	for (const [at, keys] of known) {
		for (const path of unknownKeys(root, at, keys)) {
			count += 1
			if (count <= MAX_KEYS)
				tell({ kind: "key", name: quoted(String(path.at(-1))), outcome: "not-converted", at: path, ...unknown })
		}
	}
	if (count > MAX_KEYS) {
		const name = `${count - MAX_KEYS} further ones`
		tell({ kind: "key", name, outcome: "not-converted", at: [], ...unknown })
	}
}

const unknown = {
	message: "this key is unknown and has no counterpart in a pool",
	remedy: "find out what it was for; the legacy index.json is kept beside the new one",
}

function* unknownKeys(root: JsonNode, at: JsonPath, keys: readonly string[]): Generator<JsonPath> {
	for (const { node, path } of nodesAt(root, at)) {
		if (node.type !== "object") continue
		for (const key of (node.children ?? []).map(keyOf)) if (key && !keys.includes(key.value)) yield [...path, key.value]
	}
}
