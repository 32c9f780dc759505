import { Button } from "@mantine/core"
import { IconPlus, IconServer2, IconUpload } from "@tabler/icons-react"
import { useRef, useState } from "react"
import type { ApplianceState } from "../../../core/schema/desktop.ts"
import { Empty } from "../../components/empty.tsx"
import { count } from "../../components/format.ts"
import { Panel, ViewHead } from "../../components/panel.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { choose, chooseShown, nothingChosen } from "../../stores/selection.ts"
import { useKeys } from "../shell/shortcuts.tsx"
import { ApplianceForm } from "./appliance-form.tsx"
import { ApplianceTable } from "./appliance-table.tsx"
import { BulkBar, ExportMenu } from "./bulk-bar.tsx"
import { ChangedKey } from "./changed-key.tsx"
import { DemoButton } from "./demo-button.tsx"
import { Details } from "./details.tsx"
import { FilterBar } from "./filter-bar.tsx"
import { ImportDialog } from "./import-dialog.tsx"
import { Removal } from "./removal.tsx"
import { useDemo } from "./use-demo.ts"
import { useFilter, useGroups, useMembers } from "./use-fleet.ts"
import { useTests } from "./use-tests.ts"

type Open =
	| { dialog: "none" | "import" }
	| { dialog: "form" | "details"; appliance?: ApplianceState }
	| { dialog: "remove"; appliances: ApplianceState[] }

/** The fleet: every appliance the engineer wrote down. */
export function AppliancesView() {
	const members = useMembers()
	const filter = useFilter(members)
	const groups = useGroups()
	const [selection, setSelection] = useState(nothingChosen)
	const [open, setOpen] = useState<Open>({ dialog: "none" })
	const field = useRef<HTMLInputElement>(null)
	const tests = useTests()
	const demo = useDemo()
	const close = () => setOpen({ dialog: "none" })
	const add = () => setOpen({ dialog: "form" })
	useKeys({ n: add, "/": () => field.current?.focus() })

	const shown = filter.shown.map(({ appliance }) => appliance.id)
	// What the filter hides is not meant, whatever was chosen before.
	const chosen = filter.shown.map(({ appliance }) => appliance).filter(({ id }) => selection.ids.has(id))
	return (
		<>
			<ViewHead
				title="Appliances"
				note={members.length > 0 ? `${count(members.length, "appliance")} in the fleet` : undefined}
				actions={
					members.length > 0 && (
						<>
							{!members.some(({ appliance }) => appliance.embedded) && <DemoButton demo={demo} />}
							<ImportButton onClick={() => setOpen({ dialog: "import" })} />
							<ExportMenu label="Export all" />
							<Button leftSection={<IconPlus size={15} />} onClick={add}>
								Add appliance
							</Button>
						</>
					)
				}
			/>
			{demo.error !== undefined && <ProblemNote error={demo.error} />}
			{groups.error !== undefined && <ProblemNote error={groups.error} />}
			{members.length === 0 ? (
				<NoAppliances onAdd={add} onImport={() => setOpen({ dialog: "import" })} demo={demo} />
			) : (
				<>
					<FilterBar members={members} filter={filter} groups={groups} field={field} />
					<Panel label="Fleet">
						{chosen.length > 0 && (
							<BulkBar
								chosen={chosen}
								onRemove={() => setOpen({ dialog: "remove", appliances: chosen })}
								onClear={() => setSelection(nothingChosen)}
							/>
						)}
						<ApplianceTable
							members={filter.shown}
							testing={tests.testing}
							chosen={new Set(chosen.map(({ id }) => id))}
							onChoose={(id, isRange) => setSelection((now) => choose(now, shown, id, isRange))}
							onChooseShown={() => setSelection((now) => chooseShown(now, shown))}
							onTest={(appliance) => void tests.test(appliance)}
							onStop={tests.stop}
							onShow={(appliance) => setOpen({ dialog: "details", appliance })}
							onEdit={(appliance) => setOpen({ dialog: "form", appliance })}
							onRemove={(appliance) => setOpen({ dialog: "remove", appliances: [appliance] })}
						/>
					</Panel>
				</>
			)}
			{open.dialog === "import" && <ImportDialog onClose={close} />}
			{open.dialog === "form" && (
				<ApplianceForm
					appliance={open.appliance}
					onClose={close}
					onSaved={(appliance, test) => {
						close()
						if (test) void tests.test(appliance)
					}}
				/>
			)}
			{open.dialog === "details" && open.appliance && (
				<Details
					appliance={members.find(({ appliance }) => appliance.id === open.appliance?.id)?.appliance ?? open.appliance}
					testing={tests.testing.has(open.appliance.id)}
					onTest={(appliance) => void tests.test(appliance)}
					onStop={tests.stop}
					onClose={close}
				/>
			)}
			{open.dialog === "remove" && <Removal appliances={open.appliances} onClose={close} />}
			<ChangedKey failure={tests.changedKey} onClose={tests.closeChangedKey} />
		</>
	)
}

function ImportButton({ onClick }: { onClick(): void }) {
	return (
		<Button variant="default" leftSection={<IconUpload size={14} />} onClick={onClick}>
			Import
		</Button>
	)
}

function NoAppliances(props: { onAdd(): void; onImport(): void; demo: ReturnType<typeof useDemo> }) {
	const { onAdd, onImport, demo } = props
	return (
		<Empty
			icon={<IconServer2 />}
			title="No appliances yet"
			actions={
				<>
					<Button leftSection={<IconPlus size={15} />} onClick={onAdd}>
						Add appliance
					</Button>
					<ImportButton onClick={onImport} />
					<DemoButton demo={demo} />
				</>
			}
		>
			An appliance is a host you reach over SSH as root, or as a user who may use sudo or doas. Nothing needs to be
			installed on it: the runner is brought along. To look around first, add three demo appliances that live inside
			this program and can break nothing.
		</Empty>
	)
}
