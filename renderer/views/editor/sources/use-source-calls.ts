import { FailureError } from "../../../../core/schema/failure.ts"
import type { SourceResult } from "../../../../core/schema/library.ts"
import { writtenTarget } from "../../../../core/schema/manifest.ts"
import { useApp } from "../../../stores/context.ts"
import { useDocument } from "../context.ts"
import type { ShownSource } from "./shown-sources.ts"
import { operationsOf } from "./uses.ts"

/** What can be done to a source's file as a whole; each answers whether it succeeded, and tells why not. */
export function useSourceCalls({ target, digest = "" }: ShownSource, onError: (error: unknown) => void) {
	const { api } = useApp()
	const document = useDocument()
	const { folder, sources } = document
	const attempt = async (work: () => Promise<unknown>): Promise<boolean> => {
		onError(undefined)
		try {
			await work()
			return true
		} catch (error) {
			onError(error)
			return false
		}
	}
	const written = writtenTarget(target)
	return {
		attempt,
		setExecutable: (isExecutable: boolean) =>
			attempt(async () => requireDone(await api.library.setExecutable({ folder, target: written, isExecutable }))),
		remove: () =>
			attempt(async () => {
				const { results } = await api.library.removeSources({ folder, sources: [{ target: written, base: digest }] })
				for (const result of results) requireDone(result)
				sources.forget(target)
			}),
		/** Operations that name it follow, as one step that can be undone. */
		rename: (to: string) =>
			attempt(async () => {
				requireDone(
					await api.library.renameSource({ folder, target: written, to: writtenTarget(to), base: digest }),
					to,
				)
				sources.moved(target, to)
				const now = document.store.getState()
				const named = now.state === "open" ? operationsOf(now.editing.value) : []
				const edits = named
					.filter((one) => one.target === target)
					.map(({ pool, index }) => ({
						kind: "set" as const,
						path: ["pools", pool, "operations", index, "target"],
						value: writtenTarget(to),
					}))
				if (edits.length > 0) document.act({ label: `rename ${target}`, edits })
			}),
	}
}

function requireDone(result: SourceResult, to?: string): void {
	if (result.state === "failed") throw new FailureError(result.failure.code, result.failure.data)
	if (result.state === "conflict")
		throw to === undefined
			? new FailureError("changed-meanwhile", { path: result.target })
			: new FailureError("name-taken", { path: writtenTarget(to) })
}
