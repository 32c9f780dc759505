import { Button, TextInput } from "@mantine/core"
import { IconPlus, IconSearch, IconServer2 } from "@tabler/icons-react"
import { useState } from "react"
import type { ApplianceState } from "../../../core/schema/desktop.ts"
import { Empty } from "../../components/empty.tsx"
import { count } from "../../components/format.ts"
import { ViewHead } from "../../components/panel.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { useDesktop } from "../../stores/context.ts"
import { useKeys } from "../shell/shortcuts.tsx"
import { ApplianceForm } from "./appliance-form.tsx"
import { ApplianceTable } from "./appliance-table.tsx"
import { ChangedKey } from "./changed-key.tsx"
import { DemoButton } from "./demo-button.tsx"
import { Details } from "./details.tsx"
import { Removal } from "./removal.tsx"
import { useDemo } from "./use-demo.ts"
import { useTests } from "./use-tests.ts"

type Open = { dialog: "none" } | { dialog: "form" | "remove" | "details"; appliance?: ApplianceState }

/** The fleet: every appliance the engineer wrote down. */
export function AppliancesView() {
	const appliances = useDesktop((desktop) => desktop.state?.appliances) ?? []
	const [open, setOpen] = useState<Open>({ dialog: "none" })
	const [search, setSearch] = useState("")
	const tests = useTests()
	const demo = useDemo()
	const close = () => setOpen({ dialog: "none" })
	const add = () => setOpen({ dialog: "form" })
	useKeys({ n: add })

	return (
		<>
			<ViewHead
				title="Appliances"
				note={appliances.length > 0 ? `${count(appliances.length, "appliance")} in the fleet` : undefined}
				actions={
					appliances.length > 0 && (
						<>
							<TextInput
								leftSection={<IconSearch size={14} aria-hidden />}
								placeholder="Search"
								aria-label="Search appliances"
								value={search}
								onChange={(event) => setSearch(event.currentTarget.value)}
							/>
							{!appliances.some((one) => one.embedded) && <DemoButton demo={demo} />}
							<Button leftSection={<IconPlus size={15} />} onClick={add}>
								Add appliance
							</Button>
						</>
					)
				}
			/>
			{demo.error !== undefined && <ProblemNote error={demo.error} />}
			{appliances.length === 0 ? (
				<NoAppliances onAdd={add} demo={demo} />
			) : (
				<ApplianceTable
					appliances={appliances.filter((one) => matches(one, search))}
					testing={tests.testing}
					onTest={(appliance) => void tests.test(appliance)}
					onShow={(appliance) => setOpen({ dialog: "details", appliance })}
					onEdit={(appliance) => setOpen({ dialog: "form", appliance })}
					onRemove={(appliance) => setOpen({ dialog: "remove", appliance })}
				/>
			)}
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
					appliance={appliances.find(({ id }) => id === open.appliance?.id) ?? open.appliance}
					testing={tests.testing.has(open.appliance.id)}
					onTest={(appliance) => void tests.test(appliance)}
					onClose={close}
				/>
			)}
			{open.dialog === "remove" && open.appliance && <Removal appliance={open.appliance} onClose={close} />}
			<ChangedKey failure={tests.changedKey} onClose={tests.closeChangedKey} />
		</>
	)
}

function matches(appliance: ApplianceState, search: string): boolean {
	const text = [
		appliance.name,
		appliance.host,
		appliance.user,
		appliance.jump ?? "",
		...appliance.tags,
		appliance.notes,
	].join(" ")
	return text.toLowerCase().includes(search.trim().toLowerCase())
}

function NoAppliances({ onAdd, demo }: { onAdd(): void; demo: ReturnType<typeof useDemo> }) {
	return (
		<Empty
			icon={<IconServer2 />}
			title="No appliances yet"
			actions={
				<>
					<Button leftSection={<IconPlus size={15} />} onClick={onAdd}>
						Add appliance
					</Button>
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
