import { ActionIcon, Menu, Table, Text } from "@mantine/core"
import { IconArchive, IconArchiveOff, IconCopy, IconDots, IconEyeOff } from "@tabler/icons-react"
import type { LibraryModule } from "../../../core/schema/library.ts"
import { count } from "../../components/format.ts"
import { Tag } from "../../components/outcome.tsx"
import { Ago } from "../../components/time.tsx"
import { problemOfFailure } from "../../rpc/problem.ts"
import { goTo, hashOf } from "../../stores/route.ts"
import classes from "./library.module.css"
import { standingWords } from "./standing-words.ts"

interface TableProps {
	modules: LibraryModule[]
	onDuplicate(module: LibraryModule): void
	onArchive(module: LibraryModule): void
	onForget(module: LibraryModule): void
}

/** One row a module; its name opens it. */
export function ModuleTable({ modules, ...actions }: TableProps) {
	return (
		<>
			<Table.ScrollContainer minWidth={760} type="native">
				<Table className={classes.table} highlightOnHover>
					<Table.Thead>
						<Table.Tr>
							<Table.Th>Module</Table.Th>
							<Table.Th>Version</Table.Th>
							<Table.Th>Published</Table.Th>
							<Table.Th>Findings</Table.Th>
							<Table.Th>Changed</Table.Th>
							<Table.Th>
								<span className={classes.srOnly}>Actions</span>
							</Table.Th>
						</Table.Tr>
					</Table.Thead>
					<Table.Tbody>
						{modules.map((module) => (
							<Row key={module.folder} module={module} actions={actions} />
						))}
					</Table.Tbody>
				</Table>
			</Table.ScrollContainer>
			{modules.length === 0 && (
				<Text size="sm" c="dimmed" p="lg" ta="center">
					No module fits.
				</Text>
			)}
		</>
	)
}

function Row({ module, actions }: { module: LibraryModule; actions: Omit<TableProps, "modules"> }) {
	const route = { view: "module" as const, folder: module.folder, tab: "pools" as const }
	const { words, tone } = standingWords(module.working, module.published)
	return (
		<Table.Tr className={classes.row} onClick={() => goTo(route)}>
			<Table.Th scope="row" className={classes.nameCell}>
				<a className={classes.link} href={hashOf(route)} onClick={(event) => event.stopPropagation()}>
					{module.name}
				</a>
				<div className={classes.description}>{module.description}</div>
				{!module.isOwn && <div className={classes.folder}>{module.folder}</div>}
			</Table.Th>
			<Table.Td className={classes.number}>{module.version}</Table.Td>
			<Table.Td className={classes.nowrap}>
				<Tag tone={tone}>{words}</Tag>
				{module.published && <div className={classes.soft}>{module.published.date}</div>}
			</Table.Td>
			<Table.Td>
				<Findings module={module} />
			</Table.Td>
			<Table.Td className={classes.nowrap}>{module.changedAt && <Ago time={module.changedAt} />}</Table.Td>
			<Table.Td onClick={(event) => event.stopPropagation()}>
				<RowMenu module={module} actions={actions} />
			</Table.Td>
		</Table.Tr>
	)
}

function Findings({ module: { problem, faults, warnings } }: { module: LibraryModule }) {
	if (problem) return <span className={classes.bad}>{problemOfFailure(problem).what}</span>
	if (faults > 0) return <Tag tone="bad">{count(faults, "fault")}</Tag>
	if (warnings > 0) return <Tag tone="warn">{count(warnings, "warning")}</Tag>
	return <span className={classes.soft}>none</span>
}

function RowMenu({ module, actions }: { module: LibraryModule; actions: Omit<TableProps, "modules"> }) {
	return (
		<Menu position="bottom-end">
			<Menu.Target>
				<ActionIcon variant="subtle" color="gray" aria-label={`More for ${module.name}`}>
					<IconDots size={16} />
				</ActionIcon>
			</Menu.Target>
			<Menu.Dropdown>
				<Menu.Item leftSection={<IconCopy size={14} />} onClick={() => actions.onDuplicate(module)}>
					Duplicate …
				</Menu.Item>
				<Menu.Item
					leftSection={module.isArchived ? <IconArchiveOff size={14} /> : <IconArchive size={14} />}
					onClick={() => actions.onArchive(module)}
				>
					{module.isArchived ? "Bring back" : "Archive"}
				</Menu.Item>
				{!module.isOwn && (
					<Menu.Item leftSection={<IconEyeOff size={14} />} onClick={() => actions.onForget(module)}>
						Take off the list, its files stay
					</Menu.Item>
				)}
			</Menu.Dropdown>
		</Menu>
	)
}
