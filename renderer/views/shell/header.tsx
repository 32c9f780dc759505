import { ActionIcon, Menu, Tooltip, useComputedColorScheme } from "@mantine/core"
import {
	IconBell,
	IconBellOff,
	IconCheck,
	IconDeviceDesktop,
	IconKeyboard,
	IconMoon,
	IconPlugConnected,
	IconSearch,
	IconSun,
} from "@tabler/icons-react"
import { Spinner, Tag } from "../../components/outcome.tsx"
import icon from "../../icon.svg"
import { useApp, useDesktop, useKept, useRollouts } from "../../stores/context.ts"
import { isEnded } from "../../stores/desktop.ts"
import { goTo } from "../../stores/route.ts"
import { openPalette } from "../palette/palette.tsx"
import { useNotifying } from "./notify/use-notifying.ts"
import classes from "./shell.module.css"
import { shortcuts } from "./shortcut-list.ts"
import { openShortcuts } from "./shortcuts.tsx"

export function Header() {
	return (
		<header className={classes.header}>
			<img src={icon} alt="" width={22} height={22} />
			<span className={classes.product}>Hotfix Manager</span>
			<span className={classes.spacer} />
			<RunsUnderWay />
			<ConnectionTag />
			<Tooltip label={`Find anything (${shortcuts.palette.keys.join("+")})`}>
				<ActionIcon variant="subtle" color="gray" aria-label="Find anything" onClick={openPalette}>
					<IconSearch size={18} />
				</ActionIcon>
			</Tooltip>
			<NotifySwitch />
			<ThemeMenu />
			<Tooltip label="Keyboard shortcuts (?)">
				<ActionIcon variant="subtle" color="gray" aria-label="Keyboard shortcuts" onClick={openShortcuts}>
					<IconKeyboard size={18} />
				</ActionIcon>
			</Tooltip>
		</header>
	)
}

/** Pressed: the system tells when a long run ends while this window is out of sight. */
function NotifySwitch() {
	const { on, toggle } = useNotifying()
	return (
		<Tooltip label={on ? "Notifies when a long run ends: on" : "Notify when a long run ends: off"}>
			<ActionIcon
				variant="subtle"
				color="gray"
				aria-label="Notify when a long run ends"
				aria-pressed={on}
				onClick={() => void toggle()}
			>
				{on ? <IconBell size={18} /> : <IconBellOff size={18} />}
			</ActionIcon>
		</Tooltip>
	)
}

function RunsUnderWay() {
	const runs = useDesktop((desktop) => desktop.state?.runs)
	const open = (runs ?? []).filter((run) => !isEnded(run))
	const newest = open[0]
	const isOfRollout = useRollouts(({ rollouts }) => rollouts?.some(({ id }) => id === newest?.batch) ?? false)
	if (!newest) return null
	const { batch } = newest
	return (
		<button
			type="button"
			className={classes.underWay}
			onClick={() => goTo(isOfRollout ? { view: "rollout", id: batch } : { view: "live", batch })}
		>
			<Tag tone="live" icon={<Spinner />}>
				{open.length === 1 ? "1 run under way" : `${open.length} runs under way`}
			</Tag>
		</button>
	)
}

function ConnectionTag() {
	const connection = useDesktop((desktop) => desktop.connection)
	if (connection === "connected") {
		return (
			<Tag tone="mute" icon={<IconPlugConnected size={14} />}>
				Connected
			</Tag>
		)
	}
	return (
		<Tag tone="warn" icon={<Spinner />}>
			{connection === "lost" ? "Reconnecting" : "Connecting"}
		</Tag>
	)
}

const schemes = [
	{ value: "auto", label: "As the system", icon: <IconDeviceDesktop size={15} /> },
	{ value: "light", label: "Light", icon: <IconSun size={15} /> },
	{ value: "dark", label: "Dark", icon: <IconMoon size={15} /> },
] as const

function ThemeMenu() {
	const { kept } = useApp()
	const { colorScheme = "auto" } = useKept()
	const shown = useComputedColorScheme("light")
	return (
		<Menu position="bottom-end" width={170}>
			<Menu.Target>
				<Tooltip label="Appearance">
					<ActionIcon variant="subtle" color="gray" aria-label="Appearance">
						{shown === "dark" ? <IconMoon size={18} /> : <IconSun size={18} />}
					</ActionIcon>
				</Tooltip>
			</Menu.Target>
			<Menu.Dropdown>
				{schemes.map(({ value, label, icon }) => (
					<Menu.Item
						key={value}
						leftSection={icon}
						rightSection={colorScheme === value ? <IconCheck size={14} aria-label="chosen" /> : undefined}
						onClick={() => kept.change({ colorScheme: value })}
					>
						{label}
					</Menu.Item>
				))}
			</Menu.Dropdown>
		</Menu>
	)
}
