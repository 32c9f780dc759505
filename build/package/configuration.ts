import { rm } from "node:fs/promises"
import { join } from "node:path"
import type { AfterPackContext, Configuration } from "electron-builder"

export interface Places {
	/** Unpacked distribution of Electron, or a folder with its zip. */
	electron: string
	electronVersion: string
	/** What becomes the archive, as `stage.ts` lays it down. */
	app: string
	/** What was built: `runner` and `runtimes` travel beside the archive. */
	dist: string
	/** Where the installers go. */
	out: string
	icons: string
	/** A deb that is packed in seconds rather than minutes, and is larger: to try it. */
	quick: boolean
}

/** What electron-builder is told, for all systems at once. */
export function makeConfiguration(places: Places): Configuration {
	return {
		appId: "hotfix-manager.app",
		productName: "Hotfix Manager",
		directories: { app: places.app, output: places.out, buildResources: places.icons },
		electronDist: places.electron,
		electronVersion: places.electronVersion,
		// Everything is bundled: there is no package to rebuild, and none to look for.
		beforeBuild: async () => false,
		publish: null,
		afterExtract: removeDefaultApp,
		asar: true,
		files: ["**/*"],
		extraResources: [
			{ from: join(places.dist, "runner"), to: "runner" },
			{ from: join(places.dist, "runtimes"), to: "runtimes" },
			{ from: `${places.app}-beside`, to: "." },
		],
		electronFuses: {
			runAsNode: false,
			enableNodeOptionsEnvironmentVariable: false,
			enableNodeCliInspectArguments: false,
			enableCookieEncryption: true,
			enableEmbeddedAsarIntegrityValidation: true,
			onlyLoadAppFromAsar: true,
			loadBrowserProcessSpecificV8Snapshot: false,
			// The page comes from app://, never from file://.
			grantFileProtocolExtraPrivileges: false,
		},
		linux: {
			executableName: "hotfix-manager",
			category: "System;Utility",
			synopsis: "Repairs files on appliances over SSH",
			icon: places.icons,
			maintainer: "Hotfix Manager <maintainers@hotfix-manager.invalid>",
			syncDesktopName: true,
		},
		deb: { packageCategory: "admin", recommends: [], compression: places.quick ? "gz" : "xz" },
		win: { icon: join(places.icons, "icon.ico") },
		// Asks where to, and needs no administrator.
		nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
		mac: {
			icon: join(places.icons, "icon.icns"),
			category: "public.app-category.developer-tools",
			hardenedRuntime: true,
		},
	}
}

/** Electron's own program for when there is none; electron-builder leaves it in a distribution that it did not fetch. */
async function removeDefaultApp({
	appOutDir,
	electronPlatformName,
}: Pick<AfterPackContext, "appOutDir" | "electronPlatformName">): Promise<void> {
	const resources = electronPlatformName === "darwin" ? "Electron.app/Contents/Resources" : "resources"
	await rm(join(appOutDir, resources, "default_app.asar"), { force: true })
}
