import type { MenuItemConstructorOptions } from "electron"

/** The menu: what the system's conventions ask for and no more. Developer tools only where the app is being developed. */
export function makeMenu(platform: string, isPackaged: boolean): MenuItemConstructorOptions[] {
	const view: MenuItemConstructorOptions[] = [
		{ role: "reload" },
		{ type: "separator" },
		{ role: "resetZoom" },
		{ role: "zoomIn" },
		{ role: "zoomOut" },
		{ type: "separator" },
		{ role: "togglefullscreen" },
	]
	if (!isPackaged) view.push({ type: "separator" }, { role: "toggleDevTools" })
	return [
		...(platform === "darwin" ? [{ role: "appMenu" as const }] : [{ role: "fileMenu" as const }]),
		{ role: "editMenu" },
		{ label: "View", submenu: view },
		{ role: "windowMenu" },
	]
}
