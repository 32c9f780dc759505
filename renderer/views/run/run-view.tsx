import { useApp, useDesktop, useWorkspace } from "../../stores/context.ts"
import { FolderBrowser } from "./folder-browser.tsx"
import { ModuleView } from "./module-view.tsx"
import { OpenModulePage } from "./open-module.tsx"
import { useOpenDialog } from "./use-open-dialog.ts"

/** Choose a module, pools and appliances; see the plan; start. */
export function RunView() {
	const { workspace } = useApp()
	const opened = useWorkspace((workspace) => workspace.opened)
	const recent = useDesktop((desktop) => desktop.state?.recentModules) ?? []
	const dialog = useOpenDialog()
	return (
		<>
			{opened ? (
				<ModuleView opened={opened} onOpenOther={dialog.open} />
			) : (
				<OpenModulePage recent={recent} dialog={dialog} />
			)}
			{dialog.browsing && (
				<FolderBrowser
					title="Open a module"
					start={dialog.home}
					onOpen={(folder) => void workspace.open(folder)}
					onClose={dialog.close}
				/>
			)}
		</>
	)
}
