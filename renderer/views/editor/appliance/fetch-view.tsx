import { Button, Loader } from "@mantine/core"
import { useDebouncedValue } from "@mantine/hooks"
import { IconArrowsDiff, IconDownload } from "@tabler/icons-react"
import { useState } from "react"
import type { ApplianceState } from "../../../../core/schema/desktop.ts"
import { count } from "../../../components/format.ts"
import { Panel } from "../../../components/panel.tsx"
import { ProblemNote } from "../../../components/problem.tsx"
import { SearchField } from "../../../components/search-field.tsx"
import { ApplianceChoice } from "../appliance-choice.tsx"
import classes from "./appliance.module.css"
import { Breadcrumbs } from "./breadcrumbs.tsx"
import type { CompareChoice } from "./compare-bar.tsx"
import { joinPath, parentOf } from "./entries.ts"
import { EntryList } from "./entry-list.tsx"
import { FetchResults } from "./fetch-results.tsx"
import { PoolChoice } from "./pool-choice.tsx"
import { useFetch } from "./use-fetch.ts"
import { useFolder } from "./use-folder.ts"

interface Props {
	appliances: ApplianceState[]
	onCompare(choice: CompareChoice): void
}

/** Browses an appliance; what is chosen is fetched into `src/` and into a pool, or looked for on others too. */
export function FetchView({ appliances, onCompare }: Props) {
	const [applianceId, setAppliance] = useState<string>()
	const [path, setPath] = useState("/")
	const [typed, setTyped] = useState("")
	const [search] = useDebouncedValue(typed, 200)
	const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
	const folder = useFolder(applianceId, path, search)
	const fetching = useFetch()

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
	const chosenPaths = () => [...chosen].map((name) => joinPath(path, name))
	const fetchChosen = async () => {
		if (applianceId === undefined) return
		const files = chosenPaths().map((path) => ({ path }))
		if (await fetching.fetch({ applianceId, files })) setChosen(new Set())
	}
	return (
		<Panel label="Fetch files">
			<div className={classes.bar}>
				<ApplianceChoice
					label="Appliance"
					size="xs"
					appliances={appliances}
					chosen={applianceId}
					onChoose={(id) => {
						setAppliance(id)
						go("/")
					}}
				/>
				<Breadcrumbs path={path} onGo={go} />
				<SearchField label="Search in this folder" size="xs" w={190} value={typed} onSearch={setTyped} />
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
			<FetchBar
				chosen={chosen.size}
				fetching={fetching}
				onFetch={() => void fetchChosen()}
				onCompare={() => applianceId !== undefined && onCompare({ applianceIds: [applianceId], paths: chosenPaths() })}
			/>
			<FetchResults fetching={fetching} />
		</Panel>
	)
}

interface FetchBarProps {
	chosen: number
	fetching: ReturnType<typeof useFetch>
	onFetch(): void
	onCompare(): void
}

function FetchBar({ chosen, fetching, onFetch, onCompare }: FetchBarProps) {
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
			<PoolChoice fetching={fetching} />
			<Button
				size="xs"
				variant="default"
				className={classes.atEnd}
				leftSection={<IconArrowsDiff size={15} aria-hidden />}
				disabled={chosen === 0}
				onClick={onCompare}
			>
				Look for variants …
			</Button>
		</div>
	)
}
