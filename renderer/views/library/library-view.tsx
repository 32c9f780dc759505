import { Button, SegmentedControl, Select } from "@mantine/core"
import { IconFolderDown, IconHistory, IconPackages, IconPlus, IconSignature } from "@tabler/icons-react"
import { useRef, useState } from "react"
import type { LibraryModule } from "../../../core/schema/library.ts"
import { Empty } from "../../components/empty.tsx"
import { Panel, ViewHead } from "../../components/panel.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { SearchField } from "../../components/search-field.tsx"
import { goTo, hashOf } from "../../stores/route.ts"
import { useKeys } from "../shell/shortcuts.tsx"
import { CreateDialog } from "./create-dialog.tsx"
import { DuplicateDialog } from "./duplicate-dialog.tsx"
import { ImportDialog } from "./import-dialog.tsx"
import { LegacyDialog } from "./legacy-dialog.tsx"
import classes from "./library.module.css"
import { ModuleTable } from "./module-table.tsx"
import { type Choice, type Order, shownModules } from "./shown-modules.ts"
import { useImport } from "./use-import.tsx"
import { useLibrary } from "./use-library.ts"

const orders: { value: Order; label: string }[] = [
	{ value: "recent", label: "Changed last" },
	{ value: "name", label: "By name" },
	{ value: "findings", label: "Findings first" },
]

/** Every module on this desktop. */
export function LibraryView() {
	const library = useLibrary()
	const importing = useImport()
	const legacy = useImport("Import a legacy module")
	const [creating, setCreating] = useState(false)
	const [duplicated, setDuplicated] = useState<LibraryModule>()
	const [choice, setChoice] = useState<Choice>({ search: "", order: "recent", archived: false })
	const create = () => setCreating(true)
	useKeys({ n: create })
	const modules = library.modules
	const opened = ({ folder }: LibraryModule) => goTo({ view: "module", folder, tab: "pools" })
	return (
		<>
			<ViewHead
				title="Modules"
				note={library.folder === undefined ? "The modules on this computer" : `New ones are made in ${library.folder}`}
				actions={
					<>
						<Button
							component="a"
							variant="default"
							leftSection={<IconSignature size={15} />}
							href={hashOf({ view: "signing" })}
						>
							Signing keys
						</Button>
						<Button variant="default" leftSection={<IconHistory size={15} />} onClick={legacy.begin}>
							Import legacy module
						</Button>
						<Button variant="default" leftSection={<IconFolderDown size={15} />} onClick={importing.begin}>
							Import a folder
						</Button>
						<Button leftSection={<IconPlus size={15} />} onClick={create} title="n">
							New module
						</Button>
					</>
				}
			/>
			{(library.error ?? importing.error ?? legacy.error) !== undefined && (
				<div className={classes.problem}>
					<ProblemNote error={library.error ?? importing.error ?? legacy.error} onRetry={library.reload} />
				</div>
			)}
			{modules?.length === 0 && <NoModules onCreate={create} onImport={importing.begin} />}
			{modules && modules.length > 0 && (
				<Panel label="Modules">
					<Filters choice={choice} modules={modules} onChange={setChoice} />
					<ModuleTable
						modules={shownModules(modules, choice)}
						onDuplicate={setDuplicated}
						onArchive={library.archive}
						onForget={library.forget}
					/>
				</Panel>
			)}
			{importing.dialog}
			{creating && <CreateDialog onClose={() => setCreating(false)} onCreated={opened} />}
			{importing.folder !== undefined && (
				<ImportDialog folder={importing.folder} onClose={importing.end} onImported={opened} />
			)}
			{legacy.dialog}
			{legacy.folder !== undefined && <LegacyDialog folder={legacy.folder} onClose={legacy.end} onImported={opened} />}
			{duplicated && (
				<DuplicateDialog module={duplicated} onClose={() => setDuplicated(undefined)} onDuplicated={opened} />
			)}
		</>
	)
}

function Filters(props: { choice: Choice; modules: LibraryModule[]; onChange(choice: Choice): void }) {
	const { choice, modules, onChange } = props
	const search = useRef<HTMLInputElement>(null)
	useKeys({ "/": () => search.current?.focus() })
	const archived = modules.filter(({ isArchived }) => isArchived).length
	return (
		<div className={classes.filters}>
			<SearchField
				ref={search}
				className={classes.search}
				label="Search modules"
				placeholder="Search (/)"
				value={choice.search}
				onSearch={(text) => onChange({ ...choice, search: text })}
			/>
			<Select
				aria-label="Order"
				w={150}
				data={orders}
				value={choice.order}
				allowDeselect={false}
				onChange={(value) => onChange({ ...choice, order: value as Order })}
			/>
			{(archived > 0 || choice.archived) && (
				<SegmentedControl
					aria-label="Which modules"
					data={[
						{ value: "open", label: "In use" },
						{ value: "archived", label: `Archived ${archived}` },
					]}
					value={choice.archived ? "archived" : "open"}
					onChange={(value) => onChange({ ...choice, archived: value === "archived" })}
				/>
			)}
		</div>
	)
}

function NoModules({ onCreate, onImport }: { onCreate(): void; onImport(): void }) {
	return (
		<Empty
			icon={<IconPackages />}
			title="No module yet"
			actions={
				<>
					<Button onClick={onCreate}>New module</Button>
					<Button variant="default" onClick={onImport}>
						Import a folder
					</Button>
				</>
			}
		>
			A module repairs something on appliances: corrected files, where they go, and the commands that prove that the
			appliance works with them. It is a plain folder in git, so that your team can push and pull it. Begin with a new
			one, or import a folder that has an index.json.
		</Empty>
	)
}
