import { notifications } from "@mantine/notifications"
import { useRef, useState } from "react"
import type { ApplianceState } from "../../../core/schema/desktop.ts"
import type { Failure } from "../../../core/schema/failure.ts"
import { failureOf, problemOf } from "../../rpc/problem.ts"
import { useApp } from "../../stores/context.ts"

export interface Tests {
	/** Ids of the appliances that are being tested now. */
	testing: ReadonlySet<string>
	test(appliance: ApplianceState): Promise<void>
	/** Ends its test; what was known of it before stays. */
	stop(appliance: ApplianceState): void
	/** Set when a host key has changed: that is explained in a dialog of its own. */
	changedKey: Failure | undefined
	closeChangedKey(): void
}

/** Tests appliances; the result is kept with each appliance and said once. */
export function useTests(): Tests {
	const { api } = useApp()
	const [testing, setTesting] = useState<ReadonlySet<string>>(new Set())
	const stops = useRef(new Map<string, AbortController>())
	const [changedKey, setChangedKey] = useState<Failure>()

	const test = async ({ id, name }: ApplianceState) => {
		const notice = `test ${id}`
		// What the test before this one said no longer holds.
		notifications.hide(notice)
		const own = new AbortController()
		stops.current.set(id, own)
		setTesting((now) => new Set(now).add(id))
		try {
			await api.appliances.test({ id }, { signal: own.signal })
			const message = "Reached, signed in, and the runner is ready there."
			notifications.show({ id: notice, color: "teal", title: name, message })
		} catch (error) {
			const failure = failureOf(error)
			const { what, next } = problemOf(error)
			if (own.signal.aborted)
				notifications.show({ id: notice, color: "gray", title: name, message: "The test was stopped." })
			else if (failure?.code === "host-key-changed") setChangedKey(failure)
			else notifications.show({ id: notice, color: "red", title: name, message: [what, next].join(" ") })
		}
		setTesting((now) => new Set([...now].filter((one) => one !== id)))
	}
	const stop = ({ id }: ApplianceState) => stops.current.get(id)?.abort()
	return { testing, test, stop, changedKey, closeChangedKey: () => setChangedKey(undefined) }
}
