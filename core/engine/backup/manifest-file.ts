import { readSmallFile } from "../disk/content.ts"
import { digestOf } from "../disk/digest.ts"
import { parseJson } from "../disk/parse-json.ts"
import type { Host } from "../host.ts"
import type { Layout } from "../layout.ts"
import { type BackupManifest, backupManifestSchema } from "./manifest.ts"

export function printManifest(host: Host, manifest: BackupManifest): { text: string; digest: string } {
	const text = JSON.stringify(manifest)
	return { text, digest: digestOf(host, text) }
}

/**
 * The manifest of a pool's backup in a run, or why it cannot be used. With a digest (from the journal) it must be exactly
 * the one that was written then.
 */
export async function readManifest(
	host: Host,
	layout: Layout,
	pool: string,
	run: string,
	digest?: string,
): Promise<{ manifest: BackupManifest } | { fault: string }> {
	const path = `${layout.backup(pool, run)}/manifest.json`
	const bytes = await readSmallFile(host, path)
	if (!bytes) return { fault: `the backup's manifest ${path} is missing` }
	const damaged = { fault: `the backup's manifest ${path} is damaged` }
	if (digest !== undefined && digestOf(host, bytes) !== digest) return damaged
	const manifest = parseJson(backupManifestSchema, bytes)
	return manifest ? { manifest } : damaged
}
