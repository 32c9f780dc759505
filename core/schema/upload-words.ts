import type { Upload } from "./desktop.ts"
import { size } from "./facts.ts"

const steps: Record<Upload["step"], string> = {
	installing: "installing the runner",
	runtime: "bringing Node along for the runner",
	contents: "uploading the module's files",
}

/** What is being brought to an appliance: `installing the runner`. */
export function uploadStep({ step }: Pick<Upload, "step">): string {
	return steps[step]
}

/** The same, and how far that is: `installing the runner: 40 KiB of 120 KiB`. */
export function uploadWords({ step, sentBytes, totalBytes }: Upload): string {
	if (totalBytes === 0) return steps[step]
	return `${steps[step]}: ${size(String(sentBytes))} of ${size(String(totalBytes))}`
}
