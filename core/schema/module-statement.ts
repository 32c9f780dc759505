/** Beside `index.json`: who vouches for the module. No part of its content, so signing changes no digest. */
export const SIGNATURE_FILE = "index.json.sig"
/** Some dozens of signatures; the runner must not be made to hold more. */
export const MAX_SIGNATURE_BYTES = 16 * 1024
/** What a signature is for, so that one made for a git commit or a login never vouches for a module. */
export const SIGNATURE_NAMESPACE = "hotfix-module"

/** A published version as the appliance knows it. */
export interface StatedModule {
	name: string
	version: string
	/** Of the manifest: covers the text of `index.json` and each source's target, bytes and mode. */
	digest: string
}

/** What is signed, byte for byte. None of the three can hold a line end, so no two modules have the same statement. */
export function makeStatement({ name, version, digest }: StatedModule): string {
	return `hotfix-module 1\nname ${name}\nversion ${version}\ndigest ${digest}\n`
}
