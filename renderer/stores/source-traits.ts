import { createStore, type StoreApi } from "zustand/vanilla"
import type { LibraryOpened } from "../../core/schema/library.ts"
import { writtenTarget } from "../../core/schema/manifest.ts"
import type { SourceTraits } from "../../core/schema/source-traits.ts"
import type { Api } from "../rpc/api.ts"

/** Sources asked for in one call. */
const AT_ONCE = 200

export type TraitsByDigest = ReadonlyMap<string, SourceTraits>

/** What the bytes of sources say, by digest: asked once for each content. */
export interface SourceTraitsStore {
	store: StoreApi<{ traits: TraitsByDigest; error?: unknown }>
	/** Asks for what is not known yet. */
	ask(sources: LibraryOpened["sources"]): Promise<void>
}

export function createSourceTraits(api: Api, folder: string): SourceTraitsStore {
	const store = createStore<{ traits: TraitsByDigest; error?: unknown }>(() => ({ traits: new Map() }))
	const asked = new Set<string>()
	return {
		store,
		async ask(sources) {
			const unknown = sources.filter(({ digest }) => !asked.has(digest))
			for (const { digest } of unknown) asked.add(digest)
			for (let at = 0; at < unknown.length; at += AT_ONCE) {
				const group = unknown.slice(at, at + AT_ONCE)
				try {
					const { traits } = await api.library.readTraits({
						folder,
						targets: group.map(({ target }) => writtenTarget(target)),
					})
					store.setState((now) => ({
						traits: new Map([...now.traits, ...traits.map((one) => [one.digest, one] as const)]),
						error: undefined,
					}))
				} catch (error) {
					for (const { digest } of unknown.slice(at)) asked.delete(digest)
					store.setState({ error })
					return
				}
			}
		},
	}
}
