import { useCallback, useEffect, useRef, useState } from "react"
import type { Proposal, PublishedVersion } from "../../../../core/schema/library.ts"
import { failureOf } from "../../../rpc/problem.ts"
import { useApp } from "../../../stores/context.ts"
import { useDocument, useEditing } from "../context.ts"

export interface Publishing {
	proposal: Proposal | undefined
	error: unknown
	/** The files were changed between looking and publishing. */
	hasChanged: boolean
	published: PublishedVersion | undefined
	isPublishing: boolean
	/** Somebody asked for its end: what came of that is known when it has ended. */
	isStopping: boolean
	/** It was stopped in time: nothing is published. */
	isStopped: boolean
	propose(): void
	publish(version: string, note: string): Promise<void>
	stop(): Promise<void>
}

/** What would be published, looked at anew whenever the files on disk change. */
export function usePublishing(): Publishing {
	const { api } = useApp()
	const { folder } = useDocument()
	const module = useEditing((editing) => editing.module)
	const [proposal, setProposal] = useState<Proposal>()
	const [error, setError] = useState<unknown>()
	/** Why nothing was published: it stays said while the files are looked at anew. */
	const [refusal, setRefusal] = useState<unknown>()
	const [hasChanged, setChanged] = useState(false)
	const [published, setPublished] = useState<PublishedVersion>()
	const [isPublishing, setPublishing] = useState(false)
	const [isStopping, setStopping] = useState(false)
	const [isStopped, setStopped] = useState(false)
	const asked = useRef(0)

	const propose = useCallback(async () => {
		const own = ++asked.current
		setError(undefined)
		try {
			const found = await api.library.propose({ folder })
			if (own === asked.current) setProposal(found)
		} catch (problem) {
			if (own === asked.current) setError(problem)
		}
	}, [api, folder])
	useEffect(() => {
		// Any change of the files makes another proposal.
		if (module) void propose()
	}, [propose, module])

	const publish = async (version: string, note: string) => {
		if (!proposal) return
		setPublishing(true)
		setPublished(undefined)
		setChanged(false)
		setRefusal(undefined)
		setError(undefined)
		setStopped(false)
		try {
			const { base, content } = proposal
			const result = await api.library.publish({ folder, version, base, content, ...(note !== "" && { note }) })
			if (result.state === "published") setPublished(result.version)
			else setChanged(true)
			await propose()
		} catch (problem) {
			if (failureOf(problem)?.code === "cancelled") setStopped(true)
			else setRefusal(problem)
		}
		setPublishing(false)
		setStopping(false)
	}
	/** Only the program knows whether it still is in time: the call itself goes on until it says so. */
	const stop = async () => {
		setStopping(true)
		try {
			await api.library.stopPublishing({ folder })
		} catch (problem) {
			setStopping(false)
			setRefusal(problem)
		}
	}
	const again = () => {
		setRefusal(undefined)
		void propose()
	}
	const now = { proposal, error: refusal ?? error, hasChanged, published, isPublishing, isStopping, isStopped }
	return { ...now, propose: again, publish, stop }
}
