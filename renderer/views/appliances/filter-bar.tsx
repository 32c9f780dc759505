import { ActionIcon, Button, Menu, Popover, Text, TextInput } from "@mantine/core"
import { IconChevronDown, IconFilter, IconFolders, IconHelp, IconTrash } from "@tabler/icons-react"
import { type RefObject, useState } from "react"
import { readFilter } from "../../../core/schema/fleet-filter.ts"
import { type FleetMember, matchesFilter } from "../../../core/schema/match-fleet.ts"
import { count } from "../../components/format.ts"
import { showProblem } from "../../components/show-problem.ts"
import classes from "./fleet.module.css"
import { SaveGroup } from "./save-group.tsx"
import type { useFilter, useGroups } from "./use-fleet.ts"

const CONDITIONS = [
	["kitchen 10.0.0", "words of name, address, tags and notes"],
	["tag:bakery,butcher", "one of these tags; with quotation marks where there are spaces"],
	["os:debian  node:>=20", "system and Node, as the last contact found them"],
	["module:fix@<1.2.0", "a pool of this module stands applied, at this version"],
	["outcome:failed", "the last run: applied, failed, degraded, lost, none …"],
	["is:unreachable", "or reachable, untested"],
	["seen:<7d  seen:>30d", "within these days, or longer ago; also seen:never"],
	["-tag:bakery", "not so"],
] as const

interface FilterBarProps {
	members: FleetMember[]
	filter: ReturnType<typeof useFilter>
	groups: ReturnType<typeof useGroups>
	field: RefObject<HTMLInputElement | null>
}

/** What of the fleet is shown: typed, or a saved group. */
export function FilterBar({ members, filter, groups, field }: FilterBarProps) {
	const [saving, setSaving] = useState(false)
	const isFiltered = filter.text.trim() !== ""
	const current = groups.groups.find((one) => one.filter === filter.text.trim())
	return (
		<div className={classes.bar}>
			<TextInput
				ref={field}
				className={classes.filter}
				leftSection={<IconFilter size={14} aria-hidden />}
				placeholder="Filter: words, tag:bakery, is:unreachable, seen:>30d"
				aria-label="Filter the appliances"
				value={filter.text}
				error={filter.fault}
				onChange={(event) => filter.change(event.currentTarget.value)}
				rightSection={<Conditions />}
			/>
			<Menu position="bottom-end" width={300}>
				<Menu.Target>
					<Button
						variant="default"
						leftSection={<IconFolders size={14} />}
						rightSection={<IconChevronDown size={14} />}
						className={classes.groups}
					>
						{current?.name ?? "Groups"}
					</Button>
				</Menu.Target>
				<Menu.Dropdown>
					<GroupItems members={members} filter={filter} groups={groups} />
					<Menu.Item disabled={!isFiltered || filter.fault !== undefined} onClick={() => setSaving(true)}>
						Save this filter as a group …
					</Menu.Item>
				</Menu.Dropdown>
			</Menu>
			<Text size="xs" c="dimmed" role="status" className={classes.count}>
				{isFiltered ? `${filter.shown.length} of ${members.length}` : count(members.length, "appliance")}
			</Text>
			{saving && <SaveGroup filter={filter.text} groups={groups} onClose={() => setSaving(false)} />}
		</div>
	)
}

function GroupItems({ members, filter, groups }: Omit<FilterBarProps, "field">) {
	return (
		<>
			{groups.groups.map(({ name, filter: text }) => (
				<div key={name} className={classes.group}>
					<Menu.Item className={classes.groupName} title={text} onClick={() => filter.change(text)}>
						<span>{name}</span> <span className={classes.groupCount}>{countOf(members, text)}</span>
					</Menu.Item>
					<Menu.Item
						className={classes.drop}
						aria-label={`Forget the group ${name}`}
						title={`Forget the group ${name}`}
						closeMenuOnClick={false}
						onClick={() => void groups.drop(name).catch(showProblem(`${name} is not forgotten`))}
					>
						<IconTrash size={14} aria-hidden />
					</Menu.Item>
				</div>
			))}
			{groups.groups.length > 0 && <Menu.Divider />}
			{filter.text !== "" && <Menu.Item onClick={() => filter.change("")}>Show the whole fleet</Menu.Item>}
		</>
	)
}

function countOf(members: FleetMember[], text: string): number {
	const read = readFilter(text)
	const now = Date.now()
	return read.ok ? members.filter((one) => matchesFilter(read.filter, one, now)).length : 0
}

function Conditions() {
	return (
		<Popover position="bottom-end" width={430} trapFocus={false}>
			<Popover.Target>
				<ActionIcon variant="subtle" color="gray" size="sm" aria-label="What a filter can say">
					<IconHelp size={15} />
				</ActionIcon>
			</Popover.Target>
			<Popover.Dropdown>
				<dl className={classes.conditions}>
					{CONDITIONS.map(([example, meaning]) => (
						<div key={example}>
							<dt>
								<code>{example}</code>
							</dt>
							<dd>{meaning}</dd>
						</div>
					))}
				</dl>
			</Popover.Dropdown>
		</Popover>
	)
}
