import { Center, Loader } from "@mantine/core"
import { IconTags } from "@tabler/icons-react"
import { useState } from "react"
import type { Versions } from "../../../../core/schema/library.ts"
import { Empty } from "../../../components/empty.tsx"
import { Panel } from "../../../components/panel.tsx"
import { ProblemNote } from "../../../components/problem.tsx"
import { CheckoutDialog } from "./checkout-dialog.tsx"
import { Compare } from "./compare.tsx"
import own from "./publish.module.css"
import { useVersions } from "./use-versions.ts"
import { VersionTable } from "./version-table.tsx"

/** What was published, what differs between any two, and the way back to one. */
export function VersionsTab() {
	const { versions, error, reload } = useVersions()
	return (
		<div className={own.scrolled}>
			{error !== undefined && <ProblemNote error={error} onRetry={reload} />}
			{!versions && error === undefined && (
				<Center h={160} role="status" aria-label="Reading the versions">
					<Loader size="sm" />
				</Center>
			)}
			{versions && <Shown versions={versions} />}
		</div>
	)
}

function Shown({ versions }: { versions: Versions }) {
	const [wanted, setWanted] = useState<string>()
	const [pair, setPair] = useState<{ from: string; to: string }>()
	const newest = versions.versions[0]
	if (!newest && versions.kept.length === 0) {
		return (
			<Empty icon={<IconTags />} title="Nothing is published yet">
				A published version is a commit with a tag that never changes: what runs on appliances, and what you can come
				back to. Look at what would be in it under Publish.
			</Empty>
		)
	}
	const shown = pair ?? (newest && { from: newest.version, to: "working" })
	return (
		<>
			<Panel title="Versions" note="highest first">
				<VersionTable
					versions={versions}
					onCheckout={setWanted}
					onCompare={(from) => setPair({ from, to: "working" })}
				/>
			</Panel>
			{shown && <Compare versions={versions} pair={shown} onChange={setPair} />}
			{wanted !== undefined && <CheckoutDialog version={wanted} onClose={() => setWanted(undefined)} />}
		</>
	)
}
