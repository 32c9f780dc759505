/** Files that stand on appliances, to be looked at beside a module's sources. */
export interface AskedFiles {
	applianceIds: string[]
	paths: string[]
}

let asked: AskedFiles | undefined

/** For the editor's view of appliances, when it is shown next. */
export function askForFiles(files: AskedFiles): void {
	asked = files
}

export function askedFiles(): AskedFiles | undefined {
	return asked
}

export function forgetAskedFiles(): void {
	asked = undefined
}
