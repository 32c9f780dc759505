import { Select } from "@mantine/core"
import { useEffect, useState } from "react"
import type { OpenModule } from "../../../core/schema/desktop.ts"
import { ProblemNote } from "../../components/problem.tsx"
import { useApp, useWorkspace } from "../../stores/context.ts"

const WORKING = "working"

/** Which version is run: the files as they are, or a published one, which is kept beside them. Absent where there is none. */
export function VersionChoice({ opened }: { opened: OpenModule }) {
	const { api, workspace } = useApp()
	const published = useWorkspace((now) => now.published)
	const opening = useWorkspace((now) => now.opening)
	const folder = published?.folder ?? opened.folder
	const [versions, setVersions] = useState<string[]>([])
	const [error, setError] = useState<unknown>()
	useEffect(() => {
		let isCurrent = true
		const read = async () => {
			const found = await api.library.versions({ folder })
			if (isCurrent) setVersions(found.versions.map(({ version }) => version))
		}
		setError(undefined)
		read().catch((problem) => isCurrent && setError(problem))
		return () => {
			isCurrent = false
		}
	}, [api, folder])
	if (error !== undefined) return <ProblemNote tone="warn" error={error} />
	if (versions.length === 0) return null
	return (
		<Select
			size="xs"
			w={230}
			aria-label="Version to run"
			allowDeselect={false}
			disabled={opening}
			data={[
				{ value: WORKING, label: "Working copy" },
				...versions.map((version) => ({ value: `v${version}`, label: `Published ${version}` })),
			]}
			value={published ? `v${published.version}` : WORKING}
			onChange={(value) => void workspace.openVersion(value === WORKING || value === null ? undefined : value.slice(1))}
		/>
	)
}
