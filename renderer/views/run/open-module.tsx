import { ActionIcon, Button, TextInput, Tooltip } from "@mantine/core"
import { IconFolderOpen, IconPackage, IconX } from "@tabler/icons-react"
import { type FormEvent, useState } from "react"
import type { RecentModule } from "../../../core/schema/desktop.ts"
import { Panel, ViewHead } from "../../components/panel.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { Ago } from "../../components/time.tsx"
import { useApp, useDesktop, useWorkspace } from "../../stores/context.ts"
import { DemoButton } from "../appliances/demo-button.tsx"
import { useDemo } from "../appliances/use-demo.ts"
import classes from "./run.module.css"
import type { OpenDialog } from "./use-open-dialog.ts"

/** The Run view before a module is open. */
export function OpenModulePage({ recent, dialog }: { recent: RecentModule[]; dialog: OpenDialog }) {
	const { workspace } = useApp()
	const [path, setPath] = useState("")
	const opening = useWorkspace((now) => now.opening)
	const openError = useWorkspace((now) => now.openError)
	const hasAppliances = useDesktop((desktop) => (desktop.state?.appliances.length ?? 0) > 0)
	const openPath = (event: FormEvent) => {
		event.preventDefault()
		if (path.trim() !== "") void workspace.open(path.trim())
	}
	return (
		<div className={classes.openPage}>
			<ViewHead
				title="Run a module"
				note="Open a module, look at what it would do, and run it on one appliance or on many."
			/>
			<div className={classes.openStack}>
				<Panel title="Open a module" note="a folder with index.json and src/">
					<form className={classes.openForm} onSubmit={openPath}>
						<Button leftSection={<IconFolderOpen size={15} />} onClick={dialog.open}>
							Choose folder
						</Button>
						<span className={classes.or}>or</span>
						<TextInput
							flex={1}
							placeholder="/path/of/the/module"
							aria-label="Path of the module's folder"
							value={path}
							onChange={(event) => setPath(event.currentTarget.value)}
						/>
						<Button type="submit" variant="default" loading={opening} disabled={path.trim() === ""}>
							Open
						</Button>
					</form>
					{(openError ?? dialog.error) !== undefined && (
						<div className={classes.inPanel}>
							<ProblemNote error={openError ?? dialog.error} />
						</div>
					)}
				</Panel>
				{recent.length > 0 && <Recent recent={recent} />}
				{!hasAppliances && <Demo />}
			</div>
		</div>
	)
}

function Recent({ recent }: { recent: RecentModule[] }) {
	const { api, workspace } = useApp()
	return (
		<Panel title="Recent">
			<ul className={classes.recent}>
				{recent.map(({ folder, name, openedAt }) => (
					<li key={folder}>
						<button
							type="button"
							className={classes.recentOpen}
							data-tour={`recent ${name}`}
							onClick={() => void workspace.open(folder)}
						>
							<IconPackage size={17} stroke={1.6} aria-hidden />
							<span className={classes.recentName}>{name}</span>
							<span className={classes.recentFolder}>{folder}</span>
							<span className={classes.recentTime}>
								<Ago time={openedAt} />
							</span>
						</button>
						<Tooltip label="Forget">
							<ActionIcon
								variant="subtle"
								color="gray"
								size="sm"
								aria-label={`Forget ${name}`}
								onClick={() => void api.modules.forget({ folder }).catch(() => {})}
							>
								<IconX size={14} />
							</ActionIcon>
						</Tooltip>
					</li>
				))}
			</ul>
		</Panel>
	)
}

function Demo() {
	const demo = useDemo()
	return (
		<Panel title="New here?">
			<div className={classes.demo}>
				<p>
					The demo starts three appliances inside this program: one that takes the fix, one whose owner changed a file
					so that a pool fails and is put back, and one that cannot be reached. Nothing outside a temporary folder is
					touched.
				</p>
				<DemoButton demo={demo} />
			</div>
			{demo.error !== undefined && (
				<div className={classes.inPanel}>
					<ProblemNote error={demo.error} />
				</div>
			)}
		</Panel>
	)
}
