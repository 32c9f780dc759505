import { Badge, Button, Tabs, Tooltip } from "@mantine/core"
import { IconFolderOpen, IconPencil, IconRefresh } from "@tabler/icons-react"
import { useEffect, useState } from "react"
import type { OpenModule } from "../../../core/schema/desktop.ts"
import { count } from "../../components/format.ts"
import { Note } from "../../components/note.tsx"
import { Panel, ViewHead } from "../../components/panel.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { useApp, useWorkspace } from "../../stores/context.ts"
import { goTo } from "../../stores/route.ts"
import { FindingList } from "./finding-list.tsx"
import { IndexTab } from "./index-tab.tsx"
import { PlanTab } from "./plan-tab.tsx"
import { PoolsTab } from "./pools-tab.tsx"
import classes from "./run.module.css"
import { SourcesTab } from "./sources-tab.tsx"
import { TargetPanel } from "./target-panel.tsx"
import { VersionChoice } from "./version-choice.tsx"

type Tab = "pools" | "plan" | "sources" | "index"

/** An open module: what it holds on the left, where it goes on the right. */
export function ModuleView({ opened, onOpenOther }: { opened: OpenModule; onOpenOther(): void }) {
	const faults = opened.findings.filter((finding) => finding.severity === "fault")
	const isLookedAgain = useWorkspace((now) => Object.keys(now.changed).length > 0)
	const [tab, setTab] = useState<Tab>(isLookedAgain ? "plan" : "pools")
	const [line, setLine] = useState<number>()
	const openError = useWorkspace((now) => now.openError)
	const planned = useWorkspace((now) => Object.keys(now.plans).length)
	const broken = !opened.module
	useEffect(() => {
		if (broken) setTab("index")
	}, [broken])

	useEffect(() => {
		if (isLookedAgain) setTab("plan")
	}, [isLookedAgain])

	const showLine = (wanted: number) => {
		setTab("index")
		setLine(wanted)
	}
	return (
		<div className={classes.workspace}>
			<div className={classes.head}>
				<ModuleHead opened={opened} onOpenOther={onOpenOther} />
				<VersionChoice opened={opened} />
				{openError !== undefined && <ProblemNote error={openError} />}
				{faults.length > 0 && (
					<Note
						tone="bad"
						title={`${count(faults.length, "fault")} in index.json. The module cannot be run until they are mended.`}
					>
						Mend them in the editor (Edit), or in the file itself and reload.
					</Note>
				)}
			</div>
			<div className={classes.content}>
				{opened.findings.length > 0 && <FindingList findings={opened.findings} onShow={showLine} />}
				<Panel label="Module">
					<Tabs value={tab} onChange={(value) => setTab((value ?? "pools") as Tab)}>
						<Tabs.List className={classes.tabs}>
							<Tabs.Tab value="pools" disabled={!opened.module}>
								Pools <TabCount number={opened.module?.pools.length ?? 0} />
							</Tabs.Tab>
							<Tabs.Tab value="plan" disabled={!opened.module}>
								Plan {planned > 0 && <TabCount number={planned} />}
							</Tabs.Tab>
							<Tabs.Tab value="sources">
								Sources <TabCount number={opened.sources.length} />
							</Tabs.Tab>
							<Tabs.Tab value="index">index.json</Tabs.Tab>
						</Tabs.List>
						<Tabs.Panel value="pools">
							{opened.module && <PoolsTab opened={opened} module={opened.module} />}
						</Tabs.Panel>
						<Tabs.Panel value="plan">
							<PlanTab />
						</Tabs.Panel>
						<Tabs.Panel value="sources">
							<SourcesTab sources={opened.sources} />
						</Tabs.Panel>
						<Tabs.Panel value="index">
							<IndexTab text={opened.text} findings={opened.findings} shownLine={line} />
						</Tabs.Panel>
					</Tabs>
				</Panel>
			</div>
			<TargetPanel onPlanned={() => setTab("plan")} />
		</div>
	)
}

function TabCount({ number }: { number: number }) {
	return <span className={classes.tabCount}>{number}</span>
}

function ModuleHead({ opened, onOpenOther }: { opened: OpenModule; onOpenOther(): void }) {
	const { workspace } = useApp()
	const opening = useWorkspace((now) => now.opening)
	const published = useWorkspace((now) => now.published)
	const metadata = opened.module?.metadata
	return (
		<ViewHead
			title={
				<>
					{opened.name}{" "}
					{metadata && (
						<Badge variant="light" color="gray" className={classes.version}>
							{metadata.schema_version}
						</Badge>
					)}
					{metadata && !metadata.enabled && (
						<Badge variant="light" color="gray" className={classes.version}>
							disabled
						</Badge>
					)}
				</>
			}
			note={
				<>
					{metadata?.description && <div>{metadata.description}</div>}
					<div className={classes.folder}>
						{opened.folder}
						{opened.digest && (
							<Tooltip label={`sha256 ${opened.digest}`}>
								<span> · digest {opened.digest.slice(0, 12)}</span>
							</Tooltip>
						)}
						{metadata?.priority !== undefined && ` · priority ${metadata.priority}`}
					</div>
				</>
			}
			actions={
				<>
					<Button
						variant="default"
						leftSection={<IconPencil size={14} />}
						onClick={() => goTo({ view: "module", folder: published?.folder ?? opened.folder, tab: "pools" })}
					>
						Edit
					</Button>
					<Button
						variant="default"
						leftSection={<IconRefresh size={14} />}
						loading={opening}
						onClick={() => void workspace.open(opened.folder)}
					>
						Reload
					</Button>
					<Button variant="default" leftSection={<IconFolderOpen size={14} />} onClick={onOpenOther}>
						Open other
					</Button>
					<Button variant="subtle" color="gray" onClick={workspace.close}>
						Close
					</Button>
				</>
			}
		/>
	)
}
