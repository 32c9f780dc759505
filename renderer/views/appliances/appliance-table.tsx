import { ActionIcon, Badge, Button, Menu, Table, Text, Tooltip } from "@mantine/core"
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
import type { ApplianceState, DesktopRun } from "../../../core/schema/desktop.ts"
import { RunTag, Spinner, Tag } from "../../components/outcome.tsx"
import { Panel } from "../../components/panel.tsx"
import { Ago } from "../../components/time.tsx"
import { problemOfFailure } from "../../rpc/problem.ts"
import { useDesktop } from "../../stores/context.ts"
import { hashOf } from "../../stores/route.ts"
import { showHistoryOf } from "../history/filters.ts"
import classes from "./appliances.module.css"

interface RowActions {
	onTest(appliance: ApplianceState): void
	onShow(appliance: ApplianceState): void
	onEdit(appliance: ApplianceState): void
	onRemove(appliance: ApplianceState): void
}

export function ApplianceTable(props: { appliances: ApplianceState[]; testing: ReadonlySet<string> } & RowActions) {
	const runs = useDesktop((desktop) => desktop.state?.runs) ?? []
	return (
		<Panel label="Fleet">
			<Table.ScrollContainer minWidth={700} type="native">
				<Table className={classes.table}>
					<Table.Thead>
						<Table.Tr>
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
					<Table.Tbody>
						{props.appliances.map((appliance) => (
							<Row
								key={appliance.id}
								appliance={appliance}
								testing={props.testing.has(appliance.id)}
								lastRun={runs.find((run) => run.applianceId === appliance.id)}
								onTest={props.onTest}
								onShow={props.onShow}
								onEdit={props.onEdit}
								onRemove={props.onRemove}
							/>
						))}
					</Table.Tbody>
				</Table>
			</Table.ScrollContainer>
			{props.appliances.length === 0 && (
				<Text size="sm" c="dimmed" p="lg" ta="center">
					No appliance fits the search.
				</Text>
			)}
		</Panel>
	)
}

type RowProps = { appliance: ApplianceState; testing: boolean; lastRun: DesktopRun | undefined } & RowActions

function Row({ appliance, testing, lastRun, ...actions }: RowProps) {
	const { facts, lastSeen, lastFailure } = appliance
	const tags = appliance.tags.filter((tag) => !(appliance.embedded && tag === "demo"))
	return (
		<>
			<Table.Tr data-failed={lastFailure !== undefined || undefined}>
				<Table.Th scope="row" className={classes.name}>
					<button type="button" className={classes.open} onClick={() => actions.onShow(appliance)}>
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
					<RowButtons appliance={appliance} testing={testing} {...actions} />
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
			<Table.Td colSpan={6}>
				<b>{what}</b> {next}
			</Table.Td>
		</Table.Tr>
	)
}

function RowButtons({
	appliance,
	testing,
	onTest,
	onShow,
	onEdit,
	onRemove,
}: { appliance: ApplianceState; testing: boolean } & RowActions) {
	return (
		<>
			<Button
				size="compact-xs"
				variant="default"
				leftSection={<IconPlugConnected size={13} />}
				disabled={testing}
				onClick={() => onTest(appliance)}
				aria-label={`Test ${appliance.name}`}
			>
				Test
			</Button>
			<Menu position="bottom-end" width={160}>
				<Menu.Target>
					<Tooltip label="More">
						<ActionIcon variant="subtle" color="gray" size="sm" aria-label={`More for ${appliance.name}`}>
							<IconDots size={16} />
						</ActionIcon>
					</Tooltip>
				</Menu.Target>
				<Menu.Dropdown>
					<Menu.Item leftSection={<IconInfoCircle size={14} />} onClick={() => onShow(appliance)}>
						Details
					</Menu.Item>
					<Menu.Item leftSection={<IconPencil size={14} />} onClick={() => onEdit(appliance)}>
						Edit
					</Menu.Item>
					<Menu.Item leftSection={<IconHistory size={14} />} onClick={() => showHistoryOf(appliance.id)}>
						History
					</Menu.Item>
					<Menu.Item color="red" leftSection={<IconTrash size={14} />} onClick={() => onRemove(appliance)}>
						Remove
					</Menu.Item>
				</Menu.Dropdown>
			</Menu>
		</>
	)
}
