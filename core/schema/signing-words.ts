import type { NoKeychain, SigningKey, SigningKeys } from "./signing.ts"

/** Where a key's private half is, and what stands in the way of signing by it. */
export function holderWords({ holder }: SigningKey, { noKeychain }: SigningKeys): { where: string; obstacle?: string } {
	if (holder === "agent") return { where: "SSH agent" }
	if (holder === "nobody") return { where: "not found", obstacle: "The SSH agent does not hold it now: ssh-add FILE." }
	const where = "System keychain, by the app"
	return noKeychain === undefined ? { where } : { where, obstacle: cannotOpen[noKeychain] }
}

const cannotOpen: Record<NoKeychain, string> = {
	"none-here": "Only the desktop app can sign by it.",
	"basic-text": "This system has no keychain to open it by.",
	unavailable: "The keychain is closed, or does not answer.",
}
