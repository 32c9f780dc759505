/** What can be built, and on which system: each one's installers are built there. */
const SYSTEMS = {
	dir: "linux",
	"tar.gz": "linux",
	deb: "linux",
	AppImage: "linux",
	rpm: "linux",
	nsis: "win32",
	dmg: "darwin",
} as const

export type TargetName = keyof typeof SYSTEMS
export const TARGETS = Object.keys(SYSTEMS) as TargetName[]

/** What is asked of the machine. */
export interface Machine {
	platform: string
	hasElectron: boolean
	/** Whether electron-builder may fetch its own tools; it checks their digests. */
	mayDownload: boolean
	hasProgram(name: string): boolean
	hasVariable(name: string): boolean
}

/** Why a target cannot be built on this machine; undefined: it can. */
export function whyNot(target: TargetName, machine: Machine): string | undefined {
	const system = SYSTEMS[target]
	if (machine.platform !== system) return `it is built on ${NAMES[system]}`
	if (!machine.hasElectron)
		return "Electron's binary is not installed (npx install-electron brings it, ELECTRON_OVERRIDE_DIST_PATH names one)"
	return whyNoTool(target, machine)
}

const NAMES = { linux: "Linux", win32: "Windows", darwin: "macOS" }

function whyNoTool(target: TargetName, { mayDownload, hasProgram, hasVariable }: Machine): string | undefined {
	if (target === "rpm" && !hasProgram("rpmbuild")) return "rpmbuild is not installed (Debian: apt-get install rpm)"
	if (target === "deb" && !hasProgram("dpkg-deb")) return "dpkg-deb is not installed (Debian: apt-get install dpkg)"
	if (mayDownload || target === "dir" || target === "deb") return undefined
	if (target === "tar.gz")
		return hasProgram("7za") ? undefined : "7za is not installed (Debian: apt-get install p7zip-full)"
	if (target === "AppImage" && hasVariable("APPIMAGE_TOOLS_PATH")) return undefined
	return "electron-builder needs a tool that it fetches itself (--download allows that)"
}
