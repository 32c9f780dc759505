import type { Module } from "../../schema/module.ts"
import { plainText } from "../../schema/plain-text.ts"
import type { About } from "../../schema/receipt.ts"
import type { Host } from "../host.ts"
import { Secrets } from "../redact/secrets.ts"

/** Why a module's pools are run, in its own words: one line each, without what it wants masked. */
export function aboutOf(host: Host, { metadata, pools }: Module, chosen: readonly string[]): About {
	const secrets = new Secrets(
		pools.flatMap(({ redact }) => redact),
		host.self.variable,
	)
	const plain = (text: string) => plainText(secrets.maskText(text).trim())
	const described = pools.filter(({ id, description }) => chosen.includes(id) && description.trim() !== "")
	return {
		module: plain(metadata.description),
		pools: Object.fromEntries(described.map(({ id, description }) => [id, plain(description)])),
	}
}
