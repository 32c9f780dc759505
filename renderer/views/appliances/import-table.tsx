import { Checkbox, Table } from "@mantine/core"
import { IconEqual, IconPencil, IconPlus } from "@tabler/icons-react"
import { useVirtualizer } from "@tanstack/react-virtual"
import { useRef } from "react"
import { isStraight } from "../../../core/schema/address.ts"
import { changesOf, type ImportRow } from "../../../core/schema/fleet-import.ts"
import { Tag } from "../../components/outcome.tsx"
import appliances from "./appliances.module.css"
import classes from "./fleet.module.css"

/** What a row is chosen by: ranges and SSH configurations have several in one line. */
export function keyOf({ line, appliance }: ImportRow): string {
	return `${line} ${appliance.name}`
}

const FIELDS = {
	...{ name: "name", host: "address", port: "port", user: "user", signIn: "sign-in", become: "become root" },
	...{ jump: "jump hosts", tags: "tags", notes: "notes" },
}

interface ImportTableProps {
	rows: ImportRow[]
	chosen: ReadonlySet<string>
	onChoose(key: string, isRange: boolean): void
	onChooseAll(): void
}

/** What importing would do, an appliance a row. */
export function ImportTable({ rows, chosen, onChoose, onChooseAll }: ImportTableProps) {
	const box = useRef<HTMLDivElement>(null)
	const lines = useVirtualizer({
		count: rows.length,
		getScrollElement: () => box.current,
		estimateSize: () => 38,
		overscan: 8,
	})
	const drawn = lines.getVirtualItems()
	const open = rows.filter(({ standing }) => standing !== "same")
	const all = open.length > 0 && open.every((row) => chosen.has(keyOf(row)))
	return (
		<div ref={box} className={classes.preview}>
			<Table aria-label="Appliances to import" aria-rowcount={rows.length + 1}>
				<Table.Thead>
					<Table.Tr aria-rowindex={1}>
						<Table.Th className={classes.check}>
							<Checkbox
								size="xs"
								aria-label="Choose all"
								checked={all}
								indeterminate={!all && chosen.size > 0}
								disabled={open.length === 0}
								onChange={onChooseAll}
							/>
						</Table.Th>
						<Table.Th>Line</Table.Th>
						<Table.Th>Name</Table.Th>
						<Table.Th>Address</Table.Th>
						<Table.Th>In the fleet</Table.Th>
						<Table.Th>What it says</Table.Th>
					</Table.Tr>
				</Table.Thead>
				<Gap pixels={drawn[0]?.start ?? 0} />
				{drawn.map(({ index, key }) => {
					const row = rows[index]
					return row ? (
						<tbody key={key} ref={lines.measureElement} data-index={index}>
							<Row row={row} index={index} chosen={chosen.has(keyOf(row))} onChoose={onChoose} />
						</tbody>
					) : null
				})}
				<Gap pixels={lines.getTotalSize() - (drawn.at(-1)?.end ?? 0)} />
			</Table>
		</div>
	)
}

/** The rows that are not drawn. */
function Gap({ pixels }: { pixels: number }) {
	return pixels > 0 ? (
		<tbody aria-hidden>
			<tr style={{ height: pixels }} />
		</tbody>
	) : null
}

type RowProps = { row: ImportRow; index: number; chosen: boolean; onChoose: ImportTableProps["onChoose"] }

function Row({ row, index, chosen, onChoose }: RowProps) {
	const { name, user, host, port } = row.appliance
	return (
		<Table.Tr aria-rowindex={index + 2} className={chosen ? classes.chosen : undefined}>
			<Table.Td className={classes.check}>
				<Checkbox
					size="xs"
					aria-label={`Choose ${name}`}
					checked={chosen}
					disabled={row.standing === "same"}
					onChange={(event) => onChoose(keyOf(row), (event.nativeEvent as MouseEvent).shiftKey)}
				/>
			</Table.Td>
			<Table.Td className={classes.line}>{row.line}</Table.Td>
			<Table.Th scope="row">{name}</Table.Th>
			<Table.Td className={appliances.address}>
				{user}@{host}
				{port === 22 ? "" : `:${port}`}
			</Table.Td>
			<Table.Td>
				<Standing standing={row.standing} />
			</Table.Td>
			<Table.Td className={classes.changes}>
				<Said row={row} />
			</Table.Td>
		</Table.Tr>
	)
}

function Standing({ standing }: Pick<ImportRow, "standing">) {
	if (standing === "new")
		return (
			<Tag tone="good" icon={<IconPlus size={14} />}>
				New
			</Tag>
		)
	if (standing === "changed")
		return (
			<Tag tone="warn" icon={<IconPencil size={14} />}>
				Changed
			</Tag>
		)
	return (
		<Tag tone="mute" icon={<IconEqual size={14} />}>
			Same
		</Tag>
	)
}

/** Of a new one what it comes with; of a known one what would change. */
function Said({ row }: { row: ImportRow }) {
	if (row.standing === "changed") {
		return changesOf(row).map(({ field, from, to }) => (
			<div key={field}>
				{FIELDS[field]}: <del>{from || "nothing"}</del> → <ins>{to || "nothing"}</ins>
			</div>
		))
	}
	const { tags, jump, signIn, become } = row.appliance
	const parts = [
		signIn.method === "agent" ? "" : signIn.method,
		become === "none" ? "" : become,
		isStraight(jump) ? "" : `via ${jump}`,
		tags.join(", "),
	]
	return parts.filter(Boolean).join("; ")
}
