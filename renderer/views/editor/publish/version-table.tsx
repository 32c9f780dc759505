import { Button, Table } from "@mantine/core"
import type { PublishedVersion, Versions } from "../../../../core/schema/library.ts"
import { Tag } from "../../../components/outcome.tsx"
import { Ago } from "../../../components/time.tsx"
import { useEditing } from "../context.ts"
import classes from "../editor.module.css"
import own from "./publish.module.css"

interface TableProps {
	versions: Versions
	onCheckout(version: string): void
	onCompare(version: string): void
}

/** Every published version and every kept state, with what can be done with it. */
export function VersionTable({ versions, onCheckout, onCompare }: TableProps) {
	const working = useEditing(({ module }) => module.standing.working)
	const current = working.state === "published" ? working.version : undefined
	return (
		<Table.ScrollContainer minWidth={640} type="native">
			<Table className={own.table}>
				<Table.Thead>
					<Table.Tr>
						<Table.Th>Version</Table.Th>
						<Table.Th>Published</Table.Th>
						<Table.Th>Note</Table.Th>
						<Table.Th>
							<span className={classes.srOnly}>Actions</span>
						</Table.Th>
					</Table.Tr>
				</Table.Thead>
				<Table.Tbody>
					{versions.versions.map((one) => (
						<VersionRow
							key={one.version}
							version={one}
							isSafe={one.version === versions.lastSafe}
							isCurrent={one.version === current}
							onCheckout={onCheckout}
							onCompare={onCompare}
						/>
					))}
					{versions.kept.map(({ name, keptAt }) => (
						<Table.Tr key={name}>
							<Table.Th scope="row">Kept state</Table.Th>
							<Table.Td>
								<Ago time={keptAt} />
							</Table.Td>
							<Table.Td className={classes.soft}>What stood here before a checkout</Table.Td>
							<Table.Td>
								<RowActions
									name={name}
									what={`the state kept ${keptAt}`}
									onCheckout={onCheckout}
									onCompare={onCompare}
								/>
							</Table.Td>
						</Table.Tr>
					))}
				</Table.Tbody>
			</Table>
		</Table.ScrollContainer>
	)
}

interface RowProps {
	version: PublishedVersion
	isSafe: boolean
	isCurrent: boolean
	onCheckout(version: string): void
	onCompare(version: string): void
}

function VersionRow({ version: one, isSafe, isCurrent, onCheckout, onCompare }: RowProps) {
	return (
		<Table.Tr>
			<Table.Th scope="row" className={own.versionCell}>
				{one.version}
				{isCurrent && <Tag tone="calm">working files</Tag>}
				{isSafe && (
					<span title="The newest one that stands on every appliance it was applied to, without a failure">
						<Tag tone="good">last safe version</Tag>
					</span>
				)}
				{one.state !== "sound" && <Tag tone="warn">{stateWords[one.state]}</Tag>}
			</Table.Th>
			<Table.Td className={own.nowrap}>
				<span title={one.tag}>{one.date}</span>
				<div className={classes.soft}>{one.author?.replace(/ <.*/, "")}</div>
			</Table.Td>
			<Table.Td className={own.noteCell}>{one.message}</Table.Td>
			<Table.Td>
				{one.state !== "unreadable" && (
					<RowActions
						name={one.version}
						what={one.version}
						onCheckout={isCurrent ? undefined : onCheckout}
						onCompare={onCompare}
					/>
				)}
			</Table.Td>
		</Table.Tr>
	)
}

const stateWords = {
	"tag-moved": "its tag was moved",
	"tag-deleted": "its tag was deleted",
	unreadable: "not in this repository",
}

interface ActionsProps {
	name: string
	what: string
	onCheckout: ((version: string) => void) | undefined
	onCompare(version: string): void
}

function RowActions({ name, what, onCheckout, onCompare }: ActionsProps) {
	const button = { size: "compact-xs", variant: "subtle" } as const
	return (
		<div className={own.rowActions}>
			<Button {...button} aria-label={`Compare ${what} with the working files`} onClick={() => onCompare(name)}>
				Compare
			</Button>
			{onCheckout && (
				<Button {...button} aria-label={`Check out ${what}`} onClick={() => onCheckout(name)}>
					Check out
				</Button>
			)}
		</div>
	)
}
