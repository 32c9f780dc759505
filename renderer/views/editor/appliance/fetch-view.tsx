import { Button, Loader, Select, TextInput } from "@mantine/core"
import { useDebouncedValue } from "@mantine/hooks"
import { IconDownload, IconSearch } from "@tabler/icons-react"
import { useState } from "react"
import type { ApplianceState } from "../../../../core/schema/desktop.ts"
import { count } from "../../../components/format.ts"
import { Note } from "../../../components/note.tsx"
import { Panel } from "../../../components/panel.tsx"
import { ProblemNote } from "../../../components/problem.tsx"
import { poolsOf } from "../../../stores/module-document.ts"
import { useEditing } from "../context.ts"
import { nameOf } from "../pools/pool-actions.ts"
import classes from "./appliance.module.css"
import { Breadcrumbs } from "./breadcrumbs.tsx"
import { joinPath, parentOf } from "./entries.ts"
import { EntryList } from "./entry-list.tsx"
import { FetchResults } from "./fetch-results.tsx"
import { useFetch } from "./use-fetch.ts"
import { useFolder } from "./use-folder.ts"

/** Browses an appliance; what is chosen is fetched into `src/` and into a pool. */
export function FetchView({ appliances }: { appliances: ApplianceState[] }) {
	const [applianceId, setAppliance] = useState<string>()
	const [path, setPath] = useState("/")
	const [typed, setTyped] = useState("")
	const [search] = useDebouncedValue(typed, 200)
	const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
	const folder = useFolder(applianceId, path, search)
	const fetching = useFetch(applianceId)

	const go = (to: string) => {
		setPath(to)
		setTyped("")
		setChosen(new Set())
	}
	const toggle = (name: string) => {
		const next = new Set(chosen)
		if (!next.delete(name)) next.add(name)
		setChosen(next)
	}
	const fetchChosen = async () => {
		if (await fetching.fetch([...chosen].map((name) => ({ path: joinPath(path, name) })))) setChosen(new Set())
	}
	return (
		<Panel label="Fetch files">
			<div className={classes.bar}>
				<Select
					aria-label="Appliance"
					placeholder="Choose an appliance"
					size="xs"
					w={200}
					data={appliances.map(({ id, name }) => ({ value: id, label: name }))}
					value={applianceId ?? null}
					onChange={(id) => {
						setAppliance(id ?? undefined)
						go("/")
					}}
				/>
				<Breadcrumbs path={path} onGo={go} />
				<TextInput
					aria-label="Search in this folder"
					placeholder="Search in this folder"
					size="xs"
					w={190}
					leftSection={<IconSearch size={14} aria-hidden />}
					value={typed}
					onChange={(event) => setTyped(event.currentTarget.value)}
				/>
			</div>
			{folder.error !== undefined && <ProblemNote error={folder.error} onRetry={folder.again} />}
			{applianceId === undefined ? (
				<p className={classes.hint}>Choose an appliance to look at its files. Nothing is ever changed there.</p>
			) : (
				folder.isReading && (
					<p className={classes.hint} role="status" aria-label="Reading the folder">
						<Loader size="xs" />
					</p>
				)
			)}
			{folder.page && (
				<>
					{folder.page.realPath !== path && (
						<p className={classes.hint}>This folder really is {folder.page.realPath}: a link leads there.</p>
					)}
					<EntryList
						entries={folder.page.entries}
						chosen={chosen}
						onOpen={(name) => go(joinPath(path, name))}
						onToggle={toggle}
						onUp={() => go(parentOf(path))}
					/>
					{folder.page.total === 0 && <p className={classes.hint}>Nothing here{search && " has that name"}.</p>}
					{folder.page.isCut && <p className={classes.hint}>There are more names here than are looked at.</p>}
					{folder.page.hasMore && (
						<Button variant="default" size="compact-xs" onClick={() => void folder.more()}>
							Show more of {folder.page.total}
						</Button>
					)}
				</>
			)}
			<FetchBar chosen={chosen.size} fetching={fetching} onFetch={() => void fetchChosen()} />
			{fetching.error !== undefined && <ProblemNote error={fetching.error} />}
			{fetching.lost !== undefined && (
				<Note tone="warn" title={`${fetching.lost} is gone: nothing was added to a pool.`} alert>
					What was fetched is below src/ and stays there.
				</Note>
			)}
			<FetchResults results={fetching.results} onReplace={(result) => void fetching.replace(result)} />
		</Panel>
	)
}

function FetchBar(props: { chosen: number; fetching: ReturnType<typeof useFetch>; onFetch(): void }) {
	const { chosen, fetching, onFetch } = props
	const names = useEditing(({ value }) => poolsOf(value).map(nameOf).join("\n"))
	const pools = names === "" ? [] : names.split("\n")
	return (
		<div className={classes.bar}>
			<Button
				size="xs"
				leftSection={<IconDownload size={15} aria-hidden />}
				disabled={chosen === 0}
				loading={fetching.isFetching}
				onClick={onFetch}
			>
				{chosen === 0 ? "Fetch" : `Fetch ${count(chosen, "file")}`}
			</Button>
			<span className={classes.hint}>into src/ and into the pool</span>
			<Select
				aria-label="Pool"
				size="xs"
				w={200}
				data={[
					...pools.map((name, index) => ({ value: String(index), label: name })),
					{ value: "none", label: "no pool" },
				]}
				value={fetching.pool}
				allowDeselect={false}
				onChange={(pool) => pool !== null && fetching.setPool(pool)}
			/>
		</div>
	)
}
