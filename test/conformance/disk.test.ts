import { mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { Disk, OpenFile } from "../../core/engine/host.ts"
import { createNodeHost } from "../../core/engine/node-host/node-host.ts"
import { ROOT } from "../fault/disk/inode.ts"
import { createSimulatedHost } from "../fault/simulated-host.ts"
import { diskStories, type Story } from "./disk-stories.ts"

/** A disk with an empty folder on it that a story may use. */
interface Place {
	disk: Disk
	root: string
	remove(): void
}

const now = Date.parse("2026-01-01T00:00:00Z")

const places: Record<string, () => Promise<Place>> = {
	"the real disk": async () => {
		const root = realpathSync(mkdtempSync(join(tmpdir(), "hotfix-disk-")))
		return { disk: createNodeHost().disk, root, remove: () => rmSync(root, { recursive: true, force: true }) }
	},
	"the simulated disk": async () => {
		const meta = { mode: 0o755, uid: 0, gid: 0, atimeNs: 0n, mtimeNs: 0n, ctimeNs: 0n }
		const { disk } = createSimulatedHost(new Map([[ROOT, { kind: "folder", meta: [meta], names: new Map() }]]), { now })
		await disk.makeFolder("/simulated", 0o755)
		return { disk, root: "/simulated", remove: () => {} }
	},
}

describe.each(Object.entries(places))("%s", (_, create) => {
	let place: Place
	let opened: OpenFile[]
	beforeEach(async () => {
		place = await create()
		opened = []
	})
	afterEach(async () => {
		for (const file of opened) await file.close().catch(() => {})
		place.remove()
	})

	test.each(diskStories)("$name", async ({ story, ends }) => {
		expect(await tell(story)).toEqual(ends)
	})

	/** What each step of a story came to: its result, or the code of its failure. */
	async function tell(story: Story["story"]): Promise<unknown[]> {
		const { disk, root } = place
		const lines: unknown[] = []
		const plain = (value: unknown): unknown =>
			typeof value === "string" ? value.replaceAll(root, "") : Array.isArray(value) ? value.map(plain) : value
		await story({
			disk,
			at: (name) => `${root}/${name}`,
			tell: async (step) => {
				try {
					lines.push(plain(await step()))
				} catch (error) {
					lines.push((error as { code?: unknown }).code ?? String(error))
				}
			},
			open: async (name, how, mode) => {
				const file = await disk.open(name.startsWith("/") ? name : `${root}/${name}`, how, mode)
				opened.push(file)
				return file
			},
			write: async (name, content) => {
				const file = await disk.open(`${root}/${name}`, "create", 0o600)
				await file.write(new TextEncoder().encode(content), 0)
				await file.close()
			},
			read: async (name) => {
				const file = await disk.open(name.startsWith("/") ? name : `${root}/${name}`, "read")
				const into = new Uint8Array(100)
				const count = await file.read(into, 0).finally(() => file.close())
				return new TextDecoder().decode(into.subarray(0, count))
			},
		})
		return lines
	}
})
