import { Center, Loader, Tabs } from "@mantine/core"
import { useEffect } from "react"
import { useStore } from "zustand"
import { ViewHead } from "../../components/panel.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { useApp } from "../../stores/context.ts"
import { poolsOf } from "../../stores/module-document.ts"
import type { ModuleDocumentStore } from "../../stores/module-documents.ts"
import { type EditorTab, goTo } from "../../stores/route.ts"
import { Conflict } from "./conflict.tsx"
import { DocumentContext, useEditing } from "./context.ts"
import classes from "./editor.module.css"
import { EditorHead } from "./editor-head.tsx"
import { EditorNotes } from "./editor-notes.tsx"
import { FindingsBar } from "./findings-bar.tsx"
import { NoJson } from "./no-json.tsx"
import { PoolsTab } from "./pools/pools-tab.tsx"
import { PublishTab } from "./publish/publish-tab.tsx"
import { VersionsTab } from "./publish/versions-tab.tsx"
import { RawTab } from "./raw-tab.tsx"
import { AddDialog } from "./sources/add-dialog.tsx"
import { AddingStrip } from "./sources/adding-strip.tsx"
import { useNoStrayDrop } from "./sources/use-file-drop.ts"
import { SourcesPanel } from "./sources-panel.tsx"
import { useEditorKeys } from "./use-editor-keys.ts"

/** One module: its pools, sources, text and versions. */
export function EditorView({ folder, tab }: { folder: string; tab: EditorTab }) {
	const document = useApp().documents.of(folder)
	useEffect(() => document.follow(), [document])
	return (
		<DocumentContext value={document}>
			<Opened document={document} tab={tab} />
		</DocumentContext>
	)
}

function Opened({ document, tab }: { document: ModuleDocumentStore; tab: EditorTab }) {
	const now = useStore(document.store, (state) => (state.state === "open" ? "open" : state))
	if (now === "open") return <Editor document={document} tab={tab} />
	const name = document.folder.split("/").at(-1) ?? document.folder
	return (
		<>
			<ViewHead title={name} note={document.folder} />
			{now.state === "failed" ? (
				<ProblemNote error={now.error} onRetry={document.retry} />
			) : (
				<Center h="50%" role="status" aria-label="Reading the module">
					<Loader size="sm" />
				</Center>
			)}
		</>
	)
}

function Editor({ document, tab }: { document: ModuleDocumentStore; tab: EditorTab }) {
	useEditorKeys(document)
	useNoStrayDrop()
	const hasConflict = useEditing(({ conflict }) => conflict !== undefined)
	return (
		<div className={classes.editor}>
			<EditorHead />
			<EditorNotes />
			<AddingStrip />
			<AddDialog />
			{hasConflict ? <Conflict /> : <EditorTabs folder={document.folder} tab={tab} />}
		</div>
	)
}

function EditorTabs({ folder, tab }: { folder: string; tab: EditorTab }) {
	const pools = useEditing(({ value }) => poolsOf(value).length)
	const sources = useEditing(({ module }) => module.sources.length)
	const isNoJson = useEditing(({ value }) => value === undefined)
	return (
		<Tabs
			value={tab}
			onChange={(value) => goTo({ view: "module", folder, tab: value as EditorTab })}
			className={classes.tabs}
			classNames={{ panel: classes.tabPanel }}
		>
			<div className={classes.tabsHead}>
				<Tabs.List>
					<Tabs.Tab value="pools">
						Pools <Count number={pools} />
					</Tabs.Tab>
					<Tabs.Tab value="sources">
						Sources <Count number={sources} />
					</Tabs.Tab>
					<Tabs.Tab value="index">index.json</Tabs.Tab>
					<Tabs.Tab value="publish">Publish</Tabs.Tab>
					<Tabs.Tab value="versions">Versions</Tabs.Tab>
				</Tabs.List>
				<div className={classes.findingsPlace}>
					<FindingsBar tab={tab} />
				</div>
			</div>
			<Tabs.Panel value="pools">{isNoJson ? <NoJson /> : <PoolsTab />}</Tabs.Panel>
			<Tabs.Panel value="sources">
				<SourcesPanel />
			</Tabs.Panel>
			<Tabs.Panel value="index">
				<RawTab />
			</Tabs.Panel>
			<Tabs.Panel value="publish">
				<PublishTab />
			</Tabs.Panel>
			<Tabs.Panel value="versions">
				<VersionsTab />
			</Tabs.Panel>
		</Tabs>
	)
}

function Count({ number }: { number: number }) {
	return <span className={classes.count}>{number}</span>
}
