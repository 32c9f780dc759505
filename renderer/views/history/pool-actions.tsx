import { ActionIcon, Button, Menu } from "@mantine/core"
import {
	IconArrowBackUp,
	IconDots,
	IconFileDownload,
	IconHistoryToggle,
	IconPlayerPlay,
	IconRefreshAlert,
	IconRestore,
} from "@tabler/icons-react"
import { type ReactNode, useState } from "react"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import { askForFiles } from "../../stores/asked-files.ts"
import { useApp, useDesktop } from "../../stores/context.ts"
import { goTo } from "../../stores/route.ts"
import classes from "./history.module.css"
import { type Action, againWords, failedPools, obstaclesOf, triedPools } from "./offers.ts"
import { type Revert, RevertDialog } from "./revert-dialog.tsx"
import { reviewAgain } from "./run-again.ts"
import { folderOf } from "./run-folder.ts"
import { useRun } from "./use-run.ts"

/** One pool of one run. */
export interface PoolOfRun {
	runId: string
	pool: string
	applianceName: string
}

/** What can be done now with a pool of a run, behind a button. */
export function PoolActions({ of, word }: { of: PoolOfRun; word?: string }) {
	const name = `Actions for ${of.pool} on ${of.applianceName}`
	return (
		<ActionsMenu of={of}>
			{word === undefined ? (
				<ActionIcon variant="subtle" color="gray" size="sm" aria-label={name}>
					<IconDots size={15} aria-hidden />
				</ActionIcon>
			) : (
				<Button variant="default" aria-label={name}>
					{word}
				</Button>
			)}
		</ActionsMenu>
	)
}

interface MenuProps {
	of: PoolOfRun
	/** The button that it opens at. */
	children: ReactNode
	/** Opened from elsewhere. */
	opened?: boolean
	onClose?: () => void
}

export function ActionsMenu({ of, children, opened, onClose }: MenuProps) {
	const [revert, setRevert] = useState<Revert>()
	return (
		<>
			<Menu
				position="bottom-end"
				width={300}
				withInitialFocusPlaceholder={false}
				{...(opened !== undefined && { opened })}
				{...(onClose && { onClose })}
			>
				<Menu.Target>{children}</Menu.Target>
				<Menu.Dropdown>
					<Items of={of} onRevert={setRevert} />
				</Menu.Dropdown>
			</Menu>
			{revert && <RevertDialog revert={revert} onClose={() => setRevert(undefined)} />}
		</>
	)
}

function Items({ of: { runId, pool }, onRevert }: { of: PoolOfRun; onRevert(revert: Revert): void }) {
	const { run, error } = useRun(runId)
	if (error !== undefined) return <Menu.Label>The run cannot be read.</Menu.Label>
	if (!run) return <Menu.Label>Reading the run …</Menu.Label>
	return <ItemsOf run={run} pool={pool} onRevert={onRevert} />
}

const icons: Record<Action, ReactNode> = {
	again: <IconPlayerPlay size={15} />,
	retry: <IconRefreshAlert size={15} />,
	revert: <IconArrowBackUp size={15} />,
	original: <IconRestore size={15} />,
	older: <IconHistoryToggle size={15} />,
	fetch: <IconFileDownload size={15} />,
}

function ItemsOf({ run, pool, onRevert }: { run: DesktopRun; pool: string; onRevert(revert: Revert): void }) {
	const { api, workspace } = useApp()
	const isInFleet = useDesktop((desktop) => desktop.state?.appliances.some(({ id }) => id === run.applianceId)) ?? false
	const recent = useDesktop((desktop) => desktop.state?.recentModules) ?? []
	const { module: folder, isOfVersion } = folderOf(run, recent)
	const obstacles = obstaclesOf(run, pool, { isInFleet, folder })
	const { applianceId, applianceName } = run
	const { version } = run.module
	const inFolder = (work: (folder: string) => unknown) => () => void (folder !== undefined && work(folder))
	const again = (pools: string[]) =>
		inFolder((folder) => reviewAgain(workspace, { folder, version, isOfVersion, pools, applianceId }))
	const item = (action: Action, words: string, onClick: () => void) => (
		<Menu.Item leftSection={icons[action]} disabled={obstacles[action] !== undefined} onClick={onClick}>
			{words}
			{obstacles[action] !== undefined && <span className={classes.obstacle}>{obstacles[action]}</span>}
		</Menu.Item>
	)
	const words = againWords(run)
	const back = { applianceId, applianceName, pool }
	return (
		<>
			{item("again", words.again, again(triedPools(run)))}
			{item("retry", words.retry, again(failedPools(run)))}
			<Menu.Divider />
			{item("revert", "Put back what this run changed …", () => onRevert({ ...back, run: run.run, original: false }))}
			{item("original", "Restore the customer's original …", () => onRevert({ ...back, original: true }))}
			<Menu.Divider />
			{item(
				"older",
				"Go to another version …",
				inFolder((folder) => goTo({ view: "module", folder, tab: "versions" })),
			)}
			{item(
				"fetch",
				"Fetch the customer's files …",
				inFolder(async (folder) => {
					const { module } = await api.modules.open({ folder })
					const operations = module?.pools.find(({ id }) => id === pool)?.operations ?? []
					askForFiles({ applianceIds: [applianceId], paths: operations.map(({ destination }) => destination) })
					goTo({ view: "module", folder, tab: "appliance" })
				}),
			)}
		</>
	)
}
