import "../rpc/jitless.ts"
import { type Told, typedFindings } from "../../core/schema/document/typed-findings.ts"

/** A question to the worker; the answer is the findings. */
export interface Question {
	text: string
	told: Told
}

self.addEventListener("message", ({ data }: MessageEvent<Question>) => {
	self.postMessage(typedFindings(data.text, data.told))
})
