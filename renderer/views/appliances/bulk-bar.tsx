import { Button, Menu } from "@mantine/core"
import {
	IconChevronDown,
	IconDownload,
	IconPlayerPlay,
	IconStack2,
	IconTags,
	IconTrash,
	IconX,
} from "@tabler/icons-react"
import { useState } from "react"
import type { ApplianceState } from "../../../core/schema/desktop.ts"
import { count } from "../../components/format.ts"
import { showProblem } from "../../components/show-problem.ts"
import { download } from "../../report/download.ts"
import type { Api } from "../../rpc/api.ts"
import { useApp } from "../../stores/context.ts"
import { goTo } from "../../stores/route.ts"
import classes from "./fleet.module.css"
import { TagsDialog } from "./tags-dialog.tsx"

/** What can be done with all that are chosen. */
export function BulkBar(props: { chosen: ApplianceState[]; onRemove(): void; onClear(): void }) {
	const { chosen, onRemove, onClear } = props
	const { workspace, rolloutDraft } = useApp()
	const [tagging, setTagging] = useState(false)
	const run = () => {
		workspace.choose({ applianceIds: chosen.map(({ id }) => id) })
		goTo({ view: "run" })
	}
	const rollOut = () => {
		rolloutDraft.change({ applianceIds: new Set(chosen.map(({ id }) => id)), canary: [] })
		goTo({ view: "new-rollout" })
	}
	return (
		<div className={classes.bulk} role="toolbar" aria-label="With the chosen appliances">
			<b>{count(chosen.length, "appliance")} chosen</b>
			<Button size="compact-xs" variant="default" leftSection={<IconPlayerPlay size={13} />} onClick={run}>
				Run on these
			</Button>
			<Button size="compact-xs" variant="default" leftSection={<IconStack2 size={13} />} onClick={rollOut}>
				Roll out to these …
			</Button>
			<Button size="compact-xs" variant="default" leftSection={<IconTags size={13} />} onClick={() => setTagging(true)}>
				Tags …
			</Button>
			<ExportMenu size="compact-xs" label="Export" chosen={chosen} />
			<Button size="compact-xs" variant="default" leftSection={<IconTrash size={13} />} onClick={onRemove}>
				Remove …
			</Button>
			<Button size="compact-xs" variant="subtle" color="gray" leftSection={<IconX size={13} />} onClick={onClear}>
				Choose none
			</Button>
			{tagging && <TagsDialog chosen={chosen} onClose={() => setTagging(false)} />}
		</div>
	)
}

/** Saves appliances as a file; all of the fleet where none are named. */
export function ExportMenu(props: { label: string; size?: "compact-xs"; chosen?: ApplianceState[] }) {
	const { api } = useApp()
	const save = (format: "csv" | "ansible-yaml") =>
		void exportAs(api, format, props.chosen).catch(showProblem("Nothing was exported"))
	return (
		<Menu position="bottom-end">
			<Menu.Target>
				<Button
					variant="default"
					{...(props.size && { size: props.size })}
					leftSection={<IconDownload size={14} />}
					rightSection={<IconChevronDown size={14} />}
				>
					{props.label}
				</Button>
			</Menu.Target>
			<Menu.Dropdown>
				<Menu.Item onClick={() => save("csv")}>Table, CSV</Menu.Item>
				<Menu.Item onClick={() => save("ansible-yaml")}>Ansible inventory, YAML</Menu.Item>
			</Menu.Dropdown>
		</Menu>
	)
}

async function exportAs(api: Api, format: "csv" | "ansible-yaml", chosen: ApplianceState[] | undefined) {
	const { text } = await api.fleet.export({ format, ...(chosen && { ids: chosen.map(({ id }) => id) }) })
	// A spreadsheet takes a table without a mark for one in the country's own characters.
	const [mark, name, type] = format === "csv" ? ["\ufeff", "fleet.csv", "text/csv"] : ["", "fleet.yml", "text/yaml"]
	download(new Blob([mark, text], { type: `${type};charset=utf-8` }), name)
}
