import { ActionIcon, Badge, Button, Checkbox, Menu, Table, Text } from "@mantine/core"
import {
	IconCheck,
	IconDots,
	IconHistory,
	IconInfoCircle,
	IconPencil,
	IconPlugConnected,
	IconPlugOff,
	IconQuestionMark,
	IconTrash,
} from "@tabler/icons-react"
import { useVirtualizer } from "@tanstack/react-virtual"
import { type KeyboardEvent, memo, useMemo, useRef, useState } from "react"
import type { ApplianceState } from "../../../core/schema/desktop.ts"
import type { FleetMember } from "../../../core/schema/match-fleet.ts"
import { StopButton } from "../../components/awaited.tsx"
import { RunTag, Spinner, Tag } from "../../components/outcome.tsx"
import { Ago } from "../../components/time.tsx"
import { problemOfFailure } from "../../rpc/problem.ts"
import { hashOf } from "../../stores/route.ts"
import { showHistoryOf } from "../history/filters.ts"
import classes from "./appliances.module.css"
import fleet from "./fleet.module.css"

interface RowActions {
	/** `isRange`: everything between the one before and this one. */
	onChoose(id: string, isRange: boolean): void
	onTest(appliance: ApplianceState): void
	onStop(appliance: ApplianceState): void
	onShow(appliance: ApplianceState): void
	onEdit(appliance: ApplianceState): void
	onRemove(appliance: ApplianceState): void
}

/** Of most rows, until they are measured: with tags, and without a failure below. */
const ROW_PIXELS = 51
/** Rows that a key goes on by. */
const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -1e9, End: 1e9 }

type TableProps = {
	members: FleetMember[]
	testing: ReadonlySet<string>
	chosen: ReadonlySet<string>
	onChooseShown(): void
} & RowActions

/** The fleet, however large: only the rows in sight are drawn. */
export function ApplianceTable({ members, testing, chosen, onChooseShown, ...actions }: TableProps) {
	const box = useRef<HTMLDivElement>(null)
	const act = useSteady(actions)
	const [menu, setMenu] = useState<MenuAt>()
	const rows = useVirtualizer({
		count: members.length,
		getScrollElement: () => box.current,
		estimateSize: () => ROW_PIXELS,
		getItemKey: (index) => members[index]?.appliance.id ?? index,
		overscan: 8,
	})
	const press = (event: KeyboardEvent<HTMLElement>) => {
		const at = Number((event.target as HTMLElement).closest("tbody")?.dataset.index ?? Number.NaN)
		const step = STEPS[event.key]
		if ((event.ctrlKey || event.metaKey) && event.key === "a") {
			event.preventDefault()
			onChooseShown()
		} else if (step !== undefined && !Number.isNaN(at) && (event.target as HTMLElement).matches("[type=checkbox]")) {
			event.preventDefault()
			const to = Math.max(0, Math.min(members.length - 1, at + step))
			rows.scrollToIndex(to)
			// The row may only be there after it was scrolled to.
			requestAnimationFrame(() => focusBox(box.current, to))
		}
	}
	const drawn = rows.getVirtualItems()
	const all = members.length > 0 && members.every(({ appliance }) => chosen.has(appliance.id))
	return (
		<>
			{/* biome-ignore lint/a11y/noStaticElementInteractions: keys of the rows come up to here */}
			<div ref={box} className={fleet.box} onKeyDown={press}>
				<Table className={classes.table} miw={740} aria-rowcount={members.length + 1}>
					<Table.Thead>
						<Table.Tr aria-rowindex={1}>
							<Table.Th className={fleet.check}>
								<Checkbox
									size="xs"
									aria-label="Choose all that are shown"
									checked={all}
									indeterminate={!all && chosen.size > 0}
									disabled={members.length === 0}
									onChange={onChooseShown}
								/>
							</Table.Th>
							<Table.Th>Name</Table.Th>
							<Table.Th>Address</Table.Th>
							<Table.Th>State</Table.Th>
							<Table.Th>Last seen</Table.Th>
							<Table.Th>Last run</Table.Th>
							<Table.Th>
								<span className={classes.hidden}>Actions</span>
							</Table.Th>
						</Table.Tr>
					</Table.Thead>
					<Gap pixels={drawn[0]?.start ?? 0} />
					{drawn.map(({ index, key }) => {
						const member = members[index]
						if (!member) return null
						const { id } = member.appliance
						return (
							<tbody key={key} ref={rows.measureElement} data-index={index}>
								<Row
									member={member}
									index={index}
									testing={testing.has(id)}
									chosen={chosen.has(id)}
									act={act}
									onMenu={setMenu}
								/>
							</tbody>
						)
					})}
					<Gap pixels={rows.getTotalSize() - (drawn.at(-1)?.end ?? 0)} />
				</Table>
			</div>
			{menu && <RowMenu at={menu} act={act} onClose={() => setMenu(undefined)} />}
			{members.length === 0 && (
				<Text size="sm" c="dimmed" p="lg" ta="center">
					No appliance fits the filter.
				</Text>
			)}
		</>
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

function focusBox(box: HTMLElement | null, index: number): void {
	box?.querySelector<HTMLElement>(`[data-index="${index}"] [type=checkbox]`)?.focus()
}

/** The same object at every drawing, that does what is to be done by then: a row is drawn anew only for what it shows. */
function useSteady(actions: RowActions): RowActions {
	const latest = useRef(actions)
	latest.current = actions
	return useMemo(
		() => ({
			onChoose: (...given) => latest.current.onChoose(...given),
			onTest: (appliance) => latest.current.onTest(appliance),
			onStop: (appliance) => latest.current.onStop(appliance),
			onShow: (appliance) => latest.current.onShow(appliance),
			onEdit: (appliance) => latest.current.onEdit(appliance),
			onRemove: (appliance) => latest.current.onRemove(appliance),
		}),
		[],
	)
}

interface RowProps {
	member: FleetMember
	index: number
	testing: boolean
	chosen: boolean
	act: RowActions
	onMenu(at: MenuAt): void
}

const Row = memo(OneRow)

function OneRow({ member, index, testing, chosen, act, onMenu }: RowProps) {
	const { appliance, lastRun } = member
	const { facts, lastSeen, lastFailure } = appliance
	const tags = appliance.tags.filter((tag) => !(appliance.embedded && tag === "demo"))
	return (
		<>
			<Table.Tr
				data-failed={lastFailure !== undefined || undefined}
				aria-rowindex={index + 2}
				className={chosen ? fleet.chosen : undefined}
			>
				<Table.Td className={fleet.check}>
					<Checkbox
						size="xs"
						aria-label={`Choose ${appliance.name}`}
						checked={chosen}
						// A click with Shift held, or Shift and the space bar.
						onChange={(event) => act.onChoose(appliance.id, (event.nativeEvent as MouseEvent).shiftKey)}
					/>
				</Table.Td>
				<Table.Th scope="row" className={classes.name}>
					<button type="button" className={classes.open} onClick={() => act.onShow(appliance)}>
						{appliance.name}
					</button>
					{appliance.embedded && (
						<Badge size="xs" variant="light" color="gray" className={classes.demo}>
							demo
						</Badge>
					)}
					{tags.length > 0 && <span className={classes.second}>{tags.join(", ")}</span>}
				</Table.Th>
				<Table.Td className={classes.address}>
					{appliance.user}@{appliance.host}
					{appliance.port === 22 ? "" : `:${appliance.port}`}
					<span className={classes.second}>{wayOf(appliance)}</span>
				</Table.Td>
				<Table.Td>
					<Reach appliance={appliance} testing={testing} />
					{facts && (
						<span
							className={classes.second}
							title={`${facts.os}, ${facts.hostname}, Node ${facts.node}${facts.systemd ? ", systemd" : ""}`}
						>
							{facts.os.replace(/ \([^)]*\)$/, "")}
						</span>
					)}
				</Table.Td>
				<Table.Td className={classes.soft}>{lastSeen ? <Ago time={lastSeen} /> : "never"}</Table.Td>
				<Table.Td>
					{lastRun ? (
						<a
							className={classes.runLink}
							href={hashOf({ view: "live", batch: lastRun.batch, run: lastRun.id })}
							title={`${lastRun.module.name} ${lastRun.module.version}`}
						>
							<RunTag run={lastRun} />
						</a>
					) : (
						<span className={classes.soft}>none</span>
					)}
				</Table.Td>
				<Table.Td className={classes.actions}>
					<RowButtons appliance={appliance} testing={testing} act={act} onMenu={onMenu} />
				</Table.Td>
			</Table.Tr>
			{lastFailure && !testing && <FailureRow appliance={appliance} />}
		</>
	)
}

const methods = { agent: "agent", key: "key file", password: "password" }

/** "key file, doas, via bastion" */
function wayOf(appliance: ApplianceState): string {
	const { signIn, become } = appliance
	const hops = hopsOf(appliance)
	const parts = [
		methods[signIn.method],
		become === "none" ? "" : become,
		hops.length > 0 ? `via ${hops.join(", ")}` : "",
	]
	return parts.filter(Boolean).join(", ")
}

/** Jump hosts as they are written down; else those of the last connection. */
export function hopsOf({ jump, facts }: ApplianceState): string[] {
	if (jump === undefined) return facts?.connection?.via ?? []
	return jump === "none" ? [] : jump.split(",")
}

/** How an appliance stood last time. */
export function Reach({ appliance, testing }: { appliance: ApplianceState; testing: boolean }) {
	if (testing) {
		return (
			<Tag tone="live" icon={<Spinner />}>
				Testing
			</Tag>
		)
	}
	if (appliance.lastFailure) {
		return (
			<Tag tone="bad" icon={<IconPlugOff size={14} />}>
				Not reached
			</Tag>
		)
	}
	if (appliance.facts) {
		return (
			<Tag tone="good" icon={<IconCheck size={14} stroke={2.4} />}>
				Ready
			</Tag>
		)
	}
	return (
		<Tag tone="mute" icon={<IconQuestionMark size={14} />}>
			Not tested
		</Tag>
	)
}

function FailureRow({ appliance }: { appliance: ApplianceState }) {
	if (!appliance.lastFailure) return null
	const { what, next } = problemOfFailure(appliance.lastFailure)
	return (
		<Table.Tr className={classes.failure}>
			<Table.Td colSpan={7}>
				<b>{what}</b> {next}
			</Table.Td>
		</Table.Tr>
	)
}

const RowButtons = memo(ButtonsOfRow)

function ButtonsOfRow({ appliance, testing, act, onMenu }: Pick<RowProps, "testing" | "act" | "onMenu"> & OfAppliance) {
	return (
		<>
			{testing ? (
				<StopButton size="compact-xs" what={`testing ${appliance.name}`} onStop={() => act.onStop(appliance)} />
			) : (
				<Button
					size="compact-xs"
					variant="default"
					leftSection={<IconPlugConnected size={13} />}
					onClick={() => act.onTest(appliance)}
					aria-label={`Test ${appliance.name}`}
				>
					Test
				</Button>
			)}
			<ActionIcon
				variant="subtle"
				color="gray"
				size="sm"
				title="More"
				aria-haspopup="menu"
				aria-label={`More for ${appliance.name}`}
				onClick={(event) => {
					onMenu({ appliance, button: event.currentTarget })
				}}
			>
				<IconDots size={16} />
			</ActionIcon>
		</>
	)
}

interface OfAppliance {
	appliance: ApplianceState
}
/** Whose menu is open, and where. One for all of them: thousands would take longer to make than to read. */
type MenuAt = OfAppliance & { button: HTMLElement }

function RowMenu({ at: { appliance, button }, act, onClose }: { at: MenuAt; act: RowActions; onClose(): void }) {
	const { right, bottom } = button.getBoundingClientRect()
	const close = () => {
		// Before a dialog opens, which gives the focus back to where it was.
		button.focus()
		onClose()
	}
	return (
		<Menu position="bottom-end" width={160} opened returnFocus={false} onChange={(isOpen) => isOpen || close()}>
			<Menu.Target>
				<span className={fleet.anchor} style={{ left: right, top: bottom }} />
			</Menu.Target>
			<Menu.Dropdown>
				<Menu.Item leftSection={<IconInfoCircle size={14} />} onClick={() => act.onShow(appliance)}>
					Details
				</Menu.Item>
				<Menu.Item leftSection={<IconPencil size={14} />} onClick={() => act.onEdit(appliance)}>
					Edit
				</Menu.Item>
				<Menu.Item leftSection={<IconHistory size={14} />} onClick={() => showHistoryOf(appliance.id)}>
					History
				</Menu.Item>
				<Menu.Item color="red" leftSection={<IconTrash size={14} />} onClick={() => act.onRemove(appliance)}>
					Remove
				</Menu.Item>
			</Menu.Dropdown>
		</Menu>
	)
}
