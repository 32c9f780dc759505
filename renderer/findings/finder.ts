import { typedFindings } from "../../core/schema/document/typed-findings.ts"
import type { Finding } from "../../core/schema/finding.ts"
import type { Finder } from "../stores/module-documents.ts"
import type { Question } from "./worker.ts"
import workerAddress from "./worker.ts?worker&url"

/** Finds in a worker of the page, so that no key waits for it: one question at a time, and of those that wait the newest. */
export function createFinder(open = openWorker): Finder {
	let worker: Worker | undefined
	let waiting: { question: Question; answer: (findings: Finding[] | undefined) => void } | undefined
	let asked: typeof waiting

	const next = () => {
		asked = waiting
		waiting = undefined
		if (!asked) return
		worker ??= listen(open())
		worker.postMessage(asked.question)
	}
	const listen = (opened: Worker) => {
		opened.addEventListener("message", ({ data }: MessageEvent<Finding[]>) => {
			asked?.answer(data)
			next()
		})
		// A worker that cannot be started or failed: found here instead, which is slower and as right.
		opened.addEventListener("error", () => {
			const failed = asked
			if (failed) failed.answer(typedFindings(failed.question.text, failed.question.told))
			opened.terminate()
			worker = undefined
			next()
		})
		return opened
	}

	return (text, told) =>
		new Promise((answer) => {
			waiting?.answer(undefined)
			waiting = { question: { text, told }, answer }
			if (!asked) next()
		})
}

/** A policy of one name can be made once. */
let trusted: unknown

function openWorker(): Worker {
	trusted ??= window.trustedTypes
		?.createPolicy("findings-worker", { createScriptURL: requireOwn })
		.createScriptURL(workerAddress)
	return new Worker((trusted ?? workerAddress) as string, { type: "module", name: "findings" })
}

function requireOwn(address: string): string {
	if (address !== workerAddress) throw new Error("cannot start a worker from another address")
	return address
}
